/* utf8.c: see utf8.h. */
#include "utf8.h"

/* The forms of RFC 3629 section 3: lead bytes, how many bytes follow, the lowest character that needs so many. */
static const struct form {
    uint8_t mask, lead;
    size_t follow;
    uint32_t least;
} forms[] = {
    {0x80, 0x00, 0, 0},
    {0xe0, 0xc0, 1, 0x80},
    {0xf0, 0xe0, 2, 0x800},
    {0xf8, 0xf0, 3, 0x10000},
};

/* The character at the front of text, or 0 (which is not printable either) when there is none; *size is its bytes. */
static uint32_t first_character(struct view text, size_t *size)
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        const struct form *form = &forms[i];
        uint32_t character = text.ptr[0] & (uint8_t)~form->mask;

        if ((text.ptr[0] & form->mask) != form->lead || form->follow >= text.len)
            continue;
        for (size_t k = 1; k <= form->follow; k++) {
            if ((text.ptr[k] & 0xc0) != 0x80)
                return 0;
            character = character << 6 | (text.ptr[k] & 0x3f);
        }
        *size = form->follow + 1;
        return character >= form->least ? character : 0;
    }
    return 0;
}

static bool printable(uint32_t character)
{
    const bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
    const bool surrogate = character >= 0xd800 && character < 0xe000;

    return !control && !surrogate && character <= 0x10ffff;
}

bool utf8_printable(struct view text)
{
    for (size_t size = 0; text.len > 0; text.ptr += size, text.len -= size)
        if (!printable(first_character(text, &size)))
            return false;
    return true;
}
