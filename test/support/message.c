/* message.c: see message.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "wire_limits.h"
#include "message.h"
#include "writer.h"

#define VECTORS     "test/vectors/messages.txt"
#define STRUCT_MAX  8192
#define BYTES_MAX   (1 << 20)
#define FIELDS_MAX  20
#define FILLED_SIZE 256

/* ---- vectors ---- */

/* Cuts the line's end off. */
static bool next_line(FILE *file, char *line, int size)
{
    if (!fgets(line, size, file))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

struct view message_golden(const char *name, struct buf *memory)
{
    const size_t start = memory->len;
    char line[256], heading[128];
    bool found = false;
    FILE *file = fopen(VECTORS, "r");

    if (!file)
        fail_msg("%s cannot be read from the working directory", VECTORS);
    (void)snprintf(heading, sizeof heading, "[%s]", name);
    while (next_line(file, line, sizeof line)) {
        if (line[0] == '[')
            found = strcmp(line, heading) == 0;
        else if (found && line[0] != '#')
            (void)hex_view(line, memory);
    }
    (void)fclose(file);
    if (memory->len == start)
        fail_msg("%s has no vector %s", VECTORS, name);
    return (struct view){memory->ptr + start, memory->len - start};
}

struct view message_filled(uint8_t byte, size_t size)
{
    static uint8_t filled[256][FILLED_SIZE];

    assert_in_range(size, 0, FILLED_SIZE);
    memset(filled[byte], byte, FILLED_SIZE);
    return (struct view){filled[byte], size};
}

struct view message_key(uint8_t byte)
{
    static uint8_t keys[256][PUBLIC_KEY_SIZE];
    struct buf key = {.ptr = keys[byte], .cap = PUBLIC_KEY_SIZE};
    const struct view x = message_filled(byte, 32), y = message_filled((uint8_t)(byte + 1), 32);

    (void)hex_view("a4 01 02 20 01 21 58 20", &key);
    assert_int_equal(buf_append(&key, x), STATUS_OK);
    (void)hex_view("22 58 20", &key);
    assert_int_equal(buf_append(&key, y), STATUS_OK);
    return buf_view(&key);
}

/* ---- one decoding ---- */

/* Decodes from memory of exactly that size, so that a sanitizer sees a read behind it. On a refusal nothing was written
 * to out; else the message encodes to the bytes that it was decoded from. */
static enum status decode_strictly(const struct message_kind *kind, struct view bytes, const char *why)
{
    static _Alignas(max_align_t) uint8_t out[STRUCT_MAX];
    static uint8_t encoded[BYTES_MAX];
    struct buf again = BUF_OF(encoded);
    uint8_t *exact = malloc(bytes.len > 0 ? bytes.len : 1);
    enum status status;

    assert_in_range(kind->size, 1, STRUCT_MAX);
    assert_in_range(bytes.len, 0, BYTES_MAX);
    assert_non_null(exact);
    if (bytes.len > 0)
        memcpy(exact, bytes.ptr, bytes.len);
    memset(out, 0xa5, kind->size);
    status = kind->decode((struct view){exact, bytes.len}, out);
    if (status == STATUS_OK) {
        if (kind->encode(out, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes))
            fail_msg("%s: %s: decodes, but encodes to other bytes", kind->vector, why);
    } else {
        for (size_t i = 0; i < kind->size; i++)
            if (out[i] != 0xa5)
                fail_msg("%s: %s: refused, but out was written to", kind->vector, why);
    }
    free(exact);
    return status;
}

static void check_one(const struct message_kind *kind, struct view bytes, enum status want, const char *why)
{
    const enum status status = decode_strictly(kind, bytes, why);

    if (status != want)
        fail_msg("%s: %s: %s instead of %s", kind->vector, why, status_name(status), status_name(want));
}

void message_check_golden(const struct message_kind *kind, const void *message, void *out, struct buf *memory)
{
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    const struct view golden = message_golden(kind->vector, memory);
    struct buf encoded = BUF_OF(bytes);

    assert_int_equal(kind->encode(message, &encoded), STATUS_OK);
    if (!view_equal(buf_view(&encoded), golden))
        fail_msg("%s: not the golden vector", kind->vector);
    for (size_t cap = 0; cap < golden.len; cap++) {
        struct buf small = {.ptr = bytes, .cap = cap};

        assert_int_equal(kind->encode(message, &small), STATUS_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
    check_one(kind, golden, STATUS_OK, "golden");
    assert_int_equal(kind->decode(golden, out), STATUS_OK);
}

/* ---- damage ---- */

void message_check_damage(const struct message_kind *kind)
{
    uint8_t bytes[MESSAGE_GOLDEN_MAX + 1];
    struct buf memory = BUF_OF(bytes);
    const size_t len = message_golden(kind->vector, &memory).len;
    char why[64];

    assert_in_range(len, 1, MESSAGE_GOLDEN_MAX);
    for (size_t cut = 0; cut < len; cut++) {
        (void)snprintf(why, sizeof why, "cut after %zu bytes", cut);
        check_one(kind, (struct view){bytes, cut}, STATUS_TRUNCATED, why);
    }
    bytes[len] = 0;
    check_one(kind, (struct view){bytes, len + 1}, STATUS_TRAILING, "a byte too many");
    for (size_t i = 0; i < len; i++)
        for (unsigned int change = 1; change < 256; change++) {
            bytes[i] ^= (uint8_t)change;
            (void)snprintf(why, sizeof why, "byte %zu changed to %02x", i, bytes[i]);
            (void)decode_strictly(kind, (struct view){bytes, len}, why);
            bytes[i] ^= (uint8_t)change;
        }
}

/* ---- fields ---- */

struct field {
    int64_t key;
    struct view value;
};

struct fields {
    size_t count;
    struct field list[FIELDS_MAX];
};

/* Takes the vector's map apart; its pairs are fewer than 24, its keys 1..23. */
static struct fields split(struct view golden)
{
    struct fields fields = {0};
    struct reader rest;

    assert_int_equal(golden.ptr[0] & 0xe0, 0xa0);
    rest = reader_of((struct view){golden.ptr + 1, golden.len - 1});
    while (rest.rest.len > 0) {
        struct field *field = &fields.list[fields.count++];

        assert_in_range(fields.count, 1, FIELDS_MAX - 1);
        field->key = read_int(&rest, 1, 23);
        field->value = read_any(&rest);
    }
    assert_int_equal(reader_end(&rest), STATUS_OK);
    assert_int_equal(golden.ptr[0] & 0x1f, fields.count);
    return fields;
}

static struct view join(const struct fields *fields, struct buf *memory)
{
    struct writer writer;

    memory->len = 0;
    writer = writer_to(memory);
    write_map(&writer, (uint32_t)fields->count);
    for (size_t i = 0; i < fields->count; i++) {
        write_int(&writer, fields->list[i].key);
        write_raw(&writer, fields->list[i].value);
    }
    assert_int_equal(writer_end(&writer), STATUS_OK);
    return buf_view(memory);
}

static void insert(struct fields *fields, size_t at, struct field field)
{
    assert_in_range(fields->count, at, FIELDS_MAX - 1);
    memmove(&fields->list[at + 1], &fields->list[at], (fields->count - at) * sizeof field);
    fields->list[at] = field;
    fields->count++;
}

static void drop(struct fields *fields, size_t at)
{
    fields->count--;
    memmove(&fields->list[at], &fields->list[at + 1], (fields->count - at) * sizeof fields->list[0]);
}

static void check_fields(const struct message_kind *kind, const struct fields *fields, enum status want,
                         const char *what, int64_t key)
{
    static uint8_t bytes[BYTES_MAX];
    struct buf memory = BUF_OF(bytes);
    char why[64];

    (void)snprintf(why, sizeof why, "field %d %s", (int)key, what);
    check_one(kind, join(fields, &memory), want, why);
}

static void check_order(const struct message_kind *kind, const struct fields *golden, size_t i)
{
    const struct field field = golden->list[i];
    const bool optional = (kind->optional & FIELD(field.key)) != 0;
    struct fields changed = *golden;

    drop(&changed, i);
    check_fields(kind, &changed, optional ? STATUS_OK : STATUS_MALFORMED, "missing", field.key);
    changed = *golden;
    insert(&changed, i, field);
    check_fields(kind, &changed, STATUS_DUPLICATE_KEY, "repeated", field.key);
    if (i > 0) {
        changed = *golden;
        changed.list[i] = golden->list[i - 1];
        changed.list[i - 1] = field;
        check_fields(kind, &changed, STATUS_UNORDERED, "out of order", field.key);
    }
}

/* Bytes of the argument behind a head's first byte. */
static size_t argument_size(uint8_t first)
{
    const unsigned int info = first & 0x1f;

    assert_in_range(info, 0, 27);
    return info < 24 ? 0 : (size_t)1 << (info - 24);
}

/* The same item with a head of the next size. */
static struct view longer_head(struct view item, struct buf *memory)
{
    const size_t old = argument_size(item.ptr[0]), size = old == 0 ? 1 : 2 * old;
    const uint8_t major = item.ptr[0] & 0xe0;
    uint8_t *p = memory->ptr;

    assert_in_range(old, 0, 4);
    assert_in_range(item.len + size, 1, memory->cap);
    *p++ = (uint8_t)(major | (old == 0 ? 24 : (item.ptr[0] & 0x1f) + 1));
    if (old == 0)
        *p++ = item.ptr[0] & 0x1f;
    for (size_t i = old; old > 0 && i < size; i++)
        *p++ = 0;
    memcpy(p, item.ptr + 1, item.len - 1);
    memory->len = (size_t)(p - memory->ptr) + item.len - 1;
    return buf_view(memory);
}

/* The same string, array or map in indefinite length: of a string, the whole as its only piece. */
static struct view indefinite(struct view item, struct buf *memory)
{
    const uint8_t major = item.ptr[0] & 0xe0;
    const size_t skip = major == 0x40 || major == 0x60 ? 0 : 1 + argument_size(item.ptr[0]);

    assert_in_range(item.len + 2, 1, memory->cap);
    memory->ptr[0] = major | 0x1f;
    memcpy(memory->ptr + 1, item.ptr + skip, item.len - skip);
    memory->ptr[1 + item.len - skip] = 0xff;
    memory->len = 2 + item.len - skip;
    return buf_view(memory);
}

static void check_form(const struct message_kind *kind, const struct fields *golden, size_t i)
{
    static const uint8_t zero[] = {0x00}, empty[] = {0x40};
    const struct field field = golden->list[i];
    const uint8_t major = field.value.ptr[0] & 0xe0;
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct fields changed = *golden;

    changed.list[i].value = major == 0x00 ? VIEW_OF(empty) : VIEW_OF(zero);
    check_fields(kind, &changed, STATUS_MALFORMED, "of another type", field.key);
    if (major != 0xe0) {
        changed.list[i].value = longer_head(field.value, &memory);
        check_fields(kind, &changed, STATUS_NOT_SHORTEST, "with a longer head", field.key);
    }
    if (major >= 0x40 && major <= 0xa0) {
        changed.list[i].value = indefinite(field.value, &memory);
        check_fields(kind, &changed, STATUS_MALFORMED, "of indefinite length", field.key);
    }
}

static void check_unknown(const struct message_kind *kind, const struct fields *golden)
{
    static const uint8_t zero[] = {0x00};
    struct fields changed = *golden;
    const int64_t last = golden->list[golden->count - 1].key;

    insert(&changed, 0, (struct field){0, VIEW_OF(zero)});
    check_fields(kind, &changed, STATUS_MALFORMED, "is unknown", 0);
    for (int64_t key = last < 16 ? 16 : last + 1; key <= 300; key++) {
        changed = *golden;
        insert(&changed, golden->count, (struct field){key, VIEW_OF(zero)});
        check_fields(kind, &changed, STATUS_MALFORMED, "is unknown", key);
    }
    changed = *golden;
    insert(&changed, golden->count, (struct field){-1, VIEW_OF(zero)});
    check_fields(kind, &changed, STATUS_MALFORMED, "is unknown", -1);
}

void message_check_fields(const struct message_kind *kind)
{
    uint8_t bytes[MESSAGE_GOLDEN_MAX], other[MESSAGE_GOLDEN_MAX + 2];
    struct buf memory = BUF_OF(bytes), changed = BUF_OF(other);
    const struct view golden = message_golden(kind->vector, &memory);
    const struct fields fields = split(golden);

    for (size_t i = 0; i < fields.count; i++) {
        check_order(kind, &fields, i);
        check_form(kind, &fields, i);
    }
    check_unknown(kind, &fields);
    check_one(kind, longer_head(golden, &changed), STATUS_NOT_SHORTEST, "a longer head");
    check_one(kind, indefinite(golden, &changed), STATUS_MALFORMED, "of indefinite length");
}

/* ---- cases ---- */

static struct view changed_value(const struct message_change *change, struct buf *memory)
{
    const size_t start = memory->len;
    struct writer writer;

    (void)hex_view(change->hex, memory);
    if (change->bytes > 0) {
        writer = writer_to(memory);
        write_bytes_head(&writer, change->bytes);
        assert_int_equal(writer_end(&writer), STATUS_OK);
        assert_in_range(change->bytes, 1, memory->cap - memory->len);
        memset(memory->ptr + memory->len, 0, change->bytes);
        memory->len += change->bytes;
    }
    return (struct view){memory->ptr + start, memory->len - start};
}

static void apply(struct fields *fields, const struct message_change *change, struct buf *memory)
{
    size_t at = 0;

    while (at < fields->count && fields->list[at].key < change->key)
        at++;
    if (at < fields->count && fields->list[at].key == change->key)
        drop(fields, at);
    if (change->hex)
        insert(fields, at, (struct field){change->key, changed_value(change, memory)});
}

void message_check_cases(const struct message_kind *kind, const struct message_case *cases, size_t count)
{
    static uint8_t values[BYTES_MAX], joined[BYTES_MAX];
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    const struct fields golden = split(message_golden(kind->vector, &memory));

    for (size_t i = 0; i < count; i++) {
        struct buf value_memory = BUF_OF(values), join_memory = BUF_OF(joined);
        struct fields changed = golden;

        print_message("  %s: %s\n", kind->vector, cases[i].why);
        for (size_t c = 0; c < ARRAY_LEN(cases[i].changes) && cases[i].changes[c].key != 0; c++)
            apply(&changed, &cases[i].changes[c], &value_memory);
        check_one(kind, join(&changed, &join_memory), cases[i].want, cases[i].why);
    }
}
