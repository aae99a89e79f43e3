#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "pem.h"
#include "random.h"
#include "settings.h"

static char folder[64];
static struct p256_key key;

static const char *at(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int begin(void **state)
{
    const struct random_port random = {.fill = os_random};
    uint8_t text[PEM_MAX];
    struct buf pem = BUF_OF(text);

    (void)state;
    strcpy(folder, P_tmpdir "/settings_test_XXXXXX");
    if (mkdtemp(folder) == NULL || p256_generate(&random, &key) != STATUS_OK ||
        pem_write_private(&key, &pem) != STATUS_OK ||
        file_write(at("root.key"), 0600, buf_view(&pem), NULL) != STATUS_OK ||
        file_write(at("open.key"), 0644, buf_view(&pem), NULL) != STATUS_OK)
        return -1;
    pem.len = 0;
    if (pem_write_public(VIEW_OF(key.point), &pem) != STATUS_OK ||
        file_write(at("owner.pub"), 0600, buf_view(&pem), NULL) != STATUS_OK)
        return -1;
    return 0;
}

static int end(void **state)
{
    static const char *const files[] = {"root.key", "open.key", "owner.pub", "node.conf"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        (void)unlink(at(files[i]));
    return rmdir(folder);
}

/* All that must stand, one key a line. */
static const char *const lines[] = {
    "federation factory", "aggregator gateway-1", "device sensor-17",        "owner_key owner.pub",
    "attester sim",       "sim_root root.key",    "broker localhost",        "plain true",
    "database node.db",   "runner /bin/true",     "package /packages/dense",
};

/* Whether a line begins with one of the words, which stand between |. */
static bool begins_with(const char *line, const char *words)
{
    while (words != NULL && *words != '\0') {
        const size_t len = strcspn(words, "|");

        if (strncmp(line, words, len) == 0)
            return true;
        words += len + (words[len] == '|');
    }
    return false;
}

/* Reads a file of those lines, without those that begin with `without`, and with `more` behind them. */
static enum status read_lines(const char *without, const char *more, struct daemon_settings *out, struct reason *reason)
{
    char text[4096] = "";

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (begins_with(lines[i], without))
            continue;
        strcat(text, lines[i]);
        strcat(text, "\n");
    }
    strcat(text, more);
    assert_int_equal(file_write(at("node.conf"), 0600, view_of_string(text), reason), STATUS_OK);
    return daemon_settings_read(at("node.conf"), out, reason);
}

static void what_must_stand_is_enough(void **state)
{
    CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(read_lines(NULL, "", &settings, &reason), STATUS_OK);
    assert_string_equal(settings.device, "sensor-17");
    assert_string_equal(settings.service.database, at("node.db"));
    assert_memory_equal(settings.owner_key, key.point, sizeof key.point);
    assert_memory_equal(settings.sim_root.scalar, key.scalar, sizeof key.scalar);
    assert_true(settings.service.port == 8883 && settings.max_parameters == 1000000 && settings.seed == 1);
    assert_true(settings.algorithm == 0 && !settings.half && settings.keep_sealed == NULL);
    assert_int_equal(settings.service.log_level, LOG_LEVEL_INFO);
    assert_int_equal(settings.package_options.count, 0);
}

static void all_that_may_stand_is_taken(void **state)
{
    CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(
        read_lines(
            "plain",
            "cafile ca.crt\ncertfile a.crt\nkeyfile a.key\nport 1883\nhalf true\nseed 7\n"
            "max_parameters 5\nkeep_sealed audit\nendorsements vouchers\nlog_level debug\nalgorithm ChaCha20-Poly1305\n"
            "package_option data /a b/c\npackage_option part 3\n",
            &settings, &reason),
        STATUS_OK);
    assert_true(settings.service.port == 1883 && settings.half && settings.seed == 7 && settings.max_parameters == 5);
    assert_string_equal(settings.keep_sealed, at("audit"));
    assert_string_equal(settings.endorsements, at("vouchers"));
    assert_int_equal(settings.service.log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(settings.package_options.count, 2);
    assert_string_equal(settings.package_options.items[0].name, "data");
    assert_string_equal(settings.package_options.items[0].value, "/a b/c");
}

static void every_algorithm_has_its_number(void **state)
{
    static const struct {
        const char *line;
        int number;
    } cases[] = {
        {"algorithm A128GCM\n", 1},
        {"algorithm A256GCM\n", 3},
        {"algorithm ChaCha20-Poly1305\n", 24},
        {"algorithm AES-CCM-16-128-256\n", 31},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
        struct reason reason = {""};

        assert_int_equal(read_lines(NULL, cases[i].line, &settings, &reason), STATUS_OK);
        assert_int_equal(settings.algorithm, cases[i].number);
    }
}

#define OTHER "attester|sim_root" /* the lines that make way for another attester */

static void a_tpm_needs_nothing_but_its_name(void **state)
{
    CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(read_lines(OTHER, "attester tpm\n", &settings, &reason), STATUS_OK);
    assert_int_equal(settings.attester, ATTESTER_TPM);
    assert_string_equal(settings.tpm.tcti, "device:/dev/tpmrm0");
    assert_int_equal(settings.tpm.handle, 0x81010002);
    assert_true(settings.tpm.pcrs.count == 1 && settings.tpm.pcrs.banks[0].alg == TPM_SHA256);
    assert_int_equal(settings.tpm.pcrs.banks[0].pcrs, 0x408f);
    assert_int_equal(settings.tpm.timeout_ms, 20000);
}

static void all_of_a_tpm_may_be_said(void **state)
{
    CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(read_lines(OTHER,
                                "attester tpm\ntpm_tcti swtpm:host=127.0.0.1,port=2321\ntpm_handle 0x81FFFFFF\n"
                                "tpm_pcrs sha384:7+sha256:0\nattester_timeout 1m\n",
                                &settings, &reason),
                     STATUS_OK);
    assert_string_equal(settings.tpm.tcti, "swtpm:host=127.0.0.1,port=2321");
    assert_int_equal(settings.tpm.handle, 0x81ffffff);
    assert_true(settings.tpm.pcrs.count == 2 && settings.tpm.pcrs.banks[0].alg == TPM_SHA384);
    assert_int_equal(settings.tpm.timeout_ms, 60000);
}

static void a_command_is_cut_into_words(void **state)
{
    CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(read_lines(OTHER,
                                "attester command\nattester_command /usr/libexec/token  --slot\t1\n"
                                "attester_kind psa\nattester_timeout 5\n",
                                &settings, &reason),
                     STATUS_OK);
    assert_int_equal(settings.attester, ATTESTER_COMMAND);
    assert_string_equal(settings.command.argv[0], "/usr/libexec/token");
    assert_string_equal(settings.command.argv[1], "--slot");
    assert_string_equal(settings.command.argv[2], "1");
    assert_null(settings.command.argv[3]);
    assert_string_equal(settings.command.kind, "psa");
    assert_int_equal(settings.command.timeout_ms, 5000);
}

static void refuses_and_says_where(void **state)
{
    static const struct {
        const char *why, *without, *more, *says;
    } cases[] = {
        {"no federation", "federation", "", "federation is missing"},
        {"no device", "device", "", "device is missing"},
        {"no choice of attester", "attester", "", "attester is missing"},
        {"no runner", "runner", "", "runner is missing"},
        {"an attester that there is not", "attester", "attester tdx\n", "node.conf:11: attester"},
        {"no root of a simulation", "sim_root", "", "node.conf:5: attester sim: sim_root is missing"},
        {"a root of a simulation, and a TPM", "attester", "attester tpm\n",
         "node.conf:5: sim_root: only with attester sim"},
        {"a TPM's key and a simulation", NULL, "tpm_tcti device:/dev/tpm0\n",
         "node.conf:12: tpm_tcti: only with attester tpm"},
        {"a level of a virtual machine, and Gramine", OTHER, "attester gramine\ntsm_privlevel 0\n",
         "tsm_privlevel: only with attester tsm"},
        {"a level that there is not", OTHER, "attester tsm\ntsm_privlevel 4\n", "tsm_privlevel"},
        {"a TEE's files and a simulation", NULL, "tee_root /x\n", "tee_root: only with attester gramine or tsm"},
        {"a root of a simulation, and Gramine", "attester", "attester gramine\n", "sim_root: only with attester sim"},
        {"a time and a simulation", NULL, "attester_timeout 5\n",
         "node.conf:12: attester_timeout: only with attester tpm or command"},
        {"a TPM's PCRs and a command", OTHER,
         "attester command\nattester_command /bin/true\nattester_kind psa\ntpm_pcrs sha256:7\n",
         "node.conf:13: tpm_pcrs: only with attester tpm"},
        {"a command and a TPM", OTHER, "attester tpm\nattester_command /bin/true\n",
         "node.conf:11: attester_command: only with attester command"},
        {"a command that is not there", OTHER, "attester command\nattester_kind psa\n",
         "node.conf:10: attester command: attester_command is missing"},
        {"a command of no kind", OTHER, "attester command\nattester_command /bin/true\n",
         "node.conf:10: attester command: attester_kind is missing"},
        {"a command without a folder", OTHER, "attester command\nattester_command token\nattester_kind psa\n",
         "node.conf:11: attester_command: the program's path is not absolute"},
        {"a command of 17 words", OTHER,
         "attester command\nattester_command /a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nattester_kind psa\n",
         "node.conf:11: attester_command: more than 16 words"},
        {"a command that simulates", OTHER, "attester command\nattester_command /bin/true\nattester_kind sim\n",
         "node.conf:12: attester_kind: simulated"},
        {"a kind of 17 letters", OTHER, "attester command\nattester_kind aaaaaaaaaaaaaaaaa\n",
         "node.conf:11: attester_kind"},
        {"a kind in capitals", OTHER, "attester command\nattester_kind PSA\n", "node.conf:11: attester_kind"},
        {"a handle of a transient key", OTHER, "attester tpm\ntpm_handle 0x80000000\n", "node.conf:11: tpm_handle"},
        {"a handle in decimal", OTHER, "attester tpm\ntpm_handle 2164326402\n", "node.conf:11: tpm_handle"},
        {"a handle and more", OTHER, "attester tpm\ntpm_handle 0x81010002x\n", "node.conf:11: tpm_handle"},
        {"PCRs of SHA-1", OTHER, "attester tpm\ntpm_pcrs sha1:7\n", "node.conf:11: tpm_pcrs: not sha256"},
        {"a PCR past the last", OTHER, "attester tpm\ntpm_pcrs sha256:24\n", "node.conf:11: tpm_pcrs: a PCR is"},
        {"no time at all", OTHER, "attester tpm\nattester_timeout 0\n", "node.conf:11: attester_timeout"},
        {"an hour", OTHER, "attester tpm\nattester_timeout 1h\n", "node.conf:11: attester_timeout"},
        {"keys kept, and a TPM", OTHER, "attester tpm\nkeep_sealed audit\n",
         "node.conf: keep_sealed: only with an attester that simulates"},
        {"an unknown key", NULL, "devise a\n", "node.conf:12: devise"},
        {"an algorithm that there is not", NULL, "algorithm A192GCM\n", "node.conf:12: algorithm: not one of"},
        {"a model of nothing", NULL, "max_parameters 0\n", "node.conf:12: max_parameters"},
        {"a model past the protocol", NULL, "max_parameters 1073741825\n", "node.conf:12: max_parameters"},
        {"a seed below 0", NULL, "seed -1\n", "node.conf:12: seed"},
        {"half a truth", NULL, "half yes\n", "node.conf:12: half"},
        {"an option without value", NULL, "package_option data\n", "node.conf:12: package_option"},
        {"an option twice", NULL, "package_option a 1\npackage_option a 2\n", "node.conf:13: package_option"},
        {"a name with a blank", "device", "device a b\n", "node.conf: federation, aggregator, device"},
        {"a name with a slash", "federation", "federation a/b\n", "node.conf: federation, aggregator, device"},
        {"TLS without certificates", "plain", "cafile ca.crt\n", "node.conf: cafile, certfile and keyfile"},
        {"an owner's key that is not there", "owner_key", "owner_key none.pub\n", "none.pub"},
        {"an owner's key that is private", "owner_key", "owner_key root.key\n", "root.key: not a P-256 public key"},
        {"a root that is public", "sim_root", "sim_root owner.pub\n", "owner.pub: not a P-256 private key"},
        {"a root that others may read", "sim_root", "sim_root open.key\n", "open.key"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(daemon_settings_free) struct daemon_settings settings = {0};
        struct reason reason = {""};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(read_lines(cases[i].without, cases[i].more, &settings, &reason), STATUS_CONFIG);
        if (strstr(reason.text, cases[i].says) == NULL)
            fail_msg("says: %s", reason.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_must_stand_is_enough, begin, end),
        cmocka_unit_test_setup_teardown(all_that_may_stand_is_taken, begin, end),
        cmocka_unit_test_setup_teardown(every_algorithm_has_its_number, begin, end),
        cmocka_unit_test_setup_teardown(a_tpm_needs_nothing_but_its_name, begin, end),
        cmocka_unit_test_setup_teardown(all_of_a_tpm_may_be_said, begin, end),
        cmocka_unit_test_setup_teardown(a_command_is_cut_into_words, begin, end),
        cmocka_unit_test_setup_teardown(refuses_and_says_where, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
