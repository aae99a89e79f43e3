/* machine.h: an aggregator of the simulation: the host's real state machine, the enclave's real core, a disk. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "broker.h"
#include "federation.h"
#include "host.h"
#include "ledger.h"

#define SIM_RECORDS    8    /* that a broker is asked to retain, and that a machine's disk gives back */
#define SIM_MEMORY_MAX 3000 /* of sealed chunks in a host: some devices wait in line */
#define SIM_OLD_STATES 4    /* copies of a disk, for who comes back with one */
#define SIM_PAST_CALLS 8    /* calls to an enclave that a hostile host remembers */

struct sim;

/** What is to happen at a write to a disk, or in a call of the gate. UNSURE: it is written, and said not to be. */
enum blow { BLOW_NONE, BLOW_BEFORE, BLOW_AFTER, BLOW_UNSURE };

/** What is to go wrong, and at which of the writes or calls from now on. */
struct blow_due {
    enum blow blow;
    uint32_t wait;
};

/** What survives a machine's crash. Each of the host's three ports that keep is one transaction of SQLite: whole or not
 *  there. Between any two of them it may crash. */
struct disk {
    struct buf state, revocations;
    struct {
        uint32_t round;
        struct buf message, leaves;
    } records[SIM_RECORDS];
    uint32_t record_count;
};

/** A call that went over the gate. */
struct past_call {
    enum gate_call call;
    struct buf body;
};

/** The sum of the open round as it must stand in the enclave, after every update. */
struct running_sum {
    uint8_t boot[BOOT_ID_SIZE];
    uint32_t round, members;
    uint64_t weight;
    int64_t sums[MODEL_VALUES];
};

struct machine {
    struct sim *sim;
    unsigned int index;
    char name[16];
    struct federation federation; /* core, and what the owner knows of it */
    struct host *host;            /* NULL while it is down */
    struct log log;
    struct client client;
    struct disk disk, old[SIM_OLD_STATES];
    uint32_t old_count;
    bool full;
    bool crashed;  /* nothing that the host does from here on has an effect */
    bool enclave;  /* runs */
    bool hostile;  /* the host is */
    bool restored; /* an old state was: devices may refuse what follows */
    struct blow_due write_blow, gate_blow;
    uint32_t restart_s;
    uint64_t run; /* counts starts: timers of an earlier one are void */
    int64_t clock_s;
    uint64_t stalled_ms; /* until then a hostile host lets no time pass */
    struct past_call past[SIM_PAST_CALLS];
    struct running_sum running;
    uint64_t revoked;      /* version of the revocation list that this boot of the enclave took, 0 for none */
    uint64_t revoked_told; /* that the owner was told is in force */
    uint8_t last_record[DIGEST_SIZE]; /* of the enclave: known to the ledger */
};

/** machine.c */
void machine_add(struct sim *sim, unsigned int index);
void machine_end(struct machine *machine);
void machine_crash(struct machine *machine, const char *why);
void machine_restore(struct machine *machine);
void machine_secrets(struct machine *machine);

/** disk.c: the host's ports that keep; copies and what is told of a write. */
enum status disk_keep_round(void *ctx, const struct closed_round *closed);
enum status disk_keep_state(void *ctx, struct view state);
enum status disk_keep_revocations(void *ctx, struct view signed_list);
void disk_copy(const struct disk *from, struct disk *to);
void disk_free(struct disk *disk);
void buf_replace(struct buf *buf, struct view bytes);
/** Whether it strikes now; counts down. */
bool blow_strikes(struct blow_due *due, enum blow when);

/** gate.c: the host's port to the enclave; one call of it, written down in the ledger; an enclave that is gone. */
enum status gate_port(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response);
enum status gate_call_once(struct machine *machine, enum gate_call call, struct view body);
void gate_lose_enclave(struct machine *machine, const char *why);

/** liar.c: what a hostile host does to a call, to what it publishes, and to the time. */
void liar_tamper(struct machine *machine, enum gate_call *call, struct buf *body);
void liar_call_again(struct machine *machine);
void liar_repeat(struct machine *machine, enum gate_call call, struct view body);
struct view liar_publish(struct machine *machine, const char *topic, struct view payload, struct buf *space);
bool liar_stalls(struct machine *machine);
void liar_end(struct machine *machine);

#endif
