/* headers.c: the one decoder of header buckets (RFC 9052 section 3). */
#include "cose_private.h"
#include "wire_limits.h"

#define LABELS_MAX 8 /* in one bucket; more than any rules allow */

enum bucket { BUCKET_PROTECTED = 1, BUCKET_UNPROTECTED = 2 };

struct header_rule {
    int64_t label;
    unsigned int buckets; /* where it may stand */
    bool required;        /* of a label with one bucket only */
    void (*read)(struct reader *reader, struct headers *out);
};

struct header_rules {
    size_t count;
    struct header_rule list[5];
};

/* ---- values ---- */

static void read_signature_alg(struct reader *reader, struct headers *out)
{
    out->alg = read_int(reader, INT64_MIN, INT64_MAX);
    if (out->alg != COSE_ES256 && out->alg != COSE_ESP256)
        reader_fail(reader, STATUS_UNSUPPORTED);
}

static void read_aead_alg(struct reader *reader, struct headers *out)
{
    out->alg = read_int(reader, INT64_MIN, INT64_MAX);
    if (aead_key_size(out->alg) == 0)
        reader_fail(reader, STATUS_UNSUPPORTED);
}

static void read_agreement_alg(struct reader *reader, struct headers *out)
{
    out->alg = read_int(reader, INT64_MIN, INT64_MAX);
    if (out->alg != COSE_ECDH_ES_HKDF_256)
        reader_fail(reader, STATUS_UNSUPPORTED);
}

static void read_kid(struct reader *reader, struct headers *out)
{
    out->kid = read_bytes(reader, 1, COSE_KID_MAX);
}

/* The protected bucket comes first, so alg is known. */
static void read_iv(struct reader *reader, struct headers *out)
{
    out->iv = read_bytes(reader, aead_nonce_size(out->alg), aead_nonce_size(out->alg));
}

static void read_ephemeral(struct reader *reader, struct headers *out)
{
    out->ephemeral = read_any(reader);
}

static void read_sender(struct reader *reader, struct headers *out)
{
    out->sender = read_any(reader);
}

bool chunk_fits(const struct cose_chunk *chunk)
{
    return chunk->transfer.len == TRANSFER_SIZE && chunk->index < chunk->count;
}

static void read_chunk(struct reader *reader, struct headers *out)
{
    read_array(reader, 4, 4);
    out->chunk.transfer = read_bytes(reader, TRANSFER_SIZE, TRANSFER_SIZE);
    out->chunk.index = (uint32_t)read_uint(reader, 0, UINT32_MAX);
    out->chunk.count = (uint32_t)read_uint(reader, 1, UINT32_MAX);
    out->chunk.total = read_uint(reader, 0, UINT64_MAX);
    read_close(reader);
    if (!chunk_fits(&out->chunk))
        reader_fail(reader, STATUS_OUT_OF_RANGE);
}

/* ---- layers ---- */

const struct header_rules headers_sign1 = {
    2,
    {
        {LABEL_ALG, BUCKET_PROTECTED, true, read_signature_alg},
        {LABEL_KID, BUCKET_PROTECTED | BUCKET_UNPROTECTED, false, read_kid},
    },
};

const struct header_rules headers_encrypt0 = {
    5,
    {
        {LABEL_ALG, BUCKET_PROTECTED, true, read_aead_alg},
        {LABEL_KID, BUCKET_PROTECTED, false, read_kid},
        {LABEL_IV, BUCKET_UNPROTECTED, true, read_iv},
        {COSE_LABEL_CHUNK, BUCKET_PROTECTED, false, read_chunk},
        {COSE_LABEL_SENDER, BUCKET_PROTECTED, false, read_sender},
    },
};

const struct header_rules headers_encrypt = {
    2,
    {
        {LABEL_ALG, BUCKET_PROTECTED, true, read_aead_alg},
        {LABEL_IV, BUCKET_UNPROTECTED, true, read_iv},
    },
};

const struct header_rules headers_recipient = {
    3,
    {
        {LABEL_ALG, BUCKET_PROTECTED, true, read_agreement_alg},
        {LABEL_KID, BUCKET_UNPROTECTED, false, read_kid},
        {LABEL_EPHEMERAL, BUCKET_UNPROTECTED, true, read_ephemeral},
    },
};

/* ---- buckets ---- */

static void read_value(struct reader *reader, const struct header_rules *rules, enum bucket bucket, int64_t label,
                       struct headers *out)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct header_rule *rule = &rules->list[i];

        if (rule->label != label)
            continue;
        if (out->seen & FIELD(i))
            reader_fail(reader, STATUS_DUPLICATE_KEY);
        if (!(rule->buckets & bucket))
            reader_fail(reader, STATUS_MALFORMED);
        out->seen |= FIELD(i);
        rule->read(reader, out);
        return;
    }
    reader_fail(reader, STATUS_UNSUPPORTED);
}

static void read_bucket(struct reader *reader, const struct header_rules *rules, enum bucket bucket,
                        struct headers *out)
{
    struct map_reader map = read_map(reader, 0, LABELS_MAX);
    int64_t label;

    while (read_key(&map, &label))
        read_value(reader, rules, bucket, label, out);
}

static void expect_required(struct reader *reader, const struct header_rules *rules, enum bucket bucket,
                            const struct headers *headers)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->list[i].required && rules->list[i].buckets == bucket && !(headers->seen & FIELD(i)))
            reader_fail(reader, STATUS_MALFORMED);
}

void read_headers(struct reader *reader, const struct header_rules *rules, struct headers *out)
{
    struct reader inner;

    *out = (struct headers){.protected_ = read_bytes(reader, 0, COSE_PROTECTED_MAX)};
    inner = reader_of(out->protected_);
    /* An empty bucket is a string of no bytes or an encoded empty map; either lacks alg. */
    if (out->protected_.len > 0)
        read_bucket(&inner, rules, BUCKET_PROTECTED, out);
    expect_required(&inner, rules, BUCKET_PROTECTED, out);
    reader_fail(reader, reader_end(&inner));

    read_bucket(reader, rules, BUCKET_UNPROTECTED, out);
    expect_required(reader, rules, BUCKET_UNPROTECTED, out);
}
