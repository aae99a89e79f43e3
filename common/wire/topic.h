/* topic.h: the topics of the protocol, made and taken apart by one table. Pure. Source: PROTOCOL.md section 1. */
#ifndef WIRE_TOPIC_H
#define WIRE_TOPIC_H

#include "wire_limits.h"

#define TOPIC_MAX 256 /* bytes of the longest topic or filter with its end, and room to spare */

enum topic_kind {
    TOPIC_EVIDENCE,
    TOPIC_CHALLENGE,
    TOPIC_STATUS,
    TOPIC_ENROL,
    TOPIC_CREDENTIAL,
    TOPIC_ROUND,
    TOPIC_MODEL,
    TOPIC_UPDATE,
    TOPIC_NEED,
    TOPIC_RECEIPT,
    TOPIC_RECORD,
    TOPIC_OWNER,
    TOPIC_ANSWER,
    TOPIC_PRESENCE,
    TOPIC_KINDS /* how many there are */
};

/** What stands in a topic; which of it, the kind says. The rest is empty or 0. */
struct topic {
    enum topic_kind kind; /* set by topic_parse */
    struct view federation, aggregator, device, request;
    uint32_t round; /* 1..ROUND_MAX */
    uint32_t chunk; /* 0..CHUNKS_MAX-1; of a model, an update, or an owner's request (its fragment) */
};

/** Whether bytes are a name: [0-9A-Za-z_-]{1,64}. */
bool name_valid(struct view name);

/**
 * Appends the topic of this kind with these names, and an end that len does not count: out.ptr is then a C string if out
 * was empty. names->kind is not looked at. Returns STATUS_MALFORMED for a name that the kind needs and that is not valid,
 * STATUS_OUT_OF_RANGE for a number, STATUS_NO_SPACE; out is as it was then.
 */
MUST_USE enum status topic_format(enum topic_kind kind, const struct topic *names, struct buf *out);

/**
 * Like topic_format, to subscribe: a level whose name is empty, or that holds a number, becomes `+`.
 */
MUST_USE enum status topic_filter(enum topic_kind kind, const struct topic *names, struct buf *out);

/**
 * Takes a topic apart; the names are views into it. Returns STATUS_MALFORMED when it is not one of the table's; out is
 * set only on STATUS_OK.
 */
MUST_USE enum status topic_parse(struct view topic, struct topic *out);

#endif
