/* glyphs.h: how the ten digits are written, as strokes of a pen. */
#ifndef DIGITS_GLYPHS_H
#define DIGITS_GLYPHS_H

#include <stdint.h>

#define GLYPH_MAX_STROKES 3
#define GLYPH_MAX_POINTS  10

/** A point of a stroke: x to the right, y down, the digit fills about 0..100 both ways. */
struct glyph_point {
    int8_t x, y;
};

/** A smooth line through its points; a stroke ends where the pen turns sharply. */
struct glyph_stroke {
    int count;
    struct glyph_point point[GLYPH_MAX_POINTS];
};

/** One way to write a digit. */
struct glyph {
    int strokes;
    struct glyph_stroke stroke[GLYPH_MAX_STROKES];
};

/** How many ways there are to write a digit 0..9. */
int glyph_styles(int digit);

/** One of them; style is below glyph_styles(digit). */
const struct glyph *glyph_of(int digit, int style);

#endif
