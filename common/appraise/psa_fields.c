/* psa_fields.c: what a token says, as fields (see psa_terms.h). */
#include "psa_private.h"

#define DECIMAL_MAX 11 /* characters of an int32 */

/* RFC 9783 section 4.3.1. */
static struct view text_of_lifecycle(uint16_t lifecycle)
{
    static const char *const names[] = {
        [PSATOKEN_UNKNOWN >> 4] = "unknown",
        [PSATOKEN_ASSEMBLY >> 4] = "assembly-and-test",
        [PSATOKEN_PROVISIONING >> 4] = "psa-rot-provisioning",
        [PSATOKEN_SECURED >> 4] = "secured",
        [PSATOKEN_NON_ROT_DEBUG >> 4] = "non-psa-rot-debug",
        [PSATOKEN_ROT_DEBUG >> 4] = "recoverable-psa-rot-debug",
        [PSATOKEN_DECOMMISSIONED >> 4] = "decommissioned",
    };

    return view_of_string(names[lifecycle >> 12]);
}

/* The non-secure side has numbers below zero, which a number of a field has not. */
static void describe_client(int32_t client, struct buf *space, struct appraisal *out)
{
    uint8_t text[DECIMAL_MAX];
    size_t at = sizeof text;
    uint32_t left = (uint32_t) - (int64_t)client;

    if (client >= 0) {
        appraisal_number(out, "client_id", (uint64_t)client);
        return;
    }
    for (; left > 0; left /= 10)
        text[--at] = (uint8_t)('0' + left % 10);
    text[--at] = '-';
    appraisal_text(out, "client_id", appraisal_keep(space, (struct view){text + at, sizeof text - at}));
}

static void describe_software(const struct psatoken_claims *claims, struct appraisal *out)
{
    appraisal_number(out, "components", claims->software_count);
    for (size_t i = 0; i < claims->software_count; i++) {
        const struct psatoken_software *software = &claims->software[i];

        appraisal_number(out, "component", i + 1);
        appraisal_text(out, "component.type", software->type);
        appraisal_text(out, "component.version", software->version);
        appraisal_bytes(out, "component.measurement", software->measurement);
        appraisal_bytes(out, "component.signer", software->signer);
        appraisal_text(out, "component.hash", software->hash_name);
    }
}

/* One digest for all that was measured, which a list of revoked ones can name. */
static struct view measure(const struct psatoken_claims *claims, struct buf *space)
{
    struct view pieces[PSATOKEN_SOFTWARE_MAX];
    struct digest digest;

    for (size_t i = 0; i < claims->software_count; i++)
        pieces[i] = claims->software[i].measurement;
    if (claims->software_count == 0 ||
        digest_pieces(DIGEST_SHA256, pieces, claims->software_count, &digest) != STATUS_OK)
        return (struct view){NULL, 0};
    return appraisal_keep(space, digest_view(&digest));
}

void psatoken_describe(const struct psatoken_result *result, struct buf *space, struct appraisal *out)
{
    const struct psatoken_claims *claims = &result->claims;

    out->measurement = measure(claims, space);
    out->debug = result->debug;
    appraisal_text(out, "profile", claims_profile_name(claims->profile));
    appraisal_bytes(out, "nonce", claims->nonce);
    appraisal_bytes(out, "instance_id", claims->instance);
    appraisal_bytes(out, "implementation_id", claims->implementation);
    appraisal_number(out, "lifecycle", claims->lifecycle);
    appraisal_text(out, "lifecycle.state", text_of_lifecycle(claims->lifecycle));
    describe_client(claims->client, space, out);
    appraisal_bytes(out, "boot_seed", claims->boot_seed);
    appraisal_text(out, "certification_reference", claims->certification);
    appraisal_text(out, "verification_service", claims->service);
    describe_software(claims, out);
}
