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

#include "audit.h"
#include "file.h"

static char folder[64];

static void assert_file(const char *name, const char *wanted)
{
    CLEANUP(file_free) struct buf got = {0};
    char path[128];
    struct stat found;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(file_read(path, 4096, &got, NULL), STATUS_OK);
    assert_string_equal((const char *)got.ptr, wanted);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_int_equal(unlink(path), 0);
}

static void keeps_each_chunk_and_the_key_for_the_owner_alone(void **state)
{
    static const uint8_t key[] = {0, 1, 0xfe, 0xff};
    const struct audit audit = {folder, "sensor-17"};
    const struct audit_chunk first = {4, 0, VIEW_TEXT("first"), VIEW_OF(key)};
    const struct audit_chunk second = {4, 1, VIEW_TEXT("second"), VIEW_OF(key)};
    struct reason reason = {""};

    (void)state;
    strcpy(folder, P_tmpdir "/audit_test_XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(audit_keep(&audit, &first, &reason), STATUS_OK);
    assert_int_equal(audit_keep(&audit, &second, &reason), STATUS_OK);
    assert_file("4.sensor-17.0.cose", "first");
    assert_file("4.sensor-17.1.cose", "second");
    assert_file("4.sensor-17.key", "0001feff");
    assert_int_equal(rmdir(folder), 0);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    const struct audit audit = {"/nowhere", "sensor-17"};
    const struct audit_chunk chunk = {4, 0, VIEW_TEXT("first"), VIEW_TEXT("key")};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(audit_keep(&audit, &chunk, &reason), STATUS_IO);
    assert_non_null(strstr(reason.text, "/nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_each_chunk_and_the_key_for_the_owner_alone),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
