/* mqtt.h: a client of the broker on our loop: connects, connects again for ever, and never holds more than it was told.
 *
 * MQTT 5, or 3.1.1 with a broker that refuses 5. Everything is published with QoS 1. An acknowledgement means "the
 * broker has it", never that anybody read it. A message may arrive more than once, and none is promised to arrive: the
 * protocol above sends again (PROTOCOL.md "Transport").
 *
 * Nothing blocks but the look-up of the broker's name at each attempt to connect: addresses in figures and names in
 * /etc/hosts are immediate, DNS takes as long as resolv.conf lets it. */
#ifndef OS_MQTT_H
#define OS_MQTT_H

#include "base.h"
#include "log.h"
#include "loop.h"
#include "reason.h"

#define MQTT_MAX_IN_FLIGHT     10u  /* publishes that wait for the broker's acknowledgement; fewer if it says so */
#define MQTT_MAX_TOPIC         200u /* characters of a topic or filter */
#define MQTT_MAX_SUBSCRIPTIONS 256u
#define MQTT_MAX_PROPERTIES    4096u /* what finds no room is left out, and "cut": true says so */

struct mqtt;

/** How to connect. Strings are copied. */
struct mqtt_options {
    const char *host; /* of the broker; with TLS the name or address that its certificate must carry */
    uint16_t port;
    const char *client_id;          /* 1..64 characters; with our broker configuration the certificate's CN */
    const char *cafile;             /* PEM: who signs the broker's certificate; NULL with plain */
    const char *certfile, *keyfile; /* PEM: our own certificate and its key */
    bool plain;                     /* no TLS: only to 127.0.0.1, ::1 or localhost */
    bool durable;                   /* the broker keeps subscriptions and messages while we are away (clean start 0) */
    uint32_t session_expiry_s;      /* how long it does so; used when durable */
    uint16_t keepalive_s;           /* 5..65535; 0: 30 */
    uint32_t retry_min_ms;          /* wait before connecting again; 0: 1000 */
    uint32_t retry_max_ms;          /* doubled up to this, each with jitter of one half; 0: 60000 */
    size_t receive_bytes;           /* most bytes of messages that wait for the handler; 0: 8 MiB */
    size_t receive_count;           /* most messages that wait; 0: 1024 */
    size_t send_bytes;              /* most bytes that wait to be sent or acknowledged; 0: 8 MiB */
    bool keep_properties;           /* messages are given with the properties that they came with */
    const char *will_topic;         /* published by the broker when we vanish; NULL: none */
    struct view will_payload;
    bool will_retained;
};

struct mqtt_message {
    const char *topic;
    struct view payload;
    bool retained;          /* it was kept by the broker from before we subscribed */
    int qos;                /* 0..2, as it was delivered */
    struct view properties; /* a JSON object of at most MQTT_MAX_PROPERTIES bytes; empty for none, or not asked for */
};

/** What happens, told from within the loop, outside of libmosquitto. Any may be NULL; all may call the functions below
 *  except mqtt_free. */
struct mqtt_handlers {
    void *ctx;
    void (*connected)(void *ctx); /* subscriptions are being made anew: retained messages come again */
    void (*disconnected)(void *ctx, const char *reason);
    void (*message)(void *ctx, const struct mqtt_message *message); /* lives until the handler returns */
    void (*writable)(void *ctx);                                    /* there is room again after a STATUS_BUSY */
    void (*drained)(void *ctx);                                     /* all that was published is acknowledged */
    /* The broker said no: an MQTT 5 reason code >= 0x80 (0x87 not authorized). The message is gone. */
    void (*refused)(void *ctx, const char *topic, int reason_code);
};

struct mqtt_publish {
    const char *topic;
    struct view payload;
    bool retained;
    uint32_t expiry_s; /* seconds until it is of no use, counted from now; 0: never. To the broker on MQTT 5 only */
    const char *content_type; /* MQTT 5 only; NULL: none. Not copied: a literal */
};

/** Counts since mqtt_new. */
struct mqtt_counts {
    uint64_t connects;       /* sessions that the broker accepted */
    uint64_t received;       /* messages given to the handler */
    uint64_t dropped;        /* messages that found receive_bytes or receive_count full */
    uint64_t acknowledged;   /* publishes that the broker took */
    uint64_t no_subscribers; /* of these, with nobody to read them (0x10) */
    uint64_t refused;        /* publishes that it refused, or that are larger than it takes */
    uint64_t expired;        /* publishes that expired before they were sent */
    unsigned int in_flight;  /* now: waiting for an acknowledgement */
    unsigned int most_in_flight;
    size_t queued_bytes; /* now: waiting to be sent or acknowledged */
};

/**
 * A client that begins to connect when the loop runs.
 *
 * loop, log  lent until mqtt_free. handlers is copied.
 *
 * Returns STATUS_CONFIG  options that cannot work (no such certificate file, plain to another machine, ...);
 *         STATUS_IO      no memory. reason tells which.
 */
MUST_USE enum status mqtt_new(const struct mqtt_options *options, const struct mqtt_handlers *handlers,
                              struct loop *loop, const struct log *log, struct mqtt **out, struct reason *reason);

/** Drops the connection without a word (so that the broker publishes the will) and frees; for CLEANUP. */
void mqtt_free(struct mqtt **mqtt);

/**
 * Says good-bye and stays away: what is still queued is not sent, and `disconnected` is not called. Wait for `drained`
 * before, if it matters. with_will lets the broker publish the will all the same (presence: offline).
 */
void mqtt_stop(struct mqtt *mqtt, bool with_will);

/** Says good-bye for good: as mqtt_stop, and the broker forgets a durable session (on MQTT 5; else it keeps it as long
 *  as it likes). */
void mqtt_forget(struct mqtt *mqtt);

/**
 * Adds a filter to those that are subscribed now and after every reconnection. One that is there is subscribed again.
 * Returns STATUS_OUT_OF_RANGE no valid filter; STATUS_NO_SPACE the list is full; STATUS_IO no memory.
 */
MUST_USE enum status mqtt_subscribe(struct mqtt *mqtt, const char *filter);

/** Takes a filter away again, now or at the next connection. One that is not there is nothing to do. */
void mqtt_unsubscribe(struct mqtt *mqtt, const char *filter);

/**
 * Queues a message to be published; it is sent when there is a connection, and again after a lost one, in order.
 *
 * Returns STATUS_BUSY          send_bytes is full: try again on `writable`;
 *         STATUS_NO_SPACE      larger than the broker takes, or than send_bytes;
 *         STATUS_OUT_OF_RANGE  no valid topic;
 *         STATUS_IO            no memory.
 */
MUST_USE enum status mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message);

bool mqtt_is_connected(const struct mqtt *mqtt);

/** The largest whole packet that the broker takes, as it said last; 268435460 before and when it says nothing. */
uint32_t mqtt_broker_max_packet(const struct mqtt *mqtt);

struct mqtt_counts mqtt_counts(const struct mqtt *mqtt);

#endif
