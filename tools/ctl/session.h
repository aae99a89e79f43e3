/* session.h: one visit to the broker: connects, decides whether the aggregator is to be trusted, hands messages to the
 * command, and ends when the command says so, or when nothing moves any more. */
#ifndef CTL_SESSION_H
#define CTL_SESSION_H

#include "loop.h"
#include "mqtt.h"
#include "profile.h"
#include "topic.h"
#include "trust.h"

/** How long nothing must come before what the broker retains is taken to be here. */
#define SESSION_QUIET_MS 1000

struct session;

/** What a command does with a visit. Functions may be NULL. */
struct session_use {
    void *ctx;
    const enum topic_kind *kinds; /* to subscribe to: once the aggregator is trusted, or at once with untrusted */
    size_t count;
    bool untrusted; /* take messages without asking who signs them */
    bool patient;   /* once the aggregator was reached, neither silence nor a lost connection is a reason to give up */
    void (*trusted)(void *ctx, struct session *session); /* a first or another enclave; retained messages come again */
    void (*message)(void *ctx, struct session *session, const struct topic *topic, struct view payload);
    void (*writable)(void *ctx, struct session *session);
    void (*quiet)(
        void *ctx,
        struct session *session); /* nothing came for SESSION_QUIET_MS, and `trusted` was called if it will be */
};

/**
 * Connects and serves until session_finish.
 *
 * Returns what session_finish was given; STATUS_TIMEOUT, STATUS_NO_CONNECTION when nothing moved for the profile's
 * time; the reason why the aggregator is not to be trusted; STATUS_CONFIG, STATUS_IO. reason says more.
 */
MUST_USE enum status session_run(const struct profile *profile, const struct session_use *use, struct reason *reason);

/** Ends the visit; what is queued is not sent any more. sentence: as for printf, NULL for none. The first call
 *  counts. */
__attribute__((format(printf, 3, 4))) void session_finish(struct session *session, enum status status,
                                                          const char *sentence, ...);

/** Tells what happens, when the caller wants to know (-d) or, for progress, looks at a terminal. */
__attribute__((format(printf, 2, 3))) void session_note(struct session *session, const char *format, ...);
__attribute__((format(printf, 2, 3))) void session_progress(struct session *session, const char *format, ...);

/** Something moved: the time until the visit is given up begins anew. */
void session_moved(struct session *session);

/** Subscribes to all topics of a kind that have these names, whatever their numbers. A failure ends the visit. */
void session_subscribe(struct session *session, enum topic_kind kind, const struct topic *names);

/** Subscribes to one topic, and takes it back. */
void session_subscribe_one(struct session *session, enum topic_kind kind, const struct topic *names);
void session_unsubscribe_one(struct session *session, enum topic_kind kind, const struct topic *names);

/** Publishes. STATUS_BUSY: again on `writable`. Another failure ends the visit and is returned. */
MUST_USE enum status session_publish(struct session *session, enum topic_kind kind, const struct topic *names,
                                     struct view payload);

/** The enclave that is trusted; only after `trusted`. */
const struct trust *session_trust(const struct session *session);
/** The evidence bundle that the trust rests on. */
struct view session_bundle(const struct session *session);
/** Federation and aggregator; the device is the own client id. */
struct topic session_names(const struct session *session);
struct place session_place(const struct session *session);
struct loop *session_loop(const struct session *session);

#endif
