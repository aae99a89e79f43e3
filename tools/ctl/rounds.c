/* rounds.c: `tacit rounds`: the retained records, believed only as far as an enclave that was appraised here vouches
 * for them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "file.h"
#include "heap.h"
#include "manifest.h"
#include "network.h"
#include "rounds_print.h"
#include "session.h"

struct following {
    bool json, watch;
    int64_t limit;      /* lines, 0: no limit */
    const char *folder; /* to save into, or NULL */
    struct reason *reason;

    struct chain chain;
    uint8_t head[DIGEST_SIZE]; /* the record that the manifest names */
    struct buf manifest;       /* as it was signed */
    bool has_head, idle, settled;
    uint32_t printed_round; /* the last one that was printed */
    int64_t printed;
};

static struct view head_of(const struct following *following)
{
    return following->has_head ? VIEW_OF(following->head) : (struct view){NULL, 0};
}

static enum status save_file(const struct following *following, const char *name, struct view bytes)
{
    char path[FILE_MAX_PATH];

    (void)snprintf(path, sizeof path, "%s/%s", following->folder, name);
    return file_write(path, 0600, bytes, following->reason);
}

/* A bundle for each boot: `tacit audit` verifies what an enclave signed that is gone by then. */
static enum status save(const struct following *following, const struct session *session,
                        const struct chain_entry *entry)
{
    char boot[2 * BOOT_ID_SIZE + sizeof ".bundle"], round[32];

    if (following->folder == NULL || !entry->believed)
        return STATUS_OK;
    TRY(file_make_folders(following->folder, 0700, following->reason));
    TRY(save_file(following, "bundle.cbor", session_bundle(session)));
    hex_encode(VIEW_OF(session_trust(session)->boot_id), boot);
    strcat(boot, ".bundle");
    TRY(save_file(following, boot, session_bundle(session)));
    (void)snprintf(round, sizeof round, "%" PRIu32 ".record", entry->record.round);
    TRY(save_file(following, round, buf_view(&entry->message)));
    return following->manifest.len > 0 ? save_file(following, "last.manifest", buf_view(&following->manifest))
                                       : STATUS_OK;
}

static enum status print_one(struct following *following, const struct session *session, size_t index)
{
    const struct chain_entry *entry = &following->chain.entries[index];

    TRY(save(following, session, entry));
    if (following->json)
        TRY(rounds_print_json(&following->chain, index, stdout));
    else
        rounds_print_line(&following->chain, index, stdout);
    following->printed_round = entry->record.round;
    following->printed++;
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_IO;
}

/* Nothing follows on the last record while the aggregator has no work. */
static bool is_last_of_all(const struct following *following, const struct chain_entry *entry)
{
    return following->idle && view_equal(VIEW_OF(entry->digest), head_of(following));
}

/* Prints what is due: all that is there, or, when watching, what will not change any more. */
static void print_due(struct following *following, struct session *session)
{
    chain_believe(&following->chain, head_of(following));
    for (size_t i = 0; i < following->chain.count; i++) {
        const struct chain_entry *entry = &following->chain.entries[i];
        enum status status;
        if (entry->record.round <= following->printed_round)
            continue;
        if (following->watch && !rounds_complete(&following->chain, i) && !is_last_of_all(following, entry))
            return;
        status = print_one(following, session, i);
        if (status != STATUS_OK || following->printed == following->limit) {
            session_finish(session, status, NULL);
            return;
        }
    }
}

static void on_quiet(void *ctx, struct session *session)
{
    struct following *following = ctx;

    following->settled = true;
    print_due(following, session);
    if (!following->watch)
        session_finish(session, STATUS_OK, NULL);
}

static void take_manifest(struct following *following, struct session *session, struct view message)
{
    const struct trust *trust = session_trust(session);
    const struct place place = session_place(session);
    struct manifest manifest;
    struct view payload;

    if (bind_verify(PURPOSE_MANIFEST, &place, VIEW_OF(trust->signing_point), message, &payload) != STATUS_OK ||
        manifest_decode(payload, &manifest) != STATUS_OK) {
        session_note(session, "a manifest that is not this enclave's is passed over");
        return;
    }
    following->idle = manifest.task == TASK_NONE;
    following->has_head = manifest.previous.len > 0;
    if (following->has_head)
        memcpy(following->head, manifest.previous.ptr, DIGEST_SIZE);
    heap_give(&following->manifest);
    if (heap_take(message.len, &following->manifest) != STATUS_OK ||
        buf_append(&following->manifest, message) != STATUS_OK)
        session_finish(session, STATUS_IO, NULL);
}

static void take_record(struct following *following, struct session *session, uint32_t round, struct view message)
{
    const struct trust *trust = session_trust(session);
    const struct chain_signer signer = {session_place(session), VIEW_OF(trust->signing_point), VIEW_OF(trust->boot_id)};
    enum status status;

    if (message.len == 0)
        return; /* the broker was told to forget it */
    status = chain_take(&following->chain, &signer, round, message);
    if (status != STATUS_OK)
        session_finish(session, status, "the record of round %u: %s", (unsigned int)round, status_text(status));
}

static void on_message(void *ctx, struct session *session, const struct topic *topic, struct view payload)
{
    struct following *following = ctx;

    session_moved(session);
    if (topic->kind == TOPIC_ROUND)
        take_manifest(following, session, payload);
    else if (topic->kind == TOPIC_RECORD)
        take_record(following, session, topic->round, payload);
    if (following->settled)
        print_due(following, session);
}

static enum status follow(void *ctx, const struct profile *profile, struct reason *reason)
{
    static const enum topic_kind kinds[] = {TOPIC_RECORD, TOPIC_ROUND};
    struct following *following = ctx;
    const struct session_use use = {
        .ctx = ctx,
        .kinds = kinds,
        .count = ARRAY_LEN(kinds),
        .patient = following->watch,
        .message = on_message,
        .quiet = on_quiet,
    };
    enum status status;

    following->reason = reason;
    status = session_run(profile, &use, reason);
    chain_free(&following->chain);
    heap_give(&following->manifest);
    return status;
}

static const char *check(void *ctx)
{
    const struct following *following = ctx;

    return following->limit == 0 || following->watch ? NULL : "--count goes with --watch";
}

int rounds_command(const struct command *self, int argc, char *argv[])
{
    struct following following = {.json = false};
    const struct argument table[] = {
        {"--json", ARGUMENT_FLAG, &following.json, 0, 0},
        {"--watch", ARGUMENT_FLAG, &following.watch, 0, 0},
        {"--count", ARGUMENT_NUMBER, &following.limit, 1, INT64_MAX},
        {"--save", ARGUMENT_TEXT, &following.folder, 0, 0},
        {0},
    };
    const struct network_command command = {
        .options = table, .reads_only = true, .ctx = &following, .check = check, .work = follow};

    return network_run(self, &command, argc, argv);
}
