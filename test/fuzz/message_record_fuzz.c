/* message_record_fuzz.c: record_decode; what decodes encodes to the same bytes. */
#include "record.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(record)
