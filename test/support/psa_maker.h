/* psa_maker.h: PSA tokens of tests, under one key and one secret. */
#ifndef SUPPORT_PSA_MAKER_H
#define SUPPORT_PSA_MAKER_H

#include "psa_terms.h"

/* Protected headers, in hexadecimal. */
#define PSA_MAKER_ES256 "a10126"
#define PSA_MAKER_HS256 "a10105"

/** The scalar 7 of P-256. */
const struct p256_key *psa_maker_key(void);

/** 32 bytes. */
struct view psa_maker_secret(void);

/** Appends a token to memory: authenticated with the secret for PSA_MAKER_HS256, else with the key. start: tag and array
 *  head, in hexadecimal. */
struct view psa_maker_seal(const char *start, const char *protected_hex, struct view payload, struct buf *memory);

/** Appends a token of RFC 9783 over that nonce, by the key; and the terms that accept it, which view into memory. */
struct view psa_maker_token(struct view nonce, struct buf *memory);
void psa_maker_terms(struct psatoken_terms *out, struct buf *memory);

#endif
