/* tpm_row.c: the row of TPM evidence; see tpm_terms.h. */
#include "credential.h"
#include "tpm_container.h"
#include "tpm_private.h"
#include "tpm_terms.h"

#define PCRS      24
#define KEPT_SIZE 128 /* of the space: what the result shows of its own; a name and a digest */
#define NAMES(bank) \
    { \
        "pcr " bank ":0", "pcr " bank ":1", "pcr " bank ":2", "pcr " bank ":3", "pcr " bank ":4", "pcr " bank ":5", \
            "pcr " bank ":6", "pcr " bank ":7", "pcr " bank ":8", "pcr " bank ":9", "pcr " bank ":10", \
            "pcr " bank ":11", "pcr " bank ":12", "pcr " bank ":13", "pcr " bank ":14", "pcr " bank ":15", \
            "pcr " bank ":16", "pcr " bank ":17", "pcr " bank ":18", "pcr " bank ":19", "pcr " bank ":20", \
            "pcr " bank ":21", "pcr " bank ":22", "pcr " bank ":23" \
    }

/* As a policy's text names PCRs. */
static const struct {
    uint16_t alg;
    const char *names[PCRS];
} banks[] = {
    {TPM_SHA1, NAMES("sha1")},
    {TPM_SHA256, NAMES("sha256")},
    {TPM_SHA384, NAMES("sha384")},
    {TPM_SHA512, NAMES("sha512")},
};

/* What the row works with. */
struct work {
    const struct evidence *evidence;
    const struct view *rules;
    struct tpm_terms terms;
    struct tpm_container container;
    struct tpm_public ak;
    struct view names[TPM_AKS_MAX], root;
    struct tpm_evidence found;
    struct tpm_rules asked;
    struct tpm_result result;
    struct buf kept, rest; /* of the space: strangers' certificates must leave room for what was found */
    struct appraisal *out;
};

static enum status share_space(struct work *work)
{
    struct buf *space = work->evidence->space;

    if (space->cap < KEPT_SIZE)
        return STATUS_NO_SPACE;
    space->len = space->cap;
    work->kept = (struct buf){.ptr = space->ptr, .cap = KEPT_SIZE};
    work->rest = (struct buf){.ptr = space->ptr + KEPT_SIZE, .cap = space->cap - KEPT_SIZE};
    return STATUS_OK;
}

static enum status read_evidence(struct work *work)
{
    TRY(share_space(work));
    TRY(tpm_container_decode(work->evidence->bytes, &work->container));
    TRY(tpm_public_decode(work->container.ak, &work->ak));
    work->found = (struct tpm_evidence){
        .attest = work->container.attest,
        .signature = work->container.signature,
        .pcrs = work->container.pcrs,
        .pcr_count = work->container.pcr_count,
        .ak = &work->ak,
        .endorsements = work->evidence->endorsements,
        .space = &work->rest,
    };
    return STATUS_OK;
}

/* The key and the authority that a tool was given, instead of terms. */
static enum status believe_evidence(struct work *work)
{
    const struct evidence *evidence = work->evidence;
    struct tpm_public key;

    if (evidence->authority.len > 0) {
        work->root = evidence->authority;
        work->asked.roots = &work->root;
        work->asked.root_count = 1;
    }
    if (evidence->key.len == 0)
        return STATUS_OK;
    TRY(tpm_public_decode(evidence->key, &key));
    if (public_key_equal(&key.key, &work->ak.key) &&
        (key.bare ||
         view_equal((struct view){key.name, key.name_len}, (struct view){work->ak.name, work->ak.name_len})))
        work->asked.ak = &work->ak;
    return STATUS_OK;
}

static enum status read_terms(struct work *work)
{
    work->asked = (struct tpm_rules){.time = (int64_t)work->evidence->now};
    if (work->rules == NULL)
        return believe_evidence(work);
    TRY(tpm_terms_decode(*work->rules, &work->terms));
    for (uint32_t i = 0; i < work->terms.ak_count; i++)
        work->names[i] = work->terms.aks[i].ak_name;
    work->asked.names = work->names;
    work->asked.name_count = work->terms.ak_count;
    work->asked.roots = work->terms.authorities;
    work->asked.root_count = work->terms.authority_count;
    return STATUS_OK;
}

static void describe_pcrs(const struct work *work)
{
    for (uint32_t i = 0; i < work->container.pcr_count; i++) {
        const struct tpm_pcr *pcr = &work->container.pcrs[i];
        const struct view value = quoted_value(&work->found, &work->result.quote, pcr->alg, pcr->index);

        for (size_t bank = 0; bank < ARRAY_LEN(banks); bank++)
            if (banks[bank].alg == pcr->alg)
                appraisal_bytes(work->out, banks[bank].names[pcr->index], value);
    }
}

/* Of the PCRs that the terms name, by bank and index: what else a device has quoted, and that it may extend at will, must
 * not give it another measurement than the one that was revoked. */
static struct view measure(struct work *work)
{
    static const uint16_t algs[] = {TPM_SHA256, TPM_SHA384, TPM_SHA512};
    struct view values[TPM_PCR_TERMS_MAX];
    struct digest digest;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(algs) * PCRS; i++)
        for (uint32_t k = 0; k < work->terms.pcr_count; k++) {
            const struct tpm_pcr_terms *want = &work->terms.pcrs[k];

            if (want->alg == algs[i / PCRS] && want->index == i % PCRS)
                values[count++] = quoted_value(&work->found, &work->result.quote, want->alg, want->index);
        }
    if (digest_pieces(DIGEST_SHA256, values, count, &digest) != STATUS_OK)
        return (struct view){NULL, 0};
    return appraisal_keep(&work->kept, digest_view(&digest));
}

static void describe(struct work *work)
{
    const struct tpm_result *result = &work->result;
    struct appraisal *out = work->out;

    out->authentic = true;
    out->measurement = work->rules != NULL ? measure(work) : result->quote.pcr_digest;
    if (result->certified) {
        out->not_before = result->not_before > 0 ? (uint64_t)result->not_before : 0;
        out->not_after = result->not_after > 0 ? (uint64_t)result->not_after : 0;
    }
    appraisal_bytes(out, "ak_name", appraisal_keep(&work->kept, result->ak_name));
    appraisal_bytes(out, "qualified_signer", result->quote.signer);
    appraisal_bytes(out, "report_data", result->quote.nonce);
    appraisal_bytes(out, "pcr_digest", result->quote.pcr_digest);
    appraisal_number(out, "firmware", result->quote.firmware);
    appraisal_number(out, "clock_ms", result->quote.clock_ms);
    appraisal_number(out, "reset_count", result->quote.reset_count);
    appraisal_number(out, "restart_count", result->quote.restart_count);
    appraisal_truth(out, "clock_safe", result->quote.clock_safe);
    appraisal_truth(out, "certified", result->certified);
    if (result->checks[TPM_CHECK_PCRS].outcome == CHECK_PASSED)
        describe_pcrs(work);
}

static void check_revocation(const struct work *work)
{
    const struct check *made = &work->result.checks[TPM_CHECK_REVOCATION];
    const bool wanted = work->rules != NULL && work->terms.crl_required && work->result.certified;

    if (made->outcome == CHECK_NOT_MADE && wanted)
        (void)appraisal_check(work->out, made->name, STATUS_EVIDENCE_CRL);
    else
        appraisal_take_check(work->out, made);
}

static void check_nonce(const struct work *work)
{
    static const char *const name = "report data";
    struct view wanted = work->evidence->report_data;

    /* A TPM with larger digests takes all of them; so do tools that ask for a quote themselves. */
    if (wanted.len == SHA512_SIZE && work->result.quote.nonce.len < SHA512_SIZE)
        wanted.len = TPM_NONCE_SIZE;
    if (work->result.checks[TPM_CHECK_NONCE].outcome == CHECK_FAILED)
        (void)appraisal_check(work->out, name, work->result.checks[TPM_CHECK_NONCE].reason);
    else if (wanted.len > 0)
        (void)appraisal_check(work->out, name, appraise_binding(wanted, work->result.quote.nonce));
    else
        appraisal_unchecked(work->out, name);
}

/* An enrolled key is its device's. One that is certified is anybody's. */
static enum status find_owner(const struct work *work)
{
    for (uint32_t i = 0; i < work->terms.ak_count; i++) {
        const struct tpm_ak *ak = &work->terms.aks[i];

        if (view_equal(ak->ak_name, work->result.ak_name) &&
            (ak->name.len == 0 || view_equal(ak->name, work->evidence->subject)))
            return STATUS_OK;
    }
    return STATUS_EVIDENCE_BINDING;
}

static void check_owner(const struct work *work)
{
    static const char *const name = "is by the device that the key was enrolled for";

    if (work->rules == NULL || work->result.certified || work->evidence->subject.len == 0)
        appraisal_unchecked(work->out, name);
    else
        (void)appraisal_check(work->out, name, find_owner(work));
}

static enum status compare_pcrs(const struct work *work)
{
    if (work->result.checks[TPM_CHECK_PCRS].outcome != CHECK_PASSED)
        return STATUS_EVIDENCE_MEASUREMENT;
    for (uint32_t i = 0; i < work->terms.pcr_count; i++) {
        const struct tpm_pcr_terms *want = &work->terms.pcrs[i];
        const struct view value = quoted_value(&work->found, &work->result.quote, want->alg, want->index);

        if (!allowed_has(&want->values, value)) /* which no value that was not quoted is in: it is empty */
            return STATUS_EVIDENCE_MEASUREMENT;
    }
    return STATUS_OK;
}

static void judge(const struct work *work)
{
    static const char *const measured = "has PCR values that are accepted";

    appraisal_take_check(work->out, &work->result.checks[TPM_CHECK_VALIDITY]);
    check_revocation(work);
    appraisal_take_check(work->out, &work->result.checks[TPM_CHECK_AK]);
    check_owner(work);
    check_nonce(work);
    appraisal_take_check(work->out, &work->result.checks[TPM_CHECK_PCRS]);
    if (work->rules == NULL)
        appraisal_unchecked(work->out, measured);
    else
        (void)appraisal_check(work->out, measured, compare_pcrs(work));
}

enum status tpm_row_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out)
{
    struct work work = {.evidence = evidence, .rules = rules, .out = out};
    enum status found;

    appraisal_begin(out, evidence->kind);
    out->ear_status = EAR_AFFIRMING;
    if (appraisal_check(out, "is a container of a quote", read_evidence(&work)) != STATUS_OK ||
        appraisal_check(out, "terms", read_terms(&work)) != STATUS_OK)
        return appraisal_end(out);
    found = tpm_appraise(&work.found, &work.asked, &work.result);
    appraisal_take_check(out, &work.result.checks[TPM_CHECK_ATTEST]);
    appraisal_take_check(out, &work.result.checks[TPM_CHECK_TRUST]);
    appraisal_take_check(out, &work.result.checks[TPM_CHECK_SIGNATURE]);
    if (found == STATUS_OK || work.result.authentic) {
        describe(&work);
        judge(&work);
    }
    return appraisal_end(out);
}
