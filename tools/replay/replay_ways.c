/* replay_ways.c: `tacit replay --verify` and `--mutate`: the captures' rows, then their rounds, then what is printed. */
#include <unistd.h>

#include "replay.h"
#include "report.h"
#include "command.h"

struct checking {
    struct report *report;
    const char *path;
    uint64_t faults;
};

static void take_fault(void *ctx, const struct capture_fault *fault)
{
    struct checking *checking = ctx;

    checking->faults++;
    report_fault(checking->report, checking->path, fault);
}

static void take_progress(void *ctx, uint64_t done, uint64_t all)
{
    const struct checking *checking = ctx;

    report_progress(checking->report, done, all);
}

/* Whatever is damaged is named; what can still be read is replayed. */
static enum status check_rows(struct source *source, struct report *report, uint64_t *faults)
{
    struct checking checking = {.report = report};
    const struct capture_watch watch = {&checking, take_fault, take_progress};

    report->doing = "reading";
    for (size_t i = 0; i < source->parts.count; i++) {
        checking.path = source->parts.paths[i];
        TRY(capture_check(source->parts.list[i], &watch));
    }
    report_progress_end(report);
    *faults = checking.faults;
    return STATUS_OK;
}

static int code_of(const struct verify_totals *totals, const struct keyless_totals *keyless, uint64_t faults)
{
    if (faults > 0)
        return EXIT_CONFIG;
    if (totals->verdicts[VERDICT_DIFFERENT] + totals->differences + keyless->faults > 0)
        return EXIT_REFUSED;
    return totals->verdicts[VERDICT_MISSING] + totals->verdicts[VERDICT_NO_KEYS] > 0 ? REPLAY_INCOMPLETE : EXIT_OK;
}

static int fail(enum status status, struct reason *reason)
{
    if (reason->text[0] == '\0')
        reason_set(reason, "%s", status_text(status));
    return status == STATUS_CONFIG ? EXIT_CONFIG : EXIT_REFUSED;
}

int replay_verify(const struct replay_options *options, struct source *source, struct reason *reason)
{
    CLEANUP(index_free) struct index index = {0};
    struct report report = {.json = options->json, .progress = isatty(STDERR_FILENO) == 1};
    const struct verify_sink sink = report_verify_sink(&report);
    char aggregator[NAME_MAX_LEN + 1];
    struct verify_options whose;
    struct verify_totals totals = {0};
    struct keyless_totals keyless = {0};
    uint64_t faults = 0;
    enum status status = check_rows(source, &report, &faults);

    report.doing = "replaying";
    if (status == STATUS_OK)
        status = replay_whose(options, source, aggregator, &whose, reason);
    if (status == STATUS_OK)
        status = index_read(source, whose.aggregator, &index);
    if (status == STATUS_OK)
        status = verify_run(source, &index, &whose, &sink, &totals);
    if (status == STATUS_OK)
        status = keyless_run(source, &index, &whose, &sink, &keyless);
    report_progress_end(&report);
    if (status != STATUS_OK)
        return faults > 0 ? EXIT_CONFIG : fail(status, reason);
    report_verified(&report, &totals, &keyless, faults);
    return code_of(&totals, &keyless, faults);
}

int replay_mutate(const struct replay_options *options, struct source *source, struct reason *reason)
{
    CLEANUP(index_free) struct index index = {0};
    struct report report = {.json = options->json};
    const struct mutate_sink sink = report_mutate_sink(&report);
    const struct mutate_options mutate = {(uint64_t)options->seed, (uint64_t)options->count};
    char aggregator[NAME_MAX_LEN + 1];
    struct verify_options whose;
    struct mutate_totals totals = {0};
    enum status status = replay_whose(options, source, aggregator, &whose, reason);

    if (status == STATUS_OK)
        status = index_read(source, whose.aggregator, &index);
    if (status == STATUS_OK)
        status = mutate_run(source, &index, &whose, &mutate, &sink, &totals);
    if (status == STATUS_NOT_FOUND) {
        reason_set(reason, "no round of the capture can be replayed whole: `tacit replay --verify` says why");
        return REPLAY_INCOMPLETE;
    }
    if (status != STATUS_OK)
        return fail(status, reason);
    report_mutated(&report, &totals, mutate.seed);
    return totals.bad == 0 ? EXIT_OK : EXIT_REFUSED;
}
