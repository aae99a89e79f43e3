/* audit_check.c: a chain from its first record to its last; see audit.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"

#define TEXT_MAX (2 * DIGEST_SIZE + 1)

static const char *digits(struct view bytes, char text[static TEXT_MAX])
{
    if (bytes.len == 0)
        return "null";
    hex_encode(bytes, text);
    return text;
}

/* What a record says of its round, by itself. */
static void check_counts(struct audit *audit, const struct record *record)
{
    uint8_t empty[DIGEST_SIZE];
    const bool is_empty =
        sha256((struct view){NULL, 0}, empty) == STATUS_OK && view_equal(VIEW_OF(empty), record->root);

    if ((record->counted == 0) != is_empty)
        audit_fault(audit, record->round, "it counts %" PRIu32 " updates (field 7) and has %s (field 9)",
                    record->counted, is_empty ? "the root of none" : "a root of some");
    if (record->samples < record->counted || (record->counted == 0 && record->samples > 0))
        audit_fault(audit, record->round, "it counts %" PRIu32 " updates (field 7) and %" PRIu64 " samples (field 8)",
                    record->counted, record->samples);
    if (record->reason == STATUS_OK && record->counted == 0)
        audit_fault(audit, record->round, "it released a model (field 3) made of no update (field 7)");
    if (record->task == TASK_EVALUATE && !view_equal(record->base, record->model))
        audit_fault(audit, record->round, "it evaluated, and has another model than its base (fields 5 and 6)");
}

/* And by the policy that its boot's evidence came with. */
static void check_policy(struct audit *audit, const struct record *record, const struct trust *trust)
{
    const struct policy *policy = &trust->policy;
    char is[TEXT_MAX], want[TEXT_MAX];

    if (!view_equal(record->policy_digest, VIEW_OF(trust->policy_digest)))
        audit_fault(audit, record->round, "field 14 is %s instead of %s, the policy of its boot",
                    digits(record->policy_digest, is), digits(VIEW_OF(trust->policy_digest), want));
    if (record->simulated != trust->simulated)
        audit_fault(audit, record->round, "it says that it is %s (field 15), and its policy says otherwise",
                    record->simulated ? "simulated" : "not simulated");
    if (record->reason == STATUS_OK && record->counted < policy->min_cohort)
        audit_fault(audit, record->round,
                    "it released a model of %" PRIu32 " updates (field 7), below the minimum cohort"
                    " of %" PRIu32,
                    record->counted, policy->min_cohort);
    if (record->counted > policy->max_cohort || record->samples > (uint64_t)record->counted * policy->max_samples)
        audit_fault(audit, record->round,
                    "it counts %" PRIu32 " updates and %" PRIu64 " samples (fields 7 and 8), above"
                    " what the policy allows",
                    record->counted, record->samples);
}

/* Whether a boot that ended before this record's comes again, or changes what a boot does not change. */
static void check_boot(struct audit *audit, size_t index)
{
    const struct record *record = &audit->chain.entries[index].record, *before;
    const struct trust *now, *then;

    if (index == 0)
        return;
    before = &audit->chain.entries[index - 1].record;
    if (view_equal(before->boot_id, record->boot_id)) {
        if (!view_equal(before->policy_digest, record->policy_digest) || before->simulated != record->simulated)
            audit_fault(audit, record->round,
                        "it is of the same boot as record %" PRIu32
                        " (field 13), under another policy (fields 14 and 15)",
                        before->round);
        if (record->closed < before->closed)
            audit_fault(audit, record->round, "it was closed before record %" PRIu32 " (field 12), in the same boot",
                        before->round);
        return;
    }
    for (size_t i = index - 1; i > 0; i--)
        if (view_equal(audit->chain.entries[i - 1].record.boot_id, record->boot_id))
            audit_fault(audit, record->round,
                        "it is of the boot of record %" PRIu32 " (field 13), which another boot followed",
                        audit->chain.entries[i - 1].record.round);
    now = audit_boot_of(audit, record->boot_id);
    then = audit_boot_of(audit, before->boot_id);
    if (now != NULL && then != NULL && now->policy.version < then->policy.version)
        audit_fault(audit, record->round,
                    "it is under version %" PRIu64 " of the policy, record %" PRIu32 " was under version %" PRIu64,
                    now->policy.version, before->round, then->policy.version);
}

static void check_follows(struct audit *audit, size_t index)
{
    const struct chain_entry *entry = &audit->chain.entries[index];
    const struct record *record = &entry->record;
    const struct chain_entry *before = index > 0 ? entry - 1 : NULL;
    char is[TEXT_MAX], want[TEXT_MAX];

    if (before == NULL) {
        if (record->previous.len > 0 && audit->from == 0 && !audit->any_start)
            audit_fault(audit, record->round, "what it follows is not here: field 4 is %s instead of null",
                        digits(record->previous, is));
        else if (record->previous.len > 0)
            audit_note(audit, "the chain begins before record %" PRIu32 ", the first one here", record->round);
        return;
    }
    if (record->previous.len == 0 && !view_equal(record->policy_digest, before->record.policy_digest))
        audit_note(audit, "record %" PRIu32 " begins a chain anew, under another policy", record->round);
    else if (!view_equal(record->previous, VIEW_OF(before->digest)))
        audit_fault(audit, record->round, "it does not follow record %" PRIu32 "%s: field 4 is %s instead of %s",
                    before->record.round,
                    record->round > before->record.round + 1 ? ", the last one here before it" : "",
                    digits(record->previous, is), digits(VIEW_OF(before->digest), want));
    else if (!view_equal(record->base, before->record.model))
        audit_note(audit, "record %" PRIu32 " goes on from another model: its owner put one", record->round);
}

static void check_believed(struct audit *audit, size_t index)
{
    const struct chain_entry *entry = &audit->chain.entries[index];

    if (!entry->believed)
        audit_fault(audit, entry->record.round,
                    "nobody vouches for it: the evidence of its boot is not here, and neither a"
                    " manifest nor a later record that is vouched for leads to it");
}

static void check_head(struct audit *audit)
{
    const struct chain *chain = &audit->chain;
    char text[TEXT_MAX];

    if (!audit->has_head)
        return;
    for (size_t i = 0; i < chain->count; i++)
        if (view_equal(VIEW_OF(chain->entries[i].digest), VIEW_OF(audit->head)))
            return;
    if (audit->from < audit->head_round)
        audit_fault(audit, audit->head_round,
                    "the manifest of this round names a record before it that is not here: %s",
                    digits(VIEW_OF(audit->head), text));
}

void audit_check(struct audit *audit)
{
    const struct chain *chain = &audit->chain;

    chain_believe(&audit->chain, audit->has_head ? VIEW_OF(audit->head) : (struct view){NULL, 0});
    for (size_t i = 0; i < chain->count; i++) {
        const struct record *record = &chain->entries[i].record;
        const struct trust *trust = audit_boot_of(audit, record->boot_id);
        if (audit->has_fault && audit->fault_round <= record->round)
            return;
        check_follows(audit, i);
        check_counts(audit, record);
        check_boot(audit, i);
        if (trust != NULL)
            check_policy(audit, record, trust);
    }
    check_head(audit);
    /* Where a link is broken nobody before it is vouched for: the link is what is wrong. */
    for (size_t i = 0; i < chain->count && !audit->has_fault; i++)
        check_believed(audit, i);
}
