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

/* TPMA_OBJECT bits that tell what a key may do. */
#define TPM_FIXED_TPM             (1u << 1)
#define TPM_FIXED_PARENT          (1u << 4)
#define TPM_SENSITIVE_DATA_ORIGIN (1u << 5)
#define TPM_RESTRICTED            (1u << 16)
#define TPM_DECRYPT               (1u << 17)
#define TPM_SIGN                  (1u << 18)

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

/** A certificate of the endorsements, and who vouches for it. */
struct vouched {
    struct x509_certificate certificate;
    bool on_the_way;                       /* by names: of the AK, or it may have issued one that is on the way */
    const struct x509_certificate *issuer; /* NULL: nobody was found yet */
    const struct vouched *above;           /* whose certificate the issuer is; NULL: an authority's */
    unsigned int level;                    /* intermediates above it */
    uint32_t room;                         /* intermediates that may follow below */
};

/** The certificates that vouch for an AK. */
struct chain {
    struct x509_authority authorities[TPM_ROOTS_MAX];
    struct x509_certificate
        named[TPM_CERTIFICATES_MAX]; /* authorities of any name, under the one that they are called */
    struct vouched certificates[TPM_CERTIFICATES_MAX];
    struct x509_crl crls[TPM_CRLS_MAX];
    size_t authority_count, certificate_count, crl_count;
    unsigned int verifications;
    const struct vouched *leaf; /* of the AK */
};

/** Finds a chain from key up to one of the roots; one in its time before one that is not. Reasons: TPM_CHECK_TRUST. */
MUST_USE enum status chain_find(const struct tpm_evidence *evidence, const struct tpm_rules *rules,
                                const struct public_key *key, struct chain *out);
/** The time in which all of a found chain is valid. */
void chain_window(const struct chain *chain, int64_t *not_before, int64_t *not_after);
/** Looks a found chain up in the CRLs and narrows its time to that of those used. STATUS_NOT_FOUND: a list is missing;
 *  else as TPM_CHECK_REVOCATION. */
MUST_USE enum status chain_revocation(const struct chain *chain, int64_t time, int64_t *not_before, int64_t *not_after);

/** The quoted value of a PCR, to be asked only when TPM_CHECK_PCRS has passed; empty when it is not of the quote. */
struct view quoted_value(const struct tpm_evidence *evidence, const struct tpm_quote *quote, uint16_t alg,
                         uint8_t index);

#endif
