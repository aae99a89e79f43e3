/* peer.h: clients of a real broker, for integration checks: a client that notes what happens to it, and a main that
 * runs one step by its name: `NAME_check STEP FOLDER PORT`, where FOLDER holds the certificates of alpha and agg. A step
 * that waits for ever is ended by a timer. */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

#include <stdio.h>
#include <stdlib.h>

#include "loop.h"
#include "mqtt.h"

#define UPLOAD   "tacit/1/fed/update/agg/alpha/1.0"
#define PRESENCE "tacit/1/fed/presence/alpha"
#define RECEIPT  "tacit/1/fed/receipt/alpha"

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            printf("line %d: not so: %s\n", __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

/* One client of a step, and what it saw. */
struct peer {
    struct mqtt *mqtt;
    unsigned int connected, disconnected, messages, uploads, writable, drained, refused;
    int reason_code;
    char reason[REASON_MAX], text[64]; /* of the last message, when it is short */
    void (*step)(struct peer *peer);   /* runs after each event */
    unsigned int sent;
};

struct peer_place {
    const char *folder;
    uint16_t port;
};

struct peer_step {
    const char *name;
    void (*fn)(const struct peer_place *place);
};

extern struct loop *peer_loop;
extern struct log peer_log; /* to stderr */
extern struct peer peer_alpha, peer_agg;

/** The usual options of the client of that name; paths live as long as the program. */
struct mqtt_options peer_options(const struct peer_place *place, const char *name);

/** Starts a client, or ends the program with the reason. */
void peer_start(struct peer *peer, const struct mqtt_options *options);

void peer_publish_text(struct peer *peer, const char *topic, const char *text, bool retained);

/** Runs the loop until a step stops it. */
void peer_run(void);

/** Steps of a peer: stop the loop when it is connected; when all that it published is acknowledged. */
void peer_stop_when_connected(struct peer *peer);
void peer_stop_when_drained(struct peer *peer);

/** The main of a check: runs the named one of the steps (the last has no name). Returns the exit code. */
int peer_main(int argc, char **argv, const struct peer_step *steps);

#endif
