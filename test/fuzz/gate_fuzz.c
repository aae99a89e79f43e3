/* core_call: sequences of calls (call: 1 byte, length of the body: 2 bytes little endian, body) to a core that has a
 * model, two members and an open round. Nothing crashes, and nobody is counted but by an update that was answered well. */
#include <stdlib.h>
#include <string.h>

#include "core_private.h"
#include "federation.h"

#define PARAMETERS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The core as it was before the first call of an input: its own memory, and what it was lent that calls change. */
static struct federation federation;
static struct region {
    uint8_t *memory, *copy;
    size_t size;
} regions[5];
static size_t region_count;

static void remember(void *memory, size_t size)
{
    struct region *region = &regions[region_count++];

    *region = (struct region){memory, malloc(size), size};
    memcpy(region->copy, memory, size);
}

static void start(void)
{
    static const struct federation_options options = {.max_parameters = PARAMETERS, .max_cohort = 4};
    static const float values[PARAMETERS];
    static struct member members[2];
    struct core *core;

    federation_start(&federation, &options);
    if (member_enrol(&federation, &members[0], "one", NULL, NULL) != STATUS_OK ||
        member_enrol(&federation, &members[1], "two", NULL, NULL) != STATUS_OK)
        abort();
    federation_put_model(&federation, values, PARAMETERS);
    if (federation_start_rounds(&federation, 3, 2) != STATUS_OK)
        abort();
    federation_open_round(&federation);
    core = federation.core;
    remember(core, core_size());
    remember(core->model.encoded.ptr, core->model.encoded.cap);
    remember(core->sum.sums, PARAMETERS * sizeof *core->sum.sums);
    remember(core->tally.leaves, core->tally.capacity * sizeof *core->tally.leaves);
    remember(core->tally.slots, core->tally.slot_count * sizeof *core->tally.slots);
}

/* One call. False when the enclave would end now. */
static bool call(uint32_t number, struct view body)
{
    uint32_t before = federation.core->sum.members, after;
    enum status status = federation_call(&federation, (enum gate_call)number, body);
    struct gate_answer answer = {.reason = STATUS_MALFORMED};

    after = federation.core->sum.members;
    if (status != STATUS_OK && federation.response.len != 0)
        abort();
    if (after > before) {
        if (number != GATE_UPDATE || status != STATUS_OK || after != before + 1 ||
            gate_answer_decode(buf_view(&federation.response), &answer) != STATUS_OK || answer.reason != STATUS_OK)
            abort();
    }
    return !federation.fatal;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool goes_on = true;

    if (region_count == 0)
        start();
    for (size_t i = 0; i < region_count; i++)
        memcpy(regions[i].memory, regions[i].copy, regions[i].size);
    while (goes_on && size >= 3) {
        size_t len = (size_t)(data[1] | data[2] << 8);
        uint32_t number = data[0];
        data += 3;
        size -= 3;
        len = len < size ? len : size;
        goes_on = call(number, (struct view){data, len});
        data += len;
        size -= len;
    }
    return 0;
}
