/* Credentials (PROTOCOL.md section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "hex.h"
#include "trust_support.h"

#define EXPIRES (TRUST_NOW + 3600)

static const char golden_claims[] =
    "ad0169676174657761792d31026873656e736f722d370364686f6d65041a6ab14990061a6ab13b800750c7c7c7c7c7c7c7c7"
    "c7c7c7c7c7c7c7c708a101a4010220012158205b36890dacbd7c9a96bb74a1ee28b3d2d75b72e09a20ef25cf8e6fd8a9f035"
    "0d2258200e14bed8d4682a34d83538bdff5b96e89a6666ec0db5745d02fa1210072df75a190109781d7461673a696574662e"
    "6f72672c323032363a726174732f65617223303319010aa16373696da21903e818601903eb81784039643964396439643964"
    "3964396439643964396439643964396439643964396439643964396439643964396439643964396439643964396439643964"
    "396439641903eca200781e7461673a74616369742e696e76616c69642c323032363a656e636c617665016774616369742f31"
    "3a00010000013a0001000150b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b03a00010002582063ef90b7cd4917cec77c4a2b73772e"
    "202e18b9c9e3f36b7f4a2d9652a410064f";
static const char golden_credential[] =
    "d83dd28443a10126a059016fad0169676174657761792d31026873656e736f722d370364686f6d65041a6ab14990061a6ab1"
    "3b800750c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c708a101a4010220012158205b36890dacbd7c9a96bb74a1ee28b3d2d75b72"
    "e09a20ef25cf8e6fd8a9f0350d2258200e14bed8d4682a34d83538bdff5b96e89a6666ec0db5745d02fa1210072df75a1901"
    "09781d7461673a696574662e6f72672c323032363a726174732f65617223303319010aa16373696da21903e818601903eb81"
    "7840396439643964396439643964396439643964396439643964396439643964396439643964396439643964396439643964"
    "396439643964396439643964396439641903eca200781e7461673a74616369742e696e76616c69642c323032363a656e636c"
    "617665016774616369742f313a00010000013a0001000150b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b03a00010002582063ef90"
    "b7cd4917cec77c4a2b73772e202e18b9c9e3f36b7f4a2d9652a410064f5840d74d8c24d58f860789e51e2e6e86cbdf2f76a3"
    "a68a08eb922aa8e4ebea493cdc4233e905c78a06e843049f76005539feb84e962f82de0da498e710e7b5f85ef0";
static const char golden_identity[] = "63ef90b7cd4917cec77c4a2b73772e202e18b9c9e3f36b7f4a2d9652a410064f";

static struct credential sample(void)
{
    static uint8_t cti[CTI_SIZE], identity[DIGEST_SIZE];
    const struct place place = trust_place();
    struct buf identity_buf = BUF_OF(identity);
    struct credential credential;

    memset(cti, 0xc7, sizeof cti);
    credential = (struct credential){
        .aggregator = place.aggregator,
        .device = place.device,
        .federation = place.federation,
        .expires = EXPIRES,
        .issued = TRUST_NOW,
        .cti = VIEW_OF(cti),
        .key = trust_cose_key(TRUST_DEVICE),
        .role = ROLE_DEVICE,
        .boot_id = place.boot_id,
        .identity = hex_view(golden_identity, &identity_buf),
        .kind = VIEW_TEXT("sim"),
        .ear_status = EAR_CONTRAINDICATED,
    };
    memset(credential.policy_digest, 0x9d, sizeof credential.policy_digest);
    return credential;
}

static void assert_same(const struct credential *a, const struct credential *b)
{
    assert_true(view_equal(a->aggregator, b->aggregator));
    assert_true(view_equal(a->device, b->device));
    assert_true(view_equal(a->federation, b->federation));
    assert_int_equal(a->expires, b->expires);
    assert_int_equal(a->issued, b->issued);
    assert_true(view_equal(a->cti, b->cti));
    assert_true(view_equal(a->key, b->key));
    assert_int_equal(a->role, b->role);
    assert_true(view_equal(a->boot_id, b->boot_id));
    assert_true(view_equal(a->kind, b->kind));
    assert_true(view_equal(a->identity, b->identity));
    assert_memory_equal(a->policy_digest, b->policy_digest, DIGEST_SIZE);
    assert_int_equal(a->ear_status, b->ear_status);
}

static void issues_the_golden_vector_and_reads_it_back(void **state)
{
    const struct p256_key key = trust_key(TRUST_ENCLAVE);
    const struct credential credential = sample();
    const struct place place = trust_place();
    uint8_t memory[CREDENTIAL_MAX];
    struct buf encoded = BUF_OF(memory);
    struct credential out;

    (void)state;
    assert_int_equal(credential_issue(&credential, &key, trust_random(), &encoded), STATUS_OK);
    assert_hex_equal(buf_view(&encoded), golden_credential);
    assert_int_equal(credential_check(buf_view(&encoded), trust_point(TRUST_ENCLAVE), &place, TRUST_NOW, &out),
                     STATUS_OK);
    assert_same(&out, &credential);
}

static void leaves_too_small_a_space_as_it_was(void **state)
{
    const struct p256_key key = trust_key(TRUST_ENCLAVE);
    const struct credential credential = sample();
    uint8_t memory[CREDENTIAL_MAX];
    struct buf small = {.ptr = memory, .cap = sizeof golden_credential / 2 - 1};

    (void)state;
    assert_int_equal(credential_issue(&credential, &key, trust_random(), &small), STATUS_NO_SPACE);
    assert_int_equal(small.len, 0);
}

static void the_longest_names_fit(void **state)
{
    const struct p256_key key = trust_key(TRUST_ENCLAVE);
    struct credential credential = sample();
    uint8_t memory[CREDENTIAL_MAX], name[NAME_MAX_LEN];
    struct buf encoded = BUF_OF(memory);

    (void)state;
    memset(name, 'n', sizeof name);
    credential.federation = credential.aggregator = credential.device = VIEW_OF(name);
    credential.kind = (struct view){name, KIND_MAX};
    assert_int_equal(credential_issue(&credential, &key, trust_random(), &encoded), STATUS_OK);
}

static void refuses_a_credential_that_is_not_for_this_place_and_time(void **state)
{
    static const uint8_t other_boot[BOOT_ID_SIZE] = {1};
    static const struct {
        const char *why, *federation, *aggregator;
        bool other_boot;
        enum trust_key signer;
        uint64_t now;
        enum status want;
    } cases[] = {
        {"as it should be", "home", "gateway-1", false, TRUST_ENCLAVE, TRUST_NOW, STATUS_OK},
        {"another federation", "work", "gateway-1", false, TRUST_ENCLAVE, TRUST_NOW, STATUS_CREDENTIAL_FOREIGN},
        {"another aggregator", "home", "gateway-2", false, TRUST_ENCLAVE, TRUST_NOW, STATUS_CREDENTIAL_FOREIGN},
        {"another boot", "home", "gateway-1", true, TRUST_ENCLAVE, TRUST_NOW, STATUS_CREDENTIAL_FOREIGN},
        {"another signer", "home", "gateway-1", false, TRUST_OTHER, TRUST_NOW, STATUS_FORGED},
        {"the last second", "home", "gateway-1", false, TRUST_ENCLAVE, EXPIRES - 1, STATUS_OK},
        {"the moment of expiry", "home", "gateway-1", false, TRUST_ENCLAVE, EXPIRES, STATUS_CREDENTIAL_EXPIRED},
        {"the end of time", "home", "gateway-1", false, TRUST_ENCLAVE, UINT64_MAX, STATUS_CREDENTIAL_EXPIRED},
        {"a clock that lags as far as allowed", "home", "gateway-1", false, TRUST_ENCLAVE, TRUST_NOW - CLOCK_AHEAD_S,
         STATUS_OK},
        {"a clock that lags further", "home", "gateway-1", false, TRUST_ENCLAVE, TRUST_NOW - CLOCK_AHEAD_S - 1,
         STATUS_CREDENTIAL_NOT_YET},
    };
    uint8_t memory[CREDENTIAL_MAX];
    struct buf encoded = BUF_OF(memory);

    (void)state;
    (void)hex_view(golden_credential, &encoded);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct place place = trust_place();
        struct credential out = {0};

        print_message("  %s\n", cases[i].why);
        place.federation = view_of_string(cases[i].federation);
        place.aggregator = view_of_string(cases[i].aggregator);
        if (cases[i].other_boot)
            place.boot_id = VIEW_OF(other_boot);
        assert_int_equal(credential_check(buf_view(&encoded), trust_point(cases[i].signer), &place, cases[i].now, &out),
                         cases[i].want);
        assert_int_equal(out.expires, cases[i].want == STATUS_OK ? EXPIRES : 0);
    }
}

static void a_credential_moved_to_another_place_does_not_verify(void **state)
{
    const struct p256_key key = trust_key(TRUST_ENCLAVE);
    struct place signed_for = trust_place();
    uint8_t claims_memory[CREDENTIAL_MAX], memory[CREDENTIAL_MAX];
    struct buf claims = BUF_OF(claims_memory), encoded = BUF_OF(memory);
    const struct place place = trust_place();
    struct credential out;

    (void)state;
    /* The claims of this place, under a signature that is bound to another one. */
    signed_for.aggregator = VIEW_TEXT("gateway-2");
    (void)hex_view(golden_claims, &claims);
    (void)hex_view("d83d", &encoded);
    assert_int_equal(bind_sign(PURPOSE_CREDENTIAL, &signed_for, &key, trust_random(), buf_view(&claims), &encoded),
                     STATUS_OK);
    assert_int_equal(credential_check(buf_view(&encoded), trust_point(TRUST_ENCLAVE), &place, TRUST_NOW, &out),
                     STATUS_FORGED);
}

static void no_changed_byte_is_accepted(void **state)
{
    const struct place place = trust_place();
    uint8_t memory[CREDENTIAL_MAX];
    struct buf encoded = BUF_OF(memory);
    struct credential out;

    (void)state;
    (void)hex_view(golden_credential, &encoded);
    for (size_t i = 0; i < encoded.len; i++) {
        memory[i] ^= 0x01;
        assert_int_not_equal(credential_check(buf_view(&encoded), trust_point(TRUST_ENCLAVE), &place, TRUST_NOW, &out),
                             STATUS_OK);
        memory[i] ^= 0x01;
    }
    for (size_t len = 0; len < encoded.len; len++)
        assert_int_not_equal(
            credential_check((struct view){memory, len}, trust_point(TRUST_ENCLAVE), &place, TRUST_NOW, &out),
            STATUS_OK);
}

static void refuses_claims_that_are_not_those_of_the_protocol(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status want;
    } cases[] = {
        {"as they should be", "ad 01 69", "ad 01 69", STATUS_OK},
        {"a claim missing", "ad0169676174657761792d31", "ac", STATUS_OUT_OF_RANGE},
        {"a claim too many", "ad 01 69", "ae 00 00 01 69", STATUS_OUT_OF_RANGE},
        {"a claim that nobody knows", "3a00010000 01", "39ffff 01", STATUS_MALFORMED},
        {"not before, which is not used", "06 1a6ab13b80", "05 1a6ab13b80", STATUS_MALFORMED},
        {"a claim twice", "02 68 73656e736f722d37", "01 68 73656e736f722d37", STATUS_DUPLICATE_KEY},
        {"claims out of order", "02 68 73656e736f722d37 03 64 686f6d65", "03 64 686f6d65 02 68 73656e736f722d37",
         STATUS_UNORDERED},
        {"a space in the issuer", "676174657761792d31", "6761746577617920 31", STATUS_MALFORMED},
        {"an empty subject", "02 68 73656e736f722d37", "02 60", STATUS_OUT_OF_RANGE},
        {"a slash in the federation", "64 686f6d65", "64 686f2f65", STATUS_MALFORMED},
        {"expiry past the end of time", "04 1a6ab14990", "04 1af4865701", STATUS_OUT_OF_RANGE},
        {"expiry as a text", "04 1a6ab14990", "04 6131", STATUS_MALFORMED},
        {"a short id", "07 50 c7", "07 4f", STATUS_OUT_OF_RANGE},
        {"a confirmation by key id", "08 a1 01", "08 a1 03", STATUS_MALFORMED},
        {"an empty confirmation", "08 a1 01", "08 a0 01", STATUS_OUT_OF_RANGE},
        {"a key that is not on the curve", "5b36890d", "5b36890e", STATUS_BAD_KEY},
        {"a key with an algorithm", "a401022001", "a5010203262001", STATUS_MALFORMED},
        {"role 0", "3a00010000 01", "3a00010000 00", STATUS_OUT_OF_RANGE},
        {"role 4", "3a00010000 01", "3a00010000 04", STATUS_OUT_OF_RANGE},
        {"another profile", "65617223 3033", "65617223 3034", STATUS_UNSUPPORTED},
        {"a longer profile", "781d 746167", "781e 20746167", STATUS_OUT_OF_RANGE},
        {"two submodules", "a1 63 73696d a2", "a2 63 73696d a2", STATUS_OUT_OF_RANGE},
        {"no submodule", "19010a a1 63 73696d", "19010a a0 63 73696d", STATUS_OUT_OF_RANGE},
        {"a submodule without a kind", "63 73696d a2", "60 a2", STATUS_OUT_OF_RANGE},
        {"a submodule named by a number", "63 73696d a2", "01 a2", STATUS_MALFORMED},
        {"a result without a status", "a2 1903e8 1860", "a1", STATUS_OUT_OF_RANGE},
        {"a result with a trust vector in place of its policy", "1903eb 81", "1903e9 81", STATUS_MALFORMED},
        {"a status past every tier", "1903e8 1860", "1903e8 1880", STATUS_OUT_OF_RANGE},
        {"any tier below", "1903e8 1860", "1903e8 387f", STATUS_OK},
        {"the policy as a text", "1903eb 81 7840", "1903eb 7840", STATUS_MALFORMED},
        {"two policies", "1903eb 81 7840", "1903eb 82 6161 7840", STATUS_OUT_OF_RANGE},
        {"a policy's digest cut short", "81 7840 3964", "81 783e", STATUS_OUT_OF_RANGE},
        {"a policy's digest in capitals", "81 7840 3964", "81 7840 3944", STATUS_MALFORMED},
        {"a policy's digest that is none", "81 7840 3964", "81 7840 3967", STATUS_MALFORMED},
        {"another verifier", "656e636c617665", "656e636c617666", STATUS_UNSUPPORTED},
        {"another build", "7461636974 2f31 3a", "7461636974 2f32 3a", STATUS_UNSUPPORTED},
        {"a verifier without a build", "1903ec a2 00", "1903ec a1 00", STATUS_OUT_OF_RANGE},
        {"a verifier with something else", "65 01 67 7461636974", "65 02 67 7461636974", STATUS_MALFORMED},
        {"a short identity", "3a00010002 5820 63", "3a00010002 581f", STATUS_OUT_OF_RANGE},
        {"a byte behind the claims", "a410064f", "a410064f 00", STATUS_TRAILING},
        {"a head that is not the shortest", "3a00010000 01", "3a00010000 1801", STATUS_NOT_SHORTEST},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t memory[CREDENTIAL_MAX];
        struct buf claims = BUF_OF(memory);
        struct credential out = {0};

        print_message("  %s\n", cases[i].why);
        (void)trust_changed(golden_claims, cases[i].from, cases[i].to, &claims);
        assert_int_equal(credential_claims_decode(buf_view(&claims), &out), cases[i].want);
        assert_int_equal(out.expires, cases[i].want == STATUS_OK ? EXPIRES : 0);
    }
}

static void an_identity_is_of_one_kind_and_one_measurement(void **state)
{
    static const uint8_t measurement[64] = {0xe5};
    const struct view short_one = {measurement, 32}, long_one = {measurement, 33};
    uint8_t golden[32], other[32];

    (void)state;
    memset(other, 0xe5, sizeof other);
    assert_int_equal(appraisal_identity(VIEW_TEXT("sim"), VIEW_OF(other), golden), STATUS_OK);
    assert_hex_equal(VIEW_OF(golden), golden_identity);
    assert_int_equal(appraisal_identity(VIEW_TEXT("sgx"), VIEW_OF(other), other), STATUS_OK);
    assert_memory_not_equal(golden, other, sizeof golden);
    assert_int_equal(appraisal_identity(VIEW_TEXT("sim"), short_one, golden), STATUS_OK);
    assert_int_equal(appraisal_identity(VIEW_TEXT("sim"), long_one, other), STATUS_OK);
    assert_memory_not_equal(golden, other, sizeof golden);
    assert_int_equal(appraisal_identity(VIEW_TEXT("sim"), VIEW_OF(measurement), other), STATUS_OK);
}

static void refuses_a_message_without_its_tag(void **state)
{
    const struct place place = trust_place();
    uint8_t memory[CREDENTIAL_MAX];
    struct buf bare = BUF_OF(memory);
    struct credential out;

    (void)state;
    (void)trust_changed(golden_credential, "d83d", "", &bare);
    assert_int_equal(credential_check(buf_view(&bare), trust_point(TRUST_ENCLAVE), &place, TRUST_NOW, &out),
                     STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issues_the_golden_vector_and_reads_it_back),
        cmocka_unit_test(leaves_too_small_a_space_as_it_was),
        cmocka_unit_test(the_longest_names_fit),
        cmocka_unit_test(refuses_a_credential_that_is_not_for_this_place_and_time),
        cmocka_unit_test(a_credential_moved_to_another_place_does_not_verify),
        cmocka_unit_test(no_changed_byte_is_accepted),
        cmocka_unit_test(refuses_claims_that_are_not_those_of_the_protocol),
        cmocka_unit_test(an_identity_is_of_one_kind_and_one_measurement),
        cmocka_unit_test(refuses_a_message_without_its_tag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
