#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "file.h"
#include "store.h"

static char folder[64], path[96];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/store_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/node.db", folder);
    return 0;
}

static int end(void **state)
{
    char log[128];

    (void)state;
    (void)unlink(path);
    snprintf(log, sizeof log, "%s-wal", path);
    (void)unlink(log);
    snprintf(log, sizeof log, "%s-shm", path);
    (void)unlink(log);
    return rmdir(folder);
}

static struct store open_well(void)
{
    struct store store = {NULL};
    struct reason reason = {""};

    assert_int_equal(store_open(path, &store, &reason), STATUS_OK);
    return store;
}

static void assert_kept(struct store *store, const char *key, struct view wanted)
{
    uint8_t bytes[64];
    struct buf out = BUF_OF(bytes);

    assert_int_equal(store_load(store, key, &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), wanted));
}

static void gives_back_what_was_kept_after_a_restart(void **state)
{
    static const uint8_t bytes[] = {0, 1, 0xff, 0};

    (void)state;
    {
        CLEANUP(store_close) struct store store = open_well();

        assert_int_equal(store_keep(&store, "policy", VIEW_OF(bytes)), STATUS_OK);
        assert_int_equal(store_keep(&store, "head", VIEW_TEXT("one")), STATUS_OK);
        assert_int_equal(store_keep(&store, "head", VIEW_TEXT("another")), STATUS_OK);
    }
    CLEANUP(store_close) struct store store = open_well();
    assert_kept(&store, "policy", VIEW_OF(bytes));
    assert_kept(&store, "head", VIEW_TEXT("another"));
}

/* A second connection sees what is committed only. */
static void what_is_kept_is_committed_before_it_returns(void **state)
{
    (void)state;
    CLEANUP(store_close) struct store store = open_well();
    CLEANUP(store_close) struct store other = {NULL};
    struct reason reason = {""};

    assert_int_equal(store_open_to_read(path, &other, &reason), STATUS_OK);
    assert_int_equal(store_keep(&store, "outbox", VIEW_TEXT("update")), STATUS_OK);
    assert_kept(&other, "outbox", VIEW_TEXT("update"));
}

static void nothing_forgets_a_key_and_no_other(void **state)
{
    uint8_t bytes[8];
    struct buf out = BUF_OF(bytes);

    (void)state;
    CLEANUP(store_close) struct store store = open_well();
    assert_int_equal(store_load(&store, "head", &out), STATUS_NOT_FOUND);
    assert_int_equal(store_keep(&store, "head", VIEW_TEXT("h")), STATUS_OK);
    assert_int_equal(store_keep(&store, "policy", VIEW_TEXT("p")), STATUS_OK);
    assert_int_equal(store_keep(&store, "head", (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(store_keep(&store, "head", (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(store_load(&store, "head", &out), STATUS_NOT_FOUND);
    assert_int_equal(out.len, 0);
    assert_kept(&store, "policy", VIEW_TEXT("p"));
}

static void refuses_to_load_into_less_room(void **state)
{
    uint8_t bytes[3];
    struct buf out = BUF_OF(bytes);

    (void)state;
    CLEANUP(store_close) struct store store = open_well();
    assert_int_equal(store_keep(&store, "head", VIEW_TEXT("four")), STATUS_OK);
    assert_int_equal(store_load(&store, "head", &out), STATUS_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void refuses_a_file_that_is_not_its_own(void **state)
{
    struct store store = {NULL};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(file_write(path, 0600, VIEW_TEXT("This is a text of some length and no database."), &reason),
                     STATUS_OK);
    assert_int_equal(store_open(path, &store, &reason), STATUS_MALFORMED);
    assert_null(store.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_back_what_was_kept_after_a_restart, begin, end),
        cmocka_unit_test_setup_teardown(what_is_kept_is_committed_before_it_returns, begin, end),
        cmocka_unit_test_setup_teardown(nothing_forgets_a_key_and_no_other, begin, end),
        cmocka_unit_test_setup_teardown(refuses_to_load_into_less_room, begin, end),
        cmocka_unit_test_setup_teardown(refuses_a_file_that_is_not_its_own, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
