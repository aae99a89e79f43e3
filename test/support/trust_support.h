/* trust_support.h: what the tests of bindings, credentials, evidence and policies share: a place, keys, a moment, and vectors with
 * one thing changed. The vectors of these tests were made with other code: python-cryptography and an encoder of its own. */
#ifndef SUPPORT_TRUST_H
#define SUPPORT_TRUST_H

#include "bind.h"

#define TRUST_NOW 1790000000u /* 2026-09-21T14:13:20Z */

/* The scalar of each key is 32 times this byte. */
enum trust_key { TRUST_OWNER = 0x11, TRUST_ENCLAVE = 0x22, TRUST_ROOT = 0x33, TRUST_DEVICE = 0x44, TRUST_OTHER = 0x55 };

/** The pair of one of these, the same in every run. */
struct p256_key trust_key(enum trust_key which);

/** The public point of one of these; lives as long as the program. */
struct view trust_point(enum trust_key which);

/** The public COSE_Key of one of these; lives as long as the program. */
struct view trust_cose_key(enum trust_key which);

/** A random port that counts: signatures do not depend on it. */
const struct random_port *trust_random(void);

/** Federation home, gateway-1, sensor-7, boot b0.., round 7, chunk 2 of 5, model digest d1.. */
struct place trust_place(void);

/** Appends the bytes of vector, in which the only occurrence of `from` became `to`, to memory, and gives a view of them.
 *  Fails the test when `from` is not there exactly once. */
struct view trust_changed(const char *vector, const char *from, const char *to, struct buf *memory);

#endif
