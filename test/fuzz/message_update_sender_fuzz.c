/* message_update_sender_fuzz.c: update_sender_decode; what decodes encodes to the same bytes. */
#include "update.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(update_sender)
