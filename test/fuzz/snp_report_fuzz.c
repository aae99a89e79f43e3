/* Any bytes as a report and, behind it, one endorsement. Nothing is accepted that is not authentic, and nothing is
 * authentic without its chain. */
#include <stdlib.h>

#include "snp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[SNP_SPACE];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t cut = size < SNP_REPORT_SIZE ? size : SNP_REPORT_SIZE;
    const struct endorsements endorsements = {.count = 1, .list = {{data + cut, size - cut}}};
    const struct snp_evidence evidence = {
        .report = {data, cut}, .endorsements = &endorsements, .time = 1700000000, .roots = snp_roots};
    struct buf space = BUF_OF(memory);
    struct snp_result result;

    snp_examine(&evidence, &space, &result);
    if (result.verdict == STATUS_OK && !result.authentic)
        abort();
    if (result.authentic && (result.checks[SNP_CHECK_CHAIN].outcome != SNP_PASSED ||
                             result.checks[SNP_CHECK_SIGNATURE].outcome != SNP_PASSED))
        abort();
    return 0;
}
