/* tpm_private.h: what the files of TPM quotes share: a reader of the TPM's structures, and their parts. */
#ifndef APPRAISE_TPM_PRIVATE_H
#define APPRAISE_TPM_PRIVATE_H

#include "tpm.h"

#define TPM_ALG_RSA    0x0001
#define TPM_ALG_NULL   0x0010
#define TPM_ALG_RSASSA 0x0014
#define TPM_ALG_RSAPSS 0x0016
#define TPM_ALG_ECDSA  0x0018
#define TPM_ALG_ECC    0x0023

/** Big endian reading. Its failure sticks, as in reader.h. */
struct marshal {
    struct view rest;
    enum status status;
};
struct marshal marshal_of(struct view bytes);
void marshal_fail(struct marshal *marshal, enum status why);
/** STATUS_OK when nothing failed and nothing is left (else STATUS_TRAILING). */
MUST_USE enum status marshal_end(const struct marshal *marshal);
uint64_t marshal_number(struct marshal *marshal, size_t size);
uint16_t marshal_u16(struct marshal *marshal);
uint32_t marshal_u32(struct marshal *marshal);
struct view marshal_bytes(struct marshal *marshal, size_t len);
/** A TPM2B of at most max bytes (else STATUS_MALFORMED). */
struct view marshal_sized(struct marshal *marshal, size_t max);

/** What stands in a TPM2B when bytes are wholly one; else bytes. */
struct view unwrap_sized(struct view bytes);

/** The size of a bank's digests; 0 when it is not known. */
size_t bank_size(uint16_t alg);
/** The SHA-2 of a TPM_ALG_ID. STATUS_UNSUPPORTED. */
MUST_USE enum status digest_of_alg(uint16_t alg, enum digest_alg *out);

MUST_USE enum status quote_decode(struct view attest, struct tpm_quote *out);

/** Verifies over attest (a TPMS_ATTEST); *digest tells the hash of the signature, which PCR digests are made with too. */
MUST_USE enum status quote_verify(const struct tpm_evidence *evidence, const struct tpm_public *ak,
                                  const struct tpm_quote *quote, enum digest_alg *digest);

#endif
