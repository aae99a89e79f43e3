/* dcap_fuzz.h: any bytes behind the header of a quote, as fuzz targets try them. */
#ifndef SUPPORT_DCAP_FUZZ_H
#define SUPPORT_DCAP_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "dcap.h"

#define DCAP_FUZZ_MAX 16384

/* A part of a quote must lie within it. */
static inline void dcap_fuzz_within(struct view part, struct view whole)
{
    if (part.ptr < whole.ptr || part.len > whole.len || (size_t)(part.ptr - whole.ptr) > whole.len - part.len)
        abort();
}

/* Verifies a quote of this version and TEE: whatever it says, without collateral it is not good. */
static inline void dcap_fuzz_quote(uint8_t version, uint8_t tee, const uint8_t *data, size_t size)
{
    static const uint8_t vendor[] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
    static uint8_t bytes[48 + DCAP_FUZZ_MAX], memory[DCAP_SPACE];
    const struct view quote = {bytes, 48 + (size < DCAP_FUZZ_MAX ? size : DCAP_FUZZ_MAX)};
    const struct dcap_evidence evidence = {.quote = quote, .time = 1750000000};
    struct buf space = BUF_OF(memory);
    struct dcap_result result;

    bytes[0] = version;
    bytes[2] = 2;
    bytes[4] = tee;
    memcpy(bytes + 12, vendor, sizeof vendor);
    memcpy(bytes + 48, data, quote.len - 48);
    dcap_verify(&evidence, &space, &result);
    if (result.reason == STATUS_OK || result.tcb != DCAP_TCB_UNKNOWN)
        abort();
    if (result.checks[DCAP_CHECK_FORMAT].outcome != DCAP_PASSED)
        return;
    dcap_fuzz_within(result.quote.signed_part, quote);
    dcap_fuzz_within(result.quote.pck_chain, quote);
    dcap_fuzz_within(result.quote.qe_report.bytes, quote);
    dcap_fuzz_within(tee == 0 ? result.quote.sgx.report_data : result.quote.tdx.report_data, quote);
}

#endif
