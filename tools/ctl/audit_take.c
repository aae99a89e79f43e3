/* audit_take.c: bundles, records and manifests, each by itself; see audit.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "heap.h"
#include "manifest.h"

void audit_fault(struct audit *audit, uint32_t round, const char *format, ...)
{
    va_list arguments;

    if (audit->has_fault && audit->fault_round <= round)
        return;
    va_start(arguments, format);
    (void)vsnprintf(audit->why, sizeof audit->why, format, arguments);
    va_end(arguments);
    audit->fault_round = round;
    audit->has_fault = true;
}

void audit_note(struct audit *audit, const char *format, ...)
{
    va_list arguments;

    if (audit->note_count == AUDIT_NOTES_MAX)
        return;
    va_start(arguments, format);
    (void)vsnprintf(audit->notes[audit->note_count++], AUDIT_WHY_MAX, format, arguments);
    va_end(arguments);
}

void audit_free(struct audit *audit)
{
    for (size_t i = 0; i < audit->boot_count; i++)
        heap_give(&audit->boots[i].bundle);
    free(audit->boots);
    chain_free(&audit->chain);
}

const struct trust *audit_boot_of(const struct audit *audit, struct view boot_id)
{
    for (size_t i = 0; i < audit->boot_count; i++)
        if (view_equal(VIEW_OF(audit->boots[i].trust.boot_id), boot_id))
            return &audit->boots[i].trust;
    return NULL;
}

/* The trust's policy views the copy. */
static enum status appraise_copy(const struct audit *audit, struct view bundle, uint64_t at, struct audit_boot *out)
{
    const struct trust_question question = {audit->place.federation, audit->place.aggregator, audit->owner_point, at};

    TRY(heap_take(bundle.len, &out->bundle));
    TRY(buf_append(&out->bundle, bundle));
    return trust_bundle(buf_view(&out->bundle), &question, &out->trust);
}

enum status audit_take_bundle(struct audit *audit, struct view bundle, uint64_t at)
{
    struct audit_boot boot = {.bundle = {0}}, *grown;
    enum status status = appraise_copy(audit, bundle, at, &boot);

    if (status == STATUS_OK && audit_boot_of(audit, VIEW_OF(boot.trust.boot_id)) == NULL) {
        grown = realloc(audit->boots, (audit->boot_count + 1) * sizeof *grown);
        if (grown != NULL) {
            grown[audit->boot_count++] = boot;
            audit->boots = grown;
            return STATUS_OK;
        }
        status = STATUS_IO;
    }
    heap_give(&boot.bundle);
    return status;
}

static const struct chain_entry *entry_of(const struct chain *chain, uint32_t round)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->entries[i].record.round == round)
            return &chain->entries[i];
    return NULL;
}

/* Takes it into the chain, which replaces one of the same round. */
static enum status take(struct audit *audit, uint32_t round, struct view message)
{
    static const uint8_t nobody[P256_POINT_SIZE];
    struct chain_signer signer = {audit->place, VIEW_OF(nobody), {NULL, 0}};
    const struct trust *trust;
    struct cose_sign1 parts;
    struct record record;

    TRY(cose_sign1_decode(message, &parts));
    TRY(record_decode(parts.payload, &record));
    trust = audit_boot_of(audit, record.boot_id);
    if (trust != NULL) {
        signer.point = VIEW_OF(trust->signing_point);
        signer.boot_id = VIEW_OF(trust->boot_id);
    }
    return chain_take(&audit->chain, &signer, round, message);
}

enum status audit_take_record(struct audit *audit, uint32_t round, struct view message)
{
    const struct chain_entry *there = entry_of(&audit->chain, round);
    enum status status;

    if (round < audit->from)
        return STATUS_OK;
    if (there != NULL && !view_equal(buf_view(&there->message), message)) {
        audit_fault(audit, round, "there are two of this round: the chain forks");
        return STATUS_OK;
    }
    status = there == NULL ? take(audit, round, message) : STATUS_OK;
    if (status == STATUS_FORGED)
        audit_fault(audit, round, "its signature is not that of the enclave whose boot it names (field 13)");
    else if (status == STATUS_WRONG_ROUND)
        audit_fault(audit, round, "it says that it is of another round (field 1)");
    else if (status != STATUS_OK && status != STATUS_IO)
        audit_fault(audit, round, "%s", status_text(status));
    return status == STATUS_IO ? STATUS_IO : STATUS_OK;
}

void audit_take_manifest(struct audit *audit, struct view message)
{
    struct manifest manifest;
    struct view payload;

    for (size_t i = 0; i < audit->boot_count; i++) {
        if (bind_verify(PURPOSE_MANIFEST, &audit->place, VIEW_OF(audit->boots[i].trust.signing_point), message,
                        &payload) != STATUS_OK ||
            manifest_decode(payload, &manifest) != STATUS_OK)
            continue;
        audit->has_head = manifest.previous.len > 0;
        audit->head_round = manifest.round;
        if (audit->has_head)
            memcpy(audit->head, manifest.previous.ptr, DIGEST_SIZE);
    }
}
