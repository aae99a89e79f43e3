/* quoter.h: a child process that does nothing but turn 64 bytes into evidence, for a parent that may open no file any
 * more (docs/adr/0011-quoter.md). Neither outlives the other. */
#ifndef SHELL_QUOTER_H
#define SHELL_QUOTER_H

#include "attest.h"

/** The parent's ends of two pipes. */
struct quoter {
    int to, from;
    char kind[KIND_MAX + 1]; /* of the last evidence */
};

/**
 * Forks a process that asks attester. It is to be the first child, before secrets are made and before the gate's socket
 * is opened: it keeps nothing but its pipes and stderr, where it tells why there is no evidence. When it ends, whatever
 * for, this process ends at once with EXIT_QUOTER. Returns STATUS_IO.
 */
MUST_USE enum status quoter_start(const struct attester *attester, struct quoter *out);

/** As struct attester; ctx is a struct quoter. Returns the attester's reason; STATUS_IO when the answer is no answer. */
enum status quoter_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                          struct buf *evidence, struct buf *endorsement);

#endif
