/* A device in a TEE: the platform's files (played by test/standin) are asked by the configuration's choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attesters.h"
#include "tee_standin.h"

static struct attesters attesters;
static uint8_t evidence_bytes[EVIDENCE_MAX], endorsement_bytes[ENDORSEMENT_MAX];
static struct buf evidence, endorsement;
static struct view kind;
static struct reason reason;

static enum status attest(void)
{
    uint8_t report_data[SHA512_SIZE];

    memset(report_data, 0xda, sizeof report_data);
    evidence = BUF_OF(evidence_bytes);
    endorsement = BUF_OF(endorsement_bytes);
    return attesters_attest(&attesters, report_data, &kind, &evidence, &endorsement, &reason);
}

static const struct row {
    const char *provider, *kind;
    enum attester_choice choice;
    size_t at; /* of report data in the evidence */
    const char *name;
} rows[] = {
    {"gramine", "sgx", ATTESTER_GRAMINE, 368, "attester gramine"},
    {"sev_guest", "snp", ATTESTER_TSM, 0x50, "attester tsm"},
    {"tdx_guest", "tdx", ATTESTER_TSM, 568, "attester tsm"},
};

static enum status begin(const struct row *row, int64_t privlevel)
{
    const struct daemon_settings settings = {
        .attester = (int)row->choice, .tee_root = STANDIN_ROOT, .tsm_privlevel = privlevel};

    reason = (struct reason){""};
    tee_standin_start(row->provider, STANDIN_ROOT);
    return attesters_begin(&settings, &attesters, &reason);
}

static void each_platform_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("  %s\n", rows[i].provider);
        assert_int_equal(begin(&rows[i], TSM_PRIVLEVEL_ANY), STATUS_OK);
        assert_int_equal(attest(), STATUS_OK);
        assert_true(view_equal(kind, view_of_string(rows[i].kind)));
        assert_true(evidence.len >= rows[i].at + SHA512_SIZE);
        for (size_t k = 0; k < SHA512_SIZE; k++)
            assert_int_equal(evidence.ptr[rows[i].at + k], 0xda);
    }
}

static void what_the_platform_endorses_comes_with_it(void **state)
{
    static const uint8_t table[] = {1, 2, 3};

    (void)state;
    assert_int_equal(begin(&rows[1], 2), STATUS_OK);
    memcpy(tee_standin.endorsement, table, sizeof table);
    tee_standin.endorsement_len = sizeof table;
    assert_int_equal(attest(), STATUS_OK);
    assert_true(view_equal(buf_view(&endorsement), VIEW_OF(table)));
    assert_int_equal(tee_standin.privlevel, 2);
}

static void a_platform_that_is_not_there_is_told_at_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row none = {"", rows[i].kind, rows[i].choice, 0, rows[i].name};

        assert_int_not_equal(begin(&none, TSM_PRIVLEVEL_ANY), STATUS_OK);
        assert_non_null(strstr(reason.text, rows[i].name));
    }
}

static void a_platform_that_fails_gives_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(begin(&rows[i], TSM_PRIVLEVEL_ANY), STATUS_OK);
        tee_standin.fail_name = rows[i].choice == ATTESTER_TSM ? "outblob" : "quote";
        tee_standin.fail_call = 'o';
        tee_standin.fail_errno = EIO;
        tee_standin.fails = 100;
        assert_int_not_equal(attest(), STATUS_OK);
        assert_int_equal(evidence.len, 0);
        assert_non_null(strstr(reason.text, rows[i].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_platform_is_asked),
        cmocka_unit_test(what_the_platform_endorses_comes_with_it),
        cmocka_unit_test(a_platform_that_is_not_there_is_told_at_start),
        cmocka_unit_test(a_platform_that_fails_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
