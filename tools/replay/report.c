/* report.c: see report.h. */
#include "report.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define DIGITS (2 * DIGEST_SIZE + 1)

static const char *const verdicts[VERDICTS] = {
    [VERDICT_SAME] = "same",
    [VERDICT_DIFFERENT] = "DIFFERENT",
    [VERDICT_MISSING] = "not replayed",
    [VERDICT_NO_KEYS] = "no keys",
};
static const char *const words[VERDICTS] = {
    [VERDICT_SAME] = "same",
    [VERDICT_DIFFERENT] = "different",
    [VERDICT_MISSING] = "missing",
    [VERDICT_NO_KEYS] = "no_keys",
};

static void print_object(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);

    if (text != NULL)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(object);
}

static void add_number(cJSON *object, const char *name, uint64_t number)
{
    (void)cJSON_AddNumberToObject(object, name, (double)number);
}

void report_progress(struct report *report, uint64_t done, uint64_t all)
{
    if (report->progress && all > 0)
        fprintf(stderr, "\r%s: %" PRIu64 "%%", report->doing, done >= all ? 100 : 100 * done / all);
}

void report_progress_end(struct report *report)
{
    if (report->progress)
        fputs("\r\033[K", stderr);
}

static void progress(void *ctx, uint64_t done, uint64_t all)
{
    report_progress(ctx, done, all);
}

static void print_round(const struct verify_round *round)
{
    char model[DIGITS];

    if (round->verdict != VERDICT_SAME) {
        printf("round %u: %s: %s\n", (unsigned int)round->of->round, verdicts[round->verdict], round->why);
        return;
    }
    hex_encode(VIEW_OF(round->model), model);
    printf("round %u: same  %s  counted %u  samples %" PRIu64 "  receipts %" PRIu64 "  model %.8s...%s%s\n",
           (unsigned int)round->of->round, round->of->task == TASK_TRAIN ? "train" : "evaluate",
           (unsigned int)round->counted, round->samples, round->receipts, model,
           round->reason == STATUS_OK ? "" : "  not released: ",
           round->reason == STATUS_OK ? "" : status_name(round->reason));
}

static void take_round(void *ctx, const struct verify_round *round)
{
    struct report *report = ctx;
    char model[DIGITS];
    cJSON *object;

    report_progress_end(report);
    if (!report->json) {
        print_round(round);
        return;
    }
    object = cJSON_CreateObject();
    add_number(object, "round", round->of->round);
    (void)cJSON_AddStringToObject(object, "verdict", words[round->verdict]);
    if (round->verdict != VERDICT_SAME)
        (void)cJSON_AddStringToObject(object, "why", round->why);
    add_number(object, "counted", round->counted);
    add_number(object, "samples", round->samples);
    add_number(object, "receipts", round->receipts);
    if (round->verdict == VERDICT_SAME) {
        hex_encode(VIEW_OF(round->model), model);
        (void)cJSON_AddStringToObject(object, "model", model);
    }
    print_object(object);
}

static void take_note(void *ctx, const char *text)
{
    struct report *report = ctx;
    cJSON *object;

    report->notes++;
    report_progress_end(report);
    if (!report->json) {
        printf("note: %s\n", text);
        return;
    }
    object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "note", text);
    print_object(object);
}

struct verify_sink report_verify_sink(struct report *report)
{
    return (struct verify_sink){report, take_round, take_note, progress};
}

void report_fault(struct report *report, const char *path, const struct capture_fault *fault)
{
    char text[512];

    if (fault->row > 0)
        (void)snprintf(text, sizeof text, "%s: table %s, row %" PRId64 ": %s", path, fault->table, fault->row,
                       fault->what);
    else
        (void)snprintf(text, sizeof text, "%s: table %s: %s", path, fault->table, fault->what);
    take_note(report, text);
}

void report_verified(const struct report *report, const struct verify_totals *totals,
                     const struct keyless_totals *keyless, uint64_t faults)
{
    const uint64_t *counts = totals->verdicts;
    const bool differs = counts[VERDICT_DIFFERENT] + totals->differences + keyless->faults > 0,
               lacks = counts[VERDICT_MISSING] + counts[VERDICT_NO_KEYS] > 0;
    const char *word = faults > 0 ? "damaged" : differs ? "different" : lacks ? "incomplete" : "ok";
    const uint64_t rounds =
        counts[VERDICT_SAME] + counts[VERDICT_DIFFERENT] + counts[VERDICT_MISSING] + counts[VERDICT_NO_KEYS];
    char model[DIGITS] = "-";
    cJSON *object;

    if (totals->has_model)
        hex_encode(VIEW_OF(totals->model), model);
    if (!report->json) {
        printf("without keys: records %" PRIu64 "  signed %" PRIu64 "  boots %" PRIu64 "  manifests %" PRIu64
               "  challenges %" PRIu64 "  proofs %" PRIu64 "  whole rounds %" PRIu64 "  faults %" PRIu64 "\n",
               keyless->records, keyless->is_signed, keyless->boots, keyless->manifests, keyless->challenges,
               keyless->proofs, keyless->roots, keyless->faults);
        printf("replay: %s rounds=%" PRIu64 " same=%" PRIu64 " different=%" PRIu64 " missing=%" PRIu64
               " no_keys=%" PRIu64 " updates=%" PRIu64 " model=%s\n",
               word, rounds, counts[VERDICT_SAME], counts[VERDICT_DIFFERENT], counts[VERDICT_MISSING],
               counts[VERDICT_NO_KEYS], totals->receipts, model);
        return;
    }
    object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "replay", word);
    add_number(object, "rounds", rounds);
    for (int i = 0; i < VERDICTS; i++)
        add_number(object, words[i], counts[i]);
    add_number(object, "updates", totals->receipts);
    add_number(object, "differences", totals->differences);
    add_number(object, "records", keyless->records);
    add_number(object, "signed", keyless->is_signed);
    add_number(object, "proofs", keyless->proofs);
    add_number(object, "whole_rounds", keyless->roots);
    add_number(object, "faults", keyless->faults);
    add_number(object, "damaged_tables", faults);
    (void)cJSON_AddStringToObject(object, "model", totals->has_model ? model : "");
    print_object(object);
}

static void take_case(void *ctx, const struct mutate_case *one)
{
    struct report *report = ctx;
    cJSON *object;

    if (!report->json) {
        printf("case %" PRIu64 ": round %u %s: %s: %s%s%s\n", one->number, (unsigned int)one->round, one->device,
               one->mutation, one->good ? "" : "NOT AS DOCUMENTED: ", one->good ? status_name(one->reason) : one->why,
               "");
        return;
    }
    object = cJSON_CreateObject();
    add_number(object, "case", one->number);
    add_number(object, "round", one->round);
    (void)cJSON_AddStringToObject(object, "device", one->device);
    (void)cJSON_AddStringToObject(object, "mutation", one->mutation);
    (void)cJSON_AddStringToObject(object, "reason", status_name(one->reason));
    (void)cJSON_AddBoolToObject(object, "good", one->good);
    if (!one->good)
        (void)cJSON_AddStringToObject(object, "why", one->why);
    print_object(object);
}

struct mutate_sink report_mutate_sink(struct report *report)
{
    return (struct mutate_sink){report, take_case};
}

void report_mutated(const struct report *report, const struct mutate_totals *totals, uint64_t seed)
{
    char digest[DIGITS];
    cJSON *object;

    hex_encode(VIEW_OF(totals->digest), digest);
    if (!report->json) {
        printf("mutate: %s seed=%" PRIu64 " cases=%" PRIu64 " bad=%" PRIu64 " digest=%s\n",
               totals->bad == 0 ? "ok" : "different", seed, totals->cases, totals->bad, digest);
        return;
    }
    object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "mutate", totals->bad == 0 ? "ok" : "different");
    add_number(object, "seed", seed);
    add_number(object, "cases", totals->cases);
    add_number(object, "bad", totals->bad);
    (void)cJSON_AddStringToObject(object, "digest", digest);
    print_object(object);
}
