/* keyless.c: see keyless.h. The chain is judged as `tacit audit` judges it. */
#include "keyless.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "challenge.h"
#include "gather.h"
#include "keyless_root.h"
#include "manifest.h"
#include "merkle.h"
#include "proof.h"

#define MICRO 1000000

struct keyless {
    struct source *source;
    const struct index *index;
    const struct verify_sink *sink;
    struct audit audit;
    struct keyless_totals totals;
};

__attribute__((format(printf, 2, 3))) static void fault(struct keyless *keyless, const char *format, ...)
{
    char text[DIFFER_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    keyless->totals.faults++;
    keyless->sink->note(keyless->sink->ctx, text);
}

/* As of its arrival: later it may have ended. */
static enum status take_evidence(struct keyless *keyless)
{
    for (size_t i = 0; i < keyless->index->boot_count; i++) {
        const struct index_boot *boot = &keyless->index->boots[i];
        char place[48];
        enum status status =
            audit_take_bundle(&keyless->audit, buf_view(&boot->bundle), (uint64_t)(boot->at_us / MICRO));
        if (status == STATUS_IO)
            return status;
        source_place(keyless->source, boot->evidence, place);
        if (status != STATUS_OK)
            fault(keyless, "evidence (%s): %s", place, status_text(status));
        keyless->totals.boots += status == STATUS_OK;
    }
    return STATUS_OK;
}

/* Is it signed by the boot that it names? A boot whose evidence is not here is passed over: *known is false then. */
static enum status verify_by(const struct keyless *keyless, enum purpose purpose, struct view message,
                             struct view boot_id, bool *known)
{
    const struct trust *trust = audit_boot_of(&keyless->audit, boot_id);
    struct view payload;

    *known = trust != NULL;
    return trust == NULL
               ? STATUS_OK
               : bind_verify(purpose, &keyless->audit.place, VIEW_OF(trust->signing_point), message, &payload);
}

static void take_manifest(struct keyless *keyless, const struct captured *message, struct view payload)
{
    struct manifest manifest;
    bool known = false;
    enum status status = manifest_decode(payload, &manifest);

    if (status == STATUS_OK)
        status = verify_by(keyless, PURPOSE_MANIFEST, message->payload, manifest.boot_id, &known);
    if (status != STATUS_OK) {
        fault(keyless, "manifest (message %lld): %s", (long long)SOURCE_ROW(message->id), status_text(status));
        return;
    }
    keyless->totals.manifests += known;
    audit_take_manifest(&keyless->audit, message->payload);
}

static void take_challenge(struct keyless *keyless, const struct captured *message, struct view payload)
{
    struct challenge challenge;
    bool known = false;
    enum status status = challenge_decode(payload, &challenge);

    if (status == STATUS_OK)
        status = verify_by(keyless, PURPOSE_CHALLENGE, message->payload, challenge.boot_id, &known);
    if (status != STATUS_OK)
        fault(keyless, "challenge (message %lld): %s", (long long)SOURCE_ROW(message->id), status_text(status));
    keyless->totals.challenges += status == STATUS_OK && known;
}

static enum status take_signed(struct keyless *keyless, const struct captured *message)
{
    struct cose_sign1 parts;
    enum status status;

    if (message->where.kind == TOPIC_RECORD && message->payload.len == 0)
        return STATUS_OK; /* an empty one takes away what is no longer kept */
    status = cose_sign1_decode(message->payload, &parts);
    if (status != STATUS_OK) {
        fault(keyless, "%s (message %lld): %s", capture_kind_name((int)message->where.kind),
              (long long)SOURCE_ROW(message->id), status_text(status));
        return STATUS_OK;
    }
    if (message->where.kind == TOPIC_RECORD)
        return audit_take_record(&keyless->audit, message->where.round, message->payload);
    if (message->where.kind == TOPIC_ROUND)
        take_manifest(keyless, message, parts.payload);
    else
        take_challenge(keyless, message, parts.payload);
    return STATUS_OK;
}

/* ---- proofs ---- */

static const struct chain_entry *entry_of(const struct chain *chain, struct view digest)
{
    for (size_t i = 0; i < chain->count; i++)
        if (view_equal(VIEW_OF(chain->entries[i].digest), digest))
            return &chain->entries[i];
    return NULL;
}

/* The leaf that the device asked about. */
static enum status find_leaf(struct keyless *keyless, const struct captured *message, const struct proof *proof,
                             struct merkle_hash *out)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured asked;
    struct proof_request request;
    enum status status;

    query.kind = TOPIC_UPDATE;
    query.device = message->where.device;
    query.chunk = 0;
    query.to = message->id;
    TRY(source_find(keyless->source, &query, &cursor));
    while ((status = source_next(cursor, &asked)) == STATUS_OK)
        if (proof_looks_like(asked.payload) && proof_request_decode(asked.payload, &request) == STATUS_OK &&
            view_equal(request.record, proof->record)) {
            memcpy(out->bytes, request.leaf.ptr, sizeof out->bytes);
            return STATUS_OK;
        }
    return status;
}

static enum status take_proof(struct keyless *keyless, const struct captured *message)
{
    struct proof proof;
    struct merkle_claim claim;
    const struct chain_entry *entry;
    enum status status;

    if (!proof_looks_like(message->payload))
        return STATUS_OK;
    status = proof_decode(message->payload, &proof);
    if (status == STATUS_OK) {
        entry = entry_of(&keyless->audit.chain, proof.record);
        if (entry == NULL || find_leaf(keyless, message, &proof, &claim.leaf) != STATUS_OK)
            return STATUS_OK; /* of another aggregator, or of what came before the capture */
        claim.index = proof.index;
        claim.count = entry->record.counted;
        claim.path = proof.path;
        claim.path_len = proof.path_len;
        status = merkle_verify(&claim, entry->record.root);
    }
    if (status != STATUS_OK)
        fault(keyless, "%.*s: the proof of its place in round %u (message %lld): %s", (int)message->where.device.len,
              (const char *)message->where.device.ptr, (unsigned int)proof.round, (long long)SOURCE_ROW(message->id),
              status_text(status));
    keyless->totals.proofs += status == STATUS_OK;
    return STATUS_OK;
}

/* ---- all of it ---- */

static enum status take_kind(struct keyless *keyless, enum topic_kind kind)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    enum status status;

    query.kind = (int)kind;
    if (kind != TOPIC_RECEIPT)
        query.aggregator = keyless->audit.place.aggregator;
    TRY(source_find(keyless->source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK) {
        if (!message.parsed || !view_equal(message.where.federation, keyless->audit.place.federation))
            continue;
        TRY(kind == TOPIC_RECEIPT ? take_proof(keyless, &message) : take_signed(keyless, &message));
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Rounds whose updates nobody can open: are they there? */
static enum status check_roots(struct keyless *keyless)
{
    if (capture_about(keyless->source->parts.list[0])->anonymised) {
        keyless->sink->note(keyless->sink->ctx,
                            "the devices' names were replaced: what they sealed and what was counted "
                            "of them is not under these names");
        return STATUS_OK;
    }
    for (size_t i = 0; i < keyless->index->round_count; i++) {
        const struct index_round *round = &keyless->index->rounds[i];
        char why[DIFFER_MAX];
        enum status status;
        if (round->record == 0 || (round->boot != INDEX_NO_BOOT && keyless->index->boots[round->boot].has_secret))
            continue;
        status = keyless_root(keyless->source, keyless->audit.place.aggregator, round, why);
        if (status == STATUS_IO)
            return status;
        keyless->totals.roots += status == STATUS_OK;
        if (status != STATUS_OK)
            keyless->sink->note(keyless->sink->ctx, why);
    }
    return STATUS_OK;
}

static void judge_chain(struct keyless *keyless)
{
    struct audit *audit = &keyless->audit;

    audit_check(audit);
    for (uint32_t i = 0; i < audit->note_count; i++)
        keyless->sink->note(keyless->sink->ctx, audit->notes[i]);
    if (audit->has_fault)
        fault(keyless, "record %u: %s", (unsigned int)audit->fault_round, audit->why);
    keyless->totals.records = audit->chain.count;
    for (size_t i = 0; i < audit->chain.count; i++)
        keyless->totals.is_signed += audit->chain.entries[i].is_signed;
}

static void keyless_end(struct keyless *keyless)
{
    audit_free(&keyless->audit);
}

enum status keyless_run(struct source *source, const struct index *index, const struct verify_options *options,
                        const struct verify_sink *sink, struct keyless_totals *out)
{
    CLEANUP(keyless_end)
    struct keyless keyless = {
        .source = source,
        .index = index,
        .sink = sink,
        .audit = {.place = {.federation = options->federation, .aggregator = options->aggregator},
                  .owner_point = VIEW_OF(options->owner_point),
                  .any_start = true},
    };

    TRY(take_evidence(&keyless));
    TRY(take_kind(&keyless, TOPIC_RECORD));
    TRY(take_kind(&keyless, TOPIC_ROUND));
    TRY(take_kind(&keyless, TOPIC_CHALLENGE));
    judge_chain(&keyless);
    TRY(take_kind(&keyless, TOPIC_RECEIPT));
    TRY(check_roots(&keyless));
    *out = keyless.totals;
    return STATUS_OK;
}
