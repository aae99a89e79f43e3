/* tpm.h: quotes of a TPM 2.0: what a machine with an attestation key (AK) measured into its PCRs. Pure: a quote and what is
 * known of the machine go in, a result comes out.
 *
 * Big endian structures of the TPM 2.0 Library, part 2 (named TPM..._ in the comments). A quote states no time: that one is
 * fresh is known by its nonce alone. A TPM knows no debug state.
 *
 * Trust in the AK comes from enrolment (the caller knows the key or its name), or from a certificate: a chain in the
 * endorsements, from one of the AK's key up to an authority that the caller believes. A name covers what a key may do (its
 * attributes); a certificate covers the key alone, and it is the authority's word that it certifies AKs only. */
#ifndef APPRAISE_TPM_H
#define APPRAISE_TPM_H

#include "bundle.h"
#include "checks.h"
#include "x509.h"

#define TPM_ATTEST_MAX    4096
#define TPM_BANKS_MAX     16 /* selections of a quote */
#define TPM_PCRS          32 /* PCRs that a selection can name: 0..31 */
#define TPM_PCR_BYTES_MAX 64
#define TPM_NONCE_MIN     16 /* bytes below which a nonce proves nothing */
#define TPM_NAME_SIZE_MAX 66 /* algorithm and digest */

#define TPM_CERTIFICATES_MAX  16 /* in endorsements */
#define TPM_CRLS_MAX          16
#define TPM_ROOTS_MAX         16
#define TPM_INTERMEDIATES_MAX 4 /* between a believed authority and the AK's certificate */

/** Signatures of certificates that are looked at, whatever the endorsements hold: before any is known to be genuine each
 *  costs as much as a stranger can make it cost. Enough for a chain that any of the authorities may have issued any of. */
#define TPM_VERIFICATIONS_MAX(authorities) (12 + 6 * (authorities))

/* TPM_ALG_ID of digests. A bank may have any of them; names, signatures and so PCR digests SHA-2 only. */
#define TPM_SHA1     0x0004
#define TPM_SHA256   0x000b
#define TPM_SHA384   0x000c
#define TPM_SHA512   0x000d
#define TPM_SM3      0x0012
#define TPM_SHA3_256 0x0027
#define TPM_SHA3_384 0x0028
#define TPM_SHA3_512 0x0029

/** An AK. */
struct tpm_public {
    struct public_key key;
    bool bare;                       /* from a SubjectPublicKeyInfo: nothing below is known */
    uint32_t attributes;             /* TPMA_OBJECT */
    uint16_t scheme, scheme_hash;    /* TPM_ALG_ID that it signs with; 0 when the key leaves it open */
    uint8_t name[TPM_NAME_SIZE_MAX]; /* TPM2B_NAME without its size: algorithm, digest of the TPMT_PUBLIC */
    size_t name_len;
};

/**
 * Decodes a TPM2B_PUBLIC, a TPMT_PUBLIC, or a SubjectPublicKeyInfo in PEM or DER.
 * Returns STATUS_MALFORMED, _TRUNCATED, _TRAILING, _NO_SPACE (a text too long), STATUS_UNSUPPORTED (another type, curve,
 * scheme or name algorithm), STATUS_BAD_KEY (RSA not of 2048..4096 bits, a point off its curve), STATUS_CRYPTO.
 */
MUST_USE enum status tpm_public_decode(struct view encoded, struct tpm_public *out);

/** Which PCRs of a bank: bit i of pcrs is PCR i. */
struct tpm_bank {
    uint16_t alg;
    uint32_t pcrs;
};

/** A PCR and its value, as long as the bank's digest. */
struct tpm_pcr {
    uint16_t alg;
    uint8_t index;
    struct view value;
};

/** What a quote says. Views into it. */
struct tpm_quote {
    struct view signer; /* qualified name of the AK: depends on the keys above it too */
    struct view nonce;
    uint64_t clock_ms;
    uint32_t reset_count, restart_count;
    bool clock_safe; /* no larger clock was ever reported before */
    uint64_t firmware;
    struct tpm_bank banks[TPM_BANKS_MAX];
    size_t bank_count;
    struct view pcr_digest;
};

/** What a machine sends. */
struct tpm_evidence {
    struct view attest;         /* TPMS_ATTEST, or that in a TPM2B_ATTEST */
    struct view signature;      /* TPMT_SIGNATURE, or bare: RSA as long as the modulus; ECDSA r || s or DER */
    const struct tpm_pcr *pcrs; /* the values that it says to have quoted; may be none, may be more than selected */
    size_t pcr_count;
    const struct tpm_public *ak; /* the key that it says to have signed with; not looked at when rules->ak is given */
    const struct endorsements *endorsements; /* certificates and CRLs in any order, DER or PEM; may be NULL */
    struct buf *space;                       /* where PEM is decoded; NULL: all is DER */
};

/** What enrolment and policy say. Empty views and lists: not checked. */
struct tpm_rules {
    const struct tpm_public *ak; /* the enrolled key; NULL: evidence->ak must be named or certified */
    const struct view *names;    /* of enrolled keys, as tpm_public.name */
    size_t name_count;
    const struct view *roots; /* believed authorities: as x509_authority_parse takes them; TPM_ROOTS_MAX at most */
    size_t root_count;
    int64_t time;                     /* of certificates and CRLs: seconds since 1970 */
    struct view nonce;                /* the challenge that was given out */
    struct view signer;               /* the enrolled qualified name */
    const struct tpm_pcr *references; /* each must be selected, and its value be the quoted one */
    size_t reference_count;
};

enum tpm_check {
    TPM_CHECK_ATTEST, /* MALFORMED, TRUNCATED, TRAILING, NO_SPACE; UNSUPPORTED (no quote, an unknown bank) */
    /* EVIDENCE_ROOT (neither enrolled nor certified by a believed authority), EVIDENCE_CHAIN (no certificate of this key,
     * or none that leads up), EVIDENCE_KEY_USE (certified, but not for signing data), NO_SPACE (too many), and what x509.h
     * returns for endorsements and authorities that do not parse */
    TPM_CHECK_TRUST,
    TPM_CHECK_SIGNATURE, /* FORGED; UNSUPPORTED (algorithm, SHA-1); MALFORMED ...; BAD_KEY (not the AK's algorithm) */
    TPM_CHECK_VALIDITY,  /* EVIDENCE_NOT_YET, EVIDENCE_EXPIRED; not made for an enrolled key */
    TPM_CHECK_REVOCATION, /* EVIDENCE_REVOKED, EVIDENCE_CRL, FORGED ...; made only when each issuer has a list, or one failed */
    TPM_CHECK_AK,         /* EVIDENCE_KEY_USE (attributes); not made for a bare key */
    TPM_CHECK_NONCE,      /* EVIDENCE_STALE (another, or one shorter than TPM_NONCE_MIN) */
    TPM_CHECK_SIGNER,     /* EVIDENCE_BINDING */
    TPM_CHECK_PCRS,       /* EVIDENCE_BINDING (values missing, twice, of a wrong size, or not those quoted) */
    TPM_CHECK_REFERENCES, /* EVIDENCE_MEASUREMENT (another value, not selected, or no values to compare with) */
    TPM_CHECK_COUNT,
};

struct tpm_result {
    bool authentic; /* a well-formed quote, by a trusted AK. Only a restricted AK makes it the TPM's own word. */
    bool certified; /* trust is by certificate */
    int64_t not_before, not_after; /* of all of the chain and its lists, inclusive; no bounds for an enrolled key */
    struct check checks[TPM_CHECK_COUNT];
    struct tpm_quote quote; /* empty unless authentic */
    struct view ak_name;    /* in rules->ak or evidence->ak; empty for a bare key */
};

/**
 * Appraises a quote under rules. Returns the reason of the first check that failed (see enum tpm_check), STATUS_OK when
 * none did, STATUS_CRYPTO. out is set whatever is returned, so that a refusal can be explained. STATUS_OK says only that
 * nothing failed: a caller who relies on a check looks that it was made.
 */
MUST_USE enum status tpm_appraise(const struct tpm_evidence *evidence, const struct tpm_rules *rules,
                                  struct tpm_result *out);

#endif
