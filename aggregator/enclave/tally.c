/* tally.c: see tally.h. */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

void tally_begin(struct tally *tally)
{
    memset(tally->slots, 0, tally->slot_count * sizeof *tally->slots);
    memset(tally->metrics, 0, sizeof tally->metrics);
    tally->count = 0;
    tally->metric_count = 0;
}

static bool is_free(const struct merkle_hash *slot)
{
    static const struct merkle_hash none;

    return memcmp(slot, &none, sizeof none) == 0;
}

/* The slot that holds a hash, or the free one where it would stand. The set is at most half full, so there is one. */
static size_t find_slot(const struct tally *tally, const struct merkle_hash *hash)
{
    size_t at = (size_t)(read_be64(hash->bytes) % tally->slot_count);

    while (!is_free(&tally->slots[at]) && memcmp(&tally->slots[at], hash, sizeof *hash) != 0)
        at = (at + 1) % tally->slot_count;
    return at;
}

enum status tally_may_count(const struct tally *tally, struct view device)
{
    struct merkle_hash hash;

    TRY(sha256(device, hash.bytes));
    if (!is_free(&tally->slots[find_slot(tally, &hash)]))
        return STATUS_ALREADY_COUNTED;
    return tally->count < tally->capacity ? STATUS_OK : STATUS_COHORT_FULL;
}

enum status tally_count(struct tally *tally, const struct counted *counted)
{
    struct merkle_hash device, leaf;

    TRY(sha256(counted->device, device.bytes));
    TRY(merkle_leaf(counted->device, counted->round, counted->update_digest, &leaf));
    tally->slots[find_slot(tally, &device)] = device;
    tally->leaves[tally->count++] = leaf;
    return STATUS_OK;
}

static struct view name_of(const struct metric_sum *sum)
{
    return (struct view){(const uint8_t *)sum->name, sum->name_len};
}

/* The sum of a name, made in its place when it is new; NULL when the table is full of smaller names. A name that was
 * pushed out has METRICS_MAX smaller ones before it for good, so it never comes back with a part of its sum. */
static struct metric_sum *metric_at(struct tally *tally, struct view name)
{
    uint32_t at = 0;
    int order = 1;

    while (at < tally->metric_count && (order = view_compare(name_of(&tally->metrics[at]), name)) < 0)
        at++;
    if (at < tally->metric_count && order == 0)
        return &tally->metrics[at];
    if (at == METRICS_MAX)
        return NULL;
    if (tally->metric_count < METRICS_MAX)
        tally->metric_count++;
    memmove(&tally->metrics[at + 1], &tally->metrics[at], (tally->metric_count - 1 - at) * sizeof *tally->metrics);
    tally->metrics[at] = (struct metric_sum){.name_len = name.len};
    memcpy(tally->metrics[at].name, name.ptr, name.len);
    return &tally->metrics[at];
}

void tally_measure(struct tally *tally, const struct metrics *metrics)
{
    for (uint32_t i = 0; i < metrics->count; i++) {
        const struct metric *metric = &metrics->list[i];
        struct metric_sum *sum = metric_at(tally, metric->name);
        if (sum == NULL)
            continue;
        sum->sum += metric->value * (int64_t)metric->weight;
        sum->weight += metric->weight;
    }
}

/* Rounds half away from zero. */
static int64_t divide(int64_t sum, uint64_t weight)
{
    uint64_t magnitude = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
    uint64_t mean = magnitude / weight;

    if (magnitude % weight >= weight - magnitude % weight)
        mean++;
    return sum < 0 ? -(int64_t)mean : (int64_t)mean;
}

void tally_means(const struct tally *tally, struct metrics *out)
{
    out->count = tally->metric_count;
    for (uint32_t i = 0; i < tally->metric_count; i++) {
        const struct metric_sum *sum = &tally->metrics[i];
        out->list[i] = (struct metric){
            .name = {(const uint8_t *)sum->name, sum->name_len},
            .value = divide(sum->sum, sum->weight),
            .weight = sum->weight,
        };
    }
}

static int compare_leaves(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct merkle_hash));
}

/* RFC 9162 splits at the largest power of two below n. That is the same tree as one that merges equal subtrees from the
 * left, as a binary counter does, and joins what remains from the right at the end. */
enum status tally_root(struct tally *tally, uint8_t root[static SHA256_SIZE])
{
    struct merkle_hash stack[33];
    unsigned int depth = 0;

    if (tally->count == 0)
        return sha256((struct view){NULL, 0}, root);
    qsort(tally->leaves, tally->count, sizeof *tally->leaves, compare_leaves);
    for (uint32_t i = 0; i < tally->count; i++) {
        stack[depth++] = tally->leaves[i];
        for (uint32_t ones = i; ones & 1; ones >>= 1, depth--)
            TRY(merkle_node(&stack[depth - 2], &stack[depth - 1], &stack[depth - 2]));
    }
    for (; depth > 1; depth--)
        TRY(merkle_node(&stack[depth - 2], &stack[depth - 1], &stack[depth - 2]));
    memcpy(root, stack[0].bytes, SHA256_SIZE);
    return STATUS_OK;
}
