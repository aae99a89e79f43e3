/* proof.c: see proof.h. */
#include "proof.h"
#include "values.h"

#include <assert.h>

#define MAJOR_MAP 5

bool proof_looks_like(struct view payload)
{
    return payload.len > 0 && payload.ptr[0] >> 5 == MAJOR_MAP;
}

enum status proof_request_encode(const struct proof_request *request, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 3);
    write_uint(&writer, 1);
    write_uint(&writer, request->round);
    write_uint(&writer, 2);
    write_fixed(&writer, request->record, DIGEST_SIZE);
    write_uint(&writer, 3);
    write_fixed(&writer, request->leaf, DIGEST_SIZE);
    return writer_end(&writer);
}

enum status proof_request_decode(struct view bytes, struct proof_request *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(3), FIELDS_TO(3));
    struct proof_request value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.round = read_uint32(&reader, 1, ROUND_MAX);
            break;
        case 2:
            value.record = read_fixed(&reader, DIGEST_SIZE);
            break;
        case 3:
            value.leaf = read_fixed(&reader, DIGEST_SIZE);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}

enum status proof_encode(const struct proof *proof, struct buf *out)
{
    struct writer writer = writer_to(out);

    assert(proof->path_len <= PROOF_PATH_MAX);
    write_map(&writer, 4);
    write_uint(&writer, 1);
    write_uint(&writer, proof->round);
    write_uint(&writer, 2);
    write_fixed(&writer, proof->record, DIGEST_SIZE);
    write_uint(&writer, 3);
    write_uint(&writer, proof->index);
    write_uint(&writer, 4);
    write_array(&writer, proof->path_len);
    for (uint32_t i = 0; i < proof->path_len; i++)
        write_fixed(&writer, proof->path[i], DIGEST_SIZE);
    return writer_end(&writer);
}

static void read_path(struct reader *reader, struct proof *out)
{
    out->path_len = read_array(reader, 0, PROOF_PATH_MAX);
    for (uint32_t i = 0; i < out->path_len; i++)
        out->path[i] = read_fixed(reader, DIGEST_SIZE);
    read_close(reader);
}

enum status proof_decode(struct view bytes, struct proof *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(4), FIELDS_TO(4));
    struct proof value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.round = read_uint32(&reader, 1, ROUND_MAX);
            break;
        case 2:
            value.record = read_fixed(&reader, DIGEST_SIZE);
            break;
        case 3:
            value.index = read_uint32(&reader, 0, COHORT_MAX - 1);
            break;
        case 4:
            read_path(&reader, &value);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}
