/* survey_missing.c: what a capture lacks, in sentences. See survey.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "files.h"
#include "survey.h"
#include "when.h"

#define SENTENCE_MAX 512

__attribute__((format(printf, 2, 3))) static void tell(const struct survey_listener *listener, const char *format, ...)
{
    char sentence[SENTENCE_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    listener->missing(listener->ctx, sentence);
}

/* ---- connections ---- */

/* Where the session before ended, over all parts. */
struct line {
    int64_t ended_us; /* 0: there was none, or nobody knows */
    bool unended;
};

static void tell_session(const struct survey_listener *listener, const char *path,
                         const struct capture_session *session, struct line *line)
{
    char when[WHEN_TEXT];

    if (line->ended_us > 0 && session->began_us - line->ended_us > 1000000)
        tell(listener, "not connected for %.1f s from %s on: what the broker had no room to keep is missing",
             (double)(session->began_us - line->ended_us) / 1e6, when_text((uint64_t)line->ended_us / 1000000, when));
    line->ended_us = session->ended_us;
    if (session->ended_us == 0)
        tell(listener, "%s: session %" PRId64 " has no end: it was cut short, or is still being written", path,
             session->id);
    if (strstr(session->why, "dropped") != NULL)
        tell(listener, "%s: session %" PRId64 " ended with: %s", path, session->id, files_text(session->why));
}

static enum status tell_sessions(const struct capture_parts *parts, const struct survey_listener *listener)
{
    struct line line = {.ended_us = 0};

    for (size_t i = 0; i < parts->count; i++) {
        struct capture_session session = {.id = 0};
        enum status status;

        while ((status = capture_session_next(parts->list[i], session.id, &session)) == STATUS_OK)
            tell_session(listener, parts->paths[i], &session, &line);
        if (status != STATUS_NOT_FOUND && status != STATUS_MALFORMED)
            return status;
    }
    return STATUS_OK;
}

/* ---- rounds ---- */

static void tell_round(const struct survey_listener *listener, const struct survey_round *round)
{
    const char *aggregator = round->aggregator;
    const uint32_t number = round->round, here = survey_chunks(round);

    if (round->recorded && round->live && round->whole < round->counted)
        tell(listener,
             "round %" PRIu32 " of %s: its record counts %" PRIu32 " updates, and %" PRIu32 " whole ones are here",
             number, aggregator, round->counted, round->whole);
    if (round->recorded && round->live && round->chunks == 0)
        tell(listener, "round %" PRIu32 " of %s: its manifest is not here", number, aggregator);
    if (round->announced && !round->recorded)
        tell(listener, "round %" PRIu32 " of %s: its record is not here; it may have been open at the end", number,
             aggregator);
    if (round->orphan)
        tell(listener, "the record before that of round %" PRIu32 " of %s is not here", number, aggregator);
    if (here < round->chunks)
        tell(listener, "round %" PRIu32 " of %s: its model has %" PRIu32 " chunks, and %" PRIu32 " are here", number,
             aggregator, round->chunks, here);
}

static void tell_boot(const struct survey *survey, const struct survey_listener *listener, size_t at)
{
    const struct survey_round *round = &survey->rounds[at];
    char digits[2 * BOOT_ID_SIZE + 1];

    if (!round->announced && !round->live)
        return;
    for (size_t i = 0; i < survey->boot_count; i++)
        if (memcmp(survey->boots[i], round->boot_id, BOOT_ID_SIZE) == 0)
            return;
    for (size_t i = 0; i < at; i++)
        if (memcmp(survey->rounds[i].boot_id, round->boot_id, BOOT_ID_SIZE) == 0)
            return;
    hex_encode(VIEW_OF(round->boot_id), digits);
    tell(listener,
         "no evidence of boot %s of %s: neither its keys nor its policy are here, nothing that it signed can be "
         "verified",
         digits, round->aggregator);
}

enum status survey_missing(const struct capture_parts *parts, const struct survey *survey,
                           const struct survey_listener *listener)
{
    TRY(tell_sessions(parts, listener));
    if (survey->unreadable > 0)
        tell(listener, "%" PRIu64 " messages cannot be read", survey->unreadable);
    if (survey->kinds[TOPIC_EVIDENCE].messages == 0)
        tell(listener, "no evidence at all: who signed is unknown, and there is no policy");
    for (size_t i = 0; i < survey->round_count; i++) {
        tell_boot(survey, listener, i);
        tell_round(listener, &survey->rounds[i]);
    }
    return STATUS_OK;
}

/* ---- for people ---- */

struct printing {
    FILE *out;
    size_t lines;
};

static void print_line(void *ctx, const char *what)
{
    struct printing *printing = ctx;

    fprintf(printing->out, "missing: %s\n", what);
    printing->lines++;
}

static void print_gap(void *ctx, const char *before, const char *after)
{
    struct printing *printing = ctx;

    fprintf(printing->out, "missing: what was between %s and %s, which does not follow on it\n", before, after);
    printing->lines++;
}

enum status survey_print_missing(const char *const *paths, size_t count, FILE *out, struct reason *reason)
{
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};
    CLEANUP(survey_free) struct survey survey = {.rounds = NULL};
    struct printing printing = {.out = out};
    const struct survey_listener listener = {&printing, print_line};

    TRY(capture_parts_open(paths, count, &parts, print_gap, &printing, reason));
    TRY(survey_run(&parts, &survey));
    TRY(survey_missing(&parts, &survey, &listener));
    if (printing.lines == 0)
        fputs("nothing is missing, as far as the records tell\n", out);
    return STATUS_OK;
}
