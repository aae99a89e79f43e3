/* What an evidence bundle is made of: evidence over the claims, and what the platform gives to verify it with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bundle.h"
#include "cose.h"
#include "federation.h"
#include "sim.h"

static struct federation federation;
static uint8_t table[ENDORSEMENT_MAX];

static struct bundle bundle_of(struct view bytes)
{
    struct bundle bundle;

    assert_int_equal(bundle_decode(bytes, &bundle), STATUS_OK);
    assert_true(view_equal(bundle.kind, VIEW_TEXT(SIM_KIND)));
    assert_int_equal(bundle.policy.len, federation.signed_policy_len);
    return bundle;
}

static struct bundle attested(void)
{
    uint8_t number[16];
    struct buf body = BUF_OF(number);
    struct view message;

    assert_int_equal(gate_number_encode(federation.now, &body), STATUS_OK);
    assert_int_equal(federation_call(&federation, GATE_ATTEST, buf_view(&body)), STATUS_OK);
    assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
    return bundle_of(message);
}

static void without_an_endorsement_the_list_is_empty(void **state)
{
    struct federation_options options = {0};

    (void)state;
    federation_start(&federation, &options);
    assert_int_equal(bundle_of(federation_reboot(&federation, (struct view){NULL, 0}).bundle).endorsements.count, 0);
    assert_int_equal(attested().endorsements.count, 0);
    federation_end(&federation);
}

static void an_endorsement_of_the_platform_travels_in_every_bundle(void **state)
{
    static const size_t sizes[] = {1, 4096, ENDORSEMENT_MAX};
    struct federation_options options = {0};

    (void)state;
    for (size_t i = 0; i < sizeof table; i++)
        table[i] = (uint8_t)(i * 7);
    federation_start(&federation, &options);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct bundle bundles[2];

        federation.endorsement = (struct view){table, sizes[i]};
        bundles[0] = bundle_of(federation_reboot(&federation, (struct view){NULL, 0}).bundle);
        assert_int_equal(bundles[0].endorsements.count, 1);
        assert_true(view_equal(bundles[0].endorsements.list[0], federation.endorsement));
        bundles[1] = attested();
        assert_int_equal(bundles[1].endorsements.count, 1);
        assert_true(view_equal(bundles[1].endorsements.list[0], federation.endorsement));
    }
    federation_end(&federation);
}

/* A boot with these parts instead of good ones. */
struct boot_parts {
    const char *why;
    const char *aggregator;
    bool other_owner, no_key;
    struct federation_options options;
    enum status want;
    bool fatal;
};

static enum status boot_with(const struct boot_parts *parts)
{
    static uint8_t owner_key[PUBLIC_KEY_SIZE], body_bytes[1 << 17];
    struct buf owner_buf = BUF_OF(owner_key), body = BUF_OF(body_bytes);
    struct p256_key other;
    struct gate_boot boot = {
        .aggregator = view_of_string(parts->aggregator),
        .owner_key = VIEW_OF(owner_key),
    };

    federation_prepare(&federation, &parts->options);
    assert_int_equal(p256_generate(&federation.random, &other), STATUS_OK);
    assert_int_equal(
        cose_key_encode(parts->other_owner ? VIEW_OF(other.point) : VIEW_OF(federation.owner.point), &owner_buf),
        STATUS_OK);
    if (parts->no_key)
        memset(owner_key + sizeof owner_key - 32, 0, 32); /* a point that is not on the curve */
    boot.now = federation.now;
    boot.policy = (struct view){federation.signed_policy, federation.signed_policy_len};
    assert_int_equal(gate_boot_encode(&boot, &body), STATUS_OK);
    federation_new_core(&federation);
    return federation_call(&federation, GATE_BOOT, buf_view(&body));
}

static void a_boot_is_refused_for_its_own_reason_and_is_the_last_call(void **state)
{
    static const struct boot_parts cases[] = {
        {"good", "agg", .want = STATUS_OK},
        {"a policy of another owner", "agg", .other_owner = true, .want = STATUS_FORGED},
        {"a key that is none", "agg", .no_key = true, .want = STATUS_BAD_KEY},
        {"a name that no topic could hold", "a/b", .want = STATUS_MALFORMED, .fatal = true},
        {"a model that fits its chunks", "agg", .options = {.max_parameters = 1100000}},
        {"a model of more chunks than there may be", "agg", .options = {.max_packet = 1024, .max_parameters = 1100000},
         .want = STATUS_OUT_OF_RANGE},
    };
    static const uint8_t time[] = {0x01};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(boot_with(&cases[i]), cases[i].want);
        assert_int_equal(federation.fatal, cases[i].fatal);
        if (cases[i].want != STATUS_OK && !cases[i].fatal) {
            assert_int_equal(federation.response.len, 0);
            assert_int_equal(federation_call(&federation, GATE_CHALLENGE, VIEW_OF(time)), STATUS_NOT_PERMITTED);
            assert_true(federation.fatal);
        }
        federation_end(&federation);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_endorsement_the_list_is_empty),
        cmocka_unit_test(an_endorsement_of_the_platform_travels_in_every_bundle),
        cmocka_unit_test(a_boot_is_refused_for_its_own_reason_and_is_the_last_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
