/* named.c: see named_private.h. */
#include "named_private.h"

#include "values.h"

static enum status read_federation(struct view payload, int64_t first, struct view *out)
{
    struct reader reader = reader_of(payload);
    struct map_reader map = read_map(&reader, 1, UINT32_MAX);
    int64_t key = 0;

    if (!read_key(&map, &key) || key != first)
        reader_fail(&reader, STATUS_MALFORMED);
    *out = read_name(&reader);
    return reader.status;
}

enum status named_verify(enum purpose purpose, int64_t first, struct view point, struct view message, struct named *out)
{
    struct cose_sign1 parts;
    struct place place = {0};
    struct named named;

    TRY(cose_sign1_decode(message, &parts));
    TRY(read_federation(parts.payload, first, &place.federation));
    TRY(bind_verify(purpose, &place, point, message, &named.payload));
    named.federation = place.federation;
    *out = named;
    return STATUS_OK;
}
