/* glance.h: what a message shows without any key: nothing of it is verified. */
#ifndef CAPTURE_GLANCE_H
#define CAPTURE_GLANCE_H

#include "capture.h"
#include "manifest.h"
#include "record.h"

/** A manifest, a record: what its signature stands on. Views into the payload. An encoding reason. */
MUST_USE enum status glance_manifest(const struct captured *message, struct manifest *out);
MUST_USE enum status glance_record(const struct captured *message, struct record *out, uint8_t digest[static 32]);

/** The boot that evidence is of. BOOT_ID_SIZE bytes, a view into the payload. */
MUST_USE enum status glance_boot(const struct captured *message, struct view *boot_id);

/** A chunk of a model: of which round, which chunk it is (by its IV, not its topic). */
MUST_USE enum status glance_model(const struct captured *message, uint32_t *round, uint32_t *chunk);

/** The first chunk of an update: its transfer, how many chunks it has, and the boot that it is for. */
struct glance_update {
    struct view transfer, boot_id;
    uint32_t index, count;
};
MUST_USE enum status glance_update(const struct captured *message, struct glance_update *out);

/** The round that a message belongs to by what it says itself; 0: none, or sealed within. */
uint32_t glance_round(const struct captured *message);

#endif
