/* key.c: COSE_Key of a P-256 public key (RFC 9052 section 7, RFC 9053 section 7.1.1). */
#include "cose_private.h"

#include <string.h>

#define KEY_KTY 1
#define KEY_KID 2
#define KEY_ALG 3
#define KEY_OPS 4
#define KEY_CRV (-1)
#define KEY_X   (-2)
#define KEY_Y   (-3)

#define KTY_EC2   2
#define CRV_P256  1
#define OPS_MAX   3
#define LABEL_MAX 7 /* labels that a key may have */

#define OP_VERIFY      2
#define OP_DERIVE_KEY  7
#define OP_DERIVE_BITS 8

/* What was read of a key, and which of the required labels were there. */
struct parts {
    bool kty, crv, x, y;
    uint8_t point[P256_POINT_SIZE];
};

static void expect_int(struct reader *reader, int64_t wanted)
{
    if (read_int(reader, INT64_MIN, INT64_MAX) != wanted)
        reader_fail(reader, STATUS_BAD_KEY);
}

static void read_alg(struct reader *reader)
{
    const int64_t alg = read_int(reader, INT64_MIN, INT64_MAX);

    if (alg != COSE_ES256 && alg != COSE_ESP256 && alg != COSE_ECDH_ES_HKDF_256)
        reader_fail(reader, STATUS_BAD_KEY);
}

static void read_operations(struct reader *reader)
{
    const uint32_t count = read_array(reader, 1, OPS_MAX);

    for (uint32_t i = 0; i < count; i++) {
        const int64_t operation = read_int(reader, INT64_MIN, INT64_MAX);

        if (operation != OP_VERIFY && operation != OP_DERIVE_KEY && operation != OP_DERIVE_BITS)
            reader_fail(reader, STATUS_BAD_KEY);
    }
    read_close(reader);
}

static void read_part(struct reader *reader, int64_t label, struct parts *out)
{
    switch (label) {
    case KEY_KTY:
        expect_int(reader, KTY_EC2);
        out->kty = true;
        break;
    case KEY_KID:
        (void)read_bytes(reader, 1, COSE_KID_MAX);
        break;
    case KEY_ALG:
        read_alg(reader);
        break;
    case KEY_OPS:
        read_operations(reader);
        break;
    case KEY_CRV:
        expect_int(reader, CRV_P256);
        out->crv = true;
        break;
    case KEY_X:
        read_bytes_into(reader, out->point, P256_SCALAR_SIZE);
        out->x = true;
        break;
    case KEY_Y:
        read_bytes_into(reader, out->point + P256_SCALAR_SIZE, P256_SCALAR_SIZE);
        out->y = true;
        break;
    default:
        reader_fail(reader, STATUS_BAD_KEY);
    }
}

enum status cose_key_decode(struct view encoded, uint8_t point[static P256_POINT_SIZE])
{
    struct reader reader = reader_of(encoded);
    struct map_reader map = read_map(&reader, 1, LABEL_MAX);
    struct parts parts = {0};
    int64_t label;

    while (read_key(&map, &label))
        read_part(&reader, label, &parts);
    TRY(reader_end(&reader));
    if (!parts.kty || !parts.crv || !parts.x || !parts.y)
        return STATUS_MALFORMED;
    TRY(p256_check_point(VIEW_OF(parts.point)));
    memcpy(point, parts.point, sizeof parts.point);
    return STATUS_OK;
}

void write_key(struct writer *writer, struct view point)
{
    write_map(writer, 4);
    write_int(writer, KEY_KTY);
    write_int(writer, KTY_EC2);
    write_int(writer, KEY_CRV);
    write_int(writer, CRV_P256);
    write_int(writer, KEY_X);
    write_bytes(writer, (struct view){point.ptr, P256_SCALAR_SIZE});
    write_int(writer, KEY_Y);
    write_bytes(writer, (struct view){point.ptr + P256_SCALAR_SIZE, P256_SCALAR_SIZE});
}

enum status cose_key_encode(struct view point, struct buf *out)
{
    struct writer writer = writer_to(out);

    TRY(p256_check_point(point));
    write_key(&writer, point);
    return writer_end(&writer);
}
