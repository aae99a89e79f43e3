/* message_owner_answer_fuzz.c: owner_answer_decode; what decodes encodes to the same bytes. */
#include "owner.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(owner_answer)
