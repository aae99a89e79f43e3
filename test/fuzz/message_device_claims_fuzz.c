/* message_device_claims_fuzz.c: device_claims_decode; what decodes encodes to the same bytes. */
#include "enrol.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(device_claims)
