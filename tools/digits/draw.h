/* draw.h: one handwritten-like digit as 28 x 28 grey values. Whole numbers only: the same bytes on every machine. */
#ifndef DIGITS_DRAW_H
#define DIGITS_DRAW_H

#include <stdint.h>

#define DRAW_SIDE   28
#define DRAW_PIXELS (DRAW_SIDE * DRAW_SIDE)

/** splitmix64 (Steele, Lea, Flood 2014). */
struct draw_random {
    uint64_t state;
};

/** 64 random bits. */
uint64_t draw_random_next(struct draw_random *random);

/** A number from low to high, both included. */
int draw_between(struct draw_random *random, int low, int high);

/**
 * Draws a digit 0..9 in one of its styles, bent, turned, sheared, scaled and shifted by chance, with a pen of random
 * width, and now and then a stray mark. 0 is background, 255 ink.
 */
void draw_digit(struct draw_random *random, int digit, uint8_t out[static DRAW_PIXELS]);

#endif
