/* endorser.c: see endorser.h. */
#include "endorser.h"

#include <stdlib.h>
#include <string.h>

#include "endorsement.h"

/* Names the first file that is no endorsement. */
static enum status judge(const struct collateral *collateral, struct reason *reason)
{
    struct buf space = {.ptr = malloc(ENDORSEMENT_SPACE), .cap = ENDORSEMENT_SPACE};
    enum status status = space.ptr != NULL ? STATUS_OK : STATUS_IO;
    struct endorsement about;

    for (uint32_t i = 0; i < collateral->items.count && status == STATUS_OK; i++) {
        space.len = 0;
        status = endorsement_tell(collateral->items.list[i], &space, &about);
        if (status != STATUS_OK)
            reason_set(reason, "%s: no endorsement that is known: %s", collateral->files[i], status_text(status));
    }
    free(space.ptr);
    return status;
}

static size_t used(const struct tacit_evidence *evidence)
{
    size_t size = 0;

    for (unsigned int i = 0; i < evidence->endorsement_count; i++)
        size += evidence->endorsement_sizes[i];
    return size;
}

static enum status check_room(const struct collateral *collateral, const struct tacit_evidence *evidence,
                              struct reason *reason)
{
    size_t size = used(evidence);

    for (uint32_t i = 0; i < collateral->items.count; i++)
        size += collateral->items.list[i].len;
    if (size <= evidence->endorsements_size &&
        collateral->items.count <= TACIT_MAX_ENDORSEMENTS - evidence->endorsement_count)
        return STATUS_OK;
    reason_set(reason, "%zu bytes in %zu endorsements; at most %zu bytes and %d go with the evidence of a device", size,
               (size_t)collateral->items.count + evidence->endorsement_count, evidence->endorsements_size,
               TACIT_MAX_ENDORSEMENTS);
    return STATUS_NO_SPACE;
}

static void read_anew(struct endorser *endorser, const struct tacit_evidence *evidence)
{
    CLEANUP(collateral_free) struct collateral found = {0};
    struct reason reason = {""};

    if (collateral_read(endorser->folder, &found, &reason) != STATUS_OK || judge(&found, &reason) != STATUS_OK ||
        check_room(&found, evidence, &reason) != STATUS_OK) {
        log_event(endorser->log, LOG_LEVEL_ERROR, "endorsements_refused", "%s; those before stay in use", reason.text);
        return;
    }
    collateral_move(&found, &endorser->collateral);
}

enum status endorser_add(struct endorser *endorser, struct tacit_evidence *evidence)
{
    const struct endorsements *items = &endorser->collateral.items;
    size_t at;

    if (endorser->folder == NULL)
        return STATUS_OK;
    read_anew(endorser, evidence);
    TRY(check_room(&endorser->collateral, evidence, NULL));
    at = used(evidence);
    for (uint32_t i = 0; i < items->count; i++) {
        memcpy(evidence->endorsements + at, items->list[i].ptr, items->list[i].len);
        evidence->endorsement_sizes[evidence->endorsement_count++] = items->list[i].len;
        at += items->list[i].len;
    }
    return STATUS_OK;
}

void endorser_free(struct endorser *endorser)
{
    collateral_free(&endorser->collateral);
}
