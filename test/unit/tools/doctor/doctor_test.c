/* The shipped configuration carries the demo's rounds; of a configuration with one thing wrong, exactly that is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_checks.h"
#include "file.h"

struct world {
    char *broker, *acl; /* of broker-config, with names filled in */
    struct conf conf, host;
    struct acl list;
    struct buf acl_text;
    struct plan plan;
    struct findings findings;
    struct checking checking;
};

static char *replaced(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    char *out;

    assert_non_null(at);
    assert_true(asprintf(&out, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what)) >= 0);
    return out;
}

static char *read_template(const char *path, const char *const words[][2])
{
    CLEANUP(file_free) struct buf bytes = {0};
    char *text, *next;

    assert_int_equal(file_read(path, 1 << 20, &bytes, NULL), STATUS_OK);
    text = strdup((const char *)bytes.ptr);
    for (size_t i = 0; words[i][0] != NULL; i++)
        while (strstr(text, words[i][0]) != NULL) {
            next = replaced(text, words[i][0], words[i][1]);
            free(text);
            text = next;
        }
    return text;
}

static int set_up(void **state)
{
    static const char *const conf_words[][2] = {{"@FOLDER@", "/folder"}, {"@PORT@", "8883"}, {NULL, NULL}};
    static const char *const acl_words[][2] = {
        {"@AGGREGATOR@", "gateway"}, {"@OWNER@", "owner"}, {"@OBSERVER@", "observer"}, {NULL, NULL}};
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    world->broker = read_template("broker-config/mosquitto.conf.in", conf_words);
    world->acl = read_template("broker-config/acl.in", acl_words);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    free(world->broker);
    free(world->acl);
    free(world);
    return 0;
}

/* The demo: 5 devices, 52650 parameters, 10 rounds. */
static struct plan_asked demo(void)
{
    return (struct plan_asked){
        .federation = "demo",
        .aggregator = "gateway",
        .owner = "owner",
        .observer = "observer",
        .policy = {.min_cohort = 2,
                   .max_cohort = 1000,
                   .max_samples = 100000,
                   .max_parameters = 1000000,
                   .max_packet = 262144,
                   .challenge_s = 600},
        .parameters = 52650,
        .memory = UINT64_C(256) << 20,
        .devices = 5,
        .cohort = 5,
        .rounds = 10,
        .records = 64,
        .deadline_s = 600,
        .round_s = 600,
        .away_s = 86400,
        .slow = 5,
    };
}

static struct buf text_of(const char *text)
{
    return (struct buf){(uint8_t *)strdup(text), strlen(text), strlen(text) + 1};
}

static void forget(struct world *world)
{
    conf_free(&world->conf);
    free(world->acl_text.ptr);
    world->acl_text = (struct buf){0};
    world->list.count = 0;
    world->findings.count = world->findings.lost = 0;
    world->findings.worst = CHECK_OK;
}

static void examine(struct world *world, const char *broker, const char *acl, const struct plan_asked *asked)
{
    struct reason reason = {""};

    forget(world);
    assert_int_equal(conf_add_text(&world->conf, "broker.conf", text_of(broker), &reason), STATUS_OK);
    assert_int_equal(plan_make(asked, &world->plan), STATUS_OK);
    world->acl_text = text_of(acl);
    assert_int_equal(acl_read(world->acl_text, &world->list, &reason), STATUS_OK);
    world->findings.conf = &world->conf;
    world->checking = (struct checking){
        .plan = &world->plan,
        .conf = &world->conf,
        .host = &world->host,
        .acl_path = conf_global(&world->conf, "acl_file") == NULL ? NULL : "acl",
        .acl = &world->list,
        .nofile = 1024,
        .nofile_of = "the test",
        .out = &world->findings,
    };
    check_all(&world->checking);
}

/* The findings that are not well. */
static size_t wrong(const struct world *world, const struct finding *out[static FINDINGS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < world->findings.count; i++)
        if (world->findings.list[i].verdict != CHECK_OK) {
            out[count++] = &world->findings.list[i];
            print_message("    %s: %s -> %s\n", out[count - 1]->where, out[count - 1]->now, out[count - 1]->change);
        }
    return count;
}

static void the_shipped_configuration_carries_the_demo(void **state)
{
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    const struct plan_asked asked = demo();

    examine(world, world->broker, world->acl, &asked);
    assert_int_equal(wrong(world, found), 0);
    assert_true(world->findings.count >= 15);
    forget(world);
}

/* One thing wrong. `where` is the line that `with` begins on, when line is true, else the file. */
struct fault {
    const char *why, *what, *with;
    enum verdict_of_check verdict;
    bool line;
    const char *change;
};

static unsigned int line_of(const char *text, const char *at)
{
    unsigned int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

static void check_fault(struct world *world, const char *base, const struct fault *fault)
{
    const struct finding *found[FINDINGS_MAX];
    const struct plan_asked asked = demo();
    char *broker = replaced(base, fault->what, fault->with), where[64];

    print_message("  %s\n", fault->why);
    examine(world, broker, world->acl, &asked);
    assert_int_equal(wrong(world, found), 1);
    assert_int_equal(found[0]->verdict, fault->verdict);
    assert_string_equal(found[0]->change, fault->change);
    if (fault->line)
        (void)snprintf(where, sizeof where, "broker.conf:%u", line_of(broker, strstr(broker, fault->with)));
    else
        (void)snprintf(where, sizeof where, "broker.conf");
    assert_string_equal(found[0]->where, where);
    assert_true(found[0]->now[0] != '\0' && found[0]->why[0] != '\0');
    forget(world);
    free(broker);
}

/* 256: of 10 missed rounds 3 small messages and one chunk each, 144 challenges in a day, 64 records, and 8 that are
 * there when a device comes back. */
static const struct fault faults[] = {
    {"packets too small", "max_packet_size 300000", "max_packet_size 262143", CHECK_BAD, true,
     "max_packet_size 262144"},
    {"packets without a limit", "max_packet_size 300000\n", "\n", CHECK_WEAK, false, "max_packet_size 294912"},
    {"no number", "max_packet_size 300000", "max_packet_size large", CHECK_BAD, true, "max_packet_size 262144"},
    {"payloads too small", "set_tcp_nodelay true", "message_size_limit 262143", CHECK_BAD, true,
     "message_size_limit 262144"},
    {"queue too short", "max_queued_messages 20000", "max_queued_messages 255", CHECK_BAD, true,
     "max_queued_messages 256"},
    {"queue too small", "max_queued_bytes 268435456", "max_queued_bytes 1048576", CHECK_BAD, true,
     "max_queued_bytes 6291456"},
    {"memory too small", "memory_limit 1073741824", "memory_limit 10485760", CHECK_BAD, true, "memory_limit 15728640"},
    {"memory without a limit", "memory_limit 1073741824\n", "\n", CHECK_WEAK, false, "memory_limit 15728640"},
    {"everything in flight", "max_inflight_messages 10", "max_inflight_messages 0", CHECK_WEAK, true,
     "max_inflight_messages 10"},
    {"one in flight", "max_inflight_messages 10", "max_inflight_messages 1", CHECK_WEAK, true,
     "max_inflight_messages 10"},
    {"half a chunk in flight", "max_inflight_messages 10", "max_inflight_bytes 100000\nmax_inflight_messages 10",
     CHECK_WEAK, true, "max_inflight_bytes 1048576"},
    {"nothing kept", "persistence true", "persistence false", CHECK_WEAK, true, "persistence true"},
    {"kept too seldom", "autosave_interval 60", "autosave_interval 601", CHECK_WEAK, true, "autosave_interval 60"},
    {"kept every half hour", "autosave_interval 60\n", "\n", CHECK_WEAK, false, "autosave_interval 60"},
    {"sessions forgotten", "persistent_client_expiration 14d", "persistent_client_expiration 23h", CHECK_BAD, true,
     "persistent_client_expiration 2d"},
    {"nothing retained", "set_tcp_nodelay true", "retain_available false", CHECK_BAD, true, "retain_available true"},
    {"ids with a prefix", "set_tcp_nodelay true", "clientid_prefixes edge-", CHECK_BAD, true, "(take the line out)"},
    {"no certificates asked for", "require_certificate true", "require_certificate false", CHECK_BAD, true,
     "require_certificate true"},
    {"no certificates by default", "require_certificate true\nuse_identity", "use_identity", CHECK_BAD, true,
     "require_certificate true"},
    {"names not from certificates", "use_identity_as_username true", "use_identity_as_username false", CHECK_BAD, true,
     "use_identity_as_username true"},
    {"ids of others", "use_username_as_clientid true", "use_username_as_clientid false", CHECK_WEAK, true,
     "use_username_as_clientid true"},
    {"anonymous clients", "allow_anonymous false", "allow_anonymous true", CHECK_BAD, true, "allow_anonymous false"},
    {"an old TLS", "tls_version tlsv1.2", "tls_version tlsv1.1", CHECK_BAD, true, "tls_version tlsv1.2"},
    {"a mount point", "set_tcp_nodelay true", "mount_point edge/", CHECK_BAD, true, "(take the line out)"},
    {"QoS 0 alone", "set_tcp_nodelay true", "max_qos 0", CHECK_BAD, true, "max_qos 1"},
    {"websockets", "set_tcp_nodelay true", "protocol websockets", CHECK_BAD, true, "protocol mqtt"},
    {"too few connections", "set_tcp_nodelay true", "max_connections 7", CHECK_BAD, true, "max_connections 8"},
    {"no access list", "acl_file /folder/acl\n", "\n", CHECK_BAD, false, "acl_file FILE (broker-config/acl.in)"},
    {"a plain listener", "log_dest stderr", "listener 1883", CHECK_BAD, true,
     "certfile FILE, keyfile FILE, require_certificate true"},
    {"a plain listener of this machine", "log_dest stderr", "listener 1883 127.0.0.1", CHECK_WEAK, true,
     "certfile FILE, keyfile FILE, require_certificate true"},
    {"inflight is no number", "max_inflight_messages 10", "max_inflight_messages ten", CHECK_BAD, true,
     "max_inflight_messages NUMBER"},
    {"neither true nor false", "set_tcp_nodelay true", "set_tcp_nodelay yes", CHECK_BAD, true,
     "set_tcp_nodelay true | false"},
    {"a plugin", "log_dest stderr", "plugin /usr/lib/p.so", CHECK_WEAK, true, ""},
};

static void of_one_thing_wrong_that_line_is_named(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct fault fault = faults[i];

        /* What a listener lacks is told of the line that opens it. */
        if (strcmp(fault.why, "no certificates by default") == 0) {
            char *broker = replaced(world->broker, fault.what, fault.with);

            fault.what = fault.with = "listener 8883";
            check_fault(world, broker, &fault);
            free(broker);
            continue;
        }
        check_fault(world, world->broker, &fault);
    }
}

static const char bridge[] =
    "connection center\naddress center.example:8883\ntopic tacit/1/# both 1\nremote_clientid edge-7\n"
    "bridge_cafile ca.crt\nbridge_certfile edge.crt\nbridge_keyfile edge.key\n";

static const struct fault bridge_faults[] = {
    {"what is up does not go out", "topic tacit/1/# both 1",
     "topic tacit/1/# in 1\ntopic tacit/1/+/update/# out 1\n"
     "topic tacit/1/+/presence/+ out 1\nconnection_messages true",
     CHECK_BAD, false, "topic tacit/1/demo/enrol/+/+ out 1"},
    {"QoS 0", "topic tacit/1/# both 1", "topic tacit/1/+/enrol/# out\ntopic tacit/1/# both 1", CHECK_BAD, true,
     "topic tacit/1/demo/enrol/+/+ out 1"},
    {"topics change", "topic tacit/1/# both 1", "topic enrol/# out 1 tacit/1/demo/ edge/\ntopic tacit/1/# both 1",
     CHECK_BAD, true, "topic tacit/1/demo/enrol/+/+ out 1"},
    {"chunks do not cross", "remote_clientid", "bridge_max_packet_size 262143\nremote_clientid", CHECK_BAD, true,
     "bridge_max_packet_size 262144"},
    {"a clean session", "remote_clientid", "cleansession true\nremote_clientid", CHECK_BAD, true, "cleansession false"},
    {"no retaining", "remote_clientid", "bridge_outgoing_retain false\nremote_clientid", CHECK_BAD, true,
     "bridge_outgoing_retain true"},
    {"lazy", "remote_clientid", "start_type lazy\nremote_clientid", CHECK_WEAK, true, "start_type automatic"},
    {"once", "remote_clientid", "start_type once\nremote_clientid", CHECK_BAD, true, "start_type automatic"},
    {"taken for a client", "remote_clientid", "try_private false\nremote_clientid", CHECK_WEAK, true,
     "try_private true"},
    {"no name", "remote_clientid edge-7\n", "", CHECK_WEAK, false, "remote_clientid NAME"},
    {"anybody", "remote_clientid", "bridge_insecure true\nremote_clientid", CHECK_BAD, true, "bridge_insecure false"},
    {"no TLS", "bridge_cafile ca.crt\n", "", CHECK_BAD, false, "bridge_cafile FILE"},
    {"no certificate", "bridge_certfile edge.crt\n", "", CHECK_BAD, false, "bridge_certfile FILE, bridge_keyfile FILE"},
};

static void of_a_bridge_with_one_thing_wrong_that_line_is_named(void **state)
{
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    const struct plan_asked asked = demo();
    char *with = replaced(world->broker, "log_dest stderr", bridge), where[64];

    examine(world, with, world->acl, &asked);
    assert_int_equal(wrong(world, found), 0);
    (void)snprintf(where, sizeof where, "broker.conf:%u", line_of(with, strstr(with, "connection center")));
    for (size_t i = 0; i < ARRAY_LEN(bridge_faults); i++) {
        const struct fault *fault = &bridge_faults[i];
        char *broker = replaced(with, fault->what, fault->with), here[64];

        print_message("  %s\n", fault->why);
        examine(world, broker, world->acl, &asked);
        assert_int_equal(wrong(world, found), 1);
        assert_int_equal(found[0]->verdict, fault->verdict);
        assert_string_equal(found[0]->change, fault->change);
        (void)snprintf(here, sizeof here, "broker.conf:%u", line_of(broker, strstr(broker, fault->with)));
        assert_string_equal(found[0]->where, fault->line ? here : where);
        free(broker);
    }
    forget(world);
    free(with);
}

/* A bridge from the aggregator's side, line by line. */
static void a_bridge_may_be_on_either_side(void **state)
{
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    const struct plan_asked asked = demo();
    char *near = replaced(world->broker, "log_dest stderr", bridge);
    char *far =
        replaced(near, "topic tacit/1/# both 1",
                 "topic tacit/1/+/enrol/# in 1\ntopic tacit/1/+/update/# in 1\ntopic tacit/1/+/presence/+ in 1\n"
                 "topic tacit/1/+/aggregator/# out 1\ntopic tacit/1/+/credential/+ out 1\n"
                 "topic tacit/1/+/round/+ out 1\ntopic tacit/1/+/model/# out 1\ntopic tacit/1/+/need/+ out 1\n"
                 "topic tacit/1/+/receipt/+ out 1\ntopic record/# out 1 tacit/1/demo/ tacit/1/demo/");

    examine(world, far, world->acl, &asked);
    assert_int_equal(wrong(world, found), 0);
    forget(world);
    free(near);
    free(far);
}

/* Each line of the access list, left out: what is missing is named, and what is named is enough. */
static void without_a_line_of_the_access_list_its_right_is_missing(void **state)
{
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    const struct plan_asked asked = demo();
    unsigned int rules;

    examine(world, world->broker, world->acl, &asked);
    rules = world->list.count;
    assert_true(rules >= 26);
    for (unsigned int i = 0; i < rules; i++) {
        char added[4096] = "", *whole;
        size_t count;

        examine(world, world->broker, world->acl, &asked);
        print_message("  without line %u\n", world->list.rules[i].line);
        memmove(&world->list.rules[i], &world->list.rules[i + 1], (rules - i - 1) * sizeof world->list.rules[0]);
        world->list.count--;
        world->findings.count = 0;
        check_access(&world->checking);
        count = wrong(world, found);
        assert_true(count >= 1);
        for (size_t k = 0; k < count; k++) {
            const char *change = found[k]->change, *user = strstr(change, "below `user "),
                       *line = strstr(change, "`: ");

            assert_int_equal(found[k]->verdict, strstr(change, "topic deny") != NULL ? CHECK_WEAK : CHECK_BAD);
            if (user != NULL)
                (void)snprintf(added + strlen(added), sizeof added - strlen(added), "user %.*s\n%s\n",
                               (int)(line - user - 12), user + 12, line + 3);
            else
                (void)snprintf(added + strlen(added), sizeof added - strlen(added), "%s\n", change);
        }
        /* The same rules with what was named behind them. */
        assert_true(asprintf(&whole, "%s", added) >= 0);
        {
            struct acl more = {0}, *list = malloc(sizeof *list);
            struct buf text = text_of(whole);
            struct reason reason = {""};

            assert_non_null(list);
            assert_int_equal(acl_read(text, &more, &reason), STATUS_OK);
            *list = world->list;
            memcpy(&list->rules[list->count], more.rules, more.count * sizeof more.rules[0]);
            list->count += more.count;
            world->checking.acl = list;
            world->findings.count = 0;
            check_access(&world->checking);
            assert_int_equal(wrong(world, found), 0);
            free(text.ptr);
            free(list);
        }
        free(whole);
    }
    forget(world);
}

static void rights_past_the_table_are_named_with_their_line(void **state)
{
    static const struct {
        const char *why, *line;
        enum verdict_of_check verdict;
    } cases[] = {
        {"every device writes rounds", "pattern write tacit/1/+/round/+", CHECK_BAD},
        {"every device writes for others", "pattern write tacit/1/+/update/+/+/+", CHECK_BAD},
        {"every device reads the others' receipts", "pattern read tacit/1/+/receipt/+", CHECK_WEAK},
        {"every device reads what owners ask", "pattern read tacit/1/+/owner/#", CHECK_WEAK},
        {"every device does everything", "pattern readwrite tacit/1/#", CHECK_BAD},
        {"the aggregator writes for others", "user gateway\ntopic write tacit/1/+/round/+", CHECK_BAD},
        {"the aggregator speaks for devices", "user gateway\ntopic write tacit/1/+/enrol/+/+", CHECK_BAD},
        {"the aggregator speaks for its own devices", "user gateway\ntopic write tacit/1/+/enrol/gateway/+", CHECK_BAD},
        {"an observer writes",
         "user observer\ntopic read tacit/1/#\ntopic deny tacit/1/+/enrol/+/observer\n"
         "topic deny tacit/1/+/update/+/observer/+\ntopic deny tacit/1/+/presence/observer\n"
         "topic write tacit/1/+/need/+",
         CHECK_BAD},
        {"the owner speaks for the aggregator", "user owner\ntopic write tacit/1/+/model/#", CHECK_BAD},
    };
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    const struct plan_asked asked = demo();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *acl, where[32];

        print_message("  %s\n", cases[i].why);
        assert_true(asprintf(&acl, "%s%s\n", world->acl, cases[i].line) >= 0);
        examine(world, world->broker, acl, &asked);
        assert_int_equal(wrong(world, found), 1);
        assert_int_equal(found[0]->verdict, cases[i].verdict);
        (void)snprintf(where, sizeof where, "acl:%u", line_of(acl, acl + strlen(acl) - 1));
        assert_string_equal(found[0]->where, where);
        free(acl);
    }
    forget(world);
}

/* As one that a federation is captured by. */
static void an_observer_reads_everything_and_writes_nothing(void **state)
{
    static const char section[] = "user eye\ntopic read tacit/1/#\n";
    static const char denied[] = "topic deny tacit/1/+/enrol/+/eye\ntopic deny tacit/1/+/update/+/eye/+\n"
                                 "topic deny tacit/1/+/presence/eye\n";
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    struct plan_asked asked = demo();
    char *acl;

    asked.observer = "eye";
    asked.captured = true;
    examine(world, world->broker, world->acl, &asked);
    assert_true(wrong(world, found) >= 2);
    assert_string_equal(found[0]->change, "below `user eye`: topic read tacit/1/+/enrol/+/+");
    assert_true(asprintf(&acl, "%s%s", world->acl, section) >= 0);
    examine(world, world->broker, acl, &asked);
    assert_int_equal(wrong(world, found), 3);
    assert_string_equal(found[0]->change, "below `user eye`: topic deny tacit/1/+/enrol/+/eye");
    free(acl);
    assert_true(asprintf(&acl, "%s%s%s", world->acl, section, denied) >= 0);
    examine(world, world->broker, acl, &asked);
    assert_int_equal(wrong(world, found), 0);
    free(acl);
    forget(world);
}

static void a_plan_that_is_too_large_is_named(void **state)
{
    static const struct {
        const char *why, *check;
        size_t field;
        uint64_t value;
        const char *change;
    } cases[] = {
        {"a model that the policy does not take", "plan", offsetof(struct plan_asked, parameters), 1000001,
         "max_parameters of the policy"},
        {"a cohort below the policy's", "plan", offsetof(struct plan_asked, cohort), 1,
         "--cohort, or min_cohort and max_cohort of the policy"},
        {"a cohort above the devices", "plan", offsetof(struct plan_asked, cohort), 6, "--cohort or --devices"},
        {"an aggregator that takes no update", "aggregator's memory", offsetof(struct plan_asked, memory), 200000,
         "memory 1M"},
        {"a link that is too slow", "link of a device", offsetof(struct plan_asked, link_kbit), 6, "--deadline 1334"},
        {"a shared link that is too slow", "link of the broker", offsetof(struct plan_asked, shared_kbit), 30,
         "--deadline 1334"},
    };
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plan_asked asked = demo();

        print_message("  %s\n", cases[i].why);
        memcpy((char *)&asked + cases[i].field, &cases[i].value, sizeof cases[i].value);
        examine(world, world->broker, world->acl, &asked);
        assert_int_equal(wrong(world, found), 1);
        assert_int_equal(found[0]->verdict, CHECK_BAD);
        assert_string_equal(found[0]->check, cases[i].check);
        assert_string_equal(found[0]->change, cases[i].change);
    }
    forget(world);
}

/* 2000 devices with a model of 16 chunks, on the shipped configuration. */
static void a_large_federation_needs_more_than_the_shipped_limits(void **state)
{
    struct world *world = *state;
    const struct finding *found[FINDINGS_MAX];
    struct plan_asked asked = demo();

    asked.parameters = 1000000;
    asked.devices = asked.cohort = 2000;
    asked.policy.max_cohort = 2000;
    asked.slow = 500;
    examine(world, world->broker, world->acl, &asked);
    assert_int_equal(wrong(world, found), 4);
    assert_non_null(strstr(found[0]->change, "max_queued_bytes 79"));
    assert_non_null(strstr(found[1]->change, "memory_limit "));
    assert_string_equal(found[2]->check, "descriptors");
    assert_string_equal(found[3]->check, "aggregator's memory");
    assert_int_equal(found[3]->verdict, CHECK_WEAK);
    forget(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_configuration_carries_the_demo),
        cmocka_unit_test(of_one_thing_wrong_that_line_is_named),
        cmocka_unit_test(of_a_bridge_with_one_thing_wrong_that_line_is_named),
        cmocka_unit_test(a_bridge_may_be_on_either_side),
        cmocka_unit_test(without_a_line_of_the_access_list_its_right_is_missing),
        cmocka_unit_test(rights_past_the_table_are_named_with_their_line),
        cmocka_unit_test(an_observer_reads_everything_and_writes_nothing),
        cmocka_unit_test(a_plan_that_is_too_large_is_named),
        cmocka_unit_test(a_large_federation_needs_more_than_the_shipped_limits),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
