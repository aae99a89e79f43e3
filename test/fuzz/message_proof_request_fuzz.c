/* message_proof_request_fuzz.c: proof_request_decode; what decodes encodes to the same bytes. */
#include "proof.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(proof_request)
