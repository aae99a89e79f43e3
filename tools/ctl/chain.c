/* chain.c: see chain.h. */
#include "chain.h"

#include <stdlib.h>
#include <string.h>

#include "heap.h"

static enum status decode(struct chain_entry *entry, const struct chain_signer *signer, uint32_t round)
{
    struct place place = signer->place;
    struct cose_sign1 parts;
    struct view payload;

    place.round = round;
    TRY(cose_sign1_decode(buf_view(&entry->message), &parts));
    TRY(record_decode(parts.payload, &entry->record));
    if (entry->record.round != round)
        return STATUS_WRONG_ROUND;
    entry->is_signed =
        bind_verify(PURPOSE_RECORD, &place, signer->point, buf_view(&entry->message), &payload) == STATUS_OK;
    if (!entry->is_signed && view_equal(entry->record.boot_id, signer->boot_id))
        return STATUS_FORGED;
    return sha256(parts.payload, entry->digest);
}

static enum status insert(struct chain *chain, const struct chain_entry *entry)
{
    struct chain_entry *grown;
    size_t at = 0;

    while (at < chain->count && chain->entries[at].record.round < entry->record.round)
        at++;
    if (at < chain->count && chain->entries[at].record.round == entry->record.round) {
        heap_give(&chain->entries[at].message);
        chain->entries[at] = *entry;
        return STATUS_OK;
    }
    grown = realloc(chain->entries, (chain->count + 1) * sizeof *grown);
    if (grown == NULL)
        return STATUS_IO;
    memmove(grown + at + 1, grown + at, (chain->count - at) * sizeof *grown);
    grown[at] = *entry;
    chain->entries = grown;
    chain->count++;
    return STATUS_OK;
}

enum status chain_take(struct chain *chain, const struct chain_signer *signer, uint32_t round, struct view message)
{
    struct chain_entry entry = {.believed = false};
    enum status status = heap_take(message.len, &entry.message);

    if (status == STATUS_OK)
        status = buf_append(&entry.message, message);
    if (status == STATUS_OK)
        status = decode(&entry, signer, round);
    if (status == STATUS_OK)
        status = insert(chain, &entry);
    if (status != STATUS_OK)
        heap_give(&entry.message);
    return status;
}

static void believe_digest(struct chain *chain, struct view digest)
{
    for (size_t i = 0; i < chain->count; i++)
        if (view_equal(VIEW_OF(chain->entries[i].digest), digest))
            chain->entries[i].believed = true;
}

/* From the last to the first: whoever is named stands before the one that names it. */
void chain_believe(struct chain *chain, struct view head)
{
    for (size_t i = 0; i < chain->count; i++)
        chain->entries[i].believed = chain->entries[i].is_signed;
    if (head.len > 0)
        believe_digest(chain, head);
    for (size_t i = chain->count; i > 0; i--)
        if (chain->entries[i - 1].believed && chain->entries[i - 1].record.previous.len > 0)
            believe_digest(chain, chain->entries[i - 1].record.previous);
}

void chain_free(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        heap_give(&chain->entries[i].message);
    free(chain->entries);
    *chain = (struct chain){0};
}
