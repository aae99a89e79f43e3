/* x509_maker.h: certificates, CRLs and signatures of tests: P-384 with SHA-384, keys made of a number. A mistake in
 * making fails the test. */
#ifndef SUPPORT_X509_MAKER_H
#define SUPPORT_X509_MAKER_H

#include "der.h"
#include "x509.h"

struct maker_key {
    uint8_t scalar[48];
    uint8_t info[120]; /* SubjectPublicKeyInfo, MAKER_INFO_SIZE of them */
};
#define MAKER_INFO_SIZE 120

/** The key of a number above 0. */
struct maker_key maker_key_of(uint8_t number);

/** Appends an element. */
void maker_put(struct buf *out, uint8_t tag, struct view contents);

/** Appends an Extension that is not critical. */
void maker_put_extension(struct buf *out, struct view oid, struct view value);

/** r || s, big endian, over the SHA-384 of data. */
void maker_sign(const struct maker_key *key, struct view data, uint8_t out[static 96]);

struct maker_certificate {
    const char *issuer, *subject; /* common names; "": a Name that holds nothing */
    const struct maker_key *issuer_key, *key;
    uint8_t serial;
    const char *not_before, *not_after; /* "YYMMDDhhmmssZ" */
    bool is_ca;
    struct view extensions; /* further ones */
};
struct view maker_certificate(const struct maker_certificate *from, struct buf *out);

struct maker_crl {
    const char *issuer;
    const struct maker_key *issuer_key;
    const char *this_update, *next_update;
    uint8_t revoked; /* a serial number; 0: none */
};
struct view maker_crl(const struct maker_crl *from, struct buf *out);

/** The same in PEM. */
struct view maker_pem(const char *label, struct view der, struct buf *out);

#endif
