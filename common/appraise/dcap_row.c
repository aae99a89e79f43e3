/* dcap_row.c: the rows "sgx" and "tdx": see dcap_terms.h. First what dcap.h finds, then what the policy says to it. */
#include <assert.h>

#include "credential.h"
#include "dcap_row_private.h"

/* ---- grace ---- */

/* Collateral that is authentic, of this platform, and out of its time. */
static bool is_out_of_time(enum dcap_check check, const struct dcap_finding *finding)
{
    if (finding->outcome != DCAP_FAILED)
        return false;
    if (check == DCAP_CHECK_ROOT_CRL || check == DCAP_CHECK_PCK_CRL)
        return finding->reason == STATUS_EVIDENCE_CRL;
    return (check == DCAP_CHECK_TCB_INFO || check == DCAP_CHECK_QE_IDENTITY) &&
           finding->reason == STATUS_EVIDENCE_COLLATERAL_EXPIRED;
}

/* True when all of it has begun, and what ended first ended no longer ago than the policy bears. */
static bool is_in_grace(const struct dcap_row *row)
{
    const struct dcap_window *window = &row->result.window;

    return row->result.authentic && row->now >= window->not_before && row->now > window->not_after &&
           (uint64_t)(row->now - window->not_after) <= row->platform->grace_s;
}

/* Levels and revocations were read from collateral that ended as from any other: nothing but its end is forgiven. The
 * ends of certificates are not. */
static void grant_grace(struct dcap_row *row)
{
    if (!row->ruled || !is_in_grace(row))
        return;
    for (enum dcap_check check = 0; check < DCAP_CHECK_COUNT; check++) {
        struct dcap_finding *finding = &row->result.checks[check];

        if (!is_out_of_time(check, finding))
            continue;
        *finding = (struct dcap_finding){.outcome = DCAP_PASSED, .reason = STATUS_OK};
        row->grace = true;
    }
}

/* ---- findings ---- */

/* Under rules what is missing is refused, and so is what was left out for no reason that stands before. */
static void take_finding(const struct dcap_row *row, enum dcap_check check)
{
    const struct dcap_finding *finding = &row->result.checks[check];
    const char *name = dcap_check_text(check);

    if (finding->outcome == DCAP_PASSED || finding->outcome == DCAP_FAILED)
        (void)appraisal_check(row->out, name, finding->reason);
    else if (row->ruled && finding->reason != STATUS_OK)
        (void)appraisal_check(row->out, name, finding->reason);
    else if (row->ruled && appraisal_failed(row->out) == NULL)
        (void)appraisal_check(row->out, name, STATUS_EVIDENCE_COLLATERAL);
    else
        appraisal_unchecked(row->out, name);
}

static void take_kind(const struct dcap_row *row)
{
    static const char name[] = "the quote is of this kind of TEE";

    if (row->result.checks[DCAP_CHECK_FORMAT].outcome == DCAP_PASSED)
        (void)appraisal_check(row->out, name, row->result.quote.kind == row->kind ? STATUS_OK : STATUS_EVIDENCE_KIND);
    else
        appraisal_unchecked(row->out, name);
}

static void take_findings(const struct dcap_row *row)
{
    for (enum dcap_check check = 0; check < DCAP_CHECK_COUNT; check++) {
        if (check == DCAP_CHECK_TDX_MODULE && row->kind != DCAP_TDX)
            continue;
        take_finding(row, check);
        if (check == DCAP_CHECK_FORMAT)
            take_kind(row);
    }
}

/* ---- all of it ---- */

/* A quote of the other kind is looked at no further than its form. */
static void verify(struct dcap_row *row)
{
    const struct endorsements *endorsements = row->evidence->endorsements;
    const struct dcap_evidence evidence = {
        .quote = row->evidence->bytes,
        .endorsements = endorsements == NULL ? NULL : endorsements->list,
        .endorsement_count = endorsements == NULL ? 0 : endorsements->count,
        .time = row->now,
    };
    struct dcap_finding *format = &row->result.checks[DCAP_CHECK_FORMAT];

    format->reason = dcap_quote_parse(evidence.quote, &row->result.quote);
    format->outcome = format->reason == STATUS_OK ? DCAP_PASSED : DCAP_FAILED;
    if (format->reason != STATUS_OK || row->result.quote.kind != row->kind)
        return;
    assert(row->evidence->space != NULL);
    row->evidence->space->len = 0;
    dcap_verify(&evidence, row->evidence->space, &row->result);
}

static int64_t ear_status(const struct dcap_row *row)
{
    return row->result.tcb == DCAP_TCB_UP_TO_DATE && !row->grace && !row->result.debug ? EAR_AFFIRMING : EAR_WARNING;
}

/* rules: whether they were given, and what became of reading them. */
static enum status run(struct dcap_row *row, bool given, enum status rules)
{
    struct appraisal *out = row->out;

    appraisal_begin(out, row->evidence->kind);
    row->ruled = given && rules == STATUS_OK;
    row->now = (int64_t)(row->evidence->now < TIME_MAX ? row->evidence->now : TIME_MAX);
    if (given)
        (void)appraisal_check(out, "the rules of the policy are understood", rules);
    else
        appraisal_unchecked(out, "the rules of the policy are understood");
    if (rules == STATUS_OK)
        verify(row);
    grant_grace(row);
    take_findings(row);
    out->authentic = row->result.authentic;
    if (out->authentic)
        dcap_row_describe(row);
    dcap_row_judge(row);
    if (appraisal_end(out) == STATUS_OK && row->ruled)
        out->ear_status = ear_status(row);
    return out->reason;
}

enum status sgx_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out)
{
    struct sgx_terms terms = {.signer_count = 0};
    struct dcap_row row = {
        .evidence = evidence, .kind = DCAP_SGX, .platform = &terms.platform, .sgx = &terms, .out = out};

    return run(&row, rules != NULL, rules == NULL ? STATUS_OK : sgx_terms_decode(*rules, &terms));
}

enum status tdx_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out)
{
    struct tdx_terms terms = {.attributes_allowed = 0};
    struct dcap_row row = {
        .evidence = evidence, .kind = DCAP_TDX, .platform = &terms.platform, .tdx = &terms, .out = out};

    return run(&row, rules != NULL, rules == NULL ? STATUS_OK : tdx_terms_decode(*rules, &terms));
}
