/* The keys of tacit-aggregator's configuration that say where its enclave is and what it runs in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "pem.h"
#include "settings.h"
#include "trust_support.h"

static char folder[] = "/tmp/tacit-settings-XXXXXX";

static void write_file(const char *name, struct view bytes)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    uint8_t text[PEM_MAX];
    struct buf pem = BUF_OF(text);
    struct p256_key key;

    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    assert_int_equal(p256_generate(trust_random(), &key), STATUS_OK);
    assert_int_equal(pem_write_public(VIEW_OF(key.point), &pem), STATUS_OK);
    write_file("owner.pub", buf_view(&pem));
    write_file("policy.cbor", VIEW_TEXT("policy"));
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"owner.pub", "policy.cbor", "a.conf"};
    char path[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

/* Reads a configuration that is whole but for these lines. */
static enum status read_lines(const char *lines, struct settings *out, struct reason *reason)
{
    char text[2048], path[256];

    snprintf(text, sizeof text,
             "aggregator agg\npolicy policy.cbor\nowner_key owner.pub\nbroker localhost\nplain true\ndatabase a.db\n%s",
             lines);
    write_file("a.conf", view_of_string(text));
    snprintf(path, sizeof path, "%s/a.conf", folder);
    return aggregator_settings_read(path, out, reason);
}

static void every_way_to_an_enclave_is_understood(void **state)
{
    static const struct {
        const char *lines;
        enum gate_place place;
        const char *path; /* behind the folder when it does not begin with / */
        uint32_t cid, port;
        int tee;
    } cases[] = {
        {"enclave /usr/bin/tacit-enclave\ntee sim\nsim_root root.key\n", GATE_PROGRAM, "/usr/bin/tacit-enclave", 0, 0,
         SETTINGS_TEE_SIM},
        {"enclave tacit-enclave\ntee gramine\n", GATE_PROGRAM, "tacit-enclave", 0, 0, SETTINGS_TEE_GRAMINE},
        {"enclave ./e\ntee tsm\n", GATE_PROGRAM, "./e", 0, 0, SETTINGS_TEE_TSM},
        {"enclave unix:/run/gate\n", GATE_UNIX, "/run/gate", 0, 0, -1},
        {"enclave unix:gate\n", GATE_UNIX, "gate", 0, 0, -1},
        {"enclave vsock:3:5000\n", GATE_VSOCK, NULL, 3, 5000, -1},
        {"enclave vsock:1:4294967294\n", GATE_VSOCK, NULL, 1, 4294967294u, -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings settings;
        struct reason reason = {""};
        char path[512] = "";

        if (read_lines(cases[i].lines, &settings, &reason) != STATUS_OK)
            fail_msg("%s: %s", cases[i].lines, reason.text);
        if (cases[i].path != NULL)
            snprintf(path, sizeof path, "%s%s%s", cases[i].path[0] == '/' ? "" : folder,
                     cases[i].path[0] == '/' ? "" : "/", cases[i].path);
        assert_int_equal(settings.enclave.place, cases[i].place);
        assert_string_equal(settings.enclave.path, path);
        assert_int_equal(settings.enclave.cid, cases[i].cid);
        assert_int_equal(settings.enclave.port, cases[i].port);
        assert_int_equal(settings.tee, cases[i].tee);
        assert_string_equal(settings.gramine_sgx, "/usr/bin/gramine-sgx");
        aggregator_settings_free(&settings);
    }
}

static void what_does_not_belong_together_is_refused(void **state)
{
    static const struct {
        const char *lines, *says;
    } cases[] = {
        {"tee sim\nsim_root r\n", "enclave is missing"},
        {"enclave e\n", "tee is missing"},
        {"enclave e\nsim_root r\n", "tee is missing"},
        {"enclave e\ntee sim\n", "sim_root is missing"},
        {"enclave e\ntee gramine\nsim_root r\n", "sim_root goes with tee sim"},
        {"enclave e\ntee tsm\nsim_root r\n", "sim_root goes with tee sim"},
        {"enclave e\ntee sgx\n", "none of"},
        {"enclave unix:/g\ntee tsm\n", "has chosen for itself"},
        {"enclave unix:/g\nsim_root r\n", "sim_root goes with tee sim"},
        {"enclave unix:\n", "enclave"},
        {"enclave "
         "unix:/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
         "78901234567890\n",
         "1 to 107 characters"},
        {"enclave vsock:\n", "vsock:CID:PORT"},
        {"enclave vsock:3\n", "vsock:CID:PORT"},
        {"enclave vsock:3:\n", "vsock:CID:PORT"},
        {"enclave vsock:0:5\n", "vsock:CID:PORT"},
        {"enclave vsock:3:0\n", "vsock:CID:PORT"},
        {"enclave vsock:-1:5\n", "vsock:CID:PORT"},
        {"enclave vsock:3:5x\n", "vsock:CID:PORT"},
        {"enclave vsock:3: 5\n", "vsock:CID:PORT"},
        {"enclave vsock:4294967295:5\n", "vsock:CID:PORT"},
        {"enclave vsock:3:4294967295\n", "vsock:CID:PORT"},
        {"enclave vsock:3:18446744073709551617\n", "vsock:CID:PORT"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings settings;
        struct reason reason = {""};

        if (read_lines(cases[i].lines, &settings, &reason) != STATUS_CONFIG)
            fail_msg("%s: taken", cases[i].lines);
        if (strstr(reason.text, cases[i].says) == NULL)
            fail_msg("%s: says \"%s\"", cases[i].lines, reason.text);
        aggregator_settings_free(&settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_an_enclave_is_understood),
        cmocka_unit_test(what_does_not_belong_together_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
