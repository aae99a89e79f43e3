/* Update keys (PROTOCOL.md section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "hex.h"
#include "trust_support.h"

static const struct {
    int64_t alg;
    size_t size;
    const char *key;
} golden[] = {
    {AEAD_A128GCM, 16, "4d5073aa7e61edef949a7d65ee464ae4"},
    {AEAD_A256GCM, 32, "8f8b485e59fe10c93b99bce2062e746d9538206fb01bfb63dca46f2c2af02b74"},
    {AEAD_CHACHA20_POLY1305, 32, "7701cfac7e0616e145e1cb5181ecec30936d1593a0e97caca322e22a657e1c9c"},
    {AEAD_CCM_16_128_256, 32, "35b318cfad66bc6ad9e6279f77c1d88140bb3ba0dc44333177082a694314569d"},
};

static const uint8_t *filled(uint8_t byte)
{
    static uint8_t memory[256][32];

    memset(memory[byte], byte, sizeof memory[byte]);
    return memory[byte];
}

static struct view secret(void)
{
    return (struct view){filled(0xe9), 32};
}

static struct update_key_of sample(int64_t alg)
{
    const struct place place = trust_place();

    return (struct update_key_of){
        .federation = place.federation,
        .aggregator = place.aggregator,
        .device = place.device,
        .boot_id = place.boot_id,
        .cti = {filled(0xc7), CTI_SIZE},
        .role = ROLE_DEVICE,
        .expires = TRUST_NOW + 3600,
        .identity = {filled(0x1d), DIGEST_SIZE},
        .alg = alg,
    };
}

static void derives_the_golden_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
        const struct update_key_of of = sample(golden[i].alg);
        uint8_t memory[1 + AEAD_KEY_MAX] = {0x7e};
        struct buf out = {.ptr = memory, .len = 1, .cap = sizeof memory};

        assert_int_equal(update_key_derive(&of, secret(), &out), STATUS_OK);
        assert_int_equal(out.len, 1 + golden[i].size);
        assert_int_equal(memory[0], 0x7e);
        assert_hex_equal((struct view){memory + 1, golden[i].size}, golden[i].key);
    }
}

static void assert_another_key(const struct update_key_of *of, struct view epoch_secret, const char *why)
{
    uint8_t memory[AEAD_KEY_MAX], golden_memory[AEAD_KEY_MAX];
    struct buf out = BUF_OF(memory), wanted = BUF_OF(golden_memory);

    print_message("  %s\n", why);
    (void)hex_view(golden[1].key, &wanted);
    assert_int_equal(update_key_derive(of, epoch_secret, &out), STATUS_OK);
    assert_int_equal(out.len, AEAD_KEY_MAX);
    assert_false(view_equal(buf_view(&out), buf_view(&wanted)));
}

static void every_part_makes_another_key(void **state)
{
    const struct update_key_of same = sample(golden[1].alg);
    struct update_key_of of;

    (void)state;
    assert_int_equal(golden[1].size, AEAD_KEY_MAX);
    of = same;
    of.federation = VIEW_TEXT("work");
    assert_another_key(&of, secret(), "federation");
    of = same;
    of.aggregator = VIEW_TEXT("gateway-2");
    assert_another_key(&of, secret(), "aggregator");
    of = same;
    of.device = VIEW_TEXT("sensor-8");
    assert_another_key(&of, secret(), "device");
    of = same;
    of.boot_id = (struct view){filled(1), BOOT_ID_SIZE};
    assert_another_key(&of, secret(), "boot");
    of = same;
    of.cti = (struct view){filled(2), CTI_SIZE};
    assert_another_key(&of, secret(), "credential");
    of = same;
    of.role = ROLE_COMBINER;
    assert_another_key(&of, secret(), "role");
    of = same;
    of.expires++;
    assert_another_key(&of, secret(), "expiry");
    of = same;
    of.identity = (struct view){filled(4), DIGEST_SIZE};
    assert_another_key(&of, secret(), "identity");
    of = same;
    of.alg = AEAD_CHACHA20_POLY1305;
    assert_another_key(&of, secret(), "algorithm");
    assert_another_key(&same, (struct view){filled(3), 32}, "epoch secret");
}

static void refuses_what_it_cannot_do_and_leaves_the_space_as_it_was(void **state)
{
    const struct update_key_of unknown = sample(2), known = sample(AEAD_A256GCM);
    uint8_t memory[AEAD_KEY_MAX];
    struct buf out = BUF_OF(memory), small = {.ptr = memory, .cap = AEAD_KEY_MAX - 1};

    (void)state;
    assert_int_equal(update_key_derive(&unknown, secret(), &out), STATUS_UNSUPPORTED);
    assert_int_equal(out.len, 0);
    assert_int_equal(update_key_derive(&known, secret(), &small), STATUS_NO_SPACE);
    assert_int_equal(small.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_the_golden_keys),
        cmocka_unit_test(every_part_makes_another_key),
        cmocka_unit_test(refuses_what_it_cannot_do_and_leaves_the_space_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
