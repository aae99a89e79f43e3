/* policy_text.c: see policy_text.h. */
#include "policy_text.h"

#include <inttypes.h>
#include <string.h>

#include "appraise.h"
#include "policy_kind.h"
#include "policy_values.h"

struct owner_text {
    const char *federation;
    int64_t version, min_cohort, max_cohort, max_samples, fraction_bits, max_parameters;
    uint64_t not_before, not_after, credential_s, challenge_s, max_packet;
    struct policy_algorithms algorithms;
    struct config_blocks aggregator, device;
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
     FIELD_AT(aggregator),
     .max = ACCEPTED_MAX,
     .required = true,
     .kinds = policy_kinds,
     .doc = "Evidence that an aggregator may show. Opens a block; may be repeated, any one is enough.",
     .sample = "sgx"},
    {.name = "device_evidence",
     .type = CONFIG_BLOCK,
     FIELD_AT(device),
     .max = ACCEPTED_MAX,
     .required = true,
     .kinds = policy_kinds,
     .doc = "Evidence that a device may show. Opens a block; may be repeated, any one is enough.",
     .sample = "tpm"},
    {0},
};

/* What all steps need to encode blocks and to say what is wrong. */
struct reading {
    const struct config_source *source;
    struct owner_text text;
    struct config_text memory;
    struct reason *reason;
};

static void free_reading(struct reading *reading)
{
    config_free(&reading->memory);
}

/* ---- blocks ---- */

static enum status make_one(const struct policy_block *block, struct config_text *memory, struct accepted *out)
{
    const struct view kind = view_of_string(block->block->value);
    const struct appraiser *row = appraiser_find(kind);
    struct buf rules = {.ptr = config_allocate(memory, ACCEPTED_SIZE_MAX), .cap = ACCEPTED_SIZE_MAX};
    enum status status;

    if (rules.ptr == NULL)
        return STATUS_IO;
    if (row == NULL)
        return policy_refuse(block, NULL, "this program was built without that kind of evidence");
    status = policy_kind_find(kind)->make(block, &rules);
    if (status == STATUS_NO_SPACE)
        return policy_refuse(block, NULL, "more than %d bytes; write a part of it into a second block",
                             ACCEPTED_SIZE_MAX);
    TRY(status);
    status = row->check_rules(buf_view(&rules));
    if (status != STATUS_OK)
        return policy_refuse(block, NULL, "%s", status_text(status));
    *out = (struct accepted){kind, buf_view(&rules)};
    return STATUS_OK;
}

static enum status make_accepted(struct reading *reading, const char *name, const struct config_blocks *blocks,
                                 struct accepted out[static ACCEPTED_MAX])
{
    for (size_t i = 0; i < blocks->count; i++) {
        const struct policy_block block = {reading->source, name, &blocks->items[i], reading->reason};

        TRY(make_one(&block, &reading->memory, &out[i]));
    }
    return STATUS_OK;
}

/* ---- the policy ---- */

static unsigned int line_of(const struct reading *reading, const char *key)
{
    return config_line_of(policy_text_keys, reading->memory.standing, key);
}

/* What no line says alone. */
static enum status check(const struct reading *reading)
{
    const struct owner_text *text = &reading->text;

    if (text->not_before >= text->not_after)
        return config_refuse(reading->source, line_of(reading, "not_after"), reading->reason,
                             "not_after: is not after not_before (line %u)", line_of(reading, "not_before"));
    if (text->min_cohort > text->max_cohort)
        return config_refuse(reading->source, line_of(reading, "min_cohort"), reading->reason,
                             "min_cohort: %" PRId64 " is above max_cohort %" PRId64 " (line %u)", text->min_cohort,
                             text->max_cohort, line_of(reading, "max_cohort"));
    if ((uint64_t)text->min_cohort * (uint64_t)text->max_samples > WEIGHT_LIMIT)
        return config_refuse(
            reading->source, line_of(reading, "max_samples"), reading->reason,
            "max_samples: min_cohort (line %u) times this is above 2^32: the sum could overflow; write "
            "at most %" PRIu64,
            line_of(reading, "min_cohort"), WEIGHT_LIMIT / (uint64_t)text->min_cohort);
    return STATUS_OK;
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

enum status policy_text_read(const struct config_source *source, const struct policy_files *files, struct buf *bytes,
                             struct policy *out, struct reason *reason)
{
    const size_t start = bytes->len;
    struct config_source with_files = *source;
    CLEANUP(free_reading)
    struct reading reading = {
        .source = source,
        .reason = reason,
        .text =
            {
                .fraction_bits = 27,
                .algorithms = {1, {AEAD_A256GCM}},
                .max_packet = 256 << 10,
                .challenge_s = 600,
            },
    };
    struct policy policy;

    with_files.ctx = files;
    TRY(config_parse(&with_files, policy_text_keys, &reading.text, &reading.memory, reason));
    TRY(check(&reading));
    policy = scalars_of(&reading.text);
    TRY(make_accepted(&reading, "aggregator_evidence", &reading.text.aggregator, policy.aggregator));
    TRY(make_accepted(&reading, "device_evidence", &reading.text.device, policy.device));
    if (policy_encode(&policy, bytes) != STATUS_OK) {
        reason_set(reason, "%s: %s", source->name, status_text(STATUS_NO_SPACE));
        return STATUS_NO_SPACE;
    }
    return policy_decode((struct view){bytes->ptr + start, bytes->len - start}, out);
}
