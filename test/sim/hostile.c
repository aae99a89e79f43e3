/* hostile.c: a device of the federation's broker that has a certificate and no manners: it repeats what it heard, whole,
 * cut short or with a byte changed, to whom it was said or to others, under topics that it may and that it may not use,
 * one by one or many at once. And somebody who has got at another device's connection, and does the same in its name. */
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
    const char *name = dice_chance(&sim->dice, 700) ? MALLORY : sim->devices[0].name;
    uint32_t round, part;

    switch (dice_below(&sim->dice, 4)) {
    case 0:
        snprintf(out, TOPIC_MAX, "tacit/1/fed/enrol/%s/%s", aggregator, name);
        return;
    case 1:
        snprintf(out, TOPIC_MAX, "%s", sim->heard.topic);
        return;
    default:
        part = dice_below(&sim->dice, 3);
        round = dice_between(&sim->dice, 1, 6);
        snprintf(out, TOPIC_MAX, "tacit/1/fed/update/%s/%s/%u.%u", aggregator, name, round, part);
    }
}

/* Some of what a device says itself: an update, an enrolment, the question for a proof. */
void mallory_listens(struct device *device, const char *topic, struct view payload)
{
    struct sim *sim = device->sim;

    if (!sim_may(sim, FAULT_HOSTILE_DEVICE) || payload.len == 0 || !dice_chance(&sim->dice, 150))
        return;
    buf_replace(&device->said, payload);
    snprintf(device->said_topic, sizeof device->said_topic, "%s", topic);
}

static void spoil(struct sim *sim, struct buf *payload)
{
    if (dice_chance(&sim->dice, 400))
        dice_flip(&sim->dice, payload->ptr, payload->len);
    else if (dice_chance(&sim->dice, 150))
        payload->len = dice_between(&sim->dice, 1, (uint32_t)payload->len);
}

/* In a device's name: its own words again, perhaps in another round. */
static void impersonate(struct sim *sim)
{
    struct device *device = &sim->devices[dice_below(&sim->dice, sim->device_count)];
    char topic[TOPIC_MAX];

    if (device->said.len == 0)
        return;
    snprintf(topic, sizeof topic, "%s", device->said_topic);
    if (dice_chance(&sim->dice, 300)) {
        const uint32_t part = dice_below(&sim->dice, 2);
        snprintf(topic, sizeof topic, "tacit/1/fed/update/%s/%s/%u.%u", device->machine->name, device->name,
                 dice_between(&sim->dice, 1, 12), part);
    }
    spoil(sim, &device->said);
    sim->happened[FAULT_HOSTILE_DEVICE]++;
    (void)client_publish(&device->client, topic, buf_view(&device->said), false);
}

static void speak_once(struct sim *sim)
{
    char topic[TOPIC_MAX];

    if (sim->heard.payload.len == 0)
        return;
    spoil(sim, &sim->heard.payload);
    make_topic(sim, topic);
    sim->happened[FAULT_HOSTILE_DEVICE]++;
    (void)client_publish(&sim->mallory, topic, buf_view(&sim->heard.payload), dice_chance(&sim->dice, 200));
}

static void speak(void *ctx, uint64_t number)
{
    struct sim *sim = ctx;
    const uint32_t times = dice_chance(&sim->dice, 30) ? 40 : 1;

    if (sim->calm)
        return;
    clockwork_after(&sim->clock, dice_between(&sim->dice, 500, 8000), speak, sim, number);
    if (dice_chance(&sim->dice, 300)) {
        impersonate(sim);
        return;
    }
    for (uint32_t i = 0; i < times; i++)
        speak_once(sim);
}

void mallory_add(struct sim *sim)
{
    static const struct client_handlers handlers = {nothing, nothing, remember, nothing};

    if (!sim_may(sim, FAULT_HOSTILE_DEVICE))
        return;
    client_add(sim->bridge.there && dice_chance(&sim->dice, 500) ? &sim->bridge.edge : &sim->broker, &sim->mallory,
               MALLORY, &handlers, sim);
    client_subscribe(&sim->mallory, "tacit/#");
    client_start(&sim->mallory, 10);
    clockwork_after(&sim->clock, 5000, speak, sim, 0);
}

void mallory_end(struct sim *sim)
{
    free(sim->heard.payload.ptr);
}
