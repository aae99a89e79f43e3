/* core_copy.c: see core_copy.h. */
#include "core_copy.h"

#include <stdlib.h>
#include <string.h>

#include "core_private.h"

static void add(struct core_copy *copy, void *memory, size_t size)
{
    struct core_region *region = &copy->regions[copy->count++];

    *region = (struct core_region){memory, malloc(size), size};
    memcpy(region->copy, memory, size);
}

void core_copy_take(struct core_copy *copy, const struct federation *federation)
{
    struct core *core = federation->core;

    *copy = (struct core_copy){.core = core};
    add(copy, core, core_size());
    add(copy, core->model.encoded.ptr, core->model.encoded.cap);
    add(copy, core->tally.slots, core->tally.slot_count * sizeof *core->tally.slots);
    add(copy, core->revoked.room, REVOKED_ROOM);
    add(copy, core->sum.sums, core->policy.max_parameters * sizeof *core->sum.sums);
    add(copy, core->tally.leaves, core->tally.capacity * sizeof *core->tally.leaves);
}

void core_copy_restore(const struct core_copy *copy)
{
    for (size_t i = 0; i < copy->count; i++)
        memcpy(copy->regions[i].memory, copy->regions[i].copy, copy->regions[i].size);
}

void core_copy_free(struct core_copy *copy)
{
    for (size_t i = 0; i < copy->count; i++)
        free(copy->regions[i].copy);
    copy->count = 0;
}

/* What a refusal may leave behind. */
static void level(struct core *core)
{
    core->now = 0;
    core->plain.len = core->attested.len = core->appraisal_space.len = 0;
    memset(core->refused, 0, sizeof core->refused);
    memset(core->round.refused, 0, sizeof core->round.refused);
    memset(core->obeyed, 0, sizeof core->obeyed);
}

static int compare_leaves(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct merkle_hash));
}

/* A root sorts the leaves that it is computed over: their order says nothing. */
static bool same_leaves(const struct core *core, const uint8_t *before)
{
    const size_t size = core->tally.count * sizeof(struct merkle_hash);
    struct merkle_hash *sorted[2] = {malloc(size + 1), malloc(size + 1)};
    bool same;

    memcpy(sorted[0], before, size);
    memcpy(sorted[1], core->tally.leaves, size);
    for (int i = 0; i < 2; i++)
        qsort(sorted[i], core->tally.count, sizeof *sorted[i], compare_leaves);
    same = memcmp(sorted[0], sorted[1], size) == 0;
    free(sorted[0]);
    free(sorted[1]);
    return same;
}

bool core_copy_same(const struct core_copy *copy)
{
    struct core *both[2] = {malloc(core_size()), malloc(core_size())};
    bool same;

    memcpy(both[0], copy->regions[0].copy, core_size());
    memcpy(both[1], copy->core, core_size());
    for (int i = 0; i < 2; i++)
        level(both[i]);
    same = memcmp(both[0], both[1], core_size()) == 0;
    free(both[0]);
    free(both[1]);
    for (size_t i = 1; i < 5 && same; i++)
        same = memcmp(copy->regions[i].memory, copy->regions[i].copy, copy->regions[i].size) == 0;
    return same && same_leaves(copy->core, copy->regions[5].copy);
}
