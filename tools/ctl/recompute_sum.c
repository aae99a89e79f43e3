/* recompute_sum.c: see recompute_sum.h. */
#include "recompute_sum.h"

#include <math.h>
#include <string.h>

#define EXPONENT_BIAS 150 /* float32 is significand * 2^(exponent - 150), with the significand an integer */

/* |magnitude| * 2^shift for shift < 0, rounded half to even. */
static int64_t shift_right_even(uint64_t magnitude, unsigned int by)
{
    uint64_t whole, rest, half;

    if (by >= 63)
        return 0;
    whole = magnitude >> by;
    rest = magnitude & (((uint64_t)1 << by) - 1);
    half = (uint64_t)1 << (by - 1);
    if (rest > half || (rest == half && whole % 2 == 1))
        whole++;
    return (int64_t)whole;
}

enum status recompute_fixed(float value, uint32_t fraction_bits, int64_t *out)
{
    uint32_t bits, exponent;
    uint64_t significand;
    int64_t magnitude;
    int shift;

    if (!isfinite(value))
        return STATUS_NOT_FINITE;
    if (fabsf(value) >= ldexpf(1.0f, 31 - (int)fraction_bits))
        return STATUS_VALUE_RANGE;
    memcpy(&bits, &value, sizeof bits);
    exponent = bits >> 23 & 0xff;
    significand = bits & 0x7fffff;
    if (exponent == 0)
        exponent = 1; /* subnormal: no hidden bit */
    else
        significand |= 0x800000;
    shift = (int)exponent - EXPONENT_BIAS + (int)fraction_bits;
    magnitude = shift >= 0 ? (int64_t)(significand << shift) : shift_right_even(significand, (unsigned int)-shift);
    *out = bits >> 31 != 0 ? -magnitude : magnitude;
    return STATUS_OK;
}

enum status recompute_add(struct recompute_sum *sum, uint64_t first, const struct tensor *deltas, uint64_t samples)
{
    for (uint64_t i = 0; i < deltas->count; i++) {
        int64_t fixed, product, *at = &sum->sums[first + i];
        TRY(recompute_fixed(tensor_value(deltas, i), sum->fraction_bits, &fixed));
        if (__builtin_mul_overflow(fixed, samples, &product) || __builtin_add_overflow(*at, product, at))
            return STATUS_BOUND_UNPROVEN;
    }
    return STATUS_OK;
}

float recompute_value(const struct recompute_sum *sum, uint64_t index, float base)
{
    const double divisor = (double)sum->samples * ldexp(1.0, (int)sum->fraction_bits);
    const double mean = (double)sum->sums[index] / divisor;

    return (float)((double)base + mean);
}
