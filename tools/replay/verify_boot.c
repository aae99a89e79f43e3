/* verify_boot.c: boots, challenges, requests of the owner; see verify_private.h. */
#include <string.h>

#include "bundle.h"
#include "challenge.h"
#include "heap.h"
#include "verify_private.h"

/* What a replayed boot says of itself must be what the captured evidence binds: else the secret is another's. */
static enum status compare_claims(struct verifying *verifying, const struct index_boot *boot, struct view bundle)
{
    struct bundle captured, replayed;
    const size_t at = (size_t)(boot - verifying->index->boots);

    TRY(bundle_decode(buf_view(&boot->bundle), &captured));
    TRY(bundle_decode(bundle, &replayed));
    if (view_equal(captured.claims, replayed.claims))
        return STATUS_OK;
    verifying->bad_secret = at;
    verifying->totals.differences++;
    return STATUS_BAD_KEY;
}

enum status verify_give_challenges(struct verifying *verifying)
{
    for (size_t i = ARRAY_LEN(verifying->challenges); i-- > 0;) {
        const struct verify_challenge *challenge = &verifying->challenges[i];
        const uint64_t lives = 2 * (uint64_t)verifying->boot->policy.challenge_s;
        struct view message;
        if (challenge->expires <= lives || memcmp(challenge->boot_id, verifying->boot->boot_id, BOOT_ID_SIZE) != 0)
            continue;
        TRY(replayed_message(&verifying->core, GATE_CHALLENGE, challenge->expires - lives, VIEW_OF(challenge->value),
                             &message));
    }
    return STATUS_OK;
}

static enum status boot_empty(struct verifying *verifying, const struct index_boot *boot)
{
    struct bundle bundle;
    struct gate_booted booted;
    struct replayed_boot from = {
        .aggregator = verifying->place.aggregator,
        .owner_key = VIEW_OF(verifying->owner_key),
        .boot_id = VIEW_OF(boot->boot_id),
        .secret = VIEW_OF(boot->secret),
        .booted = boot->booted,
    };

    TRY(bundle_decode(buf_view(&boot->bundle), &bundle));
    from.policy = bundle.policy;
    from.kind = bundle.kind;
    from.evidence = bundle.evidence;
    TRY(replayed_boot(&verifying->core, &from, &booted));
    TRY(compare_claims(verifying, boot, booted.bundle));
    verifying->boot = boot;
    return verify_give_challenges(verifying);
}

bool verify_enter_boot(struct verifying *verifying, size_t at, const char **why)
{
    static char text[DIFFER_MAX];
    const struct index_boot *boot;
    enum status status;

    if (at == INDEX_NO_BOOT) {
        *why = "the evidence of its boot is not in the capture";
        return false;
    }
    boot = &verifying->index->boots[at];
    if (verifying->boot == boot)
        return true;
    verifying->boot = NULL;
    heap_give(&verifying->revoked);
    *why = boot->has_secret ? "the secret in the capture is not that of its boot"
                            : "the keys of this boot never left its enclave";
    if (!boot->has_secret || verifying->bad_secret == at)
        return false;
    status = boot_empty(verifying, boot);
    if (status == STATUS_OK)
        return true;
    replayed_end(&verifying->core);
    verifying->boot = NULL;
    if (verifying->bad_secret != at) {
        (void)strncpy(text, "its boot cannot be made again: ", sizeof text - 1);
        (void)strncat(text, status_text(status), sizeof text - strlen(text) - 1);
        *why = text;
    }
    return false;
}

static enum status compare_challenge(struct verifying *verifying, const struct captured *message)
{
    const struct verify_challenge *newest = &verifying->challenges[0];
    const uint64_t lives = 2 * (uint64_t)verifying->boot->policy.challenge_s;
    char why[DIFFER_MAX];
    struct view made;
    enum status status = STATUS_OUT_OF_RANGE;

    if (newest->expires > lives)
        status =
            replayed_message(&verifying->core, GATE_CHALLENGE, newest->expires - lives, VIEW_OF(newest->value), &made);
    verifying->totals.challenges++;
    if (status == STATUS_OK && view_equal(made, message->payload))
        return STATUS_OK;
    verifying->totals.differences++;
    if (status == STATUS_OK)
        differ_challenge(message->payload, made, why);
    verify_note(verifying, "%s", status == STATUS_OK ? why : "challenge: the replay cannot make it");
    return STATUS_OK;
}

enum status verify_challenge(struct verifying *verifying, const struct captured *message)
{
    struct cose_sign1 parts;
    struct challenge challenge;
    struct verify_challenge *known = verifying->challenges;
    bool was;

    TRY(seen_add(&verifying->seen, message->payload, VIEW_TEXT("challenge"), &was));
    if (was || cose_sign1_decode(message->payload, &parts) != STATUS_OK ||
        challenge_decode(parts.payload, &challenge) != STATUS_OK ||
        view_equal(challenge.value, VIEW_OF(known[0].value)))
        return STATUS_OK;
    known[1] = known[0];
    memcpy(known[0].value, challenge.value.ptr, CHALLENGE_SIZE);
    memcpy(known[0].boot_id, challenge.boot_id.ptr, BOOT_ID_SIZE);
    known[0].expires = challenge.expires;
    if (verifying->boot == NULL || !view_equal(VIEW_OF(verifying->boot->boot_id), challenge.boot_id))
        return STATUS_OK;
    return compare_challenge(verifying, message);
}

/* The list that the core holds after a request, for the next core of this boot. */
static enum status keep_list(struct verifying *verifying)
{
    struct view list;
    enum status status = replayed_message(&verifying->core, GATE_REVOCATIONS, 0, (struct view){NULL, 0}, &list);

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    heap_give(&verifying->revoked);
    TRY(heap_take(list.len, &verifying->revoked));
    return buf_append(&verifying->revoked, list);
}

enum status verify_request(struct verifying *verifying, const struct captured *answer)
{
    CLEANUP(heap_give) struct buf request = {0};
    struct gate_answer made;
    enum status status;
    bool was;

    TRY(seen_add(&verifying->seen, answer->payload, VIEW_TEXT("answer"), &was));
    if (was || verifying->boot == NULL)
        return STATUS_OK;
    status =
        gather_request(verifying->source, verifying->place.aggregator, answer->where.request, answer->id, &request);
    if (status != STATUS_OK) {
        verify_note(verifying, "owner request %.*s: %s", (int)answer->where.request.len,
                    (const char *)answer->where.request.ptr, status_text(status));
        return status == STATUS_IO ? STATUS_IO : STATUS_OK;
    }
    verifying->totals.requests++;
    TRY(replayed_owner(&verifying->core, answer->where.request, buf_view(&request), &made));
    if (made.message.len == 0)
        verify_note(verifying, "owner request %.*s: it was answered, and the replay refuses it: %s",
                    (int)answer->where.request.len, (const char *)answer->where.request.ptr, status_name(made.reason));
    return keep_list(verifying);
}
