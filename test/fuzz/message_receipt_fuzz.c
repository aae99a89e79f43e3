/* message_receipt_fuzz.c: receipt_decode; what decodes encodes to the same bytes. */
#include "receipt.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(receipt)
