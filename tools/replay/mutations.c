/* mutations.c: see mutations.h. */
#include "mutations.h"

#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "stream.h"

void mutated_free(struct mutated *mutated)
{
    free(mutated->chunks);
    heap_give(&mutated->own);
    *mutated = (struct mutated){.count = 0};
}

/* The victim as it is, with room for one chunk more. */
static enum status copy(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t count = of->victim->count;

    out->device = of->device;
    out->round = of->round;
    out->count = count;
    out->chunks = calloc((size_t)count + 1, sizeof *out->chunks);
    if (out->chunks == NULL)
        return STATUS_IO;
    memcpy(out->chunks, of->victim->chunks, count * sizeof *out->chunks);
    return STATUS_OK;
}

static uint32_t any_chunk(const struct mutation_of *of)
{
    return (uint32_t)stream_below(of->random, of->victim->count);
}

/* A chunk of its own, which may be changed, with room for `more` bytes. */
static enum status own_chunk(struct mutated *out, uint32_t index, size_t more)
{
    TRY(heap_take(out->chunks[index].len + more, &out->own));
    TRY(buf_append(&out->own, out->chunks[index]));
    out->chunks[index] = buf_view(&out->own);
    return STATUS_OK;
}

/* Flips one bit of a part of some chunk, which `part` finds. */
static enum status flip(const struct mutation_of *of, struct mutated *out,
                        struct view (*part)(const struct cose_encrypt0 *chunk))
{
    const uint32_t index = any_chunk(of);
    struct cose_encrypt0 parts;
    struct view at;
    size_t offset;

    TRY(copy(of, out));
    TRY(own_chunk(out, index, 0));
    TRY(cose_encrypt0_decode(out->chunks[index], &parts));
    at = part(&parts);
    if (at.len == 0)
        return STATUS_NOT_FOUND;
    offset = (size_t)(at.ptr - out->own.ptr) + (size_t)stream_below(of->random, at.len);
    out->own.ptr[offset] = (uint8_t)(out->own.ptr[offset] ^ 1u << stream_below(of->random, 8));
    return STATUS_OK;
}

static struct view ciphertext_of(const struct cose_encrypt0 *chunk)
{
    return (struct view){chunk->ciphertext.ptr, chunk->ciphertext.len - AEAD_TAG_SIZE};
}

static struct view tag_of(const struct cose_encrypt0 *chunk)
{
    return (struct view){chunk->ciphertext.ptr + chunk->ciphertext.len - AEAD_TAG_SIZE, AEAD_TAG_SIZE};
}

static struct view header_of(const struct cose_encrypt0 *chunk)
{
    return chunk->protected_;
}

static struct view iv_of(const struct cose_encrypt0 *chunk)
{
    return chunk->iv;
}

static enum status flip_ciphertext(const struct mutation_of *of, struct mutated *out)
{
    return flip(of, out, ciphertext_of);
}

static enum status flip_tag(const struct mutation_of *of, struct mutated *out)
{
    return flip(of, out, tag_of);
}

static enum status flip_header(const struct mutation_of *of, struct mutated *out)
{
    return flip(of, out, header_of);
}

static enum status flip_iv(const struct mutation_of *of, struct mutated *out)
{
    return flip(of, out, iv_of);
}

static enum status cut_chunk(const struct mutation_of *of, struct mutated *out)
{
    struct view *chunk;

    TRY(copy(of, out));
    chunk = &out->chunks[any_chunk(of)];
    chunk->len = 1 + (size_t)stream_below(of->random, chunk->len - 1);
    return STATUS_OK;
}

static enum status lengthen_chunk(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t index = any_chunk(of);

    TRY(copy(of, out));
    TRY(own_chunk(out, index, 1));
    out->own.ptr[out->own.len++] = (uint8_t)stream_next(of->random);
    out->chunks[index] = buf_view(&out->own);
    return STATUS_OK;
}

static enum status drop_chunk(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t index = any_chunk(of);

    TRY(copy(of, out));
    memmove(out->chunks + index, out->chunks + index + 1, (out->count - index - 1) * sizeof *out->chunks);
    out->count--;
    return STATUS_OK;
}

static enum status repeat_chunk(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t index = any_chunk(of);

    if (of->victim->count == CHUNKS_MAX)
        return STATUS_NOT_FOUND;
    TRY(copy(of, out));
    memmove(out->chunks + index + 1, out->chunks + index, (out->count - index) * sizeof *out->chunks);
    out->count++;
    return STATUS_OK;
}

static enum status swap_chunks(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t first = any_chunk(of),
                   second = (first + 1 + (uint32_t)stream_below(of->random, of->victim->count - 1)) % of->victim->count;
    struct view kept;

    TRY(copy(of, out));
    kept = out->chunks[first];
    out->chunks[first] = out->chunks[second];
    out->chunks[second] = kept;
    return STATUS_OK;
}

static enum status move_chunk(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t index = any_chunk(of);

    TRY(copy(of, out));
    out->chunks[index] = of->other->chunks[index < of->other->count ? index : of->other->count - 1];
    return STATUS_OK;
}

static enum status rename_device(const struct mutation_of *of, struct mutated *out)
{
    TRY(copy(of, out));
    out->device = of->other_device;
    return STATUS_OK;
}

static enum status move_round(const struct mutation_of *of, struct mutated *out)
{
    const uint32_t by = 1 + (uint32_t)stream_below(of->random, 3);

    TRY(copy(of, out));
    out->round = of->round > by && stream_below(of->random, 2) == 0 ? of->round - by : of->round + by;
    return STATUS_OK;
}

static enum status same_again(const struct mutation_of *of, struct mutated *out)
{
    return copy(of, out);
}

#define ENCODING \
    STATUS_MALFORMED, STATUS_TRUNCATED, STATUS_TRAILING, STATUS_NOT_SHORTEST, STATUS_TOO_DEEP, STATUS_OUT_OF_RANGE, \
        STATUS_DUPLICATE_KEY, STATUS_UNORDERED, STATUS_UNSUPPORTED

const struct mutation mutations[] = {
    {"a bit of a ciphertext flipped", false, false, false, flip_ciphertext, {STATUS_FORGED}},
    {"a bit of a tag flipped", false, false, false, flip_tag, {STATUS_FORGED}},
    {"a bit of an IV flipped", false, false, false, flip_iv, {STATUS_FORGED}},
    {"a bit of a header flipped",
     false,
     false,
     false,
     flip_header,
     {ENCODING, STATUS_FORGED, STATUS_CREDENTIAL_EXPIRED, STATUS_CREDENTIAL_FOREIGN, STATUS_CREDENTIAL_ROLE,
      STATUS_CHUNK_MISSING, STATUS_CHUNK_REPEATED, STATUS_CHUNK_ORDER, STATUS_CHUNK_MIXED, STATUS_NO_SPACE}},
    {"a chunk cut short", false, false, false, cut_chunk, {ENCODING}},
    {"a byte behind a chunk", false, false, false, lengthen_chunk, {STATUS_TRAILING}},
    {"a chunk dropped", false, true, false, drop_chunk, {STATUS_CHUNK_MISSING}},
    {"a chunk repeated", false, false, false, repeat_chunk, {STATUS_CHUNK_REPEATED}},
    {"two chunks swapped", false, true, false, swap_chunks, {STATUS_CHUNK_ORDER}},
    {"a chunk of another device's update",
     false,
     false,
     true,
     move_chunk,
     {STATUS_CHUNK_MIXED, STATUS_CHUNK_MISSING, STATUS_FORGED}},
    {"under another device's name", false, false, true, rename_device, {STATUS_FORGED, STATUS_ALREADY_COUNTED}},
    {"under another round", false, false, false, move_round, {STATUS_WRONG_ROUND}},
    {"the same update again", true, false, false, same_again, {STATUS_ALREADY_COUNTED}},
};
const size_t mutation_count = ARRAY_LEN(mutations);

bool mutation_allows(const struct mutation *mutation, enum status reason)
{
    for (size_t i = 0; mutation->reasons[i] != STATUS_OK; i++)
        if (mutation->reasons[i] == reason)
            return true;
    return false;
}
