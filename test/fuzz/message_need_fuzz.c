/* message_need_fuzz.c: need_decode; what decodes encodes to the same bytes. */
#include "need.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(need)
