/* seen.c: see seen.h. Open addressing, at most half full; keys are the beginnings of SHA-256. */
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"

static const uint8_t nothing[16];

static enum status key_of(struct view a, struct view b, uint8_t out[static SHA256_SIZE])
{
    const uint8_t mark[4] = {(uint8_t)(a.len >> 24), (uint8_t)(a.len >> 16), (uint8_t)(a.len >> 8), (uint8_t)a.len};
    const struct view pieces[] = {VIEW_OF(mark), a, b};

    return sha256_pieces(pieces, ARRAY_LEN(pieces), out);
}

/* Where a key is, or is to be; NULL in a table without room. */
static uint8_t *slot_of(const struct seen_table *table, const uint8_t key[static 16])
{
    for (size_t i = 0, at = table->cap > 0 ? (size_t)read_be64(key) % table->cap : 0; i < table->cap;
         i++, at = (at + 1) % table->cap)
        if (memcmp(table->keys[at], key, 16) == 0 || memcmp(table->keys[at], nothing, 16) == 0)
            return table->keys[at];
    return NULL;
}

static bool has(const struct seen_table *table, const uint8_t key[static 16])
{
    const uint8_t *slot = slot_of(table, key);

    return slot != NULL && memcmp(slot, key, 16) == 0;
}

static enum status grow(struct seen_table *table)
{
    struct seen_table larger = {.cap = table->cap == 0 ? 64 : 2 * table->cap, .count = table->count};

    larger.keys = calloc(larger.cap, sizeof *larger.keys);
    if (larger.keys == NULL)
        return STATUS_IO;
    for (size_t i = 0; i < table->cap; i++)
        if (memcmp(table->keys[i], nothing, 16) != 0)
            memcpy(slot_of(&larger, table->keys[i]), table->keys[i], 16);
    free(table->keys);
    *table = larger;
    return STATUS_OK;
}

enum status seen_add(struct seen *seen, struct view a, struct view b, bool *was)
{
    uint8_t key[SHA256_SIZE];

    TRY(key_of(a, b, key));
    *was = has(&seen->now, key) || has(&seen->before, key);
    if (has(&seen->now, key))
        return STATUS_OK;
    if (2 * seen->now.count >= seen->now.cap)
        TRY(grow(&seen->now));
    memcpy(slot_of(&seen->now, key), key, 16);
    seen->now.count++;
    return STATUS_OK;
}

bool seen_has(const struct seen *seen, struct view a, struct view b)
{
    uint8_t key[SHA256_SIZE];

    return key_of(a, b, key) == STATUS_OK && (has(&seen->now, key) || has(&seen->before, key));
}

void seen_turn(struct seen *seen)
{
    free(seen->before.keys);
    seen->before = seen->now;
    seen->now = (struct seen_table){0};
}

void seen_free(struct seen *seen)
{
    seen_turn(seen);
    seen_turn(seen);
}
