/* snp_terms_fuzz.c: any bytes as what a policy demands of SEV-SNP. What decodes encodes to the same bytes. */
#include <stdlib.h>

#include "snp_terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[ACCEPTED_SIZE_MAX];
    static struct snp_terms terms;
    const struct view bytes = {data, size};
    struct buf again = BUF_OF(memory);

    if (size > sizeof memory || snp_terms_decode(bytes, &terms) != STATUS_OK)
        return 0;
    if (snp_terms_encode(&terms, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes))
        abort();
    return 0;
}
