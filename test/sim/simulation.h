/* simulation.h: a whole federation in one process and one thread: aggregators (the host's real state machine and the enclave's
 * real core), devices (the real node library), an owner, a broker, and what goes wrong. All follows from the seed. */
#ifndef SIM_SIMULATION_H
#define SIM_SIMULATION_H

#include "broker.h"
#include "federation.h"
#include "host.h"
#include "ledger.h"
#include "tacit_node.h"

#define SIM_MACHINES   2
#define SIM_DEVICES    7
#define SIM_RECORDS    8 /* that a broker is asked to retain, and that a machine's disk gives back */
#define SIM_TRACE_KEPT 80
#define SIM_TRACE_LINE 200
#define SIM_MEMORY_MAX (1 << 20) /* of sealed chunks in a host */

struct sim;

/** What is to happen at a write to a disk, or in a call of the gate. */
enum blow { BLOW_NONE, BLOW_BEFORE, BLOW_AFTER };

/** What survives a machine's crash. A write is whole or not there: SQLite's part, and test/faults' to show. */
struct disk {
    struct buf state, revocations;
    struct {
        uint32_t round;
        struct buf message;
    } records[SIM_RECORDS];
    uint32_t record_count;
};

/** An aggregator: host, enclave, disk. */
struct machine {
    struct sim *sim;
    unsigned int index;
    char name[16];
    struct federation federation; /* core, and what the owner knows of it */
    struct host *host;            /* NULL while it is down */
    struct log log;
    struct client client;
    struct disk disk, old; /* old: an earlier state, for who restores it */
    bool has_old, full;
    bool crashed;  /* nothing that the host does from here on has an effect */
    bool enclave;  /* runs */
    bool hostile;  /* the host is */
    bool restored; /* an old state was: devices may refuse what follows */
    enum blow write_blow, gate_blow;
    uint32_t blow_calls; /* gate calls until gate_blow */
    uint32_t restart_s;
    uint64_t run; /* counts starts: timers of an earlier one are void */
    int64_t clock_s;
    struct buf last_body; /* of an update, for a host that sends it again */
    enum gate_call last_call;
};

/** A device: node, disk, and the work that it does. */
struct device {
    struct sim *sim;
    unsigned int index;
    char name[16];
    struct machine *machine;
    struct tacit_node *node; /* NULL while it is down */
    void *memory;
    struct client client;
    struct seeded_random random;
    struct {
        char key[16];
        struct buf bytes;
    } disk[10];
    bool full, crashed, slow;
    enum blow write_blow;
    uint64_t run;
    int64_t clock_s;
    bool working;
    struct tacit_work work;
    struct chain_head accepted;
};

/** The owner's part in one aggregator: it wants a model there, and rounds. */
struct owner_desk {
    struct sim *sim;
    struct machine *machine;
    char status[1024];
    bool knows_boot, knows_challenge;
    struct buf sealed; /* the request under way; empty when there is none */
    uint8_t transfer[TRANSFER_SIZE];
    uint32_t target;
    uint64_t asked_ms, offered_ms;
};

/** What may go wrong in this run. */
enum fault {
    FAULT_WEATHER,        /* messages lost, twice, late, swapped */
    FAULT_CUT,            /* somebody is cut off for a while */
    FAULT_BROKER,         /* the broker restarts */
    FAULT_AMNESIA,        /* and has forgotten everything */
    FAULT_HOST_CRASH,     /* at once, or at its next write */
    FAULT_ENCLAVE_CRASH,  /* in some call */
    FAULT_DEVICE_CRASH,   /* at once, or at its next write */
    FAULT_DISK_FULL,      /* of a host or device */
    FAULT_CLOCK,          /* 1970, 2100, or some days off */
    FAULT_SLOW,           /* a device's link and work */
    FAULT_WORK,           /* a device's work fails */
    FAULT_ROLLBACK,       /* a host comes back with an old state */
    FAULT_HOSTILE_HOST,   /* changes and repeats what goes through its hands */
    FAULT_HOSTILE_DEVICE, /* says anything to everybody */
    FAULTS                /* how many there are */
};

struct sim {
    uint64_t seed;
    bool tracing;
    struct dice dice;
    struct clockwork clock;
    struct broker broker;
    struct federation_options options;
    struct machine machines[SIM_MACHINES];
    struct device devices[SIM_DEVICES];
    struct owner_desk desks[SIM_MACHINES];
    struct client owner, mallory;
    struct packets_heard {
        struct buf payload;
        char topic[TOPIC_MAX];
    } heard; /* by the hostile device */
    unsigned int machine_count, device_count;
    uint32_t faults; /* a bit for each */
    bool calm;       /* nothing goes wrong any more */
    bool owner_rests;
    uint64_t calm_ms;
    struct ledger ledger;
    uint64_t steps, happened[FAULTS];
    char violation[512];
    char kept[SIM_TRACE_KEPT][SIM_TRACE_LINE];
    uint64_t lines;
};

/** What a run came to. */
struct outcome {
    bool violated;
    uint64_t rounds, counted, happened[FAULTS];
};

/** Runs a seed; a violation is printed with the end of the trace. */
struct outcome sim_run(uint64_t seed, bool tracing);

__attribute__((format(printf, 3, 4))) void sim_trace(struct sim *sim, const char *who, const char *format, ...);
/** Ends the run: an invariant, by its name, does not hold. */
__attribute__((format(printf, 3, 4))) void sim_violate(struct sim *sim, const char *invariant, const char *format, ...);

/** Unix seconds of a clock that is so many seconds wrong. */
uint64_t sim_now(const struct sim *sim, int64_t clock_s);
bool sim_may(const struct sim *sim, enum fault fault);

/** machine.c */
void machine_add(struct sim *sim, unsigned int index);
void machine_end(struct machine *machine);
void machine_crash(struct machine *machine, const char *why);
void machine_restore(struct machine *machine);
void machine_secrets(struct machine *machine);

/** disk.c: the host's ports that keep. */
enum status disk_keep_round(void *ctx, const struct closed_round *closed);
enum status disk_keep_state(void *ctx, struct view state);
enum status disk_keep_revocations(void *ctx, struct view signed_list);
void disk_copy(const struct disk *from, struct disk *to);
void disk_free(struct disk *disk);
void buf_replace(struct buf *buf, struct view bytes);

/** gate.c: the host's port to the enclave. */
enum status gate_port(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response);

/** device.c */
void device_add(struct sim *sim, unsigned int index, struct machine *machine);
void device_end(struct device *device);
void device_crash(struct device *device, const char *why);

/** owner.c */
void owner_add(struct sim *sim);
void owner_end(struct sim *sim);
void owner_raise_policy(struct machine *machine);

/** faults.c */
void faults_begin(struct sim *sim);
void faults_cease(struct sim *sim);

/** hostile.c */
void mallory_add(struct sim *sim);
void mallory_end(struct sim *sim);

#endif
