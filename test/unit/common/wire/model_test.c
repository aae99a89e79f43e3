/* The encoded model: PROTOCOL.md section 8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "model.h"
#include "writer.h"

/* {1: [["w", [2, 1], 85(h'0000803F000000C0')], ["b.1-x_", [], 85(h'0000003F')]]} */
#define GOLDEN "a1 01 82 83 6177 820201 d855 48 0000803f000000c0 83 66622e312d785f 80 d855 44 0000003f"

static struct model_layout layout, other;

static struct view golden(struct buf *memory)
{
    return hex_view(GOLDEN, memory);
}

static void decodes_the_golden_model(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes);
    const struct view encoded = golden(&memory);
    (void)state;

    assert_int_equal(model_decode(encoded, 3, &layout), STATUS_OK);
    assert_int_equal(layout.count, 2);
    assert_int_equal(layout.parameters, 3);
    assert_true(view_equal(layout.tensors[0].name, VIEW_TEXT("w")));
    assert_int_equal(layout.tensors[0].dims, 2);
    assert_int_equal(layout.tensors[0].shape[0], 2);
    assert_int_equal(layout.tensors[0].shape[1], 1);
    assert_int_equal(layout.tensors[0].elements, 2);
    assert_int_equal(read_le32(encoded.ptr + layout.tensors[0].offset), 0x3f800000);
    assert_int_equal(read_le32(encoded.ptr + layout.tensors[0].offset + 4), 0xc0000000);
    assert_true(view_equal(layout.tensors[1].name, VIEW_TEXT("b.1-x_")));
    assert_int_equal(layout.tensors[1].dims, 0);
    assert_int_equal(layout.tensors[1].elements, 1);
    assert_int_equal(read_le32(encoded.ptr + layout.tensors[1].offset), 0x3f000000);
}

static void encodes_what_it_decoded_to_the_same_bytes(void **state)
{
    uint8_t bytes[64], again[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(again);
    const struct view encoded = golden(&memory);
    (void)state;

    assert_int_equal(model_decode(encoded, 3, &layout), STATUS_OK);
    assert_int_equal(model_encode_head(layout.count, &out), STATUS_OK);
    for (uint32_t i = 0; i < layout.count; i++) {
        const struct model_tensor *tensor = &layout.tensors[i];
        struct view values;

        assert_int_equal(view_slice(encoded, tensor->offset, 4 * (size_t)tensor->elements, &values), STATUS_OK);
        assert_int_equal(model_encode_tensor_head(tensor, &out), STATUS_OK);
        assert_int_equal(buf_append(&out, values), STATUS_OK);
    }
    assert_hex_equal(buf_view(&out), GOLDEN);
}

static void refuses_and_leaves_the_layout_as_it_was(void **state)
{
    static const struct {
        const char *why, *hex;
        enum status want;
    } cases[] = {
        {"nothing", "", STATUS_TRUNCATED},
        {"array for the map", "81 81 83 6177 80 d855 44 00000000", STATUS_MALFORMED},
        {"no keys", "a0", STATUS_MALFORMED},
        {"key 2", "a1 02 81 83 6177 80 d855 44 00000000", STATUS_MALFORMED},
        {"a second key", "a2 01 81 83 6177 80 d855 44 00000000 02 00", STATUS_MALFORMED},
        {"no tensor", "a1 01 80", STATUS_OUT_OF_RANGE},
        {"a byte behind", "a1 01 81 83 6177 80 d855 44 00000000 00", STATUS_TRAILING},
        {"tensor of two", "a1 01 81 82 6177 80", STATUS_OUT_OF_RANGE},
        {"empty name", "a1 01 81 83 60 80 d855 44 00000000", STATUS_OUT_OF_RANGE},
        {"slash in a name", "a1 01 81 83 612f 80 d855 44 00000000", STATUS_MALFORMED},
        {"letter outside ASCII in a name", "a1 01 81 83 62c3a9 80 d855 44 00000000", STATUS_MALFORMED},
        {"bytes for a name", "a1 01 81 83 4177 80 d855 44 00000000", STATUS_MALFORMED},
        {"name twice", "a1 01 82 83 6177 80 d855 44 00000000 83 6177 80 d855 44 00000000", STATUS_MALFORMED},
        {"nine dimensions", "a1 01 81 83 6177 89 010101010101010101 d855 44 00000000", STATUS_OUT_OF_RANGE},
        {"dimension of 0", "a1 01 81 83 6177 81 00 d855 40", STATUS_OUT_OF_RANGE},
        {"negative dimension", "a1 01 81 83 6177 81 20 d855 44 00000000", STATUS_MALFORMED},
        {"shape past the limit", "a1 01 81 83 6177 81 04 d855 50 00000000000000000000000000000000",
         STATUS_OUT_OF_RANGE},
        {"product past the limit", "a1 01 81 83 6177 82 02 02 d855 50 00000000000000000000000000000000",
         STATUS_OUT_OF_RANGE},
        {"product that is 0 modulo 2^64", "a1 01 81 83 6177 82 1b8000000000000000 02 d855 40", STATUS_OUT_OF_RANGE},
        {"two tensors past the limit together",
         "a1 01 82 83 6177 81 02 d855 48 0000000000000000 83 6178 81 02 d855 48 0000000000000000", STATUS_OUT_OF_RANGE},
        {"fewer values than the shape", "a1 01 81 83 6177 81 02 d855 44 00000000", STATUS_MALFORMED},
        {"more values than the shape", "a1 01 81 83 6177 81 01 d855 48 0000000000000000", STATUS_MALFORMED},
        {"a part of a value", "a1 01 81 83 6177 81 01 d855 43 000000", STATUS_MALFORMED},
        {"halves", "a1 01 81 83 6177 81 01 d854 42 0000", STATUS_MALFORMED},
        {"no tag", "a1 01 81 83 6177 81 01 44 00000000", STATUS_MALFORMED},
        {"NaN", "a1 01 81 83 6177 81 01 d855 44 0000c07f", STATUS_NOT_FINITE},
        {"minus infinity behind a number", "a1 01 81 83 6177 81 02 d855 48 00000000 000080ff", STATUS_NOT_FINITE},
        {"length that is not shortest", "a1 01 81 83 6177 81 01 d855 5804 00000000", STATUS_NOT_SHORTEST},
        {"cut short", "a1 01 81 83 6177 81 01 d855 44 000000", STATUS_TRUNCATED},
        {"257 tensors", "a1 01 99 0101", STATUS_TRUNCATED},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[128];
        struct buf memory = BUF_OF(bytes);

        print_message("  %s\n", cases[i].why);
        layout.count = 77;
        assert_int_equal(model_decode(hex_view(cases[i].hex, &memory), 3, &layout), cases[i].want);
        assert_int_equal(layout.count, 77);
    }
}

static void refuses_every_prefix(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes);
    struct view encoded = golden(&memory);
    (void)state;

    while (encoded.len > 0) {
        encoded.len--;
        assert_int_equal(model_decode(encoded, 3, &layout), STATUS_TRUNCATED);
    }
}

/* A model with the longest names and the most dimensions, of one value in each tensor. */
static void encode_widest(uint32_t tensors, struct buf *out)
{
    assert_int_equal(model_encode_head(tensors < MODEL_MAX_TENSORS ? tensors : MODEL_MAX_TENSORS, out), STATUS_OK);
    for (uint32_t i = 0; i < tensors; i++) {
        char name[MODEL_MAX_NAME + 1];
        struct model_tensor tensor = {.dims = MODEL_MAX_DIMS, .shape = {1, 1, 1, 1, 1, 1, 1, 1}};

        (void)snprintf(name, sizeof name, "%064u", i);
        tensor.name = view_of_string(name);
        assert_int_equal(model_encode_tensor_head(&tensor, out), STATUS_OK);
        assert_int_equal(buf_append(out, VIEW_TEXT("\0\0\0\0")), STATUS_OK);
    }
}

static void takes_256_tensors_within_the_largest_size(void **state)
{
    const size_t max = model_encoded_max(MODEL_MAX_TENSORS);
    struct buf out = {.ptr = malloc(max), .cap = max};
    (void)state;

    assert_non_null(out.ptr);
    encode_widest(MODEL_MAX_TENSORS, &out);
    assert_int_equal(model_decode(buf_view(&out), MODEL_MAX_TENSORS, &layout), STATUS_OK);
    assert_int_equal(layout.count, MODEL_MAX_TENSORS);
    assert_int_equal(model_decode(buf_view(&out), MODEL_MAX_TENSORS - 1, &layout), STATUS_OUT_OF_RANGE);
    free(out.ptr);
}

static void refuses_257_tensors(void **state)
{
    const size_t max = 2 * model_encoded_max(MODEL_MAX_TENSORS);
    struct buf out = {.ptr = malloc(max), .cap = max};
    (void)state;

    assert_non_null(out.ptr);
    encode_widest(MODEL_MAX_TENSORS + 1, &out);
    out.ptr[4] = 1; /* the low byte of the count: 256 becomes 257 */
    assert_int_equal(model_decode(buf_view(&out), MODEL_MAX_PARAMETERS, &layout), STATUS_OUT_OF_RANGE);
    free(out.ptr);
}

static void the_largest_size_holds_the_largest_heads(void **state)
{
    static uint8_t bytes[256];
    struct buf out = BUF_OF(bytes);
    struct writer writer = writer_to(&out);
    (void)state;

    /* What no model reaches: every dimension and the length in nine bytes. */
    write_array(&writer, 3);
    write_text(&writer, VIEW_TEXT("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
    write_array(&writer, MODEL_MAX_DIMS);
    for (int i = 0; i < MODEL_MAX_DIMS; i++)
        write_uint(&writer, UINT64_MAX);
    write_tag(&writer, 85);
    write_uint(&writer, UINT64_MAX);
    assert_int_equal(writer_end(&writer), STATUS_OK);
    assert_int_equal(model_encoded_max(0), 5 + MODEL_MAX_TENSORS * out.len);
    assert_int_equal(model_encoded_max(10), model_encoded_max(0) + 40);
    assert_true(model_encoded_max(MODEL_MAX_PARAMETERS) > 4 * MODEL_MAX_PARAMETERS); /* also in a size_t of 32 bits */
}

static void refuses_to_encode_and_leaves_the_buffer_as_it_was(void **state)
{
    static const struct {
        const char *why;
        const char *name;
        uint32_t dims;
        uint64_t shape[MODEL_MAX_DIMS];
        enum status want;
    } cases[] = {
        {"empty name", "", 1, {1}, STATUS_MALFORMED},
        {"space in a name", "a b", 1, {1}, STATUS_MALFORMED},
        {"nine dimensions", "w", 9, {1, 1, 1, 1, 1, 1, 1, 1}, STATUS_OUT_OF_RANGE},
        {"dimension of 0", "w", 2, {1, 0}, STATUS_OUT_OF_RANGE},
        {"too many parameters", "w", 2, {1 << 16, 1 << 15}, STATUS_OUT_OF_RANGE},
        {"product that is 0 modulo 2^64", "w", 2, {(uint64_t)1 << 63, 2}, STATUS_OUT_OF_RANGE},
        {"no space", "a_long_name", 1, {1}, STATUS_NO_SPACE},
    };
    uint8_t bytes[12];
    struct buf out = BUF_OF(bytes);
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct model_tensor tensor = {.name = view_of_string(cases[i].name), .dims = cases[i].dims};

        print_message("  %s\n", cases[i].why);
        memcpy(tensor.shape, cases[i].shape, sizeof tensor.shape);
        assert_int_equal(model_encode_tensor_head(&tensor, &out), cases[i].want);
        assert_int_equal(out.len, 0);
    }
    assert_int_equal(model_encode_head(0, &out), STATUS_OUT_OF_RANGE);
    assert_int_equal(model_encode_head(MODEL_MAX_TENSORS + 1, &out), STATUS_OUT_OF_RANGE);
    out.cap = 2;
    assert_int_equal(model_encode_head(1, &out), STATUS_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void tells_models_of_the_same_shape_from_others(void **state)
{
    static const struct {
        const char *why, *hex;
        bool same;
    } cases[] = {
        {"other values", "a1 01 81 83 6177 82 02 01 d855 48 0000803f0000803f", true},
        {"other name", "a1 01 81 83 6178 82 02 01 d855 48 0000803f0000803f", false},
        {"other order of dimensions", "a1 01 81 83 6177 82 01 02 d855 48 0000803f0000803f", false},
        {"fewer dimensions", "a1 01 81 83 6177 81 02 d855 48 0000803f0000803f", false},
        {"a tensor more", "a1 01 82 83 6177 82 02 01 d855 48 0000803f0000803f 83 6178 80 d855 44 00000000", false},
    };
    uint8_t bytes[2][64];
    struct buf first = BUF_OF(bytes[0]);
    (void)state;

    assert_int_equal(model_decode(hex_view("a1 01 81 83 6177 82 02 01 d855 48 0000000000000000", &first), 9, &layout),
                     STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf second = BUF_OF(bytes[1]);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(model_decode(hex_view(cases[i].hex, &second), 9, &other), STATUS_OK);
        assert_int_equal(model_same_shape(&layout, &other), cases[i].same);
        assert_int_equal(model_same_shape(&other, &layout), cases[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_the_golden_model),
        cmocka_unit_test(encodes_what_it_decoded_to_the_same_bytes),
        cmocka_unit_test(refuses_and_leaves_the_layout_as_it_was),
        cmocka_unit_test(refuses_every_prefix),
        cmocka_unit_test(takes_256_tensors_within_the_largest_size),
        cmocka_unit_test(refuses_257_tensors),
        cmocka_unit_test(the_largest_size_holds_the_largest_heads),
        cmocka_unit_test(refuses_to_encode_and_leaves_the_buffer_as_it_was),
        cmocka_unit_test(tells_models_of_the_same_shape_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
