/* psa.c: appraises a PSA attestation token (see psa.h). */
#include "psa.h"

#include <string.h>

#include "psa_private.h"

#define INSTANCE_KIND 0x01

static const char *const names[PSATOKEN_CHECK_COUNT] = {
    [PSATOKEN_CHECK_ENVELOPE] = "is a COSE message of an allowed algorithm",
    [PSATOKEN_CHECK_SIGNATURE] = "is signed with the device's key",
    [PSATOKEN_CHECK_CLAIMS] = "makes the claims of its profile",
    [PSATOKEN_CHECK_PROFILE] = "follows an allowed profile",
    [PSATOKEN_CHECK_NONCE] = "holds the challenge",
    [PSATOKEN_CHECK_INSTANCE] = "is of the enrolled device",
    [PSATOKEN_CHECK_KEY_NAME] = "names the device by its key",
    [PSATOKEN_CHECK_LIFECYCLE] = "is of a secured device",
    [PSATOKEN_CHECK_IMPLEMENTATION] = "is of an accepted implementation",
    [PSATOKEN_CHECK_SOFTWARE] = "measures known software only",
};

/* The instance id that TF-M makes of a key: 01 and the SHA-256 of the point, or of the digest of a secret. */
static enum status name_of_key(const struct psatoken_rules *rules, bool mac, uint8_t out[static PSATOKEN_INSTANCE_SIZE])
{
    static const uint8_t uncompressed = 0x04;
    const struct view pieces[] = {{&uncompressed, 1}, {mac ? NULL : rules->key->bytes, mac ? 0 : rules->key->len}};
    struct digest digest, inner;
    struct view hashed;

    if (mac) {
        TRY(digest_pieces(DIGEST_SHA256, &rules->secret, 1, &inner));
        hashed = digest_view(&inner);
        TRY(digest_pieces(DIGEST_SHA256, &hashed, 1, &digest));
        wipe(&inner, sizeof inner);
    } else {
        TRY(digest_pieces(DIGEST_SHA256, pieces, ARRAY_LEN(pieces), &digest));
    }
    out[0] = INSTANCE_KIND;
    memcpy(out + 1, digest.bytes, PSATOKEN_INSTANCE_SIZE - 1);
    return STATUS_OK;
}

/* What is given must be equal; nothing given is no check. */
static void check_equal(struct check *check, struct view want, struct view got, enum status reason)
{
    if (want.len > 0)
        (void)check_note(check, view_equal(want, got) ? STATUS_OK : reason);
}

static enum status judge_lifecycle(uint16_t lifecycle, bool allow_debug)
{
    switch (lifecycle >> 8) {
    case PSATOKEN_SECURED:
        return STATUS_OK;
    case PSATOKEN_NON_ROT_DEBUG:
    case PSATOKEN_ROT_DEBUG:
        return allow_debug ? STATUS_OK : STATUS_EVIDENCE_DEBUG;
    default:
        return STATUS_EVIDENCE_LIFECYCLE;
    }
}

static bool is_known(const struct psatoken_software *software, const struct psatoken_rules *rules)
{
    for (size_t i = 0; i < rules->reference_count; i++)
        if (view_equal(software->measurement, rules->references[i].measurement) &&
            (rules->references[i].signer.len == 0 || view_equal(software->signer, rules->references[i].signer)))
            return true;
    return false;
}

static void check_software(const struct psatoken_claims *claims, const struct psatoken_rules *rules,
                           struct check *check)
{
    enum status status = claims->software_count > 0 ? STATUS_OK : STATUS_EVIDENCE_MEASUREMENT;

    if (status == STATUS_OK && rules->reference_count == 0)
        return;
    for (size_t i = 0; i < claims->software_count; i++)
        if (!is_known(&claims->software[i], rules))
            status = STATUS_EVIDENCE_MEASUREMENT;
    (void)check_note(check, status);
}

static enum status check_claims(const struct psatoken_rules *rules, bool mac, struct psatoken_result *out)
{
    const struct psatoken_claims *claims = &out->claims;
    struct check *checks = out->checks;
    uint8_t key_name[PSATOKEN_INSTANCE_SIZE];

    TRY(name_of_key(rules, mac, key_name));
    if (view_equal(VIEW_OF(key_name), claims->instance))
        (void)check_note(&checks[PSATOKEN_CHECK_KEY_NAME], STATUS_OK);
    (void)check_note(&checks[PSATOKEN_CHECK_PROFILE],
                     claims->profile != PSATOKEN_LEGACY || rules->allow_legacy ? STATUS_OK : STATUS_EVIDENCE_KIND);
    check_equal(&checks[PSATOKEN_CHECK_NONCE], rules->nonce, claims->nonce, STATUS_EVIDENCE_STALE);
    check_equal(&checks[PSATOKEN_CHECK_INSTANCE], rules->instance, claims->instance, STATUS_EVIDENCE_BINDING);
    check_equal(&checks[PSATOKEN_CHECK_IMPLEMENTATION], rules->implementation, claims->implementation,
                STATUS_EVIDENCE_MEASUREMENT);
    (void)check_note(&checks[PSATOKEN_CHECK_LIFECYCLE], judge_lifecycle(claims->lifecycle, rules->allow_debug));
    check_software(claims, rules, &checks[PSATOKEN_CHECK_SOFTWARE]);
    out->debug = claims->lifecycle >> 8 == PSATOKEN_NON_ROT_DEBUG || claims->lifecycle >> 8 == PSATOKEN_ROT_DEBUG;
    return checks_verdict(checks, PSATOKEN_CHECK_COUNT);
}

enum status psatoken_appraise(struct view token, const struct psatoken_rules *rules, struct psatoken_result *out)
{
    struct envelope envelope;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < PSATOKEN_CHECK_COUNT; i++)
        out->checks[i].name = names[i];
    TRY(check_note(&out->checks[PSATOKEN_CHECK_ENVELOPE], envelope_decode(token, rules->allow_untagged, &envelope)));
    TRY(check_note(&out->checks[PSATOKEN_CHECK_SIGNATURE], envelope_verify(&envelope, rules)));
    TRY(check_note(&out->checks[PSATOKEN_CHECK_CLAIMS], claims_decode(envelope.payload, &out->claims)));
    out->authentic = true;
    return check_claims(rules, envelope.kind == ENVELOPE_MAC0, out);
}

enum status psatoken_instance(struct view token, struct view *out)
{
    struct envelope envelope;
    struct psatoken_claims claims;

    TRY(envelope_decode(token, true, &envelope));
    TRY(claims_decode(envelope.payload, &claims));
    *out = claims.instance;
    return STATUS_OK;
}
