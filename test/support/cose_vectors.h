/* cose_vectors.h: one file of the COSE working group's examples, as far as the tests need it. */
#ifndef SUPPORT_COSE_VECTORS_H
#define SUPPORT_COSE_VECTORS_H

#include "base.h"

struct cJSON;

struct cose_vector {
    struct cJSON *root;
    const struct cJSON *input, *intermediates;
    const char *structure; /* of the input: "sign0", "encrypted", "enveloped", "sign", "mac", "mac0" */
    const struct cJSON *layer;
};

/** False when the file is not there; fails the test when it is no such file. */
bool cose_vector_load(const char *path, struct cose_vector *out);
void cose_vector_free(struct cose_vector *vector);

/** The bytes of a member that is given as text (name), hexadecimal (name_hex) or base64url (name_base64), whichever there
 *  is, at the front of storage; no bytes when there is none. */
struct view cose_vector_text(const struct cJSON *object, const char *name, struct buf storage);
struct view cose_vector_hex(const struct cJSON *object, const char *name, struct buf storage);
struct view cose_vector_base64(const struct cJSON *object, const char *name, struct buf storage);

/** The message itself. */
struct view cose_vector_message(const struct cose_vector *vector, struct buf storage);
/** The key of the signer, of the content, or of the first recipient. */
const struct cJSON *cose_vector_key(const struct cose_vector *vector);
/** The intermediate values of the first recipient. */
const struct cJSON *cose_vector_recipient(const struct cose_vector *vector);

#endif
