/* message_manifest_fuzz.c: manifest_decode; what decodes encodes to the same bytes. */
#include "manifest.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(manifest)
