/* dcap_signed.c: collateral that Intel signs: its signer, signatures and dates, whose it is; see dcap_private.h. */
#include "crypto.h"
#include "dcap_private.h"

static enum status signer_serves(const struct dcap_work *work, const struct x509_certificate *certificate)
{
    if (certificate->key.kind != X509_KEY_P256)
        return STATUS_UNSUPPORTED;
    TRY(x509_certificate_issued_by(certificate, &work->chain.root));
    if (work->root_crl != NULL && x509_crl_revokes(work->root_crl, certificate->serial))
        return STATUS_EVIDENCE_REVOKED;
    return x509_certificate_valid_at(certificate, work->evidence->time);
}

static bool is_out_of_time(enum status status)
{
    return status == STATUS_EVIDENCE_NOT_YET || status == STATUS_EVIDENCE_EXPIRED ||
           status == STATUS_EVIDENCE_COLLATERAL_EXPIRED;
}

/* A signer that is out of its time is a failed check, but what it signed is read all the same. */
static void choose_signer(struct dcap_work *work)
{
    struct dcap_choice choice = {.reason = STATUS_NOT_FOUND, .issued = INT64_MIN};
    const struct x509_certificate *best = NULL;

    for (size_t i = 0; i < work->endorsements.certificate_count; i++) {
        const struct x509_certificate *certificate = &work->endorsements.certificates[i];

        if (dcap_is_tcb_signer(certificate) &&
            dcap_choose(&choice, signer_serves(work, certificate), certificate->not_before))
            best = certificate;
    }
    if (best == NULL) {
        dcap_note_missing(work, DCAP_CHECK_TCB_SIGNER, STATUS_EVIDENCE_COLLATERAL);
        return;
    }
    if (!dcap_note(work, DCAP_CHECK_TCB_SIGNER, choice.reason) && !is_out_of_time(choice.reason))
        return;
    work->signer = best;
    dcap_narrow(work, best->not_before, best->not_after);
}

static enum status verify_document(const struct dcap_work *work, const struct dcap_document *document)
{
    uint8_t digest[SHA256_SIZE];

    TRY(sha256(document->signed_part, digest));
    return p256_verify(work->signer->key.point, digest, VIEW_OF(document->signature));
}

static enum status check_time(const struct dcap_work *work, int64_t issued, int64_t next_update)
{
    const int64_t time = work->evidence->time;

    return issued <= time && time <= next_update ? STATUS_OK : STATUS_EVIDENCE_COLLATERAL_EXPIRED;
}

/* Reads a TCB info into out and says how well it serves. */
static enum status tcb_info_serves(const struct dcap_work *work, const struct dcap_document *document,
                                   struct dcap_tcb_info *out)
{
    TRY(verify_document(work, document));
    TRY(dcap_tcb_info_read(document->signed_part, out));
    if (out->kind != work->out->quote.kind || !view_equal(work->pck.fmspc, VIEW_OF(out->fmspc)) ||
        !view_equal(work->pck.pce_id, VIEW_OF(out->pce_id)))
        return STATUS_EVIDENCE_COLLATERAL;
    return check_time(work, out->issued, out->next_update);
}

static enum status qe_identity_serves(const struct dcap_work *work, const struct dcap_document *document,
                                      struct dcap_qe_identity *out)
{
    TRY(verify_document(work, document));
    TRY(dcap_qe_identity_read(document->signed_part, out));
    if (out->kind != work->out->quote.kind)
        return STATUS_EVIDENCE_COLLATERAL;
    return check_time(work, out->issued, out->next_update);
}

static enum status choose_tcb_info(struct dcap_work *work)
{
    struct dcap_choice choice = {.reason = STATUS_NOT_FOUND, .issued = INT64_MIN};

    for (size_t i = 0; i < work->endorsements.document_count; i++) {
        const struct dcap_document *document = &work->endorsements.documents[i];
        enum status status;

        if (document->kind != DCAP_TCB_INFO)
            continue;
        work->candidate.issued = 0;
        status = tcb_info_serves(work, document, &work->candidate);
        if (dcap_choose(&choice, status, work->candidate.issued))
            work->tcb_info = work->candidate;
    }
    return choice.reason;
}

static enum status choose_qe_identity(struct dcap_work *work)
{
    struct dcap_choice choice = {.reason = STATUS_NOT_FOUND, .issued = INT64_MIN};

    for (size_t i = 0; i < work->endorsements.document_count; i++) {
        const struct dcap_document *document = &work->endorsements.documents[i];
        struct dcap_qe_identity candidate = {.issued = 0};
        enum status status;

        if (document->kind != DCAP_QE_IDENTITY)
            continue;
        status = qe_identity_serves(work, document, &candidate);
        if (dcap_choose(&choice, status, candidate.issued))
            work->qe_identity = candidate;
    }
    return choice.reason;
}

/* True when what was chosen is to be believed, in its time or not. */
static bool note_choice(struct dcap_work *work, enum dcap_check check, enum status status)
{
    if (status == STATUS_NOT_FOUND) {
        dcap_note_missing(work, check, STATUS_EVIDENCE_COLLATERAL);
        return false;
    }
    return dcap_note(work, check, status) || is_out_of_time(status);
}

void dcap_check_collateral(struct dcap_work *work)
{
    choose_signer(work);
    if (work->signer == NULL)
        return;
    work->has_tcb_info = note_choice(work, DCAP_CHECK_TCB_INFO, choose_tcb_info(work));
    if (work->has_tcb_info) {
        work->out->tcb_evaluation = work->tcb_info.evaluation;
        work->out->tcb_issued = work->tcb_info.issued;
        dcap_narrow(work, work->tcb_info.issued, work->tcb_info.next_update);
    }
    work->has_qe_identity = note_choice(work, DCAP_CHECK_QE_IDENTITY, choose_qe_identity(work));
    if (work->has_qe_identity) {
        work->out->qe_evaluation = work->qe_identity.evaluation;
        work->out->qe_issued = work->qe_identity.issued;
        dcap_narrow(work, work->qe_identity.issued, work->qe_identity.next_update);
    }
}
