/* Any bytes through read_any, which must find only what a schema that takes everything finds again. */
#include <stdlib.h>

#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* [+ {1: uint, ? 2: text, ? 3: bytes / null, ? 4: [* int], ? 5: bool, ? 6: #6.61(any)}] */
static void read_schema(struct reader *reader)
{
    const uint32_t count = read_array(reader, 1, UINT32_MAX);

    for (uint32_t i = 0; i < count && reader->status == STATUS_OK; i++) {
        struct fields_reader fields = read_fields(reader, FIELDS_TO(6), FIELD(1));
        int64_t key;

        while (read_field(&fields, &key)) {
            if (key == 1)
                (void)read_uint(reader, 0, UINT64_MAX);
            else if (key == 2)
                (void)read_text(reader, 0, SIZE_MAX);
            else if (key == 3 && !read_null_if(reader))
                (void)read_bytes(reader, 0, SIZE_MAX);
            else if (key == 4) {
                for (uint32_t n = read_array(reader, 0, UINT32_MAX); n > 0 && reader->status == STATUS_OK; n--)
                    (void)read_int(reader, INT64_MIN, INT64_MAX);
                read_close(reader);
            } else if (key == 5)
                (void)read_bool(reader);
            else if (key == 6) {
                read_tag(reader, 61);
                (void)read_any(reader);
            }
        }
    }
    read_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader any = reader_of((struct view){data, size}), schema = any;
    const struct view item = read_any(&any);

    if (any.status == STATUS_OK && (item.ptr != data || item.len + any.rest.len != size))
        abort();
    read_schema(&schema);
    if (reader_end(&schema) == STATUS_OK && reader_end(&any) != STATUS_OK)
        abort();
    return 0;
}
