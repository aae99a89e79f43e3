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

/* Reads a file of those lines, without the one that begins with `without`, and with `more` behind them. */
static enum status read_lines(const char *without, const char *more, struct daemon_settings *out, struct reason *reason)
{
    char text[4096] = "";

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (without != NULL && strncmp(lines[i], without, strlen(without)) == 0)
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
    assert_string_equal(settings.database, at("node.db"));
    assert_memory_equal(settings.owner_key, key.point, sizeof key.point);
    assert_memory_equal(settings.sim_root.scalar, key.scalar, sizeof key.scalar);
    assert_true(settings.port == 8883 && settings.max_parameters == 1000000 && settings.seed == 1);
    assert_true(settings.algorithm == 0 && !settings.half && settings.keep_sealed == NULL);
    assert_int_equal(settings.log_level, LOG_LEVEL_INFO);
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
    assert_true(settings.port == 1883 && settings.half && settings.seed == 7 && settings.max_parameters == 5);
    assert_string_equal(settings.keep_sealed, at("audit"));
    assert_string_equal(settings.endorsements, at("vouchers"));
    assert_int_equal(settings.log_level, LOG_LEVEL_DEBUG);
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
        cmocka_unit_test_setup_teardown(refuses_and_says_where, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
