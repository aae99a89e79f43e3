/* x509.h: certificates and revocation lists (RFC 5280) as attestation has them: chains of a known length up to a pinned
 * key, at a time that the caller gives. Pure: no clock, no store of roots, nothing fetched.
 *
 * Parsing gives views into the input and believes nothing: names, times and extensions are claims until
 * x509_certificate_issued_by (or x509_crl_issued_by) has returned STATUS_OK for each link up to a pinned key. */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include "verify.h"

#define X509_CERTIFICATE_MAX 8192          /* bytes of one certificate */
#define X509_CRL_MAX         (1024 * 1024) /* bytes of one revocation list */
#define X509_EXTENSIONS_MAX  32            /* of a certificate, list or entry of a list */
#define P384_COORDINATE_SIZE 48
#define P521_COORDINATE_SIZE 66

enum x509_key_kind { X509_KEY_OTHER, X509_KEY_P256, X509_KEY_P384, X509_KEY_P521, X509_KEY_RSA };

/** A public key. X509_KEY_OTHER is parsed, but verifies nothing. */
struct x509_key {
    enum x509_key_kind kind;
    struct view info;  /* the whole SubjectPublicKeyInfo: its SHA-256 is what is pinned */
    struct view point; /* P-256 (64), P-384 (96), P-521 (132): x || y, big endian; not checked to be on the curve */
    struct view modulus, exponent; /* RSA: big endian, no zero byte in front */
};

enum x509_scheme { X509_SCHEME_OTHER, X509_ECDSA, X509_RSA_PKCS1, X509_RSA_PSS };

struct x509_signature {
    enum x509_scheme scheme; /* X509_SCHEME_OTHER is parsed, but never verifies */
    enum digest_alg hash;    /* of PSS also that of its mask (MGF1) */
    uint32_t salt_len;       /* of PSS: bytes */
    struct view value;
};

struct x509_certificate {
    struct view der, tbs;          /* the whole certificate; the part that is signed */
    struct view serial;            /* INTEGER contents, as x509_crl_revokes wants them */
    struct view issuer, subject;   /* Name elements; that of the subject may hold nothing */
    int64_t not_before, not_after; /* seconds since 1970, both inclusive */
    struct x509_key key;
    struct view extensions;                     /* for x509_extension; empty when there are none */
    bool is_ca;                                 /* basicConstraints */
    uint32_t path_len;                          /* CAs that may follow below; UINT32_MAX when nothing is said */
    bool signs_certificates, signs_crls, signs; /* keyUsage, where true stands for an absent one;
                                                   signs: data, digitalSignature */
    struct view purposes; /* a critical extKeyUsage, contents: nothing else may be done with the key; else empty */
    struct x509_signature signature;
};

struct x509_crl {
    struct view der, tbs, issuer;
    int64_t this_update, next_update; /* seconds since 1970, both inclusive */
    struct view revoked;              /* the entries, checked; may be empty */
    struct view extensions;
    struct x509_signature signature;
};

enum x509_item { X509_ITEM_CERTIFICATE, X509_ITEM_CRL, X509_ITEM_KEY };

/**
 * Takes the next certificate, CRL or SubjectPublicKeyInfo from bytes that hold any number of them, one after the other, in DER or PEM; told
 * apart by content. White space and zero bytes may stand around PEM blocks and at the end.
 *
 * from    moves behind what was taken; *from is empty when nothing more follows.
 * space   where PEM is decoded: it is appended to, and der lies in it then; for DER der lies in from.
 *
 * Returns STATUS_NOT_FOUND (nothing but white space is left), STATUS_MALFORMED or STATUS_TRUNCATED (neither encoding;
 * another PEM label), STATUS_NO_SPACE (space is full), STATUS_OUT_OF_RANGE (past the size limits above).
 */
MUST_USE enum status x509_take(struct view *from, struct buf *space, enum x509_item *item, struct view *der);

/**
 * Parses one DER certificate of version 3 or 1; bytes behind it are refused. Returns STATUS_MALFORMED,
 * STATUS_TRUNCATED, STATUS_TRAILING, STATUS_OUT_OF_RANGE (a size, count or date), STATUS_DUPLICATE_KEY (an extension
 * stands twice), STATUS_UNSUPPORTED (a critical extension that is not known here). out views into der.
 */
MUST_USE enum status x509_certificate_parse(struct view der, struct x509_certificate *out);

/** Parses one DER CRL, each of its entries too, in one bounded walk. Statuses as x509_certificate_parse; also
 *  STATUS_MALFORMED for one without nextUpdate. out views into der. */
MUST_USE enum status x509_crl_parse(struct view der, struct x509_crl *out);

/** An authority that is believed. */
struct x509_authority {
    struct x509_certificate certificate;
    bool any_name; /* a public key alone: whatever it is called, whenever */
};

/**
 * Parses one authority: a certificate or a SubjectPublicKeyInfo, in DER or PEM (decoded into space). Statuses as x509_take
 * and x509_certificate_parse; STATUS_MALFORMED for a CRL, STATUS_TRAILING when more follows.
 */
MUST_USE enum status x509_authority_parse(struct view text, struct buf *space, struct x509_authority *out);

/** Parses a SubjectPublicKeyInfo, for a pinned key. Statuses as x509_certificate_parse. */
MUST_USE enum status x509_key_parse(struct view der, struct x509_key *out);

/** True unless the certificate is for certain purposes alone and this one (OID contents) is none of them. */
bool x509_is_for(const struct x509_certificate *certificate, struct view purpose);

/** The contents of the extension with this OID (OID contents, without tag and length). STATUS_NOT_FOUND. */
MUST_USE enum status x509_extension(struct view extensions, struct view oid, struct view *out);

/** The commonName of a Name, the first if there are several: its characters. STATUS_NOT_FOUND. */
MUST_USE enum status x509_name_common(struct view name, struct view *out);

/**
 * Verifies a signature over data by key. Returns STATUS_FORGED, STATUS_UNSUPPORTED (scheme or key kind not supported,
 * not for each other, RSA outside 2048..4096 bits, an RSA exponent of more than 4 bytes), STATUS_BAD_KEY (no point of
 * the curve, no RSA key), STATUS_CRYPTO.
 */
MUST_USE enum status x509_verify(struct view data, const struct x509_signature *signature, const struct x509_key *key);

/** Verifies that issuer's subject and key stand behind certificate: STATUS_EVIDENCE_CHAIN when the names differ or the
 *  issuer may not sign certificates (one for certain purposes alone may not), else what x509_verify returns. Validity is for x509_certificate_valid_at. */
MUST_USE enum status x509_certificate_issued_by(const struct x509_certificate *certificate,
                                                const struct x509_certificate *issuer);

/** As above for a CRL: STATUS_EVIDENCE_CRL when the names differ or the issuer may not sign CRLs. */
MUST_USE enum status x509_crl_issued_by(const struct x509_crl *crl, const struct x509_certificate *issuer);

/** STATUS_EVIDENCE_NOT_YET before not_before, STATUS_EVIDENCE_EXPIRED after not_after. */
MUST_USE enum status x509_certificate_valid_at(const struct x509_certificate *certificate, int64_t time);

/** STATUS_EVIDENCE_CRL outside this_update..next_update. */
MUST_USE enum status x509_crl_valid_at(const struct x509_crl *crl, int64_t time);

/** True when the list holds this serial. Believe a false only of a list that was verified. */
bool x509_crl_revokes(const struct x509_crl *crl, struct view serial);

/** The key as verify.h has it. STATUS_UNSUPPORTED and STATUS_BAD_KEY as x509_verify; STATUS_CRYPTO. */
MUST_USE enum status x509_public_key(const struct x509_key *key, struct public_key *out);

/** ECDSA P-384 over SHA-384 of data; r and s big endian, 1..48 bytes each. STATUS_FORGED, STATUS_UNSUPPORTED (key of
 *  another kind), STATUS_BAD_KEY, STATUS_CRYPTO. */
MUST_USE enum status x509_verify_p384(struct view data, struct view r, struct view s, const struct x509_key *key);

#endif
