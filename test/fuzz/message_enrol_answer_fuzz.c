/* message_enrol_answer_fuzz.c: enrol_answer_decode; what decodes encodes to the same bytes. */
#include "enrol.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(enrol_answer)
