/* policy_text_sim.c: the block of simulated evidence in the owner's policy. */
#include <assert.h>
#include <string.h>

#include "pem.h"
#include "policy_kind.h"
#include "policy_values.h"
#include "sim.h"

#define POINT_DIGITS (2 * P256_POINT_SIZE)

struct sim_text {
    uint8_t root[P256_POINT_SIZE];
    struct allowed measurements;
    uint64_t max_age_s;
};

static enum status take_root(const struct config_line *line, void *field)
{
    struct view point, pem;

    if (strlen(line->value) == POINT_DIGITS && policy_all_digits(line->value)) {
        TRY(policy_hex(line, line->value, P256_POINT_SIZE, P256_POINT_SIZE, &point));
        if (p256_check_point(point) != STATUS_OK)
            return config_refuse_line(line, "the digits are not a point x || y of P-256");
        memcpy(field, point.ptr, point.len);
        return STATUS_OK;
    }
    TRY(policy_file(line, line->value, &pem));
    if (pem_public_key(pem, field) != STATUS_OK)
        return config_refuse_line(line, "%.128s: no public key of the curve P-256 in PEM", line->value);
    return STATUS_OK;
}

static const struct config_key keys[] = {
    {.name = "root",
     .type = CONFIG_LINE,
     .take = take_root,
     .offset = offsetof(struct sim_text, root),
     .max = 1,
     .required = true,
     .doc = "Public key that signs the evidence: a PEM file, or x || y as 128 hexadecimal digits.",
     .sample = "sim-root.pub"},
    {.name = "measurement",
     .type = CONFIG_LINE,
     .take = policy_take_digests,
     .offset = offsetof(struct sim_text, measurements),
     .min = DIGEST_SIZE,
     .max = SIM_MEASUREMENTS_MAX,
     .required = true,
     .doc = "SHA-256 of a program that is accepted. May be repeated.",
     .sample = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    {.name = "max_age",
     .type = CONFIG_DURATION,
     .offset = offsetof(struct sim_text, max_age_s),
     .min = 1,
     .max = TIME_MAX,
     .required = true,
     .doc = "Evidence that was made longer ago is refused.",
     .sample = "1h"},
    {0},
};

static enum status make(const struct policy_block *block, struct buf *rules)
{
    const struct sim_text *text = block->block->target;
    uint8_t key_bytes[PUBLIC_KEY_SIZE];
    struct buf key = BUF_OF(key_bytes);
    struct sim_rules sim = {.count = text->measurements.count, .max_age_s = text->max_age_s};

    TRY(cose_key_encode(VIEW_OF(text->root), &key));
    sim.root = buf_view(&key);
    memcpy(sim.measurements, text->measurements.list, sizeof sim.measurements);
    return sim_rules_encode(&sim, rules);
}

static_assert(SIM_MEASUREMENTS_MAX == ALLOWED_MAX, "a block holds what the rules do");

const struct policy_kind policy_sim = {
    {SIM_KIND, keys, sizeof(struct sim_text)}, make, policy_show_sim, policy_warn_sim};
