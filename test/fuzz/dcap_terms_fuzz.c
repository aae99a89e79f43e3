/* dcap_terms_fuzz.c: any bytes as the terms of SGX and of TDX evidence. What decodes encodes to the same bytes. */
#include <stdlib.h>

#include "dcap_terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[ACCEPTED_SIZE_MAX * 4];

static void try_sgx(struct view bytes)
{
    struct buf again = BUF_OF(memory);
    struct sgx_terms terms;

    if (sgx_terms_decode(bytes, &terms) != STATUS_OK)
        return;
    if (sgx_terms_encode(&terms, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes))
        abort();
    if (terms.mr_enclave.any || (terms.mr_enclave.count == 0 && terms.signer_count == 0))
        abort();
}

static void try_tdx(struct view bytes)
{
    struct buf again = BUF_OF(memory);
    struct tdx_terms terms;

    if (tdx_terms_decode(bytes, &terms) != STATUS_OK)
        return;
    if (tdx_terms_encode(&terms, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes))
        abort();
    if (terms.mr_td.any || terms.mr_td.count == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_sgx((struct view){data, size});
    try_tdx((struct view){data, size});
    return 0;
}
