/* dice.c: see dice.h. */
#include "dice.h"

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t dice_below(struct dice *dice, uint32_t limit)
{
    return (uint32_t)((dice_next(dice) >> 32) * limit >> 32);
}

uint32_t dice_between(struct dice *dice, uint32_t low, uint32_t high)
{
    return low + dice_below(dice, high - low + 1);
}

bool dice_chance(struct dice *dice, uint32_t per_mille)
{
    return dice_below(dice, 1000) < per_mille;
}

void dice_flip(struct dice *dice, uint8_t *bytes, size_t size)
{
    const uint8_t bit = (uint8_t)(1u << dice_below(dice, 8));

    bytes[dice_below(dice, (uint32_t)size)] ^= bit;
}
