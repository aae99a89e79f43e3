/* message_challenge_fuzz.c: challenge_decode; what decodes encodes to the same bytes. */
#include "challenge.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(challenge)
