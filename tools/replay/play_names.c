/* play_names.c: see play_names.h. */
#include "play_names.h"

#include <stdlib.h>
#include <string.h>

static size_t slot_of(struct view name, size_t slots)
{
    uint64_t key = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < name.len; i++)
        key = (key ^ name.ptr[i]) * UINT64_C(1099511628211);
    return (size_t)(key % slots);
}

/* The slot where a name is, or would be. */
static size_t find_slot(const struct names *names, struct view name)
{
    const size_t slots = 2 * names->room;
    size_t slot = slot_of(name, slots);

    while (names->slots[slot] != 0 && !view_equal(view_of_string(names->list[names->slots[slot] - 1]), name))
        slot = (slot + 1) % slots;
    return slot;
}

static enum status grow(struct names *names)
{
    struct names larger = {.count = names->count, .room = names->room == 0 ? 64 : 2 * names->room};

    larger.list = calloc(larger.room, sizeof *larger.list);
    larger.slots = calloc(2 * larger.room, sizeof *larger.slots);
    if (larger.list == NULL || larger.slots == NULL) {
        names_free(&larger);
        return STATUS_IO;
    }
    for (size_t i = 0; i < names->count; i++) {
        memcpy(larger.list[i], names->list[i], sizeof *larger.list);
        larger.slots[find_slot(&larger, view_of_string(larger.list[i]))] = (uint32_t)i + 1;
    }
    names_free(names);
    *names = larger;
    return STATUS_OK;
}

enum status names_add(struct names *names, struct view name)
{
    if (names_find(names, name) != SIZE_MAX)
        return STATUS_OK;
    if (names->count == NAMES_MAX || name.len > NAME_MAX_LEN)
        return STATUS_NO_SPACE;
    if (names->count == names->room)
        TRY(grow(names));
    memcpy(names->list[names->count], name.ptr, name.len);
    names->list[names->count][name.len] = '\0';
    names->slots[find_slot(names, name)] = (uint32_t)++names->count;
    return STATUS_OK;
}

size_t names_find(const struct names *names, struct view name)
{
    size_t slot;

    if (names->count == 0)
        return SIZE_MAX;
    slot = find_slot(names, name);
    return names->slots[slot] == 0 ? SIZE_MAX : names->slots[slot] - 1;
}

void names_free(struct names *names)
{
    free(names->list);
    free(names->slots);
    *names = (struct names){0};
}
