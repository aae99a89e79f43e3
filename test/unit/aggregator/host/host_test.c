/* The host's state machine between a real core and a broker that remembers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "revocation_support.h"
#include "stage.h"

#define EVIDENCE "aggregator/agg/evidence"
#define STATUS   "aggregator/agg/status"
#define BASICS   EVIDENCE " aggregator/agg/challenge"

#define PARAMETERS 2000 /* of float32: three chunks in packets of 4096 bytes */

static int setup(void **state)
{
    static struct stage stage;

    stage_open(&stage);
    *state = &stage;
    return 0;
}

static int teardown(void **state)
{
    stage_close(*state);
    return 0;
}

static void boot_and_connect(struct stage *stage)
{
    stage_boot(stage);
    assert_int_equal(host_connected(stage->host, stage->federation.now), STATUS_OK);
}

static void tick(struct stage *stage)
{
    stage->federation.now++;
    assert_int_equal(host_tick(stage->host, stage->federation.now), STATUS_OK);
}

static enum status receive(struct stage *stage, const char *topic, struct view payload)
{
    return host_message(stage->host, topic, payload, stage->federation.now);
}

/* A payload that must be JSON. */
static cJSON *parse(struct view payload)
{
    cJSON *json = cJSON_ParseWithLength((const char *)payload.ptr, payload.len);

    assert_non_null(json);
    return json;
}

/* How often the status counts a refusal. */
static int refused(struct stage *stage, const char *reason)
{
    cJSON *json, *count;
    int value;

    tick(stage);
    tick(stage); /* the status is published every other second */
    json = parse(stage_payload(stage, STATUS));
    count = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "refused"), reason);
    value = count == NULL ? 0 : count->valueint;
    cJSON_Delete(json);
    return value;
}

static void put_model(struct stage *stage)
{
    static const float values[PARAMETERS];

    federation_put_model(&stage->federation, values, PARAMETERS);
}

static void nothing_is_published_before_there_is_a_connection(void **state)
{
    struct stage *stage = *state;

    stage_boot(stage);
    assert_int_equal(stage->count, 0);
    assert_int_equal(host_connected(stage->host, stage->federation.now), STATUS_OK);
    assert_string_equal(stage_topics(stage), BASICS " " STATUS);
    for (unsigned int i = 0; i < stage->count; i++)
        assert_true(stage->published[i].retained);
}

static void a_new_connection_announces_all_of_it_in_order(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    put_model(stage);
    tick(stage);
    host_disconnected(stage->host);
    stage_clear(stage);
    tick(stage);
    assert_int_equal(stage->count, 0);
    assert_int_equal(host_connected(stage->host, stage->federation.now), STATUS_OK);
    assert_string_equal(stage_topics(stage), BASICS " model/agg/0 model/agg/1 model/agg/2 round/agg " STATUS);
}

static void what_is_not_ours_is_ignored(void **state)
{
    static const char *const topics[] = {
        "tacit/1/other/enrol/agg/dev",
        "tacit/1/fed/enrol/other/dev",
        "tacit/1/fed/receipt/dev",
        "tacit/1/fed/aggregator/agg/status",
        "tacit/1/fed/owner/agg/request",
        "tacit/2/fed/enrol/agg/dev",
        "tacit/1/fed/enrol/agg/dev/more",
        "tacit/1/fed/update/agg/dev/0.0",
        "tacit/1/fed/update/agg/dev/1.4096",
        "",
        "/",
        "something else",
    };
    struct stage *stage = *state;
    unsigned int calls;

    boot_and_connect(stage);
    stage_clear(stage);
    calls = stage->calls;
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        assert_int_equal(receive(stage, topics[i], VIEW_TEXT("payload")), STATUS_OK);
    assert_int_equal(stage->calls, calls);
    assert_int_equal(stage->count, 0);
}

static void packets_past_the_policy_s_size_are_refused_and_counted(void **state)
{
    static uint8_t large[4097];
    struct stage *stage = *state;

    boot_and_connect(stage);
    assert_int_equal(receive(stage, "tacit/1/fed/enrol/agg/dev", VIEW_OF(large)), STATUS_OK);
    assert_int_equal(receive(stage, "tacit/1/fed/owner/agg/request.0", (struct view){large, 0}), STATUS_OK);
    assert_int_equal(refused(stage, "NO_SPACE"), 1);
    assert_int_equal(refused(stage, "TRUNCATED"), 1);
}

static void what_does_not_decode_is_refused_and_counted(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    assert_int_equal(refused(stage, "MALFORMED"), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(receive(stage, "tacit/1/fed/update/agg/dev/1.0", VIEW_TEXT("\x01")), STATUS_OK);
    assert_int_equal(receive(stage, "tacit/1/fed/owner/agg/request.0", VIEW_TEXT("\x01")), STATUS_OK);
    assert_int_equal(refused(stage, "MALFORMED"), 4);
    assert_false(stage->federation.fatal);
}

static void the_status_counts_what_the_enclave_refuses_too(void **state)
{
    struct stage *stage = *state;
    int before;

    boot_and_connect(stage);
    before = refused(stage, "MALFORMED");
    assert_int_equal(receive(stage, "tacit/1/fed/enrol/agg/dev", VIEW_TEXT("\x01")), STATUS_OK);
    assert_int_equal(refused(stage, "MALFORMED"), before + 1);
}

static void the_status_tells_how_it_stands(void **state)
{
    struct stage *stage = *state;
    cJSON *json;

    boot_and_connect(stage);
    put_model(stage);
    assert_int_equal(federation_start_rounds(&stage->federation, 3, 5), STATUS_OK);
    tick(stage);
    tick(stage);
    json = parse(stage_payload(stage, STATUS));
    assert_string_equal(cJSON_GetObjectItem(json, "state")->valuestring, "open");
    assert_string_equal(cJSON_GetObjectItem(json, "federation")->valuestring, "fed");
    assert_string_equal(cJSON_GetObjectItem(json, "aggregator")->valuestring, "agg");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "simulated")));
    assert_int_equal(cJSON_GetObjectItem(json, "round")->valueint, 1);
    assert_int_equal(cJSON_GetObjectItem(json, "target")->valueint, 5);
    assert_int_equal(strlen(cJSON_GetObjectItem(json, "model")->valuestring), 2 * DIGEST_SIZE);
    cJSON_Delete(json);
}

static void the_will_says_offline_under_the_status_s_topic(void **state)
{
    struct stage *stage = *state;
    uint8_t topic_bytes[256], payload_bytes[4096];
    struct buf topic = BUF_OF(topic_bytes), payload = BUF_OF(payload_bytes);
    cJSON *json;

    assert_int_equal(host_will(stage->host, &topic, &payload), STATUS_OK);
    assert_string_equal((const char *)topic.ptr, "tacit/1/fed/" STATUS);
    json = parse(buf_view(&payload));
    assert_string_equal(cJSON_GetObjectItem(json, "state")->valuestring, "offline");
    cJSON_Delete(json);
}

static void it_listens_to_devices_and_owner_of_its_own_federation(void **state)
{
    static const char *const want[] = {"tacit/1/fed/enrol/agg/+", "tacit/1/fed/owner/agg/+",
                                       "tacit/1/fed/update/agg/+/+"};
    struct stage *stage = *state;

    for (unsigned int i = 0; i < ARRAY_LEN(want) + 1; i++) {
        uint8_t bytes[256];
        struct buf filter = BUF_OF(bytes);
        assert_int_equal(host_filter(stage->host, i, &filter), i < ARRAY_LEN(want));
        if (i < ARRAY_LEN(want))
            assert_string_equal((const char *)filter.ptr, want[i]);
    }
}

static void a_busy_broker_is_given_the_rest_when_it_has_room(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    put_model(stage);
    tick(stage);
    host_disconnected(stage->host);
    stage_clear(stage);
    stage->room = 3;
    assert_int_equal(host_connected(stage->host, stage->federation.now), STATUS_OK);
    assert_string_equal(stage_topics(stage), BASICS " model/agg/0");
    stage->room = 1;
    assert_int_equal(host_writable(stage->host, stage->federation.now), STATUS_OK);
    stage->room = UINT32_MAX;
    assert_int_equal(host_writable(stage->host, stage->federation.now), STATUS_OK);
    assert_string_equal(stage_topics(stage), BASICS " model/agg/0 model/agg/1 model/agg/2 round/agg " STATUS);
}

static void chunks_of_the_model_wait_for_room_and_the_manifest_waits_for_them(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    stage_clear(stage);
    stage->no_bulk = true;
    put_model(stage);
    tick(stage);
    assert_null(strstr(stage_topics(stage), "model/agg"));
    assert_null(strstr(stage_topics(stage), "round/agg"));
    stage->no_bulk = false;
    assert_int_equal(host_writable(stage->host, stage->federation.now), STATUS_OK);
    assert_non_null(strstr(stage_topics(stage), "model/agg/0 model/agg/1 model/agg/2 round/agg"));
}

static void a_lost_enclave_is_told_and_the_next_boot_announces_anew(void **state)
{
    struct stage *stage = *state;
    uint8_t evidence[8192];
    struct view first, second;

    boot_and_connect(stage);
    first = stage_payload(stage, EVIDENCE);
    assert_true(first.len > 0 && first.len <= sizeof evidence);
    memcpy(evidence, first.ptr, first.len);
    stage->gone = true;
    assert_int_equal(host_tick(stage->host, ++stage->federation.now), STATUS_NO_CONNECTION);
    assert_int_equal(receive(stage, "tacit/1/fed/enrol/agg/dev", VIEW_TEXT("x")), STATUS_NO_CONNECTION);
    assert_int_equal(host_tick(stage->host, ++stage->federation.now), STATUS_NO_CONNECTION);

    stage_clear(stage);
    stage_boot(stage);
    assert_string_equal(stage_topics(stage), BASICS " " STATUS);
    second = stage_payload(stage, EVIDENCE);
    assert_false(view_equal(second, (struct view){evidence, first.len}));
    tick(stage);
}

static void a_boot_that_fails_is_told(void **state)
{
    struct stage *stage = *state;

    federation_new_core(&stage->federation);
    stage->gone = true;
    assert_int_equal(host_boot(stage->host, (struct view){NULL, 0}, stage->federation.now), STATUS_NO_CONNECTION);
    stage_boot(stage);
    tick(stage);
}

/* A request of the owner's, as it comes over the broker in one fragment. */
static void send_request(struct stage *stage, const struct owner_request *request)
{
    struct fragment fragment = {.count = 1, .piece = federation_owner_message(&stage->federation, request)};
    static uint32_t transfers;
    uint8_t transfer[TRANSFER_SIZE] = {0}, bytes[MESSAGE_MAX];
    struct buf out = BUF_OF(bytes);

    write_be32(transfer, ++transfers);
    fragment.transfer = VIEW_OF(transfer);
    fragment.total = fragment.piece.len;
    assert_int_equal(fragment_encode(&fragment, &out), STATUS_OK);
    assert_int_equal(receive(stage, "tacit/1/fed/owner/agg/request-1.0", buf_view(&out)), STATUS_OK);
}

static void send_revocations(struct stage *stage, uint64_t version, const char *device)
{
    struct buf list =
        sign_revocations(&stage->federation, &(struct revocation_draft){.version = version, .devices = {device}});

    send_request(stage, &(struct owner_request){.command = OWNER_REVOKE, .revoked = buf_view(&list)});
    free(list.ptr);
}

/* The model { 1: [["t", [2], two numbers]] }. */
static void a_model_and_a_plan_are_kept_when_they_come(void **state)
{
    static const uint8_t model[] = {0xa1, 0x01, 0x81, 0x83, 0x61, 't', 0x81, 0x02, 0xd8, 0x55,
                                    0x48, 0,    0,    0,    0,    0,   0,    0,    0};
    struct stage *stage = *state;
    struct owner_request start = {.command = OWNER_START, .plan = {.rounds = 2, .target = 2, .deadline_s = 60}};

    boot_and_connect(stage);
    send_request(stage, &(struct owner_request){.command = OWNER_PUT_MODEL, .model = VIEW_OF(model)});
    assert_int_equal(stage->kept_states, 1); /* however small it is */
    send_request(stage, &(struct owner_request){.command = OWNER_MODEL_KEY});
    assert_int_equal(stage->kept_states, 1);
    send_request(stage, &start);
    assert_int_equal(stage->kept_states, 2);
    send_request(stage, &(struct owner_request){.command = OWNER_STOP}); /* while the first round is open */
    assert_int_equal(stage->kept_states, 3);
}

static int number_in_status(struct stage *stage, const char *key)
{
    cJSON *json;
    int value;

    tick(stage);
    tick(stage);
    json = parse(stage_payload(stage, STATUS));
    value = cJSON_GetObjectItem(json, key)->valueint;
    cJSON_Delete(json);
    return value;
}

static void a_list_of_revocations_is_kept_and_handed_to_the_next_boot(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    put_model(stage);
    assert_int_equal(number_in_status(stage, "revocations"), 0);
    send_revocations(stage, 3, "dev");
    assert_int_equal(stage->kept_revocations, 1);
    assert_int_equal(stage->kept_states, 1); /* it knows the list's version now */
    assert_int_equal(number_in_status(stage, "revocations"), 3);
    assert_int_equal(number_in_status(stage, "revoked"), 1);
    send_revocations(stage, 3, "dev"); /* the same once more */
    assert_int_equal(stage->kept_revocations, 1);
    assert_int_equal(stage->kept_states, 1);
    stage_boot(stage);
    assert_int_equal(number_in_status(stage, "revocations"), 3);
    assert_int_equal(stage->kept_revocations, 1); /* it was kept before */
    send_revocations(stage, 4, NULL);
    assert_int_equal(stage->kept_revocations, 2);
    assert_int_equal(number_in_status(stage, "revoked"), 0);
}

static void a_list_that_could_not_be_kept_is_kept_when_the_disk_has_room(void **state)
{
    struct stage *stage = *state;
    unsigned int tries;

    boot_and_connect(stage);
    stage->no_disk = true;
    send_revocations(stage, 1, "dev");
    tick(stage);
    tick(stage);
    assert_non_null(strstr((const char *)stage_payload(stage, STATUS).ptr, "\"database\":\"IO\""));
    assert_int_equal(stage->revocations.len, 0);
    stage->no_disk = false;
    tries = stage->kept_revocations;
    assert_true(tries >= 2);
    for (int i = 0; i < 4; i++)
        tick(stage);
    assert_int_equal(stage->kept_revocations, tries + 1);
    assert_true(stage->revocations.len > 0);
    assert_null(strstr((const char *)stage_payload(stage, STATUS).ptr, "\"database\""));
    stage_boot(stage);
    assert_int_equal(number_in_status(stage, "revocations"), 1);
}

static void a_list_of_an_earlier_run_is_for_the_enclave_to_judge(void **state)
{
    struct stage *stage = *state;
    struct buf list =
        sign_revocations(&stage->federation, &(struct revocation_draft){.version = 8, .devices = {"dev"}});

    assert_int_equal(host_remember_revocations(stage->host, VIEW_TEXT("no list")), STATUS_OK);
    federation_new_core(&stage->federation);
    assert_int_equal(host_boot(stage->host, (struct view){NULL, 0}, stage->federation.now), STATUS_TRUNCATED);
    assert_int_equal(host_remember_revocations(stage->host, buf_view(&list)), STATUS_OK);
    boot_and_connect(stage);
    assert_int_equal(number_in_status(stage, "revocations"), 8);
    send_revocations(stage, 8, "dev");
    assert_int_equal(stage->kept_revocations, 0);
    free(list.ptr);
}

/* Past the host, which has no part in it but to carry messages. */
static void enrol(struct stage *stage, struct member *member, const char *name)
{
    assert_int_equal(member_enrol(&stage->federation, member, name, NULL, NULL), STATUS_OK);
}

/* The chunks of a good update, as they come over the broker. */
static void send_update(struct stage *stage, const struct member *member)
{
    static const float values[PARAMETERS];
    struct update_draft *draft = member_draft(&stage->federation, values, PARAMETERS, 10);

    member_seal(&stage->federation, member, draft, (struct view){NULL, 0});
    assert_int_equal(draft->count, 3);
    for (uint32_t i = 0; i < draft->count; i++) {
        char topic[128];
        snprintf(topic, sizeof topic, "tacit/1/fed/update/agg/%s/%u.%u", member->name, draft->topic_round, i);
        assert_int_equal(receive(stage, topic, buf_view(&draft->chunks[i])), STATUS_OK);
    }
    draft_free(draft);
}

/* The manifest that the host published, as a device takes it. */
static void learn_round(struct stage *stage, uint32_t round)
{
    struct federation *federation = &stage->federation;
    struct place place = {.federation = VIEW_TEXT("fed"), .aggregator = VIEW_TEXT("agg")};
    struct view payload;

    assert_int_equal(bind_verify(PURPOSE_MANIFEST, &place, VIEW_OF(federation->signing_point),
                                 stage_payload(stage, "round/agg"), &payload),
                     STATUS_OK);
    memcpy(federation->manifest_bytes, payload.ptr, payload.len);
    assert_int_equal(manifest_decode((struct view){federation->manifest_bytes, payload.len}, &federation->manifest),
                     STATUS_OK);
    assert_int_equal(federation->manifest.round, round);
}

static void an_update_is_granted_taken_and_answered(void **state)
{
    struct stage *stage = *state;
    struct member member = {0};

    boot_and_connect(stage);
    put_model(stage);
    assert_int_equal(federation_start_rounds(&stage->federation, 1, 2), STATUS_OK);
    enrol(stage, &member, "dev");
    tick(stage);
    learn_round(stage, 1);
    stage_clear(stage);
    send_update(stage, &member);
    assert_string_equal(stage_topics(stage), "need/dev receipt/dev");
    assert_int_equal(federation_status(&stage->federation).counted, 1);
}

static void records_past_those_kept_are_cleared_at_the_broker(void **state)
{
    struct stage *stage = *state;
    struct member members[2] = {0};

    boot_and_connect(stage);
    put_model(stage);
    assert_int_equal(federation_start_rounds(&stage->federation, 3, 2), STATUS_OK);
    enrol(stage, &members[0], "one");
    enrol(stage, &members[1], "two");
    tick(stage);
    for (uint32_t round = 1; round <= 3; round++) {
        learn_round(stage, round);
        send_update(stage, &members[0]);
        send_update(stage, &members[1]);
        assert_int_equal(stage->kept_rounds, round);
    }
    assert_int_equal(stage_payload(stage, "record/agg/1").len, 0);
    assert_true(stage_payload(stage, "record/agg/2").len > 0);
    assert_true(stage_payload(stage, "record/agg/3").len > 0);
    stage_clear(stage);
    assert_int_equal(host_connected(stage->host, stage->federation.now), STATUS_OK);
    assert_null(strstr(stage_topics(stage), "record/agg/1")); /* it was told once */
    assert_non_null(strstr(stage_topics(stage), "record/agg/2"));
}

/* Both are enrolled and know round 1, the first of so many. */
static void open_round_of_two(struct stage *stage, struct member members[static 2], uint32_t rounds)
{
    boot_and_connect(stage);
    put_model(stage);
    assert_int_equal(federation_start_rounds(&stage->federation, rounds, 2), STATUS_OK);
    enrol(stage, &members[0], "one");
    enrol(stage, &members[1], "two");
    tick(stage);
    learn_round(stage, 1);
}

/* Two devices, and a round that they are counted in; it is over then. */
static void run_a_round(struct stage *stage, struct member members[static 2])
{
    open_round_of_two(stage, members, 3);
    send_update(stage, &members[0]);
    send_update(stage, &members[1]);
}

static void a_record_that_cannot_be_kept_is_not_announced_and_no_round_opened_behind_it(void **state)
{
    struct stage *stage = *state;
    struct member members[2] = {0};

    stage->no_disk = true;
    run_a_round(stage, members);
    tick(stage);
    assert_int_equal(stage_payload(stage, "record/agg/1").len, 0);
    assert_int_equal(federation_status(&stage->federation).phase, GATE_IDLE);
    learn_round(stage, 1);
    stage->no_disk = false;
    for (int i = 0; i < 3; i++)
        tick(stage);
    assert_int_equal(stage->kept_rounds, 1);
    assert_true(stage_payload(stage, "record/agg/1").len > 0);
    learn_round(stage, 2);
}

static void a_record_that_was_not_kept_is_forgotten_with_its_enclave(void **state)
{
    struct stage *stage = *state;
    struct member members[2] = {0};

    stage->no_disk = true;
    run_a_round(stage, members);
    stage->no_disk = false;
    stage_boot(stage);
    for (int i = 0; i < 3; i++)
        tick(stage);
    assert_int_equal(stage->kept_rounds, 0);
    assert_int_equal(stage_payload(stage, "record/agg/1").len, 0);
}

/* Ticks of a clock that is wrong by so many seconds; tells whether the host asks for another boot. */
static bool asks_for_a_boot(struct stage *stage, int64_t wrong_s, unsigned int ticks)
{
    enum status status = STATUS_OK;

    for (unsigned int i = 0; i < ticks && status == STATUS_OK; i++)
        status = host_tick(stage->host, (uint64_t)((int64_t)++stage->federation.now + wrong_s));
    return status == STATUS_NO_CONNECTION;
}

static void a_clock_that_was_ahead_costs_a_boot_once_it_is_right(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    assert_false(asks_for_a_boot(stage, 86400, 5));
    assert_false(asks_for_a_boot(stage, 0, 20)); /* a glitch of the other kind would end by itself */
    assert_false(asks_for_a_boot(stage, 86400, 1));
    assert_true(asks_for_a_boot(stage, 0, 40));
    stage_boot(stage);
    assert_false(asks_for_a_boot(stage, 0, 100));
    stage_clear(stage);
    assert_false(asks_for_a_boot(stage, 0, 100));
    assert_non_null(strstr(stage_topics(stage), "challenge"));
}

/* Otherwise a host that restarts would have the round done again, and two records have its number. */
static void of_a_round_that_cannot_be_kept_nobody_hears(void **state)
{
    struct stage *stage = *state;
    struct member members[2] = {0};

    open_round_of_two(stage, members, 2);
    send_update(stage, &members[0]);
    stage->no_disk = true;
    stage_clear(stage);
    send_update(stage, &members[1]);
    for (int i = 0; i < 5; i++)
        tick(stage);
    assert_int_equal(stage_payload(stage, "record/agg/1").len, 0);
    assert_int_equal(stage_payload(stage, "round/agg").len, 0);
    assert_non_null(strstr((const char *)stage_payload(stage, STATUS).ptr, "\"state\":\"unkept\""));
    assert_non_null(strstr((const char *)stage_payload(stage, STATUS).ptr, "\"database\":\"NO_SPACE\""));
    stage->no_disk = false;
    tick(stage);
    assert_int_equal(stage->kept_rounds, 1);
    assert_true(stage_payload(stage, "record/agg/1").len > 0);
    assert_int_equal(federation_status(&stage->federation).phase, GATE_ROUND); /* the next one */
}

static void a_round_that_was_not_kept_dies_with_its_enclave(void **state)
{
    struct stage *stage = *state;
    struct member members[2] = {0};

    open_round_of_two(stage, members, 1);
    stage->no_disk = true;
    send_update(stage, &members[0]);
    send_update(stage, &members[1]);
    stage->no_disk = false;
    stage_boot(stage);
    tick(stage);
    assert_int_equal(stage->kept_rounds, 0);
    assert_int_equal(stage_payload(stage, "record/agg/1").len, 0);
}

/* Else a boot in between would be handed a state that knows of a newer list than there is, and refuse it: the round would
 * be done again, and two records have its number. */
static void a_round_is_not_kept_before_the_list_that_its_state_knows_of(void **state)
{
    struct stage *stage = *state;
    struct member members[2] = {0};

    open_round_of_two(stage, members, 2);
    send_update(stage, &members[0]);
    stage->no_list = true;
    send_revocations(stage, 1, "dev");
    send_update(stage, &members[1]);
    tick(stage);
    tick(stage);
    assert_int_equal(stage->kept_states, 0);
    assert_int_equal(stage->kept_rounds, 0);
    assert_int_equal(stage_payload(stage, "record/agg/1").len, 0);
    stage->no_list = false;
    tick(stage);
    assert_true(stage->revocations.len > 0);
    assert_int_equal(stage->kept_rounds, 1);
    assert_true(stage_payload(stage, "record/agg/1").len > 0);
}

static void a_state_is_not_kept_before_the_list_that_it_knows_of(void **state)
{
    struct stage *stage = *state;
    const struct owner_request start = {.command = OWNER_START, .plan = {.rounds = 2, .target = 2, .deadline_s = 60}};

    boot_and_connect(stage);
    put_model(stage);
    stage->no_disk = true;
    send_request(stage, &start);
    stage->no_disk = false;
    stage->no_list = true;
    send_revocations(stage, 1, "dev");
    tick(stage);
    assert_int_equal(stage->kept_states, 0);
    stage->no_list = false;
    tick(stage);
    assert_true(stage->revocations.len > 0);
    assert_int_equal(stage->kept_states, 1);
}

/* Who was told that a list is in force does not send it again after a crash. */
static void the_owner_hears_of_a_list_when_it_is_kept(void **state)
{
    struct stage *stage = *state;

    boot_and_connect(stage);
    stage->no_disk = true;
    send_revocations(stage, 1, "dev");
    assert_int_equal(stage_payload(stage, "answer/agg/request-1").len, 0);
    stage->no_disk = false;
    send_revocations(stage, 1, "dev");
    assert_true(stage->revocations.len > 0);
    assert_true(stage_payload(stage, "answer/agg/request-1").len > 0);
}

static void what_the_owner_brought_is_kept_when_the_disk_has_room_again(void **state)
{
    struct stage *stage = *state;
    const struct owner_request start = {.command = OWNER_START, .plan = {.rounds = 2, .target = 2, .deadline_s = 60}};

    boot_and_connect(stage);
    put_model(stage);
    stage->no_disk = true;
    send_request(stage, &start);
    tick(stage);
    tick(stage);
    assert_int_equal(stage->kept_states, 0);
    assert_non_null(strstr((const char *)stage_payload(stage, STATUS).ptr, "\"database\":\"NO_SPACE\""));
    stage->no_disk = false;
    tick(stage);
    assert_int_equal(stage->kept_states, 1);
    tick(stage);
    assert_int_equal(stage->kept_states, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_published_before_there_is_a_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_connection_announces_all_of_it_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_ours_is_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown(packets_past_the_policy_s_size_are_refused_and_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_decode_is_refused_and_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(the_status_counts_what_the_enclave_refuses_too, setup, teardown),
        cmocka_unit_test_setup_teardown(the_status_tells_how_it_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(the_will_says_offline_under_the_status_s_topic, setup, teardown),
        cmocka_unit_test_setup_teardown(it_listens_to_devices_and_owner_of_its_own_federation, setup, teardown),
        cmocka_unit_test_setup_teardown(a_busy_broker_is_given_the_rest_when_it_has_room, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks_of_the_model_wait_for_room_and_the_manifest_waits_for_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_lost_enclave_is_told_and_the_next_boot_announces_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_boot_that_fails_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_model_and_a_plan_are_kept_when_they_come, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_round_that_cannot_be_kept_nobody_hears, setup, teardown),
        cmocka_unit_test_setup_teardown(a_round_that_was_not_kept_dies_with_its_enclave, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_owner_brought_is_kept_when_the_disk_has_room_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_round_is_not_kept_before_the_list_that_its_state_knows_of, setup, teardown),
        cmocka_unit_test_setup_teardown(a_state_is_not_kept_before_the_list_that_it_knows_of, setup, teardown),
        cmocka_unit_test_setup_teardown(the_owner_hears_of_a_list_when_it_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_of_revocations_is_kept_and_handed_to_the_next_boot, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_that_could_not_be_kept_is_kept_when_the_disk_has_room, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_of_an_earlier_run_is_for_the_enclave_to_judge, setup, teardown),
        cmocka_unit_test_setup_teardown(an_update_is_granted_taken_and_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(records_past_those_kept_are_cleared_at_the_broker, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_that_cannot_be_kept_is_not_announced_and_no_round_opened_behind_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_that_was_not_kept_is_forgotten_with_its_enclave, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_was_ahead_costs_a_boot_once_it_is_right, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
