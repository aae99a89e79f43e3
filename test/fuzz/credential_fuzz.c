/* credential_fuzz.c: any bytes as the claims of a credential, and as a whole one. */
#include <stdlib.h>

#include "credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t point[P256_POINT_SIZE] = {1}, boot_id[BOOT_ID_SIZE] = {2};
    const struct place place = {
        .federation = VIEW_TEXT("home"),
        .aggregator = VIEW_TEXT("gateway-1"),
        .boot_id = VIEW_OF(boot_id),
    };
    const struct view bytes = {data, size};
    struct credential credential;

    if (credential_claims_decode(bytes, &credential) == STATUS_OK &&
        (credential.key.len != PUBLIC_KEY_SIZE || credential.device.len > NAME_MAX_LEN))
        abort();
    if (credential_check(bytes, VIEW_OF(point), &place, 0, &credential) == STATUS_OK)
        abort();
    return 0;
}
