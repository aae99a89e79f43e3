/* enrol_bench.c: enrolments per second through the real core, for each kind of evidence that small devices have. What a
 * device does for its own is done before it is timed. */
#include <string.h>

#include "bench.h"
#include "federation_private.h"
#include "psa_maker.h"
#include "sim.h"
#include "tpm_maker.h"

#define DEVICES 64 /* the middle one counts */
#define BYTES   (1 << 16)

static struct buf memory;

static void show_psa(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request)
{
    memory.len = 0;
    request->kind = VIEW_TEXT(PSATOKEN_KIND);
    request->evidence = psa_maker_token((struct view){report_data, SHA512_SIZE}, &memory);
}

static void show_tpm(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request)
{
    memory.len = 0;
    request->kind = VIEW_TEXT(TPM_KIND);
    request->evidence = tpm_maker_evidence(report_data, &memory);
}

static void rules_of_psa(struct buf *out)
{
    static struct psatoken_terms terms;

    memory.len = 0;
    psa_maker_terms(&terms, &memory);
    must(psatoken_terms_encode(&terms, out), "terms");
}

static void rules_of_tpm(struct buf *out)
{
    static struct tpm_terms terms;

    memory.len = 0;
    tpm_maker_terms(&terms, &memory);
    must(tpm_terms_encode(&terms, out), "terms");
}

static const struct bench_case {
    const char *kind;
    void (*rules)(struct buf *out); /* NULL: those of the federation */
    void (*show)(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request);
} cases[] = {
    {SIM_KIND, NULL, NULL},
    {TPM_KIND, rules_of_tpm, show_tpm},
    {PSATOKEN_KIND, rules_of_psa, show_psa},
};

static void change(struct enrol_draft *draft, void *ctx)
{
    const struct bench_case *one = ctx;

    draft->show = one->show;
}

static void measure(const struct bench_case *one)
{
    static struct federation federation;
    uint8_t rules_bytes[4096];
    struct buf rules = BUF_OF(rules_bytes);
    struct federation_options options = {.min_cohort = 2};
    struct bench_case copy = *one;
    double took[DEVICES];

    if (one->rules != NULL) {
        one->rules(&rules);
        options.device = (struct accepted){view_of_string(one->kind), buf_view(&rules)};
    }
    federation_start(&federation, &options);
    for (size_t i = 0; i < DEVICES; i++) {
        struct member member = {.alg = 0};
        double start;
        char name[16];

        snprintf(name, sizeof name, "device-%zu", i);
        member_ask(&federation, &member, name, change, &copy);
        start = bench_seconds();
        must(federation_replay_enrol(&federation).reason, "enrolment");
        took[i] = bench_seconds() - start;
    }
    must(federation_status(&federation).enrolled == DEVICES ? STATUS_OK : STATUS_OUT_OF_RANGE, "members");
    printf("BENCH name=enrol_%s per_s=%.1f\n", one->kind, 1 / bench_median(took, DEVICES));
    federation_end(&federation);
}

int main(void)
{
    memory = bench_room(BYTES);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        measure(&cases[i]);
    free(memory.ptr);
    return 0;
}
