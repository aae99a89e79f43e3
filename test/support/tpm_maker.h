/* tpm_maker.h: quotes of a TPM of tests, by one AK (the scalar 7 of P-256, as psa_maker.h has it), of one PCR. */
#ifndef SUPPORT_TPM_MAKER_H
#define SUPPORT_TPM_MAKER_H

#include "tpm_terms.h"

/** Appends a container with a quote over the first TPM_NONCE_SIZE bytes of report data; and the terms that accept it,
 *  which view into memory. A mistake fails the test. */
struct view tpm_maker_evidence(const uint8_t report_data[static TPM_NONCE_SIZE], struct buf *memory);
void tpm_maker_terms(struct tpm_terms *out, struct buf *memory);

#endif
