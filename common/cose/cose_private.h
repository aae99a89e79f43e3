/* cose_private.h: what the files of common/cose share: headers, the arrays that are authenticated, tags and labels. */
#ifndef COSE_COSE_PRIVATE_H
#define COSE_COSE_PRIVATE_H

#include "cose.h"

#define TAG_ENCRYPT0 16
#define TAG_SIGN1    18
#define TAG_ENCRYPT  96

#define LABEL_ALG       1
#define LABEL_KID       4
#define LABEL_IV        5
#define LABEL_EPHEMERAL (-1)

/* Room for an Enc_structure, or for a Sig_structure without its payload. */
#define STRUCTURE_MAX (COSE_PROTECTED_MAX + COSE_AAD_MAX + 32)

/** Room for a KDF context. */
#define KDF_CONTEXT_MAX (COSE_PROTECTED_MAX + 32)

/** Both header buckets of one layer. Views into the message; what was not there is empty. */
struct headers {
    struct view protected_; /* encoded, as it came */
    struct view kid, iv, sender;
    struct view ephemeral; /* encoded COSE_Key */
    struct cose_chunk chunk;
    int64_t alg;
    uint32_t seen; /* bit i: the i-th rule's label was there */
};

/** Which labels a layer may have, in which bucket, and how each value is read. */
struct header_rules;
extern const struct header_rules headers_sign1, headers_encrypt0, headers_encrypt, headers_recipient;

/** Reads the two items that begin every layer: the protected bucket and the unprotected one. */
void read_headers(struct reader *reader, const struct header_rules *rules, struct headers *out);

/** What STATUS_OUT_OF_RANGE is for in a chunk header: TRANSFER_SIZE bytes, index below count. */
bool chunk_fits(const struct cose_chunk *chunk);

/** Appends the Enc_structure [context, protected, external_aad] (RFC 9052 section 5.3). STATUS_NO_SPACE. */
MUST_USE enum status enc_structure(const char *context, struct view protected_, struct view external_aad,
                                   struct buf *out);

/** Appends the Sig_structure ["Signature1", protected, external_aad, payload] (RFC 9052 section 4.4) up to the first byte
 *  of the payload. STATUS_NO_SPACE. */
MUST_USE enum status sig_structure_start(struct view protected_, struct view external_aad, size_t payload_len,
                                         struct buf *out);

/** Appends the COSE_KDF_Context of a key for alg (RFC 9053 section 5.2), party info empty. STATUS_NO_SPACE. */
MUST_USE enum status kdf_context(int64_t alg, struct view recipient_protected, struct buf *out);

/** Writes the COSE_Key of a point. */
void write_key(struct writer *writer, struct view point);

#endif
