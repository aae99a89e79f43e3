/* psa_claims.c: the claims of a token, of every profile (see psa_private.h). */
#include "psa_private.h"

#include <string.h>

#define TEXT_MAX      1024
#define DIGEST_MIN    32
#define BOOT_SEED_MIN 8
#define BOOT_SEED_MAX 32
#define INSTANCE_KIND 0x01 /* first byte: a random number or a digest (RFC 9711 section 4.2.1) */
#define EAN_DIGITS    13
#define EAN_SUFFIX    5

/* Every claim that is read, under the labels of RFC 9783 and under the legacy ones. */
enum claim {
    CLAIM_PROFILE,
    CLAIM_NONCE,
    CLAIM_INSTANCE,
    CLAIM_IMPLEMENTATION,
    CLAIM_CLIENT,
    CLAIM_LIFECYCLE,
    CLAIM_SOFTWARE,
    CLAIM_BOOT_SEED,
    CLAIM_BOOT_SEED_DRAFT,
    CLAIM_CERTIFICATION,
    CLAIM_SERVICE,
    CLAIM_NO_SOFTWARE,
    CLAIM_COUNT,
};
#define BIT(claim) (1u << (claim))
#define MANDATORY_EACH \
    (BIT(CLAIM_NONCE) | BIT(CLAIM_INSTANCE) | BIT(CLAIM_IMPLEMENTATION) | BIT(CLAIM_CLIENT) | BIT(CLAIM_LIFECYCLE))

enum labels { LABELS_RFC, LABELS_LEGACY, LABELS_COUNT };

/* 0: the profile has no such claim. */
static const int64_t labels[LABELS_COUNT][CLAIM_COUNT] = {
    [LABELS_RFC] =
        {
            [CLAIM_PROFILE] = 265,
            [CLAIM_NONCE] = 10,
            [CLAIM_INSTANCE] = 256,
            [CLAIM_IMPLEMENTATION] = 2396,
            [CLAIM_CLIENT] = 2394,
            [CLAIM_LIFECYCLE] = 2395,
            [CLAIM_SOFTWARE] = 2399,
            [CLAIM_BOOT_SEED] = 268,
            [CLAIM_BOOT_SEED_DRAFT] = 2397,
            [CLAIM_CERTIFICATION] = 2398,
            [CLAIM_SERVICE] = 2400,
        },
    [LABELS_LEGACY] =
        {
            [CLAIM_PROFILE] = -75000,
            [CLAIM_NONCE] = -75008,
            [CLAIM_INSTANCE] = -75009,
            [CLAIM_IMPLEMENTATION] = -75003,
            [CLAIM_CLIENT] = -75001,
            [CLAIM_LIFECYCLE] = -75002,
            [CLAIM_SOFTWARE] = -75006,
            [CLAIM_BOOT_SEED] = -75004,
            [CLAIM_CERTIFICATION] = -75005,
            [CLAIM_SERVICE] = -75010,
            [CLAIM_NO_SOFTWARE] = -75007,
        },
};

static const struct profile {
    const char *name;
    enum labels labels;
    unsigned int mandatory;
    size_t boot_seed_min;
    bool signer_mandatory, ean_suffix_mandatory;
} profiles[] = {
    [PSATOKEN_RFC9783] = {"tag:psacertified.org,2023:psa#tfm", LABELS_RFC, MANDATORY_EACH | BIT(CLAIM_SOFTWARE),
                          BOOT_SEED_MIN, false, true},
    [PSATOKEN_DRAFT] = {"http://arm.com/psa/2.0.0", LABELS_RFC, MANDATORY_EACH | BIT(CLAIM_SOFTWARE), BOOT_SEED_MIN,
                        true, false},
    [PSATOKEN_LEGACY] = {"PSA_IOT_PROFILE_1", LABELS_LEGACY, MANDATORY_EACH | BIT(CLAIM_BOOT_SEED), BOOT_SEED_MAX, true,
                         false},
};

/* The encoded values, of which each is one whole item; empty for a claim that is not there. */
struct values {
    struct view of[LABELS_COUNT][CLAIM_COUNT];
};

static enum status collect(struct view payload, struct values *out)
{
    struct loose loose;
    struct loose_map map;
    int64_t key;

    memset(out, 0, sizeof *out);
    loose_start(&loose, payload);
    map = loose_map(&loose);
    while (loose_key(&map, &key)) {
        const struct view value = loose_any(&loose);

        for (size_t i = 0; i < (size_t)LABELS_COUNT * CLAIM_COUNT; i++)
            if (labels[i / CLAIM_COUNT][i % CLAIM_COUNT] == key && key != 0)
                out->of[i / CLAIM_COUNT][i % CLAIM_COUNT] = value;
    }
    return loose_end(&loose);
}

/* Which profile a token follows: what it says, or the legacy one when it says nothing. */
static enum status find_profile(const struct values *values, enum psatoken_profile *out)
{
    struct view name = values->of[LABELS_RFC][CLAIM_PROFILE];
    enum labels said = LABELS_RFC;
    struct loose loose;

    if (name.len == 0) {
        said = LABELS_LEGACY;
        name = values->of[LABELS_LEGACY][CLAIM_PROFILE];
    }
    if (name.len == 0) {
        *out = PSATOKEN_LEGACY;
        return STATUS_OK;
    }
    loose_start(&loose, name);
    name = loose_text(&loose, TEXT_MAX);
    TRY(loose_end(&loose));
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        if (profiles[i].labels == said && view_equal(name, view_of_string(profiles[i].name))) {
            *out = (enum psatoken_profile)i;
            return STATUS_OK;
        }
    return STATUS_UNSUPPORTED;
}

/* One of the sizes of SHA-2 digests. */
static struct view read_digest(struct loose *loose)
{
    const struct view bytes = loose_bytes(loose, DIGEST_MIN, DIGEST_BYTES_MAX);

    if (bytes.len % 16 != 0)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
    return bytes;
}

static void read_instance(struct loose *loose, struct psatoken_claims *claims)
{
    claims->instance = loose_bytes(loose, PSATOKEN_INSTANCE_SIZE, PSATOKEN_INSTANCE_SIZE);
    if (loose->status == STATUS_OK && claims->instance.ptr[0] != INSTANCE_KIND)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
}

static void read_lifecycle(struct loose *loose, struct psatoken_claims *claims)
{
    claims->lifecycle = (uint16_t)loose_int(loose, 0, UINT16_MAX);
    if (claims->lifecycle >> 8 > PSATOKEN_DECOMMISSIONED || (claims->lifecycle >> 8 & 0x0f) != 0)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
}

static bool digits(struct view text, size_t from, size_t count)
{
    for (size_t i = from; i < from + count; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

static void read_certification(struct loose *loose, struct psatoken_claims *claims)
{
    const struct view text = loose_text(loose, TEXT_MAX);
    bool good = false;

    if (text.len == EAN_DIGITS + 1 + EAN_SUFFIX)
        good = digits(text, 0, EAN_DIGITS) && text.ptr[EAN_DIGITS] == '-' && digits(text, EAN_DIGITS + 1, EAN_SUFFIX);
    else if (text.len == EAN_DIGITS && !profiles[claims->profile].ean_suffix_mandatory)
        good = digits(text, 0, EAN_DIGITS);
    if (!good)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
    claims->certification = text;
}

static void read_component(struct loose *loose, bool signer_mandatory, struct psatoken_software *out)
{
    struct loose_map map = loose_map(loose);
    int64_t key;

    *out = (struct psatoken_software){0};
    while (loose_key(&map, &key)) {
        switch (key) {
        case 1:
            out->type = loose_text(loose, TEXT_MAX);
            break;
        case 2:
            out->measurement = read_digest(loose);
            break;
        case 4:
            out->version = loose_text(loose, TEXT_MAX);
            break;
        case 5:
            out->signer = read_digest(loose);
            break;
        case 6:
            out->hash_name = loose_text(loose, TEXT_MAX);
            break;
        default:
            (void)loose_any(loose);
        }
    }
    if (out->measurement.len == 0 || (signer_mandatory && out->signer.len == 0))
        loose_fail(loose, STATUS_MALFORMED);
}

static void read_software(struct loose *loose, struct psatoken_claims *claims)
{
    claims->software_count = loose_array(loose, 1, PSATOKEN_SOFTWARE_MAX);
    for (size_t i = 0; i < claims->software_count && loose->status == STATUS_OK; i++)
        read_component(loose, profiles[claims->profile].signer_mandatory, &claims->software[i]);
}

static void read_claim(struct loose *loose, enum claim claim, struct psatoken_claims *claims)
{
    switch (claim) {
    case CLAIM_NONCE:
        claims->nonce = read_digest(loose);
        break;
    case CLAIM_INSTANCE:
        read_instance(loose, claims);
        break;
    case CLAIM_IMPLEMENTATION:
        claims->implementation = loose_bytes(loose, PSATOKEN_IMPLEMENTATION_SIZE, PSATOKEN_IMPLEMENTATION_SIZE);
        break;
    case CLAIM_CLIENT:
        claims->client = (int32_t)loose_int(loose, INT32_MIN, INT32_MAX);
        break;
    case CLAIM_LIFECYCLE:
        read_lifecycle(loose, claims);
        break;
    case CLAIM_SOFTWARE:
        read_software(loose, claims);
        break;
    case CLAIM_BOOT_SEED:
    case CLAIM_BOOT_SEED_DRAFT:
        claims->boot_seed = loose_bytes(loose, profiles[claims->profile].boot_seed_min, BOOT_SEED_MAX);
        break;
    case CLAIM_CERTIFICATION:
        read_certification(loose, claims);
        break;
    case CLAIM_SERVICE:
        claims->service = loose_text(loose, TEXT_MAX);
        break;
    case CLAIM_NO_SOFTWARE:
        (void)loose_int(loose, 1, 1);
        break;
    case CLAIM_PROFILE: /* read before */
    case CLAIM_COUNT:
        (void)loose_any(loose);
        break;
    }
}

/* Whether the claims that are there are those of the profile. */
static enum status check_set(enum psatoken_profile profile, unsigned int seen)
{
    const unsigned int either = BIT(CLAIM_SOFTWARE) | BIT(CLAIM_NO_SOFTWARE);

    if ((seen & profiles[profile].mandatory) != profiles[profile].mandatory)
        return STATUS_MALFORMED;
    if ((seen & BIT(CLAIM_BOOT_SEED)) != 0 && (seen & BIT(CLAIM_BOOT_SEED_DRAFT)) != 0)
        return STATUS_DUPLICATE_KEY;
    /* A legacy token lists its software or says that it measures none. */
    return (seen & either) == 0 || (seen & either) == either ? STATUS_MALFORMED : STATUS_OK;
}

struct view claims_profile_name(enum psatoken_profile profile)
{
    return view_of_string(profiles[profile].name);
}

enum status claims_decode(struct view payload, struct psatoken_claims *out)
{
    struct psatoken_claims claims;
    const struct view *of;
    struct values values;
    unsigned int seen = 0;

    memset(&claims, 0, sizeof claims);
    TRY(collect(payload, &values));
    TRY(find_profile(&values, &claims.profile));
    of = values.of[profiles[claims.profile].labels];
    for (unsigned int i = 0; i < CLAIM_COUNT; i++) {
        struct loose loose;

        /* Under RFC 9783 itself the drafts' boot seed is a claim like any unknown one. */
        if (of[i].len == 0 || (i == CLAIM_BOOT_SEED_DRAFT && claims.profile == PSATOKEN_RFC9783))
            continue;
        loose_start(&loose, of[i]);
        read_claim(&loose, (enum claim)i, &claims);
        TRY(loose_end(&loose));
        seen |= BIT(i);
    }
    TRY(check_set(claims.profile, seen));
    *out = claims;
    return STATUS_OK;
}
