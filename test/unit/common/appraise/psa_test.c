/* PSA attestation tokens (RFC 9783). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "psa.h"
#include "psa_maker.h"
#include "psa_vectors.h"
#include "vector_files.h"

#define B32    "2222222222222222222222222222222222222222222222222222222222222222"
#define TFM    "78217461673a7073616365727469666965642e6f72672c323032333a7073612374666d"
#define DRAFT  "7818687474703a2f2f61726d2e636f6d2f7073612f322e302e30"
#define LEGACY "715053415f494f545f50524f46494c455f31"

/* One claim, encoded; pairs tells the map's head how many it counts for. */
struct claim {
    const char *hex;
    unsigned int pairs;
};

/* Keys in no order, as devices emit them. */
enum { NONCE, INSTANCE, PROFILE, CLIENT, LIFECYCLE, IMPLEMENTATION, SOFTWARE, OTHER, CLAIMS };
static const struct claim rfc[CLAIMS] = {
    [NONCE] = {"0a5820" B32, 1},
    [INSTANCE] = {"190100582101" B32, 1},
    [PROFILE] = {"190109" TFM, 1},
    [CLIENT] = {"19095a01", 1},
    [LIFECYCLE] = {"19095b193000", 1},
    [IMPLEMENTATION] = {"19095c5820" B32, 1},
    [SOFTWARE] = {"19095f81a1025820" B32, 1},
    [OTHER] = {"", 0},
};
static const struct claim draft[CLAIMS] = {
    [NONCE] = {"0a5820" B32, 1},
    [INSTANCE] = {"190100582101" B32, 1},
    [PROFILE] = {"190109" DRAFT, 1},
    [CLIENT] = {"19095a20", 1},
    [LIFECYCLE] = {"19095b193000", 1},
    [IMPLEMENTATION] = {"19095c5820" B32, 1},
    [SOFTWARE] = {"19095f81a2025820" B32 "055820" B32, 1},
    [OTHER] = {"19095d5820" B32, 1}, /* boot seed */
};
static const struct claim legacy[CLAIMS] = {
    [NONCE] = {"3a000124ff5820" B32, 1},
    [INSTANCE] = {"3a00012500582101" B32, 1},
    [PROFILE] = {"3a000124f7" LEGACY, 1},
    [CLIENT] = {"3a000124f820", 1},
    [LIFECYCLE] = {"3a000124f9193000", 1},
    [IMPLEMENTATION] = {"3a000124fa5820" B32, 1},
    [SOFTWARE] = {"3a000124fd81a2025820" B32 "055820" B32, 1},
    [OTHER] = {"3a000124fb5820" B32, 1}, /* boot seed */
};

static uint8_t memory_bytes[1 << 16];

static struct psatoken_rules rules_mac(void)
{
    return (struct psatoken_rules){.secret = psa_maker_secret(), .allow_legacy = true};
}

static struct public_key public_half(const struct p256_key *key)
{
    struct public_key public;

    assert_int_equal(public_key_from_point(PUBLIC_KEY_P256, (struct view){key->point, 32},
                                           (struct view){key->point + 32, 32}, &public),
                     STATUS_OK);
    return public;
}

static struct view payload_of(const struct claim claims[static CLAIMS], struct buf *memory)
{
    uint8_t head = 0xa0;
    const size_t from = memory->len;

    for (size_t i = 0; i < CLAIMS; i++)
        head = (uint8_t)(head + claims[i].pairs);
    assert_int_equal(buf_append(memory, (struct view){&head, 1}), STATUS_OK);
    for (size_t i = 0; i < CLAIMS; i++)
        (void)hex_view(claims[i].hex, memory);
    return (struct view){memory->ptr + from, memory->len - from};
}

static struct view mac_token(const struct claim claims[static CLAIMS], struct buf *memory)
{
    return psa_maker_seal("d184", PSA_MAKER_HS256, payload_of(claims, memory), memory);
}

static struct view signed_token(struct buf *memory)
{
    return psa_maker_seal("d284", PSA_MAKER_ES256, payload_of(rfc, memory), memory);
}

static void tells_what_a_signed_token_claims(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct public_key key = public_half(psa_maker_key());
    const struct psatoken_rules rules = {.key = &key};
    struct psatoken_result result;

    (void)state;
    assert_int_equal(psatoken_appraise(signed_token(&memory), &rules, &result), STATUS_OK);
    assert_true(result.authentic);
    assert_false(result.debug);
    assert_int_equal(result.claims.profile, PSATOKEN_RFC9783);
    assert_hex_equal(result.claims.nonce, B32);
    assert_hex_equal(result.claims.instance, "01" B32);
    assert_hex_equal(result.claims.implementation, B32);
    assert_int_equal(result.claims.client, 1);
    assert_int_equal(result.claims.lifecycle, 0x3000);
    assert_int_equal(result.claims.software_count, 1);
    assert_hex_equal(result.claims.software[0].measurement, B32);
    assert_int_equal(result.checks[PSATOKEN_CHECK_NONCE].outcome, CHECK_NOT_MADE);
    assert_int_equal(result.checks[PSATOKEN_CHECK_KEY_NAME].outcome, CHECK_NOT_MADE);
}

static void takes_every_curve_with_its_algorithm_only(void **state)
{
    static const struct {
        const char *token, *point;
        enum public_key_kind kind;
    } cases[] = {{es384, es384_point, PUBLIC_KEY_P384}, {es512, es512_point, PUBLIC_KEY_P521}};
    const struct public_key other = public_half(psa_maker_key());

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        const size_t size = public_key_coordinate_size(cases[i].kind);
        const struct view token = hex_view(cases[i].token, &memory), point = hex_view(cases[i].point, &memory);
        struct public_key key;
        struct psatoken_rules rules = {.key = &key};
        struct psatoken_result result;

        assert_int_equal(public_key_from_point(cases[i].kind, (struct view){point.ptr, size},
                                               (struct view){point.ptr + size, size}, &key),
                         STATUS_OK);
        assert_int_equal(psatoken_appraise(token, &rules, &result), STATUS_OK);
        assert_int_equal(result.checks[PSATOKEN_CHECK_KEY_NAME].outcome, CHECK_PASSED);
        rules.key = &other;
        assert_int_equal(psatoken_appraise(token, &rules, &result), STATUS_BAD_KEY);
        assert_false(result.authentic);
    }
}

static void refuses_claims_that_no_profile_allows(void **state)
{
    static const struct {
        const char *why;
        const struct claim *base;
        unsigned int which;
        struct claim claim;
        enum status want;
    } cases[] = {
        {"as it is", rfc, OTHER, {"", 0}, STATUS_OK},
        {"unknown claims: number, text key, tagged, float",
         rfc,
         OTHER,
         {"18ff82f4f6 6161c1fb0000000000000000 3818a26162016161f5", 3},
         STATUS_OK},
        {"heads that are not the shortest", rfc, CLIENT, {"1a0000095a1b0000000000000001", 1}, STATUS_OK},
        {"nonce of 48", rfc, NONCE, {"0a5830" B32 "22222222222222222222222222222222", 1}, STATUS_OK},
        {"nonce of 64", rfc, NONCE, {"0a5840" B32 B32, 1}, STATUS_OK},
        {"nonce of 31",
         rfc,
         NONCE,
         {"0a581f"
          "11111111111111111111111111111111111111111111111111111111111111",
          1},
         STATUS_OUT_OF_RANGE},
        {"nonce of 33", rfc, NONCE, {"0a582101" B32, 1}, STATUS_OUT_OF_RANGE},
        {"nonces", rfc, NONCE, {"0a815820" B32, 1}, STATUS_MALFORMED},
        {"no nonce", rfc, NONCE, {"", 0}, STATUS_MALFORMED},
        {"no instance", rfc, INSTANCE, {"", 0}, STATUS_MALFORMED},
        {"instance of another kind", rfc, INSTANCE, {"190100582102" B32, 1}, STATUS_OUT_OF_RANGE},
        {"instance of 32", rfc, INSTANCE, {"1901005820" B32, 1}, STATUS_OUT_OF_RANGE},
        {"no profile", rfc, PROFILE, {"", 0}, STATUS_MALFORMED},
        {"unknown profile", rfc, PROFILE, {"1901096178", 1}, STATUS_UNSUPPORTED},
        {"legacy profile with new labels", rfc, PROFILE, {"190109" LEGACY, 1}, STATUS_UNSUPPORTED},
        {"no client", rfc, CLIENT, {"", 0}, STATUS_MALFORMED},
        {"client past 32 bits", rfc, CLIENT, {"19095a1a80000000", 1}, STATUS_OUT_OF_RANGE},
        {"client as text", rfc, CLIENT, {"19095a6131", 1}, STATUS_MALFORMED},
        {"no lifecycle", rfc, LIFECYCLE, {"", 0}, STATUS_MALFORMED},
        {"lifecycle between the states", rfc, LIFECYCLE, {"19095b193100", 1}, STATUS_OUT_OF_RANGE},
        {"lifecycle past the last", rfc, LIFECYCLE, {"19095b197000", 1}, STATUS_OUT_OF_RANGE},
        {"lifecycle past 16 bits", rfc, LIFECYCLE, {"19095b1a00013000", 1}, STATUS_OUT_OF_RANGE},
        {"secured, maker's byte", rfc, LIFECYCLE, {"19095b1930ff", 1}, STATUS_OK},
        {"unknown lifecycle", rfc, LIFECYCLE, {"19095b00", 1}, STATUS_EVIDENCE_LIFECYCLE},
        {"assembly", rfc, LIFECYCLE, {"19095b191000", 1}, STATUS_EVIDENCE_LIFECYCLE},
        {"provisioning", rfc, LIFECYCLE, {"19095b192000", 1}, STATUS_EVIDENCE_LIFECYCLE},
        {"debug outside of the root of trust", rfc, LIFECYCLE, {"19095b194000", 1}, STATUS_EVIDENCE_DEBUG},
        {"debug of the root of trust", rfc, LIFECYCLE, {"19095b195001", 1}, STATUS_EVIDENCE_DEBUG},
        {"decommissioned", rfc, LIFECYCLE, {"19095b196000", 1}, STATUS_EVIDENCE_LIFECYCLE},
        {"no implementation", rfc, IMPLEMENTATION, {"", 0}, STATUS_MALFORMED},
        {"implementation of 33", rfc, IMPLEMENTATION, {"19095c582100" B32, 1}, STATUS_OUT_OF_RANGE},
        {"no software", rfc, SOFTWARE, {"", 0}, STATUS_MALFORMED},
        {"empty software", rfc, SOFTWARE, {"19095f80", 1}, STATUS_OUT_OF_RANGE},
        {"component without a measurement", rfc, SOFTWARE, {"19095f81a1055820" B32, 1}, STATUS_MALFORMED},
        {"measurement of 4", rfc, SOFTWARE, {"19095f81a1024411111111", 1}, STATUS_OUT_OF_RANGE},
        {"measurement twice", rfc, SOFTWARE, {"19095f81a2025820" B32 "025820" B32, 1}, STATUS_DUPLICATE_KEY},
        {"measurement twice, written otherwise",
         rfc,
         SOFTWARE,
         {"19095f81a2025820" B32 "18025820" B32, 1},
         STATUS_DUPLICATE_KEY},
        {"control characters in a type", rfc, SOFTWARE, {"19095f81a2025820" B32 "01610a", 1}, STATUS_MALFORMED},
        {"client twice", rfc, OTHER, {"19095a02", 1}, STATUS_DUPLICATE_KEY},
        {"client twice, written otherwise", rfc, OTHER, {"1a0000095a02", 1}, STATUS_DUPLICATE_KEY},
        {"unknown key twice", rfc, OTHER, {"18ff0118ff01", 2}, STATUS_DUPLICATE_KEY},
        {"text key twice, deep inside", rfc, OTHER, {"18ff81a2616101616102", 1}, STATUS_DUPLICATE_KEY},
        {"key of another type", rfc, OTHER, {"410101", 1}, STATUS_MALFORMED},
        {"indefinite length", rfc, OTHER, {"18ff9f01ff", 1}, STATUS_MALFORMED},
        {"too deep", rfc, OTHER, {"18ff818181818181818101", 1}, STATUS_TOO_DEEP},
        {"a count past the end", rfc, OTHER, {"18ff9bffffffffffffffff", 1}, STATUS_TRUNCATED},
        {"one pair too few", rfc, OTHER, {"", 1}, STATUS_TRUNCATED},
        {"one pair too many", rfc, OTHER, {"18ff01", 0}, STATUS_TRAILING},
        {"boot seed of 8", rfc, OTHER, {"19010c480102030405060708", 1}, STATUS_OK},
        {"boot seed of 7", rfc, OTHER, {"19010c4701020304050607", 1}, STATUS_OUT_OF_RANGE},
        {"the drafts' boot seed is no claim of RFC 9783", rfc, OTHER, {"19095d4101", 1}, STATUS_OK},
        {"certified", rfc, OTHER, {"19095e73313233343536373839303132332d3132333435", 1}, STATUS_OK},
        {"certified without suffix", rfc, OTHER, {"19095e6d31323334353637383930313233", 1}, STATUS_OUT_OF_RANGE},
        {"draft as it is", draft, CLIENT, {"19095a20", 1}, STATUS_OK},
        {"draft with the boot seed of RFC 9783", draft, OTHER, {"19010c5820" B32, 1}, STATUS_OK},
        {"draft with both boot seeds", draft, CLIENT, {"19095a2019010c5820" B32, 2}, STATUS_DUPLICATE_KEY},
        {"draft, certified without suffix", draft, OTHER, {"19095e6d31323334353637383930313233", 1}, STATUS_OK},
        {"draft, certified with letters", draft, OTHER, {"19095e6d31323334353637383930313261", 1}, STATUS_OUT_OF_RANGE},
        {"draft without a signer", rfc, PROFILE, {"190109" DRAFT, 1}, STATUS_MALFORMED},
        {"legacy as it is", legacy, PROFILE, {"3a000124f7" LEGACY, 1}, STATUS_OK},
        {"legacy without a profile", legacy, PROFILE, {"", 0}, STATUS_OK},
        {"legacy labels with a new name", legacy, PROFILE, {"3a000124f7" TFM, 1}, STATUS_UNSUPPORTED},
        {"legacy labels, new profile", legacy, PROFILE, {"190109" TFM, 1}, STATUS_MALFORMED},
        {"legacy without boot seed", legacy, OTHER, {"", 0}, STATUS_MALFORMED},
        {"legacy boot seed of 31",
         legacy,
         OTHER,
         {"3a000124fb581f11111111111111111111111111111111111111111111111111111111111111", 1},
         STATUS_OUT_OF_RANGE},
        {"legacy, nothing measured", legacy, SOFTWARE, {"3a000124fe01", 1}, STATUS_EVIDENCE_MEASUREMENT},
        {"legacy, measured and not", legacy, OTHER, {"3a000124fb5820" B32 "3a000124fe01", 2}, STATUS_MALFORMED},
        {"legacy, neither", legacy, SOFTWARE, {"", 0}, STATUS_MALFORMED},
    };
    const struct psatoken_rules rules = rules_mac();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        struct claim claims[CLAIMS];
        struct psatoken_result result;

        print_message("  %s\n", cases[i].why);
        memcpy(claims, cases[i].base, sizeof claims);
        claims[cases[i].which] = cases[i].claim;
        assert_int_equal(psatoken_appraise(mac_token(claims, &memory), &rules, &result), cases[i].want);
        assert_int_equal(result.checks[PSATOKEN_CHECK_SIGNATURE].outcome, CHECK_PASSED);
        assert_int_equal(result.claims.nonce.len > 0, result.authentic);
    }
}

static void refuses_envelopes_that_are_not_allowed(void **state)
{
    static const struct {
        const char *why, *hex;
        enum status want;
    } cases[] = {
        {"nothing", "", STATUS_TRUNCATED},
        {"no tag", "8443a10126a041a041a0", STATUS_MALFORMED},
        {"another tag", "d08443a10126a041a041a0", STATUS_MALFORMED},
        {"CWT tag", "d83dd28443a10126a041a041a0", STATUS_MALFORMED},
        {"MAC tag, signature algorithm", "d18443a10126a041a041a0", STATUS_UNSUPPORTED},
        {"signature tag, MAC algorithm", "d28443a10105a041a041a0", STATUS_UNSUPPORTED},
        {"three items", "d28343a10126a041a0", STATUS_MALFORMED},
        {"no protected bucket", "d28440a041a041a0", STATUS_MALFORMED},
        {"no algorithm", "d28441a0a041a041a0", STATUS_MALFORMED},
        {"algorithm outside", "d28441a0a1012641a041a0", STATUS_MALFORMED},
        {"algorithm inside and outside", "d28443a10126a1012641a041a0", STATUS_MALFORMED},
        {"algorithm twice", "d28445a201260126a041a041a0", STATUS_DUPLICATE_KEY},
        {"EdDSA", "d28443a10127a041a041a0", STATUS_UNSUPPORTED},
        {"truncated MAC", "d18443a10104a041a041a0", STATUS_UNSUPPORTED},
        {"critical header", "d28446a20126028120a041a041a0", STATUS_UNSUPPORTED},
        {"bytes behind the protected map", "d28444a1012600a041a041a0", STATUS_TRAILING},
        {"detached payload", "d28443a10126a0f641a0", STATUS_MALFORMED},
        {"a byte behind", "d28443a10126a041a041a00a", STATUS_TRAILING},
        {"indefinite array", "d29f43a10126a041a041a0ff", STATUS_MALFORMED},
    };
    const struct public_key key = public_half(psa_maker_key());
    const struct psatoken_rules rules = {.key = &key};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        struct psatoken_result result;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(psatoken_appraise(hex_view(cases[i].hex, &memory), &rules, &result), cases[i].want);
        assert_int_equal(result.checks[PSATOKEN_CHECK_ENVELOPE].outcome, CHECK_FAILED);
        assert_false(result.authentic);
    }
}

static void refuses_a_token_cut_at_any_length_or_with_any_bit_changed(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct view token = mac_token(rfc, &memory);
    const struct psatoken_rules rules = rules_mac();
    struct psatoken_result result;
    uint8_t copy[1024];

    (void)state;
    assert_true(token.len < sizeof copy);
    assert_int_equal(psatoken_appraise(token, &rules, &result), STATUS_OK);
    for (size_t len = 0; len < token.len; len++)
        assert_int_not_equal(psatoken_appraise((struct view){token.ptr, len}, &rules, &result), STATUS_OK);
    for (size_t bit = 0; bit < 8 * token.len; bit++) {
        memcpy(copy, token.ptr, token.len);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(psatoken_appraise((struct view){copy, token.len}, &rules, &result), STATUS_OK);
        assert_false(result.authentic);
    }
}

static void refuses_a_signed_token_with_any_byte_changed(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct view token = signed_token(&memory);
    const struct public_key key = public_half(psa_maker_key());
    const struct psatoken_rules rules = {.key = &key};
    struct psatoken_result result;
    uint8_t copy[1024];

    (void)state;
    for (size_t i = 0; i < token.len; i++) {
        memcpy(copy, token.ptr, token.len);
        copy[i] ^= 0x01;
        assert_int_not_equal(psatoken_appraise((struct view){copy, token.len}, &rules, &result), STATUS_OK);
        assert_false(result.authentic);
    }
}

static void holds_a_token_to_its_rules(void **state)
{
    static const uint8_t same[33] = {1,    0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
                                     0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,
                                     0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22};
    static const uint8_t other[33] = {1};
    const struct view same32 = {same + 1, 32}, other32 = {other, 32};
    const struct psatoken_reference known = {.measurement = same32}, unknown = {.measurement = other32},
                                    by_other = {.measurement = same32, .signer = other32};
    const struct {
        const char *why;
        struct psatoken_rules rules;
        enum psatoken_check check;
        enum status want;
    } cases[] = {
        {"nonce", {.nonce = same32}, PSATOKEN_CHECK_NONCE, STATUS_OK},
        {"another nonce", {.nonce = other32}, PSATOKEN_CHECK_NONCE, STATUS_EVIDENCE_STALE},
        {"a longer nonce", {.nonce = VIEW_OF(same)}, PSATOKEN_CHECK_NONCE, STATUS_EVIDENCE_STALE},
        {"instance", {.instance = VIEW_OF(same)}, PSATOKEN_CHECK_INSTANCE, STATUS_OK},
        {"another instance", {.instance = VIEW_OF(other)}, PSATOKEN_CHECK_INSTANCE, STATUS_EVIDENCE_BINDING},
        {"implementation", {.implementation = same32}, PSATOKEN_CHECK_IMPLEMENTATION, STATUS_OK},
        {"another implementation",
         {.implementation = other32},
         PSATOKEN_CHECK_IMPLEMENTATION,
         STATUS_EVIDENCE_MEASUREMENT},
        {"known software", {.references = &known, .reference_count = 1}, PSATOKEN_CHECK_SOFTWARE, STATUS_OK},
        {"unknown software",
         {.references = &unknown, .reference_count = 1},
         PSATOKEN_CHECK_SOFTWARE,
         STATUS_EVIDENCE_MEASUREMENT},
        {"another signer",
         {.references = &by_other, .reference_count = 1},
         PSATOKEN_CHECK_SOFTWARE,
         STATUS_EVIDENCE_MEASUREMENT},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        struct psatoken_rules rules = cases[i].rules;
        struct psatoken_result result;

        print_message("  %s\n", cases[i].why);
        rules.secret = rules_mac().secret;
        assert_int_equal(psatoken_appraise(mac_token(rfc, &memory), &rules, &result), cases[i].want);
        assert_int_equal(result.checks[cases[i].check].outcome,
                         cases[i].want == STATUS_OK ? CHECK_PASSED : CHECK_FAILED);
        assert_int_equal(result.checks[cases[i].check].reason, cases[i].want);
        assert_true(result.authentic);
    }
}

static void takes_what_is_switched_on_only(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    struct psatoken_rules rules = rules_mac();
    const struct view old = mac_token(legacy, &memory);
    const struct view bare = psa_maker_seal("84", PSA_MAKER_HS256, payload_of(rfc, &memory), &memory);
    struct claim claims[CLAIMS];
    struct psatoken_result result;
    struct view debug;

    (void)state;
    memcpy(claims, rfc, sizeof claims);
    claims[LIFECYCLE].hex = "19095b194000";
    debug = mac_token(claims, &memory);
    rules.allow_legacy = false;
    assert_int_equal(psatoken_appraise(old, &rules, &result), STATUS_EVIDENCE_KIND);
    assert_true(result.authentic);
    assert_int_equal(psatoken_appraise(bare, &rules, &result), STATUS_MALFORMED);
    rules.allow_untagged = true;
    assert_int_equal(psatoken_appraise(bare, &rules, &result), STATUS_OK);
    assert_int_equal(psatoken_appraise(debug, &rules, &result), STATUS_EVIDENCE_DEBUG);
    assert_true(result.debug);
    rules.allow_debug = true;
    assert_int_equal(psatoken_appraise(debug, &rules, &result), STATUS_OK);
    assert_true(result.debug);
}

static void takes_a_mac_with_a_secret_and_a_signature_with_a_key_only(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct view mac = mac_token(rfc, &memory), sign1 = signed_token(&memory);
    const struct public_key key = public_half(psa_maker_key());
    const struct psatoken_rules with_key = {.key = &key}, with_secret = rules_mac();
    struct psatoken_rules wrong = rules_mac();
    struct psatoken_result result;

    (void)state;
    assert_int_equal(psatoken_appraise(mac, &with_key, &result), STATUS_BAD_KEY);
    assert_int_equal(psatoken_appraise(sign1, &with_secret, &result), STATUS_BAD_KEY);
    wrong.secret.len--;
    assert_int_equal(psatoken_appraise(mac, &wrong, &result), STATUS_FORGED);
    assert_false(result.authentic);
}

static void finds_the_instance_before_the_key_is_known(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    struct view instance = {NULL, 0};

    (void)state;
    assert_int_equal(psatoken_instance(signed_token(&memory), &instance), STATUS_OK);
    assert_hex_equal(instance, "01" B32);
}

/* The fields that expected.json gives by label, under either set of labels. */
static void assert_claims(const cJSON *want, const struct psatoken_claims *got)
{
    const struct {
        const char *label, *old;
        struct view view;
    } fields[] = {
        {"10", "-75008", got->nonce},
        {"256", "-75009", got->instance},
        {"2396", "-75003", got->implementation},
    };
    const cJSON *software = cJSON_GetObjectItemCaseSensitive(want, "2399");
    const cJSON *lifecycle = cJSON_GetObjectItemCaseSensitive(want, "2395");

    if (software == NULL)
        software = cJSON_GetObjectItemCaseSensitive(want, "-75006");
    if (lifecycle == NULL)
        lifecycle = cJSON_GetObjectItemCaseSensitive(want, "-75002");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const char *hex = vector_text(want, fields[i].label);

        assert_hex_equal(fields[i].view, hex != NULL ? hex : vector_text(want, fields[i].old));
    }
    assert_int_equal(got->lifecycle, (int)cJSON_GetNumberValue(lifecycle));
    assert_int_equal(got->software_count, cJSON_GetArraySize(software));
    for (size_t i = 0; i < got->software_count; i++)
        assert_hex_equal(got->software[i].measurement, vector_text(cJSON_GetArrayItem(software, (int)i), "2"));
}

static void appraise_case(const cJSON *item)
{
    struct buf memory = BUF_OF(memory_bytes);
    const char *key_name = vector_text(item, "key");
    const struct view token = vector_file("psa", vector_text(item, "evidence"), &memory);
    const struct view key_bytes = vector_file("psa", key_name, &memory);
    struct psatoken_rules rules = {.allow_legacy = true};
    const bool valid = strncmp(vector_text(item, "expect"), "VALID", 5) == 0;
    struct psatoken_result result;
    struct public_key key;
    enum status status;

    if (strstr(key_name, ".pem") != NULL) {
        assert_int_equal(public_key_from_spki(key_bytes, &key), STATUS_OK);
        rules.key = &key;
    } else {
        rules.secret = key_bytes;
    }
    status = psatoken_appraise(token, &rules, &result);
    print_message("  %-28s expected %-8s got %s, key name %d\n", vector_text(item, "name"), valid ? "valid" : "refused",
                  status_name(status), result.checks[PSATOKEN_CHECK_KEY_NAME].outcome);
    assert_int_equal(status == STATUS_OK, valid);
    if (valid)
        assert_claims(cJSON_GetObjectItemCaseSensitive(item, "claims"), &result.claims);
}

static void agrees_with_the_tokens_of_real_devices(void **state)
{
    cJSON *expected = vector_expected("psa");
    const cJSON *item;
    int seen = 0;

    (void)state;
    if (expected == NULL)
        skip();
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(expected, "cases"))
    {
        appraise_case(item);
        seen++;
    }
    assert_true(seen > 0);
    cJSON_Delete(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_a_signed_token_claims),
        cmocka_unit_test(takes_every_curve_with_its_algorithm_only),
        cmocka_unit_test(refuses_claims_that_no_profile_allows),
        cmocka_unit_test(refuses_envelopes_that_are_not_allowed),
        cmocka_unit_test(refuses_a_token_cut_at_any_length_or_with_any_bit_changed),
        cmocka_unit_test(refuses_a_signed_token_with_any_byte_changed),
        cmocka_unit_test(holds_a_token_to_its_rules),
        cmocka_unit_test(takes_what_is_switched_on_only),
        cmocka_unit_test(takes_a_mac_with_a_secret_and_a_signature_with_a_key_only),
        cmocka_unit_test(finds_the_instance_before_the_key_is_known),
        cmocka_unit_test(agrees_with_the_tokens_of_real_devices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
