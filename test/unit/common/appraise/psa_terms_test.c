/* What a policy demands of PSA tokens, as bytes (PROTOCOL.md section 16). The vector was made with other code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "psa_private.h"
#include "psa_terms.h"
#include "trust_support.h"

static const char golden[] =
    "a50182a301585b3059301306072a8648ce3d020106082a8648ce3d030107034200048e533b6fa0bf7b4625bb30667c01fb60"
    "7ef9f8b8a80fef5b300628703187b2a373eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b40258"
    "21012222222222222222222222222222222222222222222222222222222222222222036873656e736f722d37a10158783076"
    "301006072a8648ce3d020106052b8104002203620004283c1d7365ce4788f29f8ebf234edffead6fe997fbea5ffa2d58cc9d"
    "fa7b1c508b05526f55b9ebb2040f05b48fb6d0e19475c99061e41b88ba52efdb8c1690471a61d867ed799729d9c92cd01dbd"
    "225630d84ede32a78f9e64664cdac512ef8c0281582044444444444444444444444444444444444444444444444444444444"
    "444444440382a3016450526f5402815820333333333333333333333333333333333333333333333333333333333333333303"
    "8158205555555555555555555555555555555555555555555555555555555555555555a20282583066666666666666666666"
    "6666666666666666666666666666666666666666666666666666666666666666666666666666584077777777777777777777"
    "7777777777777777777777777777777777777777777777777777777777777777777777777777777777777777777777777777"
    "7777777703f604f405f5";
static const char key_p521[] =
    "30819b301006072a8648ce3d020106052b8104002303818600040056d5d1d99d5b7f6346eeb65fda0b073a0c5f22e0e8f548"
    "3228f018d2c2f7114c5d8c308d0abfc698d8c9a6df30dce3bbc46f953f50fdc2619a01cead882816ecd4003d2d1b7d9baaa2"
    "a110d1d8317a39d68478b5c582d02824f0dd71dbd98a26cbde556bd0f293cdec9e2b9523a34591ce1a5f9e76712a5ddefc7b"
    "5c6b8bc90525251b";
static uint8_t memory_bytes[ACCEPTED_SIZE_MAX];

static const struct psatoken_terms *golden_terms(void)
{
    static uint8_t bytes[1024];
    static struct psatoken_terms terms;
    struct buf memory = BUF_OF(bytes);

    assert_int_equal(psatoken_terms_decode(hex_view(golden, &memory), &terms), STATUS_OK);
    return &terms;
}

static void decodes_and_encodes_the_golden_terms(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct psatoken_terms *terms = golden_terms();

    (void)state;
    assert_int_equal(terms->device_count, 2);
    assert_int_equal(terms->devices[0].key.len, 91);
    assert_int_equal(terms->devices[0].instance.ptr[1], 0x22);
    assert_true(view_equal(terms->devices[0].name, VIEW_TEXT("sensor-7")));
    assert_int_equal(terms->devices[1].key.len, 120);
    assert_int_equal(terms->devices[1].instance.len, 0);
    assert_int_equal(terms->devices[1].name.len, 0);
    assert_int_equal(terms->implementation.count, 1);
    assert_int_equal(terms->component_count, 2);
    assert_true(view_equal(terms->components[0].type, VIEW_TEXT("PRoT")));
    assert_int_equal(terms->components[0].measurement.list[0].ptr[31], 0x33);
    assert_int_equal(terms->components[0].signer.list[0].ptr[0], 0x55);
    assert_int_equal(terms->components[1].type.len, 0);
    assert_int_equal(terms->components[1].measurement.list[0].len, 48);
    assert_int_equal(terms->components[1].measurement.list[1].len, 64);
    assert_true(terms->components[1].signer.any);
    assert_false(terms->debug);
    assert_true(terms->legacy);
    assert_int_equal(psatoken_terms_encode(terms, &memory), STATUS_OK);
    assert_hex_equal(buf_view(&memory), golden);
    for (size_t cap = 0; cap < sizeof golden / 2; cap++) {
        struct buf small = {.ptr = memory_bytes, .cap = cap};

        assert_int_equal(psatoken_terms_encode(terms, &small), STATUS_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
}

static void a_device_is_named_by_its_key_or_as_it_says(void **state)
{
    static uint8_t bytes[256];
    struct buf memory = BUF_OF(bytes);
    const struct psatoken_terms *terms = golden_terms();
    const struct psatoken_device p521 = {.key = hex_view(key_p521, &memory)};
    uint8_t instance[PSATOKEN_INSTANCE_SIZE];

    (void)state;
    assert_int_equal(psatoken_device_instance(&terms->devices[0], instance), STATUS_OK);
    assert_hex_equal(VIEW_OF(instance), "01 2222222222222222222222222222222222222222222222222222222222222222");
    assert_int_equal(psatoken_device_instance(&terms->devices[1], instance), STATUS_OK);
    assert_hex_equal(VIEW_OF(instance), "01 0f2172fd7da584407c03b6f7f9ebf655cffdd635270616de1fba7a1488eae6fc");
    assert_int_equal(psatoken_device_instance(&p521, instance), STATUS_OK);
    assert_hex_equal(VIEW_OF(instance), "01 9600a009f28735729e45d2e818940dfedb6d6c63d77b1191fed8fe88cf7530ce");
}

static void refuses_terms_cut_at_any_length_or_followed_by_a_byte(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct view whole = hex_view(golden, &memory);
    static struct psatoken_terms terms = {.device_count = 99};

    (void)state;
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(psatoken_terms_decode((struct view){whole.ptr, len}, &terms), STATUS_TRUNCATED);
    assert_int_equal(buf_append(&memory, VIEW_TEXT("\x00")), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_TRAILING);
    assert_int_equal(terms.device_count, 99);
}

static void refuses_bytes_that_are_no_terms(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status want;
    } cases[] = {
        {"as they should be", "a50182a3", "a50182a3", STATUS_OK},
        {"a field missing, and the count says so", "a50182a3", "a40182a3", STATUS_MALFORMED},
        {"a field that nobody knows", "f604f405f5", "f604f406f5", STATUS_MALFORMED},
        {"a field twice", "f604f405f5", "f604f404f5", STATUS_DUPLICATE_KEY},
        {"fields out of order", "f604f405f5", "f605f404f5", STATUS_UNORDERED},
        {"a number for a truth", "f604f405f5", "f6040005f5", STATUS_MALFORMED},
        {"an instance of another kind", "02582101 22", "02582102 22", STATUS_OUT_OF_RANGE},
        {"an instance of 32", "025821012222", "0258202222", STATUS_OUT_OF_RANGE},
        {"an empty name", "036873656e736f722d37", "0360", STATUS_OUT_OF_RANGE},
        {"a name with a space", "036873656e736f722d37", "036873656e736f722037", STATUS_MALFORMED},
        {"a device without a key", "a101587830", "a102587830", STATUS_OUT_OF_RANGE},
        {"no implementation", "02815820 4444444444444444444444444444444444444444444444444444444444444444", "0280",
         STATUS_OUT_OF_RANGE},
        {"any implementation", "02815820 4444444444444444444444444444444444444444444444444444444444444444", "02f6",
         STATUS_OK},
        {"an implementation of 31", "0281582044", "0281581f", STATUS_OUT_OF_RANGE},
        {"an empty type", "016450526f54", "0160", STATUS_OUT_OF_RANGE},
        {"no measurement", "02815820 3333333333333333333333333333333333333333333333333333333333333333", "0280",
         STATUS_OUT_OF_RANGE},
        {"any measurement", "02815820 3333333333333333333333333333333333333333333333333333333333333333", "02f6",
         STATUS_OK},
        {"no signer", "03815820 5555555555555555555555555555555555555555555555555555555555555555", "0380",
         STATUS_OUT_OF_RANGE},
        {"a measurement of 33", "02815820 33", "02815821 3333", STATUS_OUT_OF_RANGE},
        {"a signer of 31", "03815820 55", "0381581f", STATUS_OUT_OF_RANGE},
        {"components without a signer", "03f604f405f5", "04f405f5", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(psatoken_check_rules(trust_changed(golden, cases[i].from, cases[i].to, &memory)),
                         cases[i].want);
    }
}

/* A change of the first device's key. */
static void refuses_keys_that_no_device_has(void **state)
{
    static const struct {
        const char *why, *from, *to;
    } cases[] = {
        {"not on the curve", "c1f400b4", "c1f400b5"},
        {"another kind of key", "2a8648ce3d0201", "2a8648ce3d0202"},
        {"a curve that nobody knows", "3d030107", "3d03010f"},
        {"a compressed point's mark", "034200048e", "034200028e"},
        {"a byte behind it", "c1f400b4", "c1f400b400"},
        {"a byte before its end", "c1f400b4", "c1f400"},
        {"no sequence", "30593013", "31593013"},
        {"a shorter sequence", "30593013", "30583013"},
        {"the start of PEM", "30593013", "2d593013"},
    };
    static const char key[] =
        "3059301306072a8648ce3d020106082a8648ce3d030107034200048e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef"
        "5b300628703187b2a373eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b4";
    static struct psatoken_terms terms;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t key_bytes[128];
        struct buf memory = BUF_OF(memory_bytes), key_memory = BUF_OF(key_bytes);

        print_message("  %s\n", cases[i].why);
        terms = *golden_terms();
        terms.devices[0].key = trust_changed(key, cases[i].from, cases[i].to, &key_memory);
        assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
        assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_BAD_KEY);
        assert_int_equal(psatoken_terms_decode(buf_view(&memory), &terms), STATUS_BAD_KEY);
    }
}

/* PEM of the right size, and RSA, which is too large. */
static void refuses_a_key_that_only_a_tool_would_take(void **state)
{
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjlM7b6C/e0YluzBmfAH7YH75+Lio\n"
                              "D+9bMAYocDGHsqNz6x294DMYNm0Gn4Om9ZAAU8c2M8sEGyHFXhqGwfQAtA==\n"
                              "-----END PUBLIC KEY-----\n";
    static struct psatoken_terms terms;
    struct buf memory = BUF_OF(memory_bytes);
    struct public_key key;

    (void)state;
    terms = *golden_terms();
    terms.devices[0].key = VIEW_TEXT(pem);
    assert_int_equal(public_key_from_spki(terms.devices[0].key, &key), STATUS_OK);
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_BAD_KEY);
}

/* As many bytes behind a P-384 key as make it as long as one of P-521, and 04 where that one's point begins. */
static void refuses_bytes_behind_a_key_whatever_they_look_like(void **state)
{
    static const char key[] =
        "3076301006072a8648ce3d020106052b8104002203620004cf04cfb2d4eedd366139029f3c614d464abc15f08498b24f8488"
        "aee159a36b1c8b69a76c7e8b889698d6ee4c1498007c1c7ef1164ea41c3c6905da136462e9bb8e3434f9f2ed25e6cf8b2315"
        "eae8910db47bb12411e75b6de525b6f7d508f7c6";
    static struct psatoken_terms terms;
    uint8_t key_bytes[158] = {0};
    struct buf memory = BUF_OF(memory_bytes), key_memory = BUF_OF(key_bytes);

    (void)state;
    terms = *golden_terms();
    terms.devices[1].key = hex_view(key, &key_memory);
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_OK);
    terms.devices[1].key = VIEW_OF(key_bytes);
    memory.len = 0;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_BAD_KEY);
}

static void refuses_two_keys_for_one_instance(void **state)
{
    static struct psatoken_terms terms;
    struct buf memory = BUF_OF(memory_bytes);
    uint8_t instance[PSATOKEN_INSTANCE_SIZE];

    (void)state;
    terms = *golden_terms();
    terms.devices[1].instance = terms.devices[0].instance;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_OUT_OF_RANGE);
    /* One says what the other's key means. */
    terms = *golden_terms();
    assert_int_equal(psatoken_device_instance(&terms.devices[1], instance), STATUS_OK);
    terms.devices[0].instance = VIEW_OF(instance);
    memory.len = 0;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_OUT_OF_RANGE);
}

static void refuses_terms_without_devices_or_components(void **state)
{
    static struct psatoken_terms terms;
    struct buf memory = BUF_OF(memory_bytes);

    (void)state;
    terms = *golden_terms();
    terms.device_count = 0;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_OUT_OF_RANGE);
    terms = *golden_terms();
    terms.component_count = 0;
    memory.len = 0;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_OUT_OF_RANGE);
}

/* A policy's rules have ACCEPTED_SIZE_MAX bytes: enough for all the devices that are named by their keys. */
static void takes_as_many_devices_as_there_is_room_for(void **state)
{
    static struct psatoken_terms terms;
    static uint8_t instances[PSATOKEN_DEVICES_MAX][PSATOKEN_INSTANCE_SIZE];
    struct buf memory = BUF_OF(memory_bytes);

    (void)state;
    terms = *golden_terms();
    for (size_t i = 0; i < PSATOKEN_DEVICES_MAX; i++) {
        instances[i][0] = 1;
        instances[i][1] = (uint8_t)i;
        terms.devices[i] = (struct psatoken_device){.key = terms.devices[0].key, .instance = VIEW_OF(instances[i])};
    }
    terms.device_count = PSATOKEN_DEVICES_MAX;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_NO_SPACE);
    terms.device_count = 100;
    assert_int_equal(psatoken_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(psatoken_check_rules(buf_view(&memory)), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_and_encodes_the_golden_terms),
        cmocka_unit_test(a_device_is_named_by_its_key_or_as_it_says),
        cmocka_unit_test(refuses_terms_cut_at_any_length_or_followed_by_a_byte),
        cmocka_unit_test(refuses_bytes_that_are_no_terms),
        cmocka_unit_test(refuses_keys_that_no_device_has),
        cmocka_unit_test(refuses_a_key_that_only_a_tool_would_take),
        cmocka_unit_test(refuses_bytes_behind_a_key_whatever_they_look_like),
        cmocka_unit_test(refuses_two_keys_for_one_instance),
        cmocka_unit_test(refuses_terms_without_devices_or_components),
        cmocka_unit_test(takes_as_many_devices_as_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
