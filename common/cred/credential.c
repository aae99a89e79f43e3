/* credential.c: see credential.h. */
#include "credential.h"
#include "values.h"

#define CWT_TAG 61

/* What an attestation result is made in; this very text is what a reader knows its shape by. */
#define EAR_PROFILE "tag:ietf.org,2026:rats/ear#03"
/* Who appraised: this protocol's enclave; which one, the issuer and its own evidence say. */
#define VERIFIER_DEVELOPER "tag:tacit.invalid,2026:enclave"
#define VERIFIER_BUILD     "tacit/1"

/* Claims: CWT's own (RFC 8392 section 3.1, RFC 8747 section 3.1), EAT's (RFC 9711), EAR's (draft-ietf-rats-ear), then
 * those of PROTOCOL.md section 5. */
enum claim {
    CLAIM_ISS = 1,
    CLAIM_SUB = 2,
    CLAIM_AUD = 3,
    CLAIM_EXP = 4,
    CLAIM_IAT = 6,
    CLAIM_CTI = 7,
    CLAIM_CNF = 8,
    CLAIM_EAT_PROFILE = 265,
    CLAIM_SUBMODS = 266,
    CLAIM_VERIFIER = 1004,
    CLAIM_ROLE = -65537,
    CLAIM_BOOT_ID = -65538,
    CLAIM_IDENTITY = -65539,
};
#define CLAIMS       13
#define CNF_COSE_KEY 1

/* In the one submodule. */
enum ear_claim { EAR_STATUS = 1000, EAR_POLICY_IDS = 1003 };
/* In the verifier's id. */
enum verifier_claim { VERIFIER_ID_DEVELOPER = 0, VERIFIER_ID_BUILD = 1 };

#define POLICY_ID_SIZE ((size_t)2 * DIGEST_SIZE) /* digits */

/* Who appraised, and what came of it: one submodule, named by its kind of evidence. */
static void write_result(struct writer *writer, const struct credential *credential)
{
    char policy_id[POLICY_ID_SIZE + 1];

    hex_encode(VIEW_OF(credential->policy_digest), policy_id);
    write_int(writer, CLAIM_EAT_PROFILE);
    write_text(writer, VIEW_TEXT(EAR_PROFILE));
    write_int(writer, CLAIM_SUBMODS);
    write_map(writer, 1);
    write_kind(writer, credential->kind);
    write_map(writer, 2);
    write_int(writer, EAR_STATUS);
    write_int(writer, credential->ear_status);
    write_int(writer, EAR_POLICY_IDS);
    write_array(writer, 1);
    write_text(writer, view_of_string(policy_id));
    write_int(writer, CLAIM_VERIFIER);
    write_map(writer, 2);
    write_int(writer, VERIFIER_ID_DEVELOPER);
    write_text(writer, VIEW_TEXT(VERIFIER_DEVELOPER));
    write_int(writer, VERIFIER_ID_BUILD);
    write_text(writer, VIEW_TEXT(VERIFIER_BUILD));
}

static enum status encode_claims(const struct credential *credential, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, CLAIMS);
    write_int(&writer, CLAIM_ISS);
    write_name(&writer, credential->aggregator);
    write_int(&writer, CLAIM_SUB);
    write_name(&writer, credential->device);
    write_int(&writer, CLAIM_AUD);
    write_name(&writer, credential->federation);
    write_int(&writer, CLAIM_EXP);
    write_uint(&writer, credential->expires);
    write_int(&writer, CLAIM_IAT);
    write_uint(&writer, credential->issued);
    write_int(&writer, CLAIM_CTI);
    write_fixed(&writer, credential->cti, CTI_SIZE);
    write_int(&writer, CLAIM_CNF);
    write_map(&writer, 1);
    write_uint(&writer, CNF_COSE_KEY);
    write_raw(&writer, credential->key);
    write_result(&writer, credential);
    write_int(&writer, CLAIM_ROLE);
    write_uint(&writer, (uint64_t)credential->role);
    write_int(&writer, CLAIM_BOOT_ID);
    write_fixed(&writer, credential->boot_id, BOOT_ID_SIZE);
    write_int(&writer, CLAIM_IDENTITY);
    write_fixed(&writer, credential->identity, DIGEST_SIZE);
    return writer_end(&writer);
}

enum status credential_issue(const struct credential *credential, const struct p256_key *signer,
                             const struct random_port *random, struct buf *out)
{
    const struct place place = {.federation = credential->federation, .aggregator = credential->aggregator};
    uint8_t claims_bytes[CREDENTIAL_MAX], cwt_bytes[CREDENTIAL_MAX];
    struct buf claims = BUF_OF(claims_bytes), cwt = BUF_OF(cwt_bytes);
    struct writer writer = writer_to(&cwt);

    TRY(encode_claims(credential, &claims));
    write_tag(&writer, CWT_TAG);
    TRY(writer_end(&writer));
    TRY(bind_sign(PURPOSE_CREDENTIAL, &place, signer, random, buf_view(&claims), &cwt));
    return buf_append(out, buf_view(&cwt));
}

/* The confirmation: a map that holds a COSE_Key, and nothing else. */
static struct view read_confirmation(struct reader *reader)
{
    uint8_t point[P256_POINT_SIZE];
    struct map_reader map = read_map(reader, 1, 1);
    struct view encoded = {0};
    int64_t key;

    while (read_key(&map, &key)) {
        if (key != CNF_COSE_KEY)
            reader_fail(reader, STATUS_MALFORMED);
        encoded = read_any(reader);
    }
    if (reader->status != STATUS_OK)
        return encoded;
    if (encoded.len != PUBLIC_KEY_SIZE)
        reader_fail(reader, STATUS_MALFORMED);
    else
        reader_fail(reader, cose_key_decode(encoded, point));
    return encoded;
}

/* A text that can only be this one. */
static void read_exactly(struct reader *reader, struct view text)
{
    if (!view_equal(read_text(reader, 1, text.len), text))
        reader_fail(reader, STATUS_UNSUPPORTED);
}

/* The digits of a policy's digest, in the one form that the writer has. */
static void read_policy_id(struct reader *reader, struct credential *out)
{
    struct buf digest = {.ptr = out->policy_digest, .cap = sizeof out->policy_digest};
    char again[POLICY_ID_SIZE + 1] = "";
    struct view id;

    (void)read_array(reader, 1, 1);
    id = read_text(reader, POLICY_ID_SIZE, POLICY_ID_SIZE);
    read_close(reader);
    if (reader->status != STATUS_OK)
        return;
    if (hex_decode(id, &digest) == STATUS_OK)
        hex_encode(VIEW_OF(out->policy_digest), again);
    if (!view_equal(id, view_of_string(again)))
        reader_fail(reader, STATUS_MALFORMED);
}

static void read_appraisal(struct reader *reader, struct credential *out)
{
    struct map_reader map = read_map(reader, 2, 2);
    int64_t key;

    while (read_key(&map, &key)) {
        if (key == EAR_STATUS)
            out->ear_status = read_int(reader, INT8_MIN, INT8_MAX); /* any tier of AR4SI */
        else if (key == EAR_POLICY_IDS)
            read_policy_id(reader, out);
        else
            reader_fail(reader, STATUS_MALFORMED);
    }
}

/* One submodule; a text in the place of the key that read_key would read. */
static void read_submodule(struct reader *reader, struct credential *out)
{
    (void)read_map(reader, 1, 1);
    out->kind = read_kind(reader);
    read_appraisal(reader, out);
    read_close(reader);
}

static void read_verifier(struct reader *reader)
{
    struct map_reader map = read_map(reader, 2, 2);
    int64_t key;

    while (read_key(&map, &key)) {
        if (key == VERIFIER_ID_DEVELOPER)
            read_exactly(reader, VIEW_TEXT(VERIFIER_DEVELOPER));
        else if (key == VERIFIER_ID_BUILD)
            read_exactly(reader, VIEW_TEXT(VERIFIER_BUILD));
        else
            reader_fail(reader, STATUS_MALFORMED);
    }
}

static void read_claim(struct reader *reader, int64_t key, struct credential *out)
{
    switch (key) {
    case CLAIM_ISS:
        out->aggregator = read_name(reader);
        break;
    case CLAIM_SUB:
        out->device = read_name(reader);
        break;
    case CLAIM_AUD:
        out->federation = read_name(reader);
        break;
    case CLAIM_EXP:
        out->expires = read_time(reader);
        break;
    case CLAIM_IAT:
        out->issued = read_time(reader);
        break;
    case CLAIM_CTI:
        out->cti = read_fixed(reader, CTI_SIZE);
        break;
    case CLAIM_CNF:
        out->key = read_confirmation(reader);
        break;
    case CLAIM_ROLE:
        out->role = read_role(reader);
        break;
    case CLAIM_BOOT_ID:
        out->boot_id = read_fixed(reader, BOOT_ID_SIZE);
        break;
    case CLAIM_EAT_PROFILE:
        read_exactly(reader, VIEW_TEXT(EAR_PROFILE));
        break;
    case CLAIM_SUBMODS:
        read_submodule(reader, out);
        break;
    case CLAIM_VERIFIER:
        read_verifier(reader);
        break;
    case CLAIM_IDENTITY:
        out->identity = read_fixed(reader, DIGEST_SIZE);
        break;
    default:
        reader_fail(reader, STATUS_MALFORMED);
    }
}

enum status credential_claims_decode(struct view claims, struct credential *out)
{
    struct reader reader = reader_of(claims);
    /* As many pairs as there are claims, none twice, none unknown: so all of them. */
    struct map_reader map = read_map(&reader, CLAIMS, CLAIMS);
    struct credential credential = {0};
    int64_t key;

    while (read_key(&map, &key))
        read_claim(&reader, key, &credential);
    TRY(reader_end(&reader));
    *out = credential;
    return STATUS_OK;
}

/* The signed message within the tag of a CWT. */
static enum status unwrap(struct view encoded, struct view *message)
{
    struct reader reader = reader_of(encoded);

    read_tag(&reader, CWT_TAG);
    *message = reader.rest;
    return reader.status;
}

/* A credential of another boot is signed with another key. It is told from a forged one by what it says of itself;
 * nobody needs to believe that, for it is refused either way. */
static enum status check_origin(struct view message, const struct place *place)
{
    struct cose_sign1 parts;
    struct credential claimed;

    TRY(cose_sign1_decode(message, &parts));
    TRY(credential_claims_decode(parts.payload, &claimed));
    if (!view_equal(claimed.federation, place->federation) || !view_equal(claimed.aggregator, place->aggregator) ||
        !view_equal(claimed.boot_id, place->boot_id))
        return STATUS_CREDENTIAL_FOREIGN;
    return STATUS_OK;
}

enum status credential_check(struct view encoded, struct view point, const struct place *place, uint64_t now,
                             struct credential *out)
{
    struct view message, claims;
    struct credential credential;

    TRY(unwrap(encoded, &message));
    TRY(check_origin(message, place));
    TRY(bind_verify(PURPOSE_CREDENTIAL, place, point, message, &claims));
    TRY(credential_claims_decode(claims, &credential));
    if (credential.issued > now && credential.issued - now > CLOCK_AHEAD_S)
        return STATUS_CREDENTIAL_NOT_YET;
    if (now >= credential.expires)
        return STATUS_CREDENTIAL_EXPIRED;
    *out = credential;
    return STATUS_OK;
}
