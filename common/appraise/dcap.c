/* dcap.c: see dcap.h. The order is the argument: the quote up to Intel's root, then what Intel says now. */
#include "dcap.h"

#include <string.h>

#include "crypto.h"
#include "dcap_private.h"

static const char *const check_texts[DCAP_CHECK_COUNT] = {
#define DCAP_CHECK_TEXT(name, text) text,
    DCAP_CHECKS(DCAP_CHECK_TEXT)
#undef DCAP_CHECK_TEXT
};

const char *dcap_check_text(enum dcap_check check)
{
    return check_texts[check];
}

/* ---- findings ---- */

bool dcap_note(struct dcap_work *work, enum dcap_check check, enum status status)
{
    work->out->checks[check].outcome = status == STATUS_OK ? DCAP_PASSED : DCAP_FAILED;
    work->out->checks[check].reason = status;
    return status == STATUS_OK;
}

void dcap_note_missing(struct dcap_work *work, enum dcap_check check, enum status reason)
{
    work->out->checks[check].outcome = DCAP_NOT_CHECKED;
    work->out->checks[check].reason = reason;
}

void dcap_narrow(struct dcap_work *work, int64_t not_before, int64_t not_after)
{
    struct dcap_window *window = &work->out->window;

    if (not_before > window->not_before)
        window->not_before = not_before;
    if (not_after < window->not_after)
        window->not_after = not_after;
}

/* How far a candidate came, by the reason that stopped it. */
static unsigned rank(enum status reason)
{
    switch (reason) {
    case STATUS_NOT_FOUND:
        return 0;
    case STATUS_EVIDENCE_COLLATERAL:
        return 2;
    case STATUS_EVIDENCE_COLLATERAL_EXPIRED:
    case STATUS_EVIDENCE_EXPIRED:
    case STATUS_EVIDENCE_NOT_YET:
    case STATUS_EVIDENCE_CRL:
        return 3;
    case STATUS_OK:
        return 4;
    default:
        return 1;
    }
}

bool dcap_choose(struct dcap_choice *choice, enum status reason, int64_t issued)
{
    if (rank(reason) < rank(choice->reason) || (rank(reason) == rank(choice->reason) && issued <= choice->issued))
        return false;
    *choice = (struct dcap_choice){reason, issued};
    return true;
}

/* ---- the quote ---- */

static enum status verify_p256(struct view data, struct view signature, struct view point)
{
    uint8_t digest[SHA256_SIZE];

    TRY(sha256(data, digest));
    return p256_verify(point, digest, signature);
}

static enum status verify_chain(struct dcap_work *work)
{
    TRY(dcap_chain_read(work->out->quote.pck_chain, work->space, &work->chain));
    TRY(dcap_chain_verify(&work->chain));
    if (work->chain.leaf.key.kind != X509_KEY_P256)
        return STATUS_UNSUPPORTED;
    TRY(dcap_pck_read(&work->chain.leaf, &work->pck));
    work->out->pck = work->pck;
    work->out->pck_serial = work->chain.leaf.serial;
    return x509_name_common(work->chain.intermediate.subject, &work->out->pck_authority);
}

/* The quoting enclave put the digest of the key that it made for quotes into its own report, and zeros behind it. */
static enum status verify_attestation_key(const struct dcap_quote *quote)
{
    const struct view pieces[] = {quote->attestation_key, quote->qe_auth_data};
    uint8_t wanted[DCAP_REPORT_DATA] = {0};

    TRY(sha256_pieces(pieces, ARRAY_LEN(pieces), wanted));
    return view_equal(quote->qe_report.report_data, VIEW_OF(wanted)) ? STATUS_OK : STATUS_EVIDENCE_BINDING;
}

static bool authenticate(struct dcap_work *work)
{
    struct dcap_result *out = work->out;
    const struct dcap_quote *quote = &out->quote;

    if (!dcap_note(work, DCAP_CHECK_FORMAT, dcap_quote_parse(work->evidence->quote, &out->quote)))
        return false;
    out->debug = dcap_quote_debug(quote);
    if (quote->kind == DCAP_SGX)
        out->checks[DCAP_CHECK_TDX_MODULE].outcome = DCAP_NOT_APPLICABLE;
    return dcap_note(work, DCAP_CHECK_PCK_CHAIN, verify_chain(work)) &&
           dcap_note(work, DCAP_CHECK_QE_REPORT,
                     verify_p256(quote->qe_report.bytes, quote->qe_signature, work->chain.leaf.key.point)) &&
           dcap_note(work, DCAP_CHECK_ATTESTATION_KEY, verify_attestation_key(quote)) &&
           dcap_note(work, DCAP_CHECK_QUOTE_SIGNATURE,
                     verify_p256(quote->signed_part, quote->signature, quote->attestation_key));
}

static void check_dates(struct dcap_work *work)
{
    const struct x509_certificate *const certificates[] = {&work->chain.leaf, &work->chain.intermediate,
                                                           &work->chain.root};

    (void)dcap_note(work, DCAP_CHECK_PCK_DATES, dcap_chain_valid_at(&work->chain, work->evidence->time));
    for (size_t i = 0; i < ARRAY_LEN(certificates); i++)
        dcap_narrow(work, certificates[i]->not_before, certificates[i]->not_after);
}

/* ---- all of it ---- */

static void start(struct dcap_result *out)
{
    memset(out, 0, sizeof *out);
    out->window = (struct dcap_window){INT64_MIN, INT64_MAX};
}

/* The first check that was not passed gives the reason; a failed one goes before one that could not be made. */
static enum status summarise(const struct dcap_result *out)
{
    enum status missing = STATUS_OK;

    for (size_t i = 0; i < DCAP_CHECK_COUNT; i++) {
        const struct dcap_finding *finding = &out->checks[i];

        if (finding->outcome == DCAP_FAILED)
            return finding->reason;
        if (finding->outcome == DCAP_NOT_CHECKED && missing == STATUS_OK)
            missing = finding->reason == STATUS_OK ? STATUS_EVIDENCE_COLLATERAL : finding->reason;
    }
    return missing;
}

void dcap_verify(const struct dcap_evidence *evidence, struct buf *space, struct dcap_result *out)
{
    struct dcap_work work = {.evidence = evidence, .space = space, .out = out};

    start(out);
    if (authenticate(&work)) {
        out->authentic = true;
        check_dates(&work);
        (void)dcap_note(
            &work, DCAP_CHECK_ENDORSEMENTS,
            dcap_endorsements_sort(evidence->endorsements, evidence->endorsement_count, space, &work.endorsements));
        dcap_check_revocation(&work);
        dcap_check_collateral(&work);
        dcap_check_levels(&work);
    }
    out->reason = summarise(out);
}
