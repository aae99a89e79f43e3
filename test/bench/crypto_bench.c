/* crypto_bench.c: what the work of an aggregator is made of: AEADs by either provider, enrolments, the exact sum. */
#include <string.h>

#include "accumulator.h"
#include "aead_private.h"
#include "bench.h"
#include "federation_private.h"
#include "load.h"

#define MEDIAN_OF 9

static const struct {
    const char *name;
    int64_t alg;
    size_t size; /* bytes of plaintext in one message: a chunk, or the most that CCM takes */
} algs[] = {
    {"A128GCM", AEAD_A128GCM, 256 * 1024},
    {"A256GCM", AEAD_A256GCM, 256 * 1024},
    {"ChaCha20Poly1305", AEAD_CHACHA20_POLY1305, 256 * 1024},
    {"AES-CCM-16-128-256", AEAD_CCM_16_128_256, UINT16_MAX},
};

static const struct {
    const char *name;
    const struct aead_provider *provider;
} providers[] = {{"mbedtls", &aead_mbedtls}, {"libcrypto", &aead_libcrypto}};

/* Bytes per second that are opened. */
static double open_rate(const struct aead_provider *provider, int64_t alg, size_t size)
{
    enum { BYTES = 4 << 20 };
    static const uint8_t key[AEAD_KEY_MAX] = {1}, nonce[AEAD_NONCE_MAX] = {2};
    const struct aead aead = {.alg = alg, .key = {key, aead_key_size(alg)}, .nonce = {nonce, aead_nonce_size(alg)}};
    struct buf plain = bench_room(size), sealed = bench_room(size + AEAD_TAG_SIZE);
    const size_t repeat = BYTES / size;
    double rates[MEDIAN_OF];

    memset(plain.ptr, 3, size);
    must(aead_seal_with(provider, &aead, (struct view){plain.ptr, size}, &sealed), "seal");
    for (int run = 0; run < MEDIAN_OF; run++) {
        double start = bench_seconds();
        for (size_t i = 0; i < repeat; i++) {
            plain.len = 0;
            must(aead_open_with(provider, &aead, buf_view(&sealed), &plain), "open");
        }
        rates[run] = (double)(repeat * size) / (bench_seconds() - start);
    }
    free(plain.ptr);
    free(sealed.ptr);
    return bench_median(rates, MEDIAN_OF);
}

static void measure_aeads(void)
{
    for (size_t i = 0; i < ARRAY_LEN(algs); i++)
        for (size_t k = 0; k < ARRAY_LEN(providers); k++)
            printf("BENCH name=aead alg=%s provider=%s mb_per_s=%.1f\n", algs[i].name, providers[k].name,
                   open_rate(providers[k].provider, algs[i].alg, algs[i].size) / 1e6);
}

/* Enrolments through the core; what devices do for theirs is done before. */
static void measure_enrolments(void)
{
    enum { DEVICES = 64 };
    static const uint8_t measurement[SHA256_SIZE] = {0xe1};
    struct buf bodies[DEVICES];
    double took[DEVICES];
    struct load load;
    struct load_core core;

    load_init(&load, 64, DEVICES, measurement);
    load_core_start(&core, &load);
    load_boot(&load, &(struct load_gate){load_core_call, &core});
    for (uint32_t i = 0; i < DEVICES; i++)
        bodies[i] = load_enrolment(&load, i);
    for (uint32_t i = 0; i < DEVICES; i++) {
        struct view response;
        struct gate_answer answer;
        double start = bench_seconds();
        must(load_core_call(&core, GATE_ENROL, buf_view(&bodies[i]), &response), "enrolment");
        took[i] = bench_seconds() - start;
        must(gate_answer_decode(response, &answer), "answer");
        must(answer.reason, "enrolment");
        free(bodies[i].ptr);
    }
    printf("BENCH name=enrol per_s=%.1f\n", 1 / bench_median(took, DEVICES));
    load_core_end(&core);
    load_end(&load);
}

static void measure_sum(uint64_t parameters)
{
    struct buf values = bench_room(4 * parameters), sums = bench_room(parameters * sizeof(int64_t));
    struct accumulator acc = {.parameters = parameters, .fraction_bits = 27};
    double rates[MEDIAN_OF];
    void *memory = sums.ptr;

    acc.sums = memory;
    memset(values.ptr, 0, values.cap); /* every value is as quick as any other */
    values.len = values.cap;
    must(accumulator_begin(&acc, 100, 1000), "begin");
    for (int run = 0; run < MEDIAN_OF; run++) {
        double start = bench_seconds();
        must(accumulator_check(&acc, TENSOR_F32, buf_view(&values)), "check");
        accumulator_add(&acc, 0, TENSOR_F32, buf_view(&values), 100);
        rates[run] = (double)parameters / (bench_seconds() - start);
    }
    printf("BENCH name=sum parameters=%llu mparam_per_s=%.1f\n", (unsigned long long)parameters,
           bench_median(rates, MEDIAN_OF) / 1e6);
    free(values.ptr);
    free(sums.ptr);
}

int main(void)
{
    measure_aeads();
    measure_enrolments();
    measure_sum(52650);
    measure_sum(1000000);
    measure_sum(10000000);
    return 0;
}
