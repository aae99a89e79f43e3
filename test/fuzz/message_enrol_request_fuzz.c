/* message_enrol_request_fuzz.c: enrol_request_decode; what decodes encodes to the same bytes. */
#include "enrol.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(enrol_request)
