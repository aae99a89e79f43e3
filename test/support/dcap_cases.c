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

#define FILE_MAX (1024 * 1024)

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
