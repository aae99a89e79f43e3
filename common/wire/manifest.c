/* manifest.c: see manifest.h. */
#include "manifest.h"
#include "values.h"

#include <assert.h>

#define CHUNK_SIZE_MIN    256
#define FRACTION_BITS_MIN 16
#define FRACTION_BITS_MAX 27

uint64_t chunks_of(uint64_t size, uint32_t chunk_size)
{
    assert(chunk_size > 0);
    return size == 0 ? 1 : 1 + (size - 1) / chunk_size;
}

/* What no field says alone. */
static enum status check(const struct manifest *manifest)
{
    if (manifest->minimum > manifest->target)
        return STATUS_OUT_OF_RANGE;
    if ((uint64_t)manifest->target * manifest->max_samples > WEIGHT_LIMIT)
        return STATUS_OUT_OF_RANGE;
    if (chunks_of(manifest->model_size, manifest->chunk_size) > CHUNKS_MAX)
        return STATUS_OUT_OF_RANGE;
    return STATUS_OK;
}

enum status manifest_encode(const struct manifest *manifest, struct buf *out)
{
    struct writer writer = writer_to(out);

    assert(check(manifest) == STATUS_OK);
    write_map(&writer, 15);
    write_uint(&writer, 1);
    write_uint(&writer, manifest->round);
    write_uint(&writer, 2);
    write_uint(&writer, manifest->task);
    write_uint(&writer, 3);
    write_fixed(&writer, manifest->base, DIGEST_SIZE);
    write_uint(&writer, 4);
    write_uint(&writer, manifest->model_size);
    write_uint(&writer, 5);
    write_uint(&writer, manifest->chunk_size);
    write_uint(&writer, 6);
    write_uint(&writer, manifest->target);
    write_uint(&writer, 7);
    write_uint(&writer, manifest->minimum);
    write_uint(&writer, 8);
    write_uint(&writer, manifest->deadline);
    write_uint(&writer, 9);
    write_uint(&writer, manifest->max_samples);
    write_uint(&writer, 10);
    write_uint(&writer, manifest->fraction_bits);
    write_uint(&writer, 11);
    write_algs(&writer, manifest->algs, manifest->alg_count);
    write_uint(&writer, 12);
    write_digest_or_null(&writer, manifest->previous);
    write_uint(&writer, 13);
    write_fixed(&writer, manifest->boot_id, BOOT_ID_SIZE);
    write_uint(&writer, 14);
    write_fixed(&writer, manifest->policy_digest, DIGEST_SIZE);
    write_uint(&writer, 15);
    write_bool(&writer, manifest->simulated);
    return writer_end(&writer);
}

static void read_value(struct reader *reader, int64_t key, struct manifest *value)
{
    switch (key) {
    case 1:
        value->round = read_uint32(reader, 1, ROUND_MAX);
        break;
    case 2:
        value->task = (enum task)read_uint(reader, TASK_NONE, TASK_EVALUATE);
        break;
    case 3:
        value->base = read_fixed(reader, DIGEST_SIZE);
        break;
    case 4:
        value->model_size = read_uint(reader, 1, UINT64_MAX);
        break;
    case 5:
        value->chunk_size = read_uint32(reader, CHUNK_SIZE_MIN, PACKET_MAX);
        break;
    case 6:
        value->target = read_uint32(reader, 1, COHORT_MAX);
        break;
    case 7:
        value->minimum = read_uint32(reader, 1, COHORT_MAX);
        break;
    case 8:
        value->deadline = read_time(reader);
        break;
    case 9:
        value->max_samples = read_uint32(reader, 1, SAMPLES_MAX);
        break;
    case 10:
        value->fraction_bits = read_uint32(reader, FRACTION_BITS_MIN, FRACTION_BITS_MAX);
        break;
    case 11:
        value->alg_count = read_algs(reader, value->algs);
        break;
    case 12:
        value->previous = read_digest_or_null(reader);
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

enum status manifest_decode(struct view bytes, struct manifest *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(15), FIELDS_TO(15));
    struct manifest value = {0};
    int64_t key;

    while (read_field(&fields, &key))
        read_value(&reader, key, &value);
    TRY(reader_end(&reader));
    TRY(check(&value));
    *out = value;
    return STATUS_OK;
}
