/* doctor_checks.h: what `tacit doctor` looks at. Each adds at least one finding. */
#ifndef DOCTOR_DOCTOR_CHECKS_H
#define DOCTOR_DOCTOR_CHECKS_H

#include "acl.h"
#include "findings.h"

struct checking {
    const struct plan *plan;
    const struct conf *conf; /* of the broker */
    const struct conf *host; /* of the aggregator; no line in it where it is not known */
    const char *acl_path;    /* NULL: the broker has none */
    const struct acl *acl;   /* NULL: as acl_path, or it cannot be read, as acl_reason says */
    const char *acl_reason;
    uint64_t port;         /* 0: of the first listener with TLS */
    uint64_t nofile;       /* descriptors that the broker's process may open */
    const char *nofile_of; /* who says so */
    struct findings *out;
};

void check_plan(const struct checking *checking);        /* the plan against its own policy */
void check_values(const struct checking *checking);      /* what mosquitto would not start with */
void check_packet(const struct checking *checking);      /* max_packet_size, message_size_limit */
void check_queues(const struct checking *checking);      /* max_queued_messages, max_queued_bytes */
void check_inflight(const struct checking *checking);    /* max_inflight_messages, max_inflight_bytes */
void check_memory(const struct checking *checking);      /* memory_limit */
void check_persistence(const struct checking *checking); /* persistence, autosave_interval, ... */
void check_messages(const struct checking *checking);    /* what would change or drop messages */
void check_listeners(const struct checking *checking);   /* TLS, names, max_connections */
void check_descriptors(const struct checking *checking);
void check_access(const struct checking *checking);  /* the access list against PROTOCOL.md section 19 */
void check_bridges(const struct checking *checking); /* connection blocks */
void check_host(const struct checking *checking);    /* the aggregator's memory */
void check_links(const struct checking *checking);   /* the deadline against the bytes to move */

/** All of them, in this order. */
void check_all(const struct checking *checking);

/** A value that must not be below what is needed. */
struct least_value {
    const char *check, *key;
    int64_t otherwise; /* the default */
    bool zero_is_none; /* 0 means that there is no limit */
    uint64_t needed;
};
/** Judges it. Returns a finding whose `why` is the rest, which says how `needed` was worked out. */
__attribute__((format(printf, 3, 4))) struct finding *check_least(const struct checking *checking,
                                                                  const struct least_value *value, const char *why,
                                                                  ...);

/** A flag that must be so. Returns the finding. */
struct finding *check_flag(const struct checking *checking, const char *key, bool otherwise, bool wanted,
                           enum verdict_of_check verdict, const char *why);

#define ROUNDED_MIB(bytes) ((((bytes) >> 20) + 1) << 20)

#endif
