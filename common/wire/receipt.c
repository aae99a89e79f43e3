/* receipt.c: see receipt.h. */
#include "receipt.h"
#include "values.h"

enum status receipt_encode(const struct receipt *receipt, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 4);
    write_uint(&writer, 1);
    write_uint(&writer, receipt->round);
    write_uint(&writer, 2);
    write_fixed(&writer, receipt->transfer, TRANSFER_SIZE);
    write_uint(&writer, 3);
    write_uint(&writer, receipt->reason);
    write_uint(&writer, 4);
    write_fixed(&writer, receipt->update_digest, DIGEST_SIZE);
    return writer_end(&writer);
}

enum status receipt_decode(struct view bytes, struct receipt *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(4), FIELDS_TO(4));
    struct receipt value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.round = read_uint32(&reader, 1, ROUND_MAX);
            break;
        case 2:
            value.transfer = read_fixed(&reader, TRANSFER_SIZE);
            break;
        case 3:
            value.reason = read_reason(&reader);
            break;
        case 4:
            value.update_digest = read_fixed(&reader, DIGEST_SIZE);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}
