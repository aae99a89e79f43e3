/* What a policy demands of SEV-SNP, as bytes (PROTOCOL.md section 16). The vector was made with an encoder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "snp_terms.h"
#include "trust_support.h"

static const char golden_snp[] =
    "ac01825830a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
    "a1a1a15830a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
    "a2a2a20282a3015830b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1"
    "b1b1b1b1b1b1b10250b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b20307a2015830b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3"
    "b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3030003815820c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1"
    "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c10482a601010200030304000508061873a601030201030204030504061847050106"
    "f507f4081a00090000091a021000000af50b1a020f58000c190e10";

static uint8_t memory_bytes[4096];

static struct snp_terms golden_terms(void)
{
    static uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);
    struct snp_terms terms;

    assert_int_equal(snp_terms_decode(hex_view(golden_snp, &memory), &terms), STATUS_OK);
    return terms;
}

static void decodes_and_encodes_the_golden_terms(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct snp_terms terms = golden_terms();

    (void)state;
    assert_false(terms.measurement.any);
    assert_int_equal(terms.measurement.count, 2);
    assert_int_equal(terms.measurement.list[1].ptr[47], 0xa2);
    assert_int_equal(terms.signer_count, 2);
    assert_int_equal(terms.signers[0].key_digest.ptr[0], 0xb1);
    assert_int_equal(terms.signers[0].image_id.len, 16);
    assert_int_equal(terms.signers[0].min_svn, 7);
    assert_int_equal(terms.signers[1].image_id.len, 0);
    assert_int_equal(terms.host_data.count, 1);
    assert_int_equal(terms.least_count, 2);
    assert_int_equal(terms.least[0].product, SNP_MILAN);
    assert_int_equal(terms.least[0].tcb.microcode, 115);
    assert_int_equal(terms.least[1].product, SNP_TURIN);
    assert_memory_equal(&terms.least[1].tcb, (&(struct snp_tcb){1, 2, 3, 4, 71}), sizeof(struct snp_tcb));
    assert_int_equal(terms.max_vmpl, 1);
    assert_true(terms.vcek && !terms.vlek && terms.crl_required);
    assert_int_equal(terms.allowed, SNP_POLICY_SMT | SNP_POLICY_DEBUG);
    assert_int_equal(terms.required, SNP_POLICY_SINGLE_SOCKET | SNP_POLICY_PAGE_SWAP_OFF);
    assert_int_equal(terms.max_age_s, 400 * 86400);
    assert_int_equal(terms.grace_s, 3600);
    assert_int_equal(snp_terms_encode(&terms, &memory), STATUS_OK);
    assert_hex_equal(buf_view(&memory), golden_snp);
    for (size_t cap = 0; cap < sizeof golden_snp / 2; cap++) {
        struct buf small = {.ptr = memory_bytes, .cap = cap};

        assert_int_equal(snp_terms_encode(&terms, &small), STATUS_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
}

static void refuses_terms_cut_at_any_length_or_followed_by_a_byte(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct view whole = hex_view(golden_snp, &memory);
    struct snp_terms terms = {.max_vmpl = 9};

    (void)state;
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(snp_terms_decode((struct view){whole.ptr, len}, &terms), STATUS_TRUNCATED);
    assert_int_equal(buf_append(&memory, VIEW_TEXT("\x00")), STATUS_OK);
    assert_int_equal(snp_check_rules(buf_view(&memory)), STATUS_TRAILING);
    assert_int_equal(terms.max_vmpl, 9);
}

static void refuses_bytes_that_are_no_terms(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status want;
    } cases[] = {
        {"as they should be", "ac01825830", "ac01825830", STATUS_OK},
        {"a field missing", "0c190e10", "", STATUS_TRUNCATED},
        {"a field missing, and the count says so", "ac01825830", "ab01825830", STATUS_MALFORMED},
        {"a field that nobody knows", "0c190e10", "0d190e10", STATUS_MALFORMED},
        {"a field twice", "0c190e10", "0b190e10", STATUS_DUPLICATE_KEY},
        {"a number that is not the shortest", "0c190e10", "0c1a00000e10", STATUS_NOT_SHORTEST},
        {"any measurement", "ac01825830", "ac01f65830", STATUS_MALFORMED},
        {"a measurement of 47", "ac01825830a1", "ac0182582f", STATUS_OUT_OF_RANGE},
        {"a text for a measurement", "ac01825830", "ac01827830", STATUS_MALFORMED},
        {"a signer without a version", "0307a20158", "a20158", STATUS_MALFORMED},
        {"a version past 32 bits", "0307a2", "031b0000000100000000a2", STATUS_OUT_OF_RANGE},
        {"an image of 15", "0250b2", "024f", STATUS_OUT_OF_RANGE},
        {"host data of 31", "03815820c1", "0381581f", STATUS_OUT_OF_RANGE},
        {"no product", "82a60101", "82a60100", STATUS_OUT_OF_RANGE},
        {"a product that nobody knows", "a60103", "a60104", STATUS_OUT_OF_RANGE},
        {"a part past a byte", "061873", "06190100", STATUS_OUT_OF_RANGE},
        {"VMPL 4", "0501 06f5", "0504 06f5", STATUS_OUT_OF_RANGE},
        {"a number for a truth", "06f507f4", "060107f4", STATUS_MALFORMED},
        {"an age of 0", "0b1a020f5800", "0b00", STATUS_OUT_OF_RANGE},
        {"an age past the end of time", "0b1a020f5800", "0b1af4865701", STATUS_OUT_OF_RANGE},
        {"a grace past the end of time", "0c190e10", "0c1af4865701", STATUS_OUT_OF_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(snp_check_rules(trust_changed(golden_snp, cases[i].from, cases[i].to, &memory)),
                         cases[i].want);
    }
}

/* Each is well-formed, and nobody can mean it. */
static void no_measurement_no_signer(struct snp_terms *terms)
{
    terms->measurement.count = terms->signer_count = 0;
}

static void any_measurement(struct snp_terms *terms)
{
    terms->measurement = (struct allowed){.any = true};
}

static void signer_of_unsigned_guests(struct snp_terms *terms)
{
    static const uint8_t zeros[48];

    terms->signers[1].key_digest = VIEW_OF(zeros);
}

static void no_host_data(struct snp_terms *terms)
{
    terms->host_data.count = 0;
}

static void no_product(struct snp_terms *terms)
{
    terms->least_count = 0;
}

static void a_product_twice(struct snp_terms *terms)
{
    terms->least[1] = terms->least[0];
}

static void a_part_that_milan_has_not(struct snp_terms *terms)
{
    terms->least[0].tcb.fmc = 1;
}

static void no_key(struct snp_terms *terms)
{
    terms->vcek = terms->vlek = false;
}

static void a_strengthening_bit_allowed(struct snp_terms *terms)
{
    terms->allowed |= SNP_POLICY_RAPL_OFF;
}

static void the_reserved_bit_allowed(struct snp_terms *terms)
{
    terms->allowed |= 1 << 17;
}

static void a_bit_past_the_known_allowed(struct snp_terms *terms)
{
    terms->allowed |= 1 << 26;
}

static void a_weakening_bit_required(struct snp_terms *terms)
{
    terms->required |= SNP_POLICY_DEBUG;
}

static void a_bit_past_the_known_required(struct snp_terms *terms)
{
    terms->required |= (uint64_t)1 << 63;
}

static void refuses_terms_that_accept_nothing_or_contradict_themselves(void **state)
{
    static void (*const changes[])(struct snp_terms *) = {
        no_measurement_no_signer,
        any_measurement,
        signer_of_unsigned_guests,
        no_host_data,
        no_product,
        a_product_twice,
        a_part_that_milan_has_not,
        no_key,
        a_strengthening_bit_allowed,
        the_reserved_bit_allowed,
        a_bit_past_the_known_allowed,
        a_weakening_bit_required,
        a_bit_past_the_known_required,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        struct snp_terms terms = golden_terms();

        print_message("  %zu\n", i);
        changes[i](&terms);
        assert_int_equal(snp_terms_encode(&terms, &memory), STATUS_OK);
        assert_int_equal(snp_check_rules(buf_view(&memory)), STATUS_OUT_OF_RANGE);
    }
}

static void takes_either_of_measurements_and_signers_and_any_host_data(void **state)
{
    struct snp_terms signers = golden_terms(), measurements = signers, out;
    struct buf memory = BUF_OF(memory_bytes);

    (void)state;
    signers.measurement.count = 0;
    signers.host_data = (struct allowed){.any = true};
    assert_int_equal(snp_terms_encode(&signers, &memory), STATUS_OK);
    assert_int_equal(snp_terms_decode(buf_view(&memory), &out), STATUS_OK);
    assert_true(out.host_data.any);
    measurements.signer_count = 0;
    memory.len = 0;
    assert_int_equal(snp_terms_encode(&measurements, &memory), STATUS_OK);
    assert_int_equal(snp_check_rules(buf_view(&memory)), STATUS_OK);
}

static void takes_as_much_as_there_is_room_for_and_no_more(void **state)
{
    static uint8_t bytes[ACCEPTED_SIZE_MAX];
    struct snp_terms terms = golden_terms();
    struct buf memory = BUF_OF(bytes);

    (void)state;
    terms.measurement.count = terms.host_data.count = ALLOWED_MAX;
    terms.signer_count = SNP_SIGNERS_MAX;
    for (size_t i = 0; i < ALLOWED_MAX; i++) {
        terms.measurement.list[i] = terms.measurement.list[0];
        terms.host_data.list[i] = terms.host_data.list[0];
        terms.signers[i % SNP_SIGNERS_MAX] = terms.signers[0];
    }
    assert_int_equal(snp_terms_encode(&terms, &memory), STATUS_OK);
    assert_int_equal(snp_check_rules(buf_view(&memory)), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_and_encodes_the_golden_terms),
        cmocka_unit_test(refuses_terms_cut_at_any_length_or_followed_by_a_byte),
        cmocka_unit_test(refuses_bytes_that_are_no_terms),
        cmocka_unit_test(refuses_terms_that_accept_nothing_or_contradict_themselves),
        cmocka_unit_test(takes_either_of_measurements_and_signers_and_any_host_data),
        cmocka_unit_test(takes_as_much_as_there_is_room_for_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
