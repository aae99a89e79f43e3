/* message_core_state_fuzz.c: core_state_decode; what decodes encodes to the same bytes. */
#include "state.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(core_state)
