/* appraise_rules.c: see appraise_rules.h. */
#include "appraise_rules.h"

#include <string.h>

#include "config.h"
#include "file.h"

static enum status refuse(const char *path, enum status status, struct reason *reason)
{
    reason_set(reason, "%s: neither a signed policy nor the text of one: %s", path, status_text(status));
    return STATUS_CONFIG;
}

/* Its times do not matter here. */
static enum status read_signed(const char *path, const struct cose_sign1 *sign1, struct view message,
                               const uint8_t *owner_point, struct rules *out, struct reason *reason)
{
    struct buf memory = BUF_OF(out->memory);
    enum status status = buf_append(&memory, sign1->payload);
    struct policy ignored;

    if (status == STATUS_OK)
        status = policy_decode(buf_view(&memory), &out->policy);
    if (status != STATUS_OK)
        return refuse(path, status, reason);
    out->is_signed = true;
    if (owner_point != NULL)
        out->signature = policy_verify(message, (struct view){owner_point, P256_POINT_SIZE}, out->policy.federation,
                                       out->policy.not_before, &ignored);
    return STATUS_OK;
}

enum status rules_read(const char *path, const uint8_t *owner_point, struct rules *out, struct reason *reason)
{
    CLEANUP(file_free) struct buf bytes = {0};
    struct buf memory = BUF_OF(out->memory);
    struct cose_sign1 sign1;
    enum status status;

    *out = (struct rules){.signature = STATUS_OK};
    if (file_read(path, CONFIG_MAX_FILE, &bytes, reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = cose_sign1_decode(buf_view(&bytes), &sign1);
    if (status == STATUS_OK)
        return read_signed(path, &sign1, buf_view(&bytes), owner_point, out, reason);
    /* A message of COSE begins with a byte that no text begins with. */
    if (bytes.len == 0 || bytes.ptr[0] >= 0x80)
        return refuse(path, status, reason);
    return policy_from_file(path, &memory, &out->policy, reason);
}

/* ---- */

struct judged {
    uint32_t count;
    struct accepted list[2 * ACCEPTED_MAX];
};

static void add_list(struct judged *to, const struct accepted *list, uint32_t count, struct view kind)
{
    for (uint32_t i = 0; i < count; i++)
        if (view_equal(list[i].kind, kind))
            to->list[to->count++] = list[i];
}

static struct judged list_of(const struct rules *rules, enum rules_for whose, struct view kind)
{
    struct judged judged = {0};

    if (whose != RULES_FOR_DEVICE)
        add_list(&judged, rules->policy.aggregator, rules->policy.aggregator_count, kind);
    if (whose != RULES_FOR_AGGREGATOR)
        add_list(&judged, rules->policy.device, rules->policy.device_count, kind);
    return judged;
}

enum status rules_appraise(const struct rules *rules, enum rules_for whose, const struct evidence *evidence,
                           struct appraisal *out, unsigned int *accepted_for)
{
    const struct judged all = list_of(rules, whose, evidence->kind);

    *accepted_for = 0;
    if (all.count == 0) {
        if (appraise_authenticity(evidence, out) != STATUS_EVIDENCE_KIND)
            (void)appraisal_check(out, "a kind that the policy accepts", STATUS_EVIDENCE_KIND);
        return appraisal_end(out);
    }
    for (enum rules_for list = RULES_FOR_AGGREGATOR; list <= RULES_FOR_DEVICE; list++) {
        const struct judged judged = list_of(rules, list, evidence->kind);

        if ((whose == RULES_FOR_BOTH || whose == list) &&
            appraise(evidence, judged.list, judged.count, out) == STATUS_OK)
            *accepted_for |= 1u << list;
    }
    return appraise(evidence, all.list, all.count, out);
}
