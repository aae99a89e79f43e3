/* hostile.c: a device of the federation's broker that has a certificate and no manners: it repeats what it heard, whole or
 * with a byte changed, to whom it was said or to others, under topics that it may and that it may not use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulation.h"

static void remember(void *ctx, const char *topic, struct view payload)
{
    struct sim *sim = ctx;

    if (payload.len == 0 || !dice_chance(&sim->dice, 100))
        return;
    buf_replace(&sim->heard.payload, payload);
    snprintf(sim->heard.topic, sizeof sim->heard.topic, "%s", topic);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void make_topic(struct sim *sim, char out[static TOPIC_MAX])
{
    const char *aggregator = sim->machines[dice_below(&sim->dice, sim->machine_count)].name;
    const char *name = dice_chance(&sim->dice, 700) ? "mallory" : sim->devices[0].name;

    switch (dice_below(&sim->dice, 4)) {
    case 0:
        snprintf(out, TOPIC_MAX, "tacit/1/fed/enrol/%s/%s", aggregator, name);
        return;
    case 1:
        snprintf(out, TOPIC_MAX, "%s", sim->heard.topic);
        return;
    default:
        snprintf(out, TOPIC_MAX, "tacit/1/fed/update/%s/%u/%s/%u", aggregator, dice_between(&sim->dice, 1, 6), name,
                 dice_below(&sim->dice, 3));
    }
}

static void speak(void *ctx, uint64_t number)
{
    struct sim *sim = ctx;
    struct buf *payload = &sim->heard.payload;
    char topic[TOPIC_MAX];

    if (sim->calm)
        return;
    clockwork_after(&sim->clock, dice_between(&sim->dice, 500, 8000), speak, sim, number);
    if (payload->len == 0)
        return;
    if (dice_chance(&sim->dice, 500))
        payload->ptr[dice_below(&sim->dice, (uint32_t)payload->len)] ^= (uint8_t)(1u << dice_below(&sim->dice, 8));
    make_topic(sim, topic);
    sim->happened[FAULT_HOSTILE_DEVICE]++;
    (void)client_publish(&sim->mallory, topic, buf_view(payload), dice_chance(&sim->dice, 200));
}

void mallory_add(struct sim *sim)
{
    static const struct client_handlers handlers = {nothing, nothing, remember, nothing};

    if (!sim_may(sim, FAULT_HOSTILE_DEVICE))
        return;
    client_add(&sim->broker, &sim->mallory, "mallory", &handlers, sim);
    client_subscribe(&sim->mallory, "tacit/#");
    client_start(&sim->mallory, 10);
    clockwork_after(&sim->clock, 5000, speak, sim, 0);
}

void mallory_end(struct sim *sim)
{
    free(sim->heard.payload.ptr);
}
