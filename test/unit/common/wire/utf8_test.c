/* Text that may be shown: RFC 3629. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hex.h"
#include "utf8.h"

static bool printable(const char *hex)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes);

    return utf8_printable(hex_view(hex, &memory));
}

static void takes_text_of_every_length_of_character(void **state)
{
    static const char *const good[] = {
        "",       "20",     "7e",     "c2a0",     "dfbf",     "e0a080",
        "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf", "41c3a9e282acf09f9880",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        print_message("  %s\n", good[i]);
        assert_true(printable(good[i]));
    }
}

static void refuses_what_is_not_text(void **state)
{
    static const struct {
        const char *why, *hex;
    } cases[] = {
        {"NUL", "00"},
        {"NUL behind a letter", "4100"},
        {"line end", "0a"},
        {"delete", "7f"},
        {"U+0080", "c280"},
        {"U+009F", "c29f"},
        {"a byte of the middle", "80"},
        {"two bytes cut to one", "c3"},
        {"three bytes cut to two", "e282"},
        {"four bytes cut to three", "f09f98"},
        {"second byte is a letter", "c341"},
        {"third byte is a letter", "e28241"},
        {"fourth byte is a letter", "f09f9841"},
        {"A in two bytes", "c181"},
        {"NUL in two bytes", "c080"},
        {"U+07FF in three bytes", "e09fbf"},
        {"U+FFFF in four bytes", "f08fbfbf"},
        {"first surrogate", "eda080"},
        {"last surrogate", "edbfbf"},
        {"U+110000", "f4908080"},
        {"lead of five bytes", "f888808080"},
        {"byte FF", "ff"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_false(printable(cases[i].hex));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_text_of_every_length_of_character),
        cmocka_unit_test(refuses_what_is_not_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
