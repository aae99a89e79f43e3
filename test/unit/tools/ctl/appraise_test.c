/* `tacit appraise` on simulated evidence, with and without a policy: what it ends with, what it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "appraise_inputs.h"
#include "command.h"
#include "pem.h"
#include "policy_sign.h"
#include "sim.h"
#include "trust_support.h"

#define AT_NOW "1790000000"

static const char policy_text[] = "federation home\n"
                                  "version 3\n"
                                  "not_before 2026-09-21\n"
                                  "not_after 2027-09-21\n"
                                  "min_cohort 3\n"
                                  "max_cohort 100\n"
                                  "max_samples 10000\n"
                                  "credential_lifetime 30d\n"
                                  "max_parameters 1000000\n"
                                  "aggregator_evidence sim\n"
                                  "root root.pem\n"
                                  "measurement aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                                  "max_age 1h\n"
                                  "device_evidence sim\n"
                                  "root other.pem\n"
                                  "measurement bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
                                  "max_age 1h\n";

static char folder[64];

static struct {
    char paths[64][128];
    size_t path_count;
    char told[16384];
} world;

/* Lives until the test ends. */
static char *path_of(const char *name)
{
    char *path = world.paths[world.path_count++];

    assert_true(world.path_count <= ARRAY_LEN(world.paths));
    (void)snprintf(path, sizeof world.paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *name, struct view bytes)
{
    FILE *file = fopen(path_of(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static void put_key(const char *name, enum trust_key which)
{
    uint8_t bytes[PEM_MAX];
    struct buf pem = BUF_OF(bytes);

    assert_int_equal(pem_write_public(trust_point(which), &pem), STATUS_OK);
    put(name, buf_view(&pem));
}

static void put_evidence(const char *federation, uint8_t measured)
{
    uint8_t nonce[SHA512_SIZE] = {0x12, 0x34}, measurement[DIGEST_SIZE], bytes[1024];
    const struct sim_evidence evidence = {view_of_string(federation), TRUST_NOW + 100, TRUST_NOW - 10, VIEW_OF(nonce),
                                          VIEW_OF(measurement)};
    const struct p256_key root = trust_key(TRUST_ROOT);
    struct buf out = BUF_OF(bytes);

    memset(measurement, measured, sizeof measurement);
    assert_int_equal(sim_attest(&evidence, &root, trust_random(), &out), STATUS_OK);
    put("evidence", buf_view(&out));
}

static void put_signed(enum trust_key who)
{
    const struct p256_key owner = trust_key(who);
    uint8_t bytes[POLICY_SIGNED_MAX];
    struct buf out = BUF_OF(bytes);
    struct reason reason = {""};

    assert_int_equal(policy_sign_file(path_of("policy.conf"), &owner, &out, &reason), STATUS_OK);
    put("policy.cbor", buf_view(&out));
}

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/appraise-test-XXXXXX");
    world.path_count = 0;
    if (mkdtemp(folder) == NULL)
        return -1;
    put_key("root.pem", TRUST_ROOT);
    put_key("other.pem", TRUST_OTHER);
    put_key("owner.pem", TRUST_OWNER);
    put("policy.conf", view_of_string(policy_text));
    put_evidence("home", 0xaa);
    return 0;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 ? 0 : -1;
}

/* Runs the command with what it prints, on either way, in world.told. Words end with NULL. */
static int run(char *first, ...)
{
    static const struct command command = {"appraise", appraise_command, "", "\n"};
    char *words[32] = {"sim", path_of("evidence")};
    FILE *file = fopen(path_of("told"), "w+b");
    const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    int count = 2, code;
    va_list rest;

    va_start(rest, first);
    for (char *word = first; word != NULL; word = va_arg(rest, char *))
        words[count++] = word;
    va_end(rest);
    assert_non_null(file);
    (void)fflush(stdout);
    (void)dup2(fileno(file), STDOUT_FILENO);
    (void)dup2(fileno(file), STDERR_FILENO);
    code = appraise_command(&command, count, words);
    (void)fflush(stdout);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(err, STDERR_FILENO);
    (void)close(out);
    (void)close(err);
    rewind(file);
    world.told[fread(world.told, 1, sizeof world.told - 1, file)] = '\0';
    (void)fclose(file);
    return code;
}

static void tells(const char *text)
{
    if (strstr(world.told, text) == NULL)
        fail_msg("no '%s' in: %s", text, world.told);
}

#define WITH_POLICY(name) "--at", AT_NOW, "--policy", path_of(name)

static void without_a_policy_nothing_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(run("--at", AT_NOW, "--key", path_of("root.pem"), NULL), EXIT_AUTHENTIC);
    tells("verdict: authentic");
    tells("SIMULATED");
    assert_int_equal(run("--at", AT_NOW, "--key", path_of("other.pem"), NULL), EXIT_REFUSED);
    tells("(EVIDENCE_ROOT)");
    assert_int_equal(run("--at", AT_NOW, NULL), EXIT_REFUSED);
    assert_int_equal(run("--at", "1790000099", "--key", path_of("root.pem"), NULL), EXIT_AUTHENTIC);
    assert_int_equal(run("--at", "1790000100", "--key", path_of("root.pem"), NULL), EXIT_REFUSED);
    tells("EVIDENCE_EXPIRED");
}

static void a_policy_decides_and_is_named(void **state)
{
    (void)state;
    put_signed(TRUST_OWNER);
    assert_int_equal(run(WITH_POLICY("policy.cbor"), "--owner-key", path_of("owner.pem"), NULL), EXIT_OK);
    tells("verdict: accepted");
    tells("policy of the federation home, version 3, what it accepts of aggregators and devices\n");
    tells("it fits what is accepted of aggregators\n");
    assert_null(strstr(world.told, "note:"));
    assert_int_equal(run(WITH_POLICY("policy.cbor"), NULL), EXIT_OK);
    tells("the signature was not verified");
    assert_int_equal(run(WITH_POLICY("policy.conf"), NULL), EXIT_OK);
    tells("nobody signed it");
}

static void a_list_may_be_picked(void **state)
{
    (void)state;
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--for", "aggregator", NULL), EXIT_OK);
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--for", "both", NULL), EXIT_OK);
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--for", "device", NULL), EXIT_REFUSED);
    tells("what it accepts of devices\n");
    tells("(EVIDENCE_ROOT)");
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--for", "owner", NULL), EXIT_USAGE);
}

/* Of several entries the one that came furthest is told: the measurement, not the other's root. */
static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    put_evidence("home", 0xcc);
    assert_int_equal(run(WITH_POLICY("policy.conf"), NULL), EXIT_REFUSED);
    tells("verdict: refused: measurement");
    put_evidence("elsewhere", 0xaa);
    assert_int_equal(run(WITH_POLICY("policy.conf"), NULL), EXIT_REFUSED);
    tells("(EVIDENCE_FEDERATION)");
    assert_int_equal(run("--at", AT_NOW, "--key", path_of("root.pem"), NULL), EXIT_AUTHENTIC);
}

static void a_policy_that_somebody_else_signed_accepts_nothing(void **state)
{
    (void)state;
    put_signed(TRUST_OTHER);
    assert_int_equal(run(WITH_POLICY("policy.cbor"), "--owner-key", path_of("owner.pem"), NULL), EXIT_REFUSED);
    tells("verdict: refused: the policy is signed by the owner");
    assert_int_equal(run(WITH_POLICY("policy.cbor"), "--owner-key", path_of("owner.pem"), "--json", NULL),
                     EXIT_REFUSED);
    tells("\"verdict\":\"refused\",\"reasons\":[\"FORGED\"]");
}

/* Now this evidence has long been over, and the policy, whenever now is, may be too. */
static void a_policy_that_is_over_accepts_nothing_now(void **state)
{
    char *text = strdup(policy_text);

    (void)state;
    assert_non_null(text);
    memcpy(strstr(text, "2026-09-21"), "1999-01-01", 10);
    memcpy(strstr(text, "2027-09-21"), "2000-01-01", 10);
    put("policy.conf", view_of_string(text));
    free(text);
    assert_int_equal(run("--policy", path_of("policy.conf"), "--json", NULL), EXIT_REFUSED);
    tells("\"POLICY_EXPIRED\"");
    assert_int_equal(run(WITH_POLICY("policy.conf"), NULL), EXIT_OK);
    tells("note: at that time the policy has expired");
}

static void what_is_no_policy_is_told(void **state)
{
    (void)state;
    assert_int_equal(run(WITH_POLICY("evidence"), NULL), EXIT_USAGE);
    tells("neither a signed policy nor the text of one");
    put("policy.conf", VIEW_TEXT("federation home\nwhat 1\n"));
    assert_int_equal(run(WITH_POLICY("policy.conf"), NULL), EXIT_USAGE);
    tells("policy.conf:2: what");
}

static void a_nonce_is_bound_with_zeros_behind(void **state)
{
    (void)state;
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--nonce", "1234", NULL), EXIT_OK);
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--nonce", "12340000", NULL), EXIT_OK);
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--nonce", "12", NULL), EXIT_REFUSED);
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--nonce", "1235", NULL), EXIT_REFUSED);
    tells("EVIDENCE_BINDING");
    assert_int_equal(run(WITH_POLICY("policy.conf"), "--nonce", "", NULL), EXIT_USAGE);
}

static void times_are_read_in_three_ways(void **state)
{
    static const struct {
        const char *text;
        uint64_t want; /* 1: refused */
    } cases[] = {
        {"0", 0},
        {"1790000000", 1790000000},
        {"2025-07-01", 1751328000},
        {"2025-07-01T00:00:01Z", 1751328001},
        {"4102444800", 4102444800u},
        {"4102444801", 1},
        {"99999999999999999999999999", 1},
        {"", 1},
        {"-5", 1},
        {"+5", 1},
        {"5 ", 1},
        {"2025-02-30", 1},
        {"2025-07-01T00:00:01", 1},
        {"now", 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t got = 1;

        print_message("  %s\n", cases[i].text);
        assert_int_equal(inputs_time(cases[i].text, &got) == NULL, cases[i].want != 1);
        assert_int_equal(got, cases[i].want);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_policy_nothing_is_accepted),
        TEST(a_policy_decides_and_is_named),
        TEST(a_list_may_be_picked),
        TEST(what_does_not_fit_is_refused),
        TEST(a_policy_that_somebody_else_signed_accepts_nothing),
        TEST(a_policy_that_is_over_accepts_nothing_now),
        TEST(what_is_no_policy_is_told),
        TEST(a_nonce_is_bound_with_zeros_behind),
        TEST(times_are_read_in_three_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
