/* The program that gives its keys: to whom, under which policy, and that they are the keys. Linked with
 * aggregator/escrow in the place of aggregator/withheld. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "escrow.h"
#include "federation.h"
#include "tpm_terms.h"

static struct federation federation;

static void the_owner_is_given_the_keys_of_the_boot(void **state)
{
    const struct federation_options options = {0};
    const struct owner_request request = {.command = OWNER_ESCROW};
    uint8_t secret[ESCROW_SIZE];
    struct p256_key signing, sealing;

    (void)state;
    federation_start(&federation, &options);
    assert_int_equal(federation_owner(&federation, &request), STATUS_OK);
    assert_int_equal(escrow_secret(federation.core, secret), STATUS_OK);
    assert_int_equal(p256_from_scalar((struct view){secret + 64, 32}, &federation.random, &signing), STATUS_OK);
    assert_int_equal(p256_from_scalar((struct view){secret + 96, 32}, &federation.random, &sealing), STATUS_OK);
    assert_memory_equal(signing.point, federation.signing_point, P256_POINT_SIZE);
    assert_memory_equal(sealing.point, federation.sealing_point, P256_POINT_SIZE);
    federation_end(&federation);
}

static void the_model_key_is_the_one_that_devices_get(void **state)
{
    const struct federation_options options = {0};
    uint8_t secret[ESCROW_SIZE];
    struct member member = {.alg = AEAD_A256GCM};
    float value = 1;

    (void)state;
    federation_start(&federation, &options);
    federation_put_model(&federation, &value, 1);
    assert_int_equal(member_enrol(&federation, &member, "device", NULL, NULL), STATUS_OK);
    assert_int_equal(escrow_secret(federation.core, secret), STATUS_OK);
    assert_memory_equal(secret + 32, member.model_key, sizeof member.model_key);
    federation_end(&federation);
}

static void nobody_but_the_owner_is(void **state)
{
    const struct federation_options options = {0};
    const struct owner_request request = {.command = OWNER_ESCROW};

    (void)state;
    federation_start(&federation, &options);
    assert_int_equal(p256_generate(&federation.random, &federation.owner), STATUS_OK);
    assert_int_equal(federation_owner(&federation, &request), STATUS_FORGED);
    federation_end(&federation);
}

static void it_does_not_boot_where_any_evidence_is_not_simulated(void **state)
{
    /* Rules that decode, of a kind that is no simulation. */
    static const uint8_t name[34] = {0, 0x0b, 1};
    struct tpm_terms terms = {.ak_count = 1, .pcr_count = 1};
    uint8_t bytes[1024];
    struct buf rules = BUF_OF(bytes);
    struct gate_booted booted;

    (void)state;
    terms.aks[0].ak_name = VIEW_OF(name);
    terms.pcrs[0].alg = TPM_SHA256;
    terms.pcrs[0].values = (struct allowed){.count = 1, .list = {{name + 2, 32}}};
    assert_int_equal(tpm_terms_encode(&terms, &rules), STATUS_OK);
    for (int side = 0; side < 2; side++) {
        struct federation_options options = {.unbooted = true};
        const struct accepted real = {VIEW_TEXT("tpm"), buf_view(&rules)};
        *(side == 0 ? &options.device : &options.aggregator) = real;
        federation_start(&federation, &options);
        assert_int_equal(federation_boot(&federation, (struct view){NULL, 0}, &booted), STATUS_UNSUPPORTED);
        federation_end(&federation);
    }
}

static void it_says_what_it_is(void **state)
{
    (void)state;
    assert_true(escrow_build.gives);
    assert_string_equal(escrow_build.program, "tacit-enclave-escrow");
    assert_non_null(strstr(escrow_build.warning, "WARNING"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_owner_is_given_the_keys_of_the_boot),
        cmocka_unit_test(the_model_key_is_the_one_that_devices_get),
        cmocka_unit_test(nobody_but_the_owner_is),
        cmocka_unit_test(it_does_not_boot_where_any_evidence_is_not_simulated),
        cmocka_unit_test(it_says_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
