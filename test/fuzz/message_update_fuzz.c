/* message_update_fuzz.c: update_decode; what decodes encodes to the same bytes. */
#include "update.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(update)
