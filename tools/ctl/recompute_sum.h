/* recompute_sum.h: the exact mean of a round, computed once more by other means than the enclave's: in integers,
 * from the bits of each value, each step checked. Pure. Source: PROTOCOL.md section 15. */
#ifndef CTL_RECOMPUTE_SUM_H
#define CTL_RECOMPUTE_SUM_H

#include "model.h"
#include "tensor.h"

/** The sum of a round. sums is lent: one for each parameter, zero at the start. */
struct recompute_sum {
    int64_t *sums;
    uint32_t fraction_bits; /* 16..27 */
    uint64_t samples;       /* of all updates */
};

/**
 * value * 2^fraction_bits, rounded to the nearest integer, ties to even.
 * Returns STATUS_NOT_FINITE, STATUS_VALUE_RANGE for |value| >= 2^(31 - fraction_bits).
 */
MUST_USE enum status recompute_fixed(float value, uint32_t fraction_bits, int64_t *out);

/**
 * Adds one tensor's deltas times samples to the sums from `first` on. What recompute_fixed returns, and
 * STATUS_BOUND_UNPROVEN when a sum leaves 64 bits, as none that an enclave releases does.
 */
MUST_USE enum status recompute_add(struct recompute_sum *sum, uint64_t first, const struct tensor *deltas,
                                   uint64_t samples);

/** base + sum / (samples * 2^fraction_bits), in doubles, rounded once to float32. samples is not 0. */
float recompute_value(const struct recompute_sum *sum, uint64_t index, float base);

#endif
