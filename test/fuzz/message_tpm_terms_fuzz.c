/* message_tpm_terms_fuzz.c: tpm_terms_decode; what decodes encodes to the same bytes. */
#include "message_fuzz.h"
#include "tpm_terms.h"

MESSAGE_FUZZ(tpm_terms)
