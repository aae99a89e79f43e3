/* A check that rules need and that was not made is one that failed: the steps below the row are doubled here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "psa_terms.h"

static const char key[] =
    "3059301306072a8648ce3d020106082a8648ce3d030107034200048e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef"
    "5b300628703187b2a373eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b4";

static uint8_t instance_bytes[PSATOKEN_INSTANCE_SIZE] = {1}, zeros[64];
static uint32_t unmade; /* bit of enum psatoken_check for each that is not made */
static enum status returned;

enum status psatoken_instance(struct view token, struct view *out)
{
    (void)token;
    *out = VIEW_OF(instance_bytes);
    return STATUS_OK;
}

/* All is well, as far as it was looked at. */
enum status psatoken_appraise(struct view token, const struct psatoken_rules *rules, struct psatoken_result *out)
{
    (void)token;
    (void)rules;
    *out = (struct psatoken_result){.authentic = true};
    out->claims.instance = VIEW_OF(instance_bytes);
    out->claims.implementation = (struct view){zeros, 32};
    out->claims.lifecycle = 0x3000;
    out->claims.software_count = 1;
    out->claims.software[0].measurement = (struct view){zeros, 32};
    for (size_t i = 0; i < PSATOKEN_CHECK_COUNT; i++) {
        out->checks[i].name = "";
        if ((unmade & 1u << i) == 0)
            (void)check_note(&out->checks[i], STATUS_OK);
    }
    return returned;
}

static enum status appraise_it(bool ruled, struct appraisal *out)
{
    static struct psatoken_terms terms;
    static uint8_t key_bytes[128], rules_bytes[1024], space_bytes[1024];
    struct buf memory = BUF_OF(key_bytes), rules = BUF_OF(rules_bytes), space = BUF_OF(space_bytes);
    const struct evidence evidence = {
        .kind = VIEW_TEXT(PSATOKEN_KIND), .report_data = VIEW_OF(zeros), .space = &space, .key = VIEW_TEXT("secret")};
    struct view encoded;

    terms = (struct psatoken_terms){.device_count = 1, .component_count = 1, .implementation = {.any = true}};
    terms.devices[0] = (struct psatoken_device){.key = hex_view(key, &memory), .instance = VIEW_OF(instance_bytes)};
    terms.components[0] = (struct psatoken_component){.measurement = {.any = true}, .signer = {.any = true}};
    assert_int_equal(psatoken_terms_encode(&terms, &rules), STATUS_OK);
    encoded = buf_view(&rules);
    return psatoken_row_appraise(&evidence, ruled ? &encoded : NULL, out);
}

static void what_was_left_out_is_a_failure(void **state)
{
    static const struct {
        const char *why;
        enum psatoken_check check;
        bool ruled;
        enum status returned, want;
    } cases[] = {
        {"the profile", PSATOKEN_CHECK_PROFILE, true, STATUS_OK, STATUS_CRYPTO},
        {"the nonce", PSATOKEN_CHECK_NONCE, true, STATUS_OK, STATUS_EVIDENCE_STALE},
        {"the instance", PSATOKEN_CHECK_INSTANCE, true, STATUS_OK, STATUS_CRYPTO},
        {"the lifecycle", PSATOKEN_CHECK_LIFECYCLE, true, STATUS_OK, STATUS_CRYPTO},
        {"the profile, for a reason", PSATOKEN_CHECK_PROFILE, true, STATUS_NO_SPACE, STATUS_NO_SPACE},
        {"the key's name, which nobody needs", PSATOKEN_CHECK_KEY_NAME, true, STATUS_OK, STATUS_OK},
        {"the lifecycle, without rules", PSATOKEN_CHECK_LIFECYCLE, false, STATUS_OK, STATUS_CRYPTO},
        {"the instance, without rules", PSATOKEN_CHECK_INSTANCE, false, STATUS_OK, STATUS_OK},
    };
    struct appraisal out;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        unmade = 1u << cases[i].check;
        returned = cases[i].returned;
        assert_int_equal(appraise_it(cases[i].ruled, &out), cases[i].want);
    }
    unmade = 0;
    assert_int_equal(appraise_it(true, &out), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_left_out_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
