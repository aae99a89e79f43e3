/* dense_split.c: see dense_split.h. */
#include "dense_split.h"

#include <stdlib.h>

#include "dense_random.h"

/* What every kind of split works with: the examples' numbers in some order, and the lot. */
struct deal {
    const struct dense_examples *examples;
    const struct dense_options *options;
    struct dense_random random;
    uint32_t *order; /* examples->count numbers */
    uint32_t *parts; /* 2 * parts numbers, free to use */
    double *shares;  /* parts numbers, free to use */
};

int dense_list_has(const struct dense_list *list, uint32_t number)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->value[i] == number)
            return 1;
    }
    return 0;
}

static void split_iid(struct deal *deal, uint8_t *mine)
{
    dense_random_shuffle(&deal->random, deal->order, deal->examples->count);
    for (uint32_t i = 0; i < deal->examples->count; i++)
        mine[deal->order[i]] = i / deal->options->batch % deal->options->parts == deal->options->part;
}

/* Fills order with the examples by class, in file order within a class. */
static void sort_by_label(struct deal *deal)
{
    uint32_t at = 0;

    for (uint32_t label = 0; label < deal->examples->classes; label++) {
        for (uint32_t i = 0; i < deal->examples->count; i++) {
            if (deal->examples->labels[i] == label)
                deal->order[at++] = i;
        }
    }
}

static void split_shard(struct deal *deal, uint8_t *mine)
{
    uint64_t shards = 2 * (uint64_t)deal->options->parts, count = deal->examples->count;

    sort_by_label(deal);
    for (uint32_t i = 0; i < shards; i++)
        deal->parts[i] = i / 2;
    dense_random_shuffle(&deal->random, deal->parts, (size_t)shards);
    for (uint64_t shard = 0; shard < shards; shard++) {
        for (uint64_t i = count * shard / shards; i < count * (shard + 1) / shards; i++)
            mine[deal->order[i]] = deal->parts[shard] == deal->options->part;
    }
}

/* Draws the parts' shares of one class: gamma draws, whose ratios are a Dirichlet draw. */
static double draw_shares(struct deal *deal)
{
    double sum = 0;

    for (uint32_t part = 0; part < deal->options->parts; part++) {
        deal->shares[part] = dense_random_gamma(&deal->random, deal->options->alpha);
        sum += deal->shares[part];
    }
    return sum;
}

/* Deals one class, which stands at order[first..end). */
static void deal_class(struct deal *deal, uint32_t first, uint32_t end, uint8_t *mine)
{
    double sum = draw_shares(deal), until = 0;
    uint32_t at = first;

    dense_random_shuffle(&deal->random, deal->order + first, end - first);
    for (uint32_t part = 0; part < deal->options->parts; part++) {
        until += deal->shares[part];
        uint32_t stop = first + (sum > 0 ? (uint32_t)(until / sum * (end - first)) : 0);
        if (part + 1 == deal->options->parts || stop > end)
            stop = end;
        for (; at < stop; at++)
            mine[deal->order[at]] = part == deal->options->part;
    }
}

static void split_dirichlet(struct deal *deal, uint8_t *mine)
{
    const uint32_t *labels = deal->examples->labels;

    sort_by_label(deal);
    for (uint32_t first = 0, end; first < deal->examples->count; first = end) {
        uint32_t label = labels[deal->order[first]];
        for (end = first; end < deal->examples->count && labels[deal->order[end]] == label; end++)
            ;
        deal_class(deal, first, end, mine);
    }
}

static void split_group(struct deal *deal, uint8_t *mine)
{
    for (uint32_t i = 0; i < deal->examples->count; i++)
        mine[i] = (uint8_t)dense_list_has(&deal->options->groups, deal->examples->groups[i]);
}

enum dense_exit dense_split(const struct dense_examples *examples, const struct dense_options *options, uint8_t *mine,
                            struct dense_fault *fault)
{
    static void (*const kinds[])(struct deal *, uint8_t *) = {
        [DENSE_SPLIT_IID] = split_iid,
        [DENSE_SPLIT_SHARD] = split_shard,
        [DENSE_SPLIT_DIRICHLET] = split_dirichlet,
        [DENSE_SPLIT_GROUP] = split_group,
    };
    CLEANUP(dense_free) uint32_t *order = calloc(examples->count + (size_t)1, sizeof *order);
    CLEANUP(dense_free) uint32_t *parts = calloc(2 * (size_t)options->parts, sizeof *parts);
    CLEANUP(dense_free) double *shares = calloc(options->parts, sizeof *shares);

    if (!order || !parts || !shares)
        return dense_fail_memory(fault);
    for (uint32_t i = 0; i < examples->count; i++)
        order[i] = i;
    struct deal deal = {examples, options, dense_random_seed(options->split_seed), order, parts, shares};
    kinds[options->split](&deal, mine);
    return DENSE_OK;
}
