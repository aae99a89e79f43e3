/* command_attester.c: see command_attester.h. */
#include "command_attester.h"

#include "child.h"
#include "wire_limits.h"

enum status command_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                           struct buf *evidence, struct buf *endorsement, struct reason *reason)
{
    const struct command_attester *attester = ctx;
    char line[2 * SHA512_SIZE + 1];
    const struct child_call call = {
        .name = attester->argv[0],
        .argv = attester->argv,
        .input = {(const uint8_t *)line, sizeof line},
        .timeout_ms = attester->timeout_ms,
        .max = EVIDENCE_MAX,
    };

    (void)endorsement;
    hex_encode((struct view){report_data, SHA512_SIZE}, line);
    line[sizeof line - 1] = '\n'; /* where its end stood */
    TRY(child_run(&call, evidence, reason));
    *kind = view_of_string(attester->kind);
    return STATUS_OK;
}
