/* index.h: what a capture holds of one aggregator, before any of it is replayed: its boots and its rounds. It is all
 * that a replay keeps of a capture of any size. */
#ifndef REPLAY_INDEX_H
#define REPLAY_INDEX_H

#include "manifest.h"
#include "owner.h"
#include "policy.h"
#include "source.h"

/** A boot whose evidence is in the capture. What it says is not believed here. */
struct index_boot {
    int64_t evidence, at_us; /* id and arrival of its first bundle */
    struct buf bundle;       /* on the heap; policy and the views of a decoded bundle lie in it */
    struct policy policy;
    uint64_t booted;
    uint8_t boot_id[BOOT_ID_SIZE], signing_point[P256_POINT_SIZE], sealing_point[P256_POINT_SIZE];
    bool has_secret;
    uint8_t secret[ESCROW_SIZE];
};

#define INDEX_NO_BOOT SIZE_MAX

/** A manifest, as it came first. */
struct index_round {
    int64_t manifest, record; /* ids; 0: its record is not in the capture */
    int64_t until;            /* id of the next manifest, or 0 */
    size_t boot;              /* or INDEX_NO_BOOT */
    uint32_t round;
    enum task task;
    bool retained; /* the capture began, or its connection came back, when it was there already */
    uint8_t boot_id[BOOT_ID_SIZE], digest[DIGEST_SIZE]; /* digest of the payload */
};

/** Starts as {0}; freed with index_free. */
struct index {
    struct index_boot *boots;
    size_t boot_count;
    struct index_round *rounds; /* ascending ids */
    size_t round_count;
    uint32_t aggregators; /* that the capture has evidence or rounds of: receipts do not say whose they are */
};

/** Reads a capture once. STATUS_IO, or a reason of db.h. */
MUST_USE enum status index_read(struct source *source, struct view aggregator, struct index *out);
void index_free(struct index *index);

/** NULL when the capture holds no evidence of that boot. */
const struct index_boot *index_boot_of(const struct index *index, struct view boot_id);

/** The round whose manifest is that message, or NULL. */
const struct index_round *index_round_at(const struct index *index, int64_t manifest);

/** Finds the name of an aggregator: the first that evidence is of. STATUS_NOT_FOUND. */
MUST_USE enum status index_aggregator(struct source *source, char name[static NAME_MAX_LEN + 1]);

#endif
