/* bind.c: see bind.h. */
#include "bind.h"

#define MODEL_IV_SIZE 12 /* of A256GCM */

/* What a row names, in the order in which it stands in the external_aad; the federation always comes first. */
enum { AGGREGATOR = 1, DEVICE = 2, BOOT_ID = 4, ROUND = 8, CHUNK = 16, CHUNKS = 32, DIGEST = 64 };

static const struct purpose_row {
    const char *text;
    unsigned int names;
} rows[] = {
    [PURPOSE_POLICY] = {"tacit/1 policy", 0},
    [PURPOSE_SIM_EVIDENCE] = {"tacit/1 sim evidence", 0},
    [PURPOSE_CHALLENGE] = {"tacit/1 challenge", AGGREGATOR},
    [PURPOSE_ENROL] = {"tacit/1 enrol", AGGREGATOR | DEVICE | BOOT_ID},
    [PURPOSE_ENROL_ANSWER] = {"tacit/1 enrol answer", AGGREGATOR | DEVICE},
    [PURPOSE_CREDENTIAL] = {"tacit/1 credential", AGGREGATOR},
    [PURPOSE_MANIFEST] = {"tacit/1 manifest", AGGREGATOR},
    [PURPOSE_MODEL] = {"tacit/1 model", AGGREGATOR | ROUND | CHUNK | CHUNKS | DIGEST},
    [PURPOSE_UPDATE] = {"tacit/1 update", AGGREGATOR | DEVICE | ROUND},
    [PURPOSE_RECEIPT] = {"tacit/1 receipt", AGGREGATOR | DEVICE},
    [PURPOSE_RECORD] = {"tacit/1 record", AGGREGATOR | ROUND},
    [PURPOSE_OWNER] = {"tacit/1 owner", AGGREGATOR | DEVICE},
    [PURPOSE_OWNER_ANSWER] = {"tacit/1 owner answer", AGGREGATOR | DEVICE},
    [PURPOSE_STATE] = {"tacit/1 state", AGGREGATOR},
    [PURPOSE_REVOCATIONS] = {"tacit/1 revocations", 0},
};

/* An external_aad and its memory. */
struct aad {
    uint8_t bytes[BIND_MAX];
    struct view view;
};

enum status bind_aad(enum purpose purpose, const struct place *place, struct buf *out)
{
    const struct {
        unsigned int name;
        struct cose_aad_part part;
    } all[] = {
        {AGGREGATOR, AAD_T(place->aggregator)}, {DEVICE, AAD_T(place->device)}, {BOOT_ID, AAD_B(place->boot_id)},
        {ROUND, AAD_N(place->round)},           {CHUNK, AAD_N(place->chunk)},   {CHUNKS, AAD_N(place->chunks)},
        {DIGEST, AAD_B(place->digest)},
    };
    struct cose_aad_part parts[1 + ARRAY_LEN(all)] = {AAD_T(place->federation)};
    size_t count = 1;

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if ((rows[purpose].names & all[i].name) != 0)
            parts[count++] = all[i].part;
    return cose_aad(rows[purpose].text, parts, count, out);
}

static enum status make_aad(enum purpose purpose, const struct place *place, struct aad *out)
{
    struct buf bytes = BUF_OF(out->bytes);

    TRY(bind_aad(purpose, place, &bytes));
    out->view = buf_view(&bytes);
    return STATUS_OK;
}

enum status bind_sign(enum purpose purpose, const struct place *place, const struct p256_key *key,
                      const struct random_port *random, struct view payload, struct buf *out)
{
    struct cose_signer signer = {.key = key, .random = random};
    struct aad aad;

    TRY(make_aad(purpose, place, &aad));
    signer.external_aad = aad.view;
    return cose_sign1_sign(&signer, payload, out);
}

enum status bind_verify(enum purpose purpose, const struct place *place, struct view point, struct view message,
                        struct view *payload)
{
    struct aad aad;

    TRY(make_aad(purpose, place, &aad));
    return cose_sign1_verify(message, point, aad.view, payload);
}

enum status bind_seal(enum purpose purpose, const struct place *place, struct view point,
                      const struct random_port *random, struct view payload, struct buf *out)
{
    struct aad aad;

    TRY(make_aad(purpose, place, &aad));
    return cose_encrypt_seal(point, random, aad.view, payload, out);
}

enum status bind_open(enum purpose purpose, const struct place *place, const struct p256_key *key,
                      const struct random_port *random, struct view message, struct buf *out)
{
    struct aad aad;

    TRY(make_aad(purpose, place, &aad));
    return cose_encrypt_open(message, key, random, aad.view, out);
}

enum status bind_open0(enum purpose purpose, const struct place *place, struct view key,
                       const struct cose_encrypt0 *message, struct buf *out)
{
    struct aad aad;

    TRY(make_aad(purpose, place, &aad));
    return cose_encrypt0_open(message, key, aad.view, out);
}

enum status bind_seal0(enum purpose purpose, const struct place *place, struct view key,
                       const struct cose_encrypt0 *head, struct view payload, struct buf *out)
{
    struct aad aad;

    TRY(make_aad(purpose, place, &aad));
    return cose_encrypt0_seal(head, key, aad.view, payload, out);
}

static void write_model_iv(const struct place *place, uint8_t out[static MODEL_IV_SIZE])
{
    write_be64(out, place->round);
    write_be32(out + 8, place->chunk);
}

enum status bind_seal_model_chunk(const struct place *place, struct view model_key, struct view piece, struct buf *out)
{
    uint8_t iv[MODEL_IV_SIZE];
    const struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .iv = VIEW_OF(iv)};

    write_model_iv(place, iv);
    return bind_seal0(PURPOSE_MODEL, place, model_key, &head, piece, out);
}

enum status bind_open_model_chunk(const struct place *place, struct view model_key, struct view message,
                                  struct buf *out)
{
    uint8_t iv[MODEL_IV_SIZE];
    struct cose_encrypt0 parts;

    TRY(cose_encrypt0_decode(message, &parts));
    if (parts.alg != AEAD_A256GCM)
        return STATUS_UNSUPPORTED;
    write_model_iv(place, iv);
    if (!view_equal(parts.iv, VIEW_OF(iv)) || parts.kid.len > 0 || parts.sender.len > 0 || parts.chunk.transfer.len > 0)
        return STATUS_MALFORMED;
    return bind_open0(PURPOSE_MODEL, place, model_key, &parts, out);
}
