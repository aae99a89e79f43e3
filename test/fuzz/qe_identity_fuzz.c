/* qe_identity_fuzz.c: any bytes as a signed document, and as the QE identity in it. */
#include <stdlib.h>

#include "dcap_collateral.h"
#include "dcap_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view text = {data, size}, object;
    struct dcap_qe_identity identity;
    struct dcap_document document;
    struct dcap_level level;

    if (dcap_document_split(text, &document) == STATUS_OK && document.signed_part.len >= size)
        abort();
    if (json_check(text, &object) != STATUS_OK || dcap_qe_identity_read(object, &identity) != STATUS_OK)
        return 0;
    if (dcap_isv_match(&identity.levels, UINT16_MAX, &level) !=
        (identity.levels.count > 0 ? STATUS_OK : STATUS_EVIDENCE_TCB))
        abort();
    return 0;
}
