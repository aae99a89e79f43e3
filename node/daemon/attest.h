/* attest.h: evidence of this device. A simulation: what hardware would do with a key of its own, this does with a key
 * from a file. */
#ifndef DAEMON_ATTEST_H
#define DAEMON_ATTEST_H

#include "reason.h"
#include "sim.h"

struct attester {
    struct view federation;
    const struct p256_key *root; /* of the simulation; lent */
    uint8_t measurement[SHA256_SIZE];
};

/** SHA-256 of the executable that this process runs. STATUS_IO, STATUS_NO_SPACE with reason; STATUS_CRYPTO. */
MUST_USE enum status exe_measure(uint8_t out[static SHA256_SIZE], struct reason *reason);

/** Appends evidence that binds report_data (SHA512_SIZE bytes), good for ten minutes from now. STATUS_NO_SPACE,
 *  STATUS_CRYPTO, STATUS_IO. */
MUST_USE enum status attester_sign(const struct attester *attester, struct view report_data, uint64_t now,
                                   struct buf *out);

#endif
