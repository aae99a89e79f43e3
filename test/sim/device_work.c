/* device_work.c: a device's work: it takes its time, may fail, and what comes of it follows from the seed. */
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "model.h"
#include "simulation.h"

static void store_values(uint8_t *model, const struct model_layout *layout, const float values[static MODEL_VALUES])
{
    size_t done = 0;

    for (uint32_t t = 0; t < layout->count; t++)
        for (uint64_t i = 0; i < layout->tensors[t].elements; i++) {
            uint32_t bits;
            memcpy(&bits, &values[done++], sizeof bits);
            write_le32(model + layout->tensors[t].offset + 4 * i, bits);
        }
}

static void finish_work(void *ctx, uint64_t run)
{
    struct device *device = ctx;
    struct sim *sim = device->sim;
    float trained[MODEL_VALUES];
    struct model_layout layout;
    struct view base = {device->work.model, device->work.model_size};
    struct tacit_result result = {.metric_count = 1, .metrics = {{"loss", 0.5, 10}}};
    struct buf model = {NULL, 0, 0};

    if (device->node == NULL || run != device->run || !device->working)
        return;
    device->working = false;
    if (sim_may(sim, FAULT_WORK) && dice_chance(&sim->dice, 100)) {
        sim->happened[FAULT_WORK]++;
        tacit_node_failed(device->node, "the package says so", device_now(device));
        device_attend(device);
        return;
    }
    result.samples = ledger_work(sim, device->index, base, trained);
    if (device->work.task == TACIT_TRAIN) {
        buf_replace(&model, base);
        must(model_decode(buf_view(&model), MODEL_VALUES, &layout), "work's model");
        store_values(model.ptr, &layout, trained);
        result.model = model.ptr;
        result.model_size = model.len;
    }
    tacit_node_trained(device->node, &result, device_now(device));
    free(model.ptr);
    device_attend(device);
}

tacit_reason device_train(void *ctx, const struct tacit_work *work)
{
    struct device *device = ctx;
    struct dice *dice = &device->sim->dice;

    if (device->crashed)
        return STATUS_IO;
    device->work = *work;
    device->working = true;
    clockwork_after(&device->sim->clock,
                    device->slow ? dice_between(dice, 20000, 90000) : dice_between(dice, 1000, 14000), finish_work,
                    device, device->run);
    return 0;
}
