/* replayed.h: an enclave core that runs as one that ran before: with the keys of that boot, and with the random bytes
 * which that one drew wherever they show in what it said. */
#ifndef REPLAY_REPLAYED_H
#define REPLAY_REPLAYED_H

#include "core.h"
#include "owner.h"
#include "state.h"

#define REPLAYED_LENT_MAX 16

/** The random bytes that come next; then a stream of the replay's own, the same on every machine. */
struct replayed_script {
    struct {
        uint32_t after; /* draws from the stream before it */
        struct view bytes;
    } items[8];
    uint32_t count, next, draws;
    uint64_t stream;
};

/** Starts as {0}; ended with replayed_end. */
struct replayed {
    struct core *core;
    void *memory, *lent[REPLAYED_LENT_MAX];
    size_t sizes[REPLAYED_LENT_MAX];
    uint32_t lent_count;
    struct replayed_script script;
    struct view kind, evidence; /* what the enclave showed; lent until replayed_boot returns */
    struct buf request, response;
};

/** What a boot was made from. All of it is lent until replayed_boot returns. */
struct replayed_boot {
    struct view aggregator, owner_key, policy; /* encoded COSE_Key; signed */
    struct view boot_id, secret;               /* ESCROW_SIZE */
    struct view kind, evidence;                /* of the bundle */
    uint64_t booted;
    struct view revoked, state; /* as in struct gate_boot; either may be empty */
};

/** Boots a core: out->restored says whether the state was taken. Returns the gate's reason; STATUS_NO_SPACE. */
MUST_USE enum status replayed_boot(struct replayed *replayed, const struct replayed_boot *boot,
                                   struct gate_booted *out);

/** Wipes and frees; for CLEANUP. */
void replayed_end(struct replayed *replayed);

/** One call. *response lives until the next. A call that ends an enclave is STATUS_NOT_PERMITTED here. */
MUST_USE enum status replayed_call(struct replayed *replayed, enum gate_call call, struct view body,
                                   struct view *response);

/** A call that takes a number (0 for those that take nothing) and gives a message; `drawn` is what it draws first. */
MUST_USE enum status replayed_message(struct replayed *replayed, enum gate_call call, uint64_t number,
                                      struct view drawn, struct view *message);

/** An owner's request, its pieces joined. */
MUST_USE enum status replayed_owner(struct replayed *replayed, struct view name, struct view message,
                                    struct gate_answer *out);

/** A whole update, and the IV of its receipt, where it is known. */
struct replayed_update {
    uint64_t now; /* 0: no later than it is */
    struct view device;
    uint32_t round, count;
    const struct view *chunks;
    struct view iv;
};
MUST_USE enum status replayed_update(struct replayed *replayed, const struct replayed_update *update,
                                     struct gate_answer *out);

MUST_USE enum status replayed_status(struct replayed *replayed, struct gate_status *out);

/** Seals a state for replayed_boot; *out is on the heap, freed with heap_give. */
MUST_USE enum status replayed_seal(const struct core_state *state, struct view federation, struct view aggregator,
                                   struct buf *out);

/** The encoded model that a core holds; *out is on the heap. */
MUST_USE enum status replayed_model(struct replayed *replayed, struct view federation, struct view aggregator,
                                    struct buf *out);

#endif
