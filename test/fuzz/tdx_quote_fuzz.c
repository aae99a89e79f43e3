/* tdx_quote_fuzz.c: any bytes behind the header of a TDX quote of each version. */
#include "dcap_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (uint8_t version = 4; version <= 5; version++)
        dcap_fuzz_quote(version, 0x81, data, size);
    return 0;
}
