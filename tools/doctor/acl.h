/* acl.h: an access list of mosquitto: read, and asked who may do what. Pure.
 *
 * As mosquitto 2.0 has it: a `deny` of the user's own rules wins over the user's other rules, these win over patterns, and
 * a denying pattern over other patterns; what nothing grants is denied. Subscriptions are never refused: reading is judged
 * message by message. Source: mosquitto.conf(5) "acl_file"; what it leaves open was tried with 2.0.11. */
#ifndef DOCTOR_ACL_H
#define DOCTOR_ACL_H

#include "base.h"
#include "reason.h"

#define ACL_FILE_MAX  (1u << 20) /* bytes */
#define ACL_RULES_MAX 4096

enum acl_access { ACL_DENY = 0, ACL_READ = 1, ACL_WRITE = 2, ACL_READWRITE = 3 };

struct acl_rule {
    const char *user; /* whose; NULL: of clients without a name; of patterns not looked at */
    bool pattern;     /* holds for everybody; %u and %c in it are replaced */
    unsigned int access, line;
    const char *filter;
};

/** Starts as {0}. About 160 KB: on the heap. */
struct acl {
    unsigned int count;
    struct acl_rule rules[ACL_RULES_MAX];
};

/**
 * Reads a list. text is cut into the strings that the rules point to; it ends with '\0', which len does not count.
 * Returns STATUS_MALFORMED what mosquitto would not start with either; STATUS_NO_SPACE too many rules. The reason says
 * which line, without the file's name.
 */
MUST_USE enum status acl_read(struct buf text, struct acl *out, struct reason *reason);

/** A client. */
struct acl_client {
    const char *user, *id; /* user may be NULL */
};

/** Whether a client may (access: ACL_READ or ACL_WRITE). *rule: what decided, NULL when nothing did; may be NULL. */
bool acl_allows(const struct acl *acl, const struct acl_client *client, unsigned int access, const char *topic,
                const struct acl_rule **rule);

/** Whether a filter takes a topic (MQTT 5, section 4.7). */
bool acl_filter_takes(const char *filter, const char *topic);

#endif
