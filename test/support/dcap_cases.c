/* dcap_cases.c: see dcap_cases.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dcap_cases.h"
#include "hex.h"

#define FILE_MAX (1024 * 1024)
#define YEAR_S   (365 * 86400)

static const char *folder_of_vectors(void)
{
    const char *folder = getenv("TACIT_VECTORS");

    return folder != NULL ? folder : "../shared/vectors";
}

/* A whole file, which the caller frees; ptr is NULL when it is not there. */
static struct view read_whole(const char *folder, const char *name)
{
    char path[512];
    uint8_t *bytes;
    size_t len;
    FILE *file;

    assert_true(snprintf(path, sizeof path, "%s/%s/%s", folder_of_vectors(), folder, name) < (int)sizeof path);
    file = fopen(path, "rb");
    if (file == NULL)
        return (struct view){NULL, 0};
    bytes = malloc(FILE_MAX);
    assert_non_null(bytes);
    len = fread(bytes, 1, FILE_MAX, file);
    assert_true(len > 0 && len < FILE_MAX);
    assert_int_equal(fclose(file), 0);
    return (struct view){bytes, len};
}

static void release(struct view file)
{
    free((void *)(uintptr_t)file.ptr);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_true(cJSON_IsString(member));
    return member->valuestring;
}

int64_t dcap_case_time(const char *text)
{
    struct tm parts = {.tm_year = 0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);

    assert_true(end != NULL && *end == 0);
    return (int64_t)timegm(&parts);
}

static const char *element(const cJSON *array, int index)
{
    const cJSON *item = cJSON_GetArrayItem(array, index);

    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static void load_collateral(const char *folder, struct dcap_case *one)
{
    const cJSON *window = cJSON_GetObjectItemCaseSensitive(one->evaluation, "window"), *file;

    one->label = text_of(one->evaluation, "label");
    one->not_before = dcap_case_time(element(window, 0));
    one->not_after = dcap_case_time(element(window, 1));
    cJSON_ArrayForEach(file, cJSON_GetObjectItemCaseSensitive(one->evaluation, "collateral"))
    {
        assert_true(one->endorsement_count < DCAP_CASE_FILES);
        one->endorsements[one->endorsement_count] = read_whole(folder, file->valuestring);
        assert_non_null(one->endorsements[one->endorsement_count].ptr);
        one->endorsement_count++;
    }
    assert_int_equal(one->endorsement_count, DCAP_CASE_FILES);
}

static void run_one(const char *folder, struct dcap_case one, void (*run)(const struct dcap_case *one))
{
    one.name = text_of(one.expected, "name");
    one.quote = read_whole(folder, text_of(one.expected, "evidence"));
    assert_non_null(one.quote.ptr);
    if (one.evaluation != NULL) {
        load_collateral(folder, &one);
    } else {
        const cJSON *pck = cJSON_GetObjectItemCaseSensitive(one.expected, "pck");
        const cJSON *validity = cJSON_GetObjectItemCaseSensitive(pck, "leaf_validity");

        one.label = "";
        one.not_before = dcap_case_time(element(validity, 0));
        one.not_after = dcap_case_time(element(validity, 1));
    }
    run(&one);
    for (size_t i = 0; i < one.endorsement_count; i++)
        release(one.endorsements[i]);
    release(one.quote);
}

/* Cases of that name, or all of them; of a case all its collateral, or the first. */
static size_t run_cases(const char *folder, const char *name, void (*run)(const struct dcap_case *one))
{
    struct view text = read_whole(folder, "expected.json");
    const cJSON *expected, *evaluations;
    cJSON *root;
    size_t count = 0;

    if (text.ptr == NULL) {
        print_message("  %s/%s is not there: set TACIT_VECTORS\n", folder_of_vectors(), folder);
        return 0;
    }
    root = cJSON_ParseWithLength((const char *)text.ptr, text.len);
    assert_non_null(root);
    cJSON_ArrayForEach(expected, cJSON_GetObjectItemCaseSensitive(root, "cases"))
    {
        const int all = cJSON_GetArraySize(evaluations = cJSON_GetObjectItemCaseSensitive(expected, "evaluations"));

        if (name != NULL && strcmp(text_of(expected, "name"), name) != 0)
            continue;
        for (int i = 0; i < (name != NULL || all == 0 ? 1 : all); i++, count++)
            run_one(folder, (struct dcap_case){.expected = expected, .evaluation = cJSON_GetArrayItem(evaluations, i)},
                    run);
    }
    cJSON_Delete(root);
    release(text);
    assert_true(count > 0);
    return count;
}

size_t dcap_cases_each(const char *folder, void (*run)(const struct dcap_case *one))
{
    return run_cases(folder, NULL, run);
}

bool dcap_case_run(const char *folder, const char *name, void (*run)(const struct dcap_case *one))
{
    return run_cases(folder, name, run) > 0;
}

/* ---- terms that fit ---- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *dcap_case_status(const struct dcap_case *one)
{
    const char *text = text_of(one->evaluation, "tcb_status");

    return strncmp(text, "TCB_NOT_SUPPORTED", strlen("TCB_NOT_SUPPORTED")) == 0 ? "NotSupported" : text;
}

struct view dcap_case_bytes(const struct dcap_case *one, const char *name, struct buf *memory)
{
    const size_t start = memory->len;

    assert_int_equal(hex_decode(view_of_string(text_of(member(one->expected, "body"), name)), memory), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

static struct allowed only(const struct dcap_case *one, const char *name, struct buf *memory)
{
    return (struct allowed){.count = 1, .list = {dcap_case_bytes(one, name, memory)}};
}

static uint32_t status_bit(const char *name)
{
    for (unsigned status = DCAP_TCB_UP_TO_DATE; status < DCAP_TCB_REVOKED; status++)
        if (strcmp(dcap_tcb_name((enum dcap_tcb)status), name) == 0)
            return 1u << status;
    return 1u << DCAP_TCB_UP_TO_DATE; /* of what is never accepted */
}

static struct dcap_terms platform_terms(const struct dcap_case *one, const struct appraisal *found)
{
    const cJSON *pck = member(one->expected, "pck"), *component, *pcesvn = member(pck, "pcesvn");
    struct dcap_terms terms = {.max_age_s = YEAR_S,
                               .debug = cJSON_IsTrue(member(member(one->expected, "body"), "debug"))};
    size_t i = 0;

    assert_true(cJSON_IsNumber(pcesvn));
    terms.min_pcesvn = (uint16_t)pcesvn->valuedouble;
    terms.statuses = status_bit(one->evaluation == NULL ? "UpToDate" : dcap_case_status(one));
    cJSON_ArrayForEach(component, member(pck, "tcb_comp_svns")) terms.min_components[i++] =
        (uint8_t)component->valuedouble;
    assert_int_equal(i, SGX_COMPONENTS);
    terms.advisories.count = found->advisory_count;
    for (i = 0; i < found->advisory_count; i++)
        terms.advisories.list[i] = found->advisories[i];
    for (i = 0; i < found->field_count; i++)
        if (strcmp(found->fields[i].name, "tcb_evaluation_data_number") == 0)
            terms.min_evaluation = (uint32_t)found->fields[i].number;
    return terms;
}

void dcap_case_sgx_terms(const struct dcap_case *one, const struct appraisal *found, struct buf *memory,
                         struct sgx_terms *out)
{
    *out = (struct sgx_terms){.mr_enclave = only(one, "mrenclave", memory), .platform = platform_terms(one, found)};
}

void dcap_case_tdx_terms(const struct dcap_case *one, const struct appraisal *found, struct buf *memory,
                         struct tdx_terms *out)
{
    const struct view attributes = dcap_case_bytes(one, "td_attributes", memory),
                      svn = dcap_case_bytes(one, "tee_tcb_svn", memory);

    *out = (struct tdx_terms){
        .mr_td = only(one, "mrtd", memory),
        .rtmr = {only(one, "rtmr0", memory), only(one, "rtmr1", memory), only(one, "rtmr2", memory),
                 only(one, "rtmr3", memory)},
        .mr_config_id = only(one, "mrconfigid", memory),
        .mr_owner = only(one, "mrowner", memory),
        .mr_owner_config = only(one, "mrownerconfig", memory),
        .platform = platform_terms(one, found),
    };
    out->attributes_allowed = out->attributes_required = read_le32(attributes.ptr) & ~0xffu;
    memcpy(out->min_tee_tcb_svn, svn.ptr, svn.len);
}
