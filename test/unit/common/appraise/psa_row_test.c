/* PSA tokens as a row of the table: each line of the terms has a reason of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "hex.h"
#include "psa_maker.h"
#include "psa_terms.h"
#include "trust_support.h"

/* All claims of RFC 9783, with two components: a PRoT by 55.., and one that says its measurement only. */
static const char payload[] =
    "aa0a584011111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
    "1111111111111111111111111111111111111901005821012222222222222222222222222222222222222222222222222222"
    "22222222222219010978217461673a7073616365727469666965642e6f72672c323032333a7073612374666d19095a011909"
    "5b19300019095c5820444444444444444444444444444444444444444444444444444444444444444419010c480102030405"
    "06070819095e73303630343536353237323832392d3130303130190960617619095f82a5016450526f540258203333333333"
    "3333333333333333333333333333333333333333333333333333330461310558205555555555555555555555555555555555"
    "55555555555555555555555555555506675348412d323536a102583066666666666666666666666666666666666666666666"
    "6666666666666666666666666666666666666666666666666666";

/* SubjectPublicKeyInfo of the scalars 7 and 8 of P-256, and of 7 of P-384. */
static const char key_7[] =
    "3059301306072a8648ce3d020106082a8648ce3d030107034200048e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef"
    "5b300628703187b2a373eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b4";
static const char key_8[] =
    "3059301306072a8648ce3d020106082a8648ce3d0301070342000462d9779dbee9b0534042742d3ab54cadc1d238980fce97"
    "dbb4dd9dc1db6fb393ad5accbd91e9d8244ff15d771167cee0a2ed51f6bbe76a78da540a6a0f09957e";
static const char key_384[] =
    "3076301006072a8648ce3d020106052b8104002203620004283c1d7365ce4788f29f8ebf234edffead6fe997fbea5ffa2d58"
    "cc9dfa7b1c508b05526f55b9ebb2040f05b48fb6d0e19475c99061e41b88ba52efdb8c1690471a61d867ed799729d9c92cd0"
    "1dbd225630d84ede32a78f9e64664cdac512ef8c";

static const char shown[] = "is shown by the device it is of", named[] = "names a device whose key is known";

static struct psatoken_terms terms;
static struct evidence evidence;
static struct appraisal out;
static uint8_t memory_bytes[1 << 16], filled[16][64];
static struct buf memory;

/* Bytes that are all the same. */
static struct view of(uint8_t byte, size_t len)
{
    uint8_t *bytes = filled[byte >> 4];

    memset(bytes, byte, sizeof filled[0]);
    return (struct view){bytes, len};
}

static struct allowed only(struct view value)
{
    return (struct allowed){.count = 1, .list = {value}};
}

static void fit(void)
{
    terms = (struct psatoken_terms){
        .device_count = 2,
        .devices = {{hex_view(key_384, &memory), {NULL, 0}, {NULL, 0}},
                    {hex_view(key_7, &memory),
                     hex_view("012222222222222222222222222222222222222222222222222222222222222222", &memory),
                     VIEW_TEXT("sensor-7")}},
        .implementation = only(of(0x44, 32)),
        .component_count = 2,
        .components = {{VIEW_TEXT("PRoT"), only(of(0x33, 32)), only(of(0x55, 32))},
                       {{NULL, 0}, only(of(0x66, 48)), {.any = true}}},
    };
}

/* The token that says this, signed with the device's key. */
static void show(const char *from, const char *to)
{
    evidence.bytes = psa_maker_seal("d284", PSA_MAKER_ES256, trust_changed(payload, from, to, &memory), &memory);
}

static void show_unchanged(void)
{
    show("aa0a5840", "aa0a5840");
}

static int set_up(void **state)
{
    (void)state;
    memory = BUF_OF(memory_bytes);
    fit();
    evidence = (struct evidence){
        .kind = VIEW_TEXT(PSATOKEN_KIND),
        .captured = true,
        .subject = VIEW_TEXT("sensor-7"),
        .report_data = of(0x11, 64),
        .now = TRUST_NOW,
    };
    show_unchanged();
    return 0;
}

static enum status appraise_under_terms(void)
{
    static uint8_t space_bytes[APPRAISAL_SPACE], rules_bytes[ACCEPTED_SIZE_MAX];
    static struct buf space;
    struct buf rules = BUF_OF(rules_bytes);
    struct accepted accepted = {.kind = VIEW_TEXT(PSATOKEN_KIND)};

    space = BUF_OF(space_bytes);
    evidence.space = &space;
    assert_int_equal(psatoken_terms_encode(&terms, &rules), STATUS_OK);
    accepted.rules = buf_view(&rules);
    assert_int_equal(psatoken_check_rules(accepted.rules), STATUS_OK);
    return appraise(&evidence, &accepted, 1, &out);
}

static enum status appraise_without_terms(struct view key)
{
    static uint8_t space_bytes[APPRAISAL_SPACE];
    static struct buf space;

    space = BUF_OF(space_bytes);
    evidence.space = &space;
    evidence.key = key;
    return appraise_authenticity(&evidence, &out);
}

static enum check_outcome outcome_of(const char *name)
{
    for (uint32_t i = 0; i < out.check_count; i++)
        if (strcmp(out.checks[i].name, name) == 0)
            return out.checks[i].outcome;
    fail_msg("no check is called %s", name);
    return CHECK_NOT_MADE;
}

static const struct appraisal_field *find_field(const char *name, size_t nth)
{
    for (uint32_t i = 0; i < out.field_count; i++)
        if (strcmp(out.fields[i].name, name) == 0 && nth-- == 0)
            return &out.fields[i];
    return NULL;
}

/* Refused for this alone. */
static void assert_refused(const char *name, enum status why)
{
    assert_int_equal(appraise_under_terms(), why);
    assert_int_equal(out.reason, why);
    assert_string_equal(appraisal_failed(&out)->name, name);
    for (uint32_t i = 0; i < out.check_count; i++)
        assert_true(out.checks[i].outcome != CHECK_FAILED || &out.checks[i] == appraisal_failed(&out));
}

/* ---- what is accepted ---- */

static void accepts_what_the_terms_demand(void **state)
{
    (void)state;
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_true(out.authentic && !out.debug && !out.simulated);
    assert_int_equal(out.ear_status, EAR_AFFIRMING);
    assert_null(out.tcb_status);
    assert_true(out.not_before == 0 && out.not_after == 0);
    assert_hex_equal(out.measurement, "ab73dbb56e743b2498d2bba19a315281d18d2ea339a9f8442bb2d799f21ac888");
    for (uint32_t i = 0; i < out.check_count; i++)
        assert_int_equal(out.checks[i].outcome, strcmp(out.checks[i].name, "names the device by its key") == 0
                                                    ? CHECK_NOT_MADE
                                                    : CHECK_PASSED);
}

static void tells_what_the_token_says(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } texts[] = {
        {"profile", "tag:psacertified.org,2023:psa#tfm"},
        {"lifecycle.state", "secured"},
        {"certification_reference", "0604565272829-10010"},
        {"verification_service", "v"},
        {"component.type", "PRoT"},
        {"component.version", "1"},
        {"component.hash", "SHA-256"},
    };

    assert_int_equal(appraise_under_terms(), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        print_message("  %s\n", texts[i].name);
        assert_true(view_equal(find_field(texts[i].name, 0)->bytes, view_of_string(texts[i].text)));
    }
    assert_true(view_equal(find_field("nonce", 0)->bytes, of(0x11, 64)));
    assert_int_equal(find_field("instance_id", 0)->bytes.len, 33);
    assert_true(view_equal(find_field("implementation_id", 0)->bytes, of(0x44, 32)));
    assert_int_equal(find_field("lifecycle", 0)->number, 0x3000);
    assert_int_equal(find_field("client_id", 0)->number, 1);
    assert_hex_equal(find_field("boot_seed", 0)->bytes, "0102030405060708");
    assert_int_equal(find_field("components", 0)->number, 2);
    assert_int_equal(find_field("component", 1)->number, 2);
    assert_true(view_equal(find_field("component.measurement", 0)->bytes, of(0x33, 32)));
    assert_true(view_equal(find_field("component.measurement", 1)->bytes, of(0x66, 48)));
    assert_true(view_equal(find_field("component.signer", 0)->bytes, of(0x55, 32)));
    assert_null(find_field("component.signer", 1));
    assert_null(find_field("component.type", 1));
}

static void a_client_below_zero_is_told_as_text(void **state)
{
    (void)state;
    show("19095a01", "19095a3a7fffffff");
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_int_equal(find_field("client_id", 0)->type, FIELD_TEXT);
    assert_true(view_equal(find_field("client_id", 0)->bytes, VIEW_TEXT("-2147483648")));
    show("19095a01", "19095a00");
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_int_equal(find_field("client_id", 0)->number, 0);
}

static void a_device_may_be_found_by_its_key(void **state)
{
    (void)state;
    terms.devices[1].instance.len = 0;
    assert_refused(named, STATUS_EVIDENCE_ROOT);
    show("21012222222222222222222222222222222222222222222222222222222222222222",
         "2101b33e4d1c20df27891225e731ac50234b2a202ec4442427bfbae62ca6a6f393b4");
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_int_equal(outcome_of("names the device by its key"), CHECK_PASSED);
}

static void who_shows_it_does_not_matter_where_no_name_stands(void **state)
{
    (void)state;
    terms.devices[1].name.len = 0;
    evidence.subject = VIEW_TEXT("sensor-8");
    assert_int_equal(appraise_under_terms(), STATUS_OK);
}

static void who_shows_it_is_not_checked_where_nobody_does(void **state)
{
    (void)state;
    evidence.subject.len = 0;
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_int_equal(outcome_of(shown), CHECK_NOT_MADE);
}

/* ---- one line of the terms differs ---- */

static void another_device(void)
{
    terms.devices[1].instance = hex_view("012322222222222222222222222222222222222222222222222222222222222222", &memory);
}

static void another_key(void)
{
    terms.devices[1].key = hex_view(key_8, &memory);
}

static void a_key_of_another_curve(void)
{
    terms.devices[1].key = terms.devices[0].key;
}

static void another_name(void)
{
    terms.devices[1].name = VIEW_TEXT("sensor-8");
}

static void another_implementation(void)
{
    terms.implementation = only(of(0x33, 32));
}

static void another_measurement(void)
{
    terms.components[0].measurement = only(of(0x44, 32));
}

static void another_signer(void)
{
    terms.components[0].signer = only(of(0x44, 32));
}

static void another_type(void)
{
    terms.components[0].type = VIEW_TEXT("ARoT");
}

static void a_signer_of_the_one_without(void)
{
    terms.components[1].signer = only(of(0x55, 32));
}

static void a_type_of_the_one_without(void)
{
    terms.components[1].type = VIEW_TEXT("ARoT");
}

static void one_listed_less(void)
{
    terms.component_count = 1;
}

static void one_listed_more(void)
{
    terms.components[2] = terms.components[0];
    terms.components[2].type = VIEW_TEXT("BL");
    terms.component_count = 3;
}

static void each_line_that_differs_has_its_own_reason(void **state)
{
    (void)state;
    static const char software[] = "measures known software only";
    static const struct {
        const char *why;
        void (*change)(void);
        const char *name;
        enum status want;
    } cases[] = {
        {"another device", another_device, named, STATUS_EVIDENCE_ROOT},
        {"another key", another_key, "is signed with the device's key", STATUS_FORGED},
        {"a key of another curve", a_key_of_another_curve, "is signed with the device's key", STATUS_BAD_KEY},
        {"another name", another_name, shown, STATUS_EVIDENCE_BINDING},
        {"another implementation", another_implementation, "is of an accepted implementation",
         STATUS_EVIDENCE_MEASUREMENT},
        {"another measurement", another_measurement, software, STATUS_EVIDENCE_MEASUREMENT},
        {"another signer", another_signer, software, STATUS_EVIDENCE_MEASUREMENT},
        {"another type", another_type, software, STATUS_EVIDENCE_MEASUREMENT},
        {"a signer where the token names none", a_signer_of_the_one_without, software, STATUS_EVIDENCE_MEASUREMENT},
        {"a type where the token names none", a_type_of_the_one_without, software, STATUS_EVIDENCE_MEASUREMENT},
        {"software that is not listed", one_listed_less, software, STATUS_EVIDENCE_MEASUREMENT},
        {"software that is listed is not there", one_listed_more, software, STATUS_EVIDENCE_MEASUREMENT},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        fit();
        cases[i].change();
        assert_refused(cases[i].name, cases[i].want);
        assert_int_equal(out.authentic,
                         cases[i].want == STATUS_EVIDENCE_BINDING || cases[i].want == STATUS_EVIDENCE_MEASUREMENT);
    }
}

static void any_is_a_word_that_the_terms_may_say(void **state)
{
    (void)state;
    terms.implementation = (struct allowed){.any = true};
    terms.component_count = 1;
    terms.components[0] = (struct psatoken_component){{NULL, 0}, {.any = true}, {.any = true}};
    assert_int_equal(appraise_under_terms(), STATUS_OK);
}

/* ---- what the token says ---- */

static void debugging_is_for_the_terms(void **state)
{
    (void)state;
    static const char secured[] = "is of a secured device";

    for (unsigned int high = 0x4; high <= 0x5; high++) {
        fit();
        show("19095b193000", high == 0x4 ? "19095b194000" : "19095b195001");
        assert_refused(secured, STATUS_EVIDENCE_DEBUG);
        assert_true(out.authentic && out.debug);
        terms.debug = true;
        assert_int_equal(appraise_under_terms(), STATUS_OK);
        assert_true(out.debug);
        assert_int_equal(out.ear_status, EAR_WARNING);
        show_unchanged();
        assert_int_equal(appraise_under_terms(), STATUS_OK);
        assert_int_equal(out.ear_status, EAR_AFFIRMING);
    }
    show("19095b193000", "19095b192000");
    assert_refused(secured, STATUS_EVIDENCE_LIFECYCLE);
    show("19095b193000", "19095b196000");
    assert_refused(secured, STATUS_EVIDENCE_LIFECYCLE);
}

static void the_old_profile_must_be_allowed(void **state)
{
    (void)state;
    static const char old[] =
        "a83a000124f7715053415f494f545f50524f46494c455f313a000124ff582011111111111111111111111111111111111111"
        "111111111111111111111111113a00012500582101222222222222222222222222222222222222222222222222222222222222"
        "22223a000124f8203a000124f91930003a000124fa582044444444444444444444444444444444444444444444444444444444"
        "444444443a000124fd81a2025820333333333333333333333333333333333333333333333333333333333333333305582055"
        "555555555555555555555555555555555555555555555555555555555555553a000124fb5820777777777777777777777777"
        "7777777777777777777777777777777777777777";

    evidence.bytes = psa_maker_seal("d284", PSA_MAKER_ES256, hex_view(old, &memory), &memory);
    evidence.report_data = of(0x11, 32);
    terms.component_count = 1;
    terms.components[0].type.len = 0;
    assert_refused("follows an allowed profile", STATUS_EVIDENCE_KIND);
    terms.legacy = true;
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_true(view_equal(find_field("profile", 0)->bytes, VIEW_TEXT("PSA_IOT_PROFILE_1")));
    assert_int_equal(appraise_without_terms(terms.devices[1].key), STATUS_OK);
    assert_int_equal(outcome_of("follows an allowed profile"), CHECK_NOT_MADE);
}

static void the_nonce_must_be_all_of_the_report_data(void **state)
{
    (void)state;
    static const char nonce[] = "holds the challenge";
    static const struct {
        size_t len;
        enum status want;
    } cases[] = {{64, STATUS_OK},
                 {63, STATUS_EVIDENCE_STALE},
                 {48, STATUS_EVIDENCE_STALE},
                 {32, STATUS_EVIDENCE_STALE},
                 {1, STATUS_EVIDENCE_STALE},
                 {0, STATUS_OK}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        evidence.report_data = of(0x11, cases[i].len);
        assert_int_equal(appraise_under_terms(), cases[i].want);
        assert_int_equal(outcome_of(nonce), cases[i].len == 0            ? CHECK_NOT_MADE
                                            : cases[i].want == STATUS_OK ? CHECK_PASSED
                                                                         : CHECK_FAILED);
    }
    evidence.report_data = of(0x12, 64);
    assert_refused(nonce, STATUS_EVIDENCE_STALE);
    assert_true(out.authentic);
}

static void a_mac_is_never_taken_under_rules(void **state)
{
    (void)state;
    evidence.bytes = psa_maker_seal("d184", PSA_MAKER_HS256, hex_view(payload, &memory), &memory);
    evidence.key = psa_maker_secret();
    assert_refused("is signed with the device's key", STATUS_BAD_KEY);
    assert_false(out.authentic);
    assert_int_equal(out.field_count, 0);
}

static void refuses_tokens_that_are_not_sealed_as_they_must(void **state)
{
    (void)state;
    const struct view whole = hex_view(payload, &memory);

    evidence.bytes = psa_maker_seal("84", PSA_MAKER_ES256, whole, &memory); /* no tag */
    assert_int_equal(appraise_under_terms(), STATUS_MALFORMED);
    show("aa0a5840", "a90a5840");
    assert_int_equal(appraise_under_terms(), STATUS_TRAILING);
    show("aa0a5840", "ab19095a010a5840");
    assert_int_equal(appraise_under_terms(), STATUS_DUPLICATE_KEY);
    show("2374666d", "2374666e");
    assert_int_equal(appraise_under_terms(), STATUS_UNSUPPORTED);
    evidence.bytes = VIEW_OF(memory_bytes); /* more than any token */
    assert_int_equal(appraise_under_terms(), STATUS_NO_SPACE);
    evidence.bytes = (struct view){NULL, 0};
    assert_int_equal(appraise_under_terms(), STATUS_TRUNCATED);
    assert_string_equal(appraisal_failed(&out)->name, named);
}

static void refuses_a_token_cut_at_any_length_or_changed_anywhere(void **state)
{
    (void)state;
    uint8_t copy[1024];
    const struct view whole = evidence.bytes;

    assert_true(whole.len < sizeof copy);
    evidence.report_data.len = 0;
    for (size_t len = 0; len < whole.len; len++) {
        evidence.bytes = (struct view){whole.ptr, len};
        assert_int_equal(appraise_under_terms(), STATUS_TRUNCATED);
    }
    evidence.bytes = (struct view){copy, whole.len};
    for (size_t i = 0; i < whole.len; i++) {
        memcpy(copy, whole.ptr, whole.len);
        copy[i] ^= 0x01;
        assert_int_not_equal(appraise_under_terms(), STATUS_OK);
        assert_false(out.authentic);
    }
    memcpy(copy, whole.ptr, whole.len);
    copy[whole.len] = 0;
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    evidence.bytes.len++;
    assert_int_equal(appraise_under_terms(), STATUS_TRAILING);
}

/* ---- without rules ---- */

static const char pem_7[] = "-----BEGIN PUBLIC KEY-----\n"
                            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjlM7b6C/e0YluzBmfAH7YH75+Lio\n"
                            "D+9bMAYocDGHsqNz6x294DMYNm0Gn4Om9ZAAU8c2M8sEGyHFXhqGwfQAtA==\n"
                            "-----END PUBLIC KEY-----\n";
static const char der_256k1[] =
    "3056301006072a8648ce3d020106052b8104000a034200045cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc"
    "6aebca40ba255960a3178d6d861a54dba813d0b813fde7b5a5082628087264da";
static const char pem_256k1[] = "-----BEGIN PUBLIC KEY-----\n"
                                "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEXL3wZG5dtOqjmPNl8up6Dj1Bm34DMOOc\n"
                                "6Svd7crE+bxq68pAuiVZYKMXjW2GGlTbqBPQuBP957WlCCYoCHJk2g==\n"
                                "-----END PUBLIC KEY-----\n";

static void without_rules_a_key_or_a_secret_must_be_given(void **state)
{
    (void)state;
    const struct view sign1 = evidence.bytes, der = hex_view(key_7, &memory), other = hex_view(key_8, &memory);
    const struct view mac = psa_maker_seal("d184", PSA_MAKER_HS256, hex_view(payload, &memory), &memory);
    const struct {
        const char *why;
        struct view token, key;
        enum status want;
    } cases[] = {
        {"DER", sign1, der, STATUS_OK},
        {"PEM", sign1, VIEW_TEXT(pem_7), STATUS_OK},
        {"nothing", sign1, {NULL, 0}, STATUS_EVIDENCE_ROOT},
        {"another key", sign1, other, STATUS_FORGED},
        {"a secret for a signature", sign1, psa_maker_secret(), STATUS_BAD_KEY},
        {"a secret", mac, psa_maker_secret(), STATUS_OK},
        {"another secret", mac, {psa_maker_secret().ptr, 31}, STATUS_FORGED},
        {"a public key for a MAC", mac, der, STATUS_BAD_KEY},
        {"a key of another curve", sign1, VIEW_TEXT(pem_256k1), STATUS_BAD_KEY},
        {"a key of another curve for a MAC", mac, VIEW_TEXT(pem_256k1), STATUS_BAD_KEY},
        {"the same in DER", mac, hex_view(der_256k1, &memory), STATUS_BAD_KEY},
        {"PEM that is no key", mac, VIEW_TEXT("-----BEGIN CERTIFICATE-----\n"), STATUS_BAD_KEY},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        evidence.bytes = cases[i].token;
        assert_int_equal(appraise_without_terms(cases[i].key), cases[i].want);
        assert_int_equal(out.authentic, cases[i].want == STATUS_OK);
    }
}

static void a_secret_is_told_to_nobody(void **state)
{
    (void)state;
    const struct view secret = psa_maker_secret();

    evidence.bytes = psa_maker_seal("d184", PSA_MAKER_HS256, hex_view(payload, &memory), &memory);
    assert_int_equal(appraise_without_terms(secret), STATUS_OK);
    for (uint32_t i = 0; i < out.field_count; i++)
        assert_true(out.fields[i].bytes.len < secret.len ||
                    memmem(out.fields[i].bytes.ptr, out.fields[i].bytes.len, secret.ptr, secret.len) == NULL);
    assert_null(memmem(evidence.space->ptr, evidence.space->cap, secret.ptr, secret.len));
}

static void without_rules_nothing_is_judged_that_a_policy_may_allow(void **state)
{
    (void)state;
    static const char *const unchecked[] = {
        "rules",
        shown,
        "is of the enrolled device",
        "names the device by its key",
        "is of a secured device",
        "is of an accepted implementation",
        "measures known software only",
    };

    evidence.subject = VIEW_TEXT("anybody");
    show("19095b193000", "19095b194000");
    assert_int_equal(appraise_without_terms(VIEW_TEXT(pem_7)), STATUS_OK);
    assert_true(out.authentic && out.debug);
    for (size_t i = 0; i < ARRAY_LEN(unchecked); i++)
        assert_int_equal(outcome_of(unchecked[i]), CHECK_NOT_MADE);
    assert_int_equal(out.check_count, ARRAY_LEN(unchecked) + 6);
    evidence.report_data = of(0x12, 64);
    assert_int_equal(appraise_without_terms(VIEW_TEXT(pem_7)), STATUS_EVIDENCE_STALE);
    show("19095b193000", "19095b191000"); /* no policy can accept it */
    evidence.report_data.len = 0;
    assert_int_equal(appraise_without_terms(VIEW_TEXT(pem_7)), STATUS_EVIDENCE_LIFECYCLE);
}

/* ---- many of them ---- */

static void any_one_of_several_rules_is_enough(void **state)
{
    (void)state;
    static uint8_t space_bytes[APPRAISAL_SPACE], first_bytes[4096], second_bytes[4096];
    struct buf space = BUF_OF(space_bytes), first = BUF_OF(first_bytes), second = BUF_OF(second_bytes);
    struct accepted accepted[2];

    another_device();
    assert_int_equal(psatoken_terms_encode(&terms, &first), STATUS_OK);
    fit();
    another_implementation();
    assert_int_equal(psatoken_terms_encode(&terms, &second), STATUS_OK);
    evidence.space = &space;
    accepted[0] = (struct accepted){evidence.kind, buf_view(&first)};
    accepted[1] = (struct accepted){evidence.kind, buf_view(&second)};
    assert_int_equal(appraise(&evidence, accepted, 2, &out), STATUS_EVIDENCE_MEASUREMENT); /* it came further */
    fit();
    second.len = 0;
    assert_int_equal(psatoken_terms_encode(&terms, &second), STATUS_OK);
    accepted[1].rules = buf_view(&second);
    assert_int_equal(appraise(&evidence, accepted, 2, &out), STATUS_OK);
}

/* 32 components are more than the fields hold: what is told stays in order, and how many there are. */
static void many_components_are_judged_and_told_as_far_as_there_is_room(void **state)
{
    (void)state;
    static const char start[] =
        "a70a584011111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
        "1111111111111111111111111111111111111901005821012222222222222222222222222222222222222222222222222222"
        "22222222222219010978217461673a7073616365727469666965642e6f72672c323032333a7073612374666d19095a011909"
        "5b19300019095c5820444444444444444444444444444444444444444444444444444444444444444419095f9820";
    const size_t from = memory.len;

    (void)hex_view(start, &memory);
    for (size_t i = 0; i < PSATOKEN_SOFTWARE_MAX; i++)
        (void)hex_view("a5016450526f5402582033333333333333333333333333333333333333333333333333333333333333330461310558"
                       "20555555555555555555555555555555555555555555555555555555555555555506675348412d323536",
                       &memory);
    evidence.bytes =
        psa_maker_seal("d284", PSA_MAKER_ES256, (struct view){memory.ptr + from, memory.len - from}, &memory);
    terms.component_count = 1;
    assert_int_equal(appraise_under_terms(), STATUS_OK);
    assert_int_equal(out.field_count, APPRAISAL_FIELDS_MAX);
    assert_int_equal(find_field("components", 0)->number, PSATOKEN_SOFTWARE_MAX);
    assert_non_null(find_field("component.hash", 13));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_what_the_terms_demand),
        TEST(tells_what_the_token_says),
        TEST(a_client_below_zero_is_told_as_text),
        TEST(a_device_may_be_found_by_its_key),
        TEST(who_shows_it_does_not_matter_where_no_name_stands),
        TEST(who_shows_it_is_not_checked_where_nobody_does),
        TEST(each_line_that_differs_has_its_own_reason),
        TEST(any_is_a_word_that_the_terms_may_say),
        TEST(debugging_is_for_the_terms),
        TEST(the_old_profile_must_be_allowed),
        TEST(the_nonce_must_be_all_of_the_report_data),
        TEST(a_mac_is_never_taken_under_rules),
        TEST(refuses_tokens_that_are_not_sealed_as_they_must),
        TEST(refuses_a_token_cut_at_any_length_or_changed_anywhere),
        TEST(without_rules_a_key_or_a_secret_must_be_given),
        TEST(a_secret_is_told_to_nobody),
        TEST(without_rules_nothing_is_judged_that_a_policy_may_allow),
        TEST(any_one_of_several_rules_is_enough),
        TEST(many_components_are_judged_and_told_as_far_as_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
