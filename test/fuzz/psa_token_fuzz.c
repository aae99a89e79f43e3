/* psatoken_appraise: any bytes as a token, and as the claims inside an authentic one. */
#include <stdlib.h>
#include <string.h>

#include "psa_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_claims(const struct psatoken_claims *claims)
{
    if (claims->nonce.len < 32 || claims->nonce.len > 64 || claims->instance.len != PSATOKEN_INSTANCE_SIZE ||
        claims->implementation.len != PSATOKEN_IMPLEMENTATION_SIZE || claims->software_count > PSATOKEN_SOFTWARE_MAX ||
        (claims->software_count == 0 && claims->profile != PSATOKEN_LEGACY))
        abort();
    for (size_t i = 0; i < claims->software_count; i++)
        if (claims->software[i].measurement.len < 32)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[32] = {1};
    const struct psatoken_rules rules = {.secret = VIEW_OF(secret), .allow_untagged = true};
    struct psatoken_result result;
    struct psatoken_claims claims;
    struct view instance;

    if (claims_decode((struct view){data, size}, &claims) == STATUS_OK)
        check_claims(&claims);
    if (psatoken_instance((struct view){data, size}, &instance) == STATUS_OK && instance.len != PSATOKEN_INSTANCE_SIZE)
        abort();
    /* Nobody guesses a MAC. */
    if (psatoken_appraise((struct view){data, size}, &rules, &result) == STATUS_OK || result.authentic)
        abort();
    return 0;
}
