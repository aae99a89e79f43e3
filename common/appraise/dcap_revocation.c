/* dcap_revocation.c: revocation lists; see dcap_private.h. */
#include "dcap_private.h"

/* The list of an issuer that serves best: named after it, signed by it, in its time. *out is set to one that is at
 * least signed; a list that is out of its time still says what was revoked. */
static enum status choose_crl(const struct dcap_work *work, const struct x509_certificate *issuer,
                              const struct x509_crl **out)
{
    struct dcap_choice choice = {.reason = STATUS_NOT_FOUND, .issued = INT64_MIN};

    for (size_t i = 0; i < work->endorsements.crl_count; i++) {
        const struct x509_crl *crl = &work->endorsements.crls[i];
        enum status status;

        if (!view_equal(crl->issuer, issuer->subject))
            continue;
        status = x509_crl_issued_by(crl, issuer);
        if (status != STATUS_OK) {
            (void)dcap_choose(&choice, status == STATUS_EVIDENCE_CRL ? STATUS_FORGED : status, INT64_MIN);
            continue;
        }
        if (dcap_choose(&choice, x509_crl_valid_at(crl, work->evidence->time), crl->this_update))
            *out = crl;
    }
    return choice.reason;
}

static void check_crl(struct dcap_work *work, enum dcap_check check, const struct x509_certificate *issuer,
                      const struct x509_crl **out)
{
    const enum status status = choose_crl(work, issuer, out);

    if (status == STATUS_NOT_FOUND)
        dcap_note_missing(work, check, STATUS_EVIDENCE_CRL);
    else
        (void)dcap_note(work, check, status);
    if (*out != NULL)
        dcap_narrow(work, (*out)->this_update, (*out)->next_update);
}

void dcap_check_revocation(struct dcap_work *work)
{
    const struct dcap_chain *chain = &work->chain;

    check_crl(work, DCAP_CHECK_ROOT_CRL, &chain->root, &work->root_crl);
    check_crl(work, DCAP_CHECK_PCK_CRL, &chain->intermediate, &work->pck_crl);
    if ((work->root_crl != NULL && (x509_crl_revokes(work->root_crl, chain->intermediate.serial) ||
                                    x509_crl_revokes(work->root_crl, chain->root.serial))) ||
        (work->pck_crl != NULL && x509_crl_revokes(work->pck_crl, chain->leaf.serial)))
        (void)dcap_note(work, DCAP_CHECK_PCK_REVOCATION, STATUS_EVIDENCE_REVOKED);
    else if (work->root_crl == NULL || work->pck_crl == NULL)
        dcap_note_missing(work, DCAP_CHECK_PCK_REVOCATION, STATUS_EVIDENCE_CRL);
    else
        (void)dcap_note(work, DCAP_CHECK_PCK_REVOCATION, STATUS_OK);
}
