/* audit_test.c: a chain of six records over two boots, and everything that may be wrong with it. PROTOCOL.md section 12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit.h"
#include "crypto_support.h"
#include "manifest.h"

#define RECORDS   6
#define BOOT_FROM 4 /* the first record of the second boot */

static struct counting_random counting;
static struct random_port random_bytes;
static struct p256_key keys[2];
static uint8_t boots[2][BOOT_ID_SIZE], policy_digest[DIGEST_SIZE], models[RECORDS + 1][DIGEST_SIZE],
    roots[2][DIGEST_SIZE];

/* A record, how it is signed, and the file that it stands in. */
struct draft {
    struct record record;
    unsigned int signer, round_of_file;
    bool linked; /* field 4 is the digest of the draft before it */
    uint8_t bytes[MESSAGE_MAX], digest[DIGEST_SIZE];
    struct buf message;
};

static struct draft drafts[RECORDS + 1];

static int begin(void **state)
{
    (void)state;
    random_bytes = counting_port(&counting);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(p256_generate(&random_bytes, &keys[i]), STATUS_OK);
        memset(boots[i], (int)i + 1, sizeof boots[i]);
    }
    memset(policy_digest, 0x77, sizeof policy_digest);
    assert_int_equal(sha256((struct view){NULL, 0}, roots[0]), STATUS_OK);
    memset(roots[1], 0x99, sizeof roots[1]);
    for (unsigned int i = 0; i <= RECORDS; i++)
        memset(models[i], (int)i + 0x20, sizeof models[i]);
    return 0;
}

static void make_drafts(void)
{
    memset(drafts, 0, sizeof drafts);
    for (unsigned int i = 0; i < RECORDS; i++) {
        const unsigned int boot = i + 1 >= BOOT_FROM;
        drafts[i].record = (struct record){
            .round = i + 1,
            .task = TASK_TRAIN,
            .base = VIEW_OF(models[i]),
            .model = VIEW_OF(models[i + 1]),
            .counted = 3,
            .samples = 300,
            .root = VIEW_OF(roots[1]),
            .closed = 1000 + i,
            .boot_id = VIEW_OF(boots[boot]),
            .policy_digest = VIEW_OF(policy_digest),
        };
        drafts[i].signer = boot;
        drafts[i].round_of_file = i + 1;
        drafts[i].linked = i > 0;
    }
}

static void sign_one(struct draft *draft)
{
    uint8_t bytes[MESSAGE_MAX];
    struct buf payload = BUF_OF(bytes);
    const struct place place = {
        .federation = VIEW_TEXT("home"), .aggregator = VIEW_TEXT("gate"), .round = draft->record.round};

    draft->message = BUF_OF(draft->bytes);
    assert_int_equal(record_encode(&draft->record, &payload), STATUS_OK);
    assert_int_equal(sha256(buf_view(&payload), draft->digest), STATUS_OK);
    assert_int_equal(
        bind_sign(PURPOSE_RECORD, &place, &keys[draft->signer], &random_bytes, buf_view(&payload), &draft->message),
        STATUS_OK);
}

static void sign_all(void)
{
    for (unsigned int i = 0; i < RECORDS; i++) {
        if (drafts[i].linked)
            drafts[i].record.previous = VIEW_OF(drafts[i - 1].digest);
        sign_one(&drafts[i]);
    }
}

/* The auditor knows the evidence of these boots, as bits. */
static struct audit auditor(unsigned int known)
{
    struct audit audit = {.place = {.federation = VIEW_TEXT("home"), .aggregator = VIEW_TEXT("gate")}};

    audit.boots = calloc(2, sizeof *audit.boots);
    for (unsigned int i = 0; i < 2; i++)
        if ((known >> i & 1) != 0) {
            struct trust *trust = &audit.boots[audit.boot_count++].trust;
            trust->policy = (struct policy){.version = 4, .min_cohort = 2, .max_cohort = 10, .max_samples = 100};
            memcpy(trust->policy_digest, policy_digest, sizeof policy_digest);
            memcpy(trust->boot_id, boots[i], sizeof boots[i]);
            memcpy(trust->signing_point, keys[i].point, sizeof trust->signing_point);
        }
    return audit;
}

static void take_all(struct audit *audit)
{
    for (unsigned int i = RECORDS + 1; i > 0; i--) /* in any order */
        if (drafts[i - 1].message.len > 0)
            assert_int_equal(audit_take_record(audit, drafts[i - 1].round_of_file, buf_view(&drafts[i - 1].message)),
                             STATUS_OK);
    audit_check(audit);
}

static void a_whole_chain_has_no_fault(void **state)
{
    (void)state;
    make_drafts();
    sign_all();
    for (unsigned int known = 1; known < 4; known++) {
        CLEANUP(audit_free) struct audit audit = auditor(known);
        take_all(&audit);
        if (known == 1) { /* the last boot is unknown, and nothing names its records */
            assert_int_equal(audit.fault_round, BOOT_FROM);
            assert_non_null(strstr(audit.why, "nobody vouches"));
            continue;
        }
        assert_false(audit.has_fault);
        assert_int_equal(audit.chain.count, RECORDS);
        assert_int_equal(audit.note_count, 0);
    }
}

static void edit_base(void)
{
    drafts[4].record.base = VIEW_OF(models[0]);
}
static void remove_third(void)
{
    drafts[2].message.len = 0;
}
static void remove_first(void)
{
    drafts[0].message.len = 0;
}
static void swap_two(void)
{
    const struct draft second = drafts[1];
    drafts[1].message = BUF_OF(drafts[1].bytes);
    drafts[1].message.len = 0;
    assert_int_equal(buf_append(&drafts[1].message, buf_view(&drafts[2].message)), STATUS_OK);
    drafts[2].message = BUF_OF(drafts[2].bytes);
    drafts[2].message.len = 0;
    assert_int_equal(buf_append(&drafts[2].message, (struct view){second.bytes, second.message.len}), STATUS_OK);
}
static void turn_payload(void)
{
    uint8_t *root = memmem(drafts[1].bytes, drafts[1].message.len, roots[1], sizeof roots[1]);
    assert_non_null(root);
    root[5] ^= 1;
}
static void turn_signature(void)
{
    drafts[1].bytes[drafts[1].message.len - 1] ^= 1;
}
static void cut(void)
{
    drafts[1].message.len--;
}
static void stranger_signs(void)
{
    drafts[4].signer = 0;
    sign_one(&drafts[4]);
}
static void fork(void)
{
    drafts[RECORDS].record = drafts[2].record;
    drafts[RECORDS].record.closed++;
    drafts[RECORDS].round_of_file = 3;
    sign_one(&drafts[RECORDS]);
}
static void other_branch(void)
{
    drafts[2].record.closed++;
    sign_one(&drafts[2]); /* signed by the enclave, but record 4 names another */
}
static void of_the_first(unsigned int index)
{
    drafts[index].record.boot_id = VIEW_OF(boots[0]);
    drafts[index].signer = 0;
}

/* What is changed before all is signed and linked, or after. */
static const struct {
    const char *why;
    void (*after)(void);
    unsigned int known; /* boots whose evidence is there, as bits */
    uint32_t round;     /* of the fault */
    const char *says;
} spoilt[] = {
    {"the first is missing", remove_first, 3, 2, "what it follows is not here"},
    {"one is missing", remove_third, 3, 4, "does not follow record 2, the last one here before it: field 4 is "},
    {"two are swapped", swap_two, 3, 2, "another round (field 1)"},
    {"a byte of one is turned", turn_payload, 3, 2, "signature"},
    {"a byte of one is turned, and its boot is not known", turn_payload, 2, 3, "does not follow record 2: field 4 is "},
    {"a signature is turned", turn_signature, 3, 2, "signature"},
    {"one is cut", cut, 3, 2, "end too early"},
    {"another boot's key signs", stranger_signs, 3, 5, "signature"},
    {"two of a round", fork, 3, 3, "forks"},
    {"one that the enclave signed instead", other_branch, 3, 4, "does not follow record 3: field 4 is "},
};

static void what_is_changed_afterwards_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(spoilt); i++) {
        CLEANUP(audit_free) struct audit audit = auditor(spoilt[i].known);
        print_message("  %s\n", spoilt[i].why);
        make_drafts();
        sign_all();
        spoilt[i].after();
        take_all(&audit);
        assert_true(audit.has_fault);
        if (audit.fault_round != spoilt[i].round || strstr(audit.why, spoilt[i].says) == NULL)
            print_message("    record %u: %s\n", audit.fault_round, audit.why);
        assert_int_equal(audit.fault_round, spoilt[i].round);
        assert_non_null(strstr(audit.why, spoilt[i].says));
    }
}

static void no_update(void)
{
    drafts[2].record.counted = 0;
    drafts[2].record.samples = 0;
}
static void no_root(void)
{
    drafts[2].record.root = VIEW_OF(roots[0]);
}
static void no_samples(void)
{
    drafts[2].record.samples = 2;
}
static void released_nothing(void)
{
    no_update();
    no_root();
}
static void evaluated_into_another(void)
{
    drafts[2].record.task = TASK_EVALUATE;
}
static void below_the_cohort(void)
{
    drafts[2].record.counted = 1;
    drafts[2].record.samples = 1;
}
static void above_the_cohort(void)
{
    drafts[2].record.counted = 11;
}
static void too_many_samples(void)
{
    drafts[2].record.samples = 301;
}
static void other_policy(void)
{
    drafts[1].record.policy_digest = VIEW_OF(roots[1]);
}
static void says_simulated(void)
{
    drafts[3].record.simulated = true;
}
static void goes_back_in_time(void)
{
    drafts[2].record.closed = 1000;
}
static void comes_again(void)
{
    of_the_first(4);
}
static void unlinked(void)
{
    drafts[3].linked = false;
}

/* What an enclave would have signed that is none of ours. */
static const struct {
    void (*before)(void);
    uint32_t round;
    const char *says;
} wrong[] = {
    {no_update, 3, "0 updates (field 7) and has a root of some (field 9)"},
    {no_root, 3, "3 updates (field 7) and has the root of none (field 9)"},
    {no_samples, 3, "3 updates (field 7) and 2 samples (field 8)"},
    {released_nothing, 3, "made of no update"},
    {evaluated_into_another, 3, "another model than its base"},
    {below_the_cohort, 3, "below the minimum cohort of 2"},
    {above_the_cohort, 3, "above what the policy allows"},
    {too_many_samples, 3, "above what the policy allows"},
    {other_policy, 2, "under another policy (fields 14 and 15)"},
    {says_simulated, 4, "field 15"},
    {goes_back_in_time, 3, "closed before record 2"},
    {comes_again, 5, "boot of record 3"},
    {unlinked, 4, "does not follow record 3: field 4 is null instead of "},
};

static void what_no_enclave_of_ours_signs_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CLEANUP(audit_free) struct audit audit = auditor(3);
        make_drafts();
        wrong[i].before();
        sign_all();
        take_all(&audit);
        print_message("  record %u: %s\n", audit.fault_round, audit.why);
        assert_true(audit.has_fault);
        assert_int_equal(audit.fault_round, wrong[i].round);
        assert_non_null(strstr(audit.why, wrong[i].says));
    }
}

static void another_model_of_the_owner_s_is_no_fault(void **state)
{
    CLEANUP(audit_free) struct audit audit = auditor(3);

    (void)state;
    make_drafts();
    edit_base();
    sign_all();
    take_all(&audit);
    assert_false(audit.has_fault);
    assert_int_equal(audit.note_count, 1);
    assert_non_null(strstr(audit.notes[0], "record 5"));
}

static void a_beginning_may_be_left_aside(void **state)
{
    (void)state;
    make_drafts();
    sign_all();
    remove_first();
    for (unsigned int how = 0; how < 2; how++) {
        CLEANUP(audit_free) struct audit audit = auditor(3);
        audit.any_start = how == 0;
        audit.from = how == 0 ? 0 : 3;
        take_all(&audit);
        assert_false(audit.has_fault);
        assert_int_equal(audit.note_count, 1);
        assert_int_equal(audit.chain.count, how == 0 ? 5 : 4);
    }
}

static void hear_manifest(struct audit *audit, uint32_t round, const struct p256_key *key, struct view previous)
{
    uint8_t bytes[1024], signed_bytes[1024];
    struct buf payload = BUF_OF(bytes), message = BUF_OF(signed_bytes);
    const struct manifest manifest = {
        .round = round,
        .task = TASK_TRAIN,
        .base = VIEW_OF(models[0]),
        .model_size = 100,
        .chunk_size = 256,
        .target = 2,
        .minimum = 2,
        .max_samples = 100,
        .fraction_bits = 16,
        .alg_count = 1,
        .algs = {AEAD_A256GCM},
        .previous = previous,
        .boot_id = VIEW_OF(boots[1]),
        .policy_digest = VIEW_OF(policy_digest),
    };

    assert_int_equal(manifest_encode(&manifest, &payload), STATUS_OK);
    assert_int_equal(bind_sign(PURPOSE_MANIFEST, &audit->place, key, &random_bytes, buf_view(&payload), &message),
                     STATUS_OK);
    audit_take_manifest(audit, buf_view(&message));
}

static void the_manifest_tells_when_the_last_is_missing(void **state)
{
    (void)state;
    make_drafts();
    sign_all();
    for (unsigned int missing = 0; missing < 2; missing++) {
        CLEANUP(audit_free) struct audit audit = auditor(2);
        hear_manifest(&audit, RECORDS + 1, &keys[1], VIEW_OF(drafts[RECORDS - 1].digest));
        assert_true(audit.has_head);
        if (missing)
            drafts[RECORDS - 1].message.len = 0;
        take_all(&audit);
        assert_int_equal(audit.has_fault, missing);
        if (missing)
            assert_int_equal(audit.fault_round, RECORDS + 1);
    }
    CLEANUP(audit_free) struct audit audit = auditor(2);
    hear_manifest(&audit, RECORDS + 1, &keys[0], VIEW_OF(roots[1])); /* of nobody who is known here */
    assert_false(audit.has_head);
}

static void evidence_that_is_none_is_not_taken(void **state)
{
    CLEANUP(audit_free) struct audit audit = auditor(0);

    (void)state;
    audit.owner_point = VIEW_OF(keys[0].point);
    assert_int_not_equal(audit_take_bundle(&audit, VIEW_TEXT("none"), 1000), STATUS_OK);
    assert_int_equal(audit.boot_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_chain_has_no_fault),
        cmocka_unit_test(what_is_changed_afterwards_is_named),
        cmocka_unit_test(what_no_enclave_of_ours_signs_is_named),
        cmocka_unit_test(another_model_of_the_owner_s_is_no_fault),
        cmocka_unit_test(a_beginning_may_be_left_aside),
        cmocka_unit_test(the_manifest_tells_when_the_last_is_missing),
        cmocka_unit_test(evidence_that_is_none_is_not_taken),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
