/* PCR values as people keep them, and quotes whose parts stand in files of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "appraise_tpm.h"

#define A20 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B32 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C32 "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

static const char good[] = " {\n \"sha256\": {\"0\": \"" B32 "\", \"23\":\"" C32 "\"},\"sha1\":{\"7\":\"" A20 "\"}}\n";

static void values_are_read(void **state)
{
    struct pcrs pcrs;

    (void)state;
    assert_int_equal(pcrs_read(view_of_string(good), &pcrs), STATUS_OK);
    assert_int_equal(pcrs.count, 3);
    assert_true(pcrs.list[0].alg == TPM_SHA256 && pcrs.list[0].index == 0);
    assert_true(pcrs.list[0].value.len == 32 && pcrs.list[0].value.ptr[31] == 0xbb);
    assert_true(pcrs.list[1].alg == TPM_SHA256 && pcrs.list[1].index == 23 && pcrs.list[1].value.ptr[0] == 0xcc);
    assert_true(pcrs.list[2].alg == TPM_SHA1 && pcrs.list[2].index == 7 && pcrs.list[2].value.len == 20);
    assert_int_equal(pcrs_read(VIEW_TEXT("{}"), &pcrs), STATUS_OK);
    assert_int_equal(pcrs.count, 0);
    assert_int_equal(pcrs_read(VIEW_TEXT("{\"sha512\":{}}"), &pcrs), STATUS_OK);
}

static void values_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *why, *json;
        enum status want;
    } cases[] = {
        {"nothing", "", STATUS_TRUNCATED},
        {"a list", "[]", STATUS_MALFORMED},
        {"garbage", "\xff\xfe", STATUS_MALFORMED},
        {"something behind", "{} x", STATUS_TRAILING},
        {"a bank that there is not", "{\"md5\":{}}", STATUS_UNSUPPORTED},
        {"a bank in capitals", "{\"SHA256\":{}}", STATUS_UNSUPPORTED},
        {"a bank twice", "{\"sha1\":{},\"sha1\":{}}", STATUS_DUPLICATE_KEY},
        {"a bank twice, once escaped", "{\"sha1\":{},\"sh\\u00611\":{}}", STATUS_MALFORMED},
        {"a PCR twice", "{\"sha1\":{\"1\":\"" A20 "\",\"1\":\"" A20 "\"}}", STATUS_DUPLICATE_KEY},
        {"a PCR in another spelling", "{\"sha1\":{\"1\":\"" A20 "\",\"01\":\"" A20 "\"}}", STATUS_OUT_OF_RANGE},
        {"no index", "{\"sha1\":{\"\":\"" A20 "\"}}", STATUS_OUT_OF_RANGE},
        {"no number", "{\"sha1\":{\"x\":\"" A20 "\"}}", STATUS_OUT_OF_RANGE},
        {"a sign", "{\"sha1\":{\"-1\":\"" A20 "\"}}", STATUS_OUT_OF_RANGE},
        {"one past the last PCR", "{\"sha1\":{\"24\":\"" A20 "\"}}", STATUS_OUT_OF_RANGE},
        {"far past it", "{\"sha1\":{\"256\":\"" A20 "\"}}", STATUS_OUT_OF_RANGE},
        {"a value of another bank", "{\"sha1\":{\"1\":\"" B32 "\"}}", STATUS_MALFORMED},
        {"a value too short", "{\"sha256\":{\"1\":\"" A20 "\"}}", STATUS_MALFORMED},
        {"no digits", "{\"sha1\":{\"1\":\"zaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}", STATUS_MALFORMED},
        {"a number", "{\"sha1\":{\"1\":1}}", STATUS_MALFORMED},
        {"a list of values", "{\"sha1\":[\"" A20 "\"]}", STATUS_MALFORMED},
        {"a value alone", "{\"sha1\":\"" A20 "\"}", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pcrs pcrs = {.count = 77};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(pcrs_read(view_of_string(cases[i].json), &pcrs), cases[i].want);
        assert_int_equal(pcrs.count, 77);
    }
}

/* Every bank with every PCR is more than a container holds. */
static void more_values_than_a_container_holds_are_refused(void **state)
{
    static char json[16384];
    struct pcrs pcrs;
    size_t len = 0;

    (void)state;
    len += (size_t)sprintf(json + len, "{");
    for (int bank = 0; bank < 3; bank++) {
        len += (size_t)sprintf(json + len, "%s\"%s\":{", bank > 0 ? "," : "",
                               (const char *[]){"sha256", "sm3_256", "sha3_256"}[bank]);
        for (int i = 0; i < (bank < 2 ? 24 : 16); i++)
            len += (size_t)sprintf(json + len, "%s\"%d\":\"" B32 "\"", i > 0 ? "," : "", i);
        len += (size_t)sprintf(json + len, "}");
    }
    (void)sprintf(json + len, "}");
    assert_int_equal(pcrs_read(view_of_string(json), &pcrs), STATUS_OK);
    assert_int_equal(pcrs.count, TPM_CONTAINER_PCRS_MAX);
    (void)sprintf(json + len - 1, ",\"16\":\"" B32 "\"}}");
    assert_int_equal(pcrs_read(view_of_string(json), &pcrs), STATUS_NO_SPACE);
}

static void a_file_that_was_cut_is_refused_wherever(void **state)
{
    struct pcrs pcrs;

    (void)state;
    for (size_t len = 0; len < sizeof good - 2; len++)
        assert_int_not_equal(pcrs_read((struct view){(const uint8_t *)good, len}, &pcrs), STATUS_OK);
}

static void parts_become_a_container(void **state)
{
    const struct tpm_parts parts = {VIEW_TEXT("attest"), VIEW_TEXT("signature"), VIEW_TEXT("key"), view_of_string(good),
                                    "pcrs.json"};
    static uint8_t memory[TPM_BUILT_MAX];
    struct buf out = BUF_OF(memory);
    struct tpm_container container;
    struct reason reason = {""};

    (void)state;
    assert_int_equal(tpm_parts_join(&parts, &out, &reason), STATUS_OK);
    assert_int_equal(tpm_container_decode(buf_view(&out), &container), STATUS_OK);
    assert_true(view_equal(container.attest, parts.attest) && view_equal(container.signature, parts.signature) &&
                view_equal(container.ak, parts.ak));
    assert_int_equal(container.pcr_count, 3);
    assert_true(container.pcrs[1].index == 23 && container.pcrs[1].value.ptr[0] == 0xcc);
}

/* The largest of everything fits what the caller sets aside. */
static void the_largest_parts_fit(void **state)
{
    static uint8_t large[TPM_ATTEST_MAX + 1], memory[TPM_BUILT_MAX];
    static char json[16384];
    struct tpm_parts parts = {{large, TPM_ATTEST_MAX}, {large, TPM_SIGNATURE_MAX}, {large, TPM_PUBLIC_MAX}, {0}, "p"};
    struct buf out = BUF_OF(memory);
    struct reason reason = {""};
    size_t len = 0;

    (void)state;
    for (int bank = 0; bank < 2; bank++) {
        len += (size_t)sprintf(json + len, bank == 0 ? "{\"sha512\":{" : "},\"sha3_512\":{");
        for (int i = 0; i < 24; i++)
            len += (size_t)sprintf(json + len, "%s\"%d\":\"" B32 B32 "\"", i > 0 ? "," : "", i);
    }
    (void)sprintf(json + len, "}}");
    parts.pcrs = view_of_string(json);
    assert_int_equal(tpm_parts_join(&parts, &out, &reason), STATUS_OK);
}

static void parts_that_are_none_are_refused_with_a_sentence(void **state)
{
    static const uint8_t large[TPM_ATTEST_MAX + 1];
    const struct view some = VIEW_TEXT("some"), none = {NULL, 0};
    const struct {
        const char *says;
        struct tpm_parts parts;
    } cases[] = {
        {"EVIDENCE", {none, some, some, none, NULL}},
        {"EVIDENCE", {{large, TPM_ATTEST_MAX + 1}, some, some, none, NULL}},
        {"--signature", {some, none, some, none, NULL}},
        {"--signature", {some, {large, TPM_SIGNATURE_MAX + 1}, some, none, NULL}},
        {"--key", {some, some, none, none, NULL}},
        {"--key", {some, some, {large, TPM_PUBLIC_MAX + 1}, none, NULL}},
        {"my.json", {some, some, some, VIEW_TEXT("[]"), "my.json"}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static uint8_t memory[TPM_BUILT_MAX];
        struct buf out = BUF_OF(memory);
        struct reason reason = {""};

        assert_int_equal(tpm_parts_join(&cases[i].parts, &out, &reason), STATUS_CONFIG);
        assert_non_null(strstr(reason.text, cases[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(more_values_than_a_container_holds_are_refused),
        cmocka_unit_test(a_file_that_was_cut_is_refused_wherever),
        cmocka_unit_test(parts_become_a_container),
        cmocka_unit_test(the_largest_parts_fit),
        cmocka_unit_test(parts_that_are_none_are_refused_with_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
