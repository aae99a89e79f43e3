/* broker_private.h: what the files of the broker's model share. */
#ifndef SIM_BROKER_PRIVATE_H
#define SIM_BROKER_PRIVATE_H

#include "broker.h"

struct packet *packet_new(struct broker *broker, const char *topic, struct view payload, bool retained);
void packets_append(struct packets *packets, struct packet *packet);
struct packet *packets_find(const struct packets *packets, uint64_t id);
void packets_remove(struct packets *packets, const struct packet *packet);
void packets_clear(struct packets *packets);

bool filter_matches(const char *filter, const char *topic);
bool filters_match(const struct filters *filters, const char *topic);
void filters_add(struct filters *filters, const char *filter);
void filters_remove(struct filters *filters, const char *filter);

bool broker_allows(const struct broker *broker, const char *user, const char *topic, bool write);
void broker_route(struct broker *broker, const struct client *from, const struct packet *packet);

/** To a session's queue; over its connection; and what is retained under a filter. */
void session_give(struct client *client, const struct packet *given);
void session_send(struct client *client, const struct packet *packet);
void session_give_retained(struct client *client, const char *filter);

#endif
