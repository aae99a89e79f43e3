/* endorse.c: the operator's endorsements, published with the enclave's evidence: all of a folder, or all as it was
 * before. What they are is told by their content; whether they are believed is for who appraises the enclave. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_private.h"

#define PACKET_HEAD_MAX (TOPIC_MAX + 64) /* of MQTT around a payload */
#define ITEM_HEAD_MAX   9                /* of CBOR before each endorsement */

static void set_clear(struct endorsed_set *set)
{
    for (uint32_t i = 0; i < set->count; i++)
        kept_clear(&set->items[i].bytes);
    set->count = 0;
}

static void set_free(struct endorsed_set **set)
{
    if (*set != NULL)
        set_clear(*set);
    free(*set);
    *set = NULL;
}

static size_t set_size(const struct endorsed_set *set)
{
    size_t size = 0;

    for (uint32_t i = 0; i < set->count; i++)
        size += ITEM_HEAD_MAX + set->items[i].bytes.len;
    return size;
}

/* ---- evidence with endorsements ---- */

static enum status encode_with(const struct endorsed_set *set, struct view evidence, struct buf *out)
{
    struct bundle bundle;

    TRY(bundle_decode(evidence, &bundle));
    if (set->count > ENDORSEMENTS_MAX - bundle.endorsements.count)
        return STATUS_OUT_OF_RANGE;
    for (uint32_t i = 0; i < set->count; i++)
        bundle.endorsements.list[bundle.endorsements.count++] = kept_view(&set->items[i].bytes);
    return bundle_encode(&bundle, out);
}

/* Gives the bundle that is published, memory of its own; says why it is none. */
static enum status compose(const struct host *host, const struct endorsed_set *set, struct kept *out)
{
    const size_t room = host->evidence.len + set_size(set), most = host->policy.max_packet - PACKET_HEAD_MAX;
    struct buf bytes = {.ptr = malloc(room), .cap = room};
    enum status status = bytes.ptr == NULL ? STATUS_NO_SPACE : STATUS_OK;

    if (status == STATUS_OK)
        status = encode_with(set, kept_view(&host->evidence), &bytes);
    if (status == STATUS_OK && bytes.len > most)
        status = STATUS_NO_SPACE;
    if (status == STATUS_OK) {
        *out = (struct kept){bytes.ptr, bytes.len};
        return STATUS_OK;
    }
    free(bytes.ptr);
    log_event(host->ports.log, LOG_LEVEL_ERROR, "collateral_not_published",
              "%u files: %s; evidence of %zu bytes and they may be %d pieces and %zu bytes together (max_packet of the "
              "policy)",
              set->count, status_text(status), host->evidence.len, ENDORSEMENTS_MAX, most);
    return status;
}

enum status endorse_evidence(struct host *host, struct view bundle)
{
    struct kept composed;

    TRY(kept_set(&host->evidence, bundle));
    if (host->collateral == NULL || host->collateral->count == 0 ||
        compose(host, host->collateral, &composed) != STATUS_OK)
        return kept_set(&host->bundle, bundle);
    kept_clear(&host->bundle);
    host->bundle = composed;
    return STATUS_OK;
}

/* ---- the operator's files ---- */

static bool is_same(const struct endorsed *a, const struct endorsed *b)
{
    return strcmp(a->file, b->file) == 0 && view_equal(kept_view(&a->bytes), kept_view(&b->bytes));
}

static bool is_same_set(const struct endorsed_set *a, const struct endorsed_set *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!is_same(&a->items[i], &b->items[i]))
            return false;
    return true;
}

static enum status take_item(const char *file, struct view bytes, struct buf *space, struct endorsed_set *to)
{
    struct endorsed *item = &to->items[to->count];

    space->len = 0;
    TRY(endorsement_tell(bytes, space, &item->about));
    TRY(kept_set(&item->bytes, bytes));
    (void)snprintf(item->file, sizeof item->file, "%s", file);
    to->count++;
    return STATUS_OK;
}

/* Judges every file: one that is no endorsement is told of, and then none is taken. */
static enum status read_set(struct host *host, struct buf *space, struct endorsed_set *out)
{
    const char *files[ENDORSEMENTS_MAX];
    struct endorsements items;
    enum status reason = STATUS_OK;

    TRY(host->ports.collateral(host->ports.ctx, &items, files));
    for (uint32_t i = 0; i < items.count; i++) {
        enum status status = take_item(files[i], items.list[i], space, out);

        if (status == STATUS_OK)
            continue;
        log_event(host->ports.log, LOG_LEVEL_ERROR, "collateral_refused",
                  "%s: no endorsement that is known: %s; the files before it stay in use", files[i],
                  status_text(status));
        reason = status;
    }
    return reason;
}

/* What was told of a file is not told again because another one changed. */
static void remember_told(struct endorsed_set *set, const struct endorsed_set *before)
{
    for (uint32_t i = 0; i < set->count; i++)
        for (uint32_t j = 0; j < before->count; j++)
            if (is_same(&set->items[i], &before->items[j])) {
                set->items[i].told = before->items[j].told;
                set->items[i].told_at = before->items[j].told_at;
            }
}

static void tell_set(const struct host *host)
{
    const struct endorsed_set *set = host->collateral;

    log_event(host->ports.log, LOG_LEVEL_INFO, "collateral", "%u files are published with the evidence", set->count);
    for (uint32_t i = 0; i < set->count; i++)
        log_event(host->ports.log, LOG_LEVEL_INFO, "collateral_file", "%s: %s", set->items[i].file,
                  set->items[i].about.name);
}

/* Takes over *found, unless it cannot be published. */
static void replace_set(struct host *host, struct endorsed_set **found)
{
    struct endorsed_set *before = host->collateral;
    struct kept composed;

    if (compose(host, *found, &composed) != STATUS_OK)
        return;
    if (before != NULL)
        remember_told(*found, before);
    kept_clear(&host->bundle);
    host->bundle = composed;
    host->collateral = *found;
    *found = before;
    tell_set(host);
    announce(host, ANNOUNCE_EVIDENCE);
}

static void read_anew(struct host *host)
{
    static const struct endorsed_set none = {.count = 0};
    CLEANUP(set_free) struct endorsed_set *found = calloc(1, sizeof *found);
    struct buf space = {.ptr = malloc(ENDORSEMENT_SPACE), .cap = ENDORSEMENT_SPACE};

    if (found != NULL && space.ptr != NULL && read_set(host, &space, found) == STATUS_OK &&
        !is_same_set(found, host->collateral != NULL ? host->collateral : &none))
        replace_set(host, &found);
    free(space.ptr);
}

void endorse_go_on(struct host *host)
{
    if (host->ports.collateral == NULL)
        return;
    if (host->now >= host->collateral_due) {
        host->collateral_due = host->now + HOST_COLLATERAL_EVERY_S;
        read_anew(host);
    }
    endorse_check_dates(host);
}

void endorse_free(struct host *host)
{
    set_free(&host->collateral);
    kept_clear(&host->evidence);
    kept_clear(&host->bundle);
}
