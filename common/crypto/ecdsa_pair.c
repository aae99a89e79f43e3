/* ecdsa_pair.c: the forms of ECDSA signatures; see verify.h. */
#include <string.h>

#include "der.h"
#include "verify.h"

/* A number as size bytes: shorter ones are filled up, zeros in front of longer ones fall away. */
static enum status pad(struct view number, size_t size, uint8_t *out)
{
    while (number.len > size && number.ptr[0] == 0)
        number = (struct view){number.ptr + 1, number.len - 1};
    if (number.len > size)
        return STATUS_FORGED;
    memset(out, 0, size - number.len);
    if (number.len > 0)
        memcpy(out + (size - number.len), number.ptr, number.len);
    return STATUS_OK;
}

enum status ecdsa_pair(enum public_key_kind kind, struct view r, struct view s, uint8_t pair[static ECDSA_PAIR_MAX],
                       struct view *out)
{
    const size_t size = public_key_coordinate_size(kind);

    if (size == 0)
        return STATUS_BAD_KEY;
    TRY(pad(r, size, pair));
    TRY(pad(s, size, pair + size));
    *out = (struct view){pair, 2 * size};
    return STATUS_OK;
}

enum status ecdsa_pair_from_der(enum public_key_kind kind, struct view der, uint8_t pair[static ECDSA_PAIR_MAX],
                                struct view *out)
{
    struct view numbers, r, s;

    TRY(der_take(&der, DER_SEQUENCE, &numbers));
    TRY(der_end(der));
    TRY(der_take_magnitude(&numbers, &r));
    TRY(der_take_magnitude(&numbers, &s));
    TRY(der_end(numbers));
    return ecdsa_pair(kind, r, s, pair, out);
}
