/* The signed policy (PROTOCOL.md section 16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "policy.h"
#include "trust_support.h"

#define NOT_BEFORE (TRUST_NOW - 1000)
#define NOT_AFTER  (TRUST_NOW + 1000000)

static const char golden_policy[] =
    "af0164686f6d650203031a6ab13798041a6ac07dc00581a2016373696d025899a301584ba40102200121582051a758083389"
    "8ea1b183cbd7350a4099078c6ef1c1e18e970cd7683035f25e7d2258200110522712b0b5a7cff081685486984a94e6831eda"
    "c46e7360fa9d834a7a81a102825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa5820bb"
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03190e100681a2016373696d025899a301584b"
    "a40102200121582051a7580833898ea1b183cbd7350a4099078c6ef1c1e18e970cd7683035f25e7d2258200110522712b0b5"
    "a7cff081685486984a94e6831edac46e7360fa9d834a7a81a102825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaa5820bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03190e1007"
    "03081864091927100a181b0b1a00278d000c1a000f42400d8203010e1a000400000f190258";
static const char golden_signed[] =
    "d28443a10126a0590183af0164686f6d650203031a6ab13798041a6ac07dc00581a2016373696d025899a301584ba4010220"
    "0121582051a7580833898ea1b183cbd7350a4099078c6ef1c1e18e970cd7683035f25e7d2258200110522712b0b5a7cff081"
    "685486984a94e6831edac46e7360fa9d834a7a81a102825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaa5820bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03190e100681a20163"
    "73696d025899a301584ba40102200121582051a7580833898ea1b183cbd7350a4099078c6ef1c1e18e970cd7683035f25e7d"
    "2258200110522712b0b5a7cff081685486984a94e6831edac46e7360fa9d834a7a81a102825820aaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa5820bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    "bbbbbbbbbb03190e100703081864091927100a181b0b1a00278d000c1a000f42400d8203010e1a000400000f1902585840b2"
    "005c46d2091f923aa9c9ed5542b19f17b9d2657806e185cbe1bd8cc0ea990695e97cfd03ed0ea6f8171e21c67723c9aa3d14"
    "2e2c0228215a0f5434019bb0ef";

/* The golden policy, decoded; it views into memory. */
static struct policy sample(struct buf *memory)
{
    struct policy policy;

    assert_int_equal(policy_decode(hex_view(golden_policy, memory), &policy), STATUS_OK);
    return policy;
}

static void reads_the_golden_vector(void **state)
{
    uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);
    const struct policy policy = sample(&memory);

    (void)state;
    assert_true(view_equal(policy.federation, VIEW_TEXT("home")));
    assert_int_equal(policy.version, 3);
    assert_int_equal(policy.not_before, NOT_BEFORE);
    assert_int_equal(policy.not_after, NOT_AFTER);
    assert_int_equal(policy.aggregator_count, 1);
    assert_true(view_equal(policy.aggregator[0].kind, VIEW_TEXT("sim")));
    assert_int_equal(policy.aggregator[0].rules.len, 153);
    assert_int_equal(policy.device_count, 1);
    assert_true(view_equal(policy.device[0].rules, policy.aggregator[0].rules));
    assert_int_equal(policy.min_cohort, 3);
    assert_int_equal(policy.max_cohort, 100);
    assert_int_equal(policy.max_samples, 10000);
    assert_int_equal(policy.fraction_bits, 27);
    assert_int_equal(policy.credential_s, 2592000);
    assert_int_equal(policy.max_parameters, 1000000);
    assert_int_equal(policy.alg_count, 2);
    assert_int_equal(policy.algs[0], AEAD_A256GCM);
    assert_int_equal(policy.algs[1], AEAD_A128GCM);
    assert_int_equal(policy.max_packet, 262144);
    assert_int_equal(policy.challenge_s, 600);
}

static void writes_the_golden_vector_or_nothing(void **state)
{
    uint8_t bytes[1024], again_bytes[1024];
    struct buf memory = BUF_OF(bytes), again = BUF_OF(again_bytes);
    const struct policy policy = sample(&memory);

    (void)state;
    assert_int_equal(policy_encode(&policy, &again), STATUS_OK);
    assert_hex_equal(buf_view(&again), golden_policy);
    for (size_t cap = 0; cap < memory.len; cap++) {
        struct buf small = {.ptr = again_bytes, .cap = cap};

        assert_int_equal(policy_encode(&policy, &small), STATUS_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
}

static void signs_the_golden_vector(void **state)
{
    const struct p256_key owner = trust_key(TRUST_OWNER);
    const struct place place = trust_place();
    uint8_t bytes[1024], signed_bytes[1024];
    struct buf memory = BUF_OF(bytes), message = BUF_OF(signed_bytes);

    (void)state;
    assert_int_equal(
        bind_sign(PURPOSE_POLICY, &place, &owner, trust_random(), hex_view(golden_policy, &memory), &message),
        STATUS_OK);
    assert_hex_equal(buf_view(&message), golden_signed);
}

static void refuses_what_the_protocol_does_not_allow(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status want;
    } cases[] = {
        {"as it should be", "af 01", "af 01", STATUS_OK},
        {"an empty federation", "01 64 686f6d65", "01 60", STATUS_OUT_OF_RANGE},
        {"a slash in the federation", "01 64 686f6d65", "01 64 682f6d65", STATUS_MALFORMED},
        {"a version past int64", "0203 031a", "021b8000000000000000 031a", STATUS_OUT_OF_RANGE},
        {"the largest version", "0203 031a", "021b7fffffffffffffff 031a", STATUS_OK},
        {"it ends as it begins", "04 1a6ac07dc0", "04 1a6ab13798", STATUS_OUT_OF_RANGE},
        {"it ends past the end of time", "04 1a6ac07dc0", "04 1af4865701", STATUS_OUT_OF_RANGE},
        {"nothing that an aggregator may show", "c0 05 81", "c0 05 80", STATUS_OUT_OF_RANGE},
        {"a kind that this build does not know", "c0 05 81 a2 01 63 73696d", "c0 05 81 a2 01 63 73676e",
         STATUS_EVIDENCE_KIND},
        {"a kind without a name", "c0 05 81 a2 01 63 73696d", "c0 05 81 a2 01 60", STATUS_OUT_OF_RANGE},
        {"a device's kind that is not known", "10 06 81 a2 01 63 73696d", "10 06 81 a2 01 63 73676e",
         STATUS_EVIDENCE_KIND},
        {"rules that do not decode", "03190e10 06", "04190e10 06", STATUS_MALFORMED},
        {"a device's rules that accept nothing", "03190e10 07", "03190000 07", STATUS_NOT_SHORTEST},
        {"cohort of none", "0703 0818 64", "0700 0818 64", STATUS_OUT_OF_RANGE},
        {"cohort larger than its maximum", "0703 0818 64", "071865 0818 64", STATUS_OUT_OF_RANGE},
        {"cohort of just its maximum", "0703 0818 64", "071864 0818 64", STATUS_OK},
        {"largest cohort past its limit", "0703 0818 64", "0703 081a00010001", STATUS_OUT_OF_RANGE},
        {"the largest cohort", "0703 0818 64", "0703 081a00010000", STATUS_OK},
        {"no samples", "09 192710", "09 00", STATUS_OUT_OF_RANGE},
        {"samples past their limit", "09 192710", "09 1a80000001", STATUS_OUT_OF_RANGE},
        {"the sum could overflow", "0703 0818 64 09 192710", "0703 0818 64 09 1a55555556", STATUS_BOUND_UNPROVEN},
        {"the sum can just not overflow", "0703 0818 64 09 192710", "0703 0818 64 09 1a55555555", STATUS_OK},
        {"15 fraction bits", "0a 181b 0b", "0a 0f 0b", STATUS_OUT_OF_RANGE},
        {"16 fraction bits", "0a 181b 0b", "0a 10 0b", STATUS_OK},
        {"28 fraction bits", "0a 181b 0b", "0a 181c 0b", STATUS_OUT_OF_RANGE},
        {"a credential that lives for 59 s", "0b 1a00278d00", "0b 183b", STATUS_OUT_OF_RANGE},
        {"a credential that lives for 60 s", "0b 1a00278d00", "0b 183c", STATUS_OK},
        {"a credential that lives for a year and a second", "0b 1a00278d00", "0b 1a01e13381", STATUS_OUT_OF_RANGE},
        {"no parameters", "0c 1a000f4240", "0c 00", STATUS_OUT_OF_RANGE},
        {"parameters past their limit", "0c 1a000f4240", "0c 1a10000001", STATUS_OUT_OF_RANGE},
        {"no AEAD", "0d 82 03 01", "0d 80", STATUS_OUT_OF_RANGE},
        {"an AEAD twice", "0d 82 03 01", "0d 82 03 03", STATUS_MALFORMED},
        {"an unknown AEAD", "0d 82 03 01", "0d 82 03 02", STATUS_UNSUPPORTED},
        {"all of the AEADs", "0d 82 03 01", "0d 84 03 01 1818 181f", STATUS_OK},
        {"a packet that is too small", "0e 1a00040000", "0e 1903ff", STATUS_OUT_OF_RANGE},
        {"a packet that is too large", "0e 1a00040000", "0e 1a000dbba1", STATUS_OUT_OF_RANGE},
        {"a challenge that lives for 9 s", "0f 190258", "0f 09", STATUS_OUT_OF_RANGE},
        {"a challenge that lives for over a day", "0f 190258", "0f 1a00015181", STATUS_OUT_OF_RANGE},
        {"a field missing", "0f 190258", "", STATUS_TRUNCATED},
        {"a field that nobody knows", "0f 190258", "10 190258", STATUS_MALFORMED},
        {"a byte behind the policy", "0f 190258", "0f 190258 00", STATUS_TRAILING},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[1024];
        struct buf memory = BUF_OF(bytes);
        struct policy out = {0};

        print_message("  %s\n", cases[i].why);
        (void)trust_changed(golden_policy, cases[i].from, cases[i].to, &memory);
        assert_int_equal(policy_decode(buf_view(&memory), &out), cases[i].want);
        assert_int_equal(out.device_count, cases[i].want == STATUS_OK);
    }
}

static void refuses_a_policy_of_another_owner_federation_or_time(void **state)
{
    static const struct {
        const char *why;
        enum trust_key owner;
        const char *federation;
        uint64_t now;
        enum status want;
    } cases[] = {
        {"as it should be", TRUST_OWNER, "home", TRUST_NOW, STATUS_OK},
        {"its own federation is taken", TRUST_OWNER, "", TRUST_NOW, STATUS_OK},
        {"another owner", TRUST_OTHER, "home", TRUST_NOW, STATUS_FORGED},
        {"another owner and another federation: the signature first", TRUST_OTHER, "work", TRUST_NOW, STATUS_FORGED},
        {"another federation", TRUST_OWNER, "work", TRUST_NOW, STATUS_POLICY_FOREIGN},
        {"another federation and time: the federation first", TRUST_OWNER, "work", 0, STATUS_POLICY_FOREIGN},
        {"the first second", TRUST_OWNER, "home", NOT_BEFORE, STATUS_OK},
        {"the second before", TRUST_OWNER, "home", NOT_BEFORE - 1, STATUS_POLICY_NOT_YET},
        {"the last second", TRUST_OWNER, "home", NOT_AFTER - 1, STATUS_OK},
        {"the second after", TRUST_OWNER, "home", NOT_AFTER, STATUS_POLICY_EXPIRED},
    };
    uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);

    (void)state;
    (void)hex_view(golden_signed, &memory);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct policy out = {0};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(policy_verify(buf_view(&memory), trust_point(cases[i].owner),
                                       view_of_string(cases[i].federation), cases[i].now, &out),
                         cases[i].want);
        assert_int_equal(out.version, cases[i].want == STATUS_OK ? 3 : 0);
    }
}

static void no_changed_byte_is_accepted(void **state)
{
    uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);
    struct policy out;

    (void)state;
    (void)hex_view(golden_signed, &memory);
    for (size_t i = 0; i < memory.len; i++) {
        bytes[i] ^= 0x01;
        assert_int_not_equal(
            policy_verify(buf_view(&memory), trust_point(TRUST_OWNER), VIEW_TEXT("home"), TRUST_NOW, &out), STATUS_OK);
        bytes[i] ^= 0x01;
    }
    for (size_t len = 0; len < memory.len; len++)
        assert_int_not_equal(
            policy_verify((struct view){bytes, len}, trust_point(TRUST_OWNER), VIEW_TEXT("home"), TRUST_NOW, &out),
            STATUS_OK);
}

static void a_signature_of_another_federation_or_purpose_does_not_hold(void **state)
{
    const struct p256_key owner = trust_key(TRUST_OWNER);
    static const struct {
        const char *why, *federation;
        enum purpose purpose;
        enum status want;
    } cases[] = {
        {"as it should be", "home", PURPOSE_POLICY, STATUS_OK},
        {"bound to another federation than the policy names", "work", PURPOSE_POLICY, STATUS_FORGED},
        {"signed as something else", "home", PURPOSE_SIM_EVIDENCE, STATUS_FORGED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct place place = {.federation = view_of_string(cases[i].federation)};
        uint8_t bytes[1024], signed_bytes[1024];
        struct buf memory = BUF_OF(bytes), message = BUF_OF(signed_bytes);
        struct policy out;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(
            bind_sign(cases[i].purpose, &place, &owner, trust_random(), hex_view(golden_policy, &memory), &message),
            STATUS_OK);
        assert_int_equal(
            policy_verify(buf_view(&message), trust_point(TRUST_OWNER), VIEW_TEXT("home"), TRUST_NOW, &out),
            cases[i].want);
    }
}

static void a_chunk_fits_the_packet_and_every_algorithm(void **state)
{
    uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);
    struct policy policy = sample(&memory);

    (void)state;
    assert_int_equal(policy_chunk_size(&policy), 262144 - 768);
    policy.max_packet = PACKET_MIN;
    assert_int_equal(policy_chunk_size(&policy), 256);
    policy.max_packet = PACKET_MAX;
    assert_int_equal(policy_chunk_size(&policy), PACKET_MAX - 768);
    policy.algs[1] = AEAD_CCM_16_128_256;
    assert_int_equal(policy_chunk_size(&policy), 65535);
}

static void says_when_anything_simulated_is_accepted(void **state)
{
    uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);
    struct policy policy = sample(&memory);

    (void)state;
    assert_true(policy_is_simulated(&policy));
    policy.aggregator[0].kind = VIEW_TEXT("real");
    assert_true(policy_is_simulated(&policy));
    policy.device[0].kind = VIEW_TEXT("real");
    assert_false(policy_is_simulated(&policy));
    policy.aggregator[0].kind = VIEW_TEXT("sim");
    assert_true(policy_is_simulated(&policy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_golden_vector),
        cmocka_unit_test(writes_the_golden_vector_or_nothing),
        cmocka_unit_test(signs_the_golden_vector),
        cmocka_unit_test(refuses_what_the_protocol_does_not_allow),
        cmocka_unit_test(refuses_a_policy_of_another_owner_federation_or_time),
        cmocka_unit_test(no_changed_byte_is_accepted),
        cmocka_unit_test(a_signature_of_another_federation_or_purpose_does_not_hold),
        cmocka_unit_test(a_chunk_fits_the_packet_and_every_algorithm),
        cmocka_unit_test(says_when_anything_simulated_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
