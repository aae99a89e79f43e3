/* ingest_bench.c: how fast sealed updates are taken into a round: by the core in this process, and by a tacit-enclave
 * over its pipes; and how much memory the enclave takes while a round grows. All is sealed before it is timed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "federation_private.h"
#include "gate_client.h"
#include "load.h"
#include "pem.h"

#define GROWTH_MAX_KB  1024 /* of an enclave between its 10th and its last update of a round */
#define MEMORY_UPDATES 1000

/* Models that are measured, and how many updates of each: rounds of so many devices. */
static const struct scale {
    uint64_t parameters;
    uint32_t devices, rounds;
} scales[] = {{52650, 16, 4}, {1000000, 8, 2}, {10000000, 3, 1}};

/* An enclave process and the folder of its key; ctx of process_call. */
struct process {
    struct gate_client client;
    char folder[256], root_file[272];
};

static enum status process_call(void *ctx, enum gate_call call, struct view body, struct view *response)
{
    struct process *process = ctx;

    return gate_client_call(&process->client, call, &body, 1, response);
}

static const char *build_folder(void)
{
    const char *build = getenv("BUILD");

    return build != NULL ? build : "build";
}

static const char *enclave_path(void)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/bin/tacit-enclave", build_folder());
    return path;
}

/* What a policy lists the enclave by: the digest of its executable. */
static void measure_enclave(uint8_t out[static SHA256_SIZE])
{
    FILE *file = fopen(enclave_path(), "rb");
    struct stat info;
    struct buf bytes;

    must(file != NULL && fstat(fileno(file), &info) == 0 ? STATUS_OK : STATUS_NOT_FOUND, enclave_path());
    bytes = bench_room((size_t)info.st_size);
    bytes.len = fread(bytes.ptr, 1, bytes.cap, file);
    fclose(file);
    must(bytes.len == bytes.cap ? STATUS_OK : STATUS_IO, enclave_path());
    must(sha256(buf_view(&bytes), out), "measurement");
    free(bytes.ptr);
}

static void process_start(struct process *process, const struct load *load)
{
    char program[512], option[] = "--sim-root";
    char *argv[] = {program, option, process->root_file, NULL};
    uint8_t text[PEM_MAX];
    struct buf pem = BUF_OF(text);
    struct reason reason;
    FILE *file;

    snprintf(process->folder, sizeof process->folder, "%s/bench-XXXXXX", build_folder());
    must(mkdtemp(process->folder) != NULL ? STATUS_OK : STATUS_IO, "temporary folder");
    snprintf(process->root_file, sizeof process->root_file, "%s/root.key", process->folder);
    must(pem_write_private(&load->root, &pem), "root key");
    file = fopen(process->root_file, "wb");
    must(file != NULL && fwrite(pem.ptr, 1, pem.len, file) == pem.len && fclose(file) == 0 ? STATUS_OK : STATUS_IO,
         process->root_file);
    snprintf(program, sizeof program, "%s", enclave_path());
    must(gate_client_start(&process->client, NULL, argv, &reason), enclave_path());
}

static void process_end(struct process *process)
{
    gate_client_stop(&process->client);
    unlink(process->root_file);
    rmdir(process->folder);
}

/* Rates of opening with A256GCM alone, at the size of a chunk, in bytes per second. */
static double aead_rate(uint32_t chunk_size)
{
    enum { REPEAT = 64, MEDIAN_OF = 9 };
    static const uint8_t key[32] = {1}, nonce[12] = {2}, aad[200] = {3};
    const struct aead aead = {AEAD_A256GCM, VIEW_OF(key), VIEW_OF(nonce), VIEW_OF(aad)};
    struct buf plain = bench_room(chunk_size), sealed = bench_room(chunk_size + AEAD_TAG_SIZE);
    double rates[MEDIAN_OF];

    memset(plain.ptr, 4, chunk_size);
    must(aead_seal(&aead, (struct view){plain.ptr, chunk_size}, &sealed), "seal");
    for (int run = 0; run < MEDIAN_OF; run++) {
        double start = bench_seconds();
        for (int i = 0; i < REPEAT; i++) {
            plain.len = 0;
            must(aead_open(&aead, buf_view(&sealed), &plain), "open");
        }
        rates[run] = REPEAT * (double)chunk_size / (bench_seconds() - start);
    }
    free(plain.ptr);
    free(sealed.ptr);
    return bench_median(rates, MEDIAN_OF);
}

/* Seconds that each update of a round took, appended to took. */
static size_t one_round(struct load *load, double *took)
{
    struct buf plain, *bodies = calloc(load->devices, sizeof *bodies);
    size_t wire = 0;

    must(bodies != NULL ? STATUS_OK : STATUS_NO_SPACE, "bodies");
    load_open_round(load);
    plain = load_plain(load);
    for (uint32_t i = 0; i < load->devices; i++)
        bodies[i] = load_sealed(load, i, buf_view(&plain), &wire);
    free(plain.ptr);
    for (uint32_t i = 0; i < load->devices; i++) {
        double start = bench_seconds();
        load_send(load, &bodies[i]);
        took[i] = bench_seconds() - start;
        free(bodies[i].ptr);
    }
    free(bodies);
    load_close_round(load);
    return wire;
}

static void measure(struct load *load, const struct scale *scale, const char *path)
{
    double took[64], each, aead, wire = 0, plain = 4.0 * (double)scale->parameters;

    while (load->enrolled < load->devices)
        load_enrol(load);
    (void)one_round(load, took); /* touches all memory once */
    for (uint32_t round = 0; round < scale->rounds; round++)
        wire = (double)one_round(load, took + (size_t)round * scale->devices);
    each = bench_median(took, (size_t)scale->rounds * scale->devices);
    aead = aead_rate(load->chunk_size);
    printf("BENCH name=ingest parameters=%llu path=%s updates_per_s=%.2f mb_per_s=%.1f wire_bytes_per_update=%.0f "
           "overhead_vs_f32_percent=%.3f aead_mb_per_s=%.1f ratio_to_aead=%.3f\n",
           (unsigned long long)scale->parameters, path, 1 / each, wire / each / 1e6, wire, 100 * (wire - plain) / plain,
           aead / 1e6, wire / each / aead);
    fflush(stdout);
}

static void measure_core(const struct scale *scale, const uint8_t measurement[static SHA256_SIZE])
{
    struct load load;
    struct load_core core;

    load_init(&load, scale->parameters, scale->devices, measurement);
    load_core_start(&core, &load);
    load_boot(&load, &(struct load_gate){load_core_call, &core});
    measure(&load, scale, "core");
    load_core_end(&core);
    load_end(&load);
}

static void measure_process(const struct scale *scale, const uint8_t measurement[static SHA256_SIZE])
{
    struct load load;
    struct process process;

    load_init(&load, scale->parameters, scale->devices, measurement);
    process_start(&process, &load);
    load_boot(&load, &(struct load_gate){process_call, &process});
    measure(&load, scale, "process");
    process_end(&process);
    load_end(&load);
}

/* Resident memory of the enclave in KiB; -1 when it may not be read. */
static long resident_kb(pid_t pid)
{
    char path[64], line[256];
    long kb = -1;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    file = fopen(path, "r");
    while (file != NULL && kb < 0 && fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "VmRSS: %ld", &kb);
    if (file != NULL)
        fclose(file);
    return kb;
}

static void send_updates(struct load *load, struct view plain, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        size_t wire;
        struct buf body = load_sealed(load, i, plain, &wire);
        load_send(load, &body);
        free(body.ptr);
    }
}

static void print_memory(uint64_t parameters, uint32_t updates, long kb)
{
    printf("BENCH name=memory parameters=%llu updates=%u ", (unsigned long long)parameters, updates);
    if (kb < 0)
        printf("skipped=not_readable\n");
    else
        printf("rss_kb=%ld\n", kb);
    fflush(stdout);
}

/* False when the enclave grew with the updates of a round. */
static bool memory_stands_still(const uint8_t measurement[static SHA256_SIZE])
{
    const uint64_t parameters = 52650;
    struct load load;
    struct process process;
    struct buf plain;
    long few, many;

    load_init(&load, parameters, MEMORY_UPDATES, measurement);
    process_start(&process, &load);
    load_boot(&load, &(struct load_gate){process_call, &process});
    while (load.enrolled < load.devices)
        load_enrol(&load);
    load_open_round(&load);
    plain = load_plain(&load);
    send_updates(&load, buf_view(&plain), 0, 10);
    few = resident_kb(process.client.pid);
    print_memory(parameters, 10, few);
    send_updates(&load, buf_view(&plain), 10, MEMORY_UPDATES);
    many = resident_kb(process.client.pid);
    print_memory(parameters, MEMORY_UPDATES, many);
    free(plain.ptr);
    process_end(&process);
    load_end(&load);
    return many - few <= GROWTH_MAX_KB;
}

int main(void)
{
    uint8_t measurement[SHA256_SIZE];

    measure_enclave(measurement);
    for (size_t i = 0; i < ARRAY_LEN(scales); i++) {
        fprintf(stderr, "ingest: %llu parameters\n", (unsigned long long)scales[i].parameters);
        measure_core(&scales[i], measurement);
        measure_process(&scales[i], measurement);
    }
    fprintf(stderr, "memory: %d devices enrol and send\n", MEMORY_UPDATES);
    if (!memory_stands_still(measurement)) {
        fprintf(stderr, "memory: the enclave grew by more than %d KiB within a round\n", GROWTH_MAX_KB);
        return 1;
    }
    return 0;
}
