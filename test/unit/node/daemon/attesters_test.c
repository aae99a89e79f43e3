/* Who makes the evidence, by the configuration's choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attesters.h"
#include "random.h"
#include "wire_limits.h"

static struct attesters attesters;
static uint8_t bytes[EVIDENCE_MAX];
static struct buf evidence;
static struct view kind;
static struct reason reason;

static enum status attest(const struct daemon_settings *settings)
{
    const uint8_t report_data[SHA512_SIZE] = {0xab, 0xcd};
    struct buf endorsement = {NULL, 0, 0};

    evidence = BUF_OF(bytes);
    assert_int_equal(attesters_begin(settings, &attesters, &reason), STATUS_OK);
    return attesters_attest(&attesters, report_data, &kind, &evidence, &endorsement, &reason);
}

static void a_simulation_signs(void **state)
{
    const struct random_port random = {.fill = os_random};
    struct daemon_settings settings = {.federation = "factory", .attester = ATTESTER_SIM};

    (void)state;
    assert_int_equal(p256_generate(&random, &settings.sim_root), STATUS_OK);
    assert_int_equal(attest(&settings), STATUS_OK);
    assert_true(view_equal(kind, VIEW_TEXT("sim")));
    assert_true(evidence.len > 64);
}

static void a_command_is_asked(void **state)
{
    const struct daemon_settings settings = {
        .attester = ATTESTER_COMMAND,
        .command = {.argv = {"/usr/bin/head", "-c", "4"}, .kind = "psa", .timeout_ms = 60000},
    };

    (void)state;
    assert_int_equal(attest(&settings), STATUS_OK);
    assert_true(view_equal(kind, VIEW_TEXT("psa")));
    assert_true(view_equal(buf_view(&evidence), VIEW_TEXT("abcd")));
}

static void a_tpm_is_asked(void **state)
{
    struct daemon_settings settings = {.attester = ATTESTER_TPM};

    (void)state;
    settings.tpm =
        (struct tpm_attester){.tcti = "device:/nowhere/tpm0", .handle = TPM_HANDLE_DEFAULT, .timeout_ms = 60000};
    assert_int_equal(attest(&settings), STATUS_NO_CONNECTION);
    assert_non_null(strstr(reason.text, "device:/nowhere/tpm0"));
    assert_int_equal(evidence.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_simulation_signs),
        cmocka_unit_test(a_command_is_asked),
        cmocka_unit_test(a_tpm_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
