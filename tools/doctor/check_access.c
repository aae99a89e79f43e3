/* check_access.c: the access list against the table of PROTOCOL.md section 19. See doctor_checks.h. */
#include <stdio.h>
#include <string.h>

#include "doctor_checks.h"
#include "topic.h"

/* Names that nobody else has: the list is asked about them. */
#define ITSELF  "tacit-doctor-device"
#define ANOTHER "tacit-doctor-other"

enum who { DEVICE, AGGREGATOR, OWNER, OBSERVER, CLIENTS };
static const char *const called[CLIENTS] = {"a device", "the aggregator", "the owner", "the observer"};

/* What each may do with a topic that carries its own name. The owner reads everything, and so does an observer, who
 * writes nothing. */
static const struct right {
    enum topic_kind kind;
    unsigned int device, aggregator, owner;
    bool of_device; /* a device's name stands in it: nobody else's device has any right to it */
} rights[] = {
    {TOPIC_EVIDENCE, ACL_READ, ACL_WRITE, ACL_READ, false},  {TOPIC_CHALLENGE, ACL_READ, ACL_WRITE, ACL_READ, false},
    {TOPIC_STATUS, ACL_READ, ACL_WRITE, ACL_READ, false},    {TOPIC_ENROL, ACL_WRITE, ACL_READ, ACL_READ, true},
    {TOPIC_CREDENTIAL, ACL_READ, ACL_WRITE, ACL_READ, true}, {TOPIC_ROUND, ACL_READ, ACL_WRITE, ACL_READ, false},
    {TOPIC_MODEL, ACL_READ, ACL_WRITE, ACL_READ, false},     {TOPIC_UPDATE, ACL_WRITE, ACL_READ, ACL_READ, true},
    {TOPIC_NEED, ACL_READ, ACL_WRITE, ACL_READ, true},       {TOPIC_RECEIPT, ACL_READ, ACL_WRITE, ACL_READ, true},
    {TOPIC_RECORD, ACL_READ, ACL_WRITE, ACL_READ, false},    {TOPIC_OWNER, 0, ACL_READ, ACL_READWRITE, false},
    {TOPIC_ANSWER, 0, ACL_WRITE, ACL_READ, false},           {TOPIC_PRESENCE, ACL_WRITE, ACL_READ, ACL_READ, true},
};

struct asking {
    const struct checking *checking;
    const char *names[CLIENTS];
    unsigned int told[ACL_RULES_MAX / 32 + 1]; /* rules that a finding named: each is named once */
    bool well;
};

static struct topic names_of(const struct checking *checking, const char *aggregator, const char *device)
{
    return (struct topic){
        .federation = view_of_string(checking->plan->asked.federation),
        .aggregator = view_of_string(aggregator),
        .device = view_of_string(device),
        .request = VIEW_TEXT("request"),
        .round = 1,
    };
}

/* The line that would grant it: for a device with %u where its name stands. */
static void line_for(const struct asking *asking, enum who who, enum topic_kind kind, const char *access,
                     char out[static 2 * TOPIC_MAX])
{
    uint8_t bytes[TOPIC_MAX];
    struct buf filter = BUF_OF(bytes);
    struct topic names = {0};
    const char *at;

    if (who == DEVICE)
        names.device = VIEW_TEXT(ITSELF);
    else
        names.aggregator = view_of_string(who == AGGREGATOR ? asking->names[AGGREGATOR] : "");
    if (topic_filter(kind, &names, &filter) != STATUS_OK)
        bytes[0] = '\0';
    at = strstr((const char *)bytes, ITSELF);
    if (at != NULL)
        (void)snprintf(out, 2 * TOPIC_MAX, "pattern %s %.*s%%u%s", access, (int)(at - (const char *)bytes),
                       (const char *)bytes, at + strlen(ITSELF));
    else
        (void)snprintf(out, 2 * TOPIC_MAX, "%s %s %s", who == DEVICE ? "pattern" : "topic", access,
                       (const char *)bytes);
}

static void missing(struct asking *asking, enum who who, enum topic_kind kind, const char *access, const char *topic)
{
    struct finding *finding = finding_add(asking->checking->out, "access list", CHECK_BAD, NULL, "%s may not %s %s",
                                          called[who], access, topic);
    char line[2 * TOPIC_MAX];

    line_for(asking, who, kind, access, line);
    (void)snprintf(finding->where, sizeof finding->where, "%s", asking->checking->acl_path);
    finding_now(finding, "no line grants it");
    if (who == DEVICE)
        finding_change(finding, "%s", line);
    else
        finding_change(finding, "below `user %s`: %s", asking->names[who], line);
    asking->well = false;
}

static void excess(struct asking *asking, enum who who, const struct acl_rule *rule, unsigned int access,
                   const char *topic)
{
    const unsigned int at = (unsigned int)(rule - asking->checking->acl->rules);
    struct finding *finding;

    if ((asking->told[at / 32] >> at % 32 & 1) != 0)
        return;
    asking->told[at / 32] |= 1u << at % 32;
    finding =
        finding_add(asking->checking->out, "access list", access == ACL_WRITE ? CHECK_BAD : CHECK_WEAK, NULL,
                    "%s may %s %s, which is not its own", called[who], access == ACL_WRITE ? "write" : "read", topic);
    (void)snprintf(finding->where, sizeof finding->where, "%s:%u", asking->checking->acl_path, rule->line);
    finding_now(finding, "%s ... %.100s", rule->pattern ? "pattern" : "topic", rule->filter);
    finding_change(finding, "a narrower line, or none (PROTOCOL.md section 19)");
    asking->well = false;
}

/* Asks for one client and topic; beyond: rights past the table are told too. */
static void ask(struct asking *asking, enum who who, enum topic_kind kind, const struct topic *names,
                unsigned int wanted, unsigned int forbidden)
{
    const struct acl_client client = {asking->names[who], asking->names[who]};
    const struct acl_rule *rule;
    uint8_t bytes[TOPIC_MAX];
    struct buf buf = BUF_OF(bytes);

    if (topic_format(kind, names, &buf) != STATUS_OK)
        return;
    for (unsigned int access = ACL_READ; access <= ACL_WRITE; access++) {
        const bool may = acl_allows(asking->checking->acl, &client, access, (const char *)bytes, &rule);

        if (!may && (wanted & access) != 0)
            missing(asking, who, kind, access == ACL_READ ? "read" : "write", (const char *)bytes);
        if (may && (forbidden & access) != 0)
            excess(asking, who, rule, access, (const char *)bytes);
    }
}

static void ask_all(struct asking *asking, const struct right *right)
{
    const struct topic own = names_of(asking->checking, asking->names[AGGREGATOR], ITSELF);
    const struct topic others_device = names_of(asking->checking, asking->names[AGGREGATOR], ANOTHER);
    const struct topic others_aggregator = names_of(asking->checking, ANOTHER, ITSELF);
    /* Topics without an aggregator's name in them are the same for every aggregator. */
    const bool named = right->kind != TOPIC_CREDENTIAL && right->kind != TOPIC_NEED && right->kind != TOPIC_RECEIPT &&
                       right->kind != TOPIC_PRESENCE;

    ask(asking, DEVICE, right->kind, &own, right->device, ACL_READWRITE & ~right->device);
    if (right->of_device)
        ask(asking, DEVICE, right->kind, &others_device, 0, ACL_READWRITE);
    /* What it reads beyond its own, every device reads. */
    ask(asking, AGGREGATOR, right->kind, &own, right->aggregator, ACL_WRITE & ~right->aggregator);
    if (named)
        ask(asking, AGGREGATOR, right->kind, &others_aggregator, 0, ACL_WRITE | (right->aggregator & ACL_READ));
    ask(asking, OWNER, right->kind, &own, right->owner, ACL_READWRITE & ~right->owner);
}

/* Patterns give an observer what a device of its name has; it should be denied. */
static void ask_own(struct asking *asking, enum topic_kind kind)
{
    const char *name = asking->names[OBSERVER];
    const struct acl_client client = {name, name};
    const struct topic own = names_of(asking->checking, asking->names[AGGREGATOR], name), any = {.device = own.device};
    struct finding *finding;
    uint8_t bytes[TOPIC_MAX], filter[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes), line = BUF_OF(filter);

    if (topic_format(kind, &own, &topic) != STATUS_OK || topic_filter(kind, &any, &line) != STATUS_OK ||
        !acl_allows(asking->checking->acl, &client, ACL_WRITE, (const char *)bytes, NULL))
        return;
    finding = finding_add(asking->checking->out, "access list", CHECK_WEAK, NULL,
                          "the observer may write %s, as a device of its name", (const char *)bytes);
    (void)snprintf(finding->where, sizeof finding->where, "%s", asking->checking->acl_path);
    finding_now(finding, "no line denies it");
    finding_change(finding, "below `user %s`: topic deny %s", name, (const char *)filter);
    asking->well = false;
}

/* Lists may have an observer or none; a federation that is captured has one. */
static void ask_of_observer(struct asking *asking)
{
    const struct acl *acl = asking->checking->acl;
    const struct topic own = names_of(asking->checking, asking->names[AGGREGATOR], ITSELF);
    bool known = asking->checking->plan->asked.captured;

    for (unsigned int i = 0; i < acl->count; i++)
        known |= !acl->rules[i].pattern && acl->rules[i].user != NULL &&
                 strcmp(acl->rules[i].user, asking->names[OBSERVER]) == 0;
    if (!known)
        return;
    for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
        ask(asking, OBSERVER, rights[i].kind, &own, ACL_READ, ACL_WRITE);
        if ((rights[i].device & ACL_WRITE) != 0)
            ask_own(asking, rights[i].kind);
    }
}

static void refuse(const struct checking *checking, const struct conf_line *line, const char *why, const char *change)
{
    struct finding *finding = finding_add(checking->out, "access list", CHECK_BAD, line, "%s", why);

    finding_now_is(finding, line, "none");
    finding_change(finding, "%s", change);
}

void check_access(const struct checking *checking)
{
    struct asking asking = {
        .checking = checking,
        .names = {ITSELF, checking->plan->asked.aggregator, checking->plan->asked.owner,
                  checking->plan->asked.observer},
        .well = true,
    };
    const struct conf_line *plugin = conf_global(checking->conf, "plugin");

    if (plugin == NULL)
        plugin = conf_global(checking->conf, "auth_plugin");
    if (plugin != NULL)
        finding_now_is(finding_add(checking->out, "access list", CHECK_WEAK, plugin,
                                   "a plugin may refuse or allow more: it is not looked at"),
                       plugin, "");
    if (checking->acl_path == NULL) {
        refuse(checking, NULL, "without an access list every client may write and read everything",
               "acl_file FILE (broker-config/acl.in)");
        return;
    }
    if (checking->acl == NULL) {
        refuse(checking, conf_global(checking->conf, "acl_file"), checking->acl_reason, "a list that can be read");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(rights); i++)
        ask_all(&asking, &rights[i]);
    ask_of_observer(&asking);
    if (asking.well)
        (void)finding_add(
            checking->out, "access list", CHECK_OK, NULL,
            "%s: devices, the aggregator %s and the owner %s may do what PROTOCOL.md section 19 says, and "
            "no more",
            checking->acl_path, asking.names[AGGREGATOR], asking.names[OWNER]);
}
