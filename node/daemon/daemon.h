/* daemon.h: all that tacit-node is made of, and what the library calls of it. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "attesters.h"
#include "endorser.h"
#include "loop.h"
#include "mqtt.h"
#include "package.h"
#include "settings.h"
#include "store.h"
#include "tacit_node.h"
#include "topic.h"
#include "work.h"

struct daemon {
    struct daemon_settings settings;
    enum log_level level;
    struct log log;
    struct loop *loop;
    struct mqtt *mqtt;
    struct store store;
    struct package package;
    struct attesters attesters;
    struct endorser endorser;
    struct work_setup work_setup;
    struct work work;
    void *memory; /* of node */
    struct tacit_node *node;
    struct loop_timer tick;
    char presence[TOPIC_MAX];
};

/** The library's ports; their ctx is the daemon. */
struct tacit_ports daemon_ports(const struct daemon *daemon);

#endif
