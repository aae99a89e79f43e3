/* Whatever fails once below a member - randomness, a digest, storage, the attester, the package, the broker - it tries
 * again, or says that it gives this round up; and when it hears the same messages again, an update of it is counted, in
 * this round or the next: once. Each step fails in a life of its own. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/evp.h>

#include "cose.h"
#include "enclave_double.h"
#include "need.h"

#define PASSES_MAX 8

static struct enclave_double enclave;
static struct device_double device;
static unsigned int step, fails_at;
static bool inside, has_failed; /* inside: of the member, and not of the test */
static unsigned int finished, counted;
static uint32_t number; /* of the round */

static bool works(void)
{
    if (!inside || step++ != fails_at)
        return true;
    has_failed = true;
    return false;
}

/* Stands before libcrypto's own. */
int EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *out, unsigned int *size)
{
    static int (*real)(EVP_MD_CTX *, unsigned char *, unsigned int *);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestFinal_ex");
    return works() ? real(context, out, size) : 0;
}

static void hear(const char *suffix, struct view message)
{
    inside = true;
    device_hear(&device, suffix, message);
    inside = false;
}

static void wait(unsigned int seconds)
{
    inside = true;
    device_wait(&device, seconds);
    inside = false;
}

static void join(void)
{
    hear("aggregator/agg/evidence", enclave_bundle(&enclave));
    hear("aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 1000));
    wait(30);
    if (device_said(&device, "enrol/agg/dev") == NULL)
        return;
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    hear("credential/dev", enclave_answer(&enclave, STATUS_OK));
}

static void work(void)
{
    struct manifest manifest = enclave_plan(&enclave, number);

    manifest.deadline = DOUBLE_NOW + 100000;
    hear("round/agg", enclave_manifest(&enclave, &manifest));
    for (uint32_t i = 0; i < chunks_of(manifest.model_size, manifest.chunk_size); i++) {
        char suffix[64];
        snprintf(suffix, sizeof suffix, "model/agg/%u", i);
        hear(suffix, enclave_chunk(&enclave, &manifest, i));
    }
    if (device.works > finished) {
        finished = device.works;
        inside = true;
        device_finish(&device, 0.125f);
        inside = false;
    }
    wait(5);
}

static void send(void)
{
    const uint8_t all = 0xff;
    const struct published *offer;
    uint8_t bytes[128], digest[DIGEST_SIZE];
    char suffix[64];
    struct buf encoded = BUF_OF(bytes);
    struct cose_encrypt0 head;
    struct receipt receipt;

    snprintf(suffix, sizeof suffix, "update/agg/dev/%u.0", number);
    offer = device_said(&device, suffix);
    if (offer == NULL)
        return;
    assert_int_equal(cose_encrypt0_decode((struct view){offer->bytes, offer->len}, &head), STATUS_OK);
    assert_int_equal(need_encode(&(struct need){number, head.chunk.transfer, {&all, 1}}, &encoded), STATUS_OK);
    hear("need/dev", buf_view(&encoded));
    wait(2);
    for (uint32_t i = 1; i < head.chunk.count; i++) {
        snprintf(suffix, sizeof suffix, "update/agg/dev/%u.%u", number, i);
        if (device_said(&device, suffix) == NULL)
            return;
    }
    (void)enclave_open_update(&enclave, &device, number, digest, &receipt);
    hear("receipt/dev", enclave_receipt(&enclave, &receipt));
    counted += device_told(&device, "\ncounted round=");
}

/* One member's life, in which that step fails. True when there was such a step. */
static bool live(unsigned int failing)
{
    uint8_t digest[DIGEST_SIZE];
    struct record record;
    bool taken = false;

    memset(&device, 0, sizeof device);
    step = finished = counted = 0;
    number = 1;
    fails_at = failing;
    has_failed = false;
    enclave_start(&enclave, 1);
    device.port_works = works;
    device_start(&device, &enclave, NULL);
    for (int pass = 0; pass < PASSES_MAX && counted == 0; pass++) {
        join();
        work();
        send();
        number += device_told(&device, "work_failed ");
        device_forget(&device);
        wait(20);
    }
    if (counted != 1)
        print_message("  step %u: counted %u times\n", failing, counted);
    assert_int_equal(counted, 1);
    assert_in_range(number, 1, 2);
    record = enclave_result(&enclave, number, (struct view){NULL, 0});
    for (int pass = 0; pass < 2 && !taken; pass++) {
        hear(number == 1 ? "record/agg/1" : "record/agg/2", enclave_record(&enclave, &record, digest));
        taken = device_told(&device, "record round=");
    }
    assert_true(taken);
    device_stop(&device);
    return has_failed;
}

static void whatever_fails_once_the_update_is_counted_once(void **state)
{
    unsigned int failing = 0;

    (void)state;
    while (live(failing))
        failing++;
    print_message("  %u steps\n", failing);
    assert_true(failing > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_fails_once_the_update_is_counted_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
