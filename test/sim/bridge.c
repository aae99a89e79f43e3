/* bridge.c: see bridge.h. */
#include "bridge.h"

#include <stdio.h>
#include <string.h>

#include "broker_private.h"

#define GATEWAY   "gateway"
#define QUEUE_MIN 60 /* more than aggregators retain: at each connection all of that comes at once */

/* As `topic ... out 1` and `topic ... in 1` of mosquitto.conf; neither direction has a topic of the other. Status is said
 * every other second: `in 0`, so that it does not fill the queue of a link that is cut. */
static const char *const outwards[] = {"tacit/1/fed/enrol/+/+", "tacit/1/fed/update/+/+/+", "tacit/1/fed/presence/+"};
static const char *const inwards[] = {
    "tacit/1/fed/aggregator/+/evidence",
    "tacit/1/fed/aggregator/+/challenge",
    "tacit/1/fed/aggregator/+/status",
    "tacit/1/fed/credential/+",
    "tacit/1/fed/round/+",
    "tacit/1/fed/model/+/+",
    "tacit/1/fed/need/+",
    "tacit/1/fed/receipt/+",
    "tacit/1/fed/record/+/+",
};

/* What the operator of the main broker writes for a gateway: it speaks for its own devices, and hears what they may. */
static void allow(struct broker *broker, const char *before, const char *name, const char *behind, bool write)
{
    char filter[BROKER_FILTER_MAX];

    snprintf(filter, sizeof filter, "tacit/1/+/%s%s%s", before, name, behind);
    broker_allow(broker, GATEWAY, filter, write);
}

static void allow_gateway(struct broker *broker, const char *const names[], uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        allow(broker, "enrol/+/", names[i], "", true);
        allow(broker, "update/+/", names[i], "/+", true);
        allow(broker, "presence/", names[i], "", true);
        allow(broker, "credential/", names[i], "", false);
        allow(broker, "need/", names[i], "", false);
        allow(broker, "receipt/", names[i], "", false);
    }
}

static void nothing(void *ctx)
{
    (void)ctx;
}

void bridge_add(struct bridge *bridge, struct broker *main, const char *const names[], uint32_t count)
{
    static const struct client_handlers handlers = {nothing, nothing, NULL, nothing};
    struct broker *edge = &bridge->edge;

    bridge->there = true;
    edge->up = true;
    edge->clock = main->clock;
    edge->dice = main->dice;
    edge->spy = main->spy;
    edge->spy_ctx = main->spy_ctx;
    memcpy(edge->rules, main->rules, sizeof edge->rules);
    edge->rule_count = main->rule_count;
    allow_gateway(main, names, count);
    client_add(edge, &bridge->local, "local." GATEWAY, &handlers, NULL);
    client_add(main, &bridge->remote, GATEWAY, &handlers, NULL);
    bridge->remote.unqueued = "/status";
    bridge->local.across = &bridge->remote;
    bridge->remote.across = &bridge->local;
    bridge->local.unchecked = true;
    bridge->local.queue_max = dice_between(main->dice, QUEUE_MIN, BROKER_QUEUE_MAX);
    bridge->remote.queue_max = dice_between(main->dice, QUEUE_MIN, BROKER_QUEUE_MAX);
    for (size_t i = 0; i < ARRAY_LEN(outwards); i++)
        client_subscribe(&bridge->local, outwards[i]);
    for (size_t i = 0; i < ARRAY_LEN(inwards); i++)
        client_subscribe(&bridge->remote, inwards[i]);
    client_start(&bridge->local, 10);
    client_start(&bridge->remote, 10);
}

static void drop(struct bridge *bridge)
{
    client_drop(&bridge->local);
    client_drop(&bridge->remote);
}

static void join_again(void *ctx, uint64_t number)
{
    struct bridge *bridge = ctx;

    (void)number;
    bridge->local.cut = bridge->remote.cut = false;
}

void bridge_cut(struct bridge *bridge, uint64_t wait_ms)
{
    bridge->local.cut = bridge->remote.cut = true;
    drop(bridge);
    clockwork_after(bridge->edge.clock, wait_ms, join_again, bridge, 0);
}

void bridge_slow(struct bridge *bridge, uint32_t slow_ms)
{
    bridge->local.slow_ms = bridge->remote.slow_ms = slow_ms;
}

void bridge_restart(struct bridge *bridge, enum memory memory, uint64_t down_ms)
{
    broker_restart(&bridge->edge, memory, down_ms);
}

void bridge_mend(struct bridge *bridge)
{
    memset(&bridge->edge.weather, 0, sizeof bridge->edge.weather);
    bridge->local.cut = bridge->remote.cut = false;
    bridge_slow(bridge, 0);
    drop(bridge);
}

void bridge_free(struct bridge *bridge)
{
    if (bridge->there)
        broker_free(&bridge->edge);
}
