/* The held list as such: every entry of the largest one is found, nothing else is, and a list that is refused changes
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "revoked.h"
#include "trust_support.h"
#include "values.h"

/* In place of the real one, so that it can fail: after so many calls. */
static unsigned int calls_until_failure = UINT32_MAX;

enum status appraisal_identity(struct view kind, struct view measurement, uint8_t out[static DIGEST_SIZE])
{
    const struct view pieces[] = {kind, measurement};

    if (calls_until_failure-- == 0)
        return STATUS_CRYPTO;
    return sha256_pieces(pieces, ARRAY_LEN(pieces), out);
}

static struct revoked revoked;
static struct buf entries, payload, message;

static int setup(void **state)
{
    (void)state;
    revoked = (struct revoked){.room = calloc(1, REVOKED_ROOM)};
    entries = (struct buf){.ptr = malloc(REVOCATIONS_ENCODED_MAX), .cap = REVOCATIONS_ENCODED_MAX};
    payload = (struct buf){.ptr = malloc(REVOCATIONS_ENCODED_MAX), .cap = REVOCATIONS_ENCODED_MAX};
    message = (struct buf){.ptr = malloc(REVOCATIONS_SIGNED_MAX), .cap = REVOCATIONS_SIGNED_MAX};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(revoked.room);
    free(entries.ptr);
    free(payload.ptr);
    free(message.ptr);
    return 0;
}

/* The i-th entry of each sort: even numbers stand in the list, odd ones do not. */
static struct view device_at(uint32_t i)
{
    static char name[16];

    snprintf(name, sizeof name, "d-%05u", i);
    return view_of_string(name);
}

static struct view cti_at(uint32_t i)
{
    static uint8_t cti[CTI_SIZE];

    write_be32(cti, i);
    return VIEW_OF(cti);
}

static struct revoked_program program_at(uint32_t i)
{
    static uint8_t measurement[48];

    write_be32(measurement, i);
    return (struct revoked_program){VIEW_TEXT("sim"), {measurement, 32 + i % 17}};
}

static struct view identity_at(uint32_t i)
{
    static uint8_t identity[DIGEST_SIZE];
    const struct revoked_program program = program_at(i);

    assert_int_equal(appraisal_identity(program.kind, program.measurement, identity), STATUS_OK);
    return VIEW_OF(identity);
}

static struct view rest(size_t start)
{
    return (struct view){entries.ptr + start, entries.len - start};
}

/* Signs a list of so many of each sort, and has it taken. */
static enum status take(uint64_t version, uint32_t devices, uint32_t credentials, uint32_t programs)
{
    const struct p256_key owner = trust_key(TRUST_OWNER);
    const struct place place = {.federation = VIEW_TEXT("home")};
    struct revocations list = {place.federation, version, devices, credentials, programs, {0}, {0}, {0}};
    struct writer writer = writer_to(&entries);
    size_t start;

    entries.len = payload.len = message.len = 0;
    for (uint32_t i = 0; i < devices; i++)
        write_name(&writer, device_at(2 * i));
    list.devices = rest(0);
    start = entries.len;
    for (uint32_t i = 0; i < credentials; i++)
        write_fixed(&writer, cti_at(2 * i), CTI_SIZE);
    list.credentials = rest(start);
    start = entries.len;
    for (uint32_t i = 0; i < programs; i++)
        write_revoked_program(&writer,
                              &(struct revoked_program){program_at(2 * i).kind, program_at(2 * i).measurement});
    list.programs = rest(start);
    assert_int_equal(writer_end(&writer), STATUS_OK);
    assert_int_equal(revocations_encode(&list, &payload), STATUS_OK);
    assert_int_equal(bind_sign(PURPOSE_REVOCATIONS, &place, &owner, trust_random(), buf_view(&payload), &message),
                     STATUS_OK);
    return revoked_take(&revoked, buf_view(&message), trust_point(TRUST_OWNER), place.federation);
}

static void check(uint32_t devices, uint32_t credentials, uint32_t programs)
{
    for (uint32_t i = 0; i < 2 * REVOCATIONS_MAX; i++) {
        const bool even = i % 2 == 0;
        if (revoked_device(&revoked, device_at(i)) != (even && i < 2 * devices) ||
            revoked_credential(&revoked, cti_at(i)) != (even && i < 2 * credentials) ||
            revoked_identity(&revoked, identity_at(i)) != (even && i < 2 * programs))
            fail_msg("entry %u of %u, %u, %u", i, devices, credentials, programs);
    }
    assert_int_equal(revoked_count(&revoked), devices + credentials + programs);
}

static void every_entry_is_found_and_nothing_else(void **state)
{
    static const uint32_t sizes[][3] = {{0, 0, 0},
                                        {1, 0, 0},
                                        {0, 1, 0},
                                        {0, 0, 1},
                                        {2, 3, 4},
                                        {REVOCATIONS_MAX, 0, 0},
                                        {0, REVOCATIONS_MAX, 0},
                                        {0, 0, REVOCATIONS_MAX},
                                        {1000, 2000, 1096},
                                        {0, 0, 0}};

    (void)state;
    check(0, 0, 0); /* no list at all */
    for (uint32_t i = 0; i < ARRAY_LEN(sizes); i++) {
        assert_int_equal(take(i + 1, sizes[i][0], sizes[i][1], sizes[i][2]), STATUS_OK);
        assert_int_equal(revoked_version(&revoked), i + 1);
        /* Nothing views into the message that it came in. */
        memset(message.ptr, 0, message.cap);
        check(sizes[i][0], sizes[i][1], sizes[i][2]);
    }
}

/* A name is not found by its beginning, nor by what goes on behind it. */
static void only_whole_names_are_found(void **state)
{
    (void)state;
    assert_int_equal(take(1, 1, 0, 0), STATUS_OK);
    assert_true(revoked_device(&revoked, VIEW_TEXT("d-00000")));
    assert_false(revoked_device(&revoked, VIEW_TEXT("d-0000")));
    assert_false(revoked_device(&revoked, VIEW_TEXT("d-000000")));
    assert_false(revoked_device(&revoked, (struct view){NULL, 0}));
    assert_false(revoked_credential(&revoked, VIEW_TEXT("d-00000")));
}

static void a_list_that_is_refused_changes_nothing(void **state)
{
    uint8_t *longer = calloc(1, REVOCATIONS_SIGNED_MAX + 1);

    (void)state;
    assert_int_equal(take(5, 3, 2, 1), STATUS_OK);
    assert_int_equal(take(4, 4, 4, 4), STATUS_REVOCATIONS_ROLLBACK);
    check(3, 2, 1);
    assert_int_equal(take(5, 4, 4, 4), STATUS_REVOCATIONS_ROLLBACK);
    check(3, 2, 1);
    assert_int_equal(take(5, 3, 2, 1), STATUS_OK);
    check(3, 2, 1);
    assert_int_equal(revoked_take(&revoked, (struct view){longer, REVOCATIONS_SIGNED_MAX + 1}, trust_point(TRUST_OWNER),
                                  VIEW_TEXT("home")),
                     STATUS_NO_SPACE);
    calls_until_failure = 6;
    assert_int_equal(take(6, 7, 7, 7), STATUS_CRYPTO);
    calls_until_failure = UINT32_MAX;
    assert_int_equal(revoked_version(&revoked), 5);
    check(3, 2, 1);
    assert_int_equal(take(6, 7, 7, 7), STATUS_OK);
    assert_int_equal(revoked_take(&revoked, buf_view(&message), trust_point(TRUST_OTHER), VIEW_TEXT("home")),
                     STATUS_FORGED);
    assert_int_equal(revoked_take(&revoked, buf_view(&message), trust_point(TRUST_OWNER), VIEW_TEXT("work")),
                     STATUS_REVOCATIONS_FOREIGN);
    check(7, 7, 7);
    free(longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_entry_is_found_and_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(only_whole_names_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_that_is_refused_changes_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
