/* audit.c: `tacit audit`: a whole chain of records, from a folder, an aggregator's database or the broker, up to the first
 * thing that is wrong with it. */
#include "audit.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraise_inputs.h"
#include "network.h"

struct auditing {
    bool json;
    struct argument_texts words;
    const char *at;
    int64_t from;
    struct audit_source source;
};

/* What the records come to. */
struct totals {
    uint64_t updates, samples;
    size_t released, is_signed, boots;
    bool simulated;
};

static struct totals totals_of(const struct chain *chain)
{
    struct totals totals = {.boots = chain->count > 0};

    for (size_t i = 0; i < chain->count; i++) {
        const struct record *record = &chain->entries[i].record;
        totals.updates += record->counted;
        totals.samples += record->samples;
        totals.released += record->reason == STATUS_OK;
        totals.is_signed += chain->entries[i].is_signed;
        totals.simulated |= record->simulated;
        totals.boots += i > 0 && !view_equal(chain->entries[i - 1].record.boot_id, record->boot_id);
    }
    return totals;
}

static void print_text(const struct audit *audit)
{
    const struct chain *chain = &audit->chain;
    const struct totals totals = totals_of(chain);
    char head[2 * DIGEST_SIZE + 1] = "-";

    for (uint32_t i = 0; i < audit->note_count; i++)
        printf("note: %s\n", audit->notes[i]);
    if (chain->count == 0 || audit->has_fault)
        return;
    hex_encode(VIEW_OF(chain->entries[chain->count - 1].digest), head);
    printf("records %" PRIu32 " to %" PRIu32
           "  %zu in %zu boots, %zu signed by an enclave that was appraised here  released"
           " %zu  updates %" PRIu64 "  samples %" PRIu64 "%s\n",
           chain->entries[0].record.round, chain->entries[chain->count - 1].record.round, chain->count, totals.boots,
           totals.is_signed, totals.released, totals.updates, totals.samples, totals.simulated ? "  simulated" : "");
    printf("whole, up to %s\n", head);
}

static void add_fault(cJSON *object, const struct audit *audit)
{
    cJSON *fault;

    if (!audit->has_fault) {
        (void)cJSON_AddNullToObject(object, "fault");
        return;
    }
    fault = cJSON_AddObjectToObject(object, "fault");
    (void)cJSON_AddNumberToObject(fault, "round", audit->fault_round);
    (void)cJSON_AddStringToObject(fault, "why", audit->why);
}

static enum status print_json(const struct audit *audit)
{
    const struct chain *chain = &audit->chain;
    const struct totals totals = totals_of(chain);
    cJSON *object = cJSON_CreateObject(), *notes;
    char head[2 * DIGEST_SIZE + 1] = "";
    char *text;

    if (chain->count > 0)
        hex_encode(VIEW_OF(chain->entries[chain->count - 1].digest), head);
    (void)cJSON_AddBoolToObject(object, "whole", !audit->has_fault);
    add_fault(object, audit);
    (void)cJSON_AddNumberToObject(object, "records", (double)chain->count);
    (void)cJSON_AddNumberToObject(object, "first", chain->count > 0 ? chain->entries[0].record.round : 0);
    (void)cJSON_AddNumberToObject(object, "last", chain->count > 0 ? chain->entries[chain->count - 1].record.round : 0);
    (void)cJSON_AddStringToObject(object, "head", head);
    (void)cJSON_AddNumberToObject(object, "boots", (double)totals.boots);
    (void)cJSON_AddNumberToObject(object, "signed", (double)totals.is_signed);
    (void)cJSON_AddNumberToObject(object, "released", (double)totals.released);
    (void)cJSON_AddNumberToObject(object, "updates", (double)totals.updates);
    (void)cJSON_AddNumberToObject(object, "samples", (double)totals.samples);
    (void)cJSON_AddBoolToObject(object, "simulated", totals.simulated);
    notes = cJSON_AddArrayToObject(object, "notes");
    for (uint32_t i = 0; i < audit->note_count; i++)
        (void)cJSON_AddItemToArray(notes, cJSON_CreateString(audit->notes[i]));
    text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (text == NULL)
        return STATUS_IO;
    printf("%s\n", text);
    free(text);
    return STATUS_OK;
}

static enum status judge(struct audit *audit, bool json, struct reason *reason)
{
    audit_check(audit);
    if (json)
        TRY(print_json(audit));
    else
        print_text(audit);
    if (!audit->has_fault && audit->chain.count == 0) {
        reason_set(reason, "there are no records");
        return STATUS_NOT_FOUND;
    }
    if (!audit->has_fault)
        return STATUS_OK;
    if (audit->fault_round == 0)
        reason_set(reason, "%s", audit->why);
    else
        reason_set(reason, "record %" PRIu32 ": %s", audit->fault_round, audit->why);
    return STATUS_CHAIN_FORK;
}

static enum status work(void *ctx, const struct profile *profile, struct reason *reason)
{
    const struct auditing *auditing = ctx;
    uint8_t point[P256_POINT_SIZE];
    CLEANUP(audit_free)
    struct audit audit = {
        .place = {.federation = view_of_string(profile->federation), .aggregator = view_of_string(profile->aggregator)},
        .owner_point = VIEW_OF(point),
        .from = (uint32_t)auditing->from,
    };

    TRY(profile_owner_point(profile, point, reason));
    if (auditing->source.folder != NULL) {
        TRY(audit_read(&audit, &auditing->source, reason));
    } else {
        audit.any_start = true;
        TRY(audit_read_live(&audit, profile, reason));
    }
    return judge(&audit, auditing->json, reason);
}

static const char *check(void *ctx)
{
    struct auditing *auditing = ctx;
    struct audit_source *source = &auditing->source;

    if (auditing->words.count > 1)
        return "one FOLDER at most";
    source->folder = auditing->words.count == 1 ? auditing->words.list[0] : NULL;
    if (source->folder == NULL && (source->database != NULL || auditing->at != NULL))
        return "--journal and --at go with a FOLDER";
    return auditing->at == NULL ? NULL : inputs_time(auditing->at, &source->at);
}

int audit_command(const struct command *self, int argc, char *argv[])
{
    struct auditing auditing = {.json = false};
    const struct argument table[] = {
        {"--json", ARGUMENT_FLAG, &auditing.json, 0, 0},
        {"--journal", ARGUMENT_TEXT, &auditing.source.database, 0, 0},
        {"--at", ARGUMENT_TEXT, &auditing.at, 0, 0},
        {"--from", ARGUMENT_NUMBER, &auditing.from, 1, UINT32_MAX},
        {0},
    };
    const struct network_command command = {
        .options = table, .words = &auditing.words, .reads_only = true, .ctx = &auditing, .check = check, .work = work};

    return network_run(self, &command, argc, argv);
}
