/* info.c: `tacit capture info`: what is in a capture, whether it is as it was written, and what it lacks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_command.h"
#include "files.h"
#include "info.h"
#include "when.h"

/* ---- what is wrong, kept so that text and JSON tell the same ---- */

static void add_line(struct info_lines *lines, const char *text)
{
    char **grown = realloc(lines->list, (lines->count + 1) * sizeof *grown);

    if (grown == NULL) {
        lines->lost = true;
        return;
    }
    lines->list = grown;
    grown[lines->count] = strdup(text);
    if (grown[lines->count] != NULL)
        lines->count++;
    else
        lines->lost = true;
}

static void free_lines(struct info_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->list[i]);
    free(lines->list);
}

static void note_missing(void *ctx, const char *what)
{
    struct info *info = ctx;

    add_line(&info->missing, what);
}

static void note_gap(void *ctx, const char *before, const char *after)
{
    struct info *info = ctx;
    char line[1024];

    snprintf(line, sizeof line, "what was between %s and %s, which does not follow on it", before, after);
    add_line(&info->missing, line);
}

/* The file that is checked. */
struct checking {
    struct info *info;
    const char *path;
};

static void note_fault(void *ctx, const struct capture_fault *fault)
{
    const struct checking *checking = ctx;
    char line[1024], row[32] = "";

    if (fault->row > 0)
        snprintf(row, sizeof row, " row %" PRId64, fault->row);
    snprintf(line, sizeof line, "%s: %s%s %s", checking->path, fault->table, row, fault->what);
    add_line(&checking->info->damaged, line);
}

static void draw_progress(void *ctx, uint64_t done, uint64_t all)
{
    (void)ctx;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " rows checked\033[K%s", done, all, done >= all ? "\r\033[K" : "");
}

static enum status check_files(struct info *info)
{
    for (size_t i = 0; i < info->parts.count; i++) {
        struct checking checking = {info, info->parts.paths[i]};
        const struct capture_watch watch = {&checking, note_fault, draw_progress};

        TRY(capture_check(info->parts.list[i], &watch));
    }
    return STATUS_OK;
}

/* ---- as text ---- */

static void print_file(const struct info *info, size_t i)
{
    const struct capture_about *about = capture_about(info->parts.list[i]);
    struct capture_session session = {.id = 0};
    struct capture_escrow escrow = {.id = 0};
    char began[WHEN_TEXT], ended[WHEN_TEXT], boot[2 * BOOT_ID_SIZE + 1];

    printf("%s: federation %s, part %" PRIu32 ", made by %s, %" PRIu64 " messages%s%s\n", info->parts.paths[i],
           files_text(about->federation), about->part, files_text(about->maker), capture_count(info->parts.list[i]),
           about->from_inside ? ", from inside the aggregator" : "",
           about->anonymised ? ", ANONYMISED: nothing that is bound to a device's name can be checked" : "");
    while (capture_escrow_next(info->parts.list[i], escrow.id, &escrow) == STATUS_OK) {
        hex_encode(VIEW_OF(escrow.boot_id), boot);
        printf("  SECRETS of boot %s of %s ARE IN IT: who has this file reads every update that was sent to it\n", boot,
               files_text(escrow.aggregator));
    }
    while (capture_session_next(info->parts.list[i], session.id, &session) == STATUS_OK)
        printf("  session %" PRId64 ": %s to %s, %" PRIu64 " messages, %s as %s: %s\n", session.id,
               when_text((uint64_t)session.began_us / 1000000, began),
               session.ended_us == 0 ? "?" : when_text((uint64_t)session.ended_us / 1000000, ended), session.messages,
               files_text(session.broker), files_text(session.client),
               session.ended_us == 0 ? "no end was written" : files_text(session.why));
}

static void print_counts(const struct survey *survey)
{
    for (int kind = 0; kind <= TOPIC_KINDS; kind++)
        if (survey->kinds[kind].messages > 0)
            printf("  %-12s %10" PRIu64 " messages %14" PRIu64 " bytes\n",
                   kind == SURVEY_OTHER ? "other topics" : capture_kind_name(kind), survey->kinds[kind].messages,
                   survey->kinds[kind].bytes);
    for (size_t i = 0; i < survey->device_count; i++)
        if (survey_is_device(&survey->devices[i]))
            printf("  device %-24s %8" PRIu64 " messages %14" PRIu64 " bytes %6" PRIu32 " offers\n",
                   survey->devices[i].name, survey->devices[i].count.messages, survey->devices[i].count.bytes,
                   survey->devices[i].offers);
}

static void print_round(const struct survey_round *round)
{
    char boot[2 * BOOT_ID_SIZE + 1];

    hex_encode(VIEW_OF(round->boot_id), boot);
    printf("  round %" PRIu32 " of %s, boot %.8s: %s, ", round->round, round->aggregator, boot,
           round->task == TASK_EVALUATE ? "evaluate"
           : round->task == TASK_TRAIN  ? "train"
                                        : "no task");
    if (!round->recorded)
        printf("no record, ");
    else
        printf("%s, %" PRIu32 " counted, ", round->reason == STATUS_OK ? "released" : status_name(round->reason),
               round->counted);
    printf("%" PRIu32 " whole updates, %" PRIu32 " of %" PRIu32 " chunks of its model%s\n", round->whole,
           survey_chunks(round), round->chunks, round->recorded && !round->live ? " (before the capture)" : "");
}

static void print_text(const struct info *info)
{
    for (size_t i = 0; i < info->parts.count; i++)
        print_file(info, i);
    printf("%" PRIu64 " messages, %" PRIu64 " bytes, %zu devices, %zu rounds\n", info->survey.all.messages,
           info->survey.all.bytes, survey_devices(&info->survey), info->survey.round_count);
    print_counts(&info->survey);
    for (size_t i = 0; i < info->survey.round_count; i++)
        print_round(&info->survey.rounds[i]);
    for (size_t i = 0; i < info->damaged.count; i++)
        printf("damaged: %s\n", info->damaged.list[i]);
    for (size_t i = 0; i < info->missing.count; i++)
        printf("missing: %s\n", info->missing.list[i]);
    if (info->checked && info->damaged.count == 0)
        puts("every row is as it was written");
    if (info->missing.count == 0)
        puts("nothing is missing, as far as the records tell");
}

/* ---- the command ---- */

static void info_free(struct info *info)
{
    capture_parts_close(&info->parts);
    survey_free(&info->survey);
    free_lines(&info->missing);
    free_lines(&info->damaged);
}

static enum status gather(struct info *info, const struct argument_texts *words, struct reason *reason)
{
    const struct survey_listener listener = {info, note_missing};

    if (capture_parts_open(words->list, words->count, &info->parts, note_gap, info, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (info->checked)
        TRY(check_files(info));
    TRY(survey_run(&info->parts, &info->survey));
    TRY(survey_missing(&info->parts, &info->survey, &listener));
    return info->missing.lost || info->damaged.lost ? STATUS_IO : STATUS_OK;
}

int capture_info_command(const struct command *self, int argc, char *argv[])
{
    CLEANUP(info_free) struct info info = {.checked = true};
    bool json = false, unchecked = false;
    struct argument_texts words = {.count = 0};
    const struct argument table[] = {
        {"--json", ARGUMENT_FLAG, &json, 0, 0},
        {"--no-check", ARGUMENT_FLAG, &unchecked, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    struct reason reason = {""};
    enum status status;

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count == 0) {
        reason_set(&reason, "a FILE is needed");
        return command_usage(self, &reason);
    }
    info.checked = !unchecked;
    status = gather(&info, &words, &reason);
    if (status == STATUS_OK && json)
        status = info_print_json(&info, stdout);
    else if (status == STATUS_OK)
        print_text(&info);
    if (status != STATUS_OK)
        return command_end(self, status, &reason);
    return info.damaged.count + info.missing.count > 0 ? EXIT_REFUSED : EXIT_OK;
}
