/* lifecycle.c: a host comes to be, boots its enclave, meets its broker, and goes. */
#include <stdlib.h>
#include <string.h>

#include "cose.h"
#include "host_private.h"
#include "keep.h"

enum status host_new(const struct host_settings *settings, const struct host_ports *ports, struct host **out)
{
    struct host *host = calloc(1, sizeof *host);
    struct cose_sign1 parts;
    enum status status;

    if (host == NULL)
        return STATUS_IO;
    host->settings = *settings;
    host->ports = *ports;
    status = cose_sign1_decode(settings->policy, &parts);
    if (status == STATUS_OK)
        status = policy_decode(parts.payload, &host->policy);
    if (status == STATUS_OK) {
        const struct assembly_ports calls = {host, host_send_need, host_take_whole, host_send_answer};
        status = assembly_new(&calls, settings->memory_max, HOST_TRANSFERS_MAX, &host->assembly);
    }
    if (status != STATUS_OK) {
        host_free(&host);
        return status;
    }
    host->names = (struct topic){.federation = host->policy.federation, .aggregator = settings->aggregator};
    *out = host;
    return STATUS_OK;
}

void host_free(struct host **host)
{
    if (*host == NULL)
        return;
    assembly_free(&(*host)->assembly);
    endorse_free(*host);
    proofs_free(&(*host)->proofs);
    kept_clear(&(*host)->challenge);
    kept_clear(&(*host)->manifest);
    kept_clear(&(*host)->revocations);
    keep_forget(*host);
    for (uint32_t i = 0; i < (*host)->record_count; i++)
        kept_clear(&(*host)->records[i].message);
    free(*host);
    *host = NULL;
}

static enum status boot_enclave(struct host *host, struct view state, struct gate_booted *booted)
{
    struct gate_boot boot = {
        .now = host->now,
        .aggregator = host->settings.aggregator,
        .owner_key = host->settings.owner_key,
        .policy = host->settings.policy,
        .state = state,
        .revoked = kept_view(&host->revocations),
    };
    size_t room = state.len + boot.policy.len + boot.revoked.len + MESSAGE_MAX;
    struct buf body = {.ptr = malloc(room), .cap = room};
    struct view piece, response;
    enum status status = body.ptr == NULL ? STATUS_NO_SPACE : gate_boot_encode(&boot, &body);

    if (status == STATUS_OK) {
        piece = buf_view(&body);
        status = host_gate(host, GATE_BOOT, &piece, 1, &response);
    }
    free(body.ptr);
    TRY(status);
    return gate_booted_decode(response, booted);
}

enum status host_boot(struct host *host, struct view state, uint64_t now)
{
    struct gate_booted booted;
    enum status status;

    host->now = now > host->now ? now : host->now;
    host->enclave_gone = false;
    keep_forget(host);
    status = boot_enclave(host, state, &booted);
    if (status != STATUS_OK && status != STATUS_NO_CONNECTION && host->revocations.len > 0)
        log_event(host->ports.log, LOG_LEVEL_WARN, "boot_refused", "with the revocation list that was kept: %s",
                  status_text(status));
    TRY(status);
    TRY(endorse_evidence(host, booted.bundle));
    host->limits = booted;
    host->limits.bundle = (struct view){NULL, 0};
    if (booted.restored != STATUS_OK && booted.restored != STATUS_NOT_FOUND)
        log_event(host->ports.log, LOG_LEVEL_WARN, "state_not_restored", "%s: the owner must import a model again",
                  status_text(booted.restored));
    /* What was in the making was sealed for the boot before. */
    assembly_forget_rounds(host->assembly);
    proofs_begin(&host->proofs);
    kept_clear(&host->manifest);
    host->has_manifest = false;
    renew_begin(host);
    host->booted = true;
    announce_all(host);
    return host_tick(host, now);
}

size_t host_max_body(const struct host *host)
{
    return (size_t)host->limits.max_body; /* below 2^32: bodies.c */
}

bool host_filter(const struct host *host, unsigned int i, struct buf *out)
{
    static const enum topic_kind kinds[] = {TOPIC_ENROL, TOPIC_OWNER, TOPIC_UPDATE};

    return i < ARRAY_LEN(kinds) && topic_filter(kinds[i], &host->names, out) == STATUS_OK;
}

enum status host_will(const struct host *host, struct buf *topic, struct buf *payload)
{
    TRY(topic_format(TOPIC_STATUS, &host->names, topic));
    return status_json(host, "offline", payload);
}

enum status host_connected(struct host *host, uint64_t now)
{
    host->connected = true;
    announce_all(host);
    return host_tick(host, now);
}

void host_disconnected(struct host *host)
{
    host->connected = false;
}

enum status host_writable(struct host *host, uint64_t now)
{
    host->now = now > host->now ? now : host->now;
    announce_go_on(host);
    return host->enclave_gone ? STATUS_NO_CONNECTION : STATUS_OK;
}
