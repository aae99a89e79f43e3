/* device.h: a device of the simulation: the real node library, a disk, and the work that it does. */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include "machine.h"
#include "tacit_node.h"

#define SIM_CANARY "nobody writes behind the memory that a node was lent" /* and there it stands */

struct device {
    struct sim *sim;
    unsigned int index;
    char name[16];
    struct machine *machine;
    struct tacit_node *node; /* NULL while it is down */
    uint8_t *memory;
    size_t memory_size;
    struct client client;
    struct seeded_random random;
    struct {
        char key[16];
        struct buf bytes;
    } disk[10];
    bool full, crashed, slow;
    bool other_program; /* its measurement is the policy's second */
    struct blow_due write_blow;
    uint64_t run;
    int64_t clock_s;
    bool working;
    struct tacit_work work;
    struct chain_head accepted;
    struct buf said; /* something that it published, for who is hostile and has its key */
    char said_topic[TOPIC_MAX];
};

/** device.c */
/** broker: that it connects to. */
void device_add(struct sim *sim, unsigned int index, struct machine *machine, struct broker *broker);
void device_end(struct device *device);
void device_crash(struct device *device, const char *why);
uint64_t device_now(const struct device *device);
/** After every event of the node: its secrets are noted, and a crash that a port decided on happens. */
void device_attend(struct device *device);

/** device_work.c: the port that has work done. */
tacit_reason device_train(void *ctx, const struct tacit_work *work);

/** device_disk.c: the ports that keep: each is one transaction of the daemon's store. */
tacit_reason device_keep(void *ctx, const char *key, const uint8_t *bytes, size_t size);
tacit_reason device_load(void *ctx, const char *key, uint8_t *bytes, size_t *size);

#endif
