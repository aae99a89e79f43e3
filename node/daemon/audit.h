/* audit.h: sealed updates and their keys as files, to take a simulated federation apart afterwards. It defeats all that
 * sealing is for: whoever reads the folder reads the updates. */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include "base.h"
#include "reason.h"

struct audit {
    const char *folder, *device; /* lent */
};

/** A chunk of an update as it is sent, and its key. */
struct audit_chunk {
    uint32_t round, chunk;
    struct view message, key;
};

/** Writes FOLDER/<round>.<device>.<chunk>.cose and FOLDER/<round>.<device>.key (hexadecimal), both with mode 0600.
 *  STATUS_NO_SPACE, STATUS_IO with reason. */
MUST_USE enum status audit_keep(const struct audit *audit, const struct audit_chunk *chunk, struct reason *reason);

#endif
