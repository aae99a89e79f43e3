/* steps_private.h: what each file of node/lib does for the others. Pure.
 *
 * A function that is given a topic and a payload takes a message; one that is given `with` is an action of a table. */
#ifndef NODE_STEPS_PRIVATE_H
#define NODE_STEPS_PRIVATE_H

#include "node_private.h"
#include "record.h"

/* ports.c */
__attribute__((format(printf, 3, 4))) void node_event(struct tacit_node *node, const char *name, const char *format,
                                                      ...);
enum status node_random(void *ctx, uint8_t *out, size_t len);
MUST_USE enum status node_publish(struct tacit_node *node, enum topic_kind kind, const struct topic *numbers,
                                  struct view payload);
void node_subscribe(struct tacit_node *node, enum topic_kind kind, uint32_t chunk);
void node_unsubscribe(struct tacit_node *node, enum topic_kind kind, uint32_t chunk);
/** Evidence and endorsements, which lie in node->message; kind gets what out->kind views. */
MUST_USE enum status node_attest(struct tacit_node *node, const uint8_t report_data[static SHA512_SIZE],
                                 char kind[static KIND_MAX + 1], struct enrol_request *out);
MUST_USE enum status node_train(struct tacit_node *node, const struct tacit_work *work);
/** Tells an event when it fails. An empty view forgets. */
enum status node_keep(struct tacit_node *node, const char *key, struct view bytes);
/** Fills out. STATUS_NOT_FOUND when nothing is kept. */
MUST_USE enum status node_load(struct tacit_node *node, const char *key, struct buf *out);
struct place node_place(const struct tacit_node *node);
/** The next try is now; or after a wait of at least min_s, which doubles up to max_s from call to call. */
void retry_now(struct retry *retry, uint64_t now);
void retry_later(struct tacit_node *node, struct retry *retry, uint32_t min_s, uint32_t max_s);
bool retry_due(const struct retry *retry, uint64_t now);

/* trust.c */
MUST_USE enum status trust_take_bundle(struct tacit_node *node, const struct topic *topic, struct view payload);
MUST_USE enum status trust_take_challenge(struct tacit_node *node, const struct topic *topic, struct view payload);

/* enrol.c */
enum status membership_step(struct tacit_node *node, enum membership_event event, const void *with);
MUST_USE enum status enrol_take_answer(struct tacit_node *node, const struct topic *topic, struct view payload);
bool enrol_is_member(const struct tacit_node *node);
void enrol_advance(struct tacit_node *node);

/* round.c */
enum status work_step(struct tacit_node *node, enum work_event event, const void *with);
/** Steps; when that fails, the work of the round ends as a mishap. */
void work_try(struct tacit_node *node, enum work_event event, const void *with);
MUST_USE enum status round_take_manifest(struct tacit_node *node, const struct topic *topic, struct view payload);
void round_advance(struct tacit_node *node);
/** Whatever is done for the announced round ends, unless it is work that cannot be called back. */
void round_supersede(struct tacit_node *node);
void round_settle(struct tacit_node *node);

/* fetch.c: actions of FRESH, FETCHED, SUPERSEDED */
MUST_USE enum status fetch_begin(struct tacit_node *node, const void *with);
MUST_USE enum status fetch_finish(struct tacit_node *node, const void *with);
MUST_USE enum status fetch_stop(struct tacit_node *node, const void *with);
MUST_USE enum status fetch_take_chunk(struct tacit_node *node, const struct topic *topic, struct view payload);
void fetch_advance(struct tacit_node *node);

/* result.c: action of DONE; with is a struct tacit_result */
MUST_USE enum status result_take(struct tacit_node *node, const void *with);

/* plain.c: the update before it is sealed, and its durable copy */
MUST_USE enum status plain_set(struct tacit_node *node, const struct update *update);
void plain_restore(struct tacit_node *node);
void plain_forget(struct tacit_node *node);

/* ---- sealed.c ---- */
/** Keeps durably what the transfer is sealed with. */
void sealed_keep(struct tacit_node *node);
/** Takes up what was kept for this very update, round and boot by an earlier run. STATUS_NOT_FOUND: nothing;
 *  STATUS_CREDENTIAL_EXPIRED; what load says. */
MUST_USE enum status sealed_restore(struct tacit_node *node);
void sealed_forget(struct tacit_node *node);
/** The IV of a chunk, appended to out: as long as its room. */
MUST_USE enum status sealed_iv(const struct tacit_node *node, uint32_t chunk, struct buf *out);
/** Whether there is an update for this task from this base. */
bool plain_fits(const struct tacit_node *node, const struct round *round);
/** Makes it an update of the announced round and the present boot. Uses node->model. */
MUST_USE enum status plain_readdress(struct tacit_node *node);

/* outbox.c: action of AGAIN and UNSETTLED */
MUST_USE enum status outbox_seal(struct tacit_node *node, const void *with);
MUST_USE enum status outbox_take_need(struct tacit_node *node, const struct topic *topic, struct view payload);
void outbox_advance(struct tacit_node *node);
/** Most bytes that sealing so many bytes comes to, whatever the size of the chunks. */
size_t outbox_sealed_max(size_t plain);

/* claim.c */
void claim_restore(struct tacit_node *node);
/** The transfer was sealed; its receipt came; the record of some round is believed. */
MUST_USE enum status claim_sealed(struct tacit_node *node);
void claim_receipted(struct tacit_node *node, enum status reason);
void claim_recorded(struct tacit_node *node, const struct record *record, const uint8_t digest[static DIGEST_SIZE]);
MUST_USE enum status claim_take_proof(struct tacit_node *node, struct view payload);
void claim_advance(struct tacit_node *node);

/* receipts.c, records.c */
MUST_USE enum status receipt_take(struct tacit_node *node, const struct topic *topic, struct view payload);
MUST_USE enum status record_take(struct tacit_node *node, const struct topic *topic, struct view payload);
void record_restore(struct tacit_node *node);
/** Whether a round of that number, behind a record of that digest, goes on from the last record seen. */
MUST_USE enum status record_follows(const struct tacit_node *node, uint32_t round, struct view previous);
/** Whether the head was seen under the policy of now: with another version the owner may let a chain begin anew. */
bool record_head_binds(const struct tacit_node *node);

/* links.c */
/** A message came under the topic of the record of that round. */
void links_hear(struct tacit_node *node, uint32_t round, struct view message);
/** Whether the chain that ends with the record of that digest holds what was seen. STATUS_NOT_FOUND: records between were
 *  not heard; STATUS_CHAIN_FORK: it does not. */
MUST_USE enum status links_lead_to(const struct tacit_node *node, const struct seen *seen, struct view digest);

/* fork.c: that the chain of records forked, which is not forgotten before the owner says so by a policy */
void fork_restore(struct tacit_node *node);
/** A record that the trusted enclave signed contradicts one seen before. */
void fork_seen(struct tacit_node *node, uint32_t round, const uint8_t digest[static DIGEST_SIZE]);
/** STATUS_CHAIN_STOPPED: a fork was seen under this policy, and nothing that builds on a record is taken. */
MUST_USE enum status fork_check(struct tacit_node *node);
/** Not all of what is refused by it. */
void fork_tell(struct tacit_node *node, const char *what);

#endif
