/* safetensors_private.h: what reading and writing of the file share. */
#ifndef MODEL_SAFETENSORS_PRIVATE_H
#define MODEL_SAFETENSORS_PRIVATE_H

#include "safetensors.h"

#define SAFETENSORS_LENGTH_SIZE  8 /* bytes of the header's length at the front of a file */
#define SAFETENSORS_METADATA_KEY "__metadata__"

#endif
