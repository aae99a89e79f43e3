/* message_tpm_container_fuzz.c: tpm_container_decode; what decodes encodes to the same bytes. */
#include "message_fuzz.h"
#include "tpm_container.h"

MESSAGE_FUZZ(tpm_container)
