/* appraise_bench.c: appraisals per second of each kind of evidence, over real ones of TACIT_VECTORS. A case is a row.
 * The time is a parameter of an appraisal, so evidence of years ago is as much work as evidence of today. */
#include "appraise.h"
#include "bench.h"
#include "vector_files.h"

#define MEDIAN_OF 9
#define RUN_S     0.2
#define BYTES     (512 * 1024)
#define FILES     8

struct bench_case {
    const char *kind;                /* also the folder of its files */
    const char *evidence;            /* file */
    const char *endorsements[FILES]; /* files; the rest is NULL */
    const char *key, *authority;     /* files of what is believed besides; NULL: none */
    uint64_t now;
    /* Fills in evidence that is no file, or changes what was read; NULL: it is as it was read. */
    void (*make)(struct evidence *evidence, struct buf *memory);
};

static const struct bench_case cases[] = {
    {.kind = "sgx",
     .evidence = "quote_v3_processor_confswhardening.bin",
     .endorsements = {"tcbinfo_sgx_00a067110000_2025-06-19.json", "qeidentity_sgx_2025-06-19.json",
                      "pck_crl_processor_2025-06-19.der", "root_ca_crl_2025-03-20.der", "tcb_signing_chain_2025.pem"},
     .now = 1751600000},
    {.kind = "tdx",
     .evidence = "quote_v4_uptodate.bin",
     .endorsements = {"tcbinfo_tdx_b0c06f000000_2025-06-19.json", "qeidentity_td_2025-06-19.json",
                      "pck_crl_platform_2025-06-19.der", "root_ca_crl_2025-03-20.der", "tcb_signing_chain_2025.pem"},
     .now = 1751600000},
};

static void load(const struct bench_case *one, struct buf *memory, struct endorsements *endorsements,
                 struct evidence *out)
{
    if (one->evidence != NULL)
        out->bytes = vector_file(one->kind, one->evidence, memory);
    for (size_t i = 0; i < FILES && one->endorsements[i] != NULL; i++)
        endorsements->list[endorsements->count++] = vector_file(one->kind, one->endorsements[i], memory);
    if (one->key != NULL)
        out->key = vector_file(one->kind, one->key, memory);
    if (one->authority != NULL)
        out->authority = vector_file(one->kind, one->authority, memory);
    if (one->make != NULL)
        one->make(out, memory);
}

/* What is measured is the whole of an appraisal that finds nothing wrong. */
static void appraise_once(const struct evidence *evidence)
{
    static struct appraisal out;
    const enum status status = appraise_authenticity(evidence, &out);

    if (status == STATUS_OK && out.authentic)
        return;
    fprintf(stderr, "appraise: %s\n", status_text(status));
    exit(1);
}

static double rate(const struct evidence *evidence)
{
    double rates[MEDIAN_OF];

    for (int run = 0; run < MEDIAN_OF; run++) {
        const double start = bench_seconds();
        double took = 0;
        size_t count = 0;

        for (; took < RUN_S; took = bench_seconds() - start, count++)
            appraise_once(evidence);
        rates[run] = (double)count / took;
    }
    return bench_median(rates, MEDIAN_OF);
}

static void measure(const struct bench_case *one)
{
    struct buf memory = bench_room(BYTES), space = bench_room(APPRAISAL_SPACE);
    struct endorsements endorsements = {.count = 0};
    struct evidence evidence = {
        .kind = view_of_string(one->kind), .endorsements = &endorsements, .now = one->now, .space = &space};

    load(one, &memory, &endorsements, &evidence);
    printf("BENCH name=appraise_%s per_s=%.1f\n", one->kind, rate(&evidence));
    free(memory.ptr);
    free(space.ptr);
}

/* A case that needs files is left out, with a line that says so, where there are none. */
static bool is_there(const struct bench_case *one)
{
    cJSON *expected;

    if (one->evidence == NULL)
        return true;
    expected = vector_expected(one->kind);
    if (expected == NULL)
        printf("BENCH name=appraise_%s skipped: its evidence is not there\n", one->kind);
    cJSON_Delete(expected);
    return expected != NULL;
}

int main(void)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (is_there(&cases[i]))
            measure(&cases[i]);
    return 0;
}
