/* broker.h: a model of the MQTT broker and of its clients' library: sessions that outlive connections, retained messages,
 * QoS 1 with redelivery, wills, bounded queues, and the access list of broker-config/acl.in. All in virtual time.
 *
 * A message lives in its sender's `out` until the broker has it, then in the `in` of each session that it matches until
 * that client has it. What is under way when a connection ends stays where it is and is sent again over the next. */
#ifndef SIM_BROKER_H
#define SIM_BROKER_H

#include "base.h"
#include "clockwork.h"
#include "dice.h"
#include "topic.h"

#define BROKER_CLIENTS    24
#define BROKER_FILTERS    48
#define BROKER_FILTER_MAX 160
#define BROKER_RULES      160
#define BROKER_QUEUE_MAX  200 /* messages that a session holds back, unless it says otherwise */
#define CLIENT_OUT_MAX    48  /* messages that a client's library holds before it says that it is busy */

struct broker;

struct packet {
    struct packet *next;
    uint64_t id;
    char topic[TOPIC_MAX];
    uint8_t *payload;
    size_t size;
    bool retained;
};

struct packets {
    struct packet *first;
    uint32_t count;
};

struct client_handlers {
    void (*connected)(void *ctx);
    void (*disconnected)(void *ctx);
    void (*message)(void *ctx, const char *topic, struct view payload);
    void (*writable)(void *ctx);
};

struct filters {
    char list[BROKER_FILTERS][BROKER_FILTER_MAX];
    uint32_t count;
};

struct client {
    struct broker *broker;
    char name[32];
    const struct client_handlers *handlers;
    void *ctx;
    bool alive;     /* its process runs */
    bool connected; /* and is connected */
    bool cut;       /* no connection can be made */
    bool was_busy;
    bool unchecked;        /* the access list is not asked: a bridge's end in its own broker */
    struct client *across; /* a bridge's other end: what this session is given goes on to that one's broker */
    const char
        *unqueued;      /* end of topics that it has with QoS 0: nothing of them waits for a connection; may be NULL */
    uint32_t queue_max; /* messages that its session holds back; the rest is dropped without a word */
    uint32_t slow_ms;   /* added to each delay */
    uint64_t up_ms, down_ms; /* when the last message of either way arrives: a connection keeps the order */
    struct filters wanted;   /* of the client: subscribed again at each connection */
    struct filters session;  /* of the broker */
    struct packets out, in;
    char will_topic[TOPIC_MAX]; /* empty: none */
    struct buf will;
};

/** What goes wrong on the way, times in a thousand messages. */
struct weather {
    uint32_t lost;    /* dropped for good, as a broker does at its limits */
    uint32_t twice;   /* delivered, and again some seconds later */
    uint32_t late;    /* some seconds late */
    uint32_t swapped; /* not in its place in the order */
};

struct rule {
    char user[32]; /* empty: a pattern for everybody */
    char filter[BROKER_FILTER_MAX];
    bool write;
};

struct broker {
    struct clockwork *clock;
    struct dice *dice;
    struct weather weather;
    bool up;
    struct client *clients[BROKER_CLIENTS];
    uint32_t client_count;
    struct rule rules[BROKER_RULES];
    uint32_t rule_count;
    struct packets retained;
    struct packets saved; /* retained messages as they were at some moment, for a broker that loses its last minute */
    uint32_t revived;     /* retained messages that came back so, and nobody may take away again */
    uint64_t ids;
    uint64_t routed, lost, repeated, denied, lost_clears; /* the last: see is_clear */
    /** Sees each message that the broker takes (denied ones too, with allowed false). */
    void (*spy)(void *ctx, const struct client *from, const struct packet *packet, bool allowed);
    void *spy_ctx;
};

/** Adds the rules of broker-config/acl.in with these names filled in. STATUS_IO: there is no such file. */
MUST_USE enum status broker_read_acl(struct broker *broker, const char *path, const char *aggregator,
                                     const char *owner);

/** One rule more. */
void broker_allow(struct broker *broker, const char *user, const char *filter, bool write);

/** What of a broker outlives its restart: sessions and retained messages; or what it had when it was saved last, for it
 *  writes its file now and then only, and what sessions held back is lost; or nothing. */
enum memory { MEMORY_WHOLE, MEMORY_OLD, MEMORY_NONE };

/** Ends all connections. It is up again after down_ms. */
void broker_restart(struct broker *broker, enum memory memory, uint64_t down_ms);
/** Writes the file that MEMORY_OLD comes back with. */
void broker_save(struct broker *broker);
struct view broker_retained(const struct broker *broker, const char *topic);
void broker_free(struct broker *broker);

/** A client that does not run yet. */
void client_add(struct broker *broker, struct client *client, const char *name, const struct client_handlers *handlers,
                void *ctx);
/** Its process starts, and connects as soon as it can. */
void client_start(struct client *client, uint64_t wait_ms);
/** Its process ends without a goodbye: what it had not sent is lost, its will is published. */
void client_end(struct client *client);
/** Its connection ends; it connects anew when it can. */
void client_drop(struct client *client);
/** As the port of a node: STATUS_BUSY when the library is full. */
enum status client_publish(struct client *client, const char *topic, struct view payload, bool retained);
void client_subscribe(struct client *client, const char *filter);
void client_unsubscribe(struct client *client, const char *filter);
void client_will(struct client *client, const char *topic, struct view payload);

#endif
