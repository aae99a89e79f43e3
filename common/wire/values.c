/* values.c: see values.h. */
#include "values.h"
#include "topic.h"

#include <assert.h>

struct view read_name(struct reader *reader)
{
    struct view name = read_text(reader, 1, NAME_MAX_LEN);

    if (!name_valid(name))
        reader_fail(reader, STATUS_MALFORMED);
    return name;
}

void write_name(struct writer *writer, struct view name)
{
    assert(name_valid(name));
    write_text(writer, name);
}

struct view read_kind(struct reader *reader)
{
    return read_text(reader, 1, KIND_MAX);
}

void write_kind(struct writer *writer, struct view kind)
{
    assert(kind.len >= 1 && kind.len <= KIND_MAX);
    write_text(writer, kind);
}

struct view read_fixed(struct reader *reader, size_t size)
{
    return read_bytes(reader, size, size);
}

void write_fixed(struct writer *writer, struct view bytes, size_t size)
{
    write_bounded(writer, bytes, size, size);
}

void write_bounded(struct writer *writer, struct view bytes, size_t min, size_t max)
{
    assert(bytes.len >= min && bytes.len <= max);
    write_bytes(writer, bytes);
}

struct view read_digest_or_null(struct reader *reader)
{
    return read_null_if(reader) ? (struct view){0} : read_fixed(reader, DIGEST_SIZE);
}

void write_digest_or_null(struct writer *writer, struct view digest)
{
    if (digest.len == 0)
        write_null(writer);
    else
        write_fixed(writer, digest, DIGEST_SIZE);
}

uint32_t read_uint32(struct reader *reader, uint32_t min, uint32_t max)
{
    return (uint32_t)read_uint(reader, min, max);
}

uint64_t read_time(struct reader *reader)
{
    return read_uint(reader, 0, TIME_MAX);
}

enum status read_reason(struct reader *reader)
{
    return (enum status)read_uint(reader, 0, STATUS_LIMIT - 1);
}

enum role read_role(struct reader *reader)
{
    return (enum role)read_uint(reader, ROLE_DEVICE, ROLE_SERVER);
}

/* The numbers are COSE's, as in enum aead_alg, which this folder does not know. */
static bool alg_known(int64_t alg)
{
    return alg == 1 || alg == 3 || alg == 24 || alg == 31;
}

int64_t read_alg(struct reader *reader)
{
    int64_t alg = (int64_t)read_uint(reader, 0, INT64_MAX);

    if (!alg_known(alg))
        reader_fail(reader, STATUS_UNSUPPORTED);
    return alg;
}

void write_alg(struct writer *writer, int64_t alg)
{
    assert(alg_known(alg));
    write_int(writer, alg);
}

uint32_t read_algs(struct reader *reader, int64_t algs[static ALGS_MAX])
{
    const uint32_t count = read_array(reader, 1, ALGS_MAX);

    for (uint32_t i = 0; i < count; i++) {
        algs[i] = read_alg(reader);
        for (uint32_t j = 0; j < i; j++)
            if (algs[j] == algs[i])
                reader_fail(reader, STATUS_MALFORMED);
    }
    read_close(reader);
    return count;
}

void write_algs(struct writer *writer, const int64_t algs[static ALGS_MAX], uint32_t count)
{
    assert(count >= 1 && count <= ALGS_MAX);
    write_array(writer, count);
    for (uint32_t i = 0; i < count; i++)
        write_alg(writer, algs[i]);
}

void read_endorsements(struct reader *reader, struct endorsements *out)
{
    out->count = read_array(reader, 0, ENDORSEMENTS_MAX);
    for (uint32_t i = 0; i < out->count; i++)
        out->list[i] = read_bytes(reader, 1, ENDORSEMENT_MAX);
    read_close(reader);
}

void write_endorsements(struct writer *writer, const struct endorsements *endorsements)
{
    assert(endorsements->count <= ENDORSEMENTS_MAX);
    write_array(writer, endorsements->count);
    for (uint32_t i = 0; i < endorsements->count; i++)
        write_bounded(writer, endorsements->list[i], 1, ENDORSEMENT_MAX);
}
