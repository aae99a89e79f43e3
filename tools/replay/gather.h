/* gather.h: the sealed updates and owner's requests of a capture: whose receipt is it, and are all chunks there? */
#ifndef REPLAY_GATHER_H
#define REPLAY_GATHER_H

#include "bind.h"
#include "credential.h"
#include "receipt.h"
#include "source.h"
#include "update.h"

/** Which transfer of which device. */
struct gather_of {
    struct view aggregator, device;
    uint32_t round; /* of the topics */
    uint8_t transfer[TRANSFER_SIZE];
    int64_t from; /* the search begins at this message; 0: at the first */
};

/** A transfer with all its chunks. Starts as {0}; freed with gathered_free. */
struct gathered {
    struct buf *messages;    /* count of them, on the heap */
    struct view *chunks;     /* the same as views */
    uint32_t count, missing; /* missing: index of the first that is not there, when gather_update says so */
    uint64_t bytes;
    int64_t first, last; /* ids of the first chunk and of the one that came last */
};
void gathered_free(struct gathered *gathered);

/** Reads all chunks of a transfer. STATUS_NOT_FOUND: none is there; STATUS_CHUNK_MISSING: out->missing is not, and
 *  out->count is known; STATUS_CHUNK_MIXED: they do not agree on their number. */
MUST_USE enum status gather_update(struct source *source, const struct gather_of *of, struct gathered *out);

/** SHA-256 over the chunk messages, joined: the update digest. */
MUST_USE enum status gathered_digest(const struct gathered *gathered, uint8_t out[static DIGEST_SIZE]);

/** Keys of a boot, and where it was. */
struct gather_boot {
    struct place place; /* federation, aggregator, boot_id */
    struct view epoch_secret;
};

/** A receipt, opened with a key that follows from the header of some chunk of the same credential. */
struct gather_receipt {
    uint8_t plain[256];
    struct receipt receipt;          /* views into plain */
    uint64_t expires;                /* of the credential */
    uint8_t key_bytes[AEAD_KEY_MAX]; /* secret */
    size_t key_len;
};

/** Opens a receipt of `device`. STATUS_NOT_FOUND: no chunk in the capture, from `from` on, has a key that opens it. */
MUST_USE enum status gather_open_receipt(struct source *source, const struct gather_boot *boot, struct view device,
                                         const struct cose_encrypt0 *message, int64_t from, struct gather_receipt *out);

/** Derives the update key that the header of a chunk tells, under a boot's epoch secret. An encoding reason. */
MUST_USE enum status gather_key(const struct gather_boot *boot, struct view device, const struct cose_encrypt0 *chunk,
                                struct update_sender *sender, struct buf *key);

/** Joins the fragments of an owner's request that came before `before`; *out is on the heap. STATUS_NOT_FOUND,
 *  STATUS_CHUNK_MISSING. */
MUST_USE enum status gather_request(struct source *source, struct view aggregator, struct view request, int64_t before,
                                    struct buf *out);

#endif
