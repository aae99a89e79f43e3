/* policy_text.c: see policy_text.h. */
#include "policy_text.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "file.h"
#include "policy_values.h"
#include "sim.h"

/* A block: one kind of evidence that is accepted. */
struct evidence_text {
    const char *kind; /* the value of the line that opens the block; config.h wants it first */
    struct policy_root root;
    struct config_strings measurements;
    uint64_t max_age_s;
    uint8_t rules[ACCEPTED_SIZE_MAX]; /* made from the above */
};

struct owner_text {
    const char *federation;
    int64_t version, min_cohort, max_cohort, max_samples, fraction_bits, max_parameters;
    uint64_t not_before, not_after, credential_s, challenge_s, max_packet;
    struct policy_algorithms algorithms;
    struct config_blocks aggregator, device;
};

/* ---- the table ---- */

static const struct config_key evidence_keys[] = {
    {.name = "root",
     .type = CONFIG_CUSTOM,
     .set = policy_set_root,
     .offset = offsetof(struct evidence_text, root),
     .required = true,
     .doc = "Public key that signs the evidence: a PEM file, or x || y as 128 hexadecimal digits.",
     .sample = "sim-root.pub"},
    {.name = "measurement",
     .type = CONFIG_STRINGS,
     .set = policy_check_measurement,
     .offset = offsetof(struct evidence_text, measurements),
     .max = SIM_MEASUREMENTS_MAX,
     .required = true,
     .doc = "SHA-256 of a program that is accepted, as hexadecimal digits. May be repeated.",
     .sample = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    {.name = "max_age",
     .type = CONFIG_DURATION,
     .offset = offsetof(struct evidence_text, max_age_s),
     .min = 1,
     .max = TIME_MAX,
     .required = true,
     .doc = "Evidence that was made longer ago is refused.",
     .sample = "1h"},
    {0},
};

#define FIELD_AT(member) .offset = offsetof(struct owner_text, member)

const struct config_key policy_text_keys[] = {
    {.name = "federation",
     .type = CONFIG_CUSTOM,
     .set = policy_set_federation,
     FIELD_AT(federation),
     .required = true,
     .doc = "Name of the federation: 1 to 64 letters, digits, - or _.",
     .sample = "home"},
    {.name = "version",
     .type = CONFIG_INTEGER,
     FIELD_AT(version),
     .max = INT64_MAX,
     .required = true,
     .doc = "Counts up: a device refuses a policy with a lower version than it has seen.",
     .sample = "1"},
    {.name = "not_before",
     .type = CONFIG_CUSTOM,
     .set = policy_set_time,
     FIELD_AT(not_before),
     .required = true,
     .doc = "The policy is valid from here on. A date, or a time in UTC like 2026-11-21T08:00:00Z.",
     .sample = "2026-11-21"},
    {.name = "not_after",
     .type = CONFIG_CUSTOM,
     .set = policy_set_time,
     FIELD_AT(not_after),
     .required = true,
     .doc = "At this moment it is no longer valid.",
     .sample = "2027-11-21"},
    {.name = "min_cohort",
     .type = CONFIG_INTEGER,
     FIELD_AT(min_cohort),
     .min = 1,
     .max = POLICY_COHORT_MAX,
     .required = true,
     .doc = "No model is released that fewer updates went into.",
     .sample = "10"},
    {.name = "max_cohort",
     .type = CONFIG_INTEGER,
     FIELD_AT(max_cohort),
     .min = 1,
     .max = POLICY_COHORT_MAX,
     .required = true,
     .doc = "A round takes no more updates than this.",
     .sample = "100"},
    {.name = "max_samples",
     .type = CONFIG_INTEGER,
     FIELD_AT(max_samples),
     .min = 1,
     .max = POLICY_SAMPLES_MAX,
     .required = true,
     .doc = "The most samples that one update may count for. min_cohort * max_samples is at most 2^32.",
     .sample = "10000"},
    {.name = "fraction_bits",
     .type = CONFIG_INTEGER,
     FIELD_AT(fraction_bits),
     .min = POLICY_FRACTION_BITS_MIN,
     .max = POLICY_FRACTION_BITS_MAX,
     .doc = "Bits behind the point in the exact sum; a change of a parameter stays below 2^(31 - fraction_bits).",
     .sample = "27"},
    {.name = "credential_lifetime",
     .type = CONFIG_DURATION,
     FIELD_AT(credential_s),
     .min = POLICY_CREDENTIAL_S_MIN,
     .max = POLICY_CREDENTIAL_S_MAX,
     .required = true,
     .doc = "A device enrols again after this time: 90s, 12h, 30d.",
     .sample = "30d"},
    {.name = "max_parameters",
     .type = CONFIG_INTEGER,
     FIELD_AT(max_parameters),
     .min = 1,
     .max = POLICY_PARAMETERS_MAX,
     .required = true,
     .doc = "The most parameters that a model may have.",
     .sample = "1000000"},
    {.name = "algorithms",
     .type = CONFIG_CUSTOM,
     .set = policy_set_algorithms,
     FIELD_AT(algorithms),
     .doc = "AEADs that updates may be sealed with, best first:\n"
            "A256GCM, A128GCM, ChaCha20-Poly1305, AES-CCM-16-128-256 (with it a chunk has at most 65535 bytes).",
     .sample = "A256GCM"},
    {.name = "max_packet",
     .type = CONFIG_SIZE,
     FIELD_AT(max_packet),
     .min = PACKET_MIN,
     .max = PACKET_MAX,
     .doc = "The largest MQTT packet in bytes; the broker must allow it.",
     .sample = "256K"},
    {.name = "challenge_lifetime",
     .type = CONFIG_DURATION,
     FIELD_AT(challenge_s),
     .min = POLICY_CHALLENGE_S_MIN,
     .max = POLICY_CHALLENGE_S_MAX,
     .doc = "How long a challenge of the aggregator may be answered.",
     .sample = "10m"},
    {.name = "aggregator_evidence",
     .type = CONFIG_BLOCK,
     .set = policy_check_kind,
     FIELD_AT(aggregator),
     .min = 1,
     .max = ACCEPTED_MAX,
     .required = true,
     .keys = evidence_keys,
     .size = sizeof(struct evidence_text),
     .doc = "Evidence that an aggregator may show. Opens a block; may be repeated, any one is enough.",
     .sample = SIM_KIND},
    {.name = "device_evidence",
     .type = CONFIG_BLOCK,
     .set = policy_check_kind,
     FIELD_AT(device),
     .min = 1,
     .max = ACCEPTED_MAX,
     .required = true,
     .keys = evidence_keys,
     .size = sizeof(struct evidence_text),
     .doc = "Evidence that a device may show. Opens a block; may be repeated, any one is enough.",
     .sample = SIM_KIND},
    {0},
};

/* ---- blocks ---- */

/* What all steps need to load keys and to say what is wrong. */
struct reading {
    const struct config_source *source;
    const struct policy_keys *keys;
    struct reason *reason;
};

static enum status load_root(const struct reading *reading, struct policy_root *root)
{
    const char *folder = root->path[0] == '/' ? "" : reading->source->folder;
    struct reason why = {""};
    char path[FILE_MAX_PATH];
    const int length = snprintf(path, sizeof path, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", root->path);

    if (length < 0 || (size_t)length >= sizeof path) {
        reason_set(reading->reason, "%s: root: the path is too long", reading->source->name);
        return STATUS_CONFIG;
    }
    if (reading->keys->load(reading->keys->ctx, path, root->point, &why) == STATUS_OK)
        return STATUS_OK;
    reason_set(reading->reason, "%s: root %.128s: %.256s", reading->source->name, root->path, why.text);
    return STATUS_CONFIG;
}

static enum status make_sim_rules(const struct reading *reading, struct evidence_text *text, struct accepted *out)
{
    uint8_t key_bytes[PUBLIC_KEY_SIZE], digests[SIM_MEASUREMENTS_MAX][DIGEST_SIZE];
    struct buf key = BUF_OF(key_bytes), bytes = BUF_OF(text->rules);
    struct sim_rules rules = {.count = (uint32_t)text->measurements.count, .max_age_s = text->max_age_s};

    if (text->root.path != NULL)
        TRY(load_root(reading, &text->root));
    TRY(cose_key_encode(VIEW_OF(text->root.point), &key));
    rules.root = buf_view(&key);
    for (uint32_t i = 0; i < rules.count; i++) {
        const char *digits = text->measurements.items[i];
        struct buf digest = BUF_OF(digests[i]);

        TRY(hex_decode(view_of_string(digits), &digest)); /* judged when its line was read */
        rules.measurements[i] = buf_view(&digest);
    }
    TRY(sim_rules_encode(&rules, &bytes));
    *out = (struct accepted){VIEW_TEXT(SIM_KIND), buf_view(&bytes)};
    return STATUS_OK;
}

static enum status make_accepted(const struct reading *reading, const struct config_blocks *blocks,
                                 struct accepted out[static ACCEPTED_MAX])
{
    struct evidence_text *texts = blocks->items;

    for (size_t i = 0; i < blocks->count; i++)
        TRY(make_sim_rules(reading, &texts[i], &out[i]));
    return STATUS_OK;
}

/* ---- the policy ---- */

/* What no line says alone. */
static enum status check(const struct reading *reading, const struct owner_text *text)
{
    const char *name = reading->source->name;

    if (text->not_before >= text->not_after)
        reason_set(reading->reason, "%s: not_after is not after not_before", name);
    else if (text->min_cohort > text->max_cohort)
        reason_set(reading->reason, "%s: min_cohort %" PRId64 " is above max_cohort %" PRId64, name, text->min_cohort,
                   text->max_cohort);
    else if ((uint64_t)text->min_cohort * (uint64_t)text->max_samples > WEIGHT_LIMIT)
        reason_set(reading->reason, "%s: min_cohort * max_samples is above 2^32: the sum could overflow", name);
    else
        return STATUS_OK;
    return STATUS_CONFIG;
}

static struct policy scalars_of(const struct owner_text *text)
{
    struct policy policy = {
        .federation = view_of_string(text->federation),
        .version = (uint64_t)text->version,
        .not_before = text->not_before,
        .not_after = text->not_after,
        .aggregator_count = (uint32_t)text->aggregator.count,
        .device_count = (uint32_t)text->device.count,
        .min_cohort = (uint32_t)text->min_cohort,
        .max_cohort = (uint32_t)text->max_cohort,
        .max_samples = (uint32_t)text->max_samples,
        .fraction_bits = (uint32_t)text->fraction_bits,
        .credential_s = (uint32_t)text->credential_s,
        .max_parameters = (uint64_t)text->max_parameters,
        .alg_count = text->algorithms.count,
        .max_packet = (uint32_t)text->max_packet,
        .challenge_s = (uint32_t)text->challenge_s,
    };

    memcpy(policy.algs, text->algorithms.list, sizeof policy.algs);
    return policy;
}

enum status policy_text_read(const struct config_source *source, const struct policy_keys *keys, struct buf *bytes,
                             struct policy *out, struct reason *reason)
{
    CLEANUP(config_free) struct config_text memory = {0};
    const struct reading reading = {source, keys, reason};
    const size_t start = bytes->len;
    struct owner_text text = {
        .fraction_bits = 27,
        .algorithms = {1, {AEAD_A256GCM}},
        .max_packet = 256 << 10,
        .challenge_s = 600,
    };
    struct policy policy;

    TRY(config_parse(source, policy_text_keys, &text, &memory, reason));
    TRY(check(&reading, &text));
    policy = scalars_of(&text);
    TRY(make_accepted(&reading, &text.aggregator, policy.aggregator));
    TRY(make_accepted(&reading, &text.device, policy.device));
    if (policy_encode(&policy, bytes) != STATUS_OK) {
        reason_set(reason, "%s: %s", source->name, status_text(STATUS_NO_SPACE));
        return STATUS_NO_SPACE;
    }
    return policy_decode((struct view){bytes->ptr + start, bytes->len - start}, out);
}
