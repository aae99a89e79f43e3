/* Quotes and the sealing key by Gramine's files, which are played by test/standin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gramine.h"
#include "tee_standin.h"
#include "vector_files.h"

static uint8_t report_data[SHA512_SIZE], evidence_bytes[EVIDENCE_MAX], endorsement_bytes[64];
static struct buf evidence, endorsement;
static struct view kind;
static struct gramine gramine;

static enum status start(void)
{
    const char *what;

    tee_standin_start("gramine", STANDIN_ROOT);
    memset(report_data, 0xda, sizeof report_data);
    return gramine_open(STANDIN_ROOT, &gramine, &what);
}

static enum status attest(void)
{
    enum status status;

    evidence = BUF_OF(evidence_bytes);
    endorsement = BUF_OF(endorsement_bytes);
    kind = (struct view){NULL, 0};
    status = gramine_attest(&gramine, report_data, &kind, &evidence, &endorsement);
    assert_int_equal(tee_standin.handles, 0);
    assert_int_equal(endorsement.len, 0);
    if (status != STATUS_OK) {
        assert_int_equal(evidence.len, 0);
        assert_null(kind.ptr);
    }
    return status;
}

static void a_quote_binds_what_was_asked_for(void **state)
{
    (void)state;
    assert_int_equal(start(), STATUS_OK);
    for (unsigned int i = 1; i <= 3; i++) {
        report_data[63] = (uint8_t)i;
        assert_int_equal(attest(), STATUS_OK);
        assert_true(view_equal(kind, VIEW_TEXT("sgx")));
        assert_int_equal(evidence.len, tee_standin.evidence_len);
        assert_memory_equal(evidence_bytes + 368, report_data, sizeof report_data);
        assert_int_equal(tee_standin.reports, i); /* each one is a quote of its own */
    }
}

static void evidence_is_appended(void **state)
{
    (void)state;
    assert_int_equal(start(), STATUS_OK);
    evidence = (struct buf){evidence_bytes, 5, sizeof evidence_bytes};
    endorsement = BUF_OF(endorsement_bytes);
    assert_int_equal(gramine_attest(&gramine, report_data, &kind, &evidence, &endorsement), STATUS_OK);
    assert_int_equal(evidence.len, 5 + tee_standin.evidence_len);
    assert_memory_equal(evidence_bytes + 5 + 368, report_data, sizeof report_data);
}

static void what_stands_behind_a_quote_is_cut_off(void **state)
{
    (void)state;
    assert_int_equal(start(), STATUS_OK);
    tee_standin.evidence_len += 70;
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(evidence.len, tee_standin.evidence_len - 70);
    evidence = (struct buf){evidence_bytes, 5, sizeof evidence_bytes};
    assert_int_equal(gramine_attest(&gramine, report_data, &kind, &evidence, &endorsement), STATUS_OK);
    assert_int_equal(evidence.len, 5 + tee_standin.evidence_len - 70);
    tee_standin.evidence_len -= 71; /* less than the quote says it is */
    assert_int_equal(attest(), STATUS_TRUNCATED);
}

static void quotes_that_come_in_pieces_are_read_whole(void **state)
{
    (void)state;
    assert_int_equal(start(), STATUS_OK);
    tee_standin.read_step = 7;
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(evidence.len, tee_standin.evidence_len);
}

static void another_writer_is_noticed_and_outlasted(void **state)
{
    (void)state;
    for (unsigned int races = 1; races <= ATTEST_TRIES; races++) {
        assert_int_equal(start(), STATUS_OK);
        tee_standin.races = races;
        assert_int_equal(attest(), races < ATTEST_TRIES ? STATUS_OK : STATUS_EVIDENCE_BINDING);
        assert_int_equal(tee_standin.reports, races < ATTEST_TRIES ? races + 1 : ATTEST_TRIES);
    }
}

static void platforms_without_quotes_are_told_apart(void **state)
{
    const char *what = "";

    (void)state;
    assert_int_equal(start(), STATUS_OK);
    strcpy(tee_standin.attestation_type, "none");
    assert_int_equal(gramine_open(STANDIN_ROOT, &gramine, &what), STATUS_UNSUPPORTED);
    assert_non_null(strstr(what, "sgx.remote_attestation"));
    assert_int_equal(attest(), STATUS_NOT_FOUND); /* no quote either */
    strcpy(tee_standin.attestation_type, "dcap2");
    assert_int_equal(gramine_open(STANDIN_ROOT, &gramine, &what), STATUS_UNSUPPORTED);
    strcpy(tee_standin.attestation_type, "");
    assert_int_equal(gramine_open(STANDIN_ROOT, &gramine, &what), STATUS_UNSUPPORTED);
    assert_int_equal(gramine_open("/nowhere", &gramine, &what), STATUS_NOT_FOUND);
    assert_non_null(strstr(what, "not an SGX enclave"));
}

static void a_root_that_is_too_long_is_refused(void **state)
{
    char root[ATTEST_PATH_MAX + 1];
    const char *what;

    (void)state;
    memset(root, 'a', sizeof root);
    root[0] = '/';
    root[ATTEST_PATH_MAX] = '\0';
    assert_int_equal(gramine_open(root, &gramine, &what), STATUS_OUT_OF_RANGE);
    root[ATTEST_PATH_MAX - 1] = '\0'; /* fits; no file below it does */
    assert_int_equal(gramine_open(root, &gramine, &what), STATUS_OUT_OF_RANGE);
}

static void what_fails_is_told_by_its_reason(void **state)
{
    static const struct {
        const char *why, *name;
        char call;
        int error;
        enum status want;
    } cases[] = {
        {"the quoting service is away", "quote", 'o', EACCES, STATUS_NOT_PERMITTED},
        {"reading breaks off", "quote", 'r', EIO, STATUS_IO},
        {"report data is not taken", "user_report_data", 'w', EACCES, STATUS_NOT_PERMITTED},
        {"report data cannot be opened", "user_report_data", 'o', EMFILE, STATUS_IO},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(start(), STATUS_OK);
        tee_standin.fail_name = cases[i].name;
        tee_standin.fail_call = cases[i].call;
        tee_standin.fail_errno = cases[i].error;
        tee_standin.fails = 1;
        if (attest() != cases[i].want)
            fail_msg("%s", cases[i].why);
        assert_int_equal(tee_standin.fails, 0);
    }
}

static void a_short_write_is_never_followed_by_a_second(void **state)
{
    (void)state;
    assert_int_equal(start(), STATUS_OK);
    tee_standin.short_write = true;
    assert_int_equal(attest(), STATUS_IO);
    assert_int_equal(tee_standin.reports, 0);
}

static void quotes_of_other_sizes_and_forms_are_refused(void **state)
{
    (void)state;
    assert_int_equal(start(), STATUS_OK);
    tee_standin.evidence_len = EVIDENCE_MAX;
    assert_int_equal(attest(), STATUS_OK);
    tee_standin.evidence_len = EVIDENCE_MAX + 1;
    assert_int_equal(attest(), STATUS_NO_SPACE);
    tee_standin.evidence_len = 431;
    assert_int_equal(attest(), STATUS_TRUNCATED);
    tee_standin.evidence_len = 0;
    assert_int_equal(attest(), STATUS_TRUNCATED);
    tee_standin.evidence_len = 1024;
    tee_standin.evidence[0] = 4;
    assert_int_equal(attest(), STATUS_UNSUPPORTED);
}

static void real_quotes_pass_only_with_the_asked_report_data(void **state)
{
    static uint8_t room[EVIDENCE_MAX];
    struct buf memory = BUF_OF(room);
    struct view quote;

    (void)state;
    cJSON *expected = vector_expected("sgx");
    if (expected == NULL)
        skip();
    cJSON_Delete(expected);
    quote = vector_file("sgx", "quote_v3_processor_confswhardening.bin", &memory);
    assert_int_equal(start(), STATUS_OK);
    tee_standin_serve(quote.ptr, quote.len);
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(evidence.len, quote.len);
    tee_standin.patch_at = SIZE_MAX;
    assert_int_equal(attest(), STATUS_EVIDENCE_BINDING);
    memcpy(report_data, quote.ptr + 368, sizeof report_data);
    assert_int_equal(attest(), STATUS_OK);
    assert_memory_equal(evidence_bytes, quote.ptr, quote.len);
}

static void the_sealing_key_is_derived_never_the_key_itself(void **state)
{
    uint8_t key[AEAD_KEY_MAX], again[AEAD_KEY_MAX], other[AEAD_KEY_MAX], wanted[AEAD_KEY_MAX];
    struct buf derived = BUF_OF(wanted);

    (void)state;
    assert_int_equal(start(), STATUS_OK);
    assert_int_equal(gramine_sealing_key(&gramine, key), STATUS_OK);
    assert_int_equal(gramine_sealing_key(&gramine, again), STATUS_OK);
    assert_memory_equal(key, again, sizeof key);
    assert_int_equal(hkdf_sha256((struct view){NULL, 0}, (struct view){tee_standin.key, 16},
                                 VIEW_TEXT("tacit/1 sgx sealing key"), &derived),
                     STATUS_OK);
    assert_memory_equal(key, wanted, sizeof key);
    tee_standin.key[15] ^= 1;
    assert_int_equal(gramine_sealing_key(&gramine, other), STATUS_OK);
    assert_memory_not_equal(key, other, sizeof key);
    assert_int_equal(tee_standin.handles, 0);
}

static void what_is_no_sealing_key_is_refused(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 17, 32};
    uint8_t key[AEAD_KEY_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        assert_int_equal(start(), STATUS_OK);
        tee_standin.key_len = sizes[i];
        assert_int_equal(gramine_sealing_key(&gramine, key), STATUS_MALFORMED);
    }
    assert_int_equal(start(), STATUS_OK);
    memset(tee_standin.key, 0, sizeof tee_standin.key);
    assert_int_equal(gramine_sealing_key(&gramine, key), STATUS_MALFORMED);
    tee_standin.fail_name = "keys/_sgx_mrenclave";
    tee_standin.fail_call = 'o';
    tee_standin.fail_errno = ENOENT;
    tee_standin.fails = 1;
    assert_int_equal(gramine_sealing_key(&gramine, key), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_binds_what_was_asked_for),
        cmocka_unit_test(evidence_is_appended),
        cmocka_unit_test(what_stands_behind_a_quote_is_cut_off),
        cmocka_unit_test(quotes_that_come_in_pieces_are_read_whole),
        cmocka_unit_test(another_writer_is_noticed_and_outlasted),
        cmocka_unit_test(platforms_without_quotes_are_told_apart),
        cmocka_unit_test(a_root_that_is_too_long_is_refused),
        cmocka_unit_test(what_fails_is_told_by_its_reason),
        cmocka_unit_test(a_short_write_is_never_followed_by_a_second),
        cmocka_unit_test(quotes_of_other_sizes_and_forms_are_refused),
        cmocka_unit_test(real_quotes_pass_only_with_the_asked_report_data),
        cmocka_unit_test(the_sealing_key_is_derived_never_the_key_itself),
        cmocka_unit_test(what_is_no_sealing_key_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
