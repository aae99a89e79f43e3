/* dense_random.c: see dense_random.h. */
#include "dense_random.h"

#include <math.h>

#define LN2      0x1.62e42fefa39efp-1
#define LN2_HIGH 0x1.62e42fee00000p-1  /* so short that a multiple of it by an exponent is exact */
#define LN2_LOW  0x1.a39ef35793c76p-33 /* ln 2 = LN2_HIGH + LN2_LOW */

static uint64_t rotate_left(uint64_t value, int by)
{
    return value << by | value >> (64 - by);
}

uint64_t dense_random_mix(uint64_t seed, uint64_t value)
{
    uint64_t z = seed + 0x9e3779b97f4a7c15u * (value + 1);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct dense_random dense_random_seed(uint64_t seed)
{
    struct dense_random random;

    for (uint64_t i = 0; i < 4; i++)
        random.state[i] = dense_random_mix(seed, i);
    return random;
}

uint64_t dense_random_next(struct dense_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double dense_random_unit(struct dense_random *random)
{
    return (double)(dense_random_next(random) >> 11) * 0x1p-53;
}

uint64_t dense_random_below(struct dense_random *random, uint64_t limit)
{
    uint64_t reject = (UINT64_MAX - limit + 1) % limit; /* 2^64 mod limit: what is left over from whole rounds */
    uint64_t draw;

    do
        draw = dense_random_next(random);
    while (draw < reject);
    return draw % limit;
}

/* A draw from the normal distribution: Marsaglia's polar method, its second value left unused. */
static double random_normal(struct dense_random *random)
{
    double x, y, square;

    do {
        x = 2 * dense_random_unit(random) - 1;
        y = 2 * dense_random_unit(random) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square < 0x1p-100);
    return x * sqrt(-2 * dense_log(square) / square);
}

/* Gamma(alpha, 1) for alpha >= 1. */
static double gamma_from_one(struct dense_random *random, double alpha)
{
    double d = alpha - 1.0 / 3, c = 1 / sqrt(9 * d);

    for (;;) {
        double x = random_normal(random), v = 1 + c * x;
        double u = 1 - dense_random_unit(random);
        if (v <= 0)
            continue;
        v = v * v * v;
        if (dense_log(u) < 0.5 * x * x + d - d * v + d * dense_log(v))
            return d * v;
    }
}

double dense_random_gamma(struct dense_random *random, double alpha)
{
    if (alpha >= 1)
        return gamma_from_one(random, alpha);
    double u = 1 - dense_random_unit(random);
    return gamma_from_one(random, alpha + 1) * dense_exp(dense_log(u) / alpha);
}

void dense_random_shuffle(struct dense_random *random, uint32_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)dense_random_below(random, i);
        uint32_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}

double dense_exp(double x)
{
    if (isnan(x))
        return x;
    if (x < -700)
        return 0;
    if (x > 700)
        x = 700;
    double k = floor(x / LN2 + 0.5);
    double r = (x - k * LN2_HIGH) - k * LN2_LOW; /* |r| <= ln 2 / 2 */
    double sum = 1;

    /* The Taylor series from its far end: 1 + r (1 + r/2 (1 + r/3 (...))). */
    for (int term = 14; term >= 1; term--)
        sum = 1 + sum * r / term;
    return ldexp(sum, (int)k);
}

double dense_log(double x)
{
    int exponent = 0;
    double m = frexp(x, &exponent); /* 0.5 <= m < 1 */

    if (m < 0x1.6a09e667f3bcdp-1) { /* sqrt(1/2): m near 1 from both sides keeps the series short */
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;

    /* log m = 2 (s + s^3/3 + s^5/5 + ...), |s| < 0.172 */
    for (int power = 21; power >= 1; power -= 2)
        sum = sum * square + 1.0 / power;
    return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * sum);
}
