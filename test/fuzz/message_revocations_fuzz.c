/* message_revocations_fuzz.c: revocations_decode; what decodes encodes to the same bytes. */
#include "revocation.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(revocations)
