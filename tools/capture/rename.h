/* rename.h: other names for devices, wherever the old ones stand in clear. */
#ifndef CAPTURE_RENAME_H
#define CAPTURE_RENAME_H

#include "base.h"
#include "wire_limits.h"

struct renamed {
    char old[NAME_MAX_LEN + 1], new[NAME_MAX_LEN + 1];
};

/** Ascending by the old names. */
struct renaming {
    const struct renamed *list;
    size_t count;
};

/** The new name of a device, or NULL. */
const char *rename_find(const struct renaming *renaming, struct view old);

/**
 * Appends bytes with the old names replaced, whole words of [0-9A-Za-z_-] only: in text wherever they stand; in CBOR in its
 * texts, also in CBOR that stands in byte strings; in anything else nowhere. *changed tells whether one was replaced.
 * STATUS_NO_SPACE: out is too small, and as it was.
 */
MUST_USE enum status rename_text(const struct renaming *renaming, struct view text, struct buf *out, bool *changed);
MUST_USE enum status rename_payload(const struct renaming *renaming, struct view payload, struct buf *out,
                                    bool *changed);

#endif
