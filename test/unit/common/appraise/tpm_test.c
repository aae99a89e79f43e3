/* Quotes of a TPM 2.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto_support.h"
#include "hex.h"
#include "tpm.h"
#include "tpm_vectors.h"
#include "vector_files.h"

#define ATTRIBUTES_AT  4 /* of a TPMT_PUBLIC */
#define NONCE_AT       44
#define SELECTION_AT   101 /* the count of banks in the quotes of tpm_vectors.h */
#define FILE_BYTES_MAX (1 << 16)

static uint8_t memory_bytes[FILE_BYTES_MAX];

/* The values that every quote of tpm_vectors.h is of: SHA-256 PCRs 0 and 15, then SHA-1 PCR 23. */
static const struct tpm_pcr *quoted_pcrs(void)
{
    static uint8_t bytes[84];
    static struct tpm_pcr pcrs[3];

    memset(bytes, 0x44, 32);
    memset(bytes + 32, 0x55, 32);
    memset(bytes + 64, 0x66, 20);
    pcrs[0] = (struct tpm_pcr){TPM_SHA1, 23, {bytes + 64, 20}};
    pcrs[1] = (struct tpm_pcr){TPM_SHA256, 0, {bytes, 32}};
    pcrs[2] = (struct tpm_pcr){TPM_SHA256, 15, {bytes + 32, 32}};
    return pcrs;
}

static struct tpm_public decode(struct view encoded)
{
    struct tpm_public public;

    assert_int_equal(tpm_public_decode(encoded, &public), STATUS_OK);
    return public;
}

/* Signs a TPMS_ATTEST with the scalar 9 of P-256: appends a TPMT_SIGNATURE. */
static struct view sign(struct view attest, struct buf *memory)
{
    struct counting_random counting = {0};
    const struct random_port random = counting_port(&counting);
    uint8_t scalar[P256_SCALAR_SIZE] = {0}, pair[P256_SIG_SIZE], digest[SHA256_SIZE];
    struct p256_key key;
    struct view start;

    scalar[sizeof scalar - 1] = 9;
    assert_int_equal(p256_from_scalar(VIEW_OF(scalar), &random, &key), STATUS_OK);
    assert_int_equal(sha256(attest, digest), STATUS_OK);
    assert_int_equal(p256_sign(&key, digest, &random, pair), STATUS_OK);
    start = hex_view("0018000b0020", memory);
    assert_int_equal(buf_append(memory, (struct view){pair, 32}), STATUS_OK);
    (void)hex_view("0020", memory);
    assert_int_equal(buf_append(memory, (struct view){pair + 32, 32}), STATUS_OK);
    return (struct view){start.ptr, 72};
}

static void verifies_every_kind_of_key_and_form_of_signature(void **state)
{
    static const struct {
        const char *why, *ak, *attest, *signature;
        size_t skip; /* bytes of the signature that are left out: its TPMT_SIGNATURE head */
    } cases[] = {
        {"RSA 2048, SHA-256", rsa2048_public, rsa2048_attest, rsa2048_sig, 0},
        {"RSA 2048, bare", rsa2048_public, rsa2048_attest, rsa2048_sig, 6},
        {"RSA-PSS", pss2048_public, rsa2048_attest, pss2048_sig, 0},
        {"RSA-PSS, bare", pss2048_public, rsa2048_attest, pss2048_sig, 6},
        {"RSA-PSS with a long salt", pss2048_public, rsa2048_attest, pss2048_long_sig, 0},
        {"RSA 3072, SHA-384", rsa3072_public, rsa3072_attest, rsa3072_sig, 0},
        {"RSA 3072, bare", rsa3072_public, rsa3072_attest, rsa3072_sig, 6},
        {"P-384", p384_public, p384_attest, p384_sig, 0},
        {"P-384, DER", p384_public, p384_attest, p384_der, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        const struct tpm_public ak = decode(hex_view(cases[i].ak, &memory));
        const struct tpm_rules rules = {.ak = &ak};
        const struct view signature = hex_view(cases[i].signature, &memory);
        const struct tpm_evidence evidence = {
            .attest = hex_view(cases[i].attest, &memory),
            .signature = {signature.ptr + cases[i].skip, signature.len - cases[i].skip},
            .pcrs = quoted_pcrs(),
            .pcr_count = 3,
        };
        struct tpm_result result;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_OK);
        assert_true(result.authentic);
        assert_int_equal(result.checks[TPM_CHECK_AK].outcome, CHECK_PASSED);
        assert_int_equal(result.checks[TPM_CHECK_PCRS].outcome, CHECK_PASSED);
        assert_int_equal(result.checks[TPM_CHECK_NONCE].outcome, CHECK_NOT_MADE);
        assert_int_equal(result.ak_name.len, 34);
    }
}

static void tells_what_a_quote_says(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    const struct tpm_rules rules = {.ak = &ak};
    struct tpm_evidence evidence = {.attest = hex_view(p256_attest, &memory)};
    struct tpm_result result;

    (void)state;
    evidence.signature = sign(evidence.attest, &memory);
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_OK);
    assert_hex_equal(result.quote.nonce, "1111111111111111111111111111111111111111111111111111111111111111");
    assert_int_equal(result.quote.signer.len, 34);
    assert_int_equal(result.quote.clock_ms, 1000);
    assert_int_equal(result.quote.reset_count, 2);
    assert_int_equal(result.quote.restart_count, 3);
    assert_true(result.quote.clock_safe);
    assert_true(result.quote.firmware == 0x2020031200120003);
    assert_int_equal(result.quote.bank_count, 2);
    assert_int_equal(result.quote.banks[0].alg, TPM_SHA256);
    assert_int_equal(result.quote.banks[0].pcrs, 0x8001);
    assert_int_equal(result.quote.banks[1].alg, TPM_SHA1);
    assert_int_equal(result.quote.banks[1].pcrs, 0x800000);
    assert_int_equal(result.checks[TPM_CHECK_PCRS].outcome, CHECK_NOT_MADE);
}

static void takes_a_quote_in_its_wrapper(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    const struct tpm_rules rules = {.ak = &ak};
    const struct view attest = hex_view(p256_attest, &memory), signature = sign(attest, &memory);
    const uint8_t size[2] = {0, (uint8_t)attest.len};
    struct tpm_evidence evidence = {.attest = {memory.ptr + memory.len, attest.len + 2}, .signature = signature};
    struct tpm_result result;

    (void)state;
    assert_int_equal(buf_append(&memory, VIEW_OF(size)), STATUS_OK);
    assert_int_equal(buf_append(&memory, attest), STATUS_OK);
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_OK);
}

static void refuses_signed_bytes_that_are_no_quote(void **state)
{
    static const struct {
        const char *why;
        size_t at;
        const char *hex; /* put over the bytes from there on */
        int longer;      /* bytes that are added at the end, or taken away */
        enum status want;
    } cases[] = {
        {"another magic", 0, "ff544348", 0, STATUS_MALFORMED},
        {"certify", 4, "8017", 0, STATUS_UNSUPPORTED},
        {"creation", 4, "801a", 0, STATUS_UNSUPPORTED},
        {"signer too long", 6, "0045", 0, STATUS_MALFORMED},
        {"nonce too long", NONCE_AT - 2, "0043", 0, STATUS_MALFORMED},
        {"safe neither yes nor no", SELECTION_AT - 9, "02", 0, STATUS_MALFORMED},
        {"17 banks", SELECTION_AT, "00000011", 0, STATUS_MALFORMED},
        {"very many banks", SELECTION_AT, "ffffffff", 0, STATUS_MALFORMED},
        {"unknown bank", SELECTION_AT + 4, "00ff", 0, STATUS_UNSUPPORTED},
        {"selection of 5 bytes", SELECTION_AT + 6, "05", 0, STATUS_MALFORMED},
        {"digest cut", 0, "", -1, STATUS_TRUNCATED},
        {"a byte behind", 0, "", 1, STATUS_TRAILING},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes), changed;
        const struct tpm_public ak = decode(hex_view(p256_public, &memory));
        const struct tpm_rules rules = {.ak = &ak};
        struct tpm_evidence evidence = {0};
        struct tpm_result result;
        uint8_t attest[256] = {0};

        print_message("  %s\n", cases[i].why);
        evidence.attest = hex_bytes(p256_attest, BUF_OF(attest));
        changed = (struct buf){.ptr = attest + cases[i].at, .cap = 16};
        (void)hex_view(cases[i].hex, &changed);
        evidence.attest.len = (size_t)((int)evidence.attest.len + cases[i].longer);
        evidence.signature = sign(evidence.attest, &memory);
        assert_int_equal(tpm_appraise(&evidence, &rules, &result), cases[i].want);
        assert_int_equal(result.checks[TPM_CHECK_ATTEST].outcome, CHECK_FAILED);
        assert_false(result.authentic);
        assert_int_equal(result.quote.nonce.len, 0);
    }
}

static void refuses_a_quote_cut_or_changed_anywhere(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    const struct tpm_rules rules = {.ak = &ak};
    const struct view attest = hex_view(p256_attest, &memory), signature = sign(attest, &memory);
    struct tpm_result result;
    uint8_t copy[256];

    (void)state;
    for (size_t len = 0; len < attest.len; len++)
        assert_int_not_equal(
            tpm_appraise(&(struct tpm_evidence){.attest = {attest.ptr, len}, .signature = signature}, &rules, &result),
            STATUS_OK);
    for (size_t len = 0; len < signature.len; len++)
        assert_int_not_equal(
            tpm_appraise(&(struct tpm_evidence){.attest = attest, .signature = {signature.ptr, len}}, &rules, &result),
            STATUS_OK);
    for (size_t i = 0; i < attest.len; i++) {
        memcpy(copy, attest.ptr, attest.len);
        copy[i] ^= 0x10;
        assert_int_not_equal(
            tpm_appraise(&(struct tpm_evidence){.attest = {copy, attest.len}, .signature = signature}, &rules, &result),
            STATUS_OK);
        assert_false(result.authentic);
    }
    for (size_t i = 0; i < signature.len; i++) {
        memcpy(copy, signature.ptr, signature.len);
        copy[i] ^= 0x01;
        assert_int_not_equal(
            tpm_appraise(&(struct tpm_evidence){.attest = attest, .signature = {copy, signature.len}}, &rules, &result),
            STATUS_OK);
        assert_false(result.authentic);
    }
}

static void refuses_signatures_that_are_not_allowed(void **state)
{
    static const struct {
        const char *why, *ak, *attest, *signature;
        enum status want;
    } cases[] = {
        {"nothing", p256_public, p256_attest, "", STATUS_TRUNCATED},
        {"RSA-PSS and a key for RSASSA", rsa2048_public, rsa2048_attest, "0016000b0000", STATUS_BAD_KEY},
        {"RSA-PSS of the wrong size", rsa2048_pem, rsa2048_attest, "0016000b0000", STATUS_FORGED},
        {"RSA-PSS by another key", rsa2048_pem, rsa2048_attest, pss2048_sig, STATUS_FORGED},
        {"RSASSA and a key for RSA-PSS", pss2048_public, rsa2048_attest, "0014000b0000", STATUS_BAD_KEY},
        {"RSA-PSS and a curve", p256_public, p256_attest, "0016000b0000", STATUS_BAD_KEY},
        {"another scheme", rsa2048_pem, rsa2048_attest, "0015000b0000", STATUS_UNSUPPORTED},
        {"RSA with SHA-1 and a key for SHA-256", rsa2048_public, rsa2048_attest, "001400040000", STATUS_BAD_KEY},
        {"SHA-1 and a key that leaves it open", rsa2048_pem, rsa2048_attest, "001400040000", STATUS_UNSUPPORTED},
        {"ECDSA and an RSA key", rsa2048_public, rsa2048_attest, "0018000b000101000101", STATUS_BAD_KEY},
        {"ECDSA and an RSA key that leaves it open", rsa2048_pem, rsa2048_attest, "0018000b000101000101",
         STATUS_BAD_KEY},
        {"RSASSA and a curve", p256_public, p256_attest, "0014000b000101", STATUS_BAD_KEY},
        {"zeros", p256_public, p256_attest, "0018000b00000000", STATUS_FORGED},
        {"a byte behind", p256_public, p256_attest, "0018000b0001010001010000", STATUS_TRAILING},
        {"DER with another tag", p256_public, p256_attest, "3006030101020101", STATUS_MALFORMED},
        {"DER with a byte behind", p256_public, p256_attest, "300702010102010100", STATUS_TRAILING},
        {"DER of small numbers", p256_public, p256_attest, "3006020101020101", STATUS_FORGED},
        {"of another key", p384_public, p384_attest, "0018000c000101000101", STATUS_FORGED},
        {"RSA of the wrong size", rsa2048_public, rsa2048_attest, "0014000b000101", STATUS_FORGED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        const bool pem = cases[i].ak[0] == '-';
        const struct tpm_public ak = decode(pem ? view_of_string(cases[i].ak) : hex_view(cases[i].ak, &memory));
        const struct tpm_rules rules = {.ak = &ak};
        struct tpm_evidence evidence = {.attest = hex_view(cases[i].attest, &memory)};
        struct tpm_result result;

        print_message("  %s\n", cases[i].why);
        evidence.signature = hex_view(cases[i].signature, &memory);
        assert_int_equal(tpm_appraise(&evidence, &rules, &result), cases[i].want);
        assert_int_equal(result.checks[TPM_CHECK_SIGNATURE].outcome, CHECK_FAILED);
        assert_false(result.authentic);
    }
}

static void refuses_a_key_that_may_sign_other_things(void **state)
{
    static const struct {
        const char *why;
        uint32_t attributes;
        enum status want;
    } cases[] = {
        {"as it should be", 0x00050072, STATUS_OK},
        {"and kept from dictionary attacks", 0x00050472, STATUS_OK},
        {"not restricted", 0x00040072, STATUS_EVIDENCE_KEY_USE},
        {"not for signing", 0x00010072, STATUS_EVIDENCE_KEY_USE},
        {"for decrypting too", 0x00070072, STATUS_EVIDENCE_KEY_USE},
        {"may leave the TPM", 0x00050070, STATUS_EVIDENCE_KEY_USE},
        {"may leave its parent", 0x00050062, STATUS_EVIDENCE_KEY_USE},
        {"made outside", 0x00050052, STATUS_EVIDENCE_KEY_USE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        struct tpm_evidence evidence = {.attest = hex_view(p256_attest, &memory)};
        uint8_t encoded[256];
        const struct view public = hex_bytes(p256_public, BUF_OF(encoded));
        struct tpm_public ak;
        const struct tpm_rules rules = {.ak = &ak};
        struct tpm_result result;

        print_message("  %s\n", cases[i].why);
        write_be32(encoded + ATTRIBUTES_AT, cases[i].attributes);
        ak = decode(public);
        evidence.signature = sign(evidence.attest, &memory);
        assert_int_equal(tpm_appraise(&evidence, &rules, &result), cases[i].want);
        assert_true(result.authentic);
    }
}

static void holds_a_quote_to_its_challenge_and_signer(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    struct tpm_rules rules = {.ak = &ak};
    struct tpm_evidence evidence = {.attest = hex_view(p256_attest, &memory)};
    struct tpm_result result;
    uint8_t nonce[32], signer[34];

    (void)state;
    evidence.signature = sign(evidence.attest, &memory);
    memset(nonce, 0x11, sizeof nonce);
    memcpy(signer, evidence.attest.ptr + 8, sizeof signer);
    rules.nonce = VIEW_OF(nonce);
    rules.signer = VIEW_OF(signer);
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_OK);
    rules.nonce.len--;
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_STALE);
    rules.nonce.len++;
    nonce[31] ^= 1;
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_STALE);
    assert_true(result.authentic);
    nonce[31] ^= 1;
    signer[33] ^= 1;
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_BINDING);
}

static void refuses_a_nonce_too_short_to_be_a_challenge(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    struct tpm_rules rules = {.ak = &ak};
    const struct view whole = hex_view(p256_attest, &memory);
    uint8_t attest[256];
    struct tpm_evidence evidence = {.attest = {attest, whole.len - 17}};
    struct tpm_result result;

    (void)state;
    memcpy(attest, whole.ptr, NONCE_AT);
    attest[NONCE_AT - 1] = 15;
    memcpy(attest + NONCE_AT, whole.ptr + NONCE_AT + 17, whole.len - NONCE_AT - 17);
    evidence.signature = sign(evidence.attest, &memory);
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_STALE);
    rules.nonce = (struct view){attest + NONCE_AT, 15};
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_STALE);
    assert_true(result.authentic);
}

static void holds_pcr_values_to_what_was_quoted_and_expected(void **state)
{
    enum { CHANGE_NOTHING, CHANGE_VALUE, DROP, DOUBLE, SHORTEN, REFER, REFER_OTHER, REFER_UNSELECTED, REFER_ONLY };
    static const struct {
        const char *why;
        int change;
        enum status want;
    } cases[] = {
        {"as quoted", CHANGE_NOTHING, STATUS_OK},
        {"another value", CHANGE_VALUE, STATUS_EVIDENCE_BINDING},
        {"a value missing", DROP, STATUS_EVIDENCE_BINDING},
        {"a value twice", DOUBLE, STATUS_EVIDENCE_BINDING},
        {"a value too short", SHORTEN, STATUS_EVIDENCE_BINDING},
        {"as expected", REFER, STATUS_OK},
        {"another one expected", REFER_OTHER, STATUS_EVIDENCE_MEASUREMENT},
        {"one expected that was not quoted", REFER_UNSELECTED, STATUS_EVIDENCE_MEASUREMENT},
        {"one expected, no values to compare", REFER_ONLY, STATUS_EVIDENCE_MEASUREMENT},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf memory = BUF_OF(memory_bytes);
        const struct tpm_public ak = decode(hex_view(p256_public, &memory));
        struct tpm_rules rules = {.ak = &ak};
        struct tpm_pcr pcrs[4], reference;
        const uint8_t zeros[32] = {0};
        struct tpm_evidence evidence = {.attest = hex_view(p256_attest, &memory), .pcrs = pcrs, .pcr_count = 3};
        struct tpm_result result;

        print_message("  %s\n", cases[i].why);
        memcpy(pcrs, quoted_pcrs(), 3 * sizeof *pcrs);
        pcrs[3] = pcrs[1];
        reference = pcrs[1];
        if (cases[i].change == CHANGE_VALUE || cases[i].change == REFER_OTHER)
            *(cases[i].change == CHANGE_VALUE ? &pcrs[1].value : &reference.value) = VIEW_OF(zeros);
        if (cases[i].change == DROP)
            evidence.pcr_count = 2;
        if (cases[i].change == DOUBLE)
            evidence.pcr_count = 4;
        if (cases[i].change == SHORTEN)
            pcrs[1].value.len--;
        if (cases[i].change == REFER_ONLY)
            evidence.pcr_count = 0;
        if (cases[i].change == REFER_UNSELECTED) { /* a value comes with the quote, which is not of it */
            pcrs[3].index = reference.index = 7;
            evidence.pcr_count = 4;
        }
        rules.references = &reference;
        rules.reference_count = cases[i].change >= REFER;
        evidence.signature = sign(evidence.attest, &memory);
        assert_int_equal(tpm_appraise(&evidence, &rules, &result), cases[i].want);
        assert_true(result.authentic);
    }
}

static void believes_no_value_that_was_not_quoted_even_when_it_is_expected(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    const uint8_t zeros[32] = {0};
    struct tpm_pcr pcrs[3];
    const struct tpm_rules rules = {.ak = &ak, .references = &pcrs[1], .reference_count = 1};
    struct tpm_evidence evidence = {.attest = hex_view(p256_attest, &memory), .pcrs = pcrs, .pcr_count = 3};
    struct tpm_result result;

    (void)state;
    memcpy(pcrs, quoted_pcrs(), sizeof pcrs);
    pcrs[1].value = VIEW_OF(zeros);
    evidence.signature = sign(evidence.attest, &memory);
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_BINDING);
    assert_int_equal(result.checks[TPM_CHECK_REFERENCES].outcome, CHECK_FAILED);
}

static void refuses_another_selection_of_the_same_values(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct tpm_public ak = decode(hex_view(p256_public, &memory));
    const struct tpm_rules rules = {.ak = &ak};
    uint8_t attest[256];
    struct tpm_evidence evidence = {.pcrs = quoted_pcrs(), .pcr_count = 3};
    struct tpm_result result;

    (void)state;
    evidence.attest = hex_bytes(p256_attest, BUF_OF(attest));
    attest[SELECTION_AT + 7] = 0; /* PCR 0 is left out, and what is left is signed anew */
    evidence.signature = sign(evidence.attest, &memory);
    assert_int_equal(tpm_appraise(&evidence, &rules, &result), STATUS_EVIDENCE_BINDING);
    assert_true(result.authentic);
}

static void decodes_keys_in_all_their_forms(void **state)
{
    struct buf memory = BUF_OF(memory_bytes);
    const struct view sized = hex_view(rsa2048_public, &memory);
    const struct tpm_public whole = decode(sized), inner = decode((struct view){sized.ptr + 2, sized.len - 2}),
                            pem = decode(view_of_string(rsa2048_pem));

    (void)state;
    assert_false(whole.bare);
    assert_int_equal(whole.key.exponent, 65537);
    assert_int_equal(whole.attributes, 0x00050072);
    assert_memory_equal(whole.name, inner.name, whole.name_len);
    assert_true(pem.bare);
    assert_int_equal(pem.name_len, 0);
    assert_int_equal(pem.key.len, 256);
    assert_memory_equal(pem.key.bytes, whole.key.bytes, 256);
    for (size_t len = 0; len < sized.len; len++) {
        struct tpm_public out;

        assert_int_not_equal(tpm_public_decode((struct view){sized.ptr, len}, &out), STATUS_OK);
    }
}

static void refuses_keys_that_are_not_allowed(void **state)
{
    static const struct {
        const char *why, *key;
        size_t at;
        uint8_t byte;
        enum status want;
    } cases[] = {
        {"keyed hash", p256_public, 1, 0x08, STATUS_UNSUPPORTED},
        {"name by SHA-1", p256_public, 3, 0x04, STATUS_UNSUPPORTED},
        {"ECDAA", p256_public, 13, 0x1a, STATUS_UNSUPPORTED},
        {"an unknown curve", p256_public, 17, 0x10, STATUS_UNSUPPORTED},
        {"P-384 with coordinates of P-256", p256_public, 17, 0x04, STATUS_BAD_KEY},
        {"a key derivation", p256_public, 19, 0x20, STATUS_UNSUPPORTED},
        {"off the curve", p256_public, 30, 0x00, STATUS_BAD_KEY},
        {"coordinate past the end", p256_public, 21, 0xff, STATUS_MALFORMED},
        {"RSA of 2048 bits that says 2304", rsa2048_public, 18, 0x09, STATUS_MALFORMED},
        {"even exponent", rsa2048_public, 23, 0x02, STATUS_BAD_KEY},
        {"short modulus", rsa2048_public, 26, 0x00, STATUS_BAD_KEY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t encoded[512];
        const struct view key = hex_bytes(cases[i].key, BUF_OF(encoded));
        struct tpm_public out;

        print_message("  %s\n", cases[i].why);
        encoded[cases[i].at] = cases[i].byte;
        assert_int_equal(tpm_public_decode(key, &out), cases[i].want);
    }
}

static size_t read_pcrs(const cJSON *item, struct buf *memory, struct tpm_pcr out[static 256])
{
    static const struct {
        const char *name;
        uint16_t alg;
    } algs[] = {{"sha1", TPM_SHA1}, {"sha256", TPM_SHA256}, {"sha384", TPM_SHA384}, {"sha512", TPM_SHA512}};
    const char *name = vector_text(item, "pcrs_file");
    struct view text;
    cJSON *parsed;
    const cJSON *value;
    size_t count = 0;

    if (name == NULL)
        return 0;
    text = vector_file("tpm", name, memory);
    parsed = cJSON_ParseWithLength((const char *)text.ptr, text.len);
    assert_non_null(parsed);
    for (size_t i = 0; i < ARRAY_LEN(algs); i++)
        cJSON_ArrayForEach(value, cJSON_GetObjectItemCaseSensitive(parsed, algs[i].name))
        {
            assert_true(count < 256);
            out[count++] = (struct tpm_pcr){algs[i].alg, (uint8_t)atoi(value->string),
                                            hex_view(cJSON_GetStringValue(value), memory)};
        }
    cJSON_Delete(parsed);
    return count;
}

static void assert_quote(const cJSON *want, const struct tpm_quote *got)
{
    const cJSON *select = cJSON_GetObjectItemCaseSensitive(want, "pcrSelect"), *bank, *index;
    const uint64_t firmware = strtoull(vector_text(want, "firmwareVersion"), NULL, 16);
    size_t i = 0;

    assert_hex_equal(got->signer, vector_text(want, "qualifiedSigner"));
    assert_hex_equal(got->nonce, vector_text(want, "extraData"));
    assert_hex_equal(got->pcr_digest, vector_text(want, "pcrDigest"));
    assert_true(got->firmware == firmware);
    assert_true((double)got->clock_ms == cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(want, "clock")));
    assert_int_equal(got->bank_count, cJSON_GetArraySize(select));
    cJSON_ArrayForEach(bank, select)
    {
        uint32_t pcrs = 0;

        cJSON_ArrayForEach(index, cJSON_GetArrayItem(bank, 1)) pcrs |= (uint32_t)1 << index->valueint;
        assert_int_equal(got->banks[i].alg, cJSON_GetArrayItem(bank, 0)->valueint);
        assert_int_equal(got->banks[i].pcrs, pcrs);
        i++;
    }
}

static void appraise_case(const cJSON *item)
{
    struct buf memory = BUF_OF(memory_bytes);
    const cJSON *verified = cJSON_GetObjectItemCaseSensitive(item, "verified");
    const bool authentic = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(verified, "signature"));
    const bool pcrs_match = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(verified, "pcr_digest"));
    const struct tpm_public ak = decode(vector_file("tpm", vector_text(item, "ak"), &memory));
    const struct tpm_rules rules = {.ak = &ak};
    struct tpm_pcr pcrs[256];
    const struct tpm_evidence evidence = {
        .attest = vector_file("tpm", vector_text(item, "evidence"), &memory),
        .signature = vector_file("tpm", vector_text(item, "signature"), &memory),
        .pcrs = pcrs,
        .pcr_count = read_pcrs(item, &memory, pcrs),
    };
    struct tpm_result result;
    const enum status status = tpm_appraise(&evidence, &rules, &result);

    print_message("  %-24s expected %-8s got %s, PCR values %d\n", vector_text(item, "name"),
                  authentic ? "valid" : "refused", status_name(status), result.checks[TPM_CHECK_PCRS].outcome);
    assert_int_equal(result.authentic, authentic);
    assert_int_equal(result.checks[TPM_CHECK_PCRS].outcome == CHECK_PASSED, pcrs_match);
    if (authentic)
        assert_quote(cJSON_GetObjectItemCaseSensitive(item, "attest"), &result.quote);
    else
        assert_int_equal(status, STATUS_FORGED);
}

static void agrees_with_the_quotes_of_real_machines(void **state)
{
    cJSON *expected = vector_expected("tpm");
    const cJSON *item;
    int seen = 0;

    (void)state;
    if (expected == NULL)
        skip();
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(expected, "cases"))
    {
        appraise_case(item);
        seen++;
    }
    assert_true(seen > 0);
    cJSON_Delete(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_every_kind_of_key_and_form_of_signature),
        cmocka_unit_test(tells_what_a_quote_says),
        cmocka_unit_test(takes_a_quote_in_its_wrapper),
        cmocka_unit_test(refuses_signed_bytes_that_are_no_quote),
        cmocka_unit_test(refuses_a_quote_cut_or_changed_anywhere),
        cmocka_unit_test(refuses_signatures_that_are_not_allowed),
        cmocka_unit_test(refuses_a_key_that_may_sign_other_things),
        cmocka_unit_test(holds_a_quote_to_its_challenge_and_signer),
        cmocka_unit_test(refuses_a_nonce_too_short_to_be_a_challenge),
        cmocka_unit_test(holds_pcr_values_to_what_was_quoted_and_expected),
        cmocka_unit_test(believes_no_value_that_was_not_quoted_even_when_it_is_expected),
        cmocka_unit_test(refuses_another_selection_of_the_same_values),
        cmocka_unit_test(decodes_keys_in_all_their_forms),
        cmocka_unit_test(refuses_keys_that_are_not_allowed),
        cmocka_unit_test(agrees_with_the_quotes_of_real_machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
