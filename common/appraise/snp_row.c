/* snp_row.c: judges what snp_examine found by the terms of a policy (see snp_terms.h). */
#include "snp_terms.h"

#include "credential.h"
#include "snp_private.h"

/* What the row works with. */
struct row {
    const struct evidence *evidence;
    struct snp_terms terms; /* zeros without rules */
    bool judged;            /* rules were given, and what they judge is authentic */
    struct snp_result result;
    struct appraisal *out;
};

/* ---- what needs no rules ---- */

/* Without rules no grace is given. */
static void examine(struct row *row)
{
    const struct snp_evidence evidence = {
        .report = row->evidence->bytes,
        .endorsements = row->evidence->endorsements,
        .time = (int64_t)row->evidence->now,
        .roots = snp_roots,
        .crl_grace_s = (int64_t)row->terms.grace_s,
    };

    snp_examine(&evidence, row->evidence->space, &row->result);
}

/* Debugging and migration are what a policy may allow, so they are judged by it alone. */
static void take_checks(const struct row *row)
{
    for (int id = 0; id < SNP_CHECK_COUNT; id++) {
        const struct snp_check *check = &row->result.checks[id];

        if (id == SNP_CHECK_DEBUG || id == SNP_CHECK_MIGRATION)
            continue;
        if (check->outcome == SNP_NOT_CHECKED)
            appraisal_unchecked(row->out, check->name);
        else
            (void)appraisal_check(row->out, check->name, check->reason);
    }
}

/* ---- what a policy demands ---- */

static void demand(const struct row *row, const char *name, bool met, enum status reason)
{
    if (row->judged)
        (void)appraisal_check(row->out, name, met ? STATUS_OK : reason);
    else
        appraisal_unchecked(row->out, name);
}

static const struct snp_least *find_least(const struct row *row)
{
    for (uint32_t i = 0; i < row->terms.least_count; i++)
        if (row->terms.least[i].product == row->result.product)
            return &row->terms.least[i];
    return NULL;
}

static void judge_platform(const struct row *row)
{
    static const struct snp_tcb zeros;
    const struct snp_tcb *got = &row->result.reported, *least = &zeros;
    const struct snp_least *found = find_least(row);

    demand(row, "an accepted product", found != NULL, STATUS_EVIDENCE_PLATFORM);
    if (found != NULL)
        least = &found->tcb;
    demand(row, "fmc is new enough", got->fmc >= least->fmc, STATUS_EVIDENCE_TCB);
    demand(row, "boot loader is new enough", got->bootloader >= least->bootloader, STATUS_EVIDENCE_TCB);
    demand(row, "tee is new enough", got->tee >= least->tee, STATUS_EVIDENCE_TCB);
    demand(row, "snp firmware is new enough", got->snp >= least->snp, STATUS_EVIDENCE_TCB);
    demand(row, "microcode is new enough", got->microcode >= least->microcode, STATUS_EVIDENCE_TCB);
    demand(row, "an accepted signing key",
           row->result.report.signing_key == SNP_VLEK ? row->terms.vlek : row->terms.vcek, STATUS_EVIDENCE_SIGNER);
}

/* Bits of the guest's policy, and what they are called when they weaken it unallowed, or are missing. */
static const struct {
    uint64_t bit;
    const char *name;
    enum status reason;
} bits[] = {
    {SNP_POLICY_DEBUG, "debugging is off or allowed", STATUS_EVIDENCE_DEBUG},
    {SNP_POLICY_MIGRATE, "migration is off or allowed", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_SMT, "smt is off or allowed", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_CXL, "cxl is off or allowed", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_SINGLE_SOCKET, "single socket, if required", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_AES_256_XTS, "aes-256-xts, if required", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_RAPL_OFF, "rapl off, if required", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_CIPHERTEXT_HIDING, "ciphertext hiding, if required", STATUS_EVIDENCE_GUEST_POLICY},
    {SNP_POLICY_PAGE_SWAP_OFF, "page swap off, if required", STATUS_EVIDENCE_GUEST_POLICY},
};

static void judge_launch(const struct row *row)
{
    const uint64_t policy = row->result.report.policy;
    /* Set without leave, or not set though it must be. */
    const uint64_t wrong = (policy & SNP_POLICY_WEAKENING & ~row->terms.allowed) | (~policy & row->terms.required);

    demand(row, "vmpl is low enough", row->result.report.vmpl <= row->terms.max_vmpl, STATUS_EVIDENCE_GUEST_POLICY);
    for (size_t i = 0; i < ARRAY_LEN(bits); i++)
        demand(row, bits[i].name, (wrong & bits[i].bit) == 0, bits[i].reason);
}

/* Its own key, or the one that vouches for that. */
static bool is_signed_by(const struct snp_report *report, const struct snp_signer *signer)
{
    const bool by_key = view_equal(report->id_key_digest, signer->key_digest) ||
                        (report->author_key && view_equal(report->author_key_digest, signer->key_digest));

    return by_key && (signer->image_id.len == 0 || view_equal(report->image_id, signer->image_id)) &&
           report->guest_svn >= signer->min_svn;
}

static bool is_accepted_guest(const struct row *row)
{
    if (allowed_has(&row->terms.measurement, row->result.report.measurement))
        return true;
    for (uint32_t i = 0; i < row->terms.signer_count; i++)
        if (is_signed_by(&row->result.report, &row->terms.signers[i]))
            return true;
    return false;
}

static void judge_guest(const struct row *row)
{
    demand(row, "an accepted measurement or signer", is_accepted_guest(row), STATUS_EVIDENCE_MEASUREMENT);
    demand(row, "accepted host data", allowed_has(&row->terms.host_data, row->result.report.host_data),
           STATUS_EVIDENCE_MEASUREMENT);
}

static void judge_crl(const struct row *row)
{
    const bool there = row->result.checks[SNP_CHECK_REVOCATION].outcome == SNP_PASSED;
    const int64_t age = (int64_t)row->evidence->now - row->result.crl_issued;

    if (there || row->terms.crl_required)
        demand(row, "a revocation list is there", there, STATUS_EVIDENCE_CRL);
    else
        appraisal_unchecked(row->out, "a revocation list is there");
    if (there)
        demand(row, "the revocation list is new enough", age <= (int64_t)row->terms.max_age_s, STATUS_EVIDENCE_CRL);
    else
        appraisal_unchecked(row->out, "the revocation list is new enough");
}

static void check_binding(const struct row *row)
{
    const struct view wanted = row->evidence->report_data;

    if (row->result.authentic && wanted.len > 0)
        (void)appraisal_check(row->out, "report data", appraise_binding(wanted, row->result.report.report_data));
    else
        appraisal_unchecked(row->out, "report data");
}

/* ---- the row ---- */

static int64_t ear_status(const struct snp_result *result)
{
    const bool revocation = result->checks[SNP_CHECK_REVOCATION].outcome == SNP_PASSED;

    return revocation && !result->crl_late && !result->debug ? EAR_AFFIRMING : EAR_WARNING;
}

/* Rules that do not decode end it: without them nobody knows what grace there is. */
static bool begin(struct row *row, const struct view *rules)
{
    appraisal_begin(row->out, row->evidence->kind);
    if (rules == NULL) {
        appraisal_unchecked(row->out, "rules");
        return true;
    }
    return appraisal_check(row->out, "rules", snp_terms_decode(*rules, &row->terms)) == STATUS_OK;
}

enum status snp_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out)
{
    struct row row = {.evidence = evidence, .out = out};

    if (!begin(&row, rules))
        return appraisal_end(out);
    evidence->space->len = 0;
    examine(&row);
    evidence->space->len = 0; /* nothing in it is needed any more */
    row.judged = rules != NULL && row.result.authentic;
    out->authentic = row.result.authentic;
    out->ear_status = ear_status(&row.result);
    take_checks(&row);
    judge_platform(&row);
    judge_launch(&row);
    judge_guest(&row);
    judge_crl(&row);
    check_binding(&row);
    snp_describe(&row.result, evidence->space, out);
    if (row.judged)
        appraisal_truth(out, "grace", row.result.crl_late);
    return appraisal_end(out);
}

enum status snp_check_rules(struct view rules)
{
    struct snp_terms ignored;

    return snp_terms_decode(rules, &ignored);
}
