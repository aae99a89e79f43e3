/* gate.h: the calls of the trusted core: the only thing that host and enclave share. Pure.
 *
 * One request frame in, one response frame out. A frame is a head of GATE_HEAD_SIZE bytes (magic, call or status, body
 * length; little endian) and a body in deterministic CBOR. Each call has its moment: the phases of the enclave in which
 * it may come. A call out of its moment, an unknown call, a body that does not decode or is too long is a fault of the
 * host, and the enclave ends. A call that was in order but could not be served answers with its status and no body. A
 * boot comes once, whatever becomes of it: after one that failed no call has its moment. */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "wire_limits.h"
#include "record.h"

#define GATE_HEAD_SIZE 12
#define GATE_BODY_MAX  (1u << 20)        /* largest body, either way, of a call that carries no model and no update */
#define GATE_BODY_BOOT ((size_t)5 << 28) /* of GATE_BOOT, which may carry the state of a model of the largest size */

enum gate_call {
    GATE_BOOT = 1,  /* gate_boot       -> gate_booted   keys, policy, evidence; first and once */
    GATE_ATTEST,    /* time            -> message       a fresh evidence bundle over the same claims */
    GATE_CHALLENGE, /* time            -> message       the next challenge, signed */
    GATE_ENROL,     /* gate_sealed     -> gate_answer   a device's enrolment */
    GATE_OWNER,     /* gate_sealed     -> gate_answer   an owner's request, fragments joined */
    GATE_OPEN,      /* time            -> message       manifest: opens the next round, or tells that none is planned */
    GATE_MODEL_CHUNK, /* index           -> message       a chunk of the announced model, sealed */
    GATE_UPDATE,      /* gate_update     -> gate_answer   a whole update; the answer is its receipt */
    GATE_CLOSE,  /* time            -> message       record: closes the round; STATUS_BUSY before target and deadline */
    GATE_SEAL,   /* nothing         -> message       state for a later boot; STATUS_UNSUPPORTED without a sealing key */
    GATE_STATUS, /* nothing         -> gate_status */
    GATE_REVOCATIONS, /* nothing         -> message       the signed revocation list; STATUS_NOT_FOUND when none is held */
    GATE_CALLS        /* how many, plus one */
};

/** Phases, as bits, so that a call's moment is a set of them. */
enum gate_phase {
    GATE_NEW = 1,   /* nothing is there */
    GATE_EMPTY = 2, /* booted, no model */
    GATE_IDLE = 4,  /* a model, no round open */
    GATE_ROUND = 8, /* a round is open */
};

/** A row of the table: what a call is named, when it may come, and what its bodies are bounded by. */
struct gate_row {
    const char *name;
    unsigned int phases; /* set of enum gate_phase */
    bool large_request;  /* bounded by gate_booted.max_body instead of GATE_BODY_MAX */
    bool large_response;
};

/** The row of a call, or NULL when there is no such call. */
const struct gate_row *gate_find(uint32_t call);

struct gate_head {
    uint32_t word; /* request: enum gate_call; response: enum status */
    uint32_t len;  /* of the body */
};
void gate_head_encode(const struct gate_head *head, uint8_t out[static GATE_HEAD_SIZE]);
/** STATUS_MALFORMED when the magic is missing. */
MUST_USE enum status gate_head_decode(const uint8_t in[static GATE_HEAD_SIZE], struct gate_head *out);

struct gate_boot {
    uint64_t now;           /* unix seconds, as in every call */
    struct view aggregator; /* its name, as topics hold it */
    struct view owner_key;  /* encoded COSE_Key */
    struct view policy;     /* signed */
    struct view state;      /* from GATE_SEAL of an earlier boot, or empty */
    struct view revoked; /* from GATE_REVOCATIONS of an earlier boot, or empty; a bad one is why no boot comes of it */
};

struct gate_booted {
    struct view bundle;  /* evidence bundle with the endorsement that the platform gave, if it did */
    uint64_t max_body;   /* of large requests and responses from now on */
    uint32_t chunk_size; /* plaintext bytes of a chunk */
    uint32_t max_packet;
    enum status restored; /* STATUS_OK: the state was taken; STATUS_NOT_FOUND: none was given; else why not */
};

struct gate_sealed {
    uint64_t now;
    struct view name; /* device or request id, from the topic */
    struct view message;
};

struct gate_answer {
    enum status reason;  /* STATUS_OK: enrolled, done, counted */
    struct view message; /* to publish; empty when there is nobody who could read it */
};

struct gate_update {
    uint64_t now;
    struct view device;
    uint32_t round;     /* from the topic */
    uint32_t count;     /* chunk messages, 1..CHUNKS_MAX */
    struct view chunks; /* their encodings (byte strings), one after the other */
};

struct gate_status {
    enum gate_phase phase;
    uint32_t round; /* that is open, or was last */
    enum task task;
    uint32_t rounds_left, counted, target, minimum;
    uint64_t deadline, enrolled;
    bool simulated;
    struct view model_digest; /* empty when there is no model */
    uint64_t revocations;     /* version of the revocation list that is held, 0 for none */
    uint32_t revoked;         /* its entries */
    struct refusals refusals; /* since the boot */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason; views into body. */
MUST_USE enum status gate_boot_encode(const struct gate_boot *boot, struct buf *out);
MUST_USE enum status gate_boot_decode(struct view body, struct gate_boot *out);
MUST_USE enum status gate_booted_encode(const struct gate_booted *booted, struct buf *out);
MUST_USE enum status gate_booted_decode(struct view body, struct gate_booted *out);
MUST_USE enum status gate_number_encode(uint64_t number, struct buf *out); /* a time or an index */
MUST_USE enum status gate_number_decode(struct view body, uint64_t *out);
MUST_USE enum status gate_message_encode(struct view message, struct buf *out);
MUST_USE enum status gate_message_decode(struct view body, struct view *out);
MUST_USE enum status gate_sealed_encode(const struct gate_sealed *sealed, struct buf *out);
MUST_USE enum status gate_sealed_decode(struct view body, struct gate_sealed *out);
MUST_USE enum status gate_answer_encode(const struct gate_answer *answer, struct buf *out);
MUST_USE enum status gate_answer_decode(struct view body, struct gate_answer *out);
MUST_USE enum status gate_update_encode(const struct gate_update *update, struct buf *out);
MUST_USE enum status gate_update_decode(struct view body, struct gate_update *out);
MUST_USE enum status gate_status_encode(const struct gate_status *status, struct buf *out);
MUST_USE enum status gate_status_decode(struct view body, struct gate_status *out);

#endif
