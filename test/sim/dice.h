/* dice.h: seeded randomness. What is drawn depends on the seed and on what was drawn before, on nothing else; so no two
 * draws stand in one expression, whose order would be the compiler's. */
#ifndef SIM_DICE_H
#define SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/** The next 64 bits (splitmix64). */
uint64_t dice_next(struct dice *dice);

/** 0..limit-1; limit is at least 1. */
uint32_t dice_below(struct dice *dice, uint32_t limit);

/** low..high, both included. */
uint32_t dice_between(struct dice *dice, uint32_t low, uint32_t high);

/** True that many times in a thousand. */
bool dice_chance(struct dice *dice, uint32_t per_mille);

/** Flips one bit of so many bytes, at least 1. */
void dice_flip(struct dice *dice, uint8_t *bytes, size_t size);

#endif
