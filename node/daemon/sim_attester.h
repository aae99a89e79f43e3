/* sim_attester.h: simulated evidence of this device: what hardware would do with a key of its own, this does with a key
 * from a file. */
#ifndef DAEMON_SIM_ATTESTER_H
#define DAEMON_SIM_ATTESTER_H

#include "reason.h"
#include "sim.h"

struct sim_attester {
    struct view federation;
    const struct p256_key *root; /* of the simulation; lent */
    uint8_t measurement[SHA256_SIZE];
};

/** SHA-256 of the executable that this process runs. STATUS_IO, STATUS_NO_SPACE with reason; STATUS_CRYPTO. */
MUST_USE enum status exe_measure(uint8_t out[static SHA256_SIZE], struct reason *reason);

/** Appends evidence that binds report_data (SHA512_SIZE bytes), good for ten minutes from now. STATUS_NO_SPACE,
 *  STATUS_CRYPTO, STATUS_IO. */
MUST_USE enum status sim_attester_sign(const struct sim_attester *attester, struct view report_data, uint64_t now,
                                       struct buf *out);

#endif
