/* acl.c: see acl.h. */
#include "acl.h"

#include <string.h>

#define LEVEL_END(at) ((at) + strcspn((at), "/"))

static enum status refuse(struct reason *reason, unsigned int line, enum status status, const char *what)
{
    reason_set(reason, "line %u: %s", line, what);
    return status;
}

/* A filter without a wildcard in the wrong place. */
static bool filter_valid(const char *filter)
{
    for (const char *at = filter;; at = LEVEL_END(at) + 1) {
        const char *end = LEVEL_END(at);
        size_t length = (size_t)(end - at);

        if (memchr(at, '+', length) != NULL && length != 1)
            return false;
        if (memchr(at, '#', length) != NULL && (length != 1 || *end != '\0'))
            return false;
        if (*end == '\0')
            return filter[0] != '\0';
    }
}

static char *skip(char *at)
{
    return at + strspn(at, " ");
}

/* The access that stands before a filter; a single word is the filter. */
static enum status take_filter(char *rest, struct acl_rule *rule, struct reason *reason)
{
    static const struct {
        const char *word;
        unsigned int access;
    } words[] = {{"read", ACL_READ}, {"write", ACL_WRITE}, {"readwrite", ACL_READWRITE}, {"deny", ACL_DENY}};
    char *second = rest + strcspn(rest, " "), *filter = skip(second);
    size_t i = 0;

    rule->access = ACL_READWRITE;
    rule->filter = rest;
    if (*filter != '\0') {
        *second = '\0';
        while (i < ARRAY_LEN(words) && strcmp(words[i].word, rest) != 0)
            i++;
        if (i == ARRAY_LEN(words))
            return refuse(reason, rule->line, STATUS_MALFORMED, "the access is none of read, write, readwrite, deny");
        rule->access = words[i].access;
        rule->filter = filter;
    }
    return filter_valid(rule->filter) ? STATUS_OK
                                      : refuse(reason, rule->line, STATUS_MALFORMED, "no filter of topics stands here");
}

static enum status take_line(struct acl *acl, char *line, unsigned int number, const char **user, struct reason *reason)
{
    struct acl_rule rule = {.user = *user, .line = number};
    char *end = line + strlen(line), *word, *rest;

    while (end > line && strchr(" \t\r", end[-1]) != NULL)
        *--end = '\0';
    if (line[0] == '\0' || line[0] == '#')
        return STATUS_OK;
    word = skip(line);
    rest = word + strcspn(word, " ");
    if (*rest != '\0')
        *rest++ = '\0';
    rest = skip(rest);
    rule.pattern = strcmp(word, "pattern") == 0;
    if (!rule.pattern && strcmp(word, "topic") != 0 && strcmp(word, "user") != 0)
        return refuse(reason, number, STATUS_MALFORMED, "begins with none of user, topic, pattern");
    if (*rest == '\0')
        return refuse(reason, number, STATUS_MALFORMED, "a name or a topic is missing");
    if (strcmp(word, "user") == 0) {
        *user = rest;
        return STATUS_OK;
    }
    TRY(take_filter(rest, &rule, reason));
    if (acl->count == ACL_RULES_MAX)
        return refuse(reason, number, STATUS_NO_SPACE, "more rules than are read");
    acl->rules[acl->count++] = rule;
    return STATUS_OK;
}

enum status acl_read(struct buf text, struct acl *out, struct reason *reason)
{
    const char *user = NULL;
    unsigned int number = 0;
    char *next = (char *)text.ptr;

    if (memchr(text.ptr, '\0', text.len) != NULL)
        return refuse(reason, 1, STATUS_MALFORMED, "not text");
    while (next != NULL)
        TRY(take_line(out, strsep(&next, "\n"), ++number, &user, reason));
    return STATUS_OK;
}

/* ---- asking ---- */

/* Takes the word off *filter, if it begins with one that stands for a name of the client, and says which. */
static const char *replaced(const char **filter, const struct acl_client *client)
{
    const char *name = NULL;

    if (client != NULL && strncmp(*filter, "%u", 2) == 0)
        name = client->user;
    else if (client != NULL && strncmp(*filter, "%c", 2) == 0)
        name = client->id;
    if (name != NULL)
        *filter += 2;
    return name;
}

/* One level of a filter without wildcards against one of a topic. *filter ends at the level's end on success. */
static bool same_level(const char **filter, const char *topic, size_t length, const struct acl_client *client)
{
    const char *end = topic + length;

    while (**filter != '\0' && **filter != '/') {
        const char *name = replaced(filter, client);
        size_t size = name == NULL ? 1 : strlen(name);

        if ((size_t)(end - topic) < size || memcmp(topic, name == NULL ? *filter : name, size) != 0)
            return false;
        topic += size;
        *filter += name == NULL;
    }
    return topic == end;
}

/* Whether a filter takes a topic; with a client, %u and %c in it are its names. */
static bool takes(const char *filter, const char *topic, const struct acl_client *client)
{
    if ((topic[0] == '$') != (filter[0] == '$'))
        return false;
    for (;;) {
        size_t length = strcspn(topic, "/");

        if (filter[0] == '#')
            return true;
        if (filter[0] == '+')
            filter++;
        else if (!same_level(&filter, topic, length, client))
            return false;
        topic += length;
        if (*topic == '\0' || *filter == '\0')
            break;
        topic++;
        filter++;
    }
    return (*topic == '\0' && *filter == '\0') || (*topic == '\0' && strcmp(filter, "/#") == 0);
}

bool acl_filter_takes(const char *filter, const char *topic)
{
    return takes(filter, topic, NULL);
}

static bool is_theirs(const struct acl_rule *rule, const struct acl_client *client)
{
    if (rule->user == NULL || client->user == NULL)
        return rule->user == NULL && client->user == NULL;
    return strcmp(rule->user, client->user) == 0;
}

/* The first of a client's own rules, or of the patterns, that takes the topic: denying ones first. */
static const struct acl_rule *first(const struct acl *acl, const struct acl_client *client, unsigned int access,
                                    const char *topic, bool patterns)
{
    const struct acl_rule *granting = NULL;

    for (unsigned int i = 0; i < acl->count; i++) {
        const struct acl_rule *rule = &acl->rules[i];

        if (rule->pattern != patterns || (!patterns && !is_theirs(rule, client)))
            continue;
        if (rule->access != ACL_DENY && ((rule->access & access) == 0 || granting != NULL))
            continue;
        /* A client without a name has no topics of its own. */
        if (patterns && client->user == NULL && strstr(rule->filter, "%u") != NULL)
            continue;
        if (!takes(rule->filter, topic, patterns ? client : NULL))
            continue;
        if (rule->access == ACL_DENY)
            return rule;
        granting = rule;
    }
    return granting;
}

bool acl_allows(const struct acl *acl, const struct acl_client *client, unsigned int access, const char *topic,
                const struct acl_rule **rule)
{
    const bool odd = strpbrk(client->id, "+#") != NULL || (client->user != NULL && strpbrk(client->user, "+#") != NULL);
    const struct acl_rule *found = first(acl, client, access, topic, false);

    /* Names with wildcards in them would widen patterns; mosquitto denies them all. */
    if (found == NULL && !odd)
        found = first(acl, client, access, topic, true);
    if (rule != NULL)
        *rule = found;
    return found != NULL && found->access != ACL_DENY;
}
