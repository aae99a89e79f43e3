/* pcrs_fuzz.c: any bytes as a file of PCR values, and what comes out of them in a container. */
#include <stdlib.h>

#include "appraise_tpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[TPM_BUILT_MAX];
    const struct tpm_parts parts = {VIEW_TEXT("a"), VIEW_TEXT("s"), VIEW_TEXT("k"), {data, size}, "fuzz"};
    struct buf out = BUF_OF(memory);
    struct reason reason = {""};
    struct tpm_container container;
    struct pcrs pcrs;

    if (pcrs_read(parts.pcrs, &pcrs) != STATUS_OK) {
        /* Either all is there, or a reason is. */
        if (tpm_parts_join(&parts, &out, &reason) == STATUS_OK || reason.text[0] == '\0')
            abort();
        return 0;
    }
    for (uint32_t i = 0; i < pcrs.count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (pcrs.list[i].alg == pcrs.list[j].alg && pcrs.list[i].index == pcrs.list[j].index)
                abort();
    if (tpm_parts_join(&parts, &out, &reason) != STATUS_OK ||
        tpm_container_decode(buf_view(&out), &container) != STATUS_OK || container.pcr_count != pcrs.count)
        abort();
    for (uint32_t i = 0; i < pcrs.count; i++)
        if (!view_equal(container.pcrs[i].value, pcrs.list[i].value))
            abort();
    return 0;
}
