/* update_key.c: the key that a device seals its updates with. See credential.h. */
#include "credential.h"

#define INFO_MAX 384

enum status update_key_derive(const struct update_key_of *of, struct view epoch_secret, struct buf *out)
{
    const struct cose_aad_part parts[] = {
        AAD_T(of->federation),     AAD_T(of->aggregator), AAD_T(of->device),   AAD_B(of->cti),
        AAD_N((uint64_t)of->role), AAD_N(of->expires),    AAD_B(of->identity), AAD_N((uint64_t)of->alg),
    };
    const size_t size = aead_key_size(of->alg);
    uint8_t memory[INFO_MAX];
    struct buf info = BUF_OF(memory), key = {out->ptr + out->len, 0, size};

    if (size == 0)
        return STATUS_UNSUPPORTED;
    if (size > out->cap - out->len)
        return STATUS_NO_SPACE;
    /* The array of a purpose and its parts has the shape of an external_aad. */
    TRY(cose_aad("tacit/1 update key", parts, ARRAY_LEN(parts), &info));
    TRY(hkdf_sha256(of->boot_id, epoch_secret, buf_view(&info), &key));
    out->len += size;
    return STATUS_OK;
}
