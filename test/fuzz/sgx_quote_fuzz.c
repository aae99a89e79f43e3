/* sgx_quote_fuzz.c: any bytes behind the header of an SGX quote of each version. */
#include "dcap_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (uint8_t version = 3; version <= 5; version++)
        dcap_fuzz_quote(version, 0, data, size);
    return 0;
}
