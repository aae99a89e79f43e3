#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "proof.h"

MESSAGE_CODEC(proof_request)
MESSAGE_CODEC(proof)

static const struct message_kind request_kind = MESSAGE_KIND(proof_request, "proof_request", 0);
static const struct message_kind proof_kind = MESSAGE_KIND(proof, "proof", 0);

static void a_request_writes_and_reads_its_golden_vector(void **state)
{
    const struct proof_request want = {
        .round = 12,
        .record = message_filled(0xd2, DIGEST_SIZE),
        .leaf = message_filled(0x1e, DIGEST_SIZE),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct proof_request got;

    (void)state;
    message_check_golden(&request_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.record, want.record));
    assert_true(view_equal(got.leaf, want.leaf));
}

static void a_proof_writes_and_reads_its_golden_vector(void **state)
{
    const struct proof want = {
        .round = 12,
        .record = message_filled(0xd2, DIGEST_SIZE),
        .index = 5,
        .path_len = 2,
        .path = {message_filled(0xa1, DIGEST_SIZE), message_filled(0xb2, DIGEST_SIZE)},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct proof got;

    (void)state;
    message_check_golden(&proof_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.record, want.record));
    assert_int_equal(got.index, want.index);
    assert_int_equal(got.path_len, want.path_len);
    for (uint32_t i = 0; i < want.path_len; i++)
        assert_true(view_equal(got.path[i], want.path[i]));
}

/* An array of `count` digests behind a head, in hexadecimal. */
static const char *path_of(unsigned int count)
{
    static char texts[2][17 * 68 + 8];
    static unsigned int turn;
    char *text = texts[turn++ % 2];
    size_t len = (size_t)snprintf(text, sizeof texts[0], "%02x", 0x80 + count);

    for (unsigned int i = 0; i < count; i++) {
        memcpy(text + len, "5820", 4);
        memset(text + len + 4, 'a', 64);
        len += 68;
    }
    text[len] = '\0';
    return text;
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case request_cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"record a byte short", {{2, "", 31}}, STATUS_OUT_OF_RANGE},
        {"record a byte long", {{2, "", 33}}, STATUS_OUT_OF_RANGE},
        {"leaf a byte short", {{3, "", 31}}, STATUS_OUT_OF_RANGE},
        {"leaf a byte long", {{3, "", 33}}, STATUS_OUT_OF_RANGE},
    };
    const struct message_case proof_cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"record a byte short", {{2, "", 31}}, STATUS_OUT_OF_RANGE},
        {"first leaf", {{3, "00", 0}}, STATUS_OK},
        {"last leaf of the largest cohort", {{3, "19 ff ff", 0}}, STATUS_OK},
        {"leaf past it", {{3, "1a 00 01 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"no path", {{4, "80", 0}}, STATUS_OK},
        {"longest path", {{4, path_of(16), 0}}, STATUS_OK},
        {"path too long", {{4, path_of(17), 0}}, STATUS_OUT_OF_RANGE},
        {"a hash a byte short", {{4, "81", 31}}, STATUS_OUT_OF_RANGE},
        {"a hash a byte long", {{4, "81", 33}}, STATUS_OUT_OF_RANGE},
        {"a hash that is a number", {{4, "81 01", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&request_kind, request_cases, ARRAY_LEN(request_cases));
    message_check_cases(&proof_kind, proof_cases, ARRAY_LEN(proof_cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&request_kind);
    message_check_damage(&proof_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&request_kind);
    message_check_fields(&proof_kind);
}

static void is_told_from_what_cose_makes(void **state)
{
    static const uint8_t map[] = {0xa3}, array[] = {0x83}, tagged[] = {0xd0};

    (void)state;
    assert_true(proof_looks_like(VIEW_OF(map)));
    assert_false(proof_looks_like(VIEW_OF(array)));
    assert_false(proof_looks_like(VIEW_OF(tagged)));
    assert_false(proof_looks_like((struct view){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_writes_and_reads_its_golden_vector),
        cmocka_unit_test(a_proof_writes_and_reads_its_golden_vector),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
        cmocka_unit_test(is_told_from_what_cose_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
