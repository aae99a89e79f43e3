/* record.c: see record.h. */
#include "record.h"
#include "update.h"
#include "values.h"

#include <assert.h>

static void write_refusals(struct writer *writer, const struct refusals *refusals)
{
    assert(refusals->count < STATUS_LIMIT);
    write_array(writer, refusals->count);
    for (uint32_t i = 0; i < refusals->count; i++) {
        assert(refusals->list[i].count > 0);
        write_array(writer, 2);
        write_uint(writer, refusals->list[i].reason);
        write_uint(writer, refusals->list[i].count);
    }
}

/* Reasons ascend, so that the same refusals have one encoding only; STATUS_OK is no refusal. */
static void read_refusals(struct reader *reader, struct refusals *out)
{
    enum status last = STATUS_OK;

    out->count = read_array(reader, 0, STATUS_LIMIT - 1);
    for (uint32_t i = 0; i < out->count; i++) {
        struct refusal *refusal = &out->list[i];

        (void)read_array(reader, 2, 2);
        refusal->reason = read_reason(reader);
        refusal->count = read_uint(reader, 1, UINT64_MAX);
        read_close(reader);
        if (refusal->reason <= last)
            reader_fail(reader, STATUS_UNORDERED);
        last = refusal->reason;
    }
    read_close(reader);
}

enum status record_encode(const struct record *record, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 15);
    write_uint(&writer, 1);
    write_uint(&writer, record->round);
    write_uint(&writer, 2);
    write_uint(&writer, record->task);
    write_uint(&writer, 3);
    write_uint(&writer, record->reason);
    write_uint(&writer, 4);
    write_digest_or_null(&writer, record->previous);
    write_uint(&writer, 5);
    write_fixed(&writer, record->base, DIGEST_SIZE);
    write_uint(&writer, 6);
    write_fixed(&writer, record->model, DIGEST_SIZE);
    write_uint(&writer, 7);
    write_uint(&writer, record->counted);
    write_uint(&writer, 8);
    write_uint(&writer, record->samples);
    write_uint(&writer, 9);
    write_fixed(&writer, record->root, DIGEST_SIZE);
    write_uint(&writer, 10);
    write_metrics(&writer, &record->metrics);
    write_uint(&writer, 11);
    write_refusals(&writer, &record->refusals);
    write_uint(&writer, 12);
    write_uint(&writer, record->closed);
    write_uint(&writer, 13);
    write_fixed(&writer, record->boot_id, BOOT_ID_SIZE);
    write_uint(&writer, 14);
    write_fixed(&writer, record->policy_digest, DIGEST_SIZE);
    write_uint(&writer, 15);
    write_bool(&writer, record->simulated);
    return writer_end(&writer);
}

static void read_value(struct reader *reader, int64_t key, struct record *value)
{
    switch (key) {
    case 1:
        value->round = read_uint32(reader, 1, ROUND_MAX);
        break;
    case 2:
        value->task = (enum task)read_uint(reader, TASK_TRAIN, TASK_EVALUATE);
        break;
    case 3:
        value->reason = read_reason(reader);
        break;
    case 4:
        value->previous = read_digest_or_null(reader);
        break;
    case 5:
        value->base = read_fixed(reader, DIGEST_SIZE);
        break;
    case 6:
        value->model = read_fixed(reader, DIGEST_SIZE);
        break;
    case 7:
        value->counted = read_uint32(reader, 0, COHORT_MAX);
        break;
    case 8:
        value->samples = read_uint(reader, 0, WEIGHT_LIMIT);
        break;
    case 9:
        value->root = read_fixed(reader, DIGEST_SIZE);
        break;
    case 10:
        read_metrics(reader, &value->metrics);
        break;
    case 11:
        read_refusals(reader, &value->refusals);
        break;
    case 12:
        value->closed = read_time(reader);
        break;
    case 13:
        value->boot_id = read_fixed(reader, BOOT_ID_SIZE);
        break;
    case 14:
        value->policy_digest = read_fixed(reader, DIGEST_SIZE);
        break;
    case 15:
        value->simulated = read_bool(reader);
        break;
    }
}

enum status record_decode(struct view bytes, struct record *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(15), FIELDS_TO(15));
    struct record value = {0};
    int64_t key;

    while (read_field(&fields, &key))
        read_value(&reader, key, &value);
    TRY(reader_end(&reader));
    if (value.reason != STATUS_OK && !view_equal(value.model, value.base))
        return STATUS_MALFORMED;
    *out = value;
    return STATUS_OK;
}
