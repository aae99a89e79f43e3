/* check_bridge.c: connection blocks: what they carry, and how. See doctor_checks.h. */
#include <inttypes.h>
#include <string.h>

#include "doctor_checks.h"
#include "topic.h"

#define WORD_MAX 256

/* A topic line of a bridge. */
struct bridge_topic {
    char pattern[WORD_MAX], direction[WORD_MAX], qos[WORD_MAX], local[WORD_MAX], remote[WORD_MAX];
};

struct bridging {
    const struct checking *checking;
    int bridge;
    bool well;
};

/* From devices to the aggregator, and back. The owner may be on either side: its topics are not asked for. */
static const enum topic_kind up[] = {TOPIC_ENROL, TOPIC_UPDATE, TOPIC_PRESENCE};
static const enum topic_kind down[] = {TOPIC_EVIDENCE, TOPIC_CHALLENGE, TOPIC_STATUS,  TOPIC_CREDENTIAL, TOPIC_ROUND,
                                       TOPIC_MODEL,    TOPIC_NEED,      TOPIC_RECEIPT, TOPIC_RECORD};

static void take_word(const char **rest, char out[static WORD_MAX])
{
    size_t length = strcspn(*rest, " "), taken = length < WORD_MAX ? length : WORD_MAX - 1;

    memcpy(out, *rest, taken);
    out[taken] = '\0';
    if (strcmp(out, "\"\"") == 0)
        out[0] = '\0';
    *rest += length;
    *rest += strspn(*rest, " ");
}

static struct bridge_topic read_topic(const struct conf_line *line)
{
    struct bridge_topic topic = {0};
    const char *rest = line->value;

    take_word(&rest, topic.pattern);
    take_word(&rest, topic.direction);
    take_word(&rest, topic.qos);
    take_word(&rest, topic.local);
    take_word(&rest, topic.remote);
    return topic;
}

static bool goes(const struct bridge_topic *topic, bool out)
{
    if (topic->direction[0] == '\0' || strcmp(topic->direction, "out") == 0)
        return out;
    return strcmp(topic->direction, "both") == 0 || (!out && strcmp(topic->direction, "in") == 0);
}

static const struct conf_line *setting(const struct bridging *bridging, const char *key)
{
    return conf_find(bridging->checking->conf, key, CONF_ANY, bridging->bridge);
}

/* The line that carries a kind in a direction, or NULL. */
static const struct conf_line *carrier(const struct bridging *bridging, enum topic_kind kind, bool out)
{
    const struct conf *conf = bridging->checking->conf;
    const struct topic names = {
        .federation = view_of_string(bridging->checking->plan->asked.federation),
        .aggregator = view_of_string(bridging->checking->plan->asked.aggregator),
        .device = VIEW_TEXT("tacit-doctor-device"),
        .request = VIEW_TEXT("request"),
        .round = 1,
    };
    uint8_t bytes[TOPIC_MAX];
    struct buf text = BUF_OF(bytes);

    if (topic_format(kind, &names, &text) != STATUS_OK)
        return NULL;
    for (unsigned int i = 0; i < conf->line_count; i++) {
        const struct conf_line *line = &conf->lines[i];
        struct bridge_topic topic;
        char filter[2 * WORD_MAX];

        if (line->bridge != bridging->bridge || strcmp(line->key, "topic") != 0)
            continue;
        topic = read_topic(line);
        (void)snprintf(filter, sizeof filter, "%s%s", out ? topic.local : topic.remote, topic.pattern);
        if (goes(&topic, out) && acl_filter_takes(filter, (const char *)bytes))
            return line;
    }
    return NULL;
}

static size_t lacking(const struct bridging *bridging, bool up_goes_out)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(up); i++)
        count += carrier(bridging, up[i], up_goes_out) == NULL;
    for (size_t i = 0; i < ARRAY_LEN(down); i++)
        count += carrier(bridging, down[i], !up_goes_out) == NULL;
    return count;
}

static void add(struct bridging *bridging, enum verdict_of_check verdict, const struct conf_line *line,
                const char *change, const char *why)
{
    struct finding *finding = finding_add(bridging->checking->out, "bridge", verdict,
                                          line != NULL ? line : setting(bridging, "connection"), "%s", why);

    finding_now_is(finding, line != NULL ? line : setting(bridging, "connection"), "");
    finding_change(finding, "%s", change);
    bridging->well = false;
}

static void check_kind(struct bridging *bridging, enum topic_kind kind, bool out)
{
    const struct conf_line *line = carrier(bridging, kind, out);
    uint8_t bytes[TOPIC_MAX];
    struct buf filter = BUF_OF(bytes);
    const struct topic names = {.federation = view_of_string(bridging->checking->plan->asked.federation)};
    char change[TOPIC_MAX + 32];
    struct bridge_topic topic;

    if (topic_filter(kind, &names, &filter) != STATUS_OK)
        return;
    (void)snprintf(change, sizeof change, "topic %s %s 1", (const char *)bytes, out ? "out" : "in");
    if (line == NULL) {
        add(bridging, CHECK_BAD, NULL, change,
            out ? "what is published here does not get to the other side"
                : "what is published on the other side does not get here");
        return;
    }
    topic = read_topic(line);
    if (topic.qos[0] == '\0' || strcmp(topic.qos, "0") == 0)
        add(bridging, CHECK_BAD, line, change, "with QoS 0 nothing waits for a link that is down");
    else if (strcmp(topic.local, topic.remote) != 0)
        add(bridging, CHECK_BAD, line, change,
            "topics change on the way, and every signature and seal is bound to them");
}

static void check_topics(struct bridging *bridging)
{
    const size_t devices_here = lacking(bridging, true), aggregator_here = lacking(bridging, false);
    const bool out = devices_here <= aggregator_here;

    for (size_t i = 0; i < ARRAY_LEN(up); i++)
        check_kind(bridging, up[i], out);
    for (size_t i = 0; i < ARRAY_LEN(down); i++)
        check_kind(bridging, down[i], !out);
}

static void check_session(struct bridging *bridging)
{
    const uint64_t packet = bridging->checking->plan->asked.policy.max_packet;
    const struct conf_line *line = setting(bridging, "bridge_max_packet_size");
    char change[64];
    int64_t is;

    (void)snprintf(change, sizeof change, "bridge_max_packet_size %" PRIu64, packet);
    if (!conf_number(line, false, 0, &is) || (is != 0 && is < (int64_t)packet))
        add(bridging, CHECK_BAD, line, change, "chunks are larger, and do not cross");
    line = setting(bridging, "cleansession");
    if (conf_bool(line, false))
        add(bridging, CHECK_BAD, line, "cleansession false", "what comes while the link is down is lost");
    line = setting(bridging, "bridge_outgoing_retain");
    if (!conf_bool(line, true))
        add(bridging, CHECK_BAD, line, "bridge_outgoing_retain true",
            "evidence, model and records must be retained on the other side too");
    line = setting(bridging, "start_type");
    if (line != NULL && strcmp(line->value, "automatic") != 0)
        add(bridging, strcmp(line->value, "once") == 0 ? CHECK_BAD : CHECK_WEAK, line, "start_type automatic",
            "the link is not made again as soon as it can be");
    line = setting(bridging, "try_private");
    if (!conf_bool(line, true))
        add(bridging, CHECK_WEAK, line, "try_private true",
            "the other broker takes the bridge for a client: it sends retained messages without that mark");
    if (setting(bridging, "remote_clientid") == NULL && setting(bridging, "clientid") == NULL)
        add(bridging, CHECK_WEAK, NULL, "remote_clientid NAME",
            "the default holds the host's name: the session is another one when that changes");
}

static void check_tls(struct bridging *bridging)
{
    const struct conf_line *line = setting(bridging, "bridge_insecure");

    if (conf_bool(line, false))
        add(bridging, CHECK_BAD, line, "bridge_insecure false", "the other broker may be anybody");
    if (setting(bridging, "bridge_cafile") == NULL && setting(bridging, "bridge_capath") == NULL)
        add(bridging, CHECK_BAD, NULL, "bridge_cafile FILE", "without it the link has no TLS");
    else if (setting(bridging, "bridge_certfile") == NULL || setting(bridging, "bridge_keyfile") == NULL)
        add(bridging, CHECK_BAD, NULL, "bridge_certfile FILE, bridge_keyfile FILE",
            "the other broker asks for a certificate");
}

void check_bridges(const struct checking *checking)
{
    for (int i = 0; i < checking->conf->bridges; i++) {
        struct bridging bridging = {checking, i, true};

        check_topics(&bridging);
        check_session(&bridging);
        check_tls(&bridging);
        if (bridging.well)
            (void)finding_add(checking->out, "bridge", CHECK_OK, setting(&bridging, "connection"),
                              "%.60s carries the federation both ways; its queue is max_queued_messages",
                              setting(&bridging, "connection")->value);
    }
}
