/* snp.c: the checks of snp.h, one function each, and the order in which they rest on each other. */
#include "snp_private.h"

#define POLICY_RESERVED_ONE (1ull << 17)
#define POLICY_MIGRATION    (1ull << 18)
#define POLICY_DEBUG        (1ull << 19)
#define POLICY_KNOWN        ((1ull << 26) - 1)

static enum status check_report(struct snp_work *work)
{
    TRY(snp_report_parse(work->evidence->report, &work->out->report));
    work->out->debug = (work->out->report.policy & POLICY_DEBUG) != 0;
    work->out->migration = (work->out->report.policy & POLICY_MIGRATION) != 0;
    return STATUS_OK;
}

static enum status check_signer(struct snp_work *work)
{
    const struct snp_report *report = &work->out->report;

    if (report->mask_chip_key || (report->signing_key != SNP_VCEK && report->signing_key != SNP_VLEK))
        return STATUS_EVIDENCE_SIGNER;
    return STATUS_OK;
}

static enum status check_endorsements(struct snp_work *work)
{
    return snp_collect(work->evidence->endorsements, work->space, &work->collection);
}

static enum status check_policy(struct snp_work *work)
{
    const uint64_t policy = work->out->report.policy;

    return (policy & POLICY_RESERVED_ONE) != 0 && (policy & ~POLICY_KNOWN) == 0 ? STATUS_OK
                                                                                : STATUS_EVIDENCE_GUEST_POLICY;
}

static enum status check_debug(struct snp_work *work)
{
    return work->out->debug ? STATUS_EVIDENCE_DEBUG : STATUS_OK;
}

static enum status check_migration(struct snp_work *work)
{
    return work->out->migration ? STATUS_EVIDENCE_GUEST_POLICY : STATUS_OK;
}

static enum status check_vmpl(struct snp_work *work)
{
    return work->out->report.vmpl > SNP_VMPL_MAX ? STATUS_EVIDENCE_SIGNER : STATUS_OK;
}

/* For each of SNP_CHECKS those that it rests on, and whether there may be nothing to check. */
#define AFTER(id) (1u << SNP_CHECK_##id)
static const struct step {
    enum status (*check)(struct snp_work *work);
    uint32_t rests_on;
    bool optional;
} steps[SNP_CHECK_COUNT] = {
    [SNP_CHECK_REPORT] = {check_report, 0, false},
    [SNP_CHECK_SIGNER] = {check_signer, AFTER(REPORT), false},
    [SNP_CHECK_ENDORSEMENTS] = {check_endorsements, 0, false},
    [SNP_CHECK_LEAF] = {snp_check_leaf, AFTER(SIGNER) | AFTER(ENDORSEMENTS), false},
    [SNP_CHECK_SIGNATURE] = {snp_check_signature, AFTER(LEAF), false},
    [SNP_CHECK_PRODUCT] = {snp_check_product, AFTER(LEAF), false},
    [SNP_CHECK_CHAIN] = {snp_check_chain, AFTER(PRODUCT), false},
    [SNP_CHECK_TCB] = {snp_check_tcb, AFTER(PRODUCT), false},
    [SNP_CHECK_CHIP] = {snp_check_chip, AFTER(PRODUCT), true},
    [SNP_CHECK_VALIDITY] = {snp_check_validity, AFTER(CHAIN), false},
    [SNP_CHECK_REVOCATION] = {snp_check_revocation, AFTER(CHAIN), true},
    [SNP_CHECK_POLICY] = {check_policy, AFTER(REPORT), false},
    [SNP_CHECK_DEBUG] = {check_debug, AFTER(REPORT), false},
    [SNP_CHECK_MIGRATION] = {check_migration, AFTER(REPORT), false},
    [SNP_CHECK_VMPL] = {check_vmpl, AFTER(REPORT), false},
};

static const char *const names[SNP_CHECK_COUNT] = {
#define NAME(id, name) [SNP_CHECK_##id] = name,
    SNP_CHECKS(NAME)
#undef NAME
};

static void run(const struct step *step, struct snp_work *work, struct snp_check *check)
{
    enum status status = step->check(work);

    if (status == STATUS_OK) {
        check->outcome = SNP_PASSED;
    } else if (status != STATUS_NOT_FOUND || !step->optional) {
        check->outcome = SNP_FAILED;
        check->reason = status;
    }
}

static bool is_authentic(const struct snp_result *result)
{
    for (int id = 0; id <= SNP_CHECK_REVOCATION; id++)
        if (result->checks[id].outcome == SNP_FAILED ||
            (result->checks[id].outcome == SNP_NOT_CHECKED && !steps[id].optional))
            return false;
    return true;
}

void snp_examine(const struct snp_evidence *evidence, struct buf *space, struct snp_result *out)
{
    struct snp_work work = {.evidence = evidence, .space = space, .out = out};
    uint32_t passed = 0;

    *out = (struct snp_result){.authentic = false, .verdict = STATUS_OK};
    for (int id = 0; id < SNP_CHECK_COUNT; id++) {
        struct snp_check *check = &out->checks[id];

        check->name = names[id];
        if ((steps[id].rests_on & ~passed) == 0)
            run(&steps[id], &work, check);
        if (check->outcome == SNP_PASSED)
            passed |= 1u << id;
        if (out->verdict == STATUS_OK)
            out->verdict = check->reason;
    }
    out->authentic = is_authentic(out);
}
