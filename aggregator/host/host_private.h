/* host_private.h: what the files of the host's state machine share. */
#ifndef HOST_HOST_PRIVATE_H
#define HOST_HOST_PRIVATE_H

#include "assembly.h"
#include "endorsement.h"
#include "host.h"
#include "proofs.h"
#include "renew.h"
#include "topic.h"

#define HOST_TRANSFERS_MAX      100000
#define HOST_ATTEST_EVERY_S     3600
#define HOST_STATUS_EVERY_S     2
#define HOST_COLLATERAL_EVERY_S 3600
#define HOST_CLOCK_SLACK_S      60 /* a clock may be set back that far; time stands still until it has caught up */
#define HOST_CLOCK_BACK_TICKS   30 /* further back for so many ticks: it was wrong before */
#define HOST_WARN_EVERY_S       86400
#define HOST_FILE_NAME_MAX      256

/** A message with memory of its own. */
struct kept {
    uint8_t *bytes;
    size_t len;
};

/** Retained messages, in the order in which they are published when several are due. */
enum announcement {
    ANNOUNCE_EVIDENCE,
    ANNOUNCE_CHALLENGE,
    ANNOUNCE_RECORDS,
    ANNOUNCE_MODEL,
    ANNOUNCE_MANIFEST,
    ANNOUNCE_STATUS,
    ANNOUNCEMENTS /* how many there are */
};

struct kept_record {
    uint32_t round;
    struct kept message;
    bool stale; /* the broker is told to forget it */
};

/** How an endorsement stands in time. */
enum standing { STANDING_WELL, STANDING_ENDS_SOON, STANDING_ENDED, STANDING_NOT_YET };

/** A file of the operator's, and what was told of it last. */
struct endorsed {
    char file[HOST_FILE_NAME_MAX];
    struct kept bytes;
    struct endorsement about;
    enum standing told;
    uint64_t told_at;
};

/** All of the operator's files. */
struct endorsed_set {
    uint32_t count;
    struct endorsed items[ENDORSEMENTS_MAX];
};

struct host {
    struct host_settings settings;
    struct host_ports ports;
    struct policy policy; /* views into settings.policy */
    struct assembly *assembly;
    struct topic names;  /* federation and aggregator */
    const char *capture; /* host_note_capture */

    bool booted, connected;
    struct gate_booted limits;         /* bundle is not used after boot */
    struct gate_status status;         /* of the enclave, as it was after the last call that changes it */
    uint8_t model_digest[DIGEST_SIZE]; /* what status.model_digest views */
    uint8_t announced[DIGEST_SIZE];    /* the model that the manifest names */
    bool has_manifest;

    struct kept evidence; /* the bundle as the enclave gave it */
    struct kept bundle;   /* the same with the endorsements of collateral behind its own */
    struct kept challenge, manifest;
    struct endorsed_set *collateral;
    struct kept revocations;   /* signed; the last one that the enclave took */
    uint64_t revocations_kept; /* version of it that is kept durably, 0 for none */
    struct kept_record records[HOST_RECORDS_MAX];
    uint32_t record_count;
    struct proofs proofs;
    struct kept unkept_record, unkept_state; /* of a closed round that is not kept yet */
    uint64_t keep_due;                       /* when that is tried again */
    bool state_unkept;                       /* what the owner brought last is not kept yet */
    uint32_t chunks;                         /* of the announced model */
    bool due[ANNOUNCEMENTS];
    uint32_t cursor[ANNOUNCEMENTS]; /* how much of one that has parts is published */

    struct renewal renewals[RENEWALS];
    uint64_t now, status_due, collateral_due;
    uint64_t refused[STATUS_LIMIT]; /* by the host itself, before the enclave saw it */
    uint32_t behind;                /* ticks for which the clock has been far behind `now` */
    int64_t accuracy, loss;         /* millionths, of the last record that had them */
    bool has_accuracy, has_loss, enclave_gone;
};

/** A call to the enclave; notes when it is gone. */
MUST_USE enum status host_gate(struct host *host, enum gate_call call, const struct view *pieces, size_t count,
                               struct view *response);

/** A call whose body is a number and whose answer is a message. */
MUST_USE enum status host_gate_number(struct host *host, enum gate_call call, uint64_t number, struct view *message);

/** Publishes under the topic of a kind; what finds no room is logged and lost: its receiver will ask again. */
void host_send(struct host *host, enum topic_kind kind, const struct topic *names, struct view payload);

/** The ports of the assembly; ctx is the host. */
void host_send_need(void *ctx, struct view name, const struct need *need);
void host_send_answer(void *ctx, struct view name, uint32_t round, struct view answer);
void host_take_whole(void *ctx, const struct whole *whole);

/** Replaces a kept message by a copy of these bytes. */
MUST_USE enum status kept_set(struct kept *kept, struct view bytes);
struct view kept_view(const struct kept *kept);
void kept_clear(struct kept *kept);

/** announce.c: publishes one anew as soon as there is room; goes on while there is room. */
void announce(struct host *host, enum announcement what);
void announce_all(struct host *host);
void announce_go_on(struct host *host);

/** endorse.c: takes up evidence of the enclave; STATUS_NO_SPACE (no memory). Announces nothing. */
MUST_USE enum status endorse_evidence(struct host *host, struct view bundle);
/** endorse.c: reads the operator's files when it is time, and tells of those that come to their end. */
void endorse_go_on(struct host *host);
void endorse_free(struct host *host);

/** endorse_dates.c: tells of each that is out of its time or will be soon: at once, then once a day. */
void endorse_check_dates(struct host *host);
/** The moment (unix seconds) until which all of them serve; false when there are none. */
bool endorse_until(const struct host *host, int64_t *until);

/** rounds.c: asks the enclave how it stands, and opens, closes or announces what is due. */
void rounds_go_on(struct host *host);

/** revocations.c: keeps the enclave's revocation list when it is another than the one kept. STATUS_NO_CONNECTION: the
 *  enclave is gone; any other failure is tried again at the next round or request. */
MUST_USE enum status host_keep_revocations(struct host *host, uint64_t version);

/** rounds.c: for the record of an earlier run, or of this one, when it is announced. */
void host_note_metrics(struct host *host, const struct metrics *metrics);

/** status.c: the JSON that people and dashboards read. */
MUST_USE enum status status_json(const struct host *host, const char *state, struct buf *out);
const char *status_state(const struct host *host);
#endif
