/* Whatever fails below the core - randomness, a digest, the TEE, memory - the call is refused, nothing of it has
 * happened, and the same call succeeds when asked again. Each step of each call is made to fail, one after the other. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <mbedtls/sha512.h>
#include <openssl/evp.h>

#include "cose.h"
#include "core_copy.h"
#include "core_private.h"
#include "federation.h"
#include "revocation_support.h"

#define COUNT   700
#define ALL     UINT_MAX
#define MEMBERS 3

static struct federation federation;
static struct member members[MEMBERS];
static float values[COUNT];

/* ---- what can be made to fail ---- */

static unsigned int steps_left = ALL; /* that still work */
static bool has_failed;
static unsigned int lent;

static bool works(void)
{
    if (steps_left == 0)
        has_failed = true;
    else if (steps_left != ALL)
        steps_left--;
    return !has_failed;
}

/* These two stand before the libraries' own. */
int EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *out, unsigned int *size)
{
    static int (*real)(EVP_MD_CTX *, unsigned char *, unsigned int *);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestFinal_ex");
    return works() ? real(context, out, size) : 0;
}

int mbedtls_sha512_ret(const unsigned char *input, size_t len, unsigned char output[64], int is384)
{
    static int (*real)(const unsigned char *, size_t, unsigned char *, int);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "mbedtls_sha512_ret");
    return works() ? real(input, len, output, is384) : -1;
}

static struct core_ports usual;

static enum status fill(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return works() ? usual.random.fill(usual.random.ctx, out, len) : STATUS_CRYPTO;
}

static enum status attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                          struct buf *endorsement)
{
    return works() ? usual.attest(ctx, request, kind, evidence, endorsement) : STATUS_UNSUPPORTED;
}

static enum status sealing_key(void *ctx, uint8_t out[static AEAD_KEY_MAX])
{
    return works() ? usual.sealing_key(ctx, out) : STATUS_UNSUPPORTED;
}

static void *lend(void *ctx, size_t size)
{
    lent++;
    return works() ? usual.lend(ctx, size) : NULL;
}

static void tap(struct core *core)
{
    usual = core->ports;
    core->ports = (struct core_ports){usual.ctx, {fill, NULL}, attest, sealing_key, lend};
}

/* ---- the sweep ---- */

/* One call of which `steps` steps work. True when a step failed. */
static bool call_failing(enum gate_call call, struct view body, unsigned int steps, enum status *status)
{
    has_failed = false;
    steps_left = steps;
    *status = federation_call(&federation, call, body);
    steps_left = ALL;
    assert_false(federation.fatal);
    return has_failed;
}

/* Why a call that answers was refused; what else comes back is not looked at. *told: somebody is told of it. */
static enum status answered(enum gate_call call, enum status status, bool *told)
{
    struct gate_answer answer;

    *told = true;
    if (status != STATUS_OK || (call != GATE_ENROL && call != GATE_OWNER && call != GATE_UPDATE))
        return status;
    assert_int_equal(gate_answer_decode(buf_view(&federation.response), &answer), STATUS_OK);
    *told = answer.message.len > 0;
    return answer.reason;
}

/* Fails each step in turn; then the call goes well. The core is what it was after each failure. What was done and
 * could not be told of is taken back by us: whoever asked, asks again, and is told that it is done. */
static void sweep(const char *what, enum gate_call call, struct view body)
{
    struct core_copy before;
    enum status status, reason;
    unsigned int steps = 0, untold = 0;
    bool told;

    core_copy_take(&before, &federation);
    for (; call_failing(call, body, steps, &status); steps++) {
        reason = answered(call, status, &told);
        if (reason == STATUS_OK) {
            assert_false(told);
            untold++;
        } else {
            assert_true(core_copy_same(&before));
        }
        core_copy_restore(&before);
    }
    core_copy_free(&before);
    print_message("  %-12s %u steps, %u after the deed\n", what, steps, untold);
    assert_int_equal(answered(call, status, &told), STATUS_OK);
    assert_true(told);
}

static void sweep_time(const char *what, enum gate_call call)
{
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);

    assert_int_equal(gate_number_encode(federation.now, &body), STATUS_OK);
    sweep(what, call, buf_view(&body));
}

static void sweep_owner(const char *what, const struct owner_request *request)
{
    (void)federation_owner_message(&federation, request);
    sweep(what, GATE_OWNER, buf_view(&federation.owner_body));
}

static void sweep_update(const struct member *member)
{
    struct update_draft *draft = member_draft(&federation, values, COUNT, 10);
    struct buf body;

    member_seal(&federation, member, draft, (struct view){NULL, 0});
    draft_body(&federation, member, draft, &body);
    sweep("update", GATE_UPDATE, buf_view(&body));
    free(body.ptr);
    draft_free(draft);
}

static void start(void)
{
    static const char *const names[MEMBERS] = {"one", "two", "three"};
    struct federation_options options = {.max_packet = 1024};

    memset(members, 0, sizeof members);
    for (int i = 0; i < COUNT; i++)
        values[i] = (float)i / 1024;
    federation_start(&federation, &options);
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(member_enrol(&federation, &members[i], names[i], NULL, NULL), STATUS_OK);
}

static void release_of(struct record *record, uint8_t digest[static DIGEST_SIZE])
{
    struct cose_sign1 parts;
    struct view message;

    assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
    assert_int_equal(cose_sign1_decode(message, &parts), STATUS_OK);
    assert_int_equal(record_decode(parts.payload, record), STATUS_OK);
    memcpy(digest, record->model.ptr, DIGEST_SIZE);
}

static void each_step_of_a_round_may_fail_and_the_release_is_the_same(void **state)
{
    uint8_t smooth[DIGEST_SIZE], rough[DIGEST_SIZE];
    struct record record;

    (void)state;
    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(federation_start_rounds(&federation, 2, MEMBERS), STATUS_OK);
    federation_open_round(&federation);
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(member_update(&federation, &members[i], values, COUNT, 10), STATUS_OK);
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    memcpy(smooth, record.model.ptr, sizeof smooth);
    federation_end(&federation);

    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(federation_start_rounds(&federation, 2, MEMBERS), STATUS_OK);
    tap(federation.core);
    for (uint32_t round = 1; round <= 2; round++) {
        sweep_time("open", GATE_OPEN);
        federation.manifest = (struct manifest){
            .round = federation.core->round.number,
            .base = VIEW_OF(federation.core->model.digest),
            .boot_id = VIEW_OF(federation.boot_id),
            .chunk_size = policy_chunk_size(&federation.core->policy),
        };
        assert_int_equal(federation.manifest.round, round);
        for (int i = 0; i < MEMBERS; i++)
            sweep_update(&members[i]);
        sweep_time("close", GATE_CLOSE);
        release_of(&record, rough);
        assert_int_equal(record.counted, MEMBERS);
        assert_int_equal(record.previous.len, round == 1 ? 0 : DIGEST_SIZE);
        if (round == 1)
            assert_memory_equal(smooth, rough, sizeof smooth);
        assert_memory_equal(federation.core->model.digest, rough, sizeof rough);
    }
    federation_end(&federation);
}

static void each_step_of_the_other_calls_may_fail(void **state)
{
    static uint8_t model_bytes[8192];
    struct buf model = BUF_OF(model_bytes), list;
    const struct revocation_draft revoked = {.version = 1, .devices = {"two"}};
    struct member late = {.alg = 0};

    (void)state;
    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(buf_append(&model, buf_view(&federation.core->model.encoded)), STATUS_OK);
    list = sign_revocations(&federation, &revoked);
    tap(federation.core);
    sweep_time("challenge", GATE_CHALLENGE);
    sweep_time("attest", GATE_ATTEST);
    memcpy(federation.challenge, federation.core->challenges.value[0], sizeof federation.challenge);
    member_ask(&federation, &late, "late", NULL, NULL);
    sweep("enrol", GATE_ENROL, buf_view(&federation.enrol_body));
    sweep_owner("put model", &(struct owner_request){.command = OWNER_PUT_MODEL, .model = buf_view(&model)});
    sweep_owner("revoke", &(struct owner_request){.command = OWNER_REVOKE, .revoked = buf_view(&list)});
    sweep_owner("model key", &(struct owner_request){.command = OWNER_MODEL_KEY});
    sweep_owner("start", &(struct owner_request){.command = OWNER_START, .plan = {1, 2, 600, true, true}});
    sweep("seal", GATE_SEAL, (struct view){NULL, 0});
    free(list.ptr);
    federation_end(&federation);
}

/* ---- the boot ---- */

static void boot_body(struct view boot_state, struct buf *body)
{
    static uint8_t owner_key[PUBLIC_KEY_SIZE], bytes[1 << 17];
    struct buf owner_buf = BUF_OF(owner_key);
    const struct gate_boot boot = {
        .now = federation.now,
        .aggregator = VIEW_TEXT("agg"),
        .owner_key = VIEW_OF(owner_key),
        .policy = {federation.signed_policy, federation.signed_policy_len},
        .state = boot_state,
    };

    *body = BUF_OF(bytes);
    assert_int_equal(cose_key_encode(VIEW_OF(federation.owner.point), &owner_buf), STATUS_OK);
    assert_int_equal(gate_boot_encode(&boot, body), STATUS_OK);
}

static void a_boot_that_fails_anywhere_leaves_an_enclave_that_serves_nothing(void **state)
{
    const struct federation_options options = {.max_packet = 1024};
    static const uint8_t time[] = {0x01};
    unsigned int steps = 0, refusals = 0;
    struct buf body;
    enum status status;

    (void)state;
    federation_prepare(&federation, &options);
    boot_body((struct view){NULL, 0}, &body);
    federation_new_core(&federation);
    tap(federation.core);
    for (; call_failing(GATE_BOOT, buf_view(&body), steps, &status); steps++) {
        const unsigned int borrowed = lent;

        assert_int_not_equal(status, STATUS_OK);
        assert_int_equal(federation.response.len, 0);
        refusals++;
        /* Not even a second boot: it would borrow again, and make keys over those of the first. */
        assert_int_equal(federation_call(&federation, GATE_BOOT, buf_view(&body)), STATUS_NOT_PERMITTED);
        assert_true(federation.fatal);
        assert_int_equal(federation_call(&federation, GATE_CHALLENGE, VIEW_OF(time)), STATUS_NOT_PERMITTED);
        assert_true(federation.fatal);
        assert_int_equal(lent, borrowed);
        federation_new_core(&federation);
        tap(federation.core);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(refusals > 8); /* each loan at least */
    federation_end(&federation);
}

/* A state that cannot be unsealed is no reason to fail; it is told, and the enclave has no model. */
static void a_boot_goes_on_without_a_state_that_fails_to_open(void **state)
{
    static uint8_t kept_bytes[1 << 14];
    struct buf kept = BUF_OF(kept_bytes), body;
    struct gate_booted booted;
    unsigned int steps = 0, without = 0, with = 0;
    struct view message;
    enum status status;
    bool failed = true;

    (void)state;
    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(federation_call(&federation, GATE_SEAL, (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
    assert_int_equal(buf_append(&kept, message), STATUS_OK);
    boot_body(buf_view(&kept), &body);
    for (; failed; steps++) {
        federation_new_core(&federation);
        tap(federation.core);
        failed = call_failing(GATE_BOOT, buf_view(&body), steps, &status);
        if (status != STATUS_OK)
            continue;
        assert_int_equal(gate_booted_decode(buf_view(&federation.response), &booted), STATUS_OK);
        assert_int_equal(booted.restored == STATUS_OK, !failed);
        assert_int_equal(federation_status(&federation).phase, failed ? GATE_EMPTY : GATE_IDLE);
        without += failed;
        with += !failed;
    }
    assert_true(without >= 2 && with == 1); /* no sealing key; no digest of the model */
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_of_a_round_may_fail_and_the_release_is_the_same),
        cmocka_unit_test(each_step_of_the_other_calls_may_fail),
        cmocka_unit_test(a_boot_that_fails_anywhere_leaves_an_enclave_that_serves_nothing),
        cmocka_unit_test(a_boot_goes_on_without_a_state_that_fails_to_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
