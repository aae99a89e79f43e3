/* Revocation lists (PROTOCOL.md section 21). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "message.h"
#include "revocation.h"
#include "values.h"

MESSAGE_CODEC(revocations)

static const struct message_kind kind = MESSAGE_KIND(revocations, "revocations", 0);
static const struct message_kind empty_kind = MESSAGE_KIND(revocations, "revocations_empty", 0);

static void writes_and_reads_the_golden_list(void **state)
{
    uint8_t entries[512], bytes[MESSAGE_GOLDEN_MAX];
    struct buf out = BUF_OF(entries), memory = BUF_OF(bytes);
    struct writer writer = writer_to(&out);
    struct revocations want = {.federation = VIEW_TEXT("home"), .version = 7}, got;
    struct reader reader;

    (void)state;
    write_name(&writer, VIEW_TEXT("sensor-3"));
    write_name(&writer, VIEW_TEXT("sensor-30"));
    write_name(&writer, VIEW_TEXT("sensor-7"));
    want.devices = buf_view(&out);
    write_fixed(&writer, message_filled(0xc7, CTI_SIZE), CTI_SIZE);
    write_fixed(&writer, message_filled(0xc8, CTI_SIZE), CTI_SIZE);
    want.credentials = (struct view){entries + want.devices.len, out.len - want.devices.len};
    write_revoked_program(&writer, &(struct revoked_program){VIEW_TEXT("sgx"), message_filled(0xe5, 32)});
    write_revoked_program(&writer, &(struct revoked_program){VIEW_TEXT("sim"), message_filled(0xe4, 32)});
    write_revoked_program(&writer, &(struct revoked_program){VIEW_TEXT("sim"), message_filled(0xe5, 32)});
    write_revoked_program(&writer, &(struct revoked_program){VIEW_TEXT("sim"), message_filled(0xe5, 33)});
    want.programs =
        (struct view){want.credentials.ptr + want.credentials.len, out.len - want.devices.len - want.credentials.len};
    want.device_count = 3;
    want.credential_count = 2;
    want.program_count = 4;
    assert_int_equal(writer_end(&writer), STATUS_OK);

    message_check_golden(&kind, &want, &got, &memory);
    assert_true(view_equal(got.federation, want.federation));
    assert_int_equal(got.version, 7);
    assert_int_equal(got.device_count, 3);
    assert_int_equal(got.credential_count, 2);
    assert_int_equal(got.program_count, 4);
    assert_true(view_equal(got.devices, want.devices));
    assert_true(view_equal(got.credentials, want.credentials));
    assert_true(view_equal(got.programs, want.programs));
    reader = reader_of(got.programs);
    assert_true(view_equal(read_revoked_program(&reader).kind, VIEW_TEXT("sgx")));
    assert_true(view_equal(read_revoked_program(&reader).measurement, message_filled(0xe4, 32)));
}

static void writes_and_reads_a_list_of_nothing(void **state)
{
    const struct revocations want = {.federation = VIEW_TEXT("home"), .version = 1};
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct revocations got;

    (void)state;
    message_check_golden(&empty_kind, &want, &got, &memory);
    assert_int_equal(got.device_count + got.credential_count + got.program_count, 0);
}

static void refuses_values_past_their_limits_and_entries_out_of_order(void **state)
{
    static const struct message_case cases[] = {
        {"a federation with a slash", {{1, "62 612f", 0}}, STATUS_MALFORMED},
        {"no federation", {{1, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"version 0", {{2, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"last version", {{2, "1b 7f ff ff ff ff ff ff ff", 0}}, STATUS_OK},
        {"version past its limit", {{2, "1b 80 00 00 00 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"a device's name with a space", {{3, "81 62 6120", 0}}, STATUS_MALFORMED},
        {"an empty device's name", {{3, "81 60", 0}}, STATUS_OUT_OF_RANGE},
        {"a device as bytes", {{3, "81 41 61", 0}}, STATUS_MALFORMED},
        {"a device twice", {{3, "82 61 61 61 61", 0}}, STATUS_DUPLICATE_KEY},
        {"devices out of order", {{3, "82 61 62 61 61", 0}}, STATUS_UNORDERED},
        {"a name before its own beginning", {{3, "82 62 6161 61 61", 0}}, STATUS_UNORDERED},
        {"the order is not that of lengths", {{3, "82 62 6161 61 62", 0}}, STATUS_OK},
        {"more devices than there are", {{3, "83 61 61 61 62", 0}}, STATUS_MALFORMED},
        {"a credential a byte short", {{4, "81 4f 000000000000000000000000000000", 0}}, STATUS_OUT_OF_RANGE},
        {"a credential a byte long", {{4, "81 51 0000000000000000000000000000000000", 0}}, STATUS_OUT_OF_RANGE},
        {"a credential twice",
         {{4, "82 50 00000000000000000000000000000000 50 00000000000000000000000000000000", 0}},
         STATUS_DUPLICATE_KEY},
        {"credentials out of order",
         {{4, "82 50 00000000000000000000000000000001 50 00000000000000000000000000000000", 0}},
         STATUS_UNORDERED},
        {"a program without a kind", {{5, "81 82 60 41 00", 0}}, STATUS_OUT_OF_RANGE},
        {"a kind too long", {{5, "81 82 71 6161616161616161616161616161616161 41 00", 0}}, STATUS_OUT_OF_RANGE},
        {"a program without a measurement", {{5, "81 82 61 61 40", 0}}, STATUS_OUT_OF_RANGE},
        {"a program of one item", {{5, "81 81 61 61", 0}}, STATUS_OUT_OF_RANGE},
        {"a program of three items", {{5, "81 83 61 61 41 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"longest measurement", {{5, "81 82 61 61", 64}}, STATUS_OK},
        {"measurement past its limit", {{5, "81 82 61 61", 65}}, STATUS_OUT_OF_RANGE},
        {"a program twice", {{5, "82 82 61 61 41 00 82 61 61 41 00", 0}}, STATUS_DUPLICATE_KEY},
        {"measurements out of order", {{5, "82 82 61 61 41 01 82 61 61 41 00", 0}}, STATUS_UNORDERED},
        {"kinds out of order", {{5, "82 82 61 62 41 00 82 61 61 41 01", 0}}, STATUS_UNORDERED},
        {"one measurement of two kinds", {{5, "82 82 61 61 41 00 82 61 62 41 00", 0}}, STATUS_OK},
        {"a count that cannot be true", {{3, "99 0fff", 0}}, STATUS_TRUNCATED},
    };

    (void)state;
    message_check_cases(&kind, cases, ARRAY_LEN(cases));
}

/* A list of so many devices and programs, with names and measurements of the largest size. */
static struct buf full_list(uint32_t devices, uint32_t programs)
{
    const size_t room = REVOCATIONS_ENCODED_MAX;
    struct buf entries = {.ptr = malloc(room), .cap = room}, out = {.ptr = malloc(room), .cap = room};
    struct writer writer = writer_to(&entries);
    uint8_t name[NAME_MAX_LEN], measurement[REVOKED_MEASUREMENT_MAX] = {0};
    struct revocations list = {.version = REVOCATIONS_VERSION_MAX};

    memset(name, 'n', sizeof name);
    list.federation = VIEW_OF(name);
    for (; list.device_count < devices; list.device_count++) {
        char number[5];
        for (int i = 0; i < 4; i++)
            number[i] = (char)('0' + (list.device_count >> (9 - 3 * i)) % 8);
        memcpy(name, number, 4);
        write_name(&writer, VIEW_OF(name));
    }
    list.devices = buf_view(&entries);
    for (; list.program_count < programs; list.program_count++) {
        write_be32(measurement, list.program_count);
        write_revoked_program(&writer, &(struct revoked_program){{name, KIND_MAX}, VIEW_OF(measurement)});
    }
    list.programs = (struct view){entries.ptr + list.devices.len, entries.len - list.devices.len};
    assert_int_equal(writer_end(&writer), STATUS_OK);
    assert_int_equal(revocations_encode(&list, &out), STATUS_OK);
    free(entries.ptr);
    return out;
}

static void the_largest_list_fits_and_one_entry_more_does_not(void **state)
{
    struct revocations out = {.version = 9};
    struct buf most = full_list(0, REVOCATIONS_MAX), mixed = full_list(REVOCATIONS_MAX / 2, REVOCATIONS_MAX / 2);
    uint8_t *more = malloc(most.len + 2);

    (void)state;
    assert_int_equal(revocations_decode(buf_view(&mixed), &out), STATUS_OK);
    assert_int_equal(out.device_count + out.program_count, REVOCATIONS_MAX);
    assert_int_equal(revocations_decode(buf_view(&most), &out), STATUS_OK);
    assert_int_equal(out.program_count, REVOCATIONS_MAX);
    out.version = 9;
    /* The empty list of devices behind the version becomes one of one device. */
    const size_t at = 1 + 1 + 2 + NAME_MAX_LEN + 1 + 9 + 1;
    assert_int_equal(most.ptr[at], 0x80);
    memcpy(more, most.ptr, at);
    memcpy(more + at, "\x81\x61x", 3);
    memcpy(more + at + 3, most.ptr + at + 1, most.len - at - 1);
    assert_int_equal(revocations_decode((struct view){more, most.len + 2}, &out), STATUS_OUT_OF_RANGE);
    assert_int_equal(out.version, 9);
    free(more);
    free(most.ptr);
    free(mixed.ptr);
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&kind);
    message_check_damage(&empty_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&kind);
    message_check_fields(&empty_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_golden_list),
        cmocka_unit_test(writes_and_reads_a_list_of_nothing),
        cmocka_unit_test(refuses_values_past_their_limits_and_entries_out_of_order),
        cmocka_unit_test(the_largest_list_fits_and_one_entry_more_does_not),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
