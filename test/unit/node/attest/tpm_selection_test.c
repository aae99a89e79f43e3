/* PCRs in a configuration's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tpm_attester.h"

static void reads_banks_and_pcrs(void **state)
{
    struct tpm_selection got;

    (void)state;
    assert_null(tpm_selection_parse(TPM_PCRS_DEFAULT, &got));
    assert_true(got.count == 1 && got.banks[0].alg == TPM_SHA256 && got.banks[0].pcrs == 0x408f);
    assert_null(tpm_selection_parse("sha512:23+sha256:00,7", &got));
    assert_int_equal(got.count, 2);
    assert_true(got.banks[0].alg == TPM_SHA512 && got.banks[0].pcrs == 1u << 23);
    assert_true(got.banks[1].alg == TPM_SHA256 && got.banks[1].pcrs == 0x81);
    assert_string_equal(tpm_bank_name(TPM_SHA384), "sha384");
    assert_null(tpm_bank_name(TPM_SHA1));
}

static void refuses_words_that_are_no_selection(void **state)
{
    static const char *const cases[] = {
        "",          "sha256",     "sha256:",           "sha256:24",          "sha256:0,",  "sha256:,0",
        "sha256:0 ", "sha256:0,0", "sha256:000",        "sha256:-1",          "sha256:0;1", "sha1:0",
        "sha2:0",    "SHA256:0",   "sha256:0+",         "sha256:0+sha256:1",  "+sha256:0",  ":0",
        "sha256:0x", "sha256:1,a", "sha256:0,sha384:1", "sha256:99999999999", "sha256 :0",
    };
    struct tpm_selection got = {.count = 77};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  \"%s\"\n", cases[i]);
        assert_non_null(tpm_selection_parse(cases[i], &got));
        assert_int_equal(got.count, 77);
    }
    assert_non_null(tpm_selection_parse("sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23"
                                        "+sha384:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23"
                                        "+sha512:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
                                        &got)); /* 65 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_banks_and_pcrs),
        cmocka_unit_test(refuses_words_that_are_no_selection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
