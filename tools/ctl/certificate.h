/* certificate.h: certificates of a federation's own authority. x509.c is the only file here that knows mbedTLS. */
#ifndef CTL_CERTIFICATE_H
#define CTL_CERTIFICATE_H

#include "crypto.h"
#include "reason.h"

#define X509_AUTHORITY_YEARS 10
#define X509_LEAF_YEARS      2
#define X509_MAX             4096 /* bytes of a certificate in PEM */

enum certificate_kind {
    X509_AUTHORITY, /* signs certificates, and nothing below it signs any */
    X509_SERVER,    /* of a broker */
    X509_CLIENT,    /* of a broker's client: CN is the user name and the client id */
};

struct certificate_request {
    enum certificate_kind kind;
    const char *name, *issuer; /* CNs: names as in topics; of an authority, both the same */
    const char *const *hosts;  /* X509_SERVER: host names and addresses for the alternative names; ends with NULL */
    uint64_t now;              /* unix seconds: valid from five minutes before */
};

/** A version 3 certificate with a random serial number, signed with SHA-256: appends PEM text.
 *  Returns STATUS_OUT_OF_RANGE for alternative names that do not fit, STATUS_NO_SPACE, STATUS_CRYPTO. */
MUST_USE enum status certificate_issue(const struct certificate_request *request, const struct p256_key *subject,
                                       const struct p256_key *issuer, struct buf *out);

/** The CN of the first certificate in a PEM file, with an end. STATUS_CONFIG with a reason. */
MUST_USE enum status certificate_common_name(const char *path, char *out, size_t size, struct reason *reason);

#endif
