/* tpm_public_decode: what is taken is a key of a known size, with a name unless it is bare. */
#include <stdlib.h>

#include "tpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tpm_public public;
    size_t coordinate;

    if (tpm_public_decode((struct view){data, size}, &public) != STATUS_OK)
        return 0;
    coordinate = public_key_coordinate_size(public.key.kind);
    if (public.bare != (public.name_len == 0))
        abort();
    if (coordinate > 0 ? public.key.len != 2 * coordinate : public.key.len < 256 || public.key.len > 512)
        abort();
    return 0;
}
