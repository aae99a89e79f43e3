/* need.c: see need.h. */
#include "need.h"
#include "values.h"

#define BITMAP_MAX (CHUNKS_MAX / 8)

enum status need_encode(const struct need *need, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 3);
    write_uint(&writer, 1);
    write_uint(&writer, need->round);
    write_uint(&writer, 2);
    write_fixed(&writer, need->transfer, TRANSFER_SIZE);
    write_uint(&writer, 3);
    write_bounded(&writer, need->bitmap, 1, BITMAP_MAX);
    return writer_end(&writer);
}

enum status need_decode(struct view bytes, struct need *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(3), FIELDS_TO(3));
    struct need value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.round = read_uint32(&reader, 0, ROUND_MAX);
            break;
        case 2:
            value.transfer = read_fixed(&reader, TRANSFER_SIZE);
            break;
        case 3:
            value.bitmap = read_bytes(&reader, 1, BITMAP_MAX);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}

bool need_has(const struct need *need, uint32_t chunk)
{
    return chunk / 8 < need->bitmap.len && (need->bitmap.ptr[chunk / 8] >> chunk % 8 & 1) != 0;
}
