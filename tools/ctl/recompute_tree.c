/* recompute_tree.c: see recompute_tree.h. */
#include "recompute_tree.h"

#include <stdlib.h>
#include <string.h>

#include "writer.h"

#define CHOICES_MAX 1000000 /* roots that are tried */

enum status recompute_leaf_of(struct view device, uint32_t round, struct view update_digest, struct recompute_leaf *out)
{
    static const uint8_t prefix = 0;
    uint8_t bytes[NAME_MAX_LEN + DIGEST_SIZE + 4 * WRITER_HEAD_MAX];
    struct buf data = BUF_OF(bytes);
    struct writer writer = writer_to(&data);

    write_array(&writer, 3);
    write_text(&writer, device);
    write_uint(&writer, round);
    write_bytes(&writer, update_digest);
    TRY(writer_end(&writer));
    return sha256_pieces((struct view[]){{&prefix, 1}, buf_view(&data)}, 2, out->hash);
}

enum status recompute_root(const struct recompute_leaf *leaves, size_t count, uint8_t out[static DIGEST_SIZE])
{
    static const uint8_t prefix = 1;
    uint8_t left[DIGEST_SIZE], right[DIGEST_SIZE];
    size_t split = 1;

    if (count == 0)
        return sha256((struct view){NULL, 0}, out);
    if (count == 1) {
        memcpy(out, leaves[0].hash, DIGEST_SIZE);
        return STATUS_OK;
    }
    while (2 * split < count)
        split *= 2; /* the largest power of two below count */
    TRY(recompute_root(leaves, split, left));
    TRY(recompute_root(leaves + split, count - split, right));
    return sha256_pieces((struct view[]){{&prefix, 1}, VIEW_OF(left), VIEW_OF(right)}, 3, out);
}

/* The next choice of as many indices below count, in lexical order. False after the last. */
static bool next_choice(size_t *choice, size_t wanted, size_t count)
{
    for (size_t i = wanted; i > 0; i--) {
        if (choice[i - 1] == count - wanted + i - 1)
            continue;
        choice[i - 1]++;
        for (size_t j = i; j < wanted; j++)
            choice[j] = choice[j - 1] + 1;
        return true;
    }
    return false;
}

static enum status try_choices(const struct recompute_leaf *leaves, size_t count, struct view root, size_t *choice,
                               struct recompute_leaf *picked, size_t wanted)
{
    uint8_t found[DIGEST_SIZE];

    for (size_t i = 0; i < wanted; i++)
        choice[i] = i;
    for (uint32_t tries = 0; tries < CHOICES_MAX; tries++) {
        for (size_t i = 0; i < wanted; i++)
            picked[i] = leaves[choice[i]];
        TRY(recompute_root(picked, wanted, found));
        if (view_equal(VIEW_OF(found), root))
            return STATUS_OK;
        if (!next_choice(choice, wanted, count))
            return STATUS_NOT_FOUND;
    }
    return STATUS_OUT_OF_RANGE;
}

enum status recompute_choose(const struct recompute_leaf *leaves, size_t count, size_t wanted, struct view root,
                             bool *chosen)
{
    size_t *choice;
    struct recompute_leaf *picked;
    enum status status = STATUS_IO;

    if (wanted > count)
        return STATUS_NOT_FOUND;
    choice = calloc(wanted + 1, sizeof *choice);
    picked = calloc(wanted + 1, sizeof *picked);
    if (choice != NULL && picked != NULL)
        status = try_choices(leaves, count, root, choice, picked, wanted);
    if (status == STATUS_OK) {
        memset(chosen, 0, count * sizeof *chosen);
        for (size_t i = 0; i < wanted; i++)
            chosen[choice[i]] = true;
    }
    free(picked);
    free(choice);
    return status;
}
