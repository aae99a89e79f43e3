/* simulation.h: a whole federation in one process and one thread: aggregators (the host's real state machine and the enclave's
 * real core), devices (the real node library), an owner, a broker, and what goes wrong. All follows from the seed. */
#ifndef SIM_SIMULATION_H
#define SIM_SIMULATION_H

#include "bridge.h"
#include "device.h"
#include "desk.h"

#define SIM_MACHINES   2
#define SIM_DEVICES    7
#define MALLORY        "mallory" /* the hostile device */
#define SIM_TRACE_KEPT 80
#define SIM_TRACE_LINE 200
#define SIM_SAID       4 /* messages of each kind that a hostile host remembers */

/** What may go wrong in this run. */
enum fault {
    FAULT_WEATHER,        /* messages lost, twice, late, swapped */
    FAULT_CUT,            /* somebody is cut off for a while */
    FAULT_BROKER,         /* the broker restarts */
    FAULT_AMNESIA,        /* and has forgotten everything, or the last minute */
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
    FAULT_BRIDGE,         /* the link between the brokers is cut or slow, or the edge's broker restarts */
    FAULT_REVOKE,         /* the owner revokes devices, a program, a credential; and takes it back */
    FAULTS                /* how many there are */
};

struct sim {
    uint64_t seed;
    bool tracing;
    struct dice dice;
    struct clockwork clock;
    struct broker broker;
    struct bridge bridge; /* to the edge's broker, in some runs */
    struct federation_options options;
    struct machine machines[SIM_MACHINES];
    struct device devices[SIM_DEVICES];
    struct owner_desk desks[SIM_MACHINES];
    struct client owner, mallory;
    struct revoking revoking;
    struct packets_heard {
        struct buf payload;
        char topic[TOPIC_MAX];
    } heard;                                /* by the hostile device */
    struct buf said[TOPIC_KINDS][SIM_SAID]; /* by any aggregator, of each kind */
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
    uint8_t said_digest[SHA256_SIZE]; /* a digest of what the parts published so far */
};

/** What a run came to. */
struct outcome {
    bool violated;
    uint64_t rounds, counted, included, steps, happened[FAULTS];
    uint8_t digest[SHA256_SIZE]; /* of all that was published and of all models, in their order */
};

/** Runs a seed; a violation is printed with the end of the trace. */
struct outcome sim_run(uint64_t seed, bool tracing);

__attribute__((format(printf, 3, 4))) void sim_trace(struct sim *sim, const char *who, const char *format, ...);
/** Ends the run: an invariant, by its name, does not hold. */
__attribute__((format(printf, 3, 4))) void sim_violate(struct sim *sim, const char *invariant, const char *format, ...);

/** Of the policy's second program. */
extern const uint8_t other_measurement[DIGEST_SIZE];

/** Unix seconds of a clock that is so many seconds wrong. */
uint64_t sim_now(const struct sim *sim, int64_t clock_s);
bool sim_may(const struct sim *sim, enum fault fault);

/** each_step.c: what must hold of the parts' state, after each event of the clockwork. */
void invariants_each_step(struct sim *sim);
/** node_step.c: the same of a node that runs. */
void invariants_of_node(struct device *device);

/** faults.c */
void faults_begin(struct sim *sim);
void faults_cease(struct sim *sim);

/** hostile.c */
void mallory_add(struct sim *sim);
void mallory_end(struct sim *sim);
void mallory_listens(struct device *device, const char *topic, struct view payload);

#endif
