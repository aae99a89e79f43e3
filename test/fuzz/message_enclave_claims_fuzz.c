/* message_enclave_claims_fuzz.c: enclave_claims_decode; what decodes encodes to the same bytes. */
#include "bundle.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(enclave_claims)
