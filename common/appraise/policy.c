/* policy.c: see policy.h. */
#include "policy.h"

#include <assert.h>

#include "appraise.h"
#include "named_private.h"
#include "topic.h"
#include "values.h"

#define FIELDS 15
/* What a packet holds besides a chunk: COSE's part, and the topic. TOPIC_MAX has room for the head of a PUBLISH. */
#define PACKET_OVERHEAD_MAX (COSE_OVERHEAD_MAX + TOPIC_MAX)

static_assert(PACKET_MIN - PACKET_OVERHEAD_MAX >= 256, "the smallest packet takes the smallest chunk of a manifest");

static void write_accepted(struct writer *writer, const struct accepted *list, uint32_t count)
{
    assert(count >= 1 && count <= ACCEPTED_MAX);
    write_array(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        write_map(writer, 2);
        write_uint(writer, 1);
        write_kind(writer, list[i].kind);
        write_uint(writer, 2);
        write_bytes(writer, list[i].rules);
    }
}

enum status policy_encode(const struct policy *policy, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, FIELDS);
    write_uint(&writer, 1);
    write_name(&writer, policy->federation);
    write_uint(&writer, 2);
    write_uint(&writer, policy->version);
    write_uint(&writer, 3);
    write_uint(&writer, policy->not_before);
    write_uint(&writer, 4);
    write_uint(&writer, policy->not_after);
    write_uint(&writer, 5);
    write_accepted(&writer, policy->aggregator, policy->aggregator_count);
    write_uint(&writer, 6);
    write_accepted(&writer, policy->device, policy->device_count);
    write_uint(&writer, 7);
    write_uint(&writer, policy->min_cohort);
    write_uint(&writer, 8);
    write_uint(&writer, policy->max_cohort);
    write_uint(&writer, 9);
    write_uint(&writer, policy->max_samples);
    write_uint(&writer, 10);
    write_uint(&writer, policy->fraction_bits);
    write_uint(&writer, 11);
    write_uint(&writer, policy->credential_s);
    write_uint(&writer, 12);
    write_uint(&writer, policy->max_parameters);
    write_uint(&writer, 13);
    write_algs(&writer, policy->algs, policy->alg_count);
    write_uint(&writer, 14);
    write_uint(&writer, policy->max_packet);
    write_uint(&writer, 15);
    write_uint(&writer, policy->challenge_s);
    return writer_end(&writer);
}

static struct accepted read_one_accepted(struct reader *reader)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(2), FIELDS_TO(2));
    struct accepted accepted = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            accepted.kind = read_kind(reader);
        else
            accepted.rules = read_bytes(reader, 1, ACCEPTED_SIZE_MAX);
    }
    return accepted;
}

static uint32_t read_accepted(struct reader *reader, struct accepted list[static ACCEPTED_MAX])
{
    uint32_t count = read_array(reader, 1, ACCEPTED_MAX);

    for (uint32_t i = 0; i < count; i++)
        list[i] = read_one_accepted(reader);
    read_close(reader);
    return count;
}

/* Who, when, and what they must show: fields 1 to 6. */
static void read_trust(struct reader *reader, int64_t key, struct policy *out)
{
    switch (key) {
    case 1:
        out->federation = read_name(reader);
        break;
    case 2:
        out->version = read_uint(reader, 0, INT64_MAX);
        break;
    case 3:
        out->not_before = read_time(reader);
        break;
    case 4:
        out->not_after = read_time(reader);
        break;
    case 5:
        out->aggregator_count = read_accepted(reader, out->aggregator);
        break;
    case 6:
        out->device_count = read_accepted(reader, out->device);
        break;
    }
}

/* The limits of rounds and messages: fields 7 to 15. */
static void read_limit(struct reader *reader, int64_t key, struct policy *out)
{
    switch (key) {
    case 7:
        out->min_cohort = read_uint32(reader, 1, POLICY_COHORT_MAX);
        break;
    case 8:
        out->max_cohort = read_uint32(reader, 1, POLICY_COHORT_MAX);
        break;
    case 9:
        out->max_samples = read_uint32(reader, 1, POLICY_SAMPLES_MAX);
        break;
    case 10:
        out->fraction_bits = read_uint32(reader, POLICY_FRACTION_BITS_MIN, POLICY_FRACTION_BITS_MAX);
        break;
    case 11:
        out->credential_s = read_uint32(reader, POLICY_CREDENTIAL_S_MIN, POLICY_CREDENTIAL_S_MAX);
        break;
    case 12:
        out->max_parameters = read_uint(reader, 1, POLICY_PARAMETERS_MAX);
        break;
    case 13:
        out->alg_count = read_algs(reader, out->algs);
        break;
    case 14:
        out->max_packet = read_uint32(reader, PACKET_MIN, PACKET_MAX);
        break;
    case 15:
        out->challenge_s = read_uint32(reader, POLICY_CHALLENGE_S_MIN, POLICY_CHALLENGE_S_MAX);
        break;
    }
}

static enum status check_accepted(const struct accepted *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct appraiser *row = appraiser_find(list[i].kind);

        if (row == NULL)
            return STATUS_EVIDENCE_KIND;
        TRY(row->check_rules(list[i].rules));
    }
    return STATUS_OK;
}

/* What no field says alone. */
static enum status check(const struct policy *policy)
{
    if (policy->not_before >= policy->not_after || policy->min_cohort > policy->max_cohort)
        return STATUS_OUT_OF_RANGE;
    if ((uint64_t)policy->min_cohort * policy->max_samples > WEIGHT_LIMIT)
        return STATUS_BOUND_UNPROVEN;
    TRY(check_accepted(policy->aggregator, policy->aggregator_count));
    return check_accepted(policy->device, policy->device_count);
}

enum status policy_decode(struct view bytes, struct policy *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(FIELDS), FIELDS_TO(FIELDS));
    struct policy policy = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key <= 6)
            read_trust(&reader, key, &policy);
        else
            read_limit(&reader, key, &policy);
    }
    TRY(reader_end(&reader));
    TRY(check(&policy));
    *out = policy;
    return STATUS_OK;
}

enum status policy_verify(struct view signed_policy, struct view owner_point, struct view federation, uint64_t now,
                          struct policy *out)
{
    struct named named;
    struct policy policy;

    TRY(named_verify(PURPOSE_POLICY, 1, owner_point, signed_policy, &named));
    if (federation.len > 0 && !view_equal(named.federation, federation))
        return STATUS_POLICY_FOREIGN;
    TRY(policy_decode(named.payload, &policy));
    if (now < policy.not_before)
        return STATUS_POLICY_NOT_YET;
    if (now >= policy.not_after)
        return STATUS_POLICY_EXPIRED;
    *out = policy;
    return STATUS_OK;
}

uint32_t policy_chunk_size(const struct policy *policy)
{
    uint32_t size = policy->max_packet - PACKET_OVERHEAD_MAX;

    for (uint32_t i = 0; i < policy->alg_count; i++)
        if (aead_plain_max(policy->algs[i]) < size)
            size = (uint32_t)aead_plain_max(policy->algs[i]);
    return size;
}

static bool any_simulated(const struct accepted *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct appraiser *row = appraiser_find(list[i].kind);

        if (row != NULL && row->simulated)
            return true;
    }
    return false;
}

bool policy_is_simulated(const struct policy *policy)
{
    return any_simulated(policy->aggregator, policy->aggregator_count) ||
           any_simulated(policy->device, policy->device_count);
}
