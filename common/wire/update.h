/* update.h: what a device made of a round, before sealing. Pure. Source: PROTOCOL.md section 9. */
#ifndef WIRE_UPDATE_H
#define WIRE_UPDATE_H

#include "wire_limits.h"
#include "reader.h"
#include "writer.h"

struct update_sender {
    struct view boot_id; /* BOOT_ID_SIZE */
    enum role role;
    uint64_t expires;     /* of the credential */
    struct view identity; /* DIGEST_SIZE: of the evidence that the credential was given for (credential.h) */
};

/** The fixed part of an update. The deltas stand in the encoding and are walked with tensor reads. */
struct update {
    uint32_t round;
    struct view base, boot_id;
    enum task task;
    uint64_t samples;      /* as written by the device; its bounds are checked by who counts it */
    uint32_t tensor_count; /* 0 for TASK_EVALUATE */
    struct view tensors;   /* tensor_count encoded typed arrays, one after the other */
    struct metrics metrics;
};

MUST_USE enum status update_decode(struct view bytes, struct update *out);
/** tensors holds tensor_count encoded typed arrays (see tensor.h). */
MUST_USE enum status update_encode(const struct update *update, struct buf *out);

/** Most bytes that the encoding of an update of that many parameters and tensors takes, as float32. */
size_t update_encoded_max(uint64_t parameters, uint32_t tensors);

MUST_USE enum status update_sender_encode(const struct update_sender *sender, struct buf *out);
MUST_USE enum status update_sender_decode(struct view bytes, struct update_sender *out);

/** Shared by update and record. Reading fails the reader; names must ascend. */
void read_metrics(struct reader *reader, struct metrics *out);
void write_metrics(struct writer *writer, const struct metrics *metrics);

#endif
