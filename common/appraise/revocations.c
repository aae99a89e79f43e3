/* revocations.c: see revocations.h. */
#include "revocations.h"

#include "named_private.h"

enum status revocations_verify(struct view signed_list, struct view owner_point, struct view federation,
                               struct revocations *out, struct view *payload)
{
    struct named named;
    struct revocations list;

    TRY(named_verify(PURPOSE_REVOCATIONS, 1, owner_point, signed_list, &named));
    if (!view_equal(named.federation, federation))
        return STATUS_REVOCATIONS_FOREIGN;
    TRY(revocations_decode(named.payload, &list));
    *out = list;
    *payload = named.payload;
    return STATUS_OK;
}
