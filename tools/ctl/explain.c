/* explain.c: `tacit explain`: why a device trusts its aggregator, as it kept it when it appraised the evidence. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "account.h"
#include "arguments.h"
#include "command.h"
#include "store.h"
#include "when.h"

static const char *const outcomes[] = {
    [CHECK_NOT_MADE] = "not made",
    [CHECK_PASSED] = "passed",
    [CHECK_FAILED] = "FAILED",
};

static void print_bytes(const char *name, struct view bytes)
{
    if (bytes.len == 0)
        return;
    printf("  %-12s ", name);
    for (size_t i = 0; i < bytes.len; i++)
        printf("%02x", bytes.ptr[i]);
    putchar('\n');
}

static void print_text(const char *name, struct view text)
{
    if (text.len > 0)
        printf("  %-12s %.*s\n", name, (int)text.len, (const char *)text.ptr);
}

static void print_verdict(const struct account *account)
{
    char at[WHEN_TEXT];
    const int length = (int)account->aggregator.len;
    const char *name = (const char *)account->aggregator.ptr;

    (void)when_text(account->at, at);
    if (account->verdict == STATUS_OK)
        printf("This device trusts the aggregator %.*s since %s:\n", length, name, at);
    else
        printf("This device refused the aggregator %.*s at %s: %s (%s)\n", length, name, at,
               status_text(account->verdict), status_name(account->verdict));
    if (account->simulated)
        puts("  *** SIMULATED evidence: it protects nothing from the owner of the machine. ***");
}

static void print_window(const struct account *account)
{
    char from[WHEN_TEXT], until[WHEN_TEXT];

    if (account->not_after > 0)
        printf("  %-12s %s to %s\n", "window", when_text(account->not_before, from),
               when_text(account->not_after, until));
}

static void print_account(const struct account *account)
{
    print_verdict(account);
    print_text("kind", account->kind);
    print_bytes("measurement", account->measurement);
    print_bytes("evidence", account->evidence_digest);
    print_bytes("policy", account->policy_digest);
    if (account->policy_digest.len > 0)
        printf("  %-12s %" PRIu64 "\n", "version", account->policy_version);
    print_bytes("boot", account->boot_id);
    printf("  %-12s %s\n", "authentic", account->authentic ? "yes" : "no");
    printf("  %-12s %s\n", "debug", account->debug ? "yes" : "no");
    print_text("tcb status", account->tcb_status);
    for (uint32_t i = 0; i < account->advisory_count; i++)
        print_text("advisory", account->advisories[i]);
    print_window(account);
    for (uint32_t i = 0; i < account->check_count; i++) {
        const struct account_check *check = &account->checks[i];

        printf("  %-12s %.*s", outcomes[check->outcome], (int)check->name.len, (const char *)check->name.ptr);
        if (check->outcome == CHECK_FAILED)
            printf(": %s (%s)", status_text(check->reason), status_name(check->reason));
        putchar('\n');
    }
}

/* Of the policy that the device trusted last: while its version is not higher, the device takes part in no round. */
static void print_fork(struct store *store, uint64_t policy_version)
{
    uint8_t bytes[ACCOUNT_FORK_SIZE];
    struct buf kept = BUF_OF(bytes);

    if (store_load(store, ACCOUNT_FORK, &kept) != STATUS_OK || kept.len != sizeof bytes)
        return;
    printf("%s a fork of the record chain under version %" PRIu64 " of the policy, by the record of round %" PRIu32
           ":\n",
           policy_version > read_be64(bytes) ? "This device saw" : "*** STOPPED: this device saw", read_be64(bytes),
           read_be32(bytes + 8));
    print_bytes("record", (struct view){bytes + 12, DIGEST_SIZE});
    if (policy_version <= read_be64(bytes))
        puts("  It takes part in no round until the owner signs a policy of a higher version.");
}

/* STATUS_NOT_FOUND when the device keeps none. */
static enum status explain_one(struct store *store, const char *key, struct account *account)
{
    static uint8_t memory[ACCOUNT_MAX];
    struct buf bytes = BUF_OF(memory);

    TRY(store_load(store, key, &bytes));
    TRY(account_decode(buf_view(&bytes), account));
    print_account(account);
    return STATUS_OK;
}

static enum status explain(const char *path, struct reason *reason)
{
    CLEANUP(store_close) struct store store = {NULL};
    static const char *const keys[] = {ACCOUNT_TRUST, ACCOUNT_REFUSAL};
    static struct account account;
    enum status found = STATUS_NOT_FOUND;

    if (access(path, F_OK) != 0) {
        reason_set(reason, "%s: not there; it is the `database` of the device's configuration", path);
        return STATUS_CONFIG;
    }
    TRY(store_open_to_read(path, &store, reason));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const enum status status = explain_one(&store, keys[i], &account);

        if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            reason_set(reason, "%s: %s: %s", path, keys[i], status_text(status));
            return status;
        }
        if (i == 0) {
            found = status;
            print_fork(&store, status == STATUS_OK ? account.policy_version : 0);
        }
    }
    if (found != STATUS_OK)
        reason_set(reason, "%s: this device trusts no aggregator yet", path);
    return found;
}

int explain_command(const struct command *self, int argc, char *argv[])
{
    static const struct argument *const none[] = {NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, none, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1) {
        reason_set(&reason, "a DATABASE is needed");
        return command_usage(self, &reason);
    }
    return command_end(self, explain(words.list[0], &reason), &reason);
}
