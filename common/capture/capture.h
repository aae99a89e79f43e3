/* capture.h: a capture: every message of a federation as it went through a broker, in one SQLite file (docs/capture.md
 * has its schema). Written by `tacit capture` and by tacit-aggregator, read by `tacit capture` and `tacit replay`.
 *
 * Every row of every table carries a digest over itself and the row before it, and the table `head` says how many rows
 * there are and what the last digest is: what was edited, left out or cut off is named by its table and row. That is no
 * signature: who can write the file can make it anew. What devices and enclaves signed and sealed is in the payloads.
 *
 * Memory does not grow with the file: rows are written and read one by one. Not for several threads. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base.h"
#include "reason.h"
#include "topic.h"

#define CAPTURE_PROPERTIES_MAX 4096 /* bytes of the JSON text of a message's properties */

#define CAPTURE_NAME_MAX 65  /* a federation with its end */
#define CAPTURE_TEXT_MAX 128 /* maker, broker, client, why: with the end; what is longer is cut */

struct capture;

/** How a kind of topic stands in the column `kind` ("evidence", "update"); NULL for another number. */
const char *capture_kind_name(int kind);

/** What a file is of. Strings are copied by the writer; of the reader they live as long as the capture. */
struct capture_about {
    const char *federation;
    const char *maker;  /* program and version that made it */
    uint32_t part;      /* 1, and one more at each rotation */
    bool from_inside;   /* written by the aggregator itself: the order is the one in which it saw and said things */
    bool anonymised;    /* device ids were replaced: what was sealed for them does not open under the new ones */
    struct view before; /* 32 bytes: the last digest of the part before; empty in the first */
};

/** A message. Reading: views live until the next call on the same cursor. */
struct captured {
    int64_t id;      /* ascends from 1 in the order of arrival; set by the writer */
    int64_t session; /* the connection that it came over; set by the writer */
    int64_t at_us;   /* unix microseconds at arrival */
    const char *topic;
    struct view payload;
    int qos; /* 0..2, as it was delivered; as it was published where the aggregator writes */
    bool retained;
    struct view properties; /* JSON object of the MQTT 5 properties; empty when there are none */
    bool parsed;            /* the topic is one of PROTOCOL.md; set by the reader */
    struct topic where;     /* what stands in it, when parsed; views into topic */
};

/* ---- writing ---- */

/* A call that fails takes back what was put since the last commit; called again, the writer goes on from there. */

/** Makes a file that is not there yet (mode 0600). STATUS_EXISTS: there is one; else as db_open. */
MUST_USE enum status capture_create(const char *path, const struct capture_about *about, struct capture **out,
                                    struct reason *reason);

/** A connection to the broker begins; `broker` names it for people. Ends the session before, with that reason. */
MUST_USE enum status capture_begin_session(struct capture *capture, int64_t at_us, const char *broker,
                                           const char *client);
MUST_USE enum status capture_end_session(struct capture *capture, int64_t at_us, const char *why);

/** Appends a message: id and session are set. It is durable after capture_commit. Reasons as every call of db.h;
 *  STATUS_NOT_PERMITTED outside of a session, STATUS_OUT_OF_RANGE past CAPTURE_PROPERTIES_MAX. */
MUST_USE enum status capture_put(struct capture *capture, struct captured *message);

/** Keeps what the owner of a simulated federation escrowed: the secrets of one boot (PROTOCOL.md "Escrow"). */
MUST_USE enum status capture_put_secret(struct capture *capture, int64_t at_us, struct view aggregator,
                                        struct view boot_id, struct view secret);

/** Makes durable what was put since the last time. */
MUST_USE enum status capture_commit(struct capture *capture);

/** Bytes of the file, as far as it is committed: for rotation. */
uint64_t capture_size(const struct capture *capture);

/** The last digest of the messages: `before` of the next part. 32 bytes, lives as long as the capture. */
struct view capture_head(const struct capture *capture);

/** Commits, makes the file whole in itself (no log beside it) and closes; for CLEANUP. capture_commit tells failures. */
void capture_close(struct capture **capture);

/* ---- reading ---- */

/**
 * Opens to read; changes nothing, and reads little of the file however large it is. What a program that still writes it
 * adds later is not seen. A file that lost its end opens when its beginning is there: capture_check names the loss.
 *
 * Returns STATUS_NOT_FOUND, STATUS_IO; STATUS_UNSUPPORTED: of a newer schema, or no capture; STATUS_MALFORMED: damaged so
 * that nothing can be found in it. reason says which.
 */
MUST_USE enum status capture_open(const char *path, struct capture **out, struct reason *reason);
const struct capture_about *capture_about(const struct capture *capture);

/** What a check of the rows found first in a table; "file" stands for what is of no table. */
struct capture_fault {
    const char *table;
    int64_t row;    /* its id; of `head`, that of the table in the order of docs/capture.md; 0: not of one row */
    char what[160]; /* for a person */
};
/** Reads every row and compares digests and counts. Calls `fault` for the first one of each table, and `progress` (may
 *  be NULL) now and then. STATUS_OK also where there are faults. */
struct capture_watch {
    void *ctx;
    void (*fault)(void *ctx, const struct capture_fault *fault);
    void (*progress)(void *ctx, uint64_t rows_done, uint64_t rows);
};
MUST_USE enum status capture_check(struct capture *capture, const struct capture_watch *watch);

/** Which messages: what is 0, empty or negative does not narrow. Views are copied. */
struct capture_query {
    int kind; /* enum topic_kind, or -1 for all, also those that are none of PROTOCOL.md's */
    struct view aggregator, device;
    uint32_t round;
    int64_t chunk;    /* -1: any */
    int64_t from, to; /* ids, both included */
    bool heads;       /* payloads are not read: they have their length and no address */
};
#define CAPTURE_ALL ((struct capture_query){.kind = -1, .chunk = -1})

struct capture_cursor;
MUST_USE enum status capture_find(struct capture *capture, const struct capture_query *query,
                                  struct capture_cursor **out);
/** The next message in the order of arrival. STATUS_NOT_FOUND behind the last one. STATUS_MALFORMED for a row that no
 *  writer makes, or where the file cannot be read on: the call after it goes on where it can. */
MUST_USE enum status capture_next(struct capture_cursor *cursor, struct captured *out);
void capture_cursor_free(struct capture_cursor **cursor); /* for CLEANUP */

/** Appends the escrowed secret of a boot, which the caller wipes. STATUS_NOT_FOUND when there is none, STATUS_NO_SPACE. */
MUST_USE enum status capture_secret(struct capture *capture, struct view boot_id, struct buf *out);

/** Boots whose secrets are in the file, by the order in which they were put. STATUS_NOT_FOUND behind the last one. */
struct capture_escrow {
    int64_t id, at_us;
    char aggregator[CAPTURE_NAME_MAX];
    uint8_t boot_id[16];
};
MUST_USE enum status capture_escrow_next(struct capture *capture, int64_t after, struct capture_escrow *out);

/** Sessions, oldest first. STATUS_NOT_FOUND behind the last one. */
struct capture_session {
    int64_t id, began_us, ended_us; /* ended_us 0: the program ended without a word */
    char broker[CAPTURE_TEXT_MAX], client[CAPTURE_TEXT_MAX], why[CAPTURE_TEXT_MAX];
    uint64_t messages;
};
MUST_USE enum status capture_session_next(struct capture *capture, int64_t after, struct capture_session *out);

uint64_t capture_count(const struct capture *capture); /* messages */

#endif
