#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dense_tensors.h"

/* A file of that header and that many bytes of data. Returns its length. */
static size_t file_of(const char *header, size_t data, uint8_t out[static 4096])
{
    size_t len = strlen(header);

    assert_true(8 + len + data <= 4096);
    memset(out, 0, 4096);
    out[0] = (uint8_t)len;
    out[1] = (uint8_t)(len >> 8);
    memcpy(out + 8, header, len);
    return 8 + len + data;
}

static void reads_what_other_libraries_write(void **state)
{
    (void)state;
    static const char *const headers[] = {
        /* numpy's and torch's: compact, any order of tensors, metadata, blanks to a multiple of 8 */
        "{\"__metadata__\":{\"format\":\"pt\",\"note\":\"a \\\"b\\\" c\"},\"b\":{\"dtype\":\"F32\",\"shape\":[3],"
        "\"data_offsets\":[24,36]},\"w\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]}}   ",
        /* Python's json.dumps as it is: a blank after each colon and comma; another order of properties */
        "{\"w\": {\"shape\": [3, 2], \"data_offsets\": [0, 24], \"dtype\": \"F32\"},\n\"b\": {\"dtype\": \"F32\", "
        "\"shape\": [3], \"data_offsets\": [24, 36]}, \"__metadata__\": {}}",
    };

    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        uint8_t file[4096];
        size_t len = file_of(headers[i], 36, file);
        struct dense_tensors tensors;
        struct dense_fault fault;
        assert_int_equal(dense_tensors_parse(file, len, &tensors, &fault), DENSE_OK);
        const struct dense_tensor *w = dense_tensors_find(&tensors, "w"), *b = dense_tensors_find(&tensors, "b");
        assert_true(w && w->dims == 2 && w->shape[0] == 3 && w->shape[1] == 2 && w->begin == 0 && w->end == 24);
        assert_true(b && b->dims == 1 && b->shape[0] == 3 && b->begin == 24 && b->end == 36);
        assert_true(tensors.data == len - 36 && dense_tensors_find(&tensors, "x") == NULL);
    }
}

static void writes_the_canonical_header(void **state)
{
    (void)state;
    static const char want[] = "{\"w\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]},"
                               "\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[24,36]}}  ";
    const struct dense_tensors tensors = {.count = 2, .tensor = {{"w", 2, {3, 2}, 0, 24}, {"b", 1, {3, 0}, 24, 36}}};
    uint8_t out[256];
    size_t len = dense_tensors_header(&tensors, out, sizeof out);

    assert_int_equal(len % 8, 0);
    assert_true(len < 8 + sizeof want + 7);
    assert_int_equal(out[0], len - 8);
    assert_memory_equal(out + 8, want, strlen(want) - 2);
    for (size_t i = 8 + strlen(want) - 2; i < len; i++)
        assert_int_equal(out[i], ' ');
    assert_int_equal(dense_tensors_header(&tensors, out, 100), 0);
}

#define T(shape, offsets) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void refuses_and_leaves_the_output_as_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *why, *header;
        size_t data;
    } cases[] = {
        {"no JSON", "hello", 0},
        {"an empty header", "", 0},
        {"a list", "[]", 0},
        {"not closed", "{\"w\":" T("[1]", "[0,4]"), 4},
        {"text behind the header", "{\"w\":" T("[1]", "[0,4]") "}x", 4},
        {"a comma too many", "{\"w\":" T("[1]", "[0,4]") ",}", 4},
        {"a tensor twice", "{\"w\":" T("[1]", "[0,4]") ",\"w\":" T("[1]", "[4,8]") "}", 8},
        {"metadata twice", "{\"__metadata__\":{},\"__metadata__\":{},\"w\":" T("[1]", "[0,4]") "}", 4},
        {"metadata that is no text", "{\"__metadata__\":{\"a\":1},\"w\":" T("[1]", "[0,4]") "}", 4},
        {"metadata that ends in a backslash", "{\"__metadata__\":{\"a\\", 0},
        {"a name with an escape", "{\"\\u0077\":" T("[1]", "[0,4]") "}", 4},
        {"a long name", "{\"0123456789012345678901234567890123456789012345678901234567890123\":" T("[1]", "[0,4]") "}",
         4},
        {"half precision", "{\"w\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4},
        {"no dtype", "{\"w\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4},
        {"a shape twice", "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4},
        {"an unknown property", "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":[1]}}", 4},
        {"three dimensions", "{\"w\":" T("[1,1,1]", "[0,4]") "}", 4},
        {"no dimension", "{\"w\":" T("[]", "[0,4]") "}", 4},
        {"a dimension of 0", "{\"w\":" T("[0]", "[0,0]") "}", 0},
        {"a negative dimension", "{\"w\":" T("[-1]", "[0,4]") "}", 4},
        {"a broken number", "{\"w\":" T("[1.0]", "[0,4]") "}", 4},
        {"a leading zero", "{\"w\":" T("[01]", "[0,4]") "}", 4},
        {"a number of 16 digits", "{\"w\":" T("[1000000000000000]", "[0,4]") "}", 4},
        {"a product past 2^64", "{\"w\":" T("[4294967296,1073741825]", "[0,4]") "}", 4},
        {"offsets backwards", "{\"w\":" T("[1]", "[4,0]") "}", 4},
        {"one offset", "{\"w\":" T("[1]", "[0]") "}", 4},
        {"fewer bytes than the shape", "{\"w\":" T("[2]", "[0,4]") "}", 4},
        {"more bytes than the shape", "{\"w\":" T("[1]", "[0,8]") "}", 8},
        {"past the end of the file", "{\"w\":" T("[2]", "[0,8]") "}", 4},
        {"data that are no tensor's", "{\"w\":" T("[1]", "[0,4]") "}", 8},
        {"a gap", "{\"w\":" T("[1]", "[0,4]") ",\"b\":" T("[1]", "[8,12]") "}", 12},
        {"a gap in front", "{\"w\":" T("[1]", "[4,8]") "}", 8},
        {"overlapping", "{\"w\":" T("[2]", "[0,8]") ",\"b\":" T("[2]", "[4,12]") "}", 12},
        {"the same place", "{\"w\":" T("[1]", "[0,4]") ",\"b\":" T("[1]", "[0,4]") "}", 4},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t file[4096];
        size_t len = file_of(cases[i].header, cases[i].data, file);
        struct dense_tensors tensors = {.count = 99};
        struct dense_fault fault = {0};
        print_message("  %s\n", cases[i].why);
        assert_int_equal(dense_tensors_parse(file, len, &tensors, &fault), DENSE_FAILED);
        assert_int_equal(tensors.count, 99);
        assert_true(fault.text[0] != 0);
    }
}

static void refuses_files_cut_off_anywhere(void **state)
{
    (void)state;
    uint8_t file[4096];
    size_t len = file_of("{\"w\":" T("[2]", "[0,8]") "}", 8, file);
    struct dense_tensors tensors;
    struct dense_fault fault;

    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(dense_tensors_parse(file, cut, &tensors, &fault), DENSE_FAILED);
    assert_int_equal(dense_tensors_parse(file, len, &tensors, &fault), DENSE_OK);
    memset(file, 0xff, 8); /* a header of 2^64 - 1 bytes */
    assert_int_equal(dense_tensors_parse(file, len, &tensors, &fault), DENSE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_other_libraries_write),
        cmocka_unit_test(writes_the_canonical_header),
        cmocka_unit_test(refuses_and_leaves_the_output_as_it_was),
        cmocka_unit_test(refuses_files_cut_off_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
