/* mutate.c: see mutate.h. A case: the round begins as it began, all its counted updates come in an order that the seed
 * draws, and among them one that is damaged. It must be refused as documented, the others counted, and the round come to
 * the root, the metrics and the model that were captured. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate_private.h"
#include "mutations.h"
#include "stream.h"

#define TRIES 64 /* to draw a mutation that fits: some need several chunks or another device */

struct one {
    struct mutating *mutating;
    struct mutate_case *out;
    const struct mutation *mutation;
    uint64_t random;
    size_t victim, other; /* among the counted ones */
};

static struct view device_of(const struct counted *counted)
{
    return (struct view){(const uint8_t *)counted->device, counted->device_len};
}

__attribute__((format(printf, 2, 3))) static void fail(struct one *one, const char *format, ...)
{
    va_list arguments;

    if (!one->out->good)
        return;
    one->out->good = false;
    va_start(arguments, format);
    (void)vsnprintf(one->out->why, sizeof one->out->why, format, arguments);
    va_end(arguments);
}

static enum status gather_counted(struct mutating *mutating, size_t which, struct gathered *out)
{
    struct gather_of of = {.aggregator = mutating->verifying.place.aggregator,
                           .device = device_of(&mutating->counted[which]),
                           .round = mutating->loaded->round};

    memcpy(of.transfer, mutating->counted[which].transfer, TRANSFER_SIZE);
    return gather_update(mutating->verifying.source, &of, out);
}

static enum status hand(struct mutating *mutating, struct view device, uint32_t round, const struct view *chunks,
                        uint32_t count, enum status *reason)
{
    const struct replayed_update update = {.device = device, .round = round, .count = count, .chunks = chunks};
    struct gate_answer answer;

    TRY(replayed_update(&mutating->verifying.core, &update, &answer));
    *reason = answer.reason;
    return STATUS_OK;
}

static enum status hand_damaged(struct one *one, const struct gathered *victim)
{
    CLEANUP(gathered_free) struct gathered other = {0};
    CLEANUP(mutated_free) struct mutated damaged = {.count = 0};
    struct mutating *mutating = one->mutating;
    const struct mutation_of of = {
        .victim = victim,
        .other = &other,
        .device = device_of(&mutating->counted[one->victim]),
        .other_device = device_of(&mutating->counted[one->other]),
        .round = mutating->loaded->round,
        .random = &one->random,
    };

    if (one->mutation->needs_other)
        TRY(gather_counted(mutating, one->other, &other));
    TRY(one->mutation->make(&of, &damaged));
    TRY(hand(mutating, damaged.device, damaged.round, damaged.chunks, damaged.count, &one->out->reason));
    if (!mutation_allows(one->mutation, one->out->reason))
        fail(one, "refused with %s", status_name(one->out->reason));
    return STATUS_OK;
}

static enum status hand_true(struct one *one, size_t which)
{
    CLEANUP(gathered_free) struct gathered update = {0};
    struct mutating *mutating = one->mutating;
    const bool is_victim = which == one->victim;
    enum status reason;

    TRY(gather_counted(mutating, which, &update));
    if (is_victim && !one->mutation->after)
        TRY(hand_damaged(one, &update));
    TRY(hand(mutating, device_of(&mutating->counted[which]), mutating->loaded->round, update.chunks, update.count,
             &reason));
    if (reason != STATUS_OK)
        fail(one, "the true update of %.*s is not counted any more: %s", (int)mutating->counted[which].device_len,
             mutating->counted[which].device, status_name(reason));
    return is_victim && one->mutation->after ? hand_damaged(one, &update) : STATUS_OK;
}

static bool same_metrics(const struct metrics *a, const struct metrics *b)
{
    bool same = a->count == b->count;

    for (uint32_t i = 0; i < a->count && same; i++)
        same = view_equal(a->list[i].name, b->list[i].name) && a->list[i].value == b->list[i].value &&
               a->list[i].weight == b->list[i].weight;
    return same;
}

static enum status compare_end(struct one *one)
{
    const struct record *captured = &one->mutating->record;
    static struct record made;
    struct cose_sign1 parts;
    struct view message;
    enum status status = replayed_message(&one->mutating->verifying.core, GATE_CLOSE, captured->closed,
                                          (struct view){NULL, 0}, &message);

    if (status != STATUS_OK) {
        fail(one, "the round does not close any more: %s", status_text(status));
        return STATUS_OK;
    }
    TRY(cose_sign1_decode(message, &parts));
    TRY(record_decode(parts.payload, &made));
    if (made.counted != captured->counted || made.samples != captured->samples ||
        !view_equal(made.root, captured->root))
        fail(one, "the round counts other updates than without it");
    else if (!view_equal(made.model, captured->model) || !same_metrics(&made.metrics, &captured->metrics))
        fail(one, "the round comes to another model or other metrics than without it");
    return STATUS_OK;
}

/* Draws a mutation that fits, its victim, and another device. false: none fits. */
static bool draw(struct one *one, uint32_t victim_chunks)
{
    const size_t counted = one->mutating->counted_count;

    for (int i = 0; i < TRIES; i++) {
        one->mutation = &mutations[stream_below(&one->random, mutation_count)];
        if ((!one->mutation->needs_many || victim_chunks > 1) && (!one->mutation->needs_other || counted > 1))
            return true;
    }
    return false;
}

static enum status choose(struct one *one)
{
    CLEANUP(gathered_free) struct gathered update = {0};
    struct mutating *mutating = one->mutating;
    const struct counted *victim;

    one->victim = (size_t)stream_below(&one->random, mutating->counted_count);
    one->other = (one->victim + 1) % mutating->counted_count;
    victim = &mutating->counted[one->victim];
    TRY(gather_counted(mutating, one->victim, &update));
    (void)snprintf(one->out->device, sizeof one->out->device, "%.*s", (int)victim->device_len, victim->device);
    return draw(one, update.count) ? STATUS_OK : STATUS_NOT_FOUND;
}

static void shuffle(size_t *order, size_t count, uint64_t *random)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        const size_t j = (size_t)stream_below(random, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void free_order(size_t **order)
{
    free(*order);
}

static enum status run_case(struct one *one)
{
    struct mutating *mutating = one->mutating;
    struct verifying *verifying = &mutating->verifying;
    CLEANUP(free_order) size_t *order = calloc(mutating->counted_count, sizeof *order);
    struct view message;

    if (order == NULL)
        return STATUS_IO;
    TRY(choose(one));
    one->out->mutation = one->mutation->name;
    shuffle(order, mutating->counted_count, &one->random);
    TRY(verify_open(verifying, &verifying->index->boots[mutating->loaded->boot], &mutating->start, &message));
    for (size_t i = 0; i < mutating->counted_count; i++)
        TRY(hand_true(one, order[i]));
    return compare_end(one);
}

static enum status add_digest(struct mutate_totals *totals, const struct mutate_case *one)
{
    char line[512];
    struct view pieces[2] = {VIEW_OF(totals->digest), {(const uint8_t *)line, 0}};

    (void)snprintf(line, sizeof line, "%llu %u %s %s %s %s", (unsigned long long)one->number, (unsigned int)one->round,
                   one->device, one->mutation, status_name(one->reason), one->good ? "" : one->why);
    pieces[1].len = strlen(line);
    return sha256_pieces(pieces, 2, totals->digest);
}

static enum status run_all(struct mutating *mutating, const struct mutate_options *options)
{
    for (uint64_t number = 1; number <= options->count; number++) {
        struct mutate_case out = {.number = number, .good = true};
        struct one one = {.mutating = mutating, .out = &out, .random = options->seed * 0x9e3779b97f4a7c15u + number};
        const struct index_round *round =
            mutating->rounds[(size_t)((number - 1) * mutating->round_count / options->count)];
        TRY(mutate_load(mutating, round));
        out.round = round->round;
        TRY(run_case(&one));
        mutating->totals.cases++;
        mutating->totals.bad += !out.good;
        mutating->totals.refused[out.reason]++;
        TRY(add_digest(&mutating->totals, &out));
        mutating->sink->done(mutating->sink->ctx, &out);
    }
    return STATUS_OK;
}

enum status mutate_run(struct source *source, const struct index *index, const struct verify_options *options,
                       const struct mutate_options *mutate, const struct mutate_sink *sink, struct mutate_totals *out)
{
    CLEANUP(mutating_end) struct mutating mutating = {.sink = sink};

    TRY(verifying_begin(&mutating.verifying, source, index, options, &mutate_quiet));
    TRY(mutate_find_rounds(&mutating));
    TRY(run_all(&mutating, mutate));
    *out = mutating.totals;
    return STATUS_OK;
}
