/* Who is enrolled, who is not, and what each is told; and what the owner may ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cose.h"
#include "federation_private.h"
#include "psa_maker.h"
#include "tpm_maker.h"

static struct federation federation;
static struct p256_key another_key;

static void start(void)
{
    struct federation_options options = {.min_cohort = 2};

    federation_start(&federation, &options);
    assert_int_equal(p256_generate(&federation.random, &another_key), STATUS_OK);
}

static const uint8_t zeros[32];

static void another_root(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->root = another_key;
}
static void another_measurement(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->measurement[31] ^= 1;
}
static void the_enclaves_measurement(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    memcpy(d->measurement, federation.enclave_measurement, 32);
}
static void expired(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->expires = federation.now;
}
static void from_the_future(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->issued = federation.now + 301;
    d->expires = d->issued + 600;
}
static void too_old(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->issued = federation.now - 86400;
}
static void evidence_for_another(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->federation_in_evidence = VIEW_TEXT("fed2");
}
static void claims_for_another(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->claims.federation = VIEW_TEXT("fed2");
}
static void another_aggregator(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->claims.aggregator = VIEW_TEXT("agg2");
}
static void unbound(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->other_report_data = true;
}
static void no_challenge(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->claims.challenge = VIEW_OF(zeros);
}
static void another_policy(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->claims.policy_digest = VIEW_OF(zeros);
}
static void as_a_server(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->claims.role = ROLE_SERVER;
}

static void each_refusal_is_told_to_the_device(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        enrol_tamper *tamper;
        enum status want;
    } cases[] = {
        {"another root", another_root, STATUS_EVIDENCE_ROOT},
        {"another measurement", another_measurement, STATUS_EVIDENCE_MEASUREMENT},
        {"the measurement of an enclave is not that of a device", the_enclaves_measurement,
         STATUS_EVIDENCE_MEASUREMENT},
        {"expired", expired, STATUS_EVIDENCE_EXPIRED},
        {"from the future", from_the_future, STATUS_EVIDENCE_NOT_YET},
        {"older than the policy allows", too_old, STATUS_EVIDENCE_EXPIRED},
        {"evidence for another federation", evidence_for_another, STATUS_EVIDENCE_FEDERATION},
        {"claims for another federation", claims_for_another, STATUS_EVIDENCE_FEDERATION},
        {"claims for another aggregator", another_aggregator, STATUS_EVIDENCE_FEDERATION},
        {"evidence that binds other claims", unbound, STATUS_EVIDENCE_BINDING},
        {"a challenge that was never given", no_challenge, STATUS_EVIDENCE_STALE},
        {"appraised under another policy", another_policy, STATUS_POLICY_OTHER},
        {"a role that is not served", as_a_server, STATUS_CREDENTIAL_ROLE},
    };

    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct member member = {.alg = 0};
        print_message("  %s\n", cases[i].why);
        assert_int_equal(member_enrol(&federation, &member, "device", cases[i].tamper, NULL), cases[i].want);
        assert_int_equal(member.credential_len, 0);
    }
    assert_int_equal(federation_status(&federation).enrolled, 0);
    federation_end(&federation);
}

static uint64_t refusals_of(enum status reason)
{
    const struct gate_status status = federation_status(&federation);

    for (uint32_t i = 0; i < status.refusals.count; i++)
        if (status.refusals.list[i].reason == reason)
            return status.refusals.list[i].count;
    return 0;
}

/* Nobody can be told: there is no key to seal an answer to. */
static void with_a_key_that_is_none(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    memset(d->claims_key + sizeof d->claims_key - 32, 0, 32); /* a point that is not on the curve */
}

static void a_key_that_is_none_is_refused_in_silence(void **state)
{
    (void)state;
    start();
    member_ask(&federation, &(struct member){.alg = 0}, "device", with_a_key_that_is_none, NULL);
    assert_int_equal(federation_replay_enrol(&federation).reason, STATUS_BAD_KEY);
    assert_int_equal(federation_replay_enrol(&federation).message.len, 0);
    assert_int_equal(federation_status(&federation).enrolled, 0);
    assert_int_equal(refusals_of(STATUS_BAD_KEY), 2);
    federation_end(&federation);
}

static void an_algorithm_that_the_policy_does_not_list_is_refused(void **state)
{
    static const int64_t algs[] = {AEAD_A256GCM, AEAD_A128GCM, AEAD_CHACHA20_POLY1305, AEAD_CCM_16_128_256};
    const struct federation_options options = {.only_alg = AEAD_CHACHA20_POLY1305};

    (void)state;
    federation_start(&federation, &options);
    for (size_t i = 0; i < ARRAY_LEN(algs); i++)
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = algs[i]}, "device", NULL, NULL),
                         algs[i] == options.only_alg ? STATUS_OK : STATUS_UNSUPPORTED);
    assert_int_equal(federation_status(&federation).enrolled, 1);
    federation_end(&federation);
}

/* Sealed for this enclave, on the right topic, and no request. */
static void what_is_no_request_is_refused_in_silence(void **state)
{
    static const uint8_t no_evidence[] = {0xa0};
    static const struct {
        const char *why;
        struct view plain;
        enum status want;
    } cases[] = {
        {"an empty map", {no_evidence, 1}, STATUS_MALFORMED},
        {"a text that ends early", {(const uint8_t *)"request", 7}, STATUS_TRUNCATED},
    };

    (void)state;
    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t sealed_bytes[1024], body_bytes[1024];
        struct buf sealed_buf = BUF_OF(sealed_bytes), body = BUF_OF(body_bytes);
        const struct place place = place_of(&federation, VIEW_TEXT("device"));
        struct gate_sealed sealed = {.now = federation.now, .name = place.device};
        struct gate_answer answer;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(bind_seal(PURPOSE_ENROL, &place, VIEW_OF(federation.sealing_point), &federation.random,
                                   cases[i].plain, &sealed_buf),
                         STATUS_OK);
        sealed.message = buf_view(&sealed_buf);
        assert_int_equal(gate_sealed_encode(&sealed, &body), STATUS_OK);
        assert_int_equal(federation_call(&federation, GATE_ENROL, buf_view(&body)), STATUS_OK);
        assert_int_equal(gate_answer_decode(buf_view(&federation.response), &answer), STATUS_OK);
        assert_int_equal(answer.reason, cases[i].want);
        assert_int_equal(answer.message.len, 0);
    }
    federation_end(&federation);
}

static void on_anothers_topic(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->topic_name = "victim";
}

static void nobody_enrols_on_anothers_topic(void **state)
{
    (void)state;
    struct member member = {.alg = 0};

    start();
    assert_int_equal(member_enrol(&federation, &member, "device", on_anothers_topic, NULL), STATUS_EVIDENCE_FEDERATION);
    federation_end(&federation);
}

static void a_challenge_serves_for_its_time_and_not_longer(void **state)
{
    (void)state;
    uint8_t old[32];

    start();
    memcpy(old, federation.challenge, sizeof old);
    federation.now += 60;
    federation_new_challenge(&federation);
    memcpy(federation.challenge, old, sizeof old); /* the one before it still serves */
    assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", NULL, NULL), STATUS_OK);
    federation.now += 60;
    assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "b", NULL, NULL), STATUS_EVIDENCE_STALE);
    federation_new_challenge(&federation);
    federation_new_challenge(&federation);
    memcpy(federation.challenge, old, sizeof old);
    assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "c", NULL, NULL), STATUS_EVIDENCE_STALE);
    /* Nor after a restart of the enclave. */
    federation_reboot(&federation, (struct view){NULL, 0});
    federation_new_challenge(&federation);
    memcpy(federation.challenge, old, sizeof old);
    assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "d", NULL, NULL), STATUS_EVIDENCE_STALE);
    federation_end(&federation);
}

static void for_another_federation(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->place_federation = VIEW_TEXT("fed2");
}
static void for_another_aggregator(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->place_aggregator = VIEW_TEXT("agg2");
}

/* How often each reason was given since the boot. */
/* Nobody hears an answer to what was not sealed for this enclave: there is no key in it that could be believed. */
static void a_request_that_is_sealed_for_another_place_does_not_open(void **state)
{
    static const struct {
        const char *why;
        enrol_tamper *tamper;
    } cases[] = {{"for another federation", for_another_federation},
                 {"for another aggregator", for_another_aggregator}};

    (void)state;
    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", cases[i].tamper, NULL),
                         STATUS_FORGED);
        assert_int_equal(federation_status(&federation).enrolled, 0);
    }
    assert_int_equal(refusals_of(STATUS_FORGED), ARRAY_LEN(cases));
    federation_end(&federation);
}

/* ---- claims that change when the evidence is made ---- */

static uint8_t other_key_bytes[PUBLIC_KEY_SIZE];

static void put_other_key(struct enrol_draft *d)
{
    d->claims.key = VIEW_OF(other_key_bytes);
}
static void put_other_name(struct enrol_draft *d)
{
    d->claims.device = VIEW_TEXT("device2");
}
static void put_other_alg(struct enrol_draft *d)
{
    d->claims.alg = AEAD_CCM_16_128_256;
}
static void put_fresh_challenge(struct enrol_draft *d)
{
    d->claims.challenge = VIEW_OF(federation.challenge);
}

/* Who has seen evidence cannot put a key of its own beside it: the answer goes to that key, and says why not. */
static void with_another_key(struct enrol_draft *d, void *ctx)
{
    struct buf key = BUF_OF(other_key_bytes);

    assert_int_equal(cose_key_encode(VIEW_OF(another_key.point), &key), STATUS_OK);
    ((struct member *)ctx)->key = another_key;
    d->after = put_other_key;
}
static void with_another_name(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->topic_name = "device2";
    d->after = put_other_name;
}
static void with_another_alg(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->after = put_other_alg;
}
static void with_a_fresh_challenge(struct enrol_draft *d, void *ctx)
{
    (void)ctx;
    d->claims.challenge = VIEW_OF(zeros); /* that the evidence was made for */
    d->after = put_fresh_challenge;
}

static void evidence_serves_only_the_claims_that_it_was_made_for(void **state)
{
    static const struct {
        const char *why;
        enrol_tamper *tamper;
    } cases[] = {
        {"another key", with_another_key},
        {"another name, on its own topic", with_another_name},
        {"another algorithm", with_another_alg},
        {"a fresh challenge, beside old evidence", with_a_fresh_challenge},
    };

    (void)state;
    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct member member = {.alg = 0};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(member_enrol(&federation, &member, "device", cases[i].tamper, &member),
                         STATUS_EVIDENCE_BINDING);
        assert_int_equal(member.credential_len, 0);
    }
    assert_int_equal(federation_status(&federation).enrolled, 0);
    assert_int_equal(refusals_of(STATUS_EVIDENCE_BINDING), ARRAY_LEN(cases));
    federation_end(&federation);
}

/* ---- evidence of other kinds ---- */

static uint8_t maker_bytes[1 << 14];
static struct buf maker_memory;

static void show_psa(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request)
{
    request->kind = VIEW_TEXT(PSATOKEN_KIND);
    request->evidence = psa_maker_token((struct view){report_data, SHA512_SIZE}, &maker_memory);
}

static void show_tpm(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request)
{
    request->kind = VIEW_TEXT(TPM_KIND);
    request->evidence = tpm_maker_evidence(report_data, &maker_memory);
}

static void rules_of_psa(struct buf *out)
{
    static struct psatoken_terms terms;

    psa_maker_terms(&terms, &maker_memory);
    assert_int_equal(psatoken_terms_encode(&terms, out), STATUS_OK);
}

static void rules_of_tpm(struct buf *out)
{
    static struct tpm_terms terms;

    tpm_maker_terms(&terms, &maker_memory);
    assert_int_equal(tpm_terms_encode(&terms, out), STATUS_OK);
}

static const struct other_kind {
    const char *kind;
    void (*rules)(struct buf *out);
    void (*show)(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request);
    enum status unbound; /* what is said to evidence over another report data */
} other_kinds[] = {
    {PSATOKEN_KIND, rules_of_psa, show_psa, STATUS_EVIDENCE_STALE},
    {TPM_KIND, rules_of_tpm, show_tpm, STATUS_EVIDENCE_BINDING},
};

static void shown(struct enrol_draft *d, void *ctx)
{
    d->show = ((const struct other_kind *)ctx)->show;
}
static void shown_unbound(struct enrol_draft *d, void *ctx)
{
    shown(d, ctx);
    d->other_report_data = true;
}
static void shown_before_the_key_changed(struct enrol_draft *d, void *ctx)
{
    struct buf key = BUF_OF(other_key_bytes);

    shown(d, ctx);
    assert_int_equal(cose_key_encode(VIEW_OF(another_key.point), &key), STATUS_OK);
    d->after = put_other_key;
}

static void devices_with_a_tpm_or_a_psa_token_enrol_for_their_own_claims(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(other_kinds); i++) {
        struct other_kind one = other_kinds[i];
        uint8_t rules_bytes[4096];
        struct buf rules = BUF_OF(rules_bytes);
        struct federation_options options = {.min_cohort = 2};

        print_message("  %s\n", one.kind);
        maker_memory = BUF_OF(maker_bytes);
        one.rules(&rules);
        options.device = (struct accepted){view_of_string(one.kind), buf_view(&rules)};
        federation_start(&federation, &options);
        assert_int_equal(p256_generate(&federation.random, &another_key), STATUS_OK);
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", shown, &one), STATUS_OK);
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", shown_unbound, &one), one.unbound);
        member_ask(&federation, &(struct member){.alg = 0}, "a", shown_before_the_key_changed, &one);
        assert_int_equal(federation_replay_enrol(&federation).reason, one.unbound);
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", NULL, NULL), STATUS_EVIDENCE_KIND);
        assert_int_equal(federation_status(&federation).enrolled, 1);
        federation_end(&federation);
    }
}

/* ---- requests that are sent again ---- */

/* A boot has keys of its own: what was sealed for the last one does not open, whatever state the new one goes on from. */
static void a_request_of_before_a_restart_is_refused_after_it(void **state)
{
    struct view sealed_state;
    struct buf kept;
    float value = 1;

    (void)state;
    for (int with_state = 0; with_state < 2; with_state++) {
        struct gate_status status;
        struct gate_answer answer;

        start();
        federation_put_model(&federation, &value, 1);
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", NULL, NULL), STATUS_OK);
        assert_int_equal(federation_call(&federation, GATE_SEAL, (struct view){NULL, 0}), STATUS_OK);
        assert_int_equal(gate_message_decode(buf_view(&federation.response), &sealed_state), STATUS_OK);
        kept = (struct buf){.ptr = malloc(sealed_state.len), .cap = sealed_state.len};
        assert_int_equal(buf_append(&kept, sealed_state), STATUS_OK);
        federation_reboot(&federation, with_state ? buf_view(&kept) : (struct view){NULL, 0});
        federation_new_challenge(&federation);

        answer = federation_replay_enrol(&federation);
        assert_int_equal(answer.reason, STATUS_FORGED);
        assert_int_equal(answer.message.len, 0);
        status = federation_status(&federation);
        assert_int_equal(status.enrolled, 0);
        assert_int_equal(status.refusals.count, 1); /* its only trace */
        assert_int_equal(refusals_of(STATUS_FORGED), 1);
        assert_int_equal(status.phase, with_state ? GATE_IDLE : GATE_EMPTY);
        assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", NULL, NULL), STATUS_OK);
        free(kept.ptr);
        federation_end(&federation);
    }
}

/* Within its challenge it is answered again, to the key in it: whoever sends it learns nothing, and takes nothing away. */
static void a_request_that_is_sent_again_gives_nothing_to_its_sender(void **state)
{
    struct member member = {.alg = 0}, other = {.alg = 0};
    uint8_t plain[MESSAGE_MAX];
    struct buf opened = BUF_OF(plain);
    struct gate_answer answer;
    float value = 1;

    (void)state;
    start();
    assert_int_equal(member_enrol(&federation, &other, "b", NULL, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &member, "a", NULL, NULL), STATUS_OK);
    answer = federation_replay_enrol(&federation);
    assert_int_equal(answer.reason, STATUS_OK);
    assert_int_equal(federation_open_enrolment(&federation, "a", &another_key, answer.message, &opened), STATUS_FORGED);
    assert_int_equal(federation_open_enrolment(&federation, "a", &other.key, answer.message, &opened), STATUS_FORGED);
    assert_int_equal(opened.len, 0);
    assert_int_equal(federation_open_enrolment(&federation, "a", &member.key, answer.message, &opened), STATUS_OK);

    federation_put_model(&federation, &value, 1);
    assert_int_equal(federation_start_rounds(&federation, 1, 2), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(member_update(&federation, &member, &value, 1, 10), STATUS_OK);
    federation.now += 2 * 60;
    federation_new_challenge(&federation);
    answer = federation_replay_enrol(&federation); /* its body tells an older time, which is not taken */
    assert_int_equal(answer.reason, STATUS_EVIDENCE_STALE);
    opened.len = 0;
    assert_int_equal(federation_open_enrolment(&federation, "a", &another_key, answer.message, &opened), STATUS_FORGED);
    federation_end(&federation);
}

/* A request that was recorded is of no use on another device's topic, nor a byte of it changed. */
static void a_request_that_was_recorded_serves_no_other_name(void **state)
{
    struct gate_sealed sealed;
    struct gate_answer answer;
    uint8_t body_bytes[MESSAGE_MAX + 256];
    struct buf body = BUF_OF(body_bytes);

    (void)state;
    start();
    assert_int_equal(member_enrol(&federation, &(struct member){.alg = 0}, "a", NULL, NULL), STATUS_OK);
    assert_int_equal(gate_sealed_decode(buf_view(&federation.enrol_body), &sealed), STATUS_OK);
    sealed.name = VIEW_TEXT("mallory");
    assert_int_equal(gate_sealed_encode(&sealed, &body), STATUS_OK);
    assert_int_equal(federation_call(&federation, GATE_ENROL, buf_view(&body)), STATUS_OK);
    assert_int_equal(gate_answer_decode(buf_view(&federation.response), &answer), STATUS_OK);
    assert_int_equal(answer.reason, STATUS_FORGED);
    assert_int_equal(answer.message.len, 0);
    assert_int_equal(federation_status(&federation).enrolled, 1);
    federation_end(&federation);
}

static void only_the_owner_commands_and_only_freshly(void **state)
{
    (void)state;
    struct owner_request request = {.command = OWNER_START, .plan = {1, 2, 60, false, false}};
    struct p256_key owner;
    float value = 1;

    start();
    assert_int_equal(federation_owner(&federation, &request), STATUS_NO_MODEL);
    request.challenge = VIEW_OF(zeros);
    assert_int_equal(federation_owner(&federation, &request), STATUS_STALE_CHALLENGE);
    request.challenge = (struct view){NULL, 0};
    owner = federation.owner;
    federation.owner = another_key;
    assert_int_equal(federation_owner(&federation, &request), STATUS_FORGED);
    federation.owner = owner;

    federation_put_model(&federation, &value, 1);
    request.plan.target = 1;
    assert_int_equal(federation_owner(&federation, &request), STATUS_OUT_OF_RANGE);
    request.plan.target = 65;
    assert_int_equal(federation_owner(&federation, &request), STATUS_OUT_OF_RANGE);
    request.plan.target = 2;
    assert_int_equal(federation_owner(&federation, &request), STATUS_OK);
    assert_int_equal(federation_owner(&federation, &request), STATUS_BUSY);
    request = (struct owner_request){.command = OWNER_STOP};
    assert_int_equal(federation_owner(&federation, &request), STATUS_OK);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation_end(&federation);
}

static void its_keys_are_not_given_to_the_owner(void **state)
{
    const struct owner_request request = {.command = OWNER_ESCROW};
    uint64_t refused = 0;
    struct gate_status status;

    (void)state;
    start();
    assert_int_equal(federation_owner(&federation, &request), STATUS_UNSUPPORTED);
    status = federation_status(&federation);
    for (uint32_t i = 0; i < status.refusals.count; i++)
        if (status.refusals.list[i].reason == STATUS_UNSUPPORTED)
            refused = status.refusals.list[i].count;
    assert_int_equal(refused, 1);
    federation_end(&federation);
}

static void a_request_that_is_sent_again_is_not_obeyed_again(void **state)
{
    (void)state;
    struct owner_request stop = {.command = OWNER_STOP};
    float value = 1;

    start();
    federation_put_model(&federation, &value, 1);
    assert_int_equal(federation_start_rounds(&federation, 3, 2), STATUS_OK);
    struct buf start_again = federation.owner_body; /* what the host keeps */
    federation.owner_body = (struct buf){NULL, 0, 0};
    assert_int_equal(federation_owner(&federation, &stop), STATUS_OK);
    free(federation.owner_body.ptr);
    federation.owner_body = start_again;
    assert_int_equal(federation_replay_owner(&federation), STATUS_STALE_CHALLENGE);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation.now += 2 * 60;
    federation_new_challenge(&federation); /* the body tells its own, older time: it does not turn the clock back */
    assert_int_equal(federation_replay_owner(&federation), STATUS_STALE_CHALLENGE);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation_end(&federation);
}

static void the_owner_is_heard_again_when_many_requests_are_past(void **state)
{
    (void)state;
    struct owner_request stop = {.command = OWNER_STOP};
    unsigned int obeyed = 0;

    start();
    while (federation_owner(&federation, &stop) == STATUS_OK)
        obeyed++;
    assert_in_range(obeyed, 10, 1000); /* all remembered, none forgotten in the life of its challenge */
    assert_int_equal(federation_owner(&federation, &stop), STATUS_BUSY);
    federation.now += 2 * 60;
    federation_new_challenge(&federation);
    assert_int_equal(federation_owner(&federation, &stop), STATUS_OK);
    federation_end(&federation);
}

static void a_plan_that_could_overflow_the_sum_is_not_taken(void **state)
{
    (void)state;
    struct federation_options options = {.min_cohort = 2, .max_cohort = 65536, .max_samples = 1u << 30};
    float value = 1;

    federation_start(&federation, &options);
    federation_put_model(&federation, &value, 1);
    assert_int_equal(federation_start_rounds(&federation, 1, 5), STATUS_BOUND_UNPROVEN);
    assert_int_equal(federation_start_rounds(&federation, 1, 4), STATUS_OK);
    federation_end(&federation);
}

static void a_model_that_the_policy_does_not_allow_is_not_taken(void **state)
{
    (void)state;
    static const uint8_t garbage[] = {0xa1, 0x01, 0x80};
    struct owner_request request = {.command = OWNER_PUT_MODEL, .model = VIEW_OF(garbage)};

    start();
    assert_int_not_equal(federation_owner(&federation, &request), STATUS_OK);
    assert_int_equal(federation_status(&federation).phase, GATE_EMPTY);
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_is_told_to_the_device),
        cmocka_unit_test(a_key_that_is_none_is_refused_in_silence),
        cmocka_unit_test(an_algorithm_that_the_policy_does_not_list_is_refused),
        cmocka_unit_test(what_is_no_request_is_refused_in_silence),
        cmocka_unit_test(nobody_enrols_on_anothers_topic),
        cmocka_unit_test(a_challenge_serves_for_its_time_and_not_longer),
        cmocka_unit_test(a_request_that_is_sealed_for_another_place_does_not_open),
        cmocka_unit_test(evidence_serves_only_the_claims_that_it_was_made_for),
        cmocka_unit_test(devices_with_a_tpm_or_a_psa_token_enrol_for_their_own_claims),
        cmocka_unit_test(a_request_of_before_a_restart_is_refused_after_it),
        cmocka_unit_test(a_request_that_is_sent_again_gives_nothing_to_its_sender),
        cmocka_unit_test(a_request_that_was_recorded_serves_no_other_name),
        cmocka_unit_test(only_the_owner_commands_and_only_freshly),
        cmocka_unit_test(its_keys_are_not_given_to_the_owner),
        cmocka_unit_test(a_request_that_is_sent_again_is_not_obeyed_again),
        cmocka_unit_test(the_owner_is_heard_again_when_many_requests_are_past),
        cmocka_unit_test(a_plan_that_could_overflow_the_sum_is_not_taken),
        cmocka_unit_test(a_model_that_the_policy_does_not_allow_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
