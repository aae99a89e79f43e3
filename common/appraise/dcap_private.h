/* dcap_private.h: what the steps of dcap_verify share. */
#ifndef APPRAISE_DCAP_PRIVATE_H
#define APPRAISE_DCAP_PRIVATE_H

#include "dcap.h"
#include "dcap_chain.h"

/** The endorsement that serves best of several, and why it does not serve when it does not. */
struct dcap_choice {
    enum status reason; /* STATUS_NOT_FOUND: there was none */
    int64_t issued;
};

struct dcap_work {
    const struct dcap_evidence *evidence;
    struct buf *space;
    struct dcap_result *out;
    struct dcap_chain chain;
    struct dcap_pck pck;
    struct dcap_endorsements endorsements;
    const struct x509_crl *root_crl, *pck_crl; /* NULL: none that is signed by its issuer */
    const struct x509_certificate *signer;     /* of collateral; NULL: none to believe */
    bool has_tcb_info, has_qe_identity;        /* believed, though maybe out of their time */
    struct dcap_tcb_info tcb_info, candidate;
    struct dcap_qe_identity qe_identity;
};

/** Enters the outcome of a check. True when it was passed. */
bool dcap_note(struct dcap_work *work, enum dcap_check check, enum status status);

/** Enters what a check lacks. */
void dcap_note_missing(struct dcap_work *work, enum dcap_check check, enum status reason);

/** True when a candidate serves better than the choice so far, which is then set. */
bool dcap_choose(struct dcap_choice *choice, enum status reason, int64_t issued);

/** Cuts the window down to not_before..not_after. */
void dcap_narrow(struct dcap_work *work, int64_t not_before, int64_t not_after);

/** Revocation lists and what they say of the PCK chain. */
void dcap_check_revocation(struct dcap_work *work);

/** TCB info and QE identity: signer, signatures, dates, whether they belong to the quote. */
void dcap_check_collateral(struct dcap_work *work);

/** The levels that platform, quoting enclave and module reach, and the status that follows. */
void dcap_check_levels(struct dcap_work *work);

#endif
