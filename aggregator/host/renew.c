/* renew.c: a fresh challenge, and now and then fresh evidence. Evidence of some TEEs takes the enclave seconds in which
 * nothing else is done, so what fails is tried again later and later, and told when it begins to fail in a new way. */
#include "host_private.h"

static enum status renew_evidence(struct host *host)
{
    struct view message;

    TRY(host_gate_number(host, GATE_ATTEST, host->now, &message));
    return endorse_evidence(host, message);
}

static enum status renew_challenge(struct host *host)
{
    struct view message;

    TRY(host_gate_number(host, GATE_CHALLENGE, host->now, &message));
    return kept_set(&host->challenge, message);
}

static const struct {
    const char *name;
    enum status (*renew)(struct host *host);
    enum announcement announced;
    uint32_t least_s, most_s; /* waits after a failure */
} rows[RENEWALS] = {
    [RENEWAL_EVIDENCE] = {"evidence", renew_evidence, ANNOUNCE_EVIDENCE, 10, 600},
    [RENEWAL_CHALLENGE] = {"challenge", renew_challenge, ANNOUNCE_CHALLENGE, 1, 60},
};

static uint64_t lasts(const struct host *host, enum renewal_of which)
{
    return which == RENEWAL_EVIDENCE ? HOST_ATTEST_EVERY_S : host->policy.challenge_s;
}

void renew_begin(struct host *host)
{
    for (unsigned int i = 0; i < RENEWALS; i++)
        host->renewals[i] = (struct renewal){
            .due = host->now,
            .backoff = {.least = rows[i].least_s, .most = rows[i].most_s},
        };
    /* The boot came with evidence. */
    host->renewals[RENEWAL_EVIDENCE].due += HOST_ATTEST_EVERY_S;
}

static void renew(struct host *host, enum renewal_of which)
{
    struct renewal *renewal = &host->renewals[which];
    const enum status before = renewal->told, status = rows[which].renew(host);

    /* An enclave that is gone is told of by who starts it again. */
    if (status == STATUS_NO_CONNECTION)
        return;
    renewal->told = status;
    if (status != STATUS_OK) {
        const uint32_t wait = backoff_fails(&renewal->backoff, host->now);
        renewal->due = host->now + wait;
        if (status != before)
            log_event(host->ports.log, LOG_LEVEL_WARN, "renewal_failed",
                      "%s: %s; again in %u s, later each time, up to %u s", rows[which].name, status_text(status), wait,
                      rows[which].most_s);
        return;
    }
    if (before != STATUS_OK)
        log_event(host->ports.log, LOG_LEVEL_INFO, "renewed", "%s", rows[which].name);
    backoff_works(&renewal->backoff, host->now);
    renewal->due = host->now + lasts(host, which);
    announce(host, rows[which].announced);
}

void renew_go_on(struct host *host)
{
    for (unsigned int i = 0; i < RENEWALS; i++)
        if (host->now >= host->renewals[i].due && !host->enclave_gone)
            renew(host, (enum renewal_of)i);
}
