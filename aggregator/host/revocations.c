/* revocations.c: the owner's revocation list between two boots of an enclave that forgets it. Nothing is verified here:
 * the enclave does that with whatever it is handed. */
#include "appraise.h"
#include "host_private.h"
#include "revocation.h"

enum status host_remember_revocations(struct host *host, struct view signed_list)
{
    struct cose_sign1 parts;
    struct revocations list;

    TRY(kept_set(&host->revocations, signed_list));
    /* One that cannot be read is handed over as well: that it is bad is for the enclave to say. */
    if (cose_sign1_decode(signed_list, &parts) == STATUS_OK && revocations_decode(parts.payload, &list) == STATUS_OK)
        host->revocations_held = host->revocations_kept = list.version;
    return STATUS_OK;
}

static enum status fetch(struct host *host, uint64_t version)
{
    struct view response, signed_list;

    TRY(host_gate(host, GATE_REVOCATIONS, NULL, 0, &response));
    TRY(gate_message_decode(response, &signed_list));
    TRY(kept_set(&host->revocations, signed_list));
    host->revocations_held = version;
    return STATUS_OK;
}

enum status host_keep_revocations(struct host *host, uint64_t version)
{
    if (version == host->revocations_kept)
        return STATUS_OK;
    if (version != host->revocations_held)
        TRY(fetch(host, version));
    host->keeping = host->ports.keep_revocations(host->ports.ctx, kept_view(&host->revocations));
    TRY(host->keeping);
    host->revocations_kept = version;
    log_event(host->ports.log, LOG_LEVEL_INFO, "revocations_taken", "version %llu", (unsigned long long)version);
    return STATUS_OK;
}
