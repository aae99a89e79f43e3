/* message_owner_request_fuzz.c: owner_request_decode; what decodes encodes to the same bytes. */
#include "owner.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(owner_request)
