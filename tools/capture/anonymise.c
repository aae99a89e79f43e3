/* anonymise.c: `tacit capture anonymise`: other device ids, the same ones everywhere, and no secrets. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_command.h"
#include "copy.h"
#include "files.h"
#include "heap.h"
#include "random.h"
#include "rename.h"
#include "survey.h"

#define PAYLOAD_MAX ((size_t)64 << 20) /* of a message with other names in it */

struct anonymising {
    const char *to;
    int64_t seed; /* negative: none */
    bool map;

    struct renamed *list;
    struct renaming renaming;
    struct buf payload; /* of the message that is being changed */
    uint8_t topic_bytes[TOPIC_MAX], properties_bytes[CAPTURE_PROPERTIES_MAX];
    char other_topic[UINT16_MAX + 1];
    uint64_t changed[TOPIC_KINDS + 1]; /* payloads, by kind */
};

/* ---- who becomes whom ---- */

/* Numbers that depend on the seed alone (splitmix64: Steele, Lea, Flood, 2014), or the kernel's. */
static enum status next_random(const struct anonymising *anonymising, uint64_t *state, uint64_t *out)
{
    uint8_t bytes[8];
    uint64_t z;

    if (anonymising->seed < 0) {
        TRY(os_random(NULL, bytes, sizeof bytes));
        *out = read_be64(bytes);
        return STATUS_OK;
    }
    z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    *out = z ^ (z >> 31);
    return STATUS_OK;
}

static enum status draw_names(struct anonymising *anonymising, const struct survey *survey)
{
    const size_t count = survey->device_count;
    uint64_t state = (uint64_t)anonymising->seed;
    CLEANUP(heap_give) struct buf memory = {0};
    uint32_t *order;

    TRY(heap_take((count + 1) * sizeof *order, &memory));
    order = (uint32_t *)(void *)memory.ptr;
    anonymising->list = calloc(count + 1, sizeof *anonymising->list);
    if (anonymising->list == NULL)
        return STATUS_IO;
    for (size_t i = 0; i < count; i++) {
        uint64_t random;
        size_t j;

        TRY(next_random(anonymising, &state, &random));
        j = (size_t)(random % (i + 1));
        order[i] = order[j];
        order[j] = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(anonymising->list[i].old, survey->devices[i].name, sizeof anonymising->list[i].old);
        snprintf(anonymising->list[i].new, sizeof anonymising->list[i].new, "device-%" PRIu32, order[i]);
    }
    anonymising->renaming = (struct renaming){anonymising->list, count};
    return STATUS_OK;
}

/* ---- one message ---- */

static enum status change_topic(struct anonymising *anonymising, struct captured *message)
{
    struct buf topic = BUF_OF(anonymising->topic_bytes);
    struct buf other = {(uint8_t *)anonymising->other_topic, 0, sizeof anonymising->other_topic - 1};
    struct topic where = message->where;
    const char *new;
    bool changed;

    if (!message->parsed) {
        TRY(rename_text(&anonymising->renaming, view_of_string(message->topic), &other, &changed));
        other.ptr[other.len] = '\0';
        message->topic = anonymising->other_topic;
        return STATUS_OK;
    }
    if (where.device.len == 0)
        return STATUS_OK;
    new = rename_find(&anonymising->renaming, where.device);
    if (new == NULL)
        return STATUS_NOT_FOUND;
    where.device = view_of_string(new);
    TRY(topic_format(where.kind, &where, &topic));
    message->topic = (const char *)anonymising->topic_bytes;
    return STATUS_OK;
}

/* What grows past the space for properties is left out. */
static void change_properties(struct anonymising *anonymising, struct captured *message)
{
    struct buf properties = BUF_OF(anonymising->properties_bytes);
    bool changed;

    if (rename_text(&anonymising->renaming, message->properties, &properties, &changed) == STATUS_OK)
        message->properties = buf_view(&properties);
    else
        message->properties = VIEW_TEXT("{\"cut\":true}");
}

static enum status change_payload(struct anonymising *anonymising, struct captured *message)
{
    bool changed = false;
    enum status status = STATUS_NO_SPACE;

    for (size_t cap = message->payload.len + 4096; status == STATUS_NO_SPACE && cap <= PAYLOAD_MAX; cap *= 2) {
        if (anonymising->payload.cap < cap) {
            heap_give(&anonymising->payload);
            TRY(heap_take(cap, &anonymising->payload));
        }
        anonymising->payload.len = 0;
        status = rename_payload(&anonymising->renaming, message->payload, &anonymising->payload, &changed);
    }
    TRY(status);
    if (changed)
        message->payload = buf_view(&anonymising->payload);
    anonymising->changed[message->parsed ? message->where.kind : SURVEY_OTHER] += changed;
    return STATUS_OK;
}

static enum status change(void *ctx, struct captured *message, bool *keeps)
{
    struct anonymising *anonymising = ctx;

    *keeps = true;
    change_properties(anonymising, message);
    TRY(change_payload(anonymising, message));
    return change_topic(anonymising, message);
}

/* ---- the command ---- */

static void tell(const struct anonymising *anonymising, const struct copy *copy, const struct capture_parts *parts)
{
    uint64_t secrets = 0;

    for (size_t i = 0; i < parts->count; i++) {
        struct capture_escrow escrow = {.id = 0};

        while (capture_escrow_next(parts->list[i], escrow.id, &escrow) == STATUS_OK)
            secrets++;
    }
    printf("%s: %" PRIu64 " messages, %zu names replaced\n", anonymising->to, copy->messages,
           anonymising->renaming.count);
    if (copy->unreadable > 0)
        printf("%" PRIu64 " messages could not be read and are left out\n", copy->unreadable);
    if (secrets > 0)
        printf("secrets of %" PRIu64 " boots are not carried over\n", secrets);
    for (int kind = 0; kind <= TOPIC_KINDS; kind++)
        if (anonymising->changed[kind] > 0)
            printf("%" PRIu64 " payloads of the kind %s held names: what is signed over them no longer verifies\n",
                   anonymising->changed[kind], kind == SURVEY_OTHER ? "other" : capture_kind_name(kind));
    puts(
        "It can no longer be checked: enrolments, updates, receipts (each is bound to its device's name), and which\n"
        "updates a record's Merkle root holds. It still can: signatures, the chain of records, counts, completeness.\n"
        "It still tells: when who sent how much, what is alike between rounds, credentials' ids, digests of evidence.");
    for (size_t i = 0; anonymising->map && i < anonymising->renaming.count; i++)
        printf("map: %s %s\n", anonymising->list[i].old, anonymising->list[i].new);
}

static void anonymising_free(struct anonymising *anonymising)
{
    free(anonymising->list);
    heap_give(&anonymising->payload);
}

static enum status anonymise(const struct command *self, const struct argument_texts *words,
                             struct anonymising *anonymising, struct reason *reason)
{
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};
    CLEANUP(survey_free) struct survey survey = {.rounds = NULL};
    struct copy copy = {.from = &parts,
                        .to = anonymising->to,
                        .maker = "tacit capture anonymise",
                        .anonymised = true,
                        .ctx = anonymising,
                        .each = change};

    TRY(files_open(self, words, &parts, reason));
    TRY(survey_heads(&parts, &survey));
    TRY(draw_names(anonymising, &survey));
    TRY(copy_run(&copy, reason));
    tell(anonymising, &copy, &parts);
    return STATUS_OK;
}

int capture_anonymise_command(const struct command *self, int argc, char *argv[])
{
    static struct anonymising anonymising;
    struct argument_texts words = {.count = 0};
    const struct argument table[] = {
        {"-o", ARGUMENT_TEXT, &anonymising.to, 0, 0},
        {"--seed", ARGUMENT_NUMBER, &anonymising.seed, 0, INT64_MAX},
        {"--map", ARGUMENT_FLAG, &anonymising.map, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    struct reason reason = {""};
    enum status status;

    anonymising.seed = -1;
    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count == 0 || anonymising.to == NULL) {
        reason_set(&reason, "a FILE and -o OUT are needed");
        return command_usage(self, &reason);
    }
    status = anonymise(self, &words, &anonymising, &reason);
    anonymising_free(&anonymising);
    return command_end(self, status, &reason);
}
