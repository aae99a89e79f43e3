/* keep.h: what the host keeps before it tells anybody: records of closed rounds and sealed states. */
#ifndef HOST_KEEP_H
#define HOST_KEEP_H

#include "host_private.h"

/** Takes the record of the round that the enclave just closed, seals the state after it, and keeps both: before
 *  that nobody hears of the round. Any status but STATUS_NO_CONNECTION: keep_go_on tries again. */
MUST_USE enum status keep_closed_round(struct host *host, struct view record);

/** Whether a closed round still waits to be kept; no other is opened meanwhile. */
bool keep_is_pending(const struct host *host);

/** Tries again what could not be kept, once a second. STATUS_BUSY: not yet, or nothing to do. */
MUST_USE enum status keep_go_on(struct host *host);

/** Has the enclave seal what the owner brought, and keeps it, behind its list of that version; what fails is tried
 *  again. */
void keep_state(struct host *host, uint64_t revocations);

/** What was not kept is nothing any more: the boot that made it is gone, and nobody has heard of it. */
void keep_forget(struct host *host);

#endif
