/* journal.h: what the aggregator keeps over a restart: rounds, records, metrics, the leaves of the
 * last rounds, sealed state, revocations. In SQLite, through common/os/db. */
#ifndef HOST_JOURNAL_H
#define HOST_JOURNAL_H

#include "db.h"
#include "host.h"

struct journal {
    struct db *db;
};

/** Opens or makes the file. Reasons as db_open. */
MUST_USE enum status journal_open(const char *path, struct journal *out, struct reason *reason);
void journal_close(struct journal *journal);

/** Keeps a closed round with its leaves and, when there is one, the state after it: all or nothing. Leaves of more than
 *  HOST_PROVABLE_MAX rounds before it are forgotten. */
MUST_USE enum status journal_keep_round(struct journal *journal, const struct closed_round *closed);
MUST_USE enum status journal_keep_state(struct journal *journal, struct view state);

/** The sealed state: malloc'ed, empty when there is none. The caller frees out->ptr. */
MUST_USE enum status journal_load_state(struct journal *journal, struct buf *out);

/** Keeps the owner's signed revocation list in place of the one before; and gives it: malloc'ed, empty when there is
 *  none by this owner (encoded COSE_Key). The caller frees out->ptr. */
MUST_USE enum status journal_keep_revocations(struct journal *journal, struct view owner, struct view signed_list);
MUST_USE enum status journal_load_revocations(struct journal *journal, struct view owner, struct buf *out);

/** Gives the last `most` records to the host, and the leaves that there are, oldest first. */
MUST_USE enum status journal_recall(struct journal *journal, uint32_t most, struct host *host);

#endif
