#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "assembly_desk.h"
#include "cose.h"

static void grants_what_is_missing_and_hands_over_the_whole_in_order(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 10, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].grants, 1);
    assert_int_equal(desk.heard['a'].bitmap_len, 2);
    assert_int_equal(desk.heard['a'].bitmap[0], 0xfe);
    assert_int_equal(desk.heard['a'].bitmap[1], 0x03);
    for (uint32_t i = 9; i > 0; i--)
        assert_int_equal(desk_send(&desk, 'a', 1, i, 10, 1), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assert_int_equal(desk.heard['a'].bytes, 10 * DESK_CHUNK_BYTES);
    assert_int_equal(assembly_memory(desk.assembly), 0);
    assembly_free(&desk.assembly);
    assert_null(desk.assembly);
}

static void one_chunk_is_whole_at_once_and_nothing_is_granted(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 1, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assert_int_equal(desk.heard['a'].grants, 0);
    assembly_free(&desk.assembly);
}

static void duplicates_change_nothing(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    for (int twice = 0; twice < 2; twice++)
        for (uint32_t i = 0; i < 4; i++)
            assert_int_equal(desk_send(&desk, 'a', 1, i, 5, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 0);
    assert_int_equal(desk.heard['a'].bitmap[0], 0x10); /* the offer came again: what is missing now */
    assert_int_equal(desk_send(&desk, 'a', 1, 4, 5, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assert_int_equal(desk.heard['a'].bytes, 5 * DESK_CHUNK_BYTES);
    assembly_free(&desk.assembly);
}

static void a_finished_transfer_repeats_its_answer_and_is_not_taken_twice(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 1, 0), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 1, 1000), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assert_int_equal(desk.heard['a'].repeats, 1);
    assert_string_equal(desk.heard['a'].answer, "done");
    assembly_free(&desk.assembly);
}

static void a_sender_that_begins_anew_gives_up_what_it_had_begun(void **state)
{
    struct desk desk;
    size_t before;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 3, 0), STATUS_OK);
    before = assembly_memory(desk.assembly);
    assert_int_equal(desk_send(&desk, 'a', 2, 0, 3, 0), STATUS_OK);
    assert_int_equal(assembly_memory(desk.assembly), before);
    assert_int_equal(desk_send(&desk, 'a', 1, 1, 3, 0), STATUS_OK); /* late: of the one given up */
    for (uint32_t i = 1; i < 3; i++)
        assert_int_equal(desk_send(&desk, 'a', 2, i, 3, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assembly_free(&desk.assembly);
}

static void a_device_and_a_request_of_one_name_do_not_meet(void **state)
{
    const uint8_t name = 'a', id[TRANSFER_SIZE] = {9}, piece[300] = {'r'};
    struct chunk request = {
        .name = {&name, 1}, .round = 0, .transfer = VIEW_OF(id), .count = 2, .total = 600, .message = VIEW_OF(piece)};
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(assembly_take(desk.assembly, &request, 0), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 1, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assembly_forget_rounds(desk.assembly);
    request.index = 1;
    assert_int_equal(assembly_take(desk.assembly, &request, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 2);
    assert_int_equal(desk.heard['a'].bytes, 600);
    assembly_free(&desk.assembly);
}

static void refuses_a_chunk_that_contradicts_the_offer(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 3, 0), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'a', 1, 1, 4, 0), STATUS_CHUNK_MIXED);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 2, 0), STATUS_CHUNK_MIXED);
    for (uint32_t i = 1; i < 3; i++)
        assert_int_equal(desk_send(&desk, 'a', 1, i, 3, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 1);
    assembly_free(&desk.assembly);
}

static void refuses_impossible_numbers(void **state)
{
    static uint8_t bytes[2 * DESK_MEMORY];
    const struct {
        const char *why;
        size_t name_len, transfer_len, message_len;
        uint32_t index, count;
        uint64_t total;
        enum status want;
    } cases[] = {
        {"no name", 0, 8, 10, 0, 2, 100, STATUS_MALFORMED},
        {"name too long", NAME_MAX_LEN + 1, 8, 10, 0, 2, 100, STATUS_MALFORMED},
        {"no transfer", 1, 0, 10, 0, 2, 100, STATUS_MALFORMED},
        {"transfer too short", 1, 7, 10, 0, 2, 100, STATUS_MALFORMED},
        {"transfer too long", 1, 9, 10, 0, 2, 100, STATUS_MALFORMED},
        {"no chunks", 1, 8, 10, 0, 0, 100, STATUS_MALFORMED},
        {"too many chunks", 1, 8, 10, 0, CHUNKS_MAX + 1, 100, STATUS_MALFORMED},
        {"index past the last", 1, 8, 10, 2, 2, 100, STATUS_MALFORMED},
        {"index far past the last", 1, 8, 10, UINT32_MAX, 2, 100, STATUS_MALFORMED},
        {"more bytes than the whole", 1, 8, 100 + COSE_OVERHEAD_MAX + 1, 0, 2, 100, STATUS_MALFORMED},
        {"larger than all memory", 1, 8, 10, 0, 2, DESK_MEMORY, STATUS_NO_SPACE},
        {"largest size that there is", 1, 8, 10, 0, 2, UINT64_MAX - COSE_OVERHEAD_MAX, STATUS_NO_SPACE},
        {"size that wraps to a small one", 1, 8, 10, 0, CHUNKS_MAX, UINT64_MAX - COSE_OVERHEAD_MAX, STATUS_NO_SPACE},
        {"so many chunks that their cost is too much", 1, 8, 10, 0, CHUNKS_MAX, 10, STATUS_NO_SPACE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct chunk chunk = {.name = {bytes, cases[i].name_len},
                                    .round = 1,
                                    .transfer = {bytes, cases[i].transfer_len},
                                    .index = cases[i].index,
                                    .count = cases[i].count,
                                    .total = cases[i].total,
                                    .message = {bytes, cases[i].message_len}};
        struct desk desk;
        desk_open(&desk, DESK_MEMORY, 10);
        if (assembly_take(desk.assembly, &chunk, 0) != cases[i].want)
            fail_msg("%s: another reason than %s", cases[i].why, status_name(cases[i].want));
        assert_int_equal(assembly_memory(desk.assembly), 0);
        assembly_free(&desk.assembly);
    }
}

static void never_keeps_more_bytes_than_were_set_aside(void **state)
{
    static uint8_t bytes[20000];
    const uint8_t name = 'a', id[TRANSFER_SIZE] = {1};
    struct chunk chunk = {.name = {&name, 1},
                          .round = 1,
                          .transfer = VIEW_OF(id),
                          .count = 10,
                          .total = sizeof bytes,
                          .message = VIEW_OF(bytes)};
    struct desk desk;
    size_t kept = 0;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    /* Each chunk is as long as the whole was said to be. */
    for (chunk.index = 0; chunk.index < chunk.count; chunk.index++)
        if (assembly_take(desk.assembly, &chunk, 0) == STATUS_OK)
            kept += chunk.message.len;
    assert_true(kept > 0);
    assert_true(kept <= assembly_memory(desk.assembly));
    assert_int_equal(desk.heard['a'].wholes, 0);
    assembly_free(&desk.assembly);
}

static void who_finds_no_room_waits_in_the_order_of_arrival(void **state)
{
    struct desk desk;
    size_t room;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 10, 0), STATUS_OK);
    room = assembly_memory(desk.assembly);
    assembly_free(&desk.assembly);

    desk_open(&desk, room, 10); /* for one transfer at a time */
    for (const char *sender = "cabd"; *sender != '\0'; sender++)
        assert_int_equal(desk_send(&desk, *sender, 1, 0, 10, 0), STATUS_OK);
    assert_string_equal(desk.order, "c");
    for (const char *sender = "cabd"; *sender != '\0'; sender++) {
        for (uint32_t i = 0; i < 10; i++)
            assert_int_equal(desk_send(&desk, *sender, 1, i, 10, 1), STATUS_OK);
        assert_int_equal(desk.heard[(uint8_t)*sender].wholes, 1);
        assembly_tick(desk.assembly, 1);
        assert_true(assembly_memory(desk.assembly) <= room);
    }
    assert_string_equal(desk.order, "cabd");
    assembly_free(&desk.assembly);
}

static void chunks_that_were_not_granted_are_left_aside(void **state)
{
    struct desk desk;
    size_t room;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 1, 10, 0), STATUS_OK); /* no offer before it */
    assert_int_equal(assembly_memory(desk.assembly), 0);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 10, 0), STATUS_OK);
    room = assembly_memory(desk.assembly);
    assembly_free(&desk.assembly);

    desk_open(&desk, room, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 10, 0), STATUS_OK);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(desk_send(&desk, 'b', 1, i, 10, 0), STATUS_OK); /* while it waits */
    assert_int_equal(desk.heard['b'].grants + desk.heard['b'].wholes, 0);
    assert_int_equal(assembly_memory(desk.assembly), room);
    assembly_free(&desk.assembly);
}

static void refuses_offers_past_the_end_of_the_line(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 2);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 2, 0), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'b', 1, 0, 2, 0), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'c', 1, 0, 2, 0), STATUS_NO_SPACE);
    assert_int_equal(desk_send(&desk, 'a', 2, 0, 2, 0), STATUS_OK); /* in the place of its own */
    assembly_free(&desk.assembly);
}

static void what_stands_still_is_granted_again_and_at_last_given_up(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 3, 100), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'a', 1, 2, 3, 100), STATUS_OK);
    assembly_tick(desk.assembly, 100 + ASSEMBLY_RETRY_S - 1);
    assert_int_equal(desk.heard['a'].grants, 1);
    assembly_tick(desk.assembly, 100 + ASSEMBLY_RETRY_S);
    assert_int_equal(desk.heard['a'].grants, 2);
    assert_int_equal(desk.heard['a'].bitmap[0], 0x02);
    assembly_tick(desk.assembly, 100 + ASSEMBLY_RETRY_S);
    assert_int_equal(desk.heard['a'].grants, 2);
    assembly_tick(desk.assembly, 100 + ASSEMBLY_GIVE_UP_S);
    assert_true(assembly_memory(desk.assembly) > 0);
    assembly_tick(desk.assembly, 100 + ASSEMBLY_GIVE_UP_S + 1);
    assert_int_equal(assembly_memory(desk.assembly), 0);
    assert_int_equal(desk_send(&desk, 'a', 1, 1, 3, 200), STATUS_OK);
    assert_int_equal(desk.heard['a'].wholes, 0);
    assembly_free(&desk.assembly);
}

static void a_closed_round_forgets_updates_and_their_answers(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, DESK_MEMORY, 10);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 1, 0), STATUS_OK);
    assert_int_equal(desk_send(&desk, 'b', 1, 0, 2, 0), STATUS_OK);
    assembly_forget_rounds(desk.assembly);
    assert_int_equal(assembly_memory(desk.assembly), 0);
    assert_int_equal(desk_send(&desk, 'a', 1, 0, 1, 0), STATUS_OK);
    assert_int_equal(desk.heard['a'].repeats, 0);
    assert_int_equal(desk.heard['a'].wholes, 2);
    assembly_free(&desk.assembly);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_what_is_missing_and_hands_over_the_whole_in_order),
        cmocka_unit_test(one_chunk_is_whole_at_once_and_nothing_is_granted),
        cmocka_unit_test(duplicates_change_nothing),
        cmocka_unit_test(a_finished_transfer_repeats_its_answer_and_is_not_taken_twice),
        cmocka_unit_test(a_sender_that_begins_anew_gives_up_what_it_had_begun),
        cmocka_unit_test(a_device_and_a_request_of_one_name_do_not_meet),
        cmocka_unit_test(refuses_a_chunk_that_contradicts_the_offer),
        cmocka_unit_test(refuses_impossible_numbers),
        cmocka_unit_test(never_keeps_more_bytes_than_were_set_aside),
        cmocka_unit_test(who_finds_no_room_waits_in_the_order_of_arrival),
        cmocka_unit_test(chunks_that_were_not_granted_are_left_aside),
        cmocka_unit_test(refuses_offers_past_the_end_of_the_line),
        cmocka_unit_test(what_stands_still_is_granted_again_and_at_last_given_up),
        cmocka_unit_test(a_closed_round_forgets_updates_and_their_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
