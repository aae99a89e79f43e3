/* revoke.c: `tacit revoke` and `tacit unrevoke`. The file is written before anything is sent: it is what counts. */
#include "revoke.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "heap.h"
#include "network.h"

struct revoking {
    bool remove, show;
    struct argument_texts words;
};

/* ---- sending ---- */

enum status revoke_send(const struct profile *profile, const struct revocation_list *list, const char *path,
                        bool *simulated, struct reason *reason)
{
    CLEANUP(p256_key_wipe) struct p256_key owner = {0};
    CLEANUP(heap_give) struct buf message = {0};
    struct owner_wish wish = {.command = OWNER_REVOKE};
    struct owner_outcome outcome;
    enum status status;

    TRY(profile_owner_key(profile, &owner, reason));
    TRY(heap_take(REVOCATIONS_SIGNED_MAX, &message));
    TRY(revocation_list_sign(list, view_of_string(profile->federation), &owner, &message));
    wish.revoked = buf_view(&message);
    status = owner_ask(profile, &wish, &outcome, reason);
    *simulated = outcome.simulated;
    if (status == STATUS_REVOCATIONS_ROLLBACK)
        reason_set(reason,
                   "the enclave holds version %" PRIu64 " of the revocation list, and %s is version %" PRId64
                   ": take that file from where it is newer, or write a higher version into it",
                   outcome.revocations, path, list->version);
    return status;
}

enum status revoke_send_again(const struct profile *profile, int64_t *version, struct reason *reason)
{
    static struct revocation_list list;
    char path[FILE_MAX_PATH];
    bool simulated;

    *version = 0;
    /* Without the owner's key nothing can be asked at all; that is for the request itself to say. */
    if (profile_revocations(profile, path, reason) != STATUS_OK)
        return STATUS_OK;
    TRY(revocation_list_read(path, &list, reason));
    if (list.version == 0)
        return STATUS_OK;
    TRY(revoke_send(profile, &list, path, &simulated, reason));
    *version = list.version;
    return STATUS_OK;
}

/* ---- the command line ---- */

/* How many words make one entry, behind the word of the sort. */
static size_t words_of(enum revoked_sort sort)
{
    return sort == REVOKED_MEASUREMENT ? 2 : 1;
}

static enum revoked_sort sort_of(const char *word)
{
    enum revoked_sort sort = 0;

    while (sort < REVOKED_SORTS && strcmp(word, revoked_word(sort)) != 0)
        sort++;
    return sort;
}

/* The i-th entry of the command line; a KIND stands before all of its measurements. NULL when well. */
static const char *entry_at(const struct revoking *revoking, size_t i, struct revoked_entry *out)
{
    const enum revoked_sort sort = sort_of(revoking->words.list[0]);
    const char *const *list = revoking->words.list + 1;
    char text[256];

    if (sort != REVOKED_MEASUREMENT)
        return revoked_entry_make(sort, list[i], out);
    if ((size_t)snprintf(text, sizeof text, "%s %s", list[0], list[1 + i]) >= sizeof text)
        return revoked_entry_make(sort, "", out);
    return revoked_entry_make(sort, text, out);
}

static size_t entries_of(const struct revoking *revoking)
{
    return revoking->words.count == 0 ? 0 : revoking->words.count - words_of(sort_of(revoking->words.list[0]));
}

static const char *check(void *ctx)
{
    const struct revoking *revoking = ctx;
    const struct argument_texts *given = &revoking->words;
    struct revoked_entry entry;

    if (revoking->show)
        return given->count == 0 ? NULL : "--list stands alone";
    if (given->count == 0)
        return revoking->remove ? "device, credential or measurement is needed" : NULL;
    if (sort_of(given->list[0]) == REVOKED_SORTS)
        return "the first word is device, credential or measurement";
    if (given->count <= words_of(sort_of(given->list[0])))
        return "which ones is needed";
    for (size_t i = 0; i < entries_of(revoking); i++) {
        const char *wrong = entry_at(revoking, i, &entry);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

/* ---- the work ---- */

static void print_list(const struct revocation_list *list)
{
    printf("version %" PRId64 ", %u entries\n", list->version, (unsigned int)list->count);
    for (uint32_t i = 0; i < list->count; i++)
        printf("%-11s  %s\n", revoked_word(list->entries[i].sort), list->entries[i].text);
}

static enum status change_one(const struct revoking *revoking, const char *path, const struct revoked_entry *entry,
                              struct revocation_list *list, struct reason *reason)
{
    bool added = true;

    if (revoking->remove) {
        if (revocation_list_remove(list, entry))
            return STATUS_OK;
        reason_set(reason, "%s: %s %s does not stand there", path, revoked_word(entry->sort), entry->text);
        return STATUS_NOT_FOUND;
    }
    if (revocation_list_add(list, entry, &added) != STATUS_OK) {
        reason_set(reason, "%s: more than %d entries", path, REVOCATIONS_MAX);
        return STATUS_NO_SPACE;
    }
    if (!added)
        printf("%s %s was revoked before\n", revoked_word(entry->sort), entry->text);
    return STATUS_OK;
}

/* The changed list, in its file; an unchanged one keeps its version. */
static enum status change(const struct revoking *revoking, const char *path, struct revocation_list *list,
                          struct reason *reason)
{
    const uint32_t before = list->count;

    for (size_t i = 0; i < entries_of(revoking); i++) {
        struct revoked_entry entry;
        (void)entry_at(revoking, i, &entry);
        TRY(change_one(revoking, path, &entry, list, reason));
    }
    if (list->count == before)
        return STATUS_OK;
    if (list->version == REVOCATIONS_VERSION_MAX) {
        reason_set(reason, "%s: no version is higher than %" PRId64, path, list->version);
        return STATUS_OUT_OF_RANGE;
    }
    list->version++;
    return revocation_list_write(path, list, reason);
}

static enum status work(void *ctx, const struct profile *profile, struct reason *reason)
{
    const struct revoking *revoking = ctx;
    static struct revocation_list list;
    char path[FILE_MAX_PATH];
    enum status status;
    bool simulated;

    TRY(profile_revocations(profile, path, reason));
    TRY(revocation_list_read(path, &list, reason));
    if (revoking->show) {
        print_list(&list);
        return STATUS_OK;
    }
    TRY(change(revoking, path, &list, reason));
    if (list.version == 0) {
        reason_set(reason, "nothing was revoked yet: there is no %s", path);
        return STATUS_NOT_FOUND;
    }
    status = revoke_send(profile, &list, path, &simulated, reason);
    if (status == STATUS_OK)
        printf("version %" PRId64 " of the revocation list is in force: %u entries%s\n", list.version,
               (unsigned int)list.count, network_simulated(simulated));
    else
        fprintf(stderr,
                "%s holds version %" PRId64 "; it is NOT in force. `tacit revoke` sends it again, and so does "
                "`tacit start`.\n",
                path, list.version);
    return status;
}

static int run(const struct command *self, bool remove, int argc, char *argv[])
{
    struct revoking revoking = {.remove = remove};
    const struct argument show[] = {{"--list", ARGUMENT_FLAG, &revoking.show, 0, 0}, {0}};
    static const struct argument none[] = {{0}};
    const struct network_command command = {
        .options = remove ? none : show, .words = &revoking.words, .ctx = &revoking, .check = check, .work = work};

    return network_run(self, &command, argc, argv);
}

int revoke_command(const struct command *self, int argc, char *argv[])
{
    return run(self, false, argc, argv);
}

int unrevoke_command(const struct command *self, int argc, char *argv[])
{
    return run(self, true, argc, argv);
}
