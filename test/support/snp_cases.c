/* snp_cases.c: see snp_cases.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "appraisal_table.h"
#include "hex.h"
#include "snp_cases.h"
#include "vector_files.h"

static const cJSON *item(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_non_null(found);
    return found;
}

static void run_one(const cJSON *expected, void (*run)(const struct snp_case *one))
{
    static uint8_t bytes[1 << 16];
    struct buf memory = BUF_OF(bytes);
    const cJSON *endorsement = item(expected, "endorsement"), *window = item(expected, "window"), *ca;
    struct snp_case one = {
        .name = vector_text(expected, "name"),
        .expected = item(expected, "report"),
        .report = vector_file("snp", vector_text(expected, "evidence"), &memory),
        .endorsements = {1, {vector_file("snp", vector_text(endorsement, "file"), &memory)}},
        .not_before = table_seconds(cJSON_GetArrayItem(window, 0)->valuestring),
        .not_after = table_seconds(cJSON_GetArrayItem(window, 1)->valuestring),
    };

    cJSON_ArrayForEach(ca, item(endorsement, "ca")) one.endorsements.list[one.endorsements.count++] =
        vector_file("snp", ca->valuestring, &memory);
    run(&one);
}

static size_t run_cases(const char *name, void (*run)(const struct snp_case *one))
{
    cJSON *root = vector_expected("snp");
    const cJSON *expected;
    size_t count = 0;

    if (root == NULL)
        return 0;
    cJSON_ArrayForEach(expected, item(root, "cases"))
    {
        if (name != NULL && strcmp(vector_text(expected, "name"), name) != 0)
            continue;
        run_one(expected, run);
        count++;
    }
    cJSON_Delete(root);
    assert_true(count > 0);
    return count;
}

size_t snp_cases_each(void (*run)(const struct snp_case *one))
{
    return run_cases(NULL, run);
}

bool snp_case_run(const char *name, void (*run)(const struct snp_case *one))
{
    return run_cases(name, run) > 0;
}

static bool is_set(const cJSON *report, const char *bit)
{
    return item(item(report, "pol"), bit)->valueint == 1;
}

static struct allowed only(const cJSON *report, const char *name, struct buf *memory)
{
    const size_t start = memory->len;

    assert_int_equal(hex_decode(view_of_string(item(report, name)->valuestring), memory), STATUS_OK);
    return (struct allowed){.count = 1, .list = {{memory->ptr + start, memory->len - start}}};
}

struct snp_terms snp_case_terms(const char *name, const cJSON *report, struct buf *memory)
{
    const cJSON *tcb = item(report, "rtcb");
    const bool vlek = item(report, "signing_key")->valueint == SNP_VLEK;

    return (struct snp_terms){
        .measurement = only(report, "measurement", memory),
        .host_data = only(report, "host_data", memory),
        .least_count = 1,
        .least = {{strstr(name, "genoa") != NULL ? SNP_GENOA : SNP_MILAN,
                   {.bootloader = (uint8_t)item(tcb, "bl")->valueint,
                    .tee = (uint8_t)item(tcb, "tee")->valueint,
                    .snp = (uint8_t)item(tcb, "snp")->valueint,
                    .microcode = (uint8_t)item(tcb, "ucode")->valueint}}},
        .max_vmpl = (uint32_t)item(report, "vmpl")->valueint,
        .vcek = !vlek,
        .vlek = vlek,
        .allowed = (is_set(report, "smt") ? SNP_POLICY_SMT : 0) | (is_set(report, "debug") ? SNP_POLICY_DEBUG : 0),
        .max_age_s = TIME_MAX,
    };
}
