/* sim.c: see sim.h. */
#include "sim.h"

#include "credential.h"
#include "named_private.h"
#include "pem.h"
#include "values.h"

/* Claims of an EAT (RFC 9711, RFC 8392). */
enum claim {
    CLAIM_AUD = 3,
    CLAIM_EXP = 4,
    CLAIM_IAT = 6,
    CLAIM_NONCE = 10,
    CLAIM_DBGSTAT = 263,
    CLAIM_PROFILE = 265,
    CLAIM_MEASUREMENTS = 273,
};
#define CLAIMS                  7
#define DBGSTAT_ENABLED         0
#define CONTENT_FORMAT_CBOR     60
#define MEASUREMENT_SIZE        (2 + DIGEST_SIZE) /* a digest as an encoded byte string */
#define SIM_EVIDENCE_CLAIMS_MAX 512
#define PROFILE                 VIEW_TEXT("tag:tacit.invalid,2026:sim#1")

/* ---- rules ---- */

enum status sim_rules_encode(const struct sim_rules *rules, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 3);
    write_uint(&writer, 1);
    write_fixed(&writer, rules->root, PUBLIC_KEY_SIZE);
    write_uint(&writer, 2);
    write_array(&writer, rules->count);
    for (uint32_t i = 0; i < rules->count; i++)
        write_fixed(&writer, rules->measurements[i], DIGEST_SIZE);
    write_uint(&writer, 3);
    write_uint(&writer, rules->max_age_s);
    return writer_end(&writer);
}

static void read_measurements(struct reader *reader, struct sim_rules *out)
{
    out->count = read_array(reader, 1, SIM_MEASUREMENTS_MAX);
    for (uint32_t i = 0; i < out->count; i++)
        out->measurements[i] = read_fixed(reader, DIGEST_SIZE);
    read_close(reader);
}

/* The root's point is wanted with the rules; a root that is no point makes the rules void. */
static enum status decode_rules(struct view bytes, struct sim_rules *out, uint8_t point[static P256_POINT_SIZE])
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(3), FIELDS_TO(3));
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            out->root = read_fixed(&reader, PUBLIC_KEY_SIZE);
            break;
        case 2:
            read_measurements(&reader, out);
            break;
        case 3:
            out->max_age_s = read_uint(&reader, 1, TIME_MAX);
            break;
        }
    }
    TRY(reader_end(&reader));
    return cose_key_decode(out->root, point);
}

enum status sim_rules_decode(struct view bytes, struct sim_rules *out)
{
    uint8_t point[P256_POINT_SIZE];
    struct sim_rules rules = {0};

    TRY(decode_rules(bytes, &rules, point));
    *out = rules;
    return STATUS_OK;
}

enum status sim_check_rules(struct view rules)
{
    struct sim_rules ignored;

    return sim_rules_decode(rules, &ignored);
}

/* ---- evidence ---- */

static enum status encode_evidence(const struct sim_evidence *evidence, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, CLAIMS);
    write_uint(&writer, CLAIM_AUD);
    write_name(&writer, evidence->federation);
    write_uint(&writer, CLAIM_EXP);
    write_uint(&writer, evidence->expires);
    write_uint(&writer, CLAIM_IAT);
    write_uint(&writer, evidence->issued);
    write_uint(&writer, CLAIM_NONCE);
    write_fixed(&writer, evidence->nonce, SHA512_SIZE);
    write_uint(&writer, CLAIM_DBGSTAT);
    write_uint(&writer, DBGSTAT_ENABLED);
    write_uint(&writer, CLAIM_PROFILE);
    write_text(&writer, PROFILE);
    write_uint(&writer, CLAIM_MEASUREMENTS);
    write_array(&writer, 1);
    write_array(&writer, 2);
    write_uint(&writer, CONTENT_FORMAT_CBOR);
    write_bytes_head(&writer, MEASUREMENT_SIZE);
    write_fixed(&writer, evidence->measurement, DIGEST_SIZE);
    return writer_end(&writer);
}

enum status sim_attest(const struct sim_evidence *evidence, const struct p256_key *root,
                       const struct random_port *random, struct buf *out)
{
    const struct place place = {.federation = evidence->federation};
    uint8_t memory[SIM_EVIDENCE_CLAIMS_MAX];
    struct buf payload = BUF_OF(memory);

    TRY(encode_evidence(evidence, &payload));
    return bind_sign(PURPOSE_SIM_EVIDENCE, &place, root, random, buf_view(&payload), out);
}

/* One measurement: a digest, encoded, in a byte string. */
static struct view read_measurement(struct reader *reader)
{
    struct reader inner;
    struct view digest;

    (void)read_array(reader, 1, 1);
    (void)read_array(reader, 2, 2);
    (void)read_uint(reader, CONTENT_FORMAT_CBOR, CONTENT_FORMAT_CBOR);
    inner = reader_of(read_fixed(reader, MEASUREMENT_SIZE));
    read_close(reader);
    read_close(reader);
    digest = read_fixed(&inner, DIGEST_SIZE);
    reader_fail(reader, reader_end(&inner));
    return digest;
}

static void read_claim(struct reader *reader, int64_t key, struct sim_evidence *out)
{
    switch (key) {
    case CLAIM_AUD:
        out->federation = read_name(reader);
        break;
    case CLAIM_EXP:
        out->expires = read_time(reader);
        break;
    case CLAIM_IAT:
        out->issued = read_time(reader);
        break;
    case CLAIM_NONCE:
        out->nonce = read_fixed(reader, SHA512_SIZE);
        break;
    case CLAIM_DBGSTAT:
        (void)read_uint(reader, DBGSTAT_ENABLED, DBGSTAT_ENABLED);
        break;
    case CLAIM_PROFILE:
        if (!view_equal(read_text(reader, 1, PROFILE.len), PROFILE))
            reader_fail(reader, STATUS_UNSUPPORTED);
        break;
    case CLAIM_MEASUREMENTS:
        out->measurement = read_measurement(reader);
        break;
    default:
        reader_fail(reader, STATUS_MALFORMED);
    }
}

enum status sim_evidence_decode(struct view payload, struct sim_evidence *out)
{
    struct reader reader = reader_of(payload);
    /* As many pairs as there are claims, none twice, none unknown: so all of them. */
    struct map_reader map = read_map(&reader, CLAIMS, CLAIMS);
    struct sim_evidence evidence = {0};
    int64_t key;

    while (read_key(&map, &key))
        read_claim(&reader, key, &evidence);
    TRY(reader_end(&reader));
    *out = evidence;
    return STATUS_OK;
}

/* ---- appraisal ---- */

/* What the row works with. */
struct sim_work {
    const struct evidence *evidence;
    struct sim_rules rules;
    bool ruled; /* rules were given */
    struct sim_evidence found;
    struct appraisal *out;
};

/* The root: of the rules, or the key that a tool was given. */
static enum status find_root(struct sim_work *work, const struct view *rules, uint8_t point[static P256_POINT_SIZE])
{
    work->ruled = rules != NULL;
    if (work->ruled)
        return decode_rules(*rules, &work->rules, point);
    if (work->evidence->key.len == 0)
        return STATUS_EVIDENCE_ROOT;
    return pem_public_key(work->evidence->key, point);
}

static enum status verify(const struct evidence *evidence, struct view root, struct sim_evidence *out)
{
    struct named named;
    enum status status = named_verify(PURPOSE_SIM_EVIDENCE, CLAIM_AUD, root, evidence->bytes, &named);

    if (status == STATUS_FORGED)
        return STATUS_EVIDENCE_ROOT;
    TRY(status);
    return sim_evidence_decode(named.payload, out);
}

static bool lists(const struct sim_rules *rules, struct view measurement)
{
    for (uint32_t i = 0; i < rules->count; i++)
        if (view_equal(rules->measurements[i], measurement))
            return true;
    return false;
}

static void describe(struct sim_work *work)
{
    struct appraisal *out = work->out;

    out->measurement = work->found.measurement;
    out->debug = true;
    out->not_before = work->found.issued;
    out->not_after = work->found.expires > 0 ? work->found.expires - 1 : 0;
    if (work->ruled && work->found.issued + work->rules.max_age_s <= out->not_after)
        out->not_after = work->found.issued + work->rules.max_age_s - 1;
    appraisal_bytes(out, "measurement", work->found.measurement);
    appraisal_text(out, "federation", work->found.federation);
    appraisal_bytes(out, "report_data", work->found.nonce);
}

static enum status check_federation(const struct sim_work *work)
{
    return view_equal(work->found.federation, work->evidence->federation) ? STATUS_OK : STATUS_EVIDENCE_FEDERATION;
}

static enum status check_issued(const struct sim_work *work)
{
    const uint64_t now = work->evidence->now, issued = work->found.issued;

    return issued > now && issued - now > CLOCK_AHEAD_S ? STATUS_EVIDENCE_NOT_YET : STATUS_OK;
}

static void judge(struct sim_work *work)
{
    const struct evidence *evidence = work->evidence;
    struct appraisal *out = work->out;

    if (evidence->federation.len > 0)
        appraisal_check(out, "federation", check_federation(work));
    else
        appraisal_unchecked(out, "federation");
    if (evidence->report_data.len > 0)
        appraisal_check(out, "report data", appraise_binding(evidence->report_data, work->found.nonce));
    else
        appraisal_unchecked(out, "report data");
    appraisal_check(out, "time of issue", check_issued(work));
    appraisal_check(out, "end", evidence->now <= out->not_after ? STATUS_OK : STATUS_EVIDENCE_EXPIRED);
    if (work->ruled)
        appraisal_check(out, "measurement",
                        lists(&work->rules, work->found.measurement) ? STATUS_OK : STATUS_EVIDENCE_MEASUREMENT);
    else
        appraisal_unchecked(out, "measurement");
}

enum status sim_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out)
{
    uint8_t root[P256_POINT_SIZE];
    struct sim_work work = {.evidence = evidence, .out = out};

    appraisal_begin(out, evidence->kind);
    out->simulated = true;
    out->ear_status = EAR_CONTRAINDICATED;
    if (appraisal_check(out, "root", find_root(&work, rules, root)) == STATUS_OK &&
        appraisal_check(out, "signature", verify(evidence, VIEW_OF(root), &work.found)) == STATUS_OK) {
        out->authentic = true;
        describe(&work);
        judge(&work);
    }
    return appraisal_end(out);
}
