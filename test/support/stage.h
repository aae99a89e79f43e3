/* stage.h: for tests: a host between a real core and a broker that only remembers what was published. */
#ifndef SUPPORT_STAGE_H
#define SUPPORT_STAGE_H

#include "federation.h"
#include "host.h"

#define STAGE_PUBLISHED 512

struct stage {
    struct federation federation;
    struct host *host;
    struct {
        char topic[128];
        struct buf payload;
        bool retained;
    } published[STAGE_PUBLISHED];
    unsigned int count;
    unsigned int room;  /* publishes until the broker is busy */
    bool no_bulk;       /* has_room says no */
    bool gone;          /* the enclave does not answer any more */
    unsigned int calls; /* of the gate */
    unsigned int kept_rounds, kept_states, kept_revocations;
    struct buf revocations; /* the list that was kept last */
    bool no_disk;           /* keeping it fails, and all else */
    bool no_list;           /* keeping a list fails, and nothing else */
};

/** A host that is neither booted nor connected. */
void stage_open(struct stage *stage);
void stage_close(struct stage *stage);

/** Boots the host's enclave, and takes over what devices and owner learn from it. */
void stage_boot(struct stage *stage);

/** Forgets what was published so far. */
void stage_clear(struct stage *stage);

/** Topics published, without "tacit/1/fed/" and separated by spaces. */
const char *stage_topics(const struct stage *stage);

/** The last payload of a topic (its end suffices); empty when there is none. */
struct view stage_payload(const struct stage *stage, const char *topic_end);

#endif
