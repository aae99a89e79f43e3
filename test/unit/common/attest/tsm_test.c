/* Reports by configfs-tsm, which is played by test/standin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tee_standin.h"
#include "tsm.h"
#include "vector_files.h"

static uint8_t report_data[SHA512_SIZE], evidence_bytes[EVIDENCE_MAX], endorsement_bytes[ENDORSEMENT_MAX];
static struct buf evidence, endorsement;
static struct view kind;
static struct tsm tsm;

static void start(const char *provider, int privlevel)
{
    const char *what;

    tee_standin_start(provider, STANDIN_ROOT);
    memset(report_data, 0xda, sizeof report_data);
    assert_int_equal(tsm_open(STANDIN_ROOT, privlevel, &tsm, &what), STATUS_OK);
    assert_int_equal(tee_standin.folders, 0);
}

/* Whatever it comes to, nothing is left: no directory, no descriptor, no half of a piece of evidence. */
static enum status attest(void)
{
    enum status status;

    evidence = BUF_OF(evidence_bytes);
    endorsement = BUF_OF(endorsement_bytes);
    kind = (struct view){NULL, 0};
    status = tsm_attest(&tsm, report_data, &kind, &evidence, &endorsement);
    assert_int_equal(tee_standin.handles, 0);
    assert_int_equal(tee_standin.folders, 0);
    if (status != STATUS_OK) {
        assert_int_equal(evidence.len, 0);
        assert_int_equal(endorsement.len, 0);
        assert_null(kind.ptr);
    }
    return status;
}

static void each_provider_makes_evidence_of_its_kind(void **state)
{
    static const struct {
        const char *provider, *kind;
        size_t at;
    } cases[] = {{"sev_guest", "snp", 0x50}, {"tdx_guest", "tdx", 568}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        start(cases[i].provider, TSM_PRIVLEVEL_ANY);
        for (unsigned int n = 1; n <= 3; n++) {
            report_data[0] = (uint8_t)n;
            assert_int_equal(attest(), STATUS_OK);
            assert_true(view_equal(kind, view_of_string(cases[i].kind)));
            assert_int_equal(evidence.len, tee_standin.evidence_len);
            assert_memory_equal(evidence_bytes + cases[i].at, report_data, sizeof report_data);
            assert_int_equal(endorsement.len, 0);
            assert_int_equal(tee_standin.reports, n); /* outblob and auxblob come of one report */
        }
        assert_int_equal(tee_standin.privlevel, -1);
    }
}

static void a_certificate_table_becomes_the_endorsement(void **state)
{
    (void)state;
    start("sev_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.endorsement_len = 16384;
    memset(tee_standin.endorsement, 0xce, 16384);
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(endorsement.len, 16384);
    assert_memory_equal(endorsement_bytes, tee_standin.endorsement, 16384);
    assert_int_equal(tee_standin.reports, 1);
    tee_standin.no_auxblob = true;
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(endorsement.len, 0);
}

static void the_level_is_written_where_it_is_asked_for(void **state)
{
    const char *what;

    (void)state;
    for (int level = 0; level <= TSM_PRIVLEVEL_MAX; level++) {
        start("sev_guest", level);
        assert_int_equal(attest(), STATUS_OK);
        assert_int_equal(tee_standin.privlevel, level);
    }
    assert_int_equal(tsm_open(STANDIN_ROOT, TSM_PRIVLEVEL_MAX + 1, &tsm, &what), STATUS_OUT_OF_RANGE);
    assert_int_equal(tsm_open(STANDIN_ROOT, -2, &tsm, &what), STATUS_OUT_OF_RANGE);
    start("tdx_guest", 0); /* TDX has no levels */
    assert_int_equal(attest(), STATUS_UNSUPPORTED);
}

static void another_writer_is_noticed_and_outlasted(void **state)
{
    static const struct {
        const char *why;
        enum standin_race race;
        enum status want;
    } cases[] = {
        {"before the report is read", STANDIN_AFTER_WRITE, STATUS_BUSY},
        {"after the report is read", STANDIN_AFTER_REPORT, STATUS_BUSY},
        {"and the generation does not tell", STANDIN_UNCOUNTED, STATUS_EVIDENCE_BINDING},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (unsigned int races = 1; races <= ATTEST_TRIES; races++) {
            start("sev_guest", 1);
            tee_standin.endorsement_len = 100; /* of which nothing of a failed try may stay */
            tee_standin.race = cases[i].race;
            tee_standin.races = races;
            print_message("  %s, %u times\n", cases[i].why, races);
            assert_int_equal(attest(), races < ATTEST_TRIES ? STATUS_OK : cases[i].want);
            assert_int_equal(tee_standin.races, 0);
            assert_int_equal(tee_standin.pauses, races < ATTEST_TRIES ? races : ATTEST_TRIES - 1);
            if (races < ATTEST_TRIES) {
                assert_memory_equal(evidence_bytes + 0x50, report_data, sizeof report_data);
                assert_int_equal(endorsement.len, 100);
            }
        }
}

static void a_commit_that_was_lost_at_close_is_noticed(void **state)
{
    (void)state;
    start("tdx_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.fail_name = "inblob";
    tee_standin.fail_call = 'l';
    tee_standin.fails = 1;
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(tee_standin.reports, 1);
    assert_memory_equal(evidence_bytes + 568, report_data, sizeof report_data);
    tee_standin.fails = ATTEST_TRIES;
    assert_int_equal(attest(), STATUS_BUSY);
}

static void what_fails_is_told_by_its_reason(void **state)
{
    static const struct {
        const char *why, *provider, *name;
        char call;
        int error;
        unsigned int times;
        enum status want;
    } cases[] = {
        {"a request is in flight, once", "tdx_guest", "outblob", 'r', EBUSY, 1, STATUS_OK},
        {"a request is in flight, always", "tdx_guest", "outblob", 'r', EBUSY, ATTEST_TRIES, STATUS_BUSY},
        {"a signal", "tdx_guest", "outblob", 'r', EINTR, 1, STATUS_OK},
        {"no answer of the host", "tdx_guest", "outblob", 'r', ETIMEDOUT, 1, STATUS_TIMEOUT},
        {"the host failed", "tdx_guest", "outblob", 'r', EIO, 1, STATUS_IO},
        {"larger than the kernel takes", "tdx_guest", "outblob", 'r', EFBIG, 1, STATUS_NO_SPACE},
        {"refused by the firmware", "sev_guest", "outblob", 'r', EINVAL, 1, STATUS_IO},
        {"the table cannot be read", "sev_guest", "auxblob", 'r', EIO, 1, STATUS_IO},
        {"not root", "sev_guest", "inblob", 'o', EACCES, 1, STATUS_NOT_PERMITTED},
        {"the write is refused, once", "sev_guest", "inblob", 'w', EBUSY, 1, STATUS_OK},
        {"a level below the floor", "sev_guest", "privlevel", 'w', EINVAL, 1, STATUS_IO},
        {"no generation", "sev_guest", "generation", 'r', EIO, 1, STATUS_IO},
        {"no directory is made", "sev_guest", "mkdir", 'm', EACCES, 1, STATUS_NOT_PERMITTED},
        {"the module is gone", "sev_guest", "mkdir", 'm', ENXIO, 1, STATUS_NOT_FOUND},
        {"the provider cannot be read", "sev_guest", "provider", 'r', EIO, 1, STATUS_IO},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        start(cases[i].provider, cases[i].provider[0] == 's' ? 0 : TSM_PRIVLEVEL_ANY);
        tee_standin.fail_name = cases[i].name;
        tee_standin.fail_call = cases[i].call;
        tee_standin.fail_errno = cases[i].error;
        tee_standin.fails = cases[i].times;
        if (attest() != cases[i].want)
            fail_msg("%s", cases[i].why);
        assert_int_equal(tee_standin.fails, 0);
    }
}

static void nonsense_in_the_kernels_texts_is_refused(void **state)
{
    static const struct {
        const char *name, *text;
        enum status want;
    } cases[] = {
        {"provider", "", STATUS_MALFORMED},
        {"provider", "sev_guest", STATUS_MALFORMED},
        {"provider", "sev_guest2\n", STATUS_UNSUPPORTED},
        {"provider", "arm_cca_guest\n", STATUS_UNSUPPORTED},
        {"provider", "0123456789012345678901234567890123456789012345678901234567890123456789\n", STATUS_NO_SPACE},
        {"generation", "\n", STATUS_MALFORMED},
        {"generation", "1", STATUS_MALFORMED},
        {"generation", "-1\n", STATUS_MALFORMED},
        {"generation", "1x\n", STATUS_MALFORMED},
        {"generation", "99999999999999999999\n", STATUS_MALFORMED},
        {"generation", "7\n", STATUS_BUSY}, /* it never rises */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        start("sev_guest", TSM_PRIVLEVEL_ANY);
        tee_standin.garbage_name = cases[i].name;
        tee_standin.garbage = cases[i].text;
        if (attest() != cases[i].want)
            fail_msg("%s: \"%s\"", cases[i].name, cases[i].text);
    }
}

static void evidence_past_every_bound_is_refused(void **state)
{
    (void)state;
    start("tdx_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.evidence_len = EVIDENCE_MAX;
    assert_int_equal(attest(), STATUS_OK);
    tee_standin.evidence_len = EVIDENCE_MAX + 1; /* a quote of 100 KB, say */
    assert_int_equal(attest(), STATUS_NO_SPACE);
    tee_standin.evidence_len = 631;
    assert_int_equal(attest(), STATUS_TRUNCATED);
    tee_standin.evidence_len = 1024;
    tee_standin.evidence[0] = 6;
    assert_int_equal(attest(), STATUS_UNSUPPORTED);
    start("sev_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.endorsement_len = ENDORSEMENT_MAX;
    assert_int_equal(attest(), STATUS_OK);
    tee_standin.endorsement_len = ENDORSEMENT_MAX + 1;
    assert_int_equal(attest(), STATUS_NO_SPACE);
    tee_standin.endorsement_len = 0;
    tee_standin.evidence_len = 1185;
    assert_int_equal(attest(), STATUS_MALFORMED);
}

static void what_stands_behind_a_quote_is_cut_off(void **state)
{
    static const size_t behind[] = {1, 70, 3065};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
        start("tdx_guest", TSM_PRIVLEVEL_ANY);
        tee_standin.evidence_len += behind[i];
        assert_int_equal(attest(), STATUS_OK);
        assert_int_equal(evidence.len, tee_standin.evidence_len - behind[i]);
        assert_memory_equal(evidence_bytes + 568, report_data, sizeof report_data);
    }
    start("tdx_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.evidence_len--; /* less than the quote says it is */
    assert_int_equal(attest(), STATUS_TRUNCATED);
}

static void blobs_that_come_in_pieces_are_read_whole(void **state)
{
    (void)state;
    start("sev_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.endorsement_len = 1000;
    tee_standin.read_step = 13;
    assert_int_equal(attest(), STATUS_OK);
    assert_int_equal(evidence.len, 1184);
    assert_int_equal(endorsement.len, 1000);
}

static void a_short_write_is_never_followed_by_a_second(void **state)
{
    (void)state;
    start("sev_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.short_write = true;
    assert_int_equal(attest(), STATUS_IO);
    assert_int_equal(tee_standin.reports, 0);
}

static void names_that_are_taken_are_passed_by(void **state)
{
    (void)state;
    start("sev_guest", TSM_PRIVLEVEL_ANY);
    tee_standin.taken = 15;
    assert_int_equal(attest(), STATUS_OK);
    tee_standin.taken = 16;
    assert_int_equal(attest(), STATUS_EXISTS);
}

static void kernels_without_reports_are_told_by_a_sentence(void **state)
{
    const char *what = "";

    (void)state;
    tee_standin_start("", STANDIN_ROOT); /* ENXIO */
    assert_int_equal(tsm_open(STANDIN_ROOT, TSM_PRIVLEVEL_ANY, &tsm, &what), STATUS_NOT_FOUND);
    assert_non_null(strstr(what, "sev-guest"));
    tee_standin_start("arm_cca_guest", STANDIN_ROOT);
    assert_int_equal(tsm_open(STANDIN_ROOT, TSM_PRIVLEVEL_ANY, &tsm, &what), STATUS_UNSUPPORTED);
    assert_non_null(strstr(what, "provider"));
    assert_int_equal(tee_standin.folders, 0);
    assert_int_equal(tee_standin.made, 1);
    assert_int_equal(tsm_open("/nowhere", TSM_PRIVLEVEL_ANY, &tsm, &what), STATUS_NOT_FOUND);
}

static void real_evidence_passes_only_with_the_asked_report_data(void **state)
{
    static const struct {
        const char *provider, *folder, *name;
        size_t at;
    } cases[] = {
        {"tdx_guest", "tdx", "quote_v4_uptodate.bin", 568}, /* with 70 bytes behind it */
        {"tdx_guest", "tdx", "quote_v5_uptodate.bin", 574},
        {"sev_guest", "snp", "report_v2_milan_vcek.bin", 0x50},
        {"sev_guest", "snp", "report_v5_genoa_vcek.bin", 0x50},
    };
    static uint8_t room[4 * EVIDENCE_MAX];
    struct buf memory = BUF_OF(room);
    unsigned int passed = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cJSON *expected = vector_expected(cases[i].folder);
        struct view real;

        if (expected == NULL)
            continue;
        cJSON_Delete(expected);
        real = vector_file(cases[i].folder, cases[i].name, &memory);
        start(cases[i].provider, TSM_PRIVLEVEL_ANY);
        tee_standin_serve(real.ptr, real.len);
        assert_int_equal(attest(), STATUS_OK);
        tee_standin.patch_at = SIZE_MAX;
        assert_int_equal(attest(), STATUS_EVIDENCE_BINDING);
        memcpy(report_data, real.ptr + cases[i].at, sizeof report_data);
        assert_int_equal(attest(), STATUS_OK);
        assert_int_equal(attest_trim(kind, real, &real), STATUS_OK);
        assert_true(view_equal(buf_view(&evidence), real));
        passed++;
    }
    if (passed == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_provider_makes_evidence_of_its_kind),
        cmocka_unit_test(a_certificate_table_becomes_the_endorsement),
        cmocka_unit_test(the_level_is_written_where_it_is_asked_for),
        cmocka_unit_test(another_writer_is_noticed_and_outlasted),
        cmocka_unit_test(a_commit_that_was_lost_at_close_is_noticed),
        cmocka_unit_test(what_fails_is_told_by_its_reason),
        cmocka_unit_test(nonsense_in_the_kernels_texts_is_refused),
        cmocka_unit_test(evidence_past_every_bound_is_refused),
        cmocka_unit_test(what_stands_behind_a_quote_is_cut_off),
        cmocka_unit_test(blobs_that_come_in_pieces_are_read_whole),
        cmocka_unit_test(a_short_write_is_never_followed_by_a_second),
        cmocka_unit_test(names_that_are_taken_are_passed_by),
        cmocka_unit_test(kernels_without_reports_are_told_by_a_sentence),
        cmocka_unit_test(real_evidence_passes_only_with_the_asked_report_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
