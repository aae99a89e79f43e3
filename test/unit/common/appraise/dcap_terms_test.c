/* What a policy demands of SGX and TDX evidence, as bytes (PROTOCOL.md section 16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dcap_terms.h"
#include "hex.h"
#include "trust_support.h"
#include "wire_limits.h"

/* Made by an encoder of another language. */
static const char golden_sgx[] =
    "a301815820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0281a3015820bbbbbbbbbbbbbb"
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb0205030703a8010c02816e494e54454c2d53412d3030363135"
    "0311041a00278d00051a00093a800650000102030405060708090a0b0c0d0e0f070d08f4";
static const char golden_tdx[] =
    "a901815830a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
    "a1a1a10284815830b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
    "b0b0b0b0b0b0825830b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1"
    "b1b1b1b1b1b1b15830c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1"
    "c1c1c1c1c1c1c1f6f60381583000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000004f605f6061b8000000010000000071a1000000008500601030000000000000000000000000009"
    "a80119030402f60300041af48657000500065000000000000000000000000000000000070008f5";

#define SGX_ENCLAVES "01815820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SGX_SIGNERS  "0281a3015820bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb02050307"
#define ZEROS_48     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

static const uint8_t aa[32] = {0xaa}, bb[32] = {0xbb};

static void assert_all(struct view bytes, size_t len, uint8_t value)
{
    assert_int_equal(bytes.len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes.ptr[i], value);
}

/* ---- vectors ---- */

static void reads_and_writes_the_golden_sgx_terms(void **state)
{
    uint8_t memory[512], again_memory[512];
    struct buf bytes = BUF_OF(memory), again = BUF_OF(again_memory);
    struct sgx_terms terms;

    (void)state;
    assert_int_equal(sgx_terms_decode(hex_view(golden_sgx, &bytes), &terms), STATUS_OK);
    assert_int_equal(terms.mr_enclave.count, 1);
    assert_all(terms.mr_enclave.list[0], 32, 0xaa);
    assert_int_equal(terms.signer_count, 1);
    assert_all(terms.signers[0].mr_signer, 32, 0xbb);
    assert_int_equal(terms.signers[0].product, 5);
    assert_int_equal(terms.signers[0].min_svn, 7);
    assert_int_equal(terms.platform.statuses, 1 << DCAP_TCB_UP_TO_DATE | 1 << DCAP_TCB_SW_HARDENING_NEEDED);
    assert_false(terms.platform.advisories.any);
    assert_int_equal(terms.platform.advisories.count, 1);
    assert_true(view_equal(terms.platform.advisories.list[0], VIEW_TEXT("INTEL-SA-00615")));
    assert_int_equal(terms.platform.min_evaluation, 17);
    assert_int_equal(terms.platform.max_age_s, 30 * 86400);
    assert_int_equal(terms.platform.grace_s, 7 * 86400);
    for (uint8_t i = 0; i < SGX_COMPONENTS; i++)
        assert_int_equal(terms.platform.min_components[i], i);
    assert_int_equal(terms.platform.min_pcesvn, 13);
    assert_false(terms.platform.debug);
    assert_int_equal(sgx_terms_encode(&terms, &again), STATUS_OK);
    assert_hex_equal(buf_view(&again), golden_sgx);
    assert_int_equal(sgx_check_rules(buf_view(&again)), STATUS_OK);
}

static void reads_and_writes_the_golden_tdx_terms(void **state)
{
    uint8_t memory[1024], again_memory[1024];
    struct buf bytes = BUF_OF(memory), again = BUF_OF(again_memory);
    struct tdx_terms terms;

    (void)state;
    assert_int_equal(tdx_terms_decode(hex_view(golden_tdx, &bytes), &terms), STATUS_OK);
    assert_int_equal(terms.mr_td.count, 1);
    assert_all(terms.mr_td.list[0], 48, 0xa1);
    assert_all(terms.rtmr[0].list[0], 48, 0xb0);
    assert_int_equal(terms.rtmr[1].count, 2);
    assert_all(terms.rtmr[1].list[1], 48, 0xc1);
    assert_true(terms.rtmr[2].any && terms.rtmr[3].any);
    assert_all(terms.mr_config_id.list[0], 48, 0);
    assert_true(terms.mr_owner.any && terms.mr_owner_config.any);
    assert_true(terms.attributes_allowed == (TDX_PERFMON | TDX_SEPT_VE_DISABLE));
    assert_true(terms.attributes_required == TDX_SEPT_VE_DISABLE);
    assert_memory_equal(terms.min_tee_tcb_svn, ((uint8_t[DCAP_SVN_SIZE]){6, 1, 3}), DCAP_SVN_SIZE);
    assert_int_equal(terms.platform.statuses, 1 << DCAP_TCB_UP_TO_DATE | 1 << DCAP_TCB_TD_RELAUNCH_ADVISED |
                                                  1 << DCAP_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
    assert_true(terms.platform.advisories.any);
    assert_true(terms.platform.debug);
    assert_int_equal(terms.platform.max_age_s, TIME_MAX);
    assert_int_equal(tdx_terms_encode(&terms, &again), STATUS_OK);
    assert_hex_equal(buf_view(&again), golden_tdx);
    assert_int_equal(tdx_check_rules(buf_view(&again)), STATUS_OK);
}

/* ---- refusals ---- */

struct refusal {
    const char *why, *from, *to;
    enum status want;
};

static void refuse_each(const char *golden, const struct refusal *cases, size_t count,
                        enum status (*check)(struct view))
{
    for (size_t i = 0; i < count; i++) {
        uint8_t memory[1024];
        struct buf bytes = BUF_OF(memory);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(check(trust_changed(golden, cases[i].from, cases[i].to, &bytes)), cases[i].want);
    }
}

static void refuses_sgx_terms_that_accept_nothing_or_too_much(void **state)
{
    static const struct refusal cases[] = {
        {"as they should be", "08f4", "08f4", STATUS_OK},
        {"no enclave, but a signer", SGX_ENCLAVES, "0180", STATUS_OK},
        {"no signer, but an enclave", SGX_SIGNERS, "0280", STATUS_OK},
        {"neither", SGX_ENCLAVES SGX_SIGNERS, "01800280", STATUS_OUT_OF_RANGE},
        {"any enclave", SGX_ENCLAVES, "01f6", STATUS_OUT_OF_RANGE},
        {"any enclave and no signer", SGX_ENCLAVES SGX_SIGNERS, "01f60280", STATUS_OUT_OF_RANGE},
        {"any signer", SGX_SIGNERS, "02f6", STATUS_MALFORMED},
        {"an MRENCLAVE of 31 bytes", "5820aaaa", "581faa", STATUS_OUT_OF_RANGE},
        {"an MRENCLAVE that is a text", "5820aaaa", "7820aaaa", STATUS_MALFORMED},
        {"an MRSIGNER of 31 bytes", "5820bbbb", "581fbb", STATUS_OUT_OF_RANGE},
        {"a product past 65535", "02050307", "021a000100000307", STATUS_OUT_OF_RANGE},
        {"a version past 65535", "02050307", "0205031a00010000", STATUS_OUT_OF_RANGE},
        {"a signer without a version", "a3015820bbbb", "a2015820bbbb", STATUS_MALFORMED},
        {"no status", "a8010c", "a80100", STATUS_OUT_OF_RANGE},
        {"status Unknown", "a8010c", "a8010d", STATUS_OUT_OF_RANGE},
        {"status NotSupported", "a8010c", "a8010e", STATUS_OUT_OF_RANGE},
        {"status Revoked", "a8010c", "a801190404", STATUS_OUT_OF_RANGE},
        {"a status that nobody knows", "a8010c", "a801190804", STATUS_OUT_OF_RANGE},
        {"every status there is", "a8010c", "a8011903fc", STATUS_OK},
        {"any advisory", "02816e494e54454c2d53412d3030363135", "02f6", STATUS_OK},
        {"no advisory", "02816e494e54454c2d53412d3030363135", "0280", STATUS_OK},
        {"an advisory without a name", "02816e494e54454c2d53412d3030363135", "028160", STATUS_OUT_OF_RANGE},
        {"an advisory as bytes", "02816e494e", "02814e494e", STATUS_MALFORMED},
        {"an evaluation past 32 bits", "0311", "031b0000000100000000", STATUS_OUT_OF_RANGE},
        {"no age", "041a00278d00", "0400", STATUS_OUT_OF_RANGE},
        {"an age past the end of time", "041a00278d00", "041af4865701", STATUS_OUT_OF_RANGE},
        {"no grace", "051a00093a80", "0500", STATUS_OK},
        {"a grace past the end of time", "051a00093a80", "051af4865701", STATUS_OUT_OF_RANGE},
        {"15 components", "0650000102030405", "064f0102030405", STATUS_OUT_OF_RANGE},
        {"a PCESVN past 65535", "070d", "071a00010000", STATUS_OUT_OF_RANGE},
        {"debug as a number", "08f4", "0800", STATUS_MALFORMED},
        {"debug missing", "a8010c", "a7010c", STATUS_MALFORMED},
        {"terms of the platform twice", "070d", "0611", STATUS_DUPLICATE_KEY},
        {"fields out of order", "a8010c0281", "a8020c0181", STATUS_MALFORMED},
        {"a field that nobody knows", "08f4", "09f4", STATUS_MALFORMED},
        {"a number that is longer than it must be", "0311", "031811", STATUS_NOT_SHORTEST},
        {"a byte behind the terms", "08f4", "08f400", STATUS_TRAILING},
    };

    (void)state;
    refuse_each(golden_sgx, cases, ARRAY_LEN(cases), sgx_check_rules);
}

static void refuses_tdx_terms_that_accept_nothing_or_contradict_themselves(void **state)
{
    static const struct refusal cases[] = {
        {"as they should be", "08f5", "08f5", STATUS_OK},
        {"any MRTD",
         "0181 5830a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
         "01f6", STATUS_OUT_OF_RANGE},
        {"no MRTD",
         "01815830a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
         "0180", STATUS_OUT_OF_RANGE},
        {"an MRTD of 47 bytes", "5830a1a1", "582fa1", STATUS_OUT_OF_RANGE},
        {"three RTMRs", "f6f603", "f603", STATUS_MALFORMED},
        {"four of which the fourth accepts nothing", "f6f603", "f68003", STATUS_OUT_OF_RANGE},
        {"no MRCONFIGID", "03815830" ZEROS_48, "0380", STATUS_OUT_OF_RANGE},
        {"any MRCONFIGID", "03815830" ZEROS_48, "03f6", STATUS_OK},
        {"no MROWNER", "04f605f6", "048005f6", STATUS_OUT_OF_RANGE},
        {"no MROWNERCONFIG", "04f605f6", "04f60580", STATUS_OUT_OF_RANGE},
        {"an attribute of the debug byte allowed", "061b8000000010000000", "061b8000000010000001", STATUS_OUT_OF_RANGE},
        {"an attribute of the debug byte required", "071a10000000", "071a10000080", STATUS_OUT_OF_RANGE},
        {"an attribute required and not allowed", "071a10000000", "071a30000000", STATUS_OUT_OF_RANGE},
        {"all that is allowed is required", "071a10000000", "071b8000000010000000", STATUS_OK},
        {"nothing allowed, nothing required", "061b8000000010000000071a10000000", "06000700", STATUS_OK},
        {"a TEE_TCB_SVN of 15 bytes", "0850060103", "084f0603", STATUS_OUT_OF_RANGE},
        {"no status", "01190304", "0100", STATUS_OUT_OF_RANGE},
        {"a field that nobody knows", "08500601", "0a500601", STATUS_MALFORMED},
        {"a byte behind the terms", "08f5", "08f500", STATUS_TRAILING},
    };

    (void)state;
    refuse_each(golden_tdx, cases, ARRAY_LEN(cases), tdx_check_rules);
}

static void cut_everywhere(const char *golden, enum status (*check)(struct view))
{
    uint8_t memory[1024];
    struct buf bytes = BUF_OF(memory);
    const struct view whole = hex_view(golden, &bytes);

    assert_int_equal(check(whole), STATUS_OK);
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(check((struct view){whole.ptr, len}), STATUS_TRUNCATED);
}

static void refuses_terms_cut_at_any_length(void **state)
{
    (void)state;
    cut_everywhere(golden_sgx, sgx_check_rules);
    cut_everywhere(golden_tdx, tdx_check_rules);
}

static void leaves_the_output_alone_on_a_failure(void **state)
{
    struct sgx_terms sgx = {.signer_count = 77};
    struct tdx_terms tdx = {.attributes_allowed = 77};

    (void)state;
    assert_int_equal(sgx_terms_decode(VIEW_OF(aa), &sgx), STATUS_MALFORMED);
    assert_int_equal(sgx.signer_count, 77);
    assert_int_equal(tdx_terms_decode(VIEW_OF(aa), &tdx), STATUS_MALFORMED);
    assert_int_equal(tdx.attributes_allowed, 77);
}

/* As many as there may be, and one more. */
static void takes_lists_up_to_their_limits(void **state)
{
    static uint8_t memory[ACCEPTED_SIZE_MAX];
    static struct sgx_terms terms, again;
    struct buf bytes = BUF_OF(memory);
    uint8_t *count;

    (void)state;
    terms = (struct sgx_terms){.mr_enclave.count = ALLOWED_MAX,
                               .signer_count = SGX_SIGNERS_MAX,
                               .platform = {.statuses = 1 << DCAP_TCB_UP_TO_DATE, .max_age_s = 1}};
    for (size_t i = 0; i < ALLOWED_MAX; i++)
        terms.mr_enclave.list[i] = VIEW_OF(aa);
    for (size_t i = 0; i < SGX_SIGNERS_MAX; i++)
        terms.signers[i] = (struct sgx_signer){VIEW_OF(bb), UINT16_MAX, UINT16_MAX};
    assert_int_equal(sgx_terms_encode(&terms, &bytes), STATUS_OK);
    assert_int_equal(sgx_terms_decode(buf_view(&bytes), &again), STATUS_OK);
    assert_int_equal(again.mr_enclave.count, ALLOWED_MAX);
    assert_int_equal(again.signers[SGX_SIGNERS_MAX - 1].min_svn, UINT16_MAX);
    count = memory + 3; /* of the enclaves: behind map, key and 98 */
    assert_int_equal(*count, ALLOWED_MAX);
    ++*count;
    assert_int_equal(sgx_check_rules(buf_view(&bytes)), STATUS_OUT_OF_RANGE);
    --*count;
    count = memory + 4 + ALLOWED_MAX * 34 + 1; /* of the signers */
    assert_int_equal(*count, 0x80 + SGX_SIGNERS_MAX);
    ++*count;
    assert_int_equal(sgx_check_rules(buf_view(&bytes)), STATUS_OUT_OF_RANGE);
}

static void says_when_the_space_is_too_small(void **state)
{
    uint8_t memory[512], small_memory[100];
    struct buf bytes = BUF_OF(memory), small = BUF_OF(small_memory);
    struct sgx_terms sgx;

    (void)state;
    assert_int_equal(sgx_terms_decode(hex_view(golden_sgx, &bytes), &sgx), STATUS_OK);
    assert_int_equal(sgx_terms_encode(&sgx, &small), STATUS_NO_SPACE);
    assert_int_equal(small.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_the_golden_sgx_terms),
        cmocka_unit_test(reads_and_writes_the_golden_tdx_terms),
        cmocka_unit_test(refuses_sgx_terms_that_accept_nothing_or_too_much),
        cmocka_unit_test(refuses_tdx_terms_that_accept_nothing_or_contradict_themselves),
        cmocka_unit_test(refuses_terms_cut_at_any_length),
        cmocka_unit_test(leaves_the_output_alone_on_a_failure),
        cmocka_unit_test(takes_lists_up_to_their_limits),
        cmocka_unit_test(says_when_the_space_is_too_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
