/* ledger.h: what a run must come to: what was counted, released and accepted, written down from outside of the parts, and
 * the invariants over it. The models are computed here once more, from the devices' work alone. */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include "federation.h"

#define LEDGER_ROUNDS  8192
#define LEDGER_COUNTED 16
#define LEDGER_MODELS  512
#define LEDGER_SECRETS 4096
#define LEDGER_NEEDLE  16 /* bytes of a secret that are looked for */
#define MODEL_VALUES   60

struct sim;
struct machine;
struct device;

/** A round of one boot of one aggregator. */
struct ledger_round {
    unsigned int machine;
    uint8_t boot[BOOT_ID_SIZE], base[DIGEST_SIZE];
    uint32_t number;
    enum task task;
    unsigned int counted[LEDGER_COUNTED]; /* devices */
    uint32_t counted_count;
    uint64_t closed_ms;
    bool closed, released, published, dead; /* dead: the enclave ended before it was closed */
    uint8_t digest[DIGEST_SIZE];            /* of the record's payload */
    uint8_t previous[DIGEST_SIZE];
    bool has_previous, promised; /* promised: a device has a receipt of it */
    uint32_t shown;              /* to which devices, a bit for each, since each started */
};

struct ledger_model {
    uint8_t digest[DIGEST_SIZE];
    struct buf bytes;
};

/** What a device accepted last. */
struct chain_head {
    bool any;
    bool caught; /* it was shown a record that contradicts this one, under this policy */
    uint32_t round;
    uint8_t digest[DIGEST_SIZE];
    uint64_t policy_version;
};

/** The enclave that a device trusts. */
struct ledger_trust {
    uint64_t policy_version;
    const uint8_t *boot;
    struct view signing; /* point */
};

struct ledger {
    struct ledger_round rounds[LEDGER_ROUNDS];
    uint32_t round_count;
    struct ledger_model models[LEDGER_MODELS];
    uint32_t model_count;
    uint8_t secrets[LEDGER_SECRETS][LEDGER_NEEDLE];
    const char *secret_names[LEDGER_SECRETS];
    uint32_t secret_count;
    uint8_t begins[65536 / 8]; /* first two bytes of the secrets */
    uint64_t released, receipts, included;
    bool changed;     /* something was counted, closed, promised, published or lost since owed_ms was found out */
    uint64_t owed_ms; /* when the oldest round was closed that is promised and not published; UINT64_MAX: none */
};

void ledger_free(struct ledger *ledger);

/** A model that somebody put or released, by its digest. */
void ledger_add_model(struct ledger *ledger, struct view bytes);
struct view ledger_model(const struct ledger *ledger, const uint8_t digest[static DIGEST_SIZE]);

/** The values of an encoded model, in its order. */
void ledger_values(struct view model, float values[static MODEL_VALUES]);

/** What a device makes of a base model: trained values and samples; the same whenever it is asked for the same. */
uint32_t ledger_work(const struct sim *sim, unsigned int device, struct view base, float trained[static MODEL_VALUES]);

bool ledger_has_record(const struct ledger *ledger, unsigned int machine, const uint8_t digest[static DIGEST_SIZE]);

/** Something that no host and no broker may ever see, from its 16 bytes at `at` on. */
void ledger_secret(struct ledger *ledger, const char *name, struct view bytes, size_t at);

/* Invariants; each ends the run when it does not hold. */
void invariant_no_secret_outside(struct sim *sim, const char *where, struct view bytes);
void invariant_counted_once(struct machine *machine, uint32_t round, unsigned int device);
void invariant_closed_round(struct machine *machine, struct view record_message);
void invariant_released_once(struct machine *machine, struct view record_message);
void invariant_receipt_is_true(struct device *device, const uint8_t boot[static BOOT_ID_SIZE], uint32_t round);
/** A device keeps a head; it was shown a message under the topic of a record, and could keep what it made of it. */
void invariant_no_fork_accepted(struct device *device, const struct chain_head *head);
void ledger_shown(struct device *device, struct view message);
void ledger_forgets(struct device *device);
void invariant_notes_fork(struct device *device, const struct ledger_trust *trust, struct view message);
void invariant_memory_bounded(struct sim *sim, bool within, const char *what, const char *whose);
void invariant_inclusion_is_true(struct device *device, uint32_t round);
void invariant_all_settled(struct sim *sim);

/** The enclave is gone: its round, if it had one, is declared failed by the next boot's identifier. */
void ledger_boot_ends(struct machine *machine);

#endif
