/* x509_private.h: what the files that parse certificates and CRLs share. */
#ifndef CRYPTO_X509_PRIVATE_H
#define CRYPTO_X509_PRIVATE_H

#include "der.h"
#include "x509.h"

/* Takes { part that is signed, algorithm, signature } to the end of der, which is at most max bytes; algorithm is the
 * element, which must stand inside the signed part once more. */
MUST_USE enum status x509_take_signed(struct view der, size_t max, struct view *tbs, struct view *algorithm,
                                      struct x509_signature *out);

/* Takes a Name element, which must hold something. */
MUST_USE enum status x509_take_name(struct view *from, struct view *name);

/* Checks a SEQUENCE OF Extension, contents in extensions: form, count, no OID twice, no critical one that is not in
 * critical, OIDs one after the other as elements. */
MUST_USE enum status x509_check_extensions(struct view extensions, struct view critical);

#endif
