/* tee.h: the TEE that an enclave runs in: one row of a table for each kind. */
#ifndef SHELL_TEE_H
#define SHELL_TEE_H

#include "gramine.h"
#include "quoter.h"
#include "shell.h"
#include "sim_tee.h"
#include "tsm.h"

/** One kind. There is no default: the command line names one. */
struct tee;
struct tee_kind {
    const char *name;
    const char *root; /* where its files are; NULL: the command line must say */
    /* Whatever is written to stderr would land in the stream of frames (Gramine joins both on the host's stdout). */
    bool stderr_is_stdout;
    bool has_levels; /* takes --privlevel */
    bool may_listen; /* takes --listen */
    enum confinement confinement;
    enum status (*open)(struct tee *tee, const char *root, int privlevel, const char **what);
    enum status (*attest)(struct tee *tee, const struct attest_request *request, struct view *kind,
                          struct buf *evidence, struct buf *endorsement);
    enum status (*sealing_key)(struct tee *tee, uint8_t out[static AEAD_KEY_MAX]); /* NULL: it has none */
};

struct tee {
    const struct tee_kind *kind;
    struct random_port random;
    /* Of the kind's own. */
    struct sim_tee sim;
    struct gramine gramine;
    struct tsm tsm;
    struct quoter quoter;
};

/** The row of a name: "sim", "gramine", "tsm"; or NULL. */
const struct tee_kind *tee_find(const char *name);

/**
 * Opens a TEE of tee->kind with its files at root (NULL: where the kind has them); a child process may be started for
 * it. To be called before anything else is opened. On failure *what is a sentence, or a file's name.
 */
MUST_USE enum status tee_open(struct tee *tee, const char *root, int privlevel, const char **what);

/** Ports of struct core_ports; ctx is a struct tee. */
enum status tee_attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                       struct buf *endorsement);
enum status tee_sealing_key(void *ctx, uint8_t out[static AEAD_KEY_MAX]);

#endif
