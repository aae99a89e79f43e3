/* plan.c: see plan.h. */
#include "plan.h"

#include "cose.h"
#include "model.h"
#include "topic.h"
#include "update.h"

#define PROGRAM_BYTES  (UINT64_C(8) << 20)  /* a broker without clients */
#define CLIENT_BYTES   (UINT64_C(32) << 10) /* a client with TLS: 25 KiB were measured */
#define ASSEMBLY_SLACK 16                   /* what the aggregator counts for a chunk besides its sealing */
#define NUMBER_MAX     (UINT64_C(1) << 40)  /* of each number that is asked for: products of two stay within 2^64 */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static struct load both(struct load a, struct load b)
{
    return (struct load){a.messages + b.messages, a.bytes + b.bytes};
}

static bool sane(const struct plan_asked *asked)
{
    return asked->parameters >= 1 && asked->parameters <= MODEL_MAX_PARAMETERS && asked->devices <= 1u << 20 &&
           asked->rounds <= 1u << 20 && asked->records <= 1u << 20 && asked->slow <= 1u << 20 &&
           asked->memory <= NUMBER_MAX && asked->round_s >= 1 && asked->away_s <= 1u << 30 &&
           asked->policy.challenge_s >= 1;
}

/* An encoded model or update, cut and sealed. */
static struct load sealed(uint64_t encoded, uint64_t chunk, uint64_t *chunks)
{
    *chunks = (encoded + chunk - 1) / chunk;
    return (struct load){*chunks, encoded + *chunks * (COSE_OVERHEAD_MAX + TOPIC_MAX)};
}

/* Offers come from everyone at once; the other chunks only of updates that room was set aside for. Each device also
 * enrols and tells that it is there. */
static struct load to_aggregator(const struct plan *plan)
{
    const struct plan_asked *asked = &plan->asked;
    const uint64_t offer = least(plan->update.bytes, asked->policy.max_packet);

    return (struct load){
        asked->devices * 3 + plan->admitted * (plan->chunks - 1),
        asked->devices * (offer + PLAN_SMALL_MAX + PLAN_PRESENCE_MAX) + plan->admitted * (plan->update.bytes - offer),
    };
}

/* While it is away: of each round two manifests, a record, and the chunks that it had just asked for; challenges, and one
 * each of evidence, credential, need and receipt. When it is back: what is retained for it. */
static struct load to_device(const struct plan *plan)
{
    const struct plan_asked *asked = &plan->asked;
    const uint64_t packet = asked->policy.max_packet, window = least(PLAN_WINDOW, plan->chunks);
    const uint64_t small = 3 * plan->missed + asked->away_s / asked->policy.challenge_s + 3 + asked->records + 2;

    return (struct load){
        small + window * plan->missed + 2 + window,
        small * PLAN_SMALL_MAX + (window * plan->missed + 2 + window) * packet,
    };
}

enum status plan_make(const struct plan_asked *asked, struct plan *out)
{
    struct plan plan = {.asked = *asked};
    uint64_t encoded;

    if (!sane(asked))
        return STATUS_OUT_OF_RANGE;
    encoded = most(model_encoded_max(asked->parameters), update_encoded_max(asked->parameters, MODEL_MAX_TENSORS));
    plan.chunk = policy_chunk_size(&asked->policy);
    plan.model = plan.update = sealed(encoded, plan.chunk, &plan.chunks);
    plan.update_cost = encoded + plan.chunks * (COSE_OVERHEAD_MAX + ASSEMBLY_SLACK);
    plan.admitted = least(asked->devices, asked->memory / plan.update_cost);
    plan.missed = least(asked->rounds, asked->away_s / asked->round_s + 1);
    plan.retained = both(plan.model, (struct load){
                                         asked->records + asked->devices + 4,
                                         (asked->records + 3) * PLAN_SMALL_MAX + asked->devices * PLAN_PRESENCE_MAX +
                                             asked->policy.max_packet,
                                     });
    plan.to_aggregator = to_aggregator(&plan);
    plan.to_device = to_device(&plan);
    plan.to_reader = asked->captured ? both(plan.retained, plan.to_aggregator) : plan.retained;
    *out = plan;
    return STATUS_OK;
}

struct plan_memory plan_memory(const struct plan *plan, uint64_t inflight, uint64_t bridges)
{
    const struct plan_asked *asked = &plan->asked;
    const uint64_t packet = asked->policy.max_packet;
    const uint64_t window = least(inflight == 0 ? plan->chunks : inflight, least(PLAN_WINDOW, plan->chunks));
    const uint64_t slow = least(asked->slow, asked->devices);
    struct plan_memory memory = {
        .program = PROGRAM_BYTES,
        .clients = (asked->devices + PLAN_OTHERS) * CLIENT_BYTES,
        /* The old model's chunks are kept until the new ones have taken their places. */
        .retained = plan->retained.bytes + plan->model.bytes,
        .aggregator = plan->to_aggregator.bytes,
        /* A packet is copied for each reader; a message that waits is there once, whoever waits for it. */
        .readers = slow * window * packet + plan->to_reader.bytes - plan->retained.bytes,
        .offline = plan->missed * least(plan->chunks, slow * PLAN_WINDOW) * packet,
        .bridges = bridges * plan->to_aggregator.bytes,
    };

    memory.total = memory.program + memory.clients + memory.retained + memory.aggregator + memory.readers +
                   memory.offline + memory.bridges;
    return memory;
}
