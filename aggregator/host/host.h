/* host.h: what the untrusted half of an aggregator does, as a state machine over ports: it carries messages between the
 * broker and the enclave, puts transfers together, opens and closes rounds when it is time, and keeps what the broker
 * must retain. It sees sealed bytes only and holds no key. No sockets, files or clocks of its own. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "bundle.h"
#include "gate.h"
#include "log.h"
#include "policy.h"

#define HOST_RECORDS_MAX  256 /* records that the broker may be asked to retain */
#define HOST_PROVABLE_MAX 8   /* rounds whose updates can be proven: at most 4 MiB each, with 65536 updates */

struct host;

/** What a closed round came to, to be kept before anybody hears of it. */
struct closed_round {
    const struct record *record;
    struct view message; /* the signed record */
    struct view state;   /* sealed; empty when the enclave cannot seal */
    struct view leaves;  /* of what was counted: hashes of 32 bytes, ascending, joined; may be empty */
};

struct host_ports {
    void *ctx;
    const struct log *log;
    /** To the broker. STATUS_BUSY: no room now; host_writable is called when there is again. */
    enum status (*publish)(void *ctx, const char *topic, struct view payload, bool retained);
    /** Whether bulk (chunks of the model) may be published without taking the room of small messages. */
    bool (*has_room)(void *ctx);
    /** To the enclave. *response is valid until the next call. STATUS_NO_CONNECTION: it is gone. */
    enum status (*gate)(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response);
    /** Durably. A failure is logged by the port; until it is kept nobody hears of the round, and it is tried again. */
    enum status (*keep_round)(void *ctx, const struct closed_round *closed);
    /** Durably: state after the owner brought a model or a plan. As above. */
    enum status (*keep_state)(void *ctx, struct view state);
    /** Durably: the owner's signed revocation list, in place of the one before. A failure is logged by the port. */
    enum status (*keep_revocations)(void *ctx, struct view signed_list);
    /** The endorsements that the operator keeps for who appraises the enclave, and the names of their files; lent until
     *  the next call. A failure is logged by the port; what was read before stays in use. NULL: there are none. */
    enum status (*collateral)(void *ctx, struct endorsements *items, const char *files[ENDORSEMENTS_MAX]);
};

struct host_settings {
    struct view aggregator;     /* name */
    struct view owner;          /* MQTT client id of the owner, for credits */
    struct view owner_key;      /* encoded COSE_Key */
    struct view policy;         /* signed; not verified here, the enclave does that */
    size_t memory_max;          /* bytes of sealed chunks in reassembly */
    uint32_t records_kept;      /* records that the broker retains, 1..HOST_RECORDS_MAX */
    uint64_t collateral_warn_s; /* an endorsement that ends within this is told of */
};

/**
 * settings is lent until host_free. Returns STATUS_IO (no memory), or why the policy cannot be read.
 */
MUST_USE enum status host_new(const struct host_settings *settings, const struct host_ports *ports, struct host **out);
void host_free(struct host **host);

/** The revocation list of an earlier run: each boot from now on hands it to the enclave, which verifies it. */
MUST_USE enum status host_remember_revocations(struct host *host, struct view signed_list);

/** Boots the enclave: now, and again after it was lost. state: sealed state to go on from, or empty.
 *  Returns the enclave's reason when it refuses: the policy, or the revocation list that it was handed. */
MUST_USE enum status host_boot(struct host *host, struct view state, uint64_t now);

/** Largest body, either way, that the enclave may be sent from its boot on. */
size_t host_max_body(const struct host *host);

/** A record of an earlier run, oldest first, so that the broker is given it again. */
void host_remember_record(struct host *host, uint32_t round, struct view message);

/** The leaves of a closed round, oldest round first, so that its updates can be proven. The record's message is not
 *  kept. STATUS_NOT_COUNTED: they are not those under its root; STATUS_NO_SPACE; an encoding reason. */
enum status host_remember_leaves(struct host *host, struct view message, struct view leaves);

/** Filters to subscribe to, i from 0 on; false when there is none. */
bool host_filter(const struct host *host, unsigned int i, struct buf *out);

/** Topic and payload of the last will. */
MUST_USE enum status host_will(const struct host *host, struct buf *topic, struct buf *payload);

/** Events. Each may call any port. STATUS_NO_CONNECTION: the enclave is gone and host_boot is due. */
enum status host_connected(struct host *host, uint64_t now);
void host_disconnected(struct host *host);
enum status host_message(struct host *host, const char *topic, struct view payload, uint64_t now);
enum status host_writable(struct host *host, uint64_t now);
enum status host_tick(struct host *host, uint64_t now); /* about once a second */

/** How the aggregator's own capture stands, for the status: a word that outlives the host, or NULL for none. */
void host_note_capture(struct host *host, const char *state);

/** The operator says that the endorsements changed: they are read now, and not within the hour. */
enum status host_reload(struct host *host, uint64_t now);

#endif
