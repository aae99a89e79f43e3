/* plan.h: the rounds that are planned, and what they put on the broker. docs/doctor.md derives every number. Pure. */
#ifndef DOCTOR_PLAN_H
#define DOCTOR_PLAN_H

#include "policy.h"

#define PLAN_SMALL_MAX    MESSAGE_MAX /* bytes of a message without evidence, policy or model */
#define PLAN_PRESENCE_MAX 512         /* bytes of a presence, with what a broker keeps beside it */
#define PLAN_WINDOW       4           /* model chunks that a device asks for at a time (node/lib) */
#define PLAN_OTHERS       3           /* clients besides the devices: aggregator, owner, watcher or capturer */

/** What a person says; nothing in it is 0 but where that is said. */
struct plan_asked {
    const char *federation, *aggregator, *owner, *observer; /* names */
    struct policy policy;                                   /* only its numbers are looked at */
    uint64_t parameters;                                    /* of the model */
    uint64_t memory;                                        /* the aggregator's: sealed chunks that are on their way */
    uint64_t devices, cohort, rounds, records;              /* records: the last ones that the broker retains */
    uint64_t deadline_s, round_s, away_s; /* round_s: the shortest round; away_s: how long a client may be away */
    uint64_t slow;                        /* devices that are slow or away at the same time */
    uint64_t link_kbit, shared_kbit;      /* of one device, of the broker's side; 0: not known */
    bool captured;                        /* a capturer reads everything, and may be as slow as the aggregator */
};

/** So many messages of so many bytes together. */
struct load {
    uint64_t messages, bytes;
};

/** What follows from it. Bytes are those of sealed messages with their topics, rounded up. */
struct plan {
    struct plan_asked asked;
    uint64_t chunk;                       /* bytes of a chunk before sealing */
    uint64_t chunks;                      /* of the model, and of an update, which is as large */
    struct load model, update;            /* all chunks */
    uint64_t update_cost;                 /* what the aggregator sets aside for one update */
    uint64_t admitted;                    /* updates that it takes at a time; 0: not even one */
    struct load retained;                 /* what whoever reads everything gets at once */
    struct load to_aggregator, to_device; /* what waits for them at the worst */
    struct load to_reader;                /* retained, and to_aggregator where a capturer is */
    uint64_t missed;                      /* rounds that a client misses that is away */
};

/** Works it out. STATUS_OUT_OF_RANGE: numbers that no federation has (they would not fit 64 bits). */
MUST_USE enum status plan_make(const struct plan_asked *asked, struct plan *out);

/** Estimated bytes of the broker at the worst, in its parts. */
struct plan_memory {
    uint64_t program, clients, retained, aggregator, readers, offline, bridges, total;
};
/** inflight (messages; 0 for no limit) and bridges: of the configuration. Queues count as long as they must be, whatever the
 *  configuration allows them now. */
struct plan_memory plan_memory(const struct plan *plan, uint64_t inflight, uint64_t bridges);

#endif
