/* Model files: the safetensors format, strictly; PROTOCOL.md section 8 for the encoded model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hex.h"
#include "safetensors.h"

/* {1: [["w", [2, 1], [1.0, -2.0]], ["b", [], [0.5]]]} */
#define MODEL "a1 01 82 83 6177 820201 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f"
#define MODEL_HEADER \
    "{\"__metadata__\":{\"tacit.digest\":\"00ff\",\"tacit.simulated\":\"true\"}," \
    "\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}," \
    "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}"

static const struct safetensors_entry metadata[] = {{"tacit.digest", "00ff"}, {"tacit.simulated", "true"}};

static uint8_t file_bytes[SAFETENSORS_MAX_HEADER + 65536], model_bytes[65536];
static struct safetensors file;

/* A file of this header and so many bytes of data, all zero. */
static struct view make_file(const char *header, size_t data)
{
    static const uint8_t zeros[65536];
    uint8_t length[8] = {0};
    struct buf out = BUF_OF(file_bytes);

    write_le32(length, (uint32_t)strlen(header));
    assert_int_equal(buf_append(&out, VIEW_OF(length)), STATUS_OK);
    assert_int_equal(buf_append(&out, view_of_string(header)), STATUS_OK);
    assert_int_equal(buf_append(&out, (struct view){zeros, data}), STATUS_OK);
    return buf_view(&out);
}

static struct view golden_model(struct buf *memory)
{
    return hex_view(MODEL, memory);
}

static void writes_the_golden_file(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(file_bytes);
    const size_t header = sizeof MODEL_HEADER - 1, padded = (header + 7) / 8 * 8;
    (void)state;

    assert_int_equal(safetensors_encode(golden_model(&memory), metadata, ARRAY_LEN(metadata), &out), STATUS_OK);
    assert_int_equal(out.len, 8 + padded + 12);
    assert_int_equal(read_le32(out.ptr), padded);
    assert_int_equal(read_le32(out.ptr + 4), 0);
    assert_memory_equal(out.ptr + 8, MODEL_HEADER, header);
    for (size_t i = header; i < padded; i++)
        assert_int_equal(out.ptr[8 + i], ' ');
    assert_hex_equal((struct view){out.ptr + 8 + padded, 12}, "0000803f000000c0 0000003f");
}

static void gives_back_the_model_that_it_wrote(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(file_bytes), model = BUF_OF(model_bytes);
    (void)state;

    assert_int_equal(safetensors_encode(golden_model(&memory), metadata, ARRAY_LEN(metadata), &out), STATUS_OK);
    assert_int_equal(safetensors_decode(buf_view(&out), &file), STATUS_OK);
    assert_string_equal(safetensors_metadata(&file, "tacit.digest"), "00ff");
    assert_string_equal(safetensors_metadata(&file, "tacit.simulated"), "true");
    assert_null(safetensors_metadata(&file, "tacit"));
    assert_int_equal(file.parameters, 3);
    assert_int_equal(safetensors_to_model(&file, &model), STATUS_OK);
    assert_hex_equal(buf_view(&model), MODEL);
    safetensors_release(&file);
    safetensors_release(&file);
    assert_int_equal(file.count, 0);
}

static void a_file_without_metadata_has_none(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(file_bytes);
    (void)state;

    assert_int_equal(safetensors_encode(golden_model(&memory), NULL, 0, &out), STATUS_OK);
    assert_int_equal(safetensors_decode(buf_view(&out), &file), STATUS_OK);
    assert_null(safetensors_metadata(&file, "tacit.digest"));
    safetensors_release(&file);
}

static void keeps_any_text_of_metadata(void **state)
{
    static const struct safetensors_entry odd[] = {
        {"quote\"", "line\nend\ttab"}, {"back\\slash", "\\u0000"}, {"", ""}, {"caf\xc3\xa9", "\xf0\x9f\x98\x80"}};
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(file_bytes);
    (void)state;

    assert_int_equal(safetensors_encode(golden_model(&memory), odd, ARRAY_LEN(odd), &out), STATUS_OK);
    assert_int_equal(safetensors_decode(buf_view(&out), &file), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_string_equal(safetensors_metadata(&file, odd[i].key), odd[i].value);
    safetensors_release(&file);
}

static void widens_halves_and_orders_tensors_by_their_data(void **state)
{
    static const char header[] = "{\"late\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
                                 "\"early\":{\"data_offsets\":[0,4],\"shape\":[1,2],\"dtype\":\"F16\"}}  ";
    struct view bytes = make_file(header, 8);
    struct buf model = BUF_OF(model_bytes);
    (void)state;

    memcpy(file_bytes + bytes.len - 8, "\x01\x00\x00\xbe\x00\x00\x80\x3f", 8); /* 2^-24, -1.5; 1.0 */
    assert_int_equal(safetensors_decode(bytes, &file), STATUS_OK);
    assert_int_equal(file.count, 2);
    assert_true(view_equal(file.tensors[0].name, VIEW_TEXT("early")));
    assert_int_equal(file.tensors[0].values.type, TENSOR_F16);
    assert_int_equal(safetensors_to_model(&file, &model), STATUS_OK);
    assert_hex_equal(buf_view(&model), "a1 01 82 83 656561726c79 820102 d855 48 00008033 0000c0bf"
                                       "83 646c617465 8101 d855 44 0000803f");
    safetensors_release(&file);
}

#define ENTRY(name, dtype, shape, offsets) \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define ONE ENTRY("w", "F32", "[1]", "[0,4]")

static void refuses_and_holds_no_tensor(void **state)
{
    static const struct {
        const char *why, *header;
        size_t data;
        enum status want;
    } cases[] = {
        {"empty header", "", 4, STATUS_MALFORMED},
        {"spaces only", "        ", 4, STATUS_MALFORMED},
        {"no tensor", "{}", 0, STATUS_OUT_OF_RANGE},
        {"metadata alone", "{\"__metadata__\":{}}", 0, STATUS_OUT_OF_RANGE},
        {"array", "[]", 0, STATUS_MALFORMED},
        {"space before", " {" ONE "}", 4, STATUS_MALFORMED},
        {"line end behind", "{" ONE "}\n", 4, STATUS_MALFORMED},
        {"two objects", "{" ONE "}{}", 4, STATUS_MALFORMED},
        {"comma at the end", "{" ONE ",}", 4, STATUS_MALFORMED},
        {"object that ends early", "{\"1\":1,", 4, STATUS_MALFORMED},
        {"brace within a text", "{\"}", 4, STATUS_MALFORMED},
        {"not JSON", "{w}", 4, STATUS_MALFORMED},
        {"escaped NUL in a name", "{" ENTRY("w\\u0000x", "F32", "[1]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"name twice", "{" ONE "," ENTRY("w", "F32", "[1]", "[4,8]") "}", 8, STATUS_DUPLICATE_KEY},
        {"name twice, once escaped", "{" ONE "," ENTRY("\\u0077", "F32", "[1]", "[4,8]") "}", 8, STATUS_DUPLICATE_KEY},
        {"metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}," ONE "}", 4, STATUS_DUPLICATE_KEY},
        {"metadata key twice", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," ONE "}", 4, STATUS_DUPLICATE_KEY},
        {"metadata that is a number", "{\"__metadata__\":{\"a\":1}," ONE "}", 4, STATUS_MALFORMED},
        {"metadata that is a text", "{\"__metadata__\":\"a\"," ONE "}", 4, STATUS_MALFORMED},
        {"name with a slash", "{" ENTRY("a/b", "F32", "[1]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"empty name", "{" ENTRY("", "F32", "[1]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"tensor that is a number", "{\"w\":1}", 0, STATUS_MALFORMED},
        {"integers", "{" ENTRY("w", "I32", "[1]", "[0,4]") "}", 4, STATUS_UNSUPPORTED},
        {"bfloat16", "{" ENTRY("w", "BF16", "[1]", "[0,2]") "}", 2, STATUS_UNSUPPORTED},
        {"lower-case dtype", "{" ENTRY("w", "f32", "[1]", "[0,4]") "}", 4, STATUS_UNSUPPORTED},
        {"dtype that is a number", "{\"w\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, STATUS_MALFORMED},
        {"no dtype", "{\"w\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, STATUS_MALFORMED},
        {"no shape", "{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, STATUS_MALFORMED},
        {"no offsets", "{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, STATUS_MALFORMED},
        {"key of another case", "{\"w\":{\"Dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
         STATUS_MALFORMED},
        {"unknown key", "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":0}}", 4,
         STATUS_OUT_OF_RANGE},
        {"dtype twice", "{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1]}}", 4, STATUS_DUPLICATE_KEY},
        {"shape that is a number", "{" ENTRY("w", "F32", "1", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"negative dimension", "{" ENTRY("w", "F32", "[-1]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"dimension with a fraction", "{" ENTRY("w", "F32", "[1.5]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"dimension of 2^53", "{" ENTRY("w", "F32", "[9007199254740992]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"infinite dimension", "{" ENTRY("w", "F32", "[1e999]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"dimension of 0", "{" ENTRY("w", "F32", "[0]", "[0,0]") "}", 0, STATUS_OUT_OF_RANGE},
        {"nine dimensions", "{" ENTRY("w", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, STATUS_OUT_OF_RANGE},
        {"product that is 0 modulo 2^64", "{" ENTRY("w", "F32", "[4294967296,4294967296]", "[0,0]") "}", 0,
         STATUS_OUT_OF_RANGE},
        {"one offset", "{" ENTRY("w", "F32", "[1]", "[0]") "}", 4, STATUS_MALFORMED},
        {"three offsets", "{" ENTRY("w", "F32", "[1]", "[0,4,8]") "}", 4, STATUS_OUT_OF_RANGE},
        {"offsets backwards", "{" ENTRY("w", "F32", "[1]", "[4,0]") "}", 4, STATUS_MALFORMED},
        {"offsets too short for the shape", "{" ENTRY("w", "F32", "[2]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"offsets too long for halves", "{" ENTRY("w", "F16", "[1]", "[0,4]") "}", 4, STATUS_MALFORMED},
        {"offsets past the data", "{" ENTRY("w", "F32", "[1]", "[0,4]") "}", 3, STATUS_TRUNCATED},
        {"offsets past 32 bits", "{" ENTRY("w", "F32", "[1]", "[4294967296,4294967300]") "}", 4, STATUS_TRUNCATED},
        {"data behind the last tensor", "{" ONE "}", 5, STATUS_TRAILING},
        {"gap before the first tensor", "{" ENTRY("w", "F32", "[1]", "[4,8]") "}", 8, STATUS_MALFORMED},
        {"gap between tensors", "{" ONE "," ENTRY("b", "F32", "[1]", "[5,9]") "}", 9, STATUS_MALFORMED},
        {"tensors that overlap", "{" ONE "," ENTRY("b", "F32", "[1]", "[2,6]") "}", 6, STATUS_MALFORMED},
        {"tensors in the same place", "{" ONE "," ENTRY("b", "F32", "[1]", "[0,4]") "}", 4, STATUS_MALFORMED},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(safetensors_decode(make_file(cases[i].header, cases[i].data), &file), cases[i].want);
        assert_true(file.count == 0 && file.header == NULL);
    }
}

static void refuses_every_prefix_of_a_file(void **state)
{
    struct view bytes = make_file("{" ONE "}", 4);
    (void)state;

    assert_int_equal(safetensors_decode(bytes, &file), STATUS_OK);
    safetensors_release(&file);
    while (bytes.len > 0) {
        bytes.len--;
        assert_int_equal(safetensors_decode(bytes, &file), STATUS_TRUNCATED);
    }
}

static void refuses_a_header_past_its_limit_and_a_raw_nul(void **state)
{
    struct view bytes = make_file("{" ONE "}", 4);
    (void)state;

    file_bytes[9] = '\0';
    assert_int_equal(safetensors_decode(bytes, &file), STATUS_MALFORMED);
    write_le32(file_bytes, (uint32_t)SAFETENSORS_MAX_HEADER + 1);
    bytes.len = sizeof file_bytes;
    assert_int_equal(safetensors_decode(bytes, &file), STATUS_OUT_OF_RANGE);
    memset(file_bytes, 0xff, 8);
    assert_int_equal(safetensors_decode(bytes, &file), STATUS_OUT_OF_RANGE);
}

/* A header of n tensors of one value and the metadata entries given. */
static char *long_header(unsigned int tensors, unsigned int entries)
{
    char *header = malloc(SAFETENSORS_MAX_HEADER);
    size_t len;

    assert_non_null(header);
    len = (size_t)sprintf(header, "{\"__metadata__\":{");
    for (unsigned int i = 0; i < entries; i++)
        len += (size_t)sprintf(header + len, "%s\"%u\":\"\"", i == 0 ? "" : ",", i);
    len += (size_t)sprintf(header + len, "}");
    for (unsigned int i = 0; i < tensors; i++)
        len += (size_t)sprintf(header + len, ",\"t%u\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[%u,%u]}", i,
                               4 * i, 4 * i + 4);
    (void)sprintf(header + len, "}");
    return header;
}

static void bounds_tensors_and_metadata(void **state)
{
    static const struct {
        unsigned int tensors, entries;
        enum status want;
    } cases[] = {
        {256, 256, STATUS_OK},         {257, 0, STATUS_OUT_OF_RANGE},   {300, 0, STATUS_OUT_OF_RANGE},
        {1, 257, STATUS_OUT_OF_RANGE}, {1, 90000, STATUS_OUT_OF_RANGE},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *header = long_header(cases[i].tensors, cases[i].entries);

        assert_int_equal(safetensors_decode(make_file(header, 4 * (size_t)cases[i].tensors), &file), cases[i].want);
        safetensors_release(&file);
        free(header);
    }
}

static void makes_no_model_of_what_is_not_finite_or_does_not_fit(void **state)
{
    struct view bytes = make_file("{" ONE "," ENTRY("h", "F16", "[2]", "[4,8]") "}", 8);
    struct buf model = BUF_OF(model_bytes);
    (void)state;

    assert_int_equal(safetensors_decode(bytes, &file), STATUS_OK);
    for (model.cap = 0; model.cap < 31; model.cap++) {
        assert_int_equal(safetensors_to_model(&file, &model), STATUS_NO_SPACE);
        assert_int_equal(model.len, 0);
    }
    assert_int_equal(safetensors_to_model(&file, &model), STATUS_OK);
    assert_int_equal(model.len, 31);
    model.len = 0;
    file_bytes[bytes.len - 1] = 0x7c; /* the last half becomes infinite */
    assert_int_equal(safetensors_to_model(&file, &model), STATUS_NOT_FINITE);
    assert_int_equal(model.len, 0);
    safetensors_release(&file);
}

static void writes_no_file_of_what_is_no_model_or_does_not_fit(void **state)
{
    static struct safetensors_entry many[SAFETENSORS_MAX_METADATA + 1];
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(file_bytes);
    struct view model = golden_model(&memory);
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = (struct safetensors_entry){"k", "v"};
    assert_int_equal(safetensors_encode(model, many, ARRAY_LEN(many), &out), STATUS_OUT_OF_RANGE);
    out.cap = 8 + sizeof MODEL_HEADER + 11;
    assert_int_equal(safetensors_encode(model, metadata, ARRAY_LEN(metadata), &out), STATUS_NO_SPACE);
    assert_int_equal(out.len, 0);
    model.len--;
    assert_int_equal(safetensors_encode(model, NULL, 0, &out), STATUS_TRUNCATED);
    assert_int_equal(out.len, 0);
}

/* ---- another implementation's view: the format's few lines in Python, values by numpy ---- */

#define PYTHON "/usr/bin/python3"

static const char script[] =
    "import json, struct, sys, numpy\n"
    "raw = open(sys.argv[1], 'rb').read()\n"
    "(n,) = struct.unpack('<Q', raw[:8])\n"
    "assert n % 8 == 0 and raw[8:9] == b'{'\n"
    "header = json.loads(raw[8:8 + n].decode())\n"
    "data = raw[8 + n:]\n"
    "print(json.dumps(header.pop('__metadata__')), len(data))\n"
    "for name, t in header.items():\n"
    "    begin, end = t['data_offsets']\n"
    "    a = numpy.frombuffer(data[begin:end], {'F32': '<f4'}[t['dtype']]).reshape(t['shape'])\n"
    "    print(name, a.shape, a.tolist())\n";

static bool numpy_is_there(void)
{
    return access(PYTHON, X_OK) == 0 && system(PYTHON " -c 'import numpy' 2>/dev/null") == 0;
}

static void write_temporary(char *path, struct view content)
{
    const int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.ptr, content.len), content.len);
    assert_int_equal(close(fd), 0);
}

static void numpy_reads_what_is_written(void **state)
{
    static const char want[] = "{\"tacit.digest\": \"00ff\", \"tacit.simulated\": \"true\"} 12\n"
                               "w (2, 1) [[1.0], [-2.0]]\n"
                               "b () 0.5\n";
    char script_path[] = P_tmpdir "/safetensors_script_XXXXXX", file_path[] = P_tmpdir "/safetensors_file_XXXXXX";
    char command[256], got[512] = "";
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(file_bytes);
    FILE *python;
    (void)state;

    if (!numpy_is_there()) {
        print_message("  skipped: no %s with numpy\n", PYTHON);
        skip();
    }
    assert_int_equal(safetensors_encode(golden_model(&memory), metadata, ARRAY_LEN(metadata), &out), STATUS_OK);
    write_temporary(script_path, view_of_string(script));
    write_temporary(file_path, buf_view(&out));
    (void)snprintf(command, sizeof command, "%s %s %s", PYTHON, script_path, file_path);
    python = popen(command, "r");
    assert_non_null(python);
    assert_int_not_equal(fread(got, 1, sizeof got - 1, python), 0);
    (void)unlink(script_path);
    (void)unlink(file_path);
    assert_int_equal(pclose(python), 0);
    assert_string_equal(got, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_golden_file),
        cmocka_unit_test(gives_back_the_model_that_it_wrote),
        cmocka_unit_test(a_file_without_metadata_has_none),
        cmocka_unit_test(keeps_any_text_of_metadata),
        cmocka_unit_test(widens_halves_and_orders_tensors_by_their_data),
        cmocka_unit_test(refuses_and_holds_no_tensor),
        cmocka_unit_test(refuses_every_prefix_of_a_file),
        cmocka_unit_test(refuses_a_header_past_its_limit_and_a_raw_nul),
        cmocka_unit_test(bounds_tensors_and_metadata),
        cmocka_unit_test(makes_no_model_of_what_is_not_finite_or_does_not_fit),
        cmocka_unit_test(writes_no_file_of_what_is_no_model_or_does_not_fit),
        cmocka_unit_test(numpy_reads_what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
