/* recompute_kept.h: sealed updates that nodes with `keep_sealed` wrote, as ROUND.DEVICE.CHUNK.cose and
 * ROUND.DEVICE.key. */
#ifndef CTL_RECOMPUTE_KEPT_H
#define CTL_RECOMPUTE_KEPT_H

#include "bind.h"
#include "reason.h"
#include "recompute_tree.h"
#include "record.h"
#include "update.h"

/** An update of one device, opened. */
struct kept_update {
    char device[NAME_MAX_LEN + 1];
    struct recompute_leaf leaf;
    struct buf plain; /* on the heap; what update's views lie in */
    struct update update;
};

/** Those of one round, in ascending order of their leaves. Starts as {0}. */
struct kept_updates {
    struct kept_update *list;
    size_t count, unusable; /* unusable: kept, but not to be opened, or of another base or boot */
};

/** Reads and opens all updates that can have been counted in a record's round. place: federation and aggregator.
 *  STATUS_IO with a reason: the folder cannot be read. */
MUST_USE enum status kept_read(const char *folder, const struct place *place, const struct record *record,
                               struct kept_updates *out, struct reason *reason);
void kept_free(struct kept_updates *updates);

#endif
