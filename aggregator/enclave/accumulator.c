/* accumulator.c: see accumulator.h. No allocation; no branch on a single value. */
#include "accumulator.h"

#include <assert.h>
#include <float.h>
#include <string.h>

#include "wire_limits.h"

static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1, "an operation of doubles must be rounded to double");
static_assert(FRACTION_BITS_MAX < 31, "a value below 2^(31 - f) must be able to reach 1");

/* Adding 1.5 * 2^52 to a double of magnitude below 2^51 rounds it to an integer, half to even, and leaves that integer
 * in the low bits of the sum. x * 2^f is exact: it only moves the exponent. */
#define ROUNDER 6755399441055744.0

/* Values are taken in blocks that stay in the first-level cache, each step a loop of its own, so that compilers turn
 * the loops into vector instructions without being allowed to change a bit. */
#define BLOCK 1024

enum status accumulator_begin(struct accumulator *acc, uint32_t target, uint32_t max_samples)
{
    uint64_t limit = (uint64_t)target * max_samples;

    if (acc->fraction_bits < FRACTION_BITS_MIN || acc->fraction_bits > FRACTION_BITS_MAX)
        return STATUS_OUT_OF_RANGE;
    if (limit == 0 || limit > WEIGHT_LIMIT)
        return STATUS_BOUND_UNPROVEN;
    memset(acc->sums, 0, (size_t)acc->parameters * sizeof *acc->sums);
    acc->weight_limit = limit;
    acc->weight = 0;
    acc->members = 0;
    return STATUS_OK;
}

/* The bits of float32 values, widened where they came as float16. */
static size_t load_block(enum tensor_type type, struct view values, size_t first, uint32_t bits[static BLOCK])
{
    size_t size = tensor_element_size(type);
    size_t count = values.len / size - first;
    const uint8_t *from = values.ptr + first * size;

    if (count > BLOCK)
        count = BLOCK;
    if (type == TENSOR_F16) {
        for (size_t i = 0; i < count; i++) {
            float value = half_to_float((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
            memcpy(&bits[i], &value, sizeof value);
        }
    } else {
        for (size_t i = 0; i < count; i++)
            bits[i] = read_le32(from + 4 * i);
    }
    return count;
}

enum status accumulator_check(const struct accumulator *acc, enum tensor_type type, struct view values)
{
    const uint32_t infinity = 0x7f800000;
    /* The bits of 2^(31 - f): magnitudes of floats compare as integers. */
    const uint32_t limit = (127 + 31 - acc->fraction_bits) << 23;
    size_t total = values.len / tensor_element_size(type);
    uint32_t bits[BLOCK], largest = 0;

    for (size_t first = 0; first < total;) {
        size_t count = load_block(type, values, first, bits);
        for (size_t i = 0; i < count; i++) {
            uint32_t magnitude = bits[i] & 0x7fffffff;
            largest = magnitude > largest ? magnitude : largest;
        }
        first += count;
    }
    if (largest >= infinity)
        return STATUS_NOT_FINITE;
    return largest >= limit ? STATUS_VALUE_RANGE : STATUS_OK;
}

void accumulator_add(struct accumulator *acc, uint64_t first, enum tensor_type type, struct view values,
                     uint32_t weight)
{
    const double scale = (double)(1u << acc->fraction_bits);
    const int32_t times = (int32_t)weight;
    size_t total = values.len / tensor_element_size(type);
    uint32_t bits[BLOCK];
    int32_t rounded[BLOCK];

    assert(first <= acc->parameters && total <= acc->parameters - first && weight <= INT32_MAX);
    for (size_t done = 0; done < total;) {
        int64_t *sums = acc->sums + first + done;
        size_t count = load_block(type, values, done, bits);
        for (size_t i = 0; i < count; i++) {
            float value;
            double shifted;
            uint64_t low;
            memcpy(&value, &bits[i], sizeof value);
            shifted = (double)value * scale + ROUNDER;
            memcpy(&low, &shifted, sizeof low);
            rounded[i] = (int32_t)(uint32_t)low;
        }
        for (size_t i = 0; i < count; i++)
            sums[i] += (int64_t)rounded[i] * times;
        done += count;
    }
    wipe(bits, sizeof bits);
    wipe(rounded, sizeof rounded);
}

bool accumulator_fits(const struct accumulator *acc, uint64_t weight)
{
    return weight <= acc->weight_limit - acc->weight;
}

void accumulator_count(struct accumulator *acc, uint32_t weight)
{
    acc->weight += weight;
    acc->members++;
}

enum status accumulator_merge(struct accumulator *acc, const struct accumulator *part)
{
    if (acc->parameters != part->parameters || acc->fraction_bits != part->fraction_bits)
        return STATUS_WRONG_SHAPE;
    if (!accumulator_fits(acc, part->weight))
        return STATUS_BOUND_UNPROVEN;
    for (uint64_t i = 0; i < acc->parameters; i++)
        acc->sums[i] += part->sums[i];
    acc->weight += part->weight;
    acc->members += part->members;
    return STATUS_OK;
}

void accumulator_release(const struct accumulator *acc, uint64_t first, uint8_t *values, uint64_t count)
{
    const double unit = (double)acc->weight * (double)(1u << acc->fraction_bits);

    assert(acc->weight > 0 && first <= acc->parameters && count <= acc->parameters - first);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t bits = read_le32(values + 4 * i);
        float value;
        memcpy(&value, &bits, sizeof value);
        value = (float)((double)value + (double)acc->sums[first + i] / unit);
        memcpy(&bits, &value, sizeof bits);
        write_le32(values + 4 * i, bits);
    }
}
