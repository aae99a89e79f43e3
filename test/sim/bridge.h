/* bridge.h: an edge gateway: a second broker, near some devices, and a bridge from it to the main one as mosquitto makes
 * it: the edge's broker is a client of the main one under a name of its own, with a session at either end whose queue is
 * bounded. What devices say goes out, what aggregators say comes in, retained messages stay retained across.
 *
 * Each direction is one session, whose messages go over the link: `local` is the bridge's end in the edge's broker, which
 * does not check it; `remote` is its end in the main one, which has rules for it. */
#ifndef SIM_BRIDGE_H
#define SIM_BRIDGE_H

#include "broker.h"

struct bridge {
    bool there;
    struct broker edge;
    struct client local, remote;
};

/** An edge's broker that asks the same access list, and the link; names: the devices behind it, for which it may speak. */
void bridge_add(struct bridge *bridge, struct broker *main, const char *const names[], uint32_t count);
/** Cuts the link for so long; what is on its way stays in the sessions, up to their bounds. */
void bridge_cut(struct bridge *bridge, uint64_t wait_ms);
/** Adds so much to the way of each message. */
void bridge_slow(struct bridge *bridge, uint32_t slow_ms);
/** The edge's broker restarts; as broker_restart. */
void bridge_restart(struct bridge *bridge, enum memory memory, uint64_t down_ms);
/** All is well again: the link is made anew. */
void bridge_mend(struct bridge *bridge);
void bridge_free(struct bridge *bridge);

#endif
