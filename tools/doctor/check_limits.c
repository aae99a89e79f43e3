/* check_limits.c: packets, queues, inflight, memory, persistence. See doctor_checks.h, docs/doctor.md. */
#include <inttypes.h>
#include <stdarg.h>

#include "doctor_checks.h"

#define AUTOSAVE_DEFAULT 1800
#define INFLIGHT_DEFAULT 20
#define QUEUED_DEFAULT   1000
#define INFLIGHT_MAX     64 /* more gains nothing: a device asks for 4 chunks at a time */

static int64_t number(const struct conf_line *line, int64_t otherwise)
{
    int64_t value;

    return conf_number(line, false, otherwise, &value) && value >= 0 ? value : otherwise;
}

static void now_is_default(struct finding *finding, const struct conf_line *line, int64_t otherwise)
{
    char text[48];

    (void)snprintf(text, sizeof text, "%" PRId64, otherwise);
    finding_now_is(finding, line, text);
}

struct finding *check_least(const struct checking *checking, const struct least_value *value, const char *why, ...)
{
    const struct conf_line *line = conf_global(checking->conf, value->key);
    struct finding *finding;
    enum verdict_of_check verdict = CHECK_OK;
    char sentence[sizeof finding->why];
    va_list arguments;
    int64_t is;

    va_start(arguments, why);
    (void)vsnprintf(sentence, sizeof sentence, why, arguments);
    va_end(arguments);
    if (!conf_number(line, false, value->otherwise, &is) || is < 0)
        verdict = CHECK_BAD;
    else if ((uint64_t)is < value->needed && !(is == 0 && value->zero_is_none))
        verdict = CHECK_BAD;
    finding = finding_add(checking->out, value->check, verdict, line, "%s", sentence);
    now_is_default(finding, line, value->otherwise);
    finding_change(finding, "%s %" PRIu64, value->key, value->needed);
    return finding;
}

struct finding *check_flag(const struct checking *checking, const char *key, bool otherwise, bool wanted,
                           enum verdict_of_check verdict, const char *why)
{
    const struct conf_line *line = conf_global(checking->conf, key);
    const bool fits = conf_bool(line, otherwise) == wanted;
    struct finding *finding = finding_add(checking->out, key, fits ? CHECK_OK : verdict, line, "%s", why);

    finding_now_is(finding, line, otherwise ? "true" : "false");
    finding_change(finding, "%s %s", key, wanted ? "true" : "false");
    return finding;
}

void check_packet(const struct checking *checking)
{
    const uint64_t packet = checking->plan->asked.policy.max_packet;
    const struct conf_line *line = conf_global(checking->conf, "max_packet_size");
    struct finding *finding;

    finding =
        check_least(checking, &(struct least_value){"packet", "max_packet_size", 0, true, packet},
                    "the policy's largest packet has %" PRIu64 " bytes; who sends a larger one is cut off", packet);
    if (finding->verdict == CHECK_OK && number(line, 0) == 0) {
        finding = finding_add(checking->out, "packet", CHECK_WEAK, line,
                              "without a limit one client may send 256 MB at once, and the broker holds all of it");
        now_is_default(finding, line, 0);
        finding_change(finding, "max_packet_size %" PRIu64, packet + packet / 8);
    }
    (void)check_least(checking, &(struct least_value){"payload", "message_size_limit", 0, true, packet},
                      "evidence, and chunks of %" PRIu64 " bytes and their sealing, fill a packet of the policy "
                      "(%" PRIu64 " bytes); what is larger than the limit is dropped, silently with MQTT 3.1.1",
                      checking->plan->chunk, packet);
}

/* Of the three who wait, the one with the most. */
static struct load longest(const struct plan *plan, bool by_bytes, const char **who)
{
    const struct {
        struct load load;
        const char *who;
    } waiting[] = {
        {plan->to_aggregator, "the aggregator, away or slow while every device offers an update and room was granted"},
        {plan->to_device, "a device that comes back: what it missed, then what is retained for it"},
        {plan->to_reader, plan->asked.captured ? "a capturer that is as slow as the aggregator"
                                               : "who reads everything, at its first subscription"},
    };
    size_t best = 0;

    for (size_t i = 1; i < ARRAY_LEN(waiting); i++)
        if (by_bytes ? waiting[i].load.bytes > waiting[best].load.bytes
                     : waiting[i].load.messages > waiting[best].load.messages)
            best = i;
    *who = waiting[best].who;
    return waiting[best].load;
}

void check_queues(const struct checking *checking)
{
    const struct plan *plan = checking->plan;
    const char *who;
    struct load load = longest(plan, false, &who);

    (void)check_least(
        checking, &(struct least_value){"queue, messages", "max_queued_messages", QUEUED_DEFAULT, true, load.messages},
        "%" PRIu64 " messages wait for %s (%" PRIu64 " devices, %" PRIu64 " chunks, %" PRIu64
        " updates at a time, %" PRIu64 " rounds missed); more are dropped silently",
        load.messages, who, plan->asked.devices, plan->chunks, plan->admitted, plan->missed);
    load = longest(plan, true, &who);
    (void)check_least(checking,
                      &(struct least_value){"queue, bytes", "max_queued_bytes", 0, true, ROUNDED_MIB(load.bytes)},
                      "%" PRIu64 " bytes wait for %s; more are dropped silently", load.bytes, who);
}

static struct finding *add_for(const struct checking *checking, const char *check, enum verdict_of_check verdict,
                               const char *key, const char *otherwise, const char *why)
{
    const struct conf_line *line = conf_global(checking->conf, key);
    struct finding *finding = finding_add(checking->out, check, verdict, line, "%s", why);

    finding_now_is(finding, line, otherwise);
    return finding;
}

void check_inflight(const struct checking *checking)
{
    const struct conf_line *messages = conf_global(checking->conf, "max_inflight_messages");
    const struct conf_line *bytes = conf_global(checking->conf, "max_inflight_bytes");
    const uint64_t packet = checking->plan->asked.policy.max_packet;
    const int64_t is = number(messages, INFLIGHT_DEFAULT), bytes_are = number(bytes, 0);
    enum verdict_of_check verdict = is == 0 || is > INFLIGHT_MAX || is == 1 ? CHECK_WEAK : CHECK_OK;

    finding_change(
        add_for(checking, "inflight, messages", verdict, "max_inflight_messages", "20",
                verdict == CHECK_OK ? "a slow reader makes the broker copy no more than that"
                : is == 1           ? "one message at a time: each costs a whole way there and back"
                          : "so many packets are copied for each slow reader; a device asks for 4 chunks at a time"),
        "max_inflight_messages 10");
    verdict = bytes_are != 0 && (uint64_t)bytes_are < packet ? CHECK_WEAK : CHECK_OK;
    finding_change(add_for(checking, "inflight, bytes", verdict, "max_inflight_bytes", "0",
                           verdict == CHECK_OK ? "no chunk waits for the one before it"
                                               : "below a packet of the policy chunks go one at a time"),
                   "max_inflight_bytes %" PRIu64, PLAN_WINDOW * packet);
}

void check_memory(const struct checking *checking)
{
    const struct conf_line *line = conf_global(checking->conf, "memory_limit");
    const int64_t inflight = number(conf_global(checking->conf, "max_inflight_messages"), INFLIGHT_DEFAULT);
    const struct plan_memory memory =
        plan_memory(checking->plan, (uint64_t)inflight, (uint64_t)checking->conf->bridges);
    struct finding *finding;

    finding = check_least(
        checking, &(struct least_value){"memory", "memory_limit", 0, true, ROUNDED_MIB(memory.total)},
        "at the worst %" PRIu64 " MiB: program %" PRIu64 ", clients %" PRIu64 ", retained %" PRIu64
        ", queue to the aggregator %" PRIu64 ", %" PRIu64 " slow readers %" PRIu64 ", absent devices %" PRIu64
        ", bridges %" PRIu64 "; the publisher that reaches the limit is disconnected",
        memory.total >> 20, memory.program >> 20, memory.clients >> 20, memory.retained >> 20, memory.aggregator >> 20,
        checking->plan->asked.slow, memory.readers >> 20, memory.offline >> 20, memory.bridges >> 20);
    if (finding->verdict == CHECK_OK && number(line, 0) == 0) {
        finding = finding_add(checking->out, "memory", CHECK_WEAK, line,
                              "without a limit the kernel ends the broker when memory does, and all that it holds");
        now_is_default(finding, line, 0);
        finding_change(finding, "memory_limit %" PRIu64, ROUNDED_MIB(memory.total));
    }
}

static void check_expiration(const struct checking *checking)
{
    const struct conf_line *line = conf_global(checking->conf, "persistent_client_expiration");
    const uint64_t away = checking->plan->asked.away_s;
    struct finding *finding;
    int64_t lives;
    bool well = conf_duration(line, INT64_MAX, &lives);

    finding = finding_add(checking->out, "sessions", well && lives >= (int64_t)away ? CHECK_OK : CHECK_BAD, line,
                          "a client that is away for %" PRIu64 " s finds its subscriptions and messages", away);
    finding_now_is(finding, line, "never");
    finding_change(finding, "persistent_client_expiration %" PRIu64 "d", away / 86400 + 1);
}

void check_persistence(const struct checking *checking)
{
    const struct conf_line *line = conf_global(checking->conf, "autosave_interval");
    const int64_t interval = number(line, AUTOSAVE_DEFAULT);
    const uint64_t deadline = checking->plan->asked.deadline_s;
    struct finding *finding;
    bool saves;

    finding = check_flag(checking, "persistence", false, true, CHECK_WEAK,
                         "sessions, queues and retained messages outlive a restart of the broker");
    check_expiration(checking);
    if (finding->verdict != CHECK_OK || conf_bool(conf_global(checking->conf, "autosave_on_changes"), false))
        return;
    saves = interval > 0 && (uint64_t)interval <= deadline;
    finding = finding_add(checking->out, "loss of power", saves ? CHECK_OK : CHECK_WEAK, line,
                          "a power loss costs what was acknowledged in %" PRId64 " s; a round has %" PRIu64 " s",
                          interval, deadline);
    now_is_default(finding, line, AUTOSAVE_DEFAULT);
    finding_change(finding, "autosave_interval %" PRIu64, deadline < 60 ? deadline : 60);
}

void check_messages(const struct checking *checking)
{
    const struct conf_line *line = conf_global(checking->conf, "clientid_prefixes");
    struct finding *finding;

    (void)check_flag(checking, "retain_available", true, true, CHECK_BAD,
                     "evidence, model and records are retained messages; without them publishers are disconnected");
    if (line == NULL)
        return;
    finding = finding_add(checking->out, "clientid_prefixes", CHECK_BAD, line,
                          "clients are called as their certificates say: only ids with this beginning get in");
    finding_now_is(finding, line, "");
    finding_change(finding, "(take the line out)");
}
