/* Replays of a recorded federation: all of it comes out again; what is lacking, changed or secret is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "keyless.h"
#include "mutate.h"
#include "recording.h"
#include "revocation_support.h"
#include "stream.h"
#include "verdict.h"

#define ROUNDS_MAX 16

static struct recording recording;
static char path[64];

/* What a replay told. */
static struct {
    struct verify_round rounds[ROUNDS_MAX];
    struct index_round of[ROUNDS_MAX];
    size_t count, note_count;
    char notes[32][DIFFER_MAX];
    struct verify_totals totals;
    struct keyless_totals keyless;
    uint8_t owner_point[P256_POINT_SIZE];
} told;

static void take_round(void *ctx, const struct verify_round *round)
{
    (void)ctx;
    assert_true(told.count < ROUNDS_MAX);
    told.of[told.count] = *round->of;
    told.rounds[told.count++] = *round;
    print_message("  round %u: %d %s\n", (unsigned int)round->of->round, (int)round->verdict, round->why);
}

static void take_note(void *ctx, const char *text)
{
    (void)ctx;
    print_message("  note: %s\n", text);
    if (told.note_count < ARRAY_LEN(told.notes))
        (void)snprintf(told.notes[told.note_count++], DIFFER_MAX, "%s", text);
}

static const struct verify_sink sink = {NULL, take_round, take_note, NULL};

static void begin(void)
{
    (void)snprintf(path, sizeof path, "/tmp/verify_test.%d.tacit", (int)getpid());
    (void)unlink(path);
    recording_open(&recording, path);
    memcpy(told.owner_point, recording.stage.federation.owner.point, P256_POINT_SIZE);
}

static struct verify_options options_of(uint32_t from, uint32_t to)
{
    struct verify_options options = {
        .federation = VIEW_TEXT("fed"), .aggregator = VIEW_TEXT("agg"), .from = from, .to = to};

    memcpy(options.owner_point, told.owner_point, P256_POINT_SIZE);
    return options;
}

static void replay_rounds(uint32_t from, uint32_t to)
{
    const struct verify_options options = options_of(from, to);
    struct source source = {.parts = {.count = 0}};
    struct index index = {0};
    struct reason reason;

    told.count = told.note_count = 0;
    assert_int_equal(capture_parts_open((const char *const[]){path}, 1, &source.parts, NULL, NULL, &reason), STATUS_OK);
    assert_int_equal(index_read(&source, options.aggregator, &index), STATUS_OK);
    assert_int_equal(verify_run(&source, &index, &options, &sink, &told.totals), STATUS_OK);
    assert_int_equal(keyless_run(&source, &index, &options, &sink, &told.keyless), STATUS_OK);
    index_free(&index);
    source_close(&source);
}

/* Ends the recording and replays it. */
static void replay(void)
{
    recording_close(&recording);
    replay_rounds(0, 0);
    (void)unlink(path);
}

static void assert_verdict(size_t which, enum verdict verdict, const char *why)
{
    assert_true(which < told.count);
    assert_int_equal(told.rounds[which].verdict, verdict);
    if (why != NULL && strstr(told.rounds[which].why, why) == NULL)
        fail_msg("wanted '%s', got '%s'", why, told.rounds[which].why);
}

static void assert_noted(const char *text)
{
    for (size_t i = 0; i < told.note_count; i++)
        if (strstr(told.notes[i], text) != NULL)
            return;
    fail_msg("nobody said '%s'", text);
}

static void every_round_comes_out_again(void **state)
{
    (void)state;
    begin();
    recording_boot(&recording);
    recording_rounds(&recording, 3);
    replay();
    assert_int_equal(told.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_verdict(i, VERDICT_SAME, NULL);
        assert_int_equal(told.rounds[i].counted, 3);
        assert_int_equal(told.rounds[i].receipts, 3);
        assert_int_equal(told.rounds[i].samples, 51);
    }
    assert_int_equal(told.totals.differences, 0);
    assert_int_equal(told.totals.receipts, 12);
    assert_int_equal(told.totals.requests, 2);
    assert_true(told.totals.model_chunks >= 10); /* two under each of five numbers, some of them published again */
    assert_true(told.totals.has_model);
    assert_int_equal(told.keyless.faults, 0);
    assert_int_equal(told.keyless.records, 4);
    assert_int_equal(told.keyless.is_signed, 4);
    assert_int_equal(told.note_count, 0);
}

static void rounds_go_on_over_a_boot(void **state)
{
    (void)state;
    begin();
    recording_boot(&recording);
    recording_rounds(&recording, 1);
    recording_reboot(&recording);
    recording_rounds(&recording, 1);
    replay();
    assert_int_equal(told.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_verdict(i, VERDICT_SAME, NULL);
    assert_int_equal(told.keyless.boots, 2);
}

/* ---- what is lacking ---- */

static const char *lacking; /* the end of a topic */
static int times;           /* how many of it still go by unseen */

static bool keep_all_but(struct recording *with, const char *topic, struct buf *payload)
{
    const size_t len = strlen(topic), end = strlen(lacking);

    (void)with;
    (void)payload;
    if (times == 0 || len < end || strcmp(topic + len - end, lacking) != 0)
        return true;
    times--;
    return false;
}

static void without(const char *topic_end, int count)
{
    lacking = topic_end;
    times = count;
    begin();
    recording.keep = keep_all_but;
    recording_boot(&recording);
    recording_rounds(&recording, 2);
    replay();
}

static void a_chunk_that_is_not_there_is_named(void **state)
{
    (void)state;
    without("update/agg/device-03/2.1", -1);
    assert_int_equal(told.count, 3);
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_verdict(1, VERDICT_MISSING, "device-03 chunk 1 is not in the capture: the round cannot be recomputed");
    assert_verdict(2, VERDICT_SAME, NULL);
}

static void a_first_chunk_that_is_not_there_is_named(void **state)
{
    (void)state;
    without("update/agg/device-02/1.0", -1);
    assert_verdict(0, VERDICT_MISSING, "device-02 chunk 0 is not in the capture");
    assert_verdict(1, VERDICT_SAME, NULL);
}

static void an_update_that_is_not_there_is_named(void **state)
{
    (void)state;
    lacking = "";
    begin();
    recording_boot(&recording);
    recording_rounds(&recording, 1);
    recording_close(&recording);
    (void)unlink(path);
    without("receipt/device-01", 1);
    /* Its chunks are there: the record says that it was counted. */
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_int_equal(told.totals.unreceipted, 1);
}

static void a_model_chunk_that_is_not_there_is_named(void **state)
{
    (void)state;
    without("model/agg/1", 1);
    assert_verdict(0, VERDICT_SAME, NULL); /* the owner's request has the model too */
    without("owner/agg/request-1.0", 1);
    assert_verdict(0, VERDICT_SAME, NULL); /* and so do the chunks */
    assert_noted("owner request request-1");
}

static void a_round_without_its_record_is_told(void **state)
{
    (void)state;
    without("record/agg/2", -1);
    assert_int_equal(told.count, 3);
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_verdict(1, VERDICT_MISSING, "its record is not in the capture");
    assert_verdict(2, VERDICT_SAME, NULL);
    assert_int_equal(told.keyless.faults, 1); /* the chain lacks one too */
}

static void a_capture_that_begins_within_a_round_says_so(void **state)
{
    struct member members[2] = {{.alg = AEAD_A256GCM}, {.alg = AEAD_A256GCM}};

    (void)state;
    begin();
    recording_boot(&recording);
    recording_model(&recording, 1);
    recording_enrol(&recording, &members[0], "a");
    recording_enrol(&recording, &members[1], "b");
    recording_start(&recording, 2, 2, false);
    recording_learn(&recording);
    lacking = "";
    times = 4; /* three chunks and a receipt */
    recording.keep = keep_all_but;
    recording_update(&recording, &members[0], 1, 10, NULL);
    times = 0;
    recording_update(&recording, &members[1], 1, 10, NULL);
    recording_tick(&recording);
    recording_learn(&recording);
    for (size_t i = 0; i < 2; i++)
        recording_update(&recording, &members[i], 1, 10, NULL);
    recording_tick(&recording);
    replay();
    assert_verdict(0, VERDICT_MISSING, "1 of its 2 counted updates are not in the capture");
    assert_verdict(1, VERDICT_SAME, NULL);
}

/* ---- what was changed ---- */

static const char *changed;
static size_t at_byte; /* from the end */

static bool change_it(struct recording *with, const char *topic, struct buf *payload)
{
    const size_t len = strlen(topic), end = strlen(changed);

    (void)with;
    if (times > 0 && len >= end && strcmp(topic + len - end, changed) == 0) {
        payload->ptr[payload->len - at_byte] ^= 1;
        times--;
    }
    return true;
}

static void with_changed(const char *topic_end, size_t from_end)
{
    changed = topic_end;
    at_byte = from_end;
    times = 1;
    begin();
    recording.keep = change_it;
    recording_boot(&recording);
    recording_rounds(&recording, 2);
    replay();
}

static void a_changed_update_is_named_with_its_chunk(void **state)
{
    (void)state;
    with_changed("update/agg/device-02/2.1", 40);
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_verdict(1, VERDICT_DIFFERENT,
                   "device-02: chunk 1 does not open (FORGED): receipt: captured OK, replayed FORGED");
    assert_verdict(2, VERDICT_SAME, NULL);
}

static void a_changed_model_chunk_is_named(void **state)
{
    (void)state;
    with_changed("model/agg/1", 40);
    assert_verdict(0, VERDICT_DIFFERENT, "model chunk 1");
    assert_verdict(1, VERDICT_SAME, NULL);
    assert_noted("announcement 1: model chunk 1");
}

static void a_changed_record_is_named(void **state)
{
    (void)state;
    with_changed("record/agg/1", 1);
    assert_verdict(0, VERDICT_DIFFERENT, "record: a signature or tag does not verify");
    assert_verdict(1, VERDICT_SAME, NULL);
    assert_int_equal(told.keyless.faults, 1);
}

static void a_changed_manifest_is_named(void **state)
{
    (void)state;
    with_changed("round/agg", 1);
    assert_int_equal(told.totals.differences, 1); /* of the announcement, before the rounds */
    assert_noted("manifest: the signature is another");
    assert_verdict(0, VERDICT_SAME, NULL);
}

static void a_changed_challenge_is_named(void **state)
{
    (void)state;
    with_changed("agg/challenge", 1);
    assert_true(told.totals.differences + told.keyless.faults > 0);
    assert_noted("challenge");
}

/* Bits of any message, as a seed draws them: manifests that do not decode, chunk headers that lie, fragments of great
 * length. */
static uint64_t draw;

static bool change_some(struct recording *with, const char *topic, struct buf *payload)
{
    (void)with;
    (void)topic;
    if (payload->len == 0)
        return true;
    if (stream_below(&draw, 4) == 0)
        for (uint64_t i = stream_below(&draw, 3); i < 3; i++)
            payload->ptr[stream_below(&draw, payload->len)] ^= (uint8_t)(1u << stream_below(&draw, 8));
    if (stream_below(&draw, 20) == 0)
        payload->len = 1 + (size_t)stream_below(&draw, payload->len);
    return stream_below(&draw, 20) != 0;
}

static void whatever_is_changed_ends_in_a_verdict(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        draw = seed;
        begin();
        recording.keep = change_some;
        recording_boot(&recording);
        recording_rounds(&recording, 2);
        replay();
        assert_true(told.note_count > 0 || told.totals.verdicts[VERDICT_SAME] < told.count || told.count < 3);
    }
}

/* ---- keys ---- */

static void without_keys_the_chain_and_the_updates_are_checked(void **state)
{
    (void)state;
    begin();
    recording.no_secret = true;
    recording_boot(&recording);
    recording_rounds(&recording, 2);
    replay();
    assert_int_equal(told.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_verdict(i, VERDICT_NO_KEYS, "the keys of this boot never left its enclave");
    assert_int_equal(told.keyless.records, 3);
    assert_int_equal(told.keyless.is_signed, 3);
    assert_int_equal(told.keyless.roots, 3);
    assert_int_equal(told.keyless.faults, 0);
}

static void without_keys_a_missing_chunk_is_still_seen(void **state)
{
    (void)state;
    lacking = "update/agg/device-03/2.1";
    times = -1;
    begin();
    recording.keep = keep_all_but;
    recording.no_secret = true;
    recording_boot(&recording);
    recording_rounds(&recording, 2);
    replay();
    assert_int_equal(told.keyless.roots, 2);
    assert_noted(
        "round 2: its 3 counted updates are not all in the capture: of its round 2 are whole and 1 lack a chunk");
}

static void the_keys_of_another_boot_are_told(void **state)
{
    (void)state;
    begin();
    recording.wrong_secret = true;
    recording_boot(&recording);
    recording_rounds(&recording, 1);
    replay();
    for (size_t i = 0; i < told.count; i++)
        assert_verdict(i, VERDICT_NO_KEYS, "the secret in the capture is not that of its boot");
    assert_int_equal(told.totals.differences, 1);
    assert_int_equal(told.keyless.faults, 0);
}

/* ---- what is refused ---- */

static void twice(struct update_draft *draft)
{
    draft->update.samples = 9;
}

static void of_another_boot(struct update_draft *draft)
{
    draft->boot_id_in_sender[0] ^= 1;
}

static void expired(struct update_draft *draft)
{
    draft->expires_in_sender = recording.stage.federation.now;
}

static void too_many(struct update_draft *draft)
{
    draft->update.samples = 5000;
}

static void refusals_come_out_again(void **state)
{
    struct member a = {.alg = AEAD_A256GCM}, b = {.alg = AEAD_A256GCM}, c = {.alg = AEAD_CHACHA20_POLY1305};

    (void)state;
    begin();
    recording_boot(&recording);
    recording_model(&recording, 1);
    recording_enrol(&recording, &a, "a");
    recording_enrol(&recording, &b, "b");
    recording_enrol(&recording, &c, "c");
    recording_start(&recording, 1, 2, false);
    recording_learn(&recording);
    recording_update(&recording, &a, 1, 10, of_another_boot); /* without a word */
    recording_update(&recording, &a, 1, 10, too_many);
    recording_update(&recording, &a, 1, 10, NULL);
    recording_update(&recording, &a, 1, 10, twice);
    recording_tick(&recording);
    recording_tick(&recording);
    recording_update(&recording, &c, 1, 10, expired); /* while it came */
    recording_update(&recording, &b, 1, 10, NULL);
    recording_tick(&recording);
    recording_update(&recording, &c, 1, 10, NULL); /* too late */
    replay();
    assert_int_equal(told.count, 1);
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_int_equal(told.rounds[0].counted, 2);
    assert_int_equal(told.totals.differences, 0);
}

static void a_list_of_revocations_counts_from_where_it_came(void **state)
{
    struct member a = {.alg = AEAD_A256GCM}, b = {.alg = AEAD_A256GCM}, c = {.alg = AEAD_A256GCM};
    struct buf list;

    (void)state;
    begin();
    recording_boot(&recording);
    recording_model(&recording, 1);
    recording_enrol(&recording, &a, "a");
    recording_enrol(&recording, &b, "b");
    recording_enrol(&recording, &c, "c");
    recording_start(&recording, 2, 2, false);
    recording_learn(&recording);
    recording_update(&recording, &a, 1, 10, NULL);
    list =
        sign_revocations(&recording.stage.federation, &(struct revocation_draft){.version = 1, .devices = {"a", "b"}});
    recording_request(&recording, &(struct owner_request){.command = OWNER_REVOKE, .revoked = buf_view(&list)});
    free(list.ptr);
    recording_update(&recording, &b, 1, 10, NULL); /* refused */
    recording_update(&recording, &c, 1, 10, NULL);
    recording_tick(&recording);
    recording_learn(&recording);
    recording_update(&recording, &a, 1, 10, NULL); /* in the next round too */
    recording_update(&recording, &c, 1, 10, NULL);
    for (int i = 0; i < 601; i++)
        recording_tick(&recording);
    replay();
    assert_int_equal(told.count, 3); /* the last one opens again and is not closed */
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_verdict(1, VERDICT_SAME, NULL);
    assert_int_equal(told.rounds[1].reason, STATUS_COHORT_TOO_SMALL);
    assert_verdict(2, VERDICT_MISSING, "its record is not in the capture");
    assert_true(told.totals.challenges > 5);
    assert_int_equal(told.totals.differences, 0);
}

static void some_rounds_are_replayed_alone(void **state)
{
    (void)state;
    begin();
    recording_boot(&recording);
    recording_rounds(&recording, 4);
    recording_close(&recording);
    replay_rounds(3, 4);
    (void)unlink(path);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.of[0].round, 3);
    assert_verdict(0, VERDICT_SAME, NULL);
    assert_verdict(1, VERDICT_SAME, NULL);
}

/* ---- mutations ---- */

static struct mutate_totals mutated;
static uint64_t by_mutation[32];

static void take_case(void *ctx, const struct mutate_case *one)
{
    (void)ctx;
    if (!one->good)
        print_message("  case %d: %s: %s\n", (int)one->number, one->mutation, one->why);
}

static void mutate(uint64_t seed, uint64_t count)
{
    const struct verify_options options = options_of(0, 0);
    const struct mutate_options wanted = {seed, count};
    const struct mutate_sink cases = {NULL, take_case};
    struct source source = {.parts = {.count = 0}};
    struct index index = {0};
    struct reason reason;

    (void)by_mutation;
    assert_int_equal(capture_parts_open((const char *const[]){path}, 1, &source.parts, NULL, NULL, &reason), STATUS_OK);
    assert_int_equal(index_read(&source, options.aggregator, &index), STATUS_OK);
    assert_int_equal(mutate_run(&source, &index, &options, &wanted, &cases, &mutated), STATUS_OK);
    index_free(&index);
    source_close(&source);
}

static void damaged_updates_are_refused_as_documented_and_leave_no_trace(void **state)
{
    uint8_t digest[DIGEST_SIZE];

    (void)state;
    begin();
    recording_boot(&recording);
    recording_rounds(&recording, 2);
    recording_close(&recording);
    mutate(7, 150);
    assert_int_equal(mutated.cases, 150);
    assert_int_equal(mutated.bad, 0);
    assert_int_equal(mutated.refused[STATUS_OK], 0);
    assert_true(mutated.refused[STATUS_FORGED] > 0 && mutated.refused[STATUS_CHUNK_MISSING] > 0 &&
                mutated.refused[STATUS_CHUNK_ORDER] > 0 && mutated.refused[STATUS_ALREADY_COUNTED] > 0 &&
                mutated.refused[STATUS_WRONG_ROUND] > 0 && mutated.refused[STATUS_CHUNK_REPEATED] > 0);
    memcpy(digest, mutated.digest, sizeof digest);
    mutate(7, 150);
    assert_memory_equal(digest, mutated.digest, sizeof digest);
    mutate(8, 150);
    assert_memory_not_equal(digest, mutated.digest, sizeof digest);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_round_comes_out_again),
        cmocka_unit_test(rounds_go_on_over_a_boot),
        cmocka_unit_test(a_chunk_that_is_not_there_is_named),
        cmocka_unit_test(a_first_chunk_that_is_not_there_is_named),
        cmocka_unit_test(an_update_that_is_not_there_is_named),
        cmocka_unit_test(a_model_chunk_that_is_not_there_is_named),
        cmocka_unit_test(a_round_without_its_record_is_told),
        cmocka_unit_test(a_capture_that_begins_within_a_round_says_so),
        cmocka_unit_test(a_changed_update_is_named_with_its_chunk),
        cmocka_unit_test(a_changed_model_chunk_is_named),
        cmocka_unit_test(a_changed_record_is_named),
        cmocka_unit_test(a_changed_manifest_is_named),
        cmocka_unit_test(a_changed_challenge_is_named),
        cmocka_unit_test(whatever_is_changed_ends_in_a_verdict),
        cmocka_unit_test(without_keys_the_chain_and_the_updates_are_checked),
        cmocka_unit_test(without_keys_a_missing_chunk_is_still_seen),
        cmocka_unit_test(the_keys_of_another_boot_are_told),
        cmocka_unit_test(refusals_come_out_again),
        cmocka_unit_test(a_list_of_revocations_counts_from_where_it_came),
        cmocka_unit_test(some_rounds_are_replayed_alone),
        cmocka_unit_test(damaged_updates_are_refused_as_documented_and_leave_no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
