/* command_attester.h: evidence that an external program fetches, as from the secure world of a device (a PSA token).
 *
 * The program is started for each piece of evidence: no shell, no environment, its fixed arguments. It reads the report
 * data from stdin, as a line of 128 lower-case hexadecimal digits, writes the evidence to stdout and ends with 0; else
 * the first line on stderr says why. */
#ifndef ATTEST_COMMAND_ATTESTER_H
#define ATTEST_COMMAND_ATTESTER_H

#include "crypto.h"
#include "reason.h"

#define COMMAND_WORDS_MAX 16 /* of the command line */

struct command_attester {
    const char *argv[COMMAND_WORDS_MAX + 1]; /* an absolute path, arguments, NULL; lent */
    const char *kind;                        /* of the evidence that it gives; lent */
    uint64_t timeout_ms;                     /* 1 and up */
};

/**
 * Takes the program's evidence for report data. ctx: struct command_attester. kind views into it. At most EVIDENCE_MAX
 * bytes are appended to evidence; endorsement stays as it is.
 * Returns STATUS_TIMEOUT, STATUS_NO_SPACE, STATUS_IO, each with a reason, as child_run does.
 */
MUST_USE enum status command_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                                    struct buf *evidence, struct buf *endorsement, struct reason *reason);

#endif
