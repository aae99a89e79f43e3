/* The arrays that are authenticated, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cose_private.h"
#include "crypto_support.h"

static const uint8_t device_bytes[] = {0xde, 0x01};

static void an_external_aad_is_an_array_of_purpose_and_parts(void **state)
{
    (void)state;
    const struct cose_aad_part parts[] = {AAD_T(VIEW_TEXT("fed")), AAD_B(VIEW_OF(device_bytes)), AAD_N(300)};
    uint8_t bytes[64];
    struct buf out = BUF_OF(bytes);

    /* ["tacit/1 test", "fed", h'de01', 300] */
    assert_int_equal(cose_aad("tacit/1 test", parts, ARRAY_LEN(parts), &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("84"
                                               "6c74616369742f312074657374"
                                               "63666564"
                                               "42de01"
                                               "19012c")));
    out.len = 0;
    assert_int_equal(cose_aad("tacit/1 test", NULL, 0, &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("81"
                                               "6c74616369742f312074657374")));
}

static void an_external_aad_is_written_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct cose_aad_part parts[] = {AAD_T(VIEW_TEXT("fed")), AAD_B(VIEW_OF(device_bytes)), AAD_N(300)};
    uint8_t bytes[2 + 24];
    struct buf out;

    for (size_t cap = 2; cap < sizeof bytes; cap++) {
        out = (struct buf){bytes, 2, cap};
        assert_int_equal(cose_aad("tacit/1 test", parts, ARRAY_LEN(parts), &out), STATUS_NO_SPACE);
        assert_int_equal(out.len, 2);
    }
    out = (struct buf){bytes, 2, sizeof bytes};
    assert_int_equal(cose_aad("tacit/1 test", parts, ARRAY_LEN(parts), &out), STATUS_OK);
    assert_int_equal(out.len, sizeof bytes);
}

/* A text and the same bytes as a byte string, a number and its text: none may stand for another. */
static void kinds_of_parts_do_not_collide(void **state)
{
    (void)state;
    const struct cose_aad_part parts[] = {AAD_T(VIEW_TEXT("1")), AAD_B(VIEW_TEXT("1")), AAD_N(1)};
    uint8_t bytes[ARRAY_LEN(parts)][32];
    struct buf encoded[ARRAY_LEN(parts)];

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        encoded[i] = BUF_OF(bytes[i]);
        assert_int_equal(cose_aad("tacit/1 test", &parts[i], 1, &encoded[i]), STATUS_OK);
        for (size_t j = 0; j < i; j++)
            assert_false(view_equal(buf_view(&encoded[i]), buf_view(&encoded[j])));
    }
}

static void structures_are_those_of_the_rfc(void **state)
{
    (void)state;
    uint8_t bytes[STRUCTURE_MAX];
    struct buf out = BUF_OF(bytes);

    /* ["Encrypt0", h'a10101', h''] */
    assert_int_equal(enc_structure("Encrypt0", HEX("a10101"), (struct view){0}, &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("8368456e63727970743043a1010140")));

    /* ["Signature1", h'a10126', h'11aa22bb33cc44dd55006699', the 20 bytes that follow */
    out.len = 0;
    assert_int_equal(sig_structure_start(HEX("a10126"), HEX("11aa22bb33cc44dd55006699"), 20, &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("846a5369676e61747572653143a101264c11aa22bb33cc44dd5500669954")));

    /* [1, [nil, nil, nil], [nil, nil, nil], [128, h'a1013818']] */
    out.len = 0;
    assert_int_equal(kdf_context(AEAD_A128GCM, HEX("a1013818"), &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("840183f6f6f683f6f6f682188044a1013818")));
}

static void the_longest_external_aad_fits_beside_the_longest_header(void **state)
{
    (void)state;
    static const uint8_t long_aad[COSE_AAD_MAX + 1], long_header[COSE_PROTECTED_MAX];
    uint8_t bytes[STRUCTURE_MAX];
    struct buf out = BUF_OF(bytes);

    assert_int_equal(enc_structure("Encrypt0", VIEW_OF(long_header), (struct view){long_aad, COSE_AAD_MAX}, &out),
                     STATUS_OK);
    out.len = 0;
    assert_int_equal(sig_structure_start(VIEW_OF(long_header), (struct view){long_aad, COSE_AAD_MAX}, SIZE_MAX, &out),
                     STATUS_OK);
    out.len = 0;
    assert_int_equal(enc_structure("Encrypt0", (struct view){0}, VIEW_OF(long_aad), &out), STATUS_NO_SPACE);
    out.len = 0;
    assert_int_equal(sig_structure_start((struct view){0}, VIEW_OF(long_aad), 0, &out), STATUS_NO_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_external_aad_is_an_array_of_purpose_and_parts),
        cmocka_unit_test(an_external_aad_is_written_whole_or_not_at_all),
        cmocka_unit_test(kinds_of_parts_do_not_collide),
        cmocka_unit_test(structures_are_those_of_the_rfc),
        cmocka_unit_test(the_longest_external_aad_fits_beside_the_longest_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
