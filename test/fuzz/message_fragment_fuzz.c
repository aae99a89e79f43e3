/* message_fragment_fuzz.c: fragment_decode; what decodes encodes to the same bytes. */
#include "owner.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(fragment)
