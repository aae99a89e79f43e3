/* keyless_root.h: are the updates that a record counts among those of a capture? Their digests need no key. */
#ifndef REPLAY_KEYLESS_ROOT_H
#define REPLAY_KEYLESS_ROOT_H

#include "differ.h"
#include "index.h"

/** Looks for a choice of the round's complete transfers that has the record's root. STATUS_OK: there is one; else why says
 *  what is lacking, and it is STATUS_NOT_FOUND, STATUS_OUT_OF_RANGE (too many choices), STATUS_IO. */
MUST_USE enum status keyless_root(struct source *source, struct view aggregator, const struct index_round *round,
                                  char why[static DIFFER_MAX]);

#endif
