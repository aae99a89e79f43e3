/* draw.c: see draw.h. Lengths are in 1/256 of a pixel, factors in 1/4096. */
#include "draw.h"

#include <string.h>

#include "glyphs.h"

#define PIXEL  256
#define ONE    4096
#define CENTRE (DRAW_SIDE * PIXEL / 2)
#define STEPS  6 /* straight pieces between two points of a stroke */

struct place {
    int64_t x, y;
};

/* How one digit is placed: out = matrix * (in - middle of the glyph) + shift. */
struct placing {
    int64_t xx, xy, yx, yy; /* 1/256 pixel per unit of the glyph, in 1/4096 */
    struct place shift;
};

uint64_t draw_random_next(struct draw_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* The remainder favours low numbers by less than 2^-50: nobody sees it. */
int draw_between(struct draw_random *random, int low, int high)
{
    return low + (int)(draw_random_next(random) % (uint64_t)(high - low + 1));
}

/* Bell-shaped around 0, from -3 * spread to 3 * spread. */
static int around_zero(struct draw_random *random, int spread)
{
    return draw_between(random, -spread, spread) + draw_between(random, -spread, spread) +
           draw_between(random, -spread, spread);
}

/* A place around another. The draws stand in statements of their own, so that compilers agree on their order. */
static struct place place_around(struct draw_random *random, struct place middle, int spread_x, int spread_y)
{
    int64_t x = around_zero(random, spread_x);
    int64_t y = around_zero(random, spread_y);

    return (struct place){middle.x + x, middle.y + y};
}

static struct placing choose_placing(struct draw_random *random)
{
    int64_t turn = around_zero(random, 480); /* radians in 1/4096: up to 20 degrees */
    int64_t cosine = ONE - turn * turn / (2 * ONE), sine = turn - turn * turn * turn / (6 * (int64_t)ONE * ONE);
    int64_t shear = around_zero(random, 560) - 300; /* most people lean to the right */
    int64_t wide = draw_between(random, 26, 52), high = draw_between(random, 36, 54);
    struct place shift = place_around(random, (struct place){CENTRE, CENTRE}, PIXEL * 12 / 10, PIXEL);

    return (struct placing){
        .xx = cosine * wide,
        .xy = (cosine * shear / ONE - sine) * high,
        .yx = sine * wide,
        .yy = (sine * shear / ONE + cosine) * high,
        .shift = shift,
    };
}

static struct place put(const struct placing *placing, struct place at)
{
    int64_t x = at.x - 50 * ONE, y = at.y - 50 * ONE; /* the glyph's units, in 1/4096 */

    return (struct place){
        (placing->xx * x + placing->xy * y) / ((int64_t)ONE * ONE) + placing->shift.x,
        (placing->yx * x + placing->yy * y) / ((int64_t)ONE * ONE) + placing->shift.y,
    };
}

/* The largest whole number whose square is at most value. */
static int64_t square_root(int64_t value)
{
    int64_t root = 0;

    for (int64_t bit = 1 << 15; bit > 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= value)
            root += bit;
    }
    return root;
}

/* The distance from a point to the straight piece a-b, at most 2^16 - 1. */
static int64_t distance(struct place point, struct place a, struct place b)
{
    int64_t dx = b.x - a.x, dy = b.y - a.y, px = point.x - a.x, py = point.y - a.y;
    int64_t length = dx * dx + dy * dy, along = px * dx + py * dy;

    if (along > 0 && length > 0) {
        if (along > length)
            along = length;
        px -= dx * along / length;
        py -= dy * along / length;
    }
    return square_root(px * px + py * py);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The pixels from low to high of a line that reaches by `reach` past both ends, held inside the image. */
static void span(int64_t a, int64_t b, int64_t reach, int *low, int *high)
{
    *low = (int)larger(0, (smaller(a, b) - reach) / PIXEL - 1);
    *high = (int)smaller(DRAW_SIDE - 1, (larger(a, b) + reach) / PIXEL + 1);
}

/* Inks a straight piece: full within the pen's radius, fading over the pixel around it. */
static void ink_piece(uint8_t *pixels, struct place a, struct place b, int radius)
{
    int left, right, top, bottom;

    span(a.x, b.x, radius + PIXEL, &left, &right);
    span(a.y, b.y, radius + PIXEL, &top, &bottom);
    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            struct place middle = {x * PIXEL + PIXEL / 2, y * PIXEL + PIXEL / 2};
            int64_t ink = radius + PIXEL / 2 - distance(middle, a, b);
            uint8_t *pixel = &pixels[y * DRAW_SIDE + x];
            *pixel = (uint8_t)larger(*pixel, larger(0, smaller(255, ink)));
        }
    }
}

/* The spline of Catmull and Rom between b and c, at step of STEPS. */
static int64_t spline(int64_t a, int64_t b, int64_t c, int64_t d, int64_t step)
{
    int64_t s = step, n = STEPS;
    int64_t sum = 2 * b * n * n * n + (c - a) * s * n * n + (2 * a - 5 * b + 4 * c - d) * s * s * n +
                  (3 * b - a - 3 * c + d) * s * s * s;

    return sum / (2 * n * n * n);
}

/* Inks a smooth line through count places. */
static void ink_line(uint8_t *pixels, const struct place *places, int count, int radius)
{
    for (int i = 0; i + 1 < count; i++) {
        struct place b = places[i], c = places[i + 1], from = b;
        struct place a = places[i > 0 ? i - 1 : 0], d = places[i + 2 < count ? i + 2 : count - 1];
        for (int step = 1; step <= STEPS; step++) {
            struct place to = {spline(a.x, b.x, c.x, d.x, step), spline(a.y, b.y, c.y, d.y, step)};
            ink_piece(pixels, from, to, radius);
            from = to;
        }
    }
}

/* A point of a stroke bent by chance, in the glyph's units, in 1/4096. */
static struct place bend(struct draw_random *random, struct glyph_point point)
{
    return place_around(random, (struct place){point.x * ONE, point.y * ONE}, 4 * ONE, 4 * ONE);
}

/* A short stray mark anywhere. */
static void ink_mark(struct draw_random *random, uint8_t *pixels)
{
    int64_t x = draw_between(random, 0, DRAW_SIDE * PIXEL);
    int64_t y = draw_between(random, 0, DRAW_SIDE * PIXEL);
    struct place from = {x, y}, to = place_around(random, from, 2 * PIXEL, 2 * PIXEL);

    ink_piece(pixels, from, to, draw_between(random, 100, 200));
}

/* Paler or darker ink, and grain within it. */
static void wear(struct draw_random *random, uint8_t *pixels)
{
    int strength = draw_between(random, 190, 256);

    for (int i = 0; i < DRAW_PIXELS; i++) {
        int grain = draw_between(random, -24, 24);
        if (pixels[i] > 0)
            pixels[i] = (uint8_t)larger(0, smaller(255, pixels[i] * strength / 256 + grain));
    }
}

void draw_digit(struct draw_random *random, int digit, uint8_t out[static DRAW_PIXELS])
{
    const struct glyph *glyph = glyph_of(digit, draw_between(random, 0, glyph_styles(digit) - 1));
    struct placing placing = choose_placing(random);
    int radius = draw_between(random, 150, 330);

    memset(out, 0, DRAW_PIXELS);
    for (int s = 0; s < glyph->strokes; s++) {
        const struct glyph_stroke *stroke = &glyph->stroke[s];
        struct place places[GLYPH_MAX_POINTS];
        for (int i = 0; i < stroke->count; i++)
            places[i] = put(&placing, bend(random, stroke->point[i]));
        ink_line(out, places, stroke->count, radius);
    }
    if (draw_between(random, 0, 9) == 0)
        ink_mark(random, out);
    wear(random, out);
}
