/* endorse_dates.c: endorsements that come to their end are told of while there is time to fetch others. */
#include <inttypes.h>
#include <stdio.h>

#include "host_private.h"
#include "when.h"

#define SPAN_MAX 40

static enum standing stand(const struct host *host, const struct endorsement *about)
{
    const int64_t now = (int64_t)host->now;

    if (now > about->not_after)
        return STANDING_ENDED;
    if (now < about->not_before)
        return STANDING_NOT_YET;
    /* The end is past now, and now is below TIME_MAX. */
    return (uint64_t)(about->not_after - now) < host->settings.collateral_warn_s ? STANDING_ENDS_SOON : STANDING_WELL;
}

/* "12 d", "30 h", "5 min": rounded down, in the largest unit of which there are two. */
static void span_text(int64_t seconds, char out[static SPAN_MAX])
{
    if (seconds >= 2 * 86400)
        (void)snprintf(out, SPAN_MAX, "%" PRId64 " d", seconds / 86400);
    else if (seconds >= 2 * 3600)
        (void)snprintf(out, SPAN_MAX, "%" PRId64 " h", seconds / 3600);
    else
        (void)snprintf(out, SPAN_MAX, "%" PRId64 " min", seconds / 60);
}

/* What is told of each standing: an event, and a sentence of the file, its name, a date and a span. */
static const struct {
    const char *event, *format;
    enum log_level level;
} told[] = {
    [STANDING_ENDS_SOON] = {"collateral_expires", "ends", LOG_LEVEL_WARN},
    [STANDING_ENDED] = {"collateral_expired", "ended", LOG_LEVEL_ERROR},
    [STANDING_NOT_YET] = {"collateral_not_yet", "begins", LOG_LEVEL_WARN},
};

static void tell(const struct host *host, const struct endorsed *item)
{
    const int64_t now = (int64_t)host->now;
    const int64_t moment = item->told == STANDING_NOT_YET ? item->about.not_before : item->about.not_after;
    const bool is_past = item->told == STANDING_ENDED;
    char date[WHEN_TEXT], span[SPAN_MAX];

    span_text(is_past ? now - moment : moment - now, span);
    log_event(host->ports.log, told[item->told].level, told[item->told].event, "%s (%s) %s %s, %s%s%s", item->file,
              item->about.name, told[item->told].format, when_text((uint64_t)moment, date), is_past ? "" : "in ", span,
              is_past ? " ago" : "");
}

void endorse_check_dates(struct host *host)
{
    for (uint32_t i = 0; host->collateral != NULL && i < host->collateral->count; i++) {
        struct endorsed *item = &host->collateral->items[i];
        const enum standing standing = stand(host, &item->about);

        if (standing == item->told && (standing == STANDING_WELL || host->now - item->told_at < HOST_WARN_EVERY_S))
            continue;
        item->told = standing;
        item->told_at = host->now;
        if (standing != STANDING_WELL)
            tell(host, item);
    }
}

bool endorse_until(const struct host *host, int64_t *until)
{
    if (host->collateral == NULL || host->collateral->count == 0)
        return false;
    *until = host->collateral->items[0].about.not_after;
    for (uint32_t i = 1; i < host->collateral->count; i++)
        if (host->collateral->items[i].about.not_after < *until)
            *until = host->collateral->items[i].about.not_after;
    return true;
}
