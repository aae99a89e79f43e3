/* Any bytes as a piece of endorsement: what is told has a printable name, and the same is told again. */
#include <stdlib.h>
#include <string.h>

#include "endorsement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[ENDORSEMENT_SPACE];

static void check_name(const char *name)
{
    const size_t len = strnlen(name, ENDORSEMENT_NAME_MAX);

    if (len == 0 || len == ENDORSEMENT_NAME_MAX)
        abort();
    for (size_t i = 0; i < len; i++)
        if (name[i] < 0x20 || name[i] >= 0x7f)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf space = BUF_OF(memory);
    struct endorsement told, again;

    if (endorsement_tell((struct view){data, size}, &space, &told) != STATUS_OK)
        return 0;
    check_name(told.name);
    space.len = 0;
    if (endorsement_tell((struct view){data, size}, &space, &again) != STATUS_OK || again.kind != told.kind ||
        again.not_before != told.not_before || again.not_after != told.not_after)
        abort();
    return 0;
}
