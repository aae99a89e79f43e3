/* differ.h: what differs between what was said and what a replay says, in words. */
#ifndef REPLAY_DIFFER_H
#define REPLAY_DIFFER_H

#include "receipt.h"

#define DIFFER_MAX 320

/** Each writes the first difference of two messages that are not the same bytes: the field, what was captured and what the
 *  replay made. The messages are signed; a receipt is opened. */
void differ_manifest(struct view captured, struct view replayed, char why[static DIFFER_MAX]);
void differ_record(struct view captured, struct view replayed, char why[static DIFFER_MAX]);
void differ_challenge(struct view captured, struct view replayed, char why[static DIFFER_MAX]);
void differ_receipt(const struct receipt *captured, const struct receipt *replayed, char why[static DIFFER_MAX]);

#endif
