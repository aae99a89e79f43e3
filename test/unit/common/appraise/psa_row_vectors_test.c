/* Real PSA tokens through the row: with their key alone, and under rules that fit them and no others.
 * Needs the examples in TACIT_VECTORS/psa. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "appraisal_table.h"
#include "credential.h"
#include "psa_terms.h"
#include "vector_files.h"

/* A case, with its files. */
struct trial {
    const char *name;
    const cJSON *claims;
    bool valid, mac;
    struct evidence evidence;
    struct buf space;
};

static struct trial trial;
static struct appraisal out;
static struct psatoken_terms terms;
static uint8_t memory_bytes[1 << 16], space_bytes[APPRAISAL_SPACE];
static struct buf memory;

/* Labels of RFC 9783 and of the old profile. */
static const struct {
    const char *label, *old, *name;
} labels[] = {
    {"265", "-75000", "profile"},
    {"10", "-75008", "nonce"},
    {"256", "-75009", "instance_id"},
    {"2396", "-75003", "implementation_id"},
    {"2395", "-75002", "lifecycle"},
    {"2394", "-75001", "client_id"},
    {"268", "-75004", "boot_seed"},
    {"2397", "-75004", "boot_seed"},
    {"2398", "-75005", "certification_reference"},
    {"2400", "-75010", "verification_service"},
};

static const cJSON *claim(const char *label, const char *old)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(trial.claims, label);

    return found != NULL ? found : cJSON_GetObjectItemCaseSensitive(trial.claims, old);
}

static struct view hex_claim(const char *label, const char *old)
{
    const size_t from = memory.len;

    assert_int_equal(hex_decode(view_of_string(cJSON_GetStringValue(claim(label, old))), &memory), STATUS_OK);
    return (struct view){memory.ptr + from, memory.len - from};
}

static void load(const cJSON *one)
{
    const char *key = vector_text(one, "key");

    memory = BUF_OF(memory_bytes);
    trial = (struct trial){
        .name = vector_text(one, "name"),
        .claims = cJSON_GetObjectItemCaseSensitive(one, "claims"),
        .valid = strncmp(vector_text(one, "expect"), "VALID", 5) == 0,
        .mac = strstr(key, ".pem") == NULL,
        .space = BUF_OF(space_bytes),
    };
    trial.evidence = (struct evidence){
        .kind = VIEW_TEXT(PSATOKEN_KIND),
        .captured = true,
        .bytes = vector_file("psa", vector_text(one, "evidence"), &memory),
        .space = &trial.space,
        .key = vector_file("psa", key, &memory),
    };
}

static void check_identity(void)
{
    static const char *const parts[][2] = {{"1", "component.type"},
                                           {"4", "component.version"},
                                           {"2", "component.measurement"},
                                           {"5", "component.signer"},
                                           {"6", "component.hash"}};
    const cJSON *software = claim("2399", "-75006"), *one;
    size_t nth = 0;

    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        const cJSON *found = claim(labels[i].label, labels[i].old);

        if (found != NULL)
            assert_table_field(trial.name, labels[i].name, 0, found, &out);
    }
    cJSON_ArrayForEach(one, software)
    {
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
            const cJSON *part = cJSON_GetObjectItemCaseSensitive(one, parts[i][0]);

            if (part != NULL)
                assert_table_field(trial.name, parts[i][1], nth, part, &out);
        }
        nth++;
    }
}

static void runs_without_rules(void)
{
    const enum status got = appraise_authenticity(&trial.evidence, &out);

    print_message("  %s, %s\n", trial.name, status_name(got));
    assert_table_line(trial.name, "with its key", trial.valid ? "valid" : "refused",
                      got == STATUS_OK ? "valid" : "refused");
    assert_int_equal(out.authentic, trial.valid);
    if (trial.valid)
        check_identity();
    else
        assert_int_equal(out.field_count, 0);
}

/* A PEM file's key as a policy has it. */
static struct view der_of(struct view pem)
{
    struct view begin = VIEW_TEXT("-----BEGIN PUBLIC KEY-----\n"), end = VIEW_TEXT("\n-----END");
    const uint8_t *last = memmem(pem.ptr, pem.len, end.ptr, end.len);
    const size_t from = memory.len;
    uint32_t bits = 0;
    int have = 0;

    assert_true(last != NULL && pem.len > begin.len);
    for (const uint8_t *at = pem.ptr + begin.len; at < last; at++) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *digit = *at != '\0' ? strchr(digits, *at) : NULL;

        if (digit == NULL)
            continue;
        bits = bits << 6 | (uint32_t)(digit - digits);
        have += 6;
        if (have >= 8) {
            const uint8_t byte = (uint8_t)(bits >> (have - 8));

            have -= 8;
            assert_int_equal(buf_append(&memory, (struct view){&byte, 1}), STATUS_OK);
        }
    }
    return (struct view){memory.ptr + from, memory.len - from};
}

static struct allowed only_digest(const cJSON *object, const char *label)
{
    struct allowed allowed = {.any = !cJSON_HasObjectItem(object, label)};
    const size_t from = memory.len;

    if (allowed.any)
        return allowed;
    assert_int_equal(hex_decode(view_of_string(vector_text(object, label)), &memory), STATUS_OK);
    allowed.count = 1;
    allowed.list[0] = (struct view){memory.ptr + from, memory.len - from};
    return allowed;
}

/* All that this token shows, and nothing else. */
static void fit(void)
{
    const cJSON *one;

    terms = (struct psatoken_terms){.device_count = 1, .legacy = claim("-75000", "-75000") != NULL};
    terms.devices[0] = (struct psatoken_device){der_of(trial.evidence.key), hex_claim("256", "-75009"), {NULL, 0}};
    terms.implementation.count = 1;
    terms.implementation.list[0] = hex_claim("2396", "-75003");
    cJSON_ArrayForEach(one, claim("2399", "-75006"))
    {
        struct psatoken_component *component = &terms.components[terms.component_count++];

        if (cJSON_HasObjectItem(one, "1"))
            component->type = view_of_string(vector_text(one, "1"));
        component->measurement = only_digest(one, "2");
        component->signer = only_digest(one, "5");
    }
}

static enum status appraise_under_terms(void)
{
    static uint8_t bytes[ACCEPTED_SIZE_MAX];
    struct buf rules = BUF_OF(bytes);
    struct accepted accepted = {.kind = VIEW_TEXT(PSATOKEN_KIND)};

    assert_int_equal(psatoken_terms_encode(&terms, &rules), STATUS_OK);
    accepted.rules = buf_view(&rules);
    assert_int_equal(psatoken_check_rules(accepted.rules), STATUS_OK);
    return appraise(&trial.evidence, &accepted, 1, &out);
}

static void runs_under_rules(void)
{
    static const uint8_t other[64] = {1};

    trial.evidence.report_data = hex_claim("10", "-75008");
    fit();
    assert_table_verdict(trial.name, "under rules that fit", STATUS_OK, appraise_under_terms());
    assert_int_equal(out.ear_status, EAR_AFFIRMING);
    terms.implementation.list[0].ptr = other;
    assert_table_verdict(trial.name, "another implementation", STATUS_EVIDENCE_MEASUREMENT, appraise_under_terms());
    fit();
    terms.components[0].measurement.list[0].ptr = other;
    assert_table_verdict(trial.name, "another measurement", STATUS_EVIDENCE_MEASUREMENT, appraise_under_terms());
    fit();
    terms.devices[0].name = VIEW_TEXT("sensor-8");
    trial.evidence.subject = VIEW_TEXT("sensor-9");
    assert_table_verdict(trial.name, "another name", STATUS_EVIDENCE_BINDING, appraise_under_terms());
    fit();
    terms.devices[0].instance = (struct view){other, PSATOKEN_INSTANCE_SIZE};
    assert_table_verdict(trial.name, "another device", STATUS_EVIDENCE_ROOT, appraise_under_terms());
    fit();
    if (terms.legacy) {
        terms.legacy = false;
        assert_table_verdict(trial.name, "without the old profile", STATUS_EVIDENCE_KIND, appraise_under_terms());
        fit();
    }
    trial.evidence.report_data = (struct view){other, sizeof other};
    assert_table_verdict(trial.name, "another challenge", STATUS_EVIDENCE_STALE, appraise_under_terms());
}

static void real_tokens_come_out_as_published(void **state)
{
    (void)state;
    cJSON *root = vector_expected("psa");
    const cJSON *one;
    int seen = 0;

    if (root == NULL)
        skip();
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(root, "cases"))
    {
        load(one);
        runs_without_rules();
        if (trial.valid && !trial.mac)
            runs_under_rules();
        seen++;
    }
    assert_true(seen > 0);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_tokens_come_out_as_published),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
