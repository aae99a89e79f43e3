/* The table of calls and the head of a frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gate.h"
#include "hex.h"

static void every_call_has_its_row(void **state)
{
    enum { BOOTED = GATE_EMPTY | GATE_IDLE | GATE_ROUND };
    static const struct {
        uint32_t call;
        struct gate_row row;
    } want[] = {
        {1, {"boot", GATE_NEW, true, false}},
        {2, {"attest", BOOTED, false, false}},
        {3, {"challenge", BOOTED, false, false}},
        {4, {"enrol", BOOTED, false, false}},
        {5, {"owner", BOOTED, true, false}},
        {6, {"open", GATE_IDLE, false, false}},
        {7, {"model chunk", GATE_IDLE | GATE_ROUND, false, false}},
        {8, {"update", BOOTED, true, false}},
        {9, {"close", GATE_ROUND, false, false}},
        {10, {"seal", GATE_IDLE | GATE_ROUND, false, true}},
        {11, {"status", BOOTED, false, false}},
        {12, {"revocations", BOOTED, false, false}},
    };

    (void)state;
    assert_int_equal(ARRAY_LEN(want), GATE_CALLS - 1);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        const struct gate_row *row = gate_find(want[i].call);
        assert_non_null(row);
        assert_string_equal(row->name, want[i].row.name);
        assert_int_equal(row->phases, want[i].row.phases);
        assert_int_equal(row->large_request, want[i].row.large_request);
        assert_int_equal(row->large_response, want[i].row.large_response);
    }
}

static void other_numbers_are_no_calls(void **state)
{
    static const uint32_t numbers[] = {0, GATE_CALLS, GATE_CALLS + 1, 255, 256, INT32_MAX, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        assert_null(gate_find(numbers[i]));
}

static void a_head_is_magic_and_two_little_endian_numbers(void **state)
{
    const struct gate_head head = {GATE_UPDATE, 0x01020304};
    uint8_t bytes[GATE_HEAD_SIZE];
    struct gate_head got;

    (void)state;
    gate_head_encode(&head, bytes);
    assert_hex_equal(VIEW_OF(bytes), "54473031 08000000 04030201");
    assert_int_equal(gate_head_decode(bytes, &got), STATUS_OK);
    assert_int_equal(got.word, head.word);
    assert_int_equal(got.len, head.len);
}

static void a_head_without_its_magic_is_refused(void **state)
{
    const struct gate_head head = {GATE_STATUS, 0};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (unsigned int bit = 0; bit < 8; bit++) {
            uint8_t bytes[GATE_HEAD_SIZE];
            struct gate_head got = {77, 78};
            gate_head_encode(&head, bytes);
            bytes[i] ^= (uint8_t)(1u << bit);
            assert_int_equal(gate_head_decode(bytes, &got), STATUS_MALFORMED);
            assert_int_equal(got.word, 77);
            assert_int_equal(got.len, 78);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_has_its_row),
        cmocka_unit_test(other_numbers_are_no_calls),
        cmocka_unit_test(a_head_is_magic_and_two_little_endian_numbers),
        cmocka_unit_test(a_head_without_its_magic_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
