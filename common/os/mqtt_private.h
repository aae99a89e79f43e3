/* mqtt_private.h: what the files of the MQTT client share.
 *
 *   mqtt.c          the life of a client: waiting, connecting, connected, lost; the loop's callbacks
 *   mqtt_session.c  one connection: a struct mosquitto that is made for it and dies with it
 *   mqtt_send.c     what goes out: subscriptions and publishes
 *   mqtt_queue.c    messages that wait
 *   mqtt_properties.c   what a message's properties are as JSON
 *   mqtt_options.c  the caller's options, checked and copied
 *
 * Nothing of libmosquitto outlives a connection: what is unacknowledged is ours and is sent anew on the next one. So
 * its own queue, which has no bound, never holds more than what is in flight. libmosquitto's callbacks only note what
 * happened (struct mqtt_news); the loop acts on it when the library has returned. */
#ifndef OS_MQTT_PRIVATE_H
#define OS_MQTT_PRIVATE_H

#include <mosquitto.h>

#include "mqtt.h"
#include "mqtt_queue.h"

#define MQTT_MAX_PACKET 268435460u /* MQTT's own limit: the largest remaining length and its header */

enum mqtt_state { MQTT_STOPPED, MQTT_WAITING, MQTT_CONNECTING, MQTT_CONNECTED };

struct mqtt_subscription {
    char *filter;
    int id;       /* of the SUBSCRIBE in this connection */
    bool sent;    /* in this connection */
    bool leaving; /* to be unsubscribed, then forgotten */
};

/* What libmosquitto told during a connection. */
struct mqtt_news {
    int connack;                /* the broker's answer to CONNECT; -1: none yet */
    int farewell;               /* the reason of its DISCONNECT; 0: none */
    uint32_t max_packet;        /* as announced, or MQTT_MAX_PACKET */
    unsigned int max_in_flight; /* the announced receive maximum, at most MQTT_MAX_IN_FLIGHT */
    char error[REASON_MAX / 2]; /* the first error in libmosquitto's own words, "" for none */
    int connect_error;          /* errno of the first step of connecting, 0 for none */
};

struct mqtt {
    struct mqtt_options options; /* its strings are our own */
    struct mqtt_handlers handlers;
    struct loop *loop;
    const struct log *log;

    enum mqtt_state state;
    struct mosquitto *session; /* while connecting and connected */
    int protocol;              /* MQTT_PROTOCOL_V5 or, after a refusal, MQTT_PROTOCOL_V311 */
    struct mqtt_news news;
    int fd;                    /* watched by the loop, or -1 */
    unsigned int watched;      /* for these events */
    uint64_t deadline_ms;      /* for the broker's answer to CONNECT */
    uint32_t retry_ms;         /* the last wait; 0 after a success */
    struct reason last_reason; /* logged last; "" after a success */
    struct loop_timer retry, tick, work;

    struct mqtt_subscription subscriptions[MQTT_MAX_SUBSCRIPTIONS];
    size_t subscription_count;
    struct mqtt_queue waiting, in_flight; /* to be sent; sent and not acknowledged */
    struct mqtt_queue answered;           /* acknowledged or refused, to be told */
    struct mqtt_queue received;           /* for the handler */
    bool busy_told;                       /* a caller waits for `writable` */
    bool undrained;                       /* something was published since the last `drained` */
    bool drop_told;                       /* in this connection: the log knows that messages are dropped */
    int refusal_told;                     /* the reason code that was logged last */
    uint32_t broker_max_packet;
    struct mqtt_counts counts;
};

/** Options that can work, or STATUS_CONFIG with a reason. */
MUST_USE enum status mqtt_options_check(const struct mqtt_options *options, struct reason *reason);

/** A copy with its own strings and with the defaults for zeros. Returns STATUS_IO; mqtt_options_free either way. */
MUST_USE enum status mqtt_options_copy(const struct mqtt_options *options, struct mqtt_options *out);
void mqtt_options_free(struct mqtt_options *options);

/** Makes mqtt->session and begins to connect. Returns libmosquitto's code; the session is there to be ended anyhow. */
int mqtt_session_begin(struct mqtt *mqtt);

/** Ends the session, if there is one: its descriptor is no longer watched, and closed. */
void mqtt_session_end(struct mqtt *mqtt);

/** DISCONNECT, and time for the broker to read it before the connection is closed. */
void mqtt_session_say_goodbye(struct mqtt *mqtt, bool with_will);
void mqtt_session_forget(struct mqtt *mqtt);

/** Appends the JSON object of a list of properties, nothing for an empty list; what finds no room is left out. */
void mqtt_properties_write(const mosquitto_property *list, struct buf *out);

/** Why the connection ended or was not made, from libmosquitto's code and the news. */
void mqtt_session_explain(const struct mqtt *mqtt, int code, int error, struct reason *reason);

/** Sends what may be sent now: subscriptions, then publishes. Returns libmosquitto's code. */
int mqtt_send_pending(struct mqtt *mqtt);

/** A connection is over or new: nothing was subscribed on it, and what was in flight waits again. */
void mqtt_send_restart(struct mqtt *mqtt);

/** Tells the handlers about acknowledgements, refusals, room and rest. */
void mqtt_send_tell(struct mqtt *mqtt);

/** Notes a SUBACK. */
void mqtt_send_subscribed(struct mqtt *mqtt, int id, int granted);

#endif
