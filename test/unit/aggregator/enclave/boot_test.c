/* What an evidence bundle is made of: evidence over the claims, and what the platform gives to verify it with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bundle.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_endorsement_the_list_is_empty),
        cmocka_unit_test(an_endorsement_of_the_platform_travels_in_every_bundle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
