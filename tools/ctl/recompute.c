/* recompute.c: `tacit recompute`: opens the kept updates of each round, adds them up with arithmetic of its own, and
 * compares what comes out with the record that the enclave signed. Nothing of the enclave's code is used. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "file.h"
#include "recompute.h"
#include "recompute_kept.h"
#include "recompute_sum.h"

static void recomputing_end(struct recomputing *recomputing)
{
    chain_free(&recomputing->chain);
    model_file_free(&recomputing->model);
    file_free(&recomputing->bundle_bytes);
}

/* Adds the deltas of an update; their shapes must be the model's. */
static enum status add_update(const struct recomputing *recomputing, struct recompute_sum *sum,
                              const struct update *update)
{
    struct reader reader = reader_of(update->tensors);
    uint64_t first = 0;

    if (update->tensor_count != recomputing->layout.count)
        return STATUS_WRONG_SHAPE;
    for (uint32_t i = 0; i < recomputing->layout.count; i++) {
        const uint64_t elements = recomputing->layout.tensors[i].elements;
        const struct tensor deltas = read_tensor(&reader, elements, elements);
        if (reader.status != STATUS_OK)
            return reader.status;
        TRY(recompute_add(sum, first, &deltas, update->samples));
        first += elements;
    }
    return reader_end(&reader);
}

static enum status sum_chosen(const struct recomputing *recomputing, const struct kept_updates *updates,
                              const bool *chosen, struct recompute_sum *sum)
{
    for (size_t i = 0; i < updates->count; i++) {
        const struct update *update = &updates->list[i].update;
        if (!chosen[i])
            continue;
        if (update->samples < 1 || update->samples > recomputing->policy.max_samples)
            return STATUS_TOO_MANY_SAMPLES;
        sum->samples += update->samples;
        if (update->task == TASK_TRAIN)
            TRY(add_update(recomputing, sum, update));
    }
    return STATUS_OK;
}

static enum status apply(struct recomputing *recomputing, const struct recompute_sum *sum)
{
    uint64_t index = 0;

    for (uint32_t i = 0; i < recomputing->layout.count; i++) {
        uint8_t *values = recomputing->model.encoded.ptr + recomputing->layout.tensors[i].offset;
        for (uint64_t j = 0; j < recomputing->layout.tensors[i].elements; j++, index++) {
            float value;
            uint32_t bits = read_le32(values + 4 * j);
            memcpy(&value, &bits, sizeof value);
            value = recompute_value(sum, index, value);
            memcpy(&bits, &value, sizeof bits);
            write_le32(values + 4 * j, bits);
        }
    }
    return sha256(buf_view(&recomputing->model.encoded), recomputing->model.digest);
}

/* Finds the counted updates by the record's root, adds them, and makes the model of a released training round. */
static enum status recompute_updates(struct recomputing *recomputing, const struct record *record,
                                     const struct kept_updates *updates, struct recompute_sum *sum)
{
    struct recompute_leaf *leaves = calloc(updates->count + 1, sizeof *leaves);
    bool *chosen = calloc(updates->count + 1, sizeof *chosen);
    enum status status = leaves != NULL && chosen != NULL ? STATUS_OK : STATUS_IO;

    for (size_t i = 0; status == STATUS_OK && i < updates->count; i++)
        leaves[i] = updates->list[i].leaf;
    if (status == STATUS_OK)
        status = recompute_choose(leaves, updates->count, record->counted, record->root, chosen);
    if (status == STATUS_OK)
        status = sum_chosen(recomputing, updates, chosen, sum);
    if (status == STATUS_OK && record->reason == STATUS_OK && record->task == TASK_TRAIN && sum->samples > 0)
        status = apply(recomputing, sum);
    free(chosen);
    free(leaves);
    return status;
}

/* What differs, or NULL. */
static const char *compare(const struct recomputing *recomputing, const struct chain_entry *entry,
                           const struct recompute_sum *sum)
{
    if (sum->samples != entry->record.samples)
        return "the samples differ";
    if (!view_equal(VIEW_OF(recomputing->model.digest), entry->record.model))
        return "the model differs";
    return NULL;
}

static const char *precondition(const struct recomputing *recomputing, const struct chain_entry *entry)
{
    if (!entry->believed)
        return "the record is not vouched for by the enclave of bundle.cbor";
    if (!view_equal(entry->record.policy_digest, VIEW_OF(recomputing->policy_digest)))
        return "the record was made under another policy";
    if (!view_equal(entry->record.base, VIEW_OF(recomputing->model.digest)))
        return "its base is not the model of the round before";
    return NULL;
}

/* One round, whose record is to be believed. *difference tells what differs, NULL for nothing. */
static enum status recompute_round(struct recomputing *recomputing, const struct chain_entry *entry,
                                   struct recompute_sum *sum, const char **difference)
{
    CLEANUP(kept_free) struct kept_updates updates = {0};
    enum status status;

    TRY(kept_read(recomputing->folder, &recomputing->place, &entry->record, &updates, recomputing->reason));
    status = recompute_updates(recomputing, &entry->record, &updates, sum);
    switch (status) {
    case STATUS_OK:
        *difference = compare(recomputing, entry, sum);
        return STATUS_OK;
    case STATUS_NOT_FOUND:
        *difference = "no choice of the kept updates has its root";
        break;
    case STATUS_OUT_OF_RANGE:
        *difference = "too many updates are kept that were not counted";
        break;
    default:
        *difference = status_text(status);
    }
    if (updates.unusable > 0)
        fprintf(stderr, "round %" PRIu32 ": %zu kept updates are unusable\n", entry->record.round, updates.unusable);
    return STATUS_OK;
}

static void tell(const struct recomputing *recomputing, const struct chain_entry *entry, const char *difference)
{
    char model[2 * DIGEST_SIZE + 1], root[2 * DIGEST_SIZE + 1];

    hex_encode(VIEW_OF(recomputing->model.digest), model);
    hex_encode(entry->record.root, root);
    printf("round %" PRIu32 "  updates %" PRIu32 "  samples %" PRIu64 "  root %.8s...  model %.8s...  %s%s\n",
           entry->record.round, entry->record.counted, entry->record.samples, root, model,
           difference == NULL ? "identical" : "DIFFERENT: ", difference == NULL ? "" : difference);
}

/* Until the first difference: what follows on it has no base. */
static enum status recompute_all(struct recomputing *recomputing, int64_t *sums)
{
    char digest[2 * DIGEST_SIZE + 1];

    for (size_t i = 0; i < recomputing->chain.count; i++) {
        const struct chain_entry *entry = &recomputing->chain.entries[i];
        struct recompute_sum sum = {.sums = sums, .fraction_bits = recomputing->policy.fraction_bits};
        const char *difference = precondition(recomputing, entry);

        memset(sums, 0, (size_t)recomputing->layout.parameters * sizeof *sums);
        if (difference == NULL)
            TRY(recompute_round(recomputing, entry, &sum, &difference));
        tell(recomputing, entry, difference);
        if (difference != NULL) {
            reason_set(recomputing->reason, "round %" PRIu32 ": %s", entry->record.round, difference);
            return STATUS_MODEL_OTHER;
        }
    }
    hex_encode(VIEW_OF(recomputing->model.digest), digest);
    printf("%zu rounds recomputed: identical, model %s%s\n", recomputing->chain.count, digest,
           policy_is_simulated(&recomputing->policy) ? " (simulated)" : "");
    return STATUS_OK;
}

static enum status recompute(const char *folder, const char *base, struct reason *reason)
{
    CLEANUP(recomputing_end) struct recomputing recomputing = {.folder = folder, .reason = reason};
    char usual[FILE_MAX_PATH];
    int64_t *sums;
    enum status status;

    (void)snprintf(usual, sizeof usual, "%s/base.safetensors", folder);
    TRY(recompute_read_bundle(&recomputing));
    TRY(recompute_read_records(&recomputing));
    TRY(model_file_read(base != NULL ? base : usual, &recomputing.model, reason));
    TRY(model_decode(buf_view(&recomputing.model.encoded), MODEL_MAX_PARAMETERS, &recomputing.layout));
    sums = calloc((size_t)recomputing.layout.parameters, sizeof *sums);
    if (sums == NULL)
        return STATUS_IO;
    status = recompute_all(&recomputing, sums);
    free(sums);
    return status;
}

int recompute_command(const struct command *self, int argc, char *argv[])
{
    const char *base = NULL;
    const struct argument table[] = {{"--base", ARGUMENT_TEXT, &base, 0, 0}, {0}};
    const struct argument *const tables[] = {table, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1) {
        reason_set(&reason, "a FOLDER is needed");
        return command_usage(self, &reason);
    }
    return command_end(self, recompute(words.list[0], base, &reason), &reason);
}
