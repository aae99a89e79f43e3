/* The owner's text of a policy (docs/policy.md), and a policy told in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "policy_support.h"
#include "sim.h"
#include "trust_support.h"

#define PROGRAM_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PROGRAM_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static const char good[] = "# the policy of a home\n"
                           "federation home\n"                /* 2 */
                           "version 3\n"                      /* 3 */
                           "not_before 2026-09-21\n"          /* 4 */
                           "not_after 2027-09-21T12:30:05Z\n" /* 5 */
                           "min_cohort 3\n"                   /* 6 */
                           "max_cohort 100\n"                 /* 7 */
                           "max_samples 10000\n"              /* 8 */
                           "credential_lifetime 30d\n"        /* 9 */
                           "max_parameters 1000000\n"         /* 10 */
                           "\n"                               /* 11 */
                           "aggregator_evidence sim\n"        /* 12 */
                           "root keys/root.pub\n"             /* 13 */
                           "measurement " PROGRAM_A "\n"      /* 14 */
                           "measurement " PROGRAM_B "\n"      /* 15 */
                           "max_age 1h\n"                     /* 16 */
                           "\n"                               /* 17 */
                           "device_evidence sim\n"            /* 18 */
                           "root /etc/tacit/other.pub\n"      /* 19 */
                           "max_age 90s\n"                    /* 20 */
                           "measurement " PROGRAM_A "\n";     /* 21 */

/* good with `from`, which stands there exactly once, changed to `to`. To be freed. */
static char *changed(const char *from, const char *to)
{
    const char *at = strstr(good, from);
    const size_t size = sizeof good + strlen(to);
    char *text = malloc(size);

    assert_non_null(text);
    assert_non_null(at);
    assert_null(strstr(at + 1, from));
    (void)snprintf(text, size, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return text;
}

static void reads_every_key(void **state)
{
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;
    struct sim_rules rules;

    (void)state;
    assert_int_equal(policy_support_read(good, &bytes, &policy, NULL), STATUS_OK);
    assert_true(view_equal(policy.federation, VIEW_TEXT("home")));
    assert_int_equal(policy.version, 3);
    assert_int_equal(policy.not_before, 1789948800);
    assert_int_equal(policy.not_after, 1821529805);
    assert_int_equal(policy.min_cohort, 3);
    assert_int_equal(policy.max_cohort, 100);
    assert_int_equal(policy.max_samples, 10000);
    assert_int_equal(policy.credential_s, 2592000);
    assert_int_equal(policy.max_parameters, 1000000);
    assert_int_equal(policy.aggregator_count, 1);
    assert_int_equal(sim_rules_decode(policy.aggregator[0].rules, &rules), STATUS_OK);
    assert_true(view_equal(rules.root, trust_cose_key(TRUST_ROOT)));
    assert_int_equal(rules.count, 2);
    assert_int_equal(rules.measurements[0].ptr[31], 0xaa);
    assert_int_equal(rules.measurements[1].ptr[0], 0xbb);
    assert_int_equal(rules.max_age_s, 3600);
    assert_int_equal(policy.device_count, 1);
    assert_int_equal(sim_rules_decode(policy.device[0].rules, &rules), STATUS_OK);
    assert_true(view_equal(rules.root, trust_cose_key(TRUST_OTHER)));
    assert_int_equal(rules.count, 1);
    assert_int_equal(rules.max_age_s, 90);
}

static void what_may_be_left_out_has_harmless_defaults(void **state)
{
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;

    (void)state;
    assert_int_equal(policy_support_read(good, &bytes, &policy, NULL), STATUS_OK);
    assert_int_equal(policy.fraction_bits, 27);
    assert_int_equal(policy.alg_count, 1);
    assert_int_equal(policy.algs[0], AEAD_A256GCM);
    assert_int_equal(policy.max_packet, 262144);
    assert_int_equal(policy.challenge_s, 600);
}

static void takes_what_may_be_said_instead(void **state)
{
    char *text = changed("version 3\n", "version 3\nfraction_bits 20\nmax_packet 64K\nchallenge_lifetime 2m\n"
                                        "algorithms ChaCha20-Poly1305 \t AES-CCM-16-128-256 A128GCM A256GCM\n");
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;

    (void)state;
    assert_int_equal(policy_support_read(text, &bytes, &policy, NULL), STATUS_OK);
    assert_int_equal(policy.fraction_bits, 20);
    assert_int_equal(policy.max_packet, 65536);
    assert_int_equal(policy.challenge_s, 120);
    assert_int_equal(policy.alg_count, 4);
    assert_int_equal(policy.algs[0], AEAD_CHACHA20_POLY1305);
    assert_int_equal(policy.algs[1], AEAD_CCM_16_128_256);
    assert_int_equal(policy.algs[2], AEAD_A128GCM);
    assert_int_equal(policy.algs[3], AEAD_A256GCM);
    free(text);
}

static void takes_a_root_written_as_digits(void **state)
{
    char digits[2 * P256_POINT_SIZE + 1], *text;
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;
    struct sim_rules rules;

    (void)state;
    hex_encode(trust_point(TRUST_DEVICE), digits);
    text = changed("keys/root.pub", digits);
    assert_int_equal(policy_support_read(text, &bytes, &policy, NULL), STATUS_OK);
    assert_int_equal(sim_rules_decode(policy.aggregator[0].rules, &rules), STATUS_OK);
    assert_true(view_equal(rules.root, trust_cose_key(TRUST_DEVICE)));
    free(text);
}

static void each_block_is_another_way_to_be_trusted(void **state)
{
    char *text = changed("device_evidence sim\n", "aggregator_evidence sim\nroot keys/root.pub\nmax_age 1d\n"
                                                  "measurement " PROGRAM_B "\ndevice_evidence sim\n");
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;

    (void)state;
    assert_int_equal(policy_support_read(text, &bytes, &policy, NULL), STATUS_OK);
    assert_int_equal(policy.aggregator_count, 2);
    assert_int_equal(policy.device_count, 1);
    free(text);
}

static void appends_and_refuses_too_small_a_space(void **state)
{
    uint8_t memory[POLICY_MAX] = {0x7e};
    struct buf bytes = {.ptr = memory, .len = 1, .cap = sizeof memory};
    struct policy policy;
    struct reason reason;
    struct buf small = {.ptr = memory};

    (void)state;
    assert_int_equal(policy_support_read(good, &bytes, &policy, NULL), STATUS_OK);
    assert_int_equal(memory[0], 0x7e);
    assert_int_equal(policy_decode((struct view){memory + 1, bytes.len - 1}, &policy), STATUS_OK);
    small.cap = bytes.len - 2;
    assert_int_equal(policy_support_read(good, &small, &policy, &reason), STATUS_NO_SPACE);
    assert_int_equal(small.len, 0);
}

static void refuses_and_says_where_and_why(void **state)
{
    static const char no_point[] = "00000000000000000000000000000000000000000000000000000000000000010000000000000000"
                                   "000000000000000000000000000000000000000000000001";
    static const char not_a_time[] = "neither a date like 2026-11-21 nor a time like 2026-11-21T08:00:00Z";
    const struct {
        const char *from, *to, *line, *sentence;
    } cases[] = {
        {"federation home\n", "", "policy.conf:", "federation is missing"},
        {"version 3\n", "", "policy.conf:", "version is missing"},
        {"not_before 2026-09-21\n", "", "policy.conf:", "not_before is missing"},
        {"not_after 2027-09-21T12:30:05Z\n", "", "policy.conf:", "not_after is missing"},
        {"min_cohort 3\n", "", "policy.conf:", "min_cohort is missing"},
        {"max_cohort 100\n", "", "policy.conf:", "max_cohort is missing"},
        {"max_samples 10000\n", "", "policy.conf:", "max_samples is missing"},
        {"credential_lifetime 30d\n", "", "policy.conf:", "credential_lifetime is missing"},
        {"max_parameters 1000000\n", "", "policy.conf:", "max_parameters is missing"},
        {"aggregator_evidence sim\n", "device_evidence sim\n", "policy.conf:", "aggregator_evidence is missing"},
        {"device_evidence sim\n", "aggregator_evidence sim\n", "policy.conf:", "device_evidence is missing"},
        {"root keys/root.pub\n", "", "policy.conf:12:", "root is missing"},
        {"max_age 90s\n", "", "policy.conf:18:", "max_age is missing"},
        {"max_age 90s\nmeasurement " PROGRAM_A "\n", "max_age 90s\n", "policy.conf:18:", "measurement is missing"},
        {"federation home", "federation my home", "policy.conf:2:", "1 to 64 letters, digits, - or _ are allowed"},
        {"version 3", "version three", "policy.conf:3:", "\"three\" is not a whole number"},
        {"version 3", "version -1", "policy.conf:3:", "-1 is below 0"},
        {"version 3", "wersion 3", "policy.conf:3:", "no such key"},
        {"version 3\n", "version 3\nversion 3\n", "policy.conf:4:", "stands twice"},
        {"2026-09-21", "2026-9-21", "policy.conf:4:", not_a_time},
        {"2026-09-21", "2026-02-30", "policy.conf:4:", not_a_time},
        {"2026-09-21", "2026-13-01", "policy.conf:4:", not_a_time},
        {"2026-09-21", "21.09.2026", "policy.conf:4:", not_a_time},
        {"2026-09-21", "2026-09-21T", "policy.conf:4:", not_a_time},
        {"2026-09-21", "1969-12-31", "policy.conf:4:", "before 1970 or after 2099"},
        {"2026-09-21", "2101-01-01", "policy.conf:4:", "before 1970 or after 2099"},
        {"2027-09-21T12:30:05Z", "2027-09-21T12:30:05", "policy.conf:5:", not_a_time},
        {"2027-09-21T12:30:05Z", "2027-09-21T12:30:60Z", "policy.conf:5:", not_a_time},
        {"2027-09-21T12:30:05Z", "2027-09-21T24:00:00Z", "policy.conf:5:", not_a_time},
        {"2027-09-21T12:30:05Z", "2027-09-21T12:30:05+01:00", "policy.conf:5:", not_a_time},
        {"2027-09-21T12:30:05Z", "2026-09-21", "policy.conf:5:", "not_after: is not after not_before (line 4)"},
        {"min_cohort 3", "min_cohort 0", "policy.conf:6:", "0 is below 1"},
        {"min_cohort 3", "min_cohort 101", "policy.conf:6:", "min_cohort: 101 is above max_cohort 100 (line 7)"},
        {"max_cohort 100", "max_cohort 65537", "policy.conf:7:", "65537 is above 65536"},
        {"max_samples 10000", "max_samples 0", "policy.conf:8:", "0 is below 1"},
        {"max_samples 10000", "max_samples 1431655766", "policy.conf:8:",
         "max_samples: min_cohort (line 6) times this is above 2^32: the sum could overflow; write at most 1431655765"},
        {"30d", "30", "policy.conf:9:", "30 is below 60"},
        {"30d", "366d", "policy.conf:9:", "366d is above 31536000"},
        {"30d", "30w", "policy.conf:9:", "\"30w\" is not"},
        {"1000000\n", "1000000\nfraction_bits 28\n", "policy.conf:11:", "28 is above 27"},
        {"1000000\n", "1000000\nalgorithms AES\n", "policy.conf:11:", "there are A256GCM, A128GCM"},
        {"1000000\n", "1000000\nalgorithms A256GCM A256GCM\n", "policy.conf:11:", "an algorithm stands twice"},
        {"1000000\n", "1000000\nalgorithms\n", "policy.conf:11:", "has no value"},
        {"1000000\n", "1000000\nmax_packet 1M\n", "policy.conf:11:", "1M is above 900000"},
        {"1000000\n", "1000000\nchallenge_lifetime 9s\n", "policy.conf:11:", "9s is below 10"},
        {"aggregator_evidence sim", "aggregator_evidence", "policy.conf:12:", "has no value"},
        {"aggregator_evidence sim", "aggregator_evidence any",
         "policy.conf:12:", "aggregator_evidence: \"any\" is none of: sim, sgx, tdx, snp, psa, tpm"},
        {"device_evidence sim", "device_evidence SIM",
         "policy.conf:18:", "device_evidence: \"SIM\" is none of: sim, sgx, tdx, snp, psa, tpm"},
        {"keys/root.pub", "keys/none.pub", "policy.conf:13:", "root: folder/keys/none.pub: there is no such file"},
        {"keys/root.pub", no_point, "policy.conf:13:", "the digits are not a point"},
        {"root keys/root.pub\n", "root keys/root.pub\nroot keys/root.pub\n", "policy.conf:14:", "stands twice"},
        {"measurement " PROGRAM_B, "measurement bb", "policy.conf:15:", "\"bb\" is not 64 hexadecimal digits"},
        {"measurement " PROGRAM_B, "measurement x" PROGRAM_B, "policy.conf:15:", " is not 64 hexadecimal digits"},
        {"measurement " PROGRAM_B, "measurement " PROGRAM_B "00", "policy.conf:15:", " is not 64 hexadecimal digits"},
        {"max_age 1h", "max_age 0", "policy.conf:16:", "0 is below 1"},
        {"max_age 1h", "max_age 1h\nversion 4", "policy.conf:17:", "does not belong into aggregator_evidence"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = changed(cases[i].from, cases[i].to);
        uint8_t memory[POLICY_MAX];
        struct buf bytes = BUF_OF(memory);
        struct policy policy;
        struct reason reason = {""};

        print_message("  %.60s\n", cases[i].sentence);
        assert_int_equal(policy_support_read(text, &bytes, &policy, &reason), STATUS_CONFIG);
        if (strncmp(reason.text, cases[i].line, strlen(cases[i].line)) != 0 ||
            strstr(reason.text, cases[i].sentence) == NULL)
            fail_msg("instead of \"%s ... %s\": %s", cases[i].line, cases[i].sentence, reason.text);
        assert_int_equal(bytes.len, 0);
        free(text);
    }
}

static void tells_a_policy_in_words(void **state)
{
    static const char told[] =
        "*** SIMULATED: this policy accepts simulated evidence. Nothing made under it is confidential. ***\n"
        "Policy of the federation home, version 3.\n"
        "Valid from 2026-09-21T00:00:00Z until before 2027-09-21T12:30:05Z.\n"
        "An aggregator must show:\n"
        "  SIMULATED evidence, at most 1 hour old, signed by the root\n"
        "    51a7580833898ea1b183cbd7350a4099078c6ef1c1e18e970cd7683035f25e7d"
        "0110522712b0b5a7cff081685486984a94e6831edac46e7360fa9d834a7a81a1\n"
        "  for a program with one of the SHA-256\n"
        "    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
        "    bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
        "A device must show:\n";
    static const char rest[] = "A model is released when at least 3 updates went into it; a round takes at most 100.\n"
                               "An update counts for at most 10000 samples.\n"
                               "The sum keeps 27 bits behind the point: no parameter changes by 16 or more.\n"
                               "A model has at most 1000000 parameters.\n"
                               "A device enrols again after 30 days; a challenge may be answered for 10 minutes.\n"
                               "Updates are sealed with A256GCM.\n"
                               "A packet has at most 262144 bytes, a chunk in it at most 261376.\n";
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;
    char text[4096] = "";
    FILE *out = fmemopen(text, sizeof text, "w");

    (void)state;
    assert_non_null(out);
    assert_int_equal(policy_support_read(good, &bytes, &policy, NULL), STATUS_OK);
    policy_show(&policy, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strncmp(text, told, sizeof told - 1), 0);
    assert_non_null(strstr(text, "at most 90 seconds old"));
    assert_true(strlen(text) > sizeof rest);
    assert_string_equal(text + strlen(text) - (sizeof rest - 1), rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(what_may_be_left_out_has_harmless_defaults),
        cmocka_unit_test(takes_what_may_be_said_instead),
        cmocka_unit_test(takes_a_root_written_as_digits),
        cmocka_unit_test(each_block_is_another_way_to_be_trusted),
        cmocka_unit_test(appends_and_refuses_too_small_a_space),
        cmocka_unit_test(refuses_and_says_where_and_why),
        cmocka_unit_test(tells_a_policy_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
