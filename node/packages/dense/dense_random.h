/* dense_random.h: the package's own generator and elementary functions: the same bits on every machine.
 *
 * libm's exp and log may differ in the last bit from one machine to the next; these use only +, -, *, / and sqrt of
 * IEEE doubles, in a written order. */
#ifndef DENSE_RANDOM_H
#define DENSE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/** xoshiro256** (Blackman, Vigna). Not for secrets. */
struct dense_random {
    uint64_t state[4];
};

/** Joins a seed and a number into another seed (the finaliser of splitmix64). */
uint64_t dense_random_mix(uint64_t seed, uint64_t value);

/** Starts a generator; every seed, 0 too, is good. */
struct dense_random dense_random_seed(uint64_t seed);

/** 64 random bits. */
uint64_t dense_random_next(struct dense_random *random);

/** A number in [0, 1) with 53 random bits. */
double dense_random_unit(struct dense_random *random);

/** A whole number in [0, limit), without bias; limit >= 1. */
uint64_t dense_random_below(struct dense_random *random, uint64_t limit);

/** A draw from Gamma(alpha, 1); alpha > 0 (Marsaglia, Tsang 2000). */
double dense_random_gamma(struct dense_random *random, double alpha);

/** Puts items into random order (Fisher, Yates). */
void dense_random_shuffle(struct dense_random *random, uint32_t *items, size_t count);

/** e^x: relative error below 1e-15; 0 below -700, limited to e^700 above 700; a NaN stays one. */
double dense_exp(double x);

/** Natural logarithm of a positive, normal x: absolute error below 1e-15 near 1, relative elsewhere. */
double dense_log(double x);

#endif
