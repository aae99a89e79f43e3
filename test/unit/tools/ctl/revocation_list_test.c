/* The owner's revocation list: its text, and what of it is signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "revocation_list.h"
#include "revocations.h"
#include "trust_support.h"
#include "values.h"

#define CTI     "00112233445566778899aabbccddeeff"
#define PROGRAM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONGEST PROGRAM PROGRAM
#define NAME(n) n n n n n n n n
#define NAME64  NAME("abcdefgh")

static struct revocation_list list;
static char folder[64], path[96];

static int setup(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/revocations_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/revocations.conf", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void put(const char *text)
{
    assert_int_equal(file_write(path, 0600, view_of_string(text), NULL), STATUS_OK);
}

static void add(enum revoked_sort sort, const char *text, bool want)
{
    struct revoked_entry entry;
    bool added;

    assert_null(revoked_entry_make(sort, text, &entry));
    assert_int_equal(revocation_list_add(&list, &entry, &added), STATUS_OK);
    assert_int_equal(added, want);
}

static void what_no_entry_can_be_is_refused(void **state)
{
    static const struct {
        enum revoked_sort sort;
        const char *text;
        bool good;
    } cases[] = {
        {REVOKED_DEVICE, "sensor-7", true},
        {REVOKED_DEVICE, NAME64, true},
        {REVOKED_DEVICE, NAME64 "x", false},
        {REVOKED_DEVICE, "", false},
        {REVOKED_DEVICE, "a b", false},
        {REVOKED_DEVICE, "a/b", false},
        {REVOKED_CREDENTIAL, CTI, true},
        {REVOKED_CREDENTIAL, CTI "00", false},
        {REVOKED_CREDENTIAL, "001122", false},
        {REVOKED_CREDENTIAL, "", false},
        {REVOKED_CREDENTIAL, "g0112233445566778899aabbccddeeff", false},
        {REVOKED_MEASUREMENT, "sim " PROGRAM, true},
        {REVOKED_MEASUREMENT, "sim \t " PROGRAM, true},
        {REVOKED_MEASUREMENT, "sim 00", true},
        {REVOKED_MEASUREMENT, "abcdefghijklmnop " LONGEST, true},
        {REVOKED_MEASUREMENT, "abcdefghijklmnopq 00", false},
        {REVOKED_MEASUREMENT, "sim " LONGEST "00", false},
        {REVOKED_MEASUREMENT, "sim 0", false},
        {REVOKED_MEASUREMENT, "sim ", false},
        {REVOKED_MEASUREMENT, "sim", false},
        {REVOKED_MEASUREMENT, " 00", false},
        {REVOKED_MEASUREMENT, "sim 00 11", false},
    };
    struct revoked_entry entry;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s %s\n", revoked_word(cases[i].sort), cases[i].text);
        assert_int_equal(revoked_entry_make(cases[i].sort, cases[i].text, &entry) == NULL, cases[i].good);
    }
}

static void a_list_that_is_written_is_read_again(void **state)
{
    static struct revocation_list again;
    struct revoked_entry entry;
    struct reason reason = {""};

    (void)state;
    list = (struct revocation_list){.version = 12};
    add(REVOKED_MEASUREMENT, "sim BB", true);
    add(REVOKED_DEVICE, "b", true);
    add(REVOKED_CREDENTIAL, CTI, true);
    add(REVOKED_DEVICE, "a", true);
    add(REVOKED_DEVICE, "b", false);
    add(REVOKED_MEASUREMENT, "sim  bb", false);
    assert_int_equal(revocation_list_write(path, &list, &reason), STATUS_OK);
    assert_int_equal(revocation_list_read(path, &again, &reason), STATUS_OK);
    assert_int_equal(again.version, 12);
    assert_int_equal(again.count, 4);
    assert_string_equal(again.entries[0].text, "a");
    assert_string_equal(again.entries[1].text, "b");
    assert_string_equal(again.entries[2].text, CTI);
    assert_string_equal(again.entries[3].text, "sim bb");
    assert_null(revoked_entry_make(REVOKED_DEVICE, "b", &entry));
    assert_true(revocation_list_remove(&again, &entry));
    assert_false(revocation_list_remove(&again, &entry));
    assert_int_equal(again.count, 3);
    assert_string_equal(again.entries[1].text, CTI);
}

static void a_file_that_is_not_there_is_version_0(void **state)
{
    struct reason reason = {""};

    (void)state;
    list.version = list.count = 7;
    assert_int_equal(revocation_list_read(path, &list, &reason), STATUS_OK);
    assert_int_equal(list.version, 0);
    assert_int_equal(list.count, 0);
}

static void a_wrong_file_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"device a\n", "version is missing"},
        {"version 0\n", ":1: version: 0 is below 1"},
        {"version 1\nversion 2\n", ":2: version: stands twice"},
        {"version 1\ndevice a b\n", ":2: device: a device's name"},
        {"version 1\n\ncredential 00\n", ":3: credential: a credential's id"},
        {"version 1\nmeasurement " PROGRAM "\n", ":2: measurement: a measurement is"},
        {"version 1\ndevices a\n", ":2: devices: no such key"},
        {"version 1\ndevice a\ndevice b\ndevice a\n", "device a stands twice"},
        {"version 1\nmeasurement sim AA\nmeasurement sim aa\n", "measurement sim aa stands twice"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reason reason = {""};
        put(cases[i].text);
        assert_int_equal(revocation_list_read(path, &list, &reason), STATUS_CONFIG);
        print_message("  %s\n", reason.text);
        assert_non_null(strstr(reason.text, cases[i].reason));
    }
}

/* In the order of the text, so that what is signed decodes whatever the kinds and lengths are. */
static void what_is_signed_decodes_in_order(void **state)
{
    const struct p256_key owner = trust_key(TRUST_OWNER);
    static uint8_t bytes[REVOCATIONS_SIGNED_MAX];
    struct buf message = BUF_OF(bytes);
    struct revocations parts;
    struct view payload;
    struct reader reader;

    (void)state;
    list = (struct revocation_list){.version = 3};
    add(REVOKED_DEVICE, "a-b", true);
    add(REVOKED_DEVICE, "a", true);
    add(REVOKED_DEVICE, "aB", true);
    add(REVOKED_DEVICE, "a_b", true);
    add(REVOKED_DEVICE, "A", true);
    add(REVOKED_CREDENTIAL, CTI, true);
    add(REVOKED_CREDENTIAL, "ff112233445566778899AABBCCDDEEFF", true);
    add(REVOKED_MEASUREMENT, "sgx ff", true);
    add(REVOKED_MEASUREMENT, "sgx2 00", true);
    add(REVOKED_MEASUREMENT, "sgx 00ff", true);
    add(REVOKED_MEASUREMENT, "sgx 00", true);
    add(REVOKED_MEASUREMENT, "sgx-x 00", true);
    assert_int_equal(revocation_list_sign(&list, VIEW_TEXT("home"), &owner, &message), STATUS_OK);
    assert_int_equal(
        revocations_verify(buf_view(&message), trust_point(TRUST_OWNER), VIEW_TEXT("home"), &parts, &payload),
        STATUS_OK);
    assert_int_equal(parts.version, 3);
    assert_int_equal(parts.device_count, 5);
    assert_int_equal(parts.credential_count, 2);
    assert_int_equal(parts.program_count, 5);
    reader = reader_of(parts.devices);
    assert_true(view_equal(read_name(&reader), VIEW_TEXT("A")));
    assert_true(view_equal(read_name(&reader), VIEW_TEXT("a")));
    reader = reader_of(parts.programs);
    assert_int_equal(read_revoked_program(&reader).measurement.len, 1);
    assert_int_equal(read_revoked_program(&reader).measurement.len, 2);
    assert_int_equal(
        revocations_verify(buf_view(&message), trust_point(TRUST_OTHER), VIEW_TEXT("home"), &parts, &payload),
        STATUS_FORGED);
    assert_int_equal(
        revocations_verify(buf_view(&message), trust_point(TRUST_OWNER), VIEW_TEXT("work"), &parts, &payload),
        STATUS_REVOCATIONS_FOREIGN);
}

static void the_largest_list_goes_through_its_file_and_one_entry_more_does_not(void **state)
{
    const struct p256_key owner = trust_key(TRUST_OWNER);
    static uint8_t bytes[REVOCATIONS_SIGNED_MAX];
    struct buf message = BUF_OF(bytes);
    struct reason reason = {""};
    struct revoked_entry entry;
    bool added;

    (void)state;
    list = (struct revocation_list){.version = REVOCATIONS_VERSION_MAX};
    for (unsigned int i = 0; i < REVOCATIONS_MAX; i++) {
        char text[REVOKED_TEXT_MAX];
        snprintf(text, sizeof text, "abcdefghijklmnop %08x%.120s", i, LONGEST);
        add(REVOKED_MEASUREMENT, text, true);
    }
    assert_null(revoked_entry_make(REVOKED_DEVICE, "a", &entry));
    assert_int_equal(revocation_list_add(&list, &entry, &added), STATUS_NO_SPACE);
    assert_int_equal(revocation_list_write(path, &list, &reason), STATUS_OK);
    list.count = 0;
    assert_int_equal(revocation_list_read(path, &list, &reason), STATUS_OK);
    assert_int_equal(list.count, REVOCATIONS_MAX);
    assert_int_equal(revocation_list_sign(&list, VIEW_TEXT(NAME64), &owner, &message), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_entry_can_be_is_refused),
        cmocka_unit_test_setup_teardown(a_list_that_is_written_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_version_0, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_file_is_refused_with_its_line, setup, teardown),
        cmocka_unit_test(what_is_signed_decodes_in_order),
        cmocka_unit_test_setup_teardown(the_largest_list_goes_through_its_file_and_one_entry_more_does_not, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
