/* revocation.c: see revocation.h. */
#include "revocation.h"
#include "values.h"

#include <assert.h>

/* Bytes of the longest entry: array, kind, measurement. */
#define ENTRY_MAX (1 + 1 + KIND_MAX + 2 + REVOKED_MEASUREMENT_MAX)

static_assert(ENTRY_MAX >= 2 + NAME_MAX_LEN && ENTRY_MAX >= 1 + CTI_SIZE, "the longest entry is a program");
static_assert(REVOCATIONS_ENCODED_MAX >= (size_t)REVOCATIONS_MAX * ENTRY_MAX + 256, "a full list fits");
static_assert(REVOCATIONS_SIGNED_MAX >= REVOCATIONS_ENCODED_MAX + 256, "and so does its signature");

/* An entry must stand behind the one before it. */
static void check_order(struct reader *reader, int order)
{
    if (order == 0)
        reader_fail(reader, STATUS_DUPLICATE_KEY);
    if (order > 0)
        reader_fail(reader, STATUS_UNORDERED);
}

struct revoked_program read_revoked_program(struct reader *reader)
{
    struct revoked_program program;

    (void)read_array(reader, 2, 2);
    program.kind = read_kind(reader);
    program.measurement = read_bytes(reader, 1, REVOKED_MEASUREMENT_MAX);
    read_close(reader);
    return program;
}

void write_revoked_program(struct writer *writer, const struct revoked_program *program)
{
    write_array(writer, 2);
    write_kind(writer, program->kind);
    write_bounded(writer, program->measurement, 1, REVOKED_MEASUREMENT_MAX);
}

/* What an entry of any sort is ordered by. */
struct order {
    struct view first, second;
};

static struct order read_device(struct reader *reader)
{
    return (struct order){.first = read_name(reader)};
}

static struct order read_credential(struct reader *reader)
{
    return (struct order){.first = read_fixed(reader, CTI_SIZE)};
}

static struct order read_program(struct reader *reader)
{
    const struct revoked_program program = read_revoked_program(reader);

    return (struct order){program.kind, program.measurement};
}

/* An array of entries of one sort, ascending; gives where they stand. */
static uint32_t read_entries(struct reader *reader, struct order (*read_one)(struct reader *reader),
                             struct view *entries)
{
    const uint32_t count = read_array(reader, 0, REVOCATIONS_MAX);
    const uint8_t *start = reader->rest.ptr;
    struct order last = {.first = {0}};

    for (uint32_t i = 0; i < count && reader->status == STATUS_OK; i++) {
        const struct order entry = read_one(reader);
        const int order = view_compare(last.first, entry.first);

        if (i > 0 && reader->status == STATUS_OK)
            check_order(reader, order != 0 ? order : view_compare(last.second, entry.second));
        last = entry;
    }
    *entries = (struct view){start, (size_t)(reader->rest.ptr - start)};
    read_close(reader);
    return count;
}

enum status revocations_decode(struct view bytes, struct revocations *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(5), FIELDS_TO(5));
    struct revocations value = {.version = 0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.federation = read_name(&reader);
            break;
        case 2:
            value.version = read_uint(&reader, 1, REVOCATIONS_VERSION_MAX);
            break;
        case 3:
            value.device_count = read_entries(&reader, read_device, &value.devices);
            break;
        case 4:
            value.credential_count = read_entries(&reader, read_credential, &value.credentials);
            break;
        case 5:
            value.program_count = read_entries(&reader, read_program, &value.programs);
            break;
        }
    }
    TRY(reader_end(&reader));
    if (value.device_count + value.credential_count + value.program_count > REVOCATIONS_MAX)
        return STATUS_OUT_OF_RANGE;
    *out = value;
    return STATUS_OK;
}

static void write_entries(struct writer *writer, uint64_t key, uint32_t count, struct view entries)
{
    write_uint(writer, key);
    write_array(writer, count);
    write_raw(writer, entries);
}

enum status revocations_encode(const struct revocations *list, struct buf *out)
{
    struct writer writer = writer_to(out);

    assert(list->version >= 1 && list->version <= REVOCATIONS_VERSION_MAX);
    assert(list->device_count + list->credential_count + list->program_count <= REVOCATIONS_MAX);
    write_map(&writer, 5);
    write_uint(&writer, 1);
    write_name(&writer, list->federation);
    write_uint(&writer, 2);
    write_uint(&writer, list->version);
    write_entries(&writer, 3, list->device_count, list->devices);
    write_entries(&writer, 4, list->credential_count, list->credentials);
    write_entries(&writer, 5, list->program_count, list->programs);
    return writer_end(&writer);
}
