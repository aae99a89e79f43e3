/* load.h: for benches: a federation behind any gate (a core in this process, or an enclave process), and sealed updates
 * of any size. Made from a seed. Failures of the plumbing abort. */
#ifndef SUPPORT_LOAD_H
#define SUPPORT_LOAD_H

#include "federation.h"

/** Where calls go: a body in, a body out that is valid until the next call. */
struct load_gate {
    enum status (*call)(void *ctx, enum gate_call call, struct view body, struct view *response);
    void *ctx;
};

/** A core in this process; ctx of load_core_call. */
struct load_core {
    struct core *core;
    void *memory;
    void *lent[8];
    unsigned int lent_count;
    struct buf response;
    struct p256_key root;
    struct random_port random;
};

struct load {
    struct load_gate gate;
    struct seeded_random seed;
    struct random_port random;
    struct p256_key owner, root, device; /* one key for all devices: what is measured does not depend on it */
    uint8_t measurement[32];             /* of enclave and devices */
    uint64_t parameters;
    uint32_t devices, max_packet;
    uint8_t signed_policy[POLICY_MAX];
    size_t signed_policy_len;

    uint8_t boot_id[BOOT_ID_SIZE], signing_point[P256_POINT_SIZE], sealing_point[P256_POINT_SIZE];
    uint8_t policy_digest[DIGEST_SIZE], challenge[CHALLENGE_SIZE], base[DIGEST_SIZE];
    uint32_t round, chunk_size;
    uint64_t max_body;
    struct load_device *members; /* `devices` of them, once enrolled */
    uint32_t enrolled;
};

struct load_device {
    char name[16];
    uint8_t cti[CTI_SIZE], update_key[AEAD_KEY_MAX], identity[DIGEST_SIZE];
    uint64_t expires;
};

/** Keys and a policy for models of that many parameters and rounds of that many devices; nothing is called yet. */
void load_init(struct load *load, uint64_t parameters, uint32_t devices, const uint8_t measurement[static 32]);

/** Boots the core or enclave behind the gate, takes its first challenge, puts a model of zeros, starts rounds. */
void load_boot(struct load *load, const struct load_gate *gate);
void load_open_round(struct load *load);
void load_close_round(struct load *load);
void load_end(struct load *load);

/** Enrols the next device: what load_enrolment sealed, sent, and the answer opened. */
void load_enrol(struct load *load);
/** The body of GATE_ENROL of device i; malloc'ed. */
struct buf load_enrolment(struct load *load, uint32_t device);

/** The plaintext of an update of the open round, and the body of GATE_UPDATE that it becomes when an enrolled device
 *  seals it (A256GCM); malloc'ed. *wire: bytes of all chunk messages. */
struct buf load_plain(struct load *load);
struct buf load_sealed(struct load *load, uint32_t device, struct view plain, size_t *wire);

/** Sends such a body; aborts unless it is counted. */
void load_send(struct load *load, const struct buf *body);

void load_core_start(struct load_core *core, const struct load *load);
enum status load_core_call(void *ctx, enum gate_call call, struct view body, struct view *response);
void load_core_end(struct load_core *core);

#endif
