/* What the aggregator keeps over a restart, as far as nothing else tests it: the owner's revocation list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "journal.h"

#define APPLICATION_ID 0x54436167

static char folder[64], path[96];
static const uint8_t owner[] = {1, 2, 3}, another[] = {1, 2, 4}, nobody[] = {1, 2, 2};

static int setup(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/journal_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/journal.db", folder);
    return 0;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char file[128];
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        unlink(file);
    }
    return rmdir(folder);
}

static struct journal opened(void)
{
    struct journal journal;
    struct reason reason = {""};

    assert_int_equal(journal_open(path, &journal, &reason), STATUS_OK);
    return journal;
}

static void assert_list(struct journal *journal, struct view of, const char *want)
{
    struct buf list;

    assert_int_equal(journal_load_revocations(journal, of, &list), STATUS_OK);
    assert_true(view_equal(buf_view(&list), view_of_string(want)));
    free(list.ptr);
}

static void the_last_list_of_an_owner_is_there_after_a_restart(void **state)
{
    struct journal journal = opened();

    (void)state;
    assert_list(&journal, VIEW_OF(owner), "");
    assert_int_equal(journal_keep_revocations(&journal, VIEW_OF(owner), VIEW_TEXT("first")), STATUS_OK);
    assert_int_equal(journal_keep_revocations(&journal, VIEW_OF(owner), VIEW_TEXT("second")), STATUS_OK);
    journal_close(&journal);
    journal = opened();
    assert_list(&journal, VIEW_OF(owner), "second");
    assert_list(&journal, VIEW_OF(another), "");
    assert_int_equal(journal_keep_revocations(&journal, VIEW_OF(another), VIEW_TEXT("theirs")), STATUS_OK);
    assert_list(&journal, VIEW_OF(owner), "second");
    assert_list(&journal, VIEW_OF(another), "theirs");
    assert_list(&journal, VIEW_OF(nobody), "");
    journal_close(&journal);
}

static void a_file_from_before_there_were_lists_is_brought_up_to_date(void **state)
{
    static const char *const first[] = {
        "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL);"
        "INSERT INTO state (id, sealed) VALUES (1, x'7374617465');",
    };
    const struct db_schema schema = {APPLICATION_ID, first, ARRAY_LEN(first)};
    struct reason reason = {""};
    struct journal journal;
    struct buf sealed;
    struct db *db;

    (void)state;
    assert_int_equal(db_open(path, &schema, &db, &reason), STATUS_OK);
    db_close(&db);
    journal = opened();
    assert_int_equal(journal_load_state(&journal, &sealed), STATUS_OK);
    assert_true(view_equal(buf_view(&sealed), VIEW_TEXT("state")));
    free(sealed.ptr);
    assert_list(&journal, VIEW_OF(owner), "");
    assert_int_equal(journal_keep_revocations(&journal, VIEW_OF(owner), VIEW_TEXT("list")), STATUS_OK);
    assert_list(&journal, VIEW_OF(owner), "list");
    journal_close(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_list_of_an_owner_is_there_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_from_before_there_were_lists_is_brought_up_to_date, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
