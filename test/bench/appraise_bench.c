/* appraise_bench.c: appraisals per second of each kind of evidence, over real ones of TACIT_VECTORS. A case is a row.
 * The time is a parameter of an appraisal, so evidence of years ago is as much work as evidence of today. */
#include "appraise.h"
#include "bench.h"
#include "federation_private.h"
#include "pem.h"
#include "sim.h"
#include "tpm_container.h"
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

/* A piece of evidence of a simulated TEE, by a root that is believed. */
static void make_sim(struct evidence *evidence, struct buf *memory)
{
    static uint8_t measurement[DIGEST_SIZE], report_data[SHA512_SIZE], root_key[512];
    struct seeded_random seed = {1};
    struct random_port random = seeded_random_port(&seed);
    struct buf root_buf = BUF_OF(root_key);
    const size_t start = memory->len;
    struct p256_key root;
    const struct sim_evidence claims = {
        .federation = VIEW_TEXT("fed"),
        .expires = evidence->now + 600,
        .issued = evidence->now,
        .nonce = VIEW_OF(report_data),
        .measurement = VIEW_OF(measurement),
    };

    must(p256_generate(&random, &root), "root");
    must(pem_write_public(VIEW_OF(root.point), &root_buf), "root");
    must(sim_attest(&claims, &root, &random, memory), "evidence");
    evidence->bytes = (struct view){memory->ptr + start, memory->len - start};
    evidence->key = buf_view(&root_buf);
    evidence->federation = claims.federation;
}

/* A quote as a device sends it, with its signature and the bare key that the vectors have of it. */
static void make_tpm(struct evidence *evidence, struct buf *memory)
{
    struct tpm_container container = {
        .attest = vector_file("tpm", "tpm_ecdsa_p256_gcp.attest.bin", memory),
        .signature = vector_file("tpm", "tpm_ecdsa_p256_gcp.sig.bin", memory),
        .ak = vector_file("tpm", "tpm_ecdsa_p256_gcp.ak.pem", memory),
    };
    const size_t start = memory->len;

    must(tpm_container_encode(&container, memory), "container");
    evidence->bytes = (struct view){memory->ptr + start, memory->len - start};
}

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
    {.kind = "snp",
     .evidence = "report_v2_milan_vcek.bin",
     .endorsements = {"vcek_v2_milan_vcek.der", "ca_ask_milan.der"},
     .now = 1704067200},
    {.kind = "psa", .evidence = "psa_2_0_0_sign1.cbor", .key = "pub_fa58755f.pem", .now = 1704067200},
    {.kind = "tpm",
     .evidence = "tpm_ecdsa_p256_gcp.attest.bin",
     .endorsements = {"gcp_ak_cert.der", "gcp_intermediate_cert.der"},
     .authority = "gcp_root_cert.der",
     .now = 1751600000,
     .make = make_tpm},
    {.kind = "sim", .now = 1751600000, .make = make_sim},
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
