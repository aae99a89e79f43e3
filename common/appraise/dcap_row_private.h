/* dcap_row_private.h: what the steps of the rows "sgx" and "tdx" share. */
#ifndef APPRAISE_DCAP_ROW_PRIVATE_H
#define APPRAISE_DCAP_ROW_PRIVATE_H

#include "dcap_terms.h"

/** One appraisal on its way. */
struct dcap_row {
    const struct evidence *evidence;
    enum dcap_kind kind; /* of the row; a quote of another one is not verified */
    bool ruled;          /* rules were given and understood: the terms below count */
    const struct dcap_terms *platform;
    const struct sgx_terms *sgx; /* of the row's kind; the other is NULL */
    const struct tdx_terms *tdx;
    int64_t now;
    bool grace; /* collateral that ended is taken all the same */
    struct dcap_result result;
    struct appraisal *out;
};

/** Sets what the quote, its certificate and the collateral say. Of an authentic quote only. */
void dcap_row_describe(const struct dcap_row *row);

/** Makes the checks that compare with rules, and the one of the report data, or marks them unchecked. */
void dcap_row_judge(const struct dcap_row *row);

#endif
