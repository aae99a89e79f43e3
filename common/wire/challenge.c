/* challenge.c: see challenge.h. */
#include "challenge.h"
#include "values.h"

enum status challenge_encode(const struct challenge *challenge, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 3);
    write_uint(&writer, 1);
    write_fixed(&writer, challenge->value, CHALLENGE_SIZE);
    write_uint(&writer, 2);
    write_uint(&writer, challenge->expires);
    write_uint(&writer, 3);
    write_fixed(&writer, challenge->boot_id, BOOT_ID_SIZE);
    return writer_end(&writer);
}

enum status challenge_decode(struct view bytes, struct challenge *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(3), FIELDS_TO(3));
    struct challenge value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.value = read_fixed(&reader, CHALLENGE_SIZE);
            break;
        case 2:
            value.expires = read_time(&reader);
            break;
        case 3:
            value.boot_id = read_fixed(&reader, BOOT_ID_SIZE);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}
