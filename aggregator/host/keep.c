/* keep.c: what must be kept before it is told. A round that was announced and then lost would be done again from the state
 * before it, and its number stand for two records: a fork, which devices refuse for good. So while the disk is full the
 * aggregator waits; a crash meanwhile only means that the round is done again.
 *
 * The owner's list of revocations is kept before any state that knows of it: an enclave that is handed such a state and an
 * older list refuses the state, and all is lost that it held. */
#include "keep.h"

#include "cose.h"

#define KEEP_AGAIN_S 1

bool keep_is_pending(const struct host *host)
{
    return host->unkept_record.bytes != NULL;
}

void keep_forget(struct host *host)
{
    kept_clear(&host->unkept_record);
    kept_clear(&host->unkept_state);
    host->state_unkept = false;
    host->keeping = STATUS_OK;
}

static enum status read_record(const struct host *host, struct record *out)
{
    struct cose_sign1 parts;

    TRY(cose_sign1_decode(kept_view(&host->unkept_record), &parts));
    return record_decode(parts.payload, out);
}

static enum status keep_now(struct host *host, const struct record *record)
{
    const struct closed_round closed = {
        .record = record,
        .message = kept_view(&host->unkept_record),
        .state = kept_view(&host->unkept_state),
        /* No other round is opened before this one is kept, so these are still its own. */
        .leaves = proofs_leaves(&host->proofs),
    };
    const bool state_unkept = host->state_unkept;
    enum status status;

    host->keep_due = host->now + KEEP_AGAIN_S;
    TRY(host_keep_revocations(host, host->status.revocations));
    status = host->ports.keep_round(host->ports.ctx, &closed);
    if (status == STATUS_EXISTS)
        status = STATUS_OK; /* it was kept, although we were told that it was not */
    host->keeping = status;
    TRY(status);
    host_note_metrics(host, &record->metrics);
    host_remember_record(host, record->round, closed.message);
    (void)host_remember_leaves(host, closed.message, closed.leaves); /* it has told why not */
    keep_forget(host);
    host->state_unkept = state_unkept; /* the owner may have brought something meanwhile */
    announce(host, ANNOUNCE_RECORDS);
    return STATUS_OK;
}

/* The state after the round; an enclave without a sealing key has none. */
static enum status seal(struct host *host)
{
    struct view response, state;
    const enum status status = host_gate(host, GATE_SEAL, NULL, 0, &response);

    if (status == STATUS_UNSUPPORTED)
        return STATUS_OK;
    TRY(status);
    TRY(gate_message_decode(response, &state));
    return kept_set(&host->unkept_state, state);
}

enum status keep_closed_round(struct host *host, struct view message)
{
    struct record record;
    enum status status;

    TRY(kept_set(&host->unkept_record, message));
    status = read_record(host, &record);
    if (status == STATUS_OK) {
        log_event(host->ports.log, record.reason == STATUS_OK ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "round_closed",
                  "round %u counted %u samples %llu %s%s", record.round, record.counted,
                  (unsigned long long)record.samples, status_name(record.reason), record.simulated ? " simulated" : "");
        /* Without a state the record is kept all the same; without the enclave nobody has heard of the round. */
        if (seal(host) != STATUS_NO_CONNECTION)
            return keep_now(host, &record);
        status = STATUS_NO_CONNECTION;
    }
    keep_forget(host);
    return status;
}

enum status keep_go_on(struct host *host)
{
    struct record record;

    if (!keep_is_pending(host) || host->now < host->keep_due)
        return STATUS_BUSY;
    TRY(read_record(host, &record));
    return keep_now(host, &record);
}

void keep_state(struct host *host, uint64_t revocations)
{
    struct view response, state;
    enum status status = host_keep_revocations(host, revocations);

    /* A state after a round whose record is not kept must not be there before that record. */
    if (keep_is_pending(host)) {
        host->state_unkept = true;
        return;
    }
    if (status == STATUS_OK)
        status = host_gate(host, GATE_SEAL, NULL, 0, &response);
    if (status == STATUS_OK)
        status = gate_message_decode(response, &state);
    if (status == STATUS_OK)
        host->keeping = status = host->ports.keep_state(host->ports.ctx, state);
    /* An enclave without a sealing key never will. */
    host->state_unkept = status != STATUS_OK && status != STATUS_UNSUPPORTED;
}
