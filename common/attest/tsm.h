/* tsm.h: evidence of a confidential virtual machine by Linux's configfs-tsm (6.7 and later): AMD SEV-SNP, Intel TDX.
 * Source: Linux, Documentation/ABI/testing/configfs-tsm-report; PROTOCOL.md section 3. */
#ifndef ATTEST_TSM_H
#define ATTEST_TSM_H

#include "attest.h"
#include "pseudo_file.h"

#define TSM_ROOT          "/sys/kernel/config/tsm/report"
#define TSM_PRIVLEVEL_ANY (-1) /* whatever the kernel takes */
#define TSM_PRIVLEVEL_MAX 3

struct tsm {
    char root[ATTEST_PATH_MAX];
    int privlevel; /* SEV-SNP's VMPL, 0..3, or TSM_PRIVLEVEL_ANY */
    int pid;       /* of the process that opened it: part of the names of its directories */
};

/**
 * Looks whether the kernel makes reports of a kind that is known here. root: TSM_ROOT, or where a test has it.
 * On failure *what is a sentence about what was looked at.
 * Returns STATUS_OUT_OF_RANGE (privlevel, or too long a path) and what struct attester says.
 */
MUST_USE enum status tsm_open(const char *root, int privlevel, struct tsm *out, const char **what);

/**
 * For struct attester; ctx is a struct tsm. Kind "snp": a report; the host's certificate table, where it gives one, is
 * the endorsement. Kind "tdx": a quote. It makes a directory of its own for each piece of evidence, and takes it away.
 */
enum status tsm_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                       struct buf *evidence, struct buf *endorsement);

#endif
