#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim_attester.h"
#include "cose.h"
#include "file.h"
#include "random.h"

#define NOW 1700000000u

static void measures_the_file_that_runs(void **state)
{
    CLEANUP(file_free) struct buf exe = {0};
    uint8_t measured[SHA256_SIZE], wanted[SHA256_SIZE];
    struct reason reason = {""};

    (void)state;
    assert_int_equal(exe_measure(measured, &reason), STATUS_OK);
    assert_int_equal(file_read("/proc/self/exe", (size_t)1 << 30, &exe, &reason), STATUS_OK);
    assert_int_equal(sha256(buf_view(&exe), wanted), STATUS_OK);
    assert_memory_equal(measured, wanted, sizeof wanted);
}

/* A verifier takes it at first, and not when its ten minutes are over. */
static void its_evidence_is_accepted_for_ten_minutes(void **state)
{
    const struct random_port random = {.fill = os_random};
    uint8_t nonce[SHA512_SIZE] = {1, 2, 3}, encoded[512], root_bytes[PUBLIC_KEY_SIZE], rules_bytes[512];
    struct buf signature = BUF_OF(encoded), root = BUF_OF(root_bytes), rules = BUF_OF(rules_bytes);
    struct sim_attester attester = {.federation = VIEW_TEXT("factory")};
    struct reason reason = {""};
    struct p256_key key;
    struct appraisal appraisal;

    (void)state;
    assert_int_equal(p256_generate(&random, &key), STATUS_OK);
    assert_int_equal(cose_key_encode(VIEW_OF(key.point), &root), STATUS_OK);
    attester.root = &key;
    assert_int_equal(exe_measure(attester.measurement, &reason), STATUS_OK);
    const struct sim_rules sim = {
        .root = buf_view(&root), .count = 1, .measurements = {VIEW_OF(attester.measurement)}, .max_age_s = 86400};
    assert_int_equal(sim_rules_encode(&sim, &rules), STATUS_OK);
    const struct view accepted = buf_view(&rules);
    assert_int_equal(sim_attester_sign(&attester, VIEW_OF(nonce), NOW, &signature), STATUS_OK);

    struct evidence evidence = {.federation = VIEW_TEXT("factory"),
                                .bytes = buf_view(&signature),
                                .report_data = VIEW_OF(nonce),
                                .now = NOW + 599};
    assert_int_equal(sim_appraise(&evidence, &accepted, &appraisal), STATUS_OK);
    evidence.now = NOW + 600;
    assert_int_equal(sim_appraise(&evidence, &accepted, &appraisal), STATUS_EVIDENCE_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_the_file_that_runs),
        cmocka_unit_test(its_evidence_is_accepted_for_ten_minutes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
