/* sim_tee.h: the simulated TEE: a root key in place of the hardware's, and the measurement of this executable. */
#ifndef SHELL_SIM_TEE_H
#define SHELL_SIM_TEE_H

#include "core.h"

struct sim_tee {
    struct p256_key root;
    uint8_t measurement[SHA256_SIZE];
    struct random_port random;
};

/** Reads the root key and measures the running executable; the only files that are ever read. On failure *what names
 *  the file. */
MUST_USE enum status sim_tee_open(const char *root_file, const struct random_port *random, struct sim_tee *out,
                                  const char **what);

/** Evidence in the name of the root, for a day. */
MUST_USE enum status sim_tee_attest(const struct sim_tee *tee, const struct attest_request *request, struct view *kind,
                                    struct buf *evidence);
/** A key of this root and this executable. */
MUST_USE enum status sim_tee_sealing_key(const struct sim_tee *tee, uint8_t out[static AEAD_KEY_MAX]);

#endif
