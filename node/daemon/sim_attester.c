/* sim_attester.c: see sim_attester.h. */
#include "sim_attester.h"

#include "file.h"
#include "random.h"

#define EVIDENCE_LIVES_S 600
#define EXE_MAX          ((size_t)256 << 20)

enum status exe_measure(uint8_t out[static SHA256_SIZE], struct reason *reason)
{
    CLEANUP(file_free) struct buf exe = {NULL, 0, 0};

    TRY(file_read("/proc/self/exe", EXE_MAX, &exe, reason));
    return sha256(buf_view(&exe), out);
}

enum status sim_attester_sign(const struct sim_attester *attester, struct view report_data, uint64_t now,
                              struct buf *out)
{
    const struct random_port random = {.fill = os_random};
    const struct sim_evidence claims = {
        .federation = attester->federation,
        .expires = now + EVIDENCE_LIVES_S,
        .issued = now,
        .nonce = report_data,
        .measurement = VIEW_OF(attester->measurement),
    };

    return sim_attest(&claims, attester->root, &random, out);
}
