/* message_proof_fuzz.c: proof_decode; what decodes encodes to the same bytes. */
#include "proof.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(proof)
