/* daemon.h: all that tacit-node is made of, and what the library calls of it. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "attesters.h"
#include "endorser.h"
#include "package.h"
#include "service.h"
#include "settings.h"
#include "store.h"
#include "tacit_node.h"
#include "topic.h"
#include "work.h"

struct daemon {
    struct service service;
    struct daemon_settings settings;
    struct store store;
    struct package package;
    struct attesters attesters;
    struct endorser endorser;
    struct work_setup work_setup;
    struct work work;
    void *memory; /* of node */
    struct tacit_node *node;
    char presence[TOPIC_MAX];
};

/** The library's ports; their ctx is the daemon. */
struct tacit_ports daemon_ports(const struct daemon *daemon);

#endif
