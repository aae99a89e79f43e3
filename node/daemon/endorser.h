/* endorser.h: the operator's folder of endorsements, given with this device's evidence. */
#ifndef DAEMON_ENDORSER_H
#define DAEMON_ENDORSER_H

#include "collateral.h"
#include "log.h"
#include "tacit_node.h"

/** Set folder (NULL: there is none) and log, zero the rest. */
struct endorser {
    const char *folder;
    const struct log *log;
    struct collateral collateral; /* as it was read last, wholly */
};

/**
 * Reads the folder and adds all of its files behind the endorsements that are there. When it cannot be read, holds a
 * file that is no endorsement, or more than there is room for, that is told, and what was read before is given.
 * Returns STATUS_NO_SPACE when there is no room for that either.
 */
MUST_USE enum status endorser_add(struct endorser *endorser, struct tacit_evidence *evidence);

void endorser_free(struct endorser *endorser);

#endif
