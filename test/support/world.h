/* world.h: for tests: a whole federation in one process: the enclave's core, the host's state machine, nodes, and a model of
 * the broker (subscriptions, retained messages, one queue), all in virtual time. The code of each part is the real one. */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include "federation.h"
#include "host.h"
#include "tacit_node.h"

#define WORLD_NODES 12

struct world;

/** A node, and what its ports remember. */
struct world_node {
    struct world *world;
    char name[32];
    struct tacit_node *node;
    void *memory;
    struct seeded_random random;
    bool offline;
    char filters[64][160];
    unsigned int filter_count;

    struct {
        char key[16];
        uint8_t *bytes;
        size_t size;
    } kept[10];
    struct tacit_work work;   /* under way when has_work */
    bool has_work, hold_work; /* hold_work: the test finishes the work itself */
    unsigned int works;
    uint8_t measurement[32]; /* of its evidence */
    int algorithm;
    bool half;
    struct endorsements endorsements; /* that its evidence comes with; lent by the test */
    char last_event[64], last_detail[256];
    char events[1 << 12]; /* "name detail", a line each, as many as fit; a test may empty it */
    unsigned int counted, refused, enrolled, records, ignored, distrusted, included, unproven;
};

/** A message on its way. A test may look at it, change its payload in place, or drop it (return false). */
typedef bool world_filter(void *ctx, const char *topic, uint8_t *payload, size_t *size);

struct world {
    struct federation federation;
    struct host *host;
    struct world_node nodes[WORLD_NODES];
    unsigned int node_count;
    struct message *queue, **queue_end;
    struct message *retained;
    world_filter *filter; /* NULL: everything passes */
    void *filter_ctx;
    unsigned int kept_rounds, delivered;
    enum status gate_fails; /* STATUS_OK, or what the gate's port says of this call without making it: */
    enum gate_call failing;
    unsigned int failures;          /* how often it did */
    struct endorsements collateral; /* the operator's folder; lent by the test */
    const char *collateral_files[ENDORSEMENTS_MAX];
    enum status collateral_status;
    unsigned int collateral_reads;
    struct log log;
    char events[1 << 14]; /* of the host: "name detail", a line each; a test may empty it */
    uint8_t *state;       /* sealed, as the host keeps it */
    size_t state_len;
    struct buf revocations; /* signed list, as the host keeps it */
    unsigned int kept_revocations;
};

void world_start(struct world *world, const struct federation_options *options);
void world_end(struct world *world);

/** A node that is connected; before it is started, its ports' settings may be changed by `change`. */
struct world_node *world_add(struct world *world, const char *name, void (*change)(struct world_node *));
/** Stops a node and starts it anew with what it kept. */
void world_restart_node(struct world_node *node);
/** The enclave is lost and boots anew, with the state that was kept or without. */
void world_restart_enclave(struct world *world, bool with_state);

/** Has the enclave seal its state, as the host does after a request of the owner. */
void world_keep_state(struct world *world);

/** Delivers until nothing is on its way; then advances the clock by a second. `seconds` times. */
void world_run(struct world *world, unsigned int seconds);

/** The node's work is done: every value of the model moves by `by`. */
void world_finish_work(struct world_node *node, float by);

/** Published as if by a stranger. */
void world_inject(struct world *world, const char *topic, struct view payload, bool retained);

/** The retained payload of a topic (empty when there is none). */
struct view world_retained(const struct world *world, const char *topic);

#endif
