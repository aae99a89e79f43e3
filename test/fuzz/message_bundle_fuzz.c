/* message_bundle_fuzz.c: bundle_decode; what decodes encodes to the same bytes. */
#include "bundle.h"
#include "message_fuzz.h"

MESSAGE_FUZZ(bundle)
