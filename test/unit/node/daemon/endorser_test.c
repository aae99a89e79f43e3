/* The folder of endorsements of tacit-node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "endorser.h"
#include "file.h"
#include "x509_maker.h"

static char folder[64], told[1024];
static uint8_t memory[1 << 16], room[4096], evidence_bytes[16];
static struct buf used;
static struct endorser endorser;
static struct tacit_evidence evidence;

static void write_told(void *ctx, enum log_level level, const char *event, const char *detail)
{
    (void)ctx, (void)level;
    snprintf(told, sizeof told, "%s %s", event, detail);
}

static const struct log to_told = {write_told, NULL};

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/endorser_test_XXXXXX");
    used = BUF_OF(memory);
    endorser = (struct endorser){.folder = folder, .log = &to_told};
    told[0] = '\0';
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    endorser_free(&endorser);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static struct view certificate(const char *subject)
{
    const struct maker_key key = maker_key_of(1);
    const struct maker_certificate parts = {.issuer = "Root",
                                            .subject = subject,
                                            .issuer_key = &key,
                                            .key = &key,
                                            .serial = 1,
                                            .not_before = "200101000000Z",
                                            .not_after = "400101000000Z"};

    return maker_certificate(&parts, &used);
}

static void put(const char *name, struct view bytes)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(file_write(path, 0600, bytes, NULL), STATUS_OK);
}

static void take_away(const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static enum status add(void)
{
    evidence = (struct tacit_evidence){
        .bytes = evidence_bytes, .endorsements = room, .endorsements_size = sizeof room, .size = 1};
    return endorser_add(&endorser, &evidence);
}

static void assert_given(unsigned int at, struct view bytes)
{
    size_t start = 0;

    assert_true(at < evidence.endorsement_count);
    for (unsigned int i = 0; i < at; i++)
        start += evidence.endorsement_sizes[i];
    assert_true(view_equal((struct view){room + start, evidence.endorsement_sizes[at]}, bytes));
}

static void without_a_folder_nothing_is_added(void **state)
{
    (void)state;
    endorser.folder = NULL;
    assert_int_equal(add(), STATUS_OK);
    assert_int_equal(evidence.endorsement_count, 0);
    assert_string_equal(told, "");
}

static void its_files_are_added_by_name_and_read_anew_each_time(void **state)
{
    const struct view first = certificate("First"), second = certificate("Second one"), third = certificate("Third");

    (void)state;
    put("b.der", second);
    put("a.der", first);
    assert_int_equal(add(), STATUS_OK);
    assert_int_equal(evidence.endorsement_count, 2);
    assert_given(0, first);
    assert_given(1, second);
    put("b.der", third);
    assert_int_equal(add(), STATUS_OK);
    assert_given(1, third);
    assert_string_equal(told, "");
}

static void they_stand_behind_those_of_the_attester(void **state)
{
    const struct view own = certificate("Own"), first = certificate("First");

    (void)state;
    put("a.der", first);
    evidence = (struct tacit_evidence){.endorsements = room, .endorsements_size = sizeof room, .endorsement_count = 1};
    memcpy(room, own.ptr, own.len);
    evidence.endorsement_sizes[0] = own.len;
    assert_int_equal(endorser_add(&endorser, &evidence), STATUS_OK);
    assert_int_equal(evidence.endorsement_count, 2);
    assert_given(0, own);
    assert_given(1, first);
}

static void what_is_no_endorsement_is_named_and_those_before_stay(void **state)
{
    const struct view first = certificate("First");

    (void)state;
    put("a.der", first);
    assert_int_equal(add(), STATUS_OK);
    put("a.der", certificate("Changed"));
    put("notes", VIEW_TEXT("call me"));
    assert_int_equal(add(), STATUS_OK);
    assert_non_null(strstr(told, "endorsements_refused notes: "));
    assert_int_equal(evidence.endorsement_count, 1);
    assert_given(0, first);
}

static void a_folder_that_is_gone_is_told_and_those_before_stay(void **state)
{
    const struct view first = certificate("First");

    (void)state;
    put("a.der", first);
    assert_int_equal(add(), STATUS_OK);
    take_away("a.der");
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(add(), STATUS_OK);
    assert_non_null(strstr(told, "No such file"));
    assert_given(0, first);
}

static void more_than_there_is_room_for_is_told_and_those_before_stay(void **state)
{
    const struct view first = certificate("First");
    char name[16];

    (void)state;
    put("a.der", first);
    assert_int_equal(add(), STATUS_OK);
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "b%d.der", i);
        put(name, first);
    }
    assert_int_equal(add(), STATUS_OK);
    assert_non_null(strstr(told, "at most 4096 bytes and 16"));
    assert_int_equal(evidence.endorsement_count, 1);
}

static void no_room_at_all_is_a_failure(void **state)
{
    (void)state;
    put("a.der", certificate("First"));
    assert_int_equal(add(), STATUS_OK);
    evidence = (struct tacit_evidence){.endorsements = room, .endorsements_size = 10};
    assert_int_equal(endorser_add(&endorser, &evidence), STATUS_NO_SPACE);
    assert_int_equal(evidence.endorsement_count, 0);
    evidence = (struct tacit_evidence){
        .endorsements = room, .endorsements_size = sizeof room, .endorsement_count = TACIT_MAX_ENDORSEMENTS};
    assert_int_equal(endorser_add(&endorser, &evidence), STATUS_NO_SPACE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(without_a_folder_nothing_is_added),
        TEST(its_files_are_added_by_name_and_read_anew_each_time),
        TEST(they_stand_behind_those_of_the_attester),
        TEST(what_is_no_endorsement_is_named_and_those_before_stay),
        TEST(a_folder_that_is_gone_is_told_and_those_before_stay),
        TEST(more_than_there_is_room_for_is_told_and_those_before_stay),
        TEST(no_room_at_all_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
