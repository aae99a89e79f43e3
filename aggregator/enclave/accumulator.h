/* accumulator.h: the running sum of one round, in fixed point. Pure. Source: PROTOCOL.md section 15.
 *
 * Integers commute and associate, so the sum does not depend on the order or grouping of updates, on the compiler or on
 * the machine. */
#ifndef ENCLAVE_ACCUMULATOR_H
#define ENCLAVE_ACCUMULATOR_H

#include "tensor.h"

#define FRACTION_BITS_MIN 16
#define FRACTION_BITS_MAX 27

struct accumulator {
    int64_t *sums; /* lent by the caller: `parameters` values, unit 2^-fraction_bits times a sample */
    uint64_t parameters;
    uint32_t fraction_bits;
    uint64_t weight_limit; /* total weight that was proven to fit: at most 2^32 */
    uint64_t weight;       /* samples in the sum so far */
    uint32_t members;      /* updates in the sum so far */
};

/**
 * Begins a round: zeroes the sums. The bound: |q| < 2^31 for each value and a total weight of at most target *
 * max_samples <= 2^32 keep every sum inside int64.
 * Returns STATUS_BOUND_UNPROVEN when target * max_samples is above 2^32 or zero; STATUS_OUT_OF_RANGE for fraction_bits.
 */
MUST_USE enum status accumulator_begin(struct accumulator *acc, uint32_t target, uint32_t max_samples);

/**
 * Looks at values without touching the sum. Every value of an update is checked before the first is added.
 * Returns STATUS_NOT_FINITE (a NaN or an infinity), else STATUS_VALUE_RANGE (|x| >= 2^(31 - fraction_bits)).
 * Time depends on the number of values only.
 */
MUST_USE enum status accumulator_check(const struct accumulator *acc, enum tensor_type type, struct view values);

/**
 * Adds round-half-even(x * 2^fraction_bits) * weight for each value, which accumulator_check has passed.
 * first   index of the coordinate that values begin at; first + values must fit parameters.
 * weight  1..2^31 - 1.
 * The caller adds all tensors of an update and then calls accumulator_count once.
 */
void accumulator_add(struct accumulator *acc, uint64_t first, enum tensor_type type, struct view values,
                     uint32_t weight);

/** Counts one member of that weight. STATUS_BOUND_UNPROVEN, before anything is added, is told by accumulator_fits. */
void accumulator_count(struct accumulator *acc, uint32_t weight);
bool accumulator_fits(const struct accumulator *acc, uint64_t weight);

/** Adds another sum of the same shape and unit: a partial sum. STATUS_WRONG_SHAPE, STATUS_BOUND_UNPROVEN. */
MUST_USE enum status accumulator_merge(struct accumulator *acc, const struct accumulator *part);

/**
 * Writes base + mean over values (float32 little endian, count of them, coordinates from `first` on):
 * float32(double(base) + double(sum) / (double(weight) * 2^fraction_bits)). weight must not be zero.
 */
void accumulator_release(const struct accumulator *acc, uint64_t first, uint8_t *values, uint64_t count);

#endif
