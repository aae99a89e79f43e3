/* message_account_fuzz.c: account_decode; what decodes encodes to the same bytes. */
#include "account.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(account)
