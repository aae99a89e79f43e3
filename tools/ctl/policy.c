/* policy.c: `tacit policy sign` and `tacit policy show`. See policy_sign.h. */
#include <stdio.h>

#include "arguments.h"
#include "clock.h"
#include "command.h"
#include "file.h"
#include "keys.h"
#include "policy_sign.h"
#include "policy_text.h"

static enum status load_root(void *ctx, const char *path, uint8_t point[static P256_POINT_SIZE], struct reason *why)
{
    (void)ctx;
    return keys_read_public(path, point, why);
}

enum status policy_sign_file(const char *path, const struct p256_key *owner, struct buf *out, struct reason *reason)
{
    static const struct policy_keys keys = {load_root, NULL};
    uint8_t encoded[POLICY_MAX];
    struct buf payload = BUF_OF(encoded);
    CLEANUP(file_free) struct buf text = {0};
    char folder[FILE_MAX_PATH];
    struct config_source source = {.name = path, .folder = folder};
    struct policy policy;

    if (file_read(path, CONFIG_MAX_FILE, &text, reason) != STATUS_OK)
        return STATUS_CONFIG;
    TRY(file_folder(path, folder, reason));
    source.bytes = buf_view(&text);
    TRY(policy_text_read(&source, &keys, &payload, &policy, reason));
    return bind_sign(PURPOSE_POLICY, &(struct place){.federation = policy.federation}, owner, &keys_random,
                     buf_view(&payload), out);
}

static enum status sign(const char *from, const char *key_path, const char *to, struct reason *reason)
{
    CLEANUP(p256_key_wipe) struct p256_key owner = {0};
    uint8_t bytes[POLICY_SIGNED_MAX];
    struct buf message = BUF_OF(bytes);

    TRY(keys_read_private(key_path, &owner, reason));
    TRY(policy_sign_file(from, &owner, &message, reason));
    return file_write(to, 0644, buf_view(&message), reason);
}

int policy_sign_command(const struct command *self, int argc, char *argv[])
{
    const char *key = NULL, *to = NULL;
    const struct argument options[] = {
        {"--key", ARGUMENT_TEXT, &key, 0, 0},
        {"-o", ARGUMENT_TEXT, &to, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {options, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1 || key == NULL || to == NULL) {
        reason_set(&reason, "a FILE, --key and -o are needed");
        return command_usage(self, &reason);
    }
    return command_end(self, sign(words.list[0], key, to, &reason), &reason);
}

static void warn_of_time(const struct policy *policy)
{
    const uint64_t now = clock_unix_seconds();

    if (now < policy->not_before)
        fprintf(stderr, "warning: %s\n", status_text(STATUS_POLICY_NOT_YET));
    if (now >= policy->not_after)
        fprintf(stderr, "warning: %s\n", status_text(STATUS_POLICY_EXPIRED));
}

/* Decodes a signed policy, with the owner's key its signature is verified. Its times do not matter here. */
static enum status open_policy(struct view message, const uint8_t *owner_point, struct policy *out)
{
    struct cose_sign1 sign1;
    struct policy policy;

    TRY(cose_sign1_decode(message, &sign1));
    TRY(policy_decode(sign1.payload, &policy));
    if (owner_point != NULL)
        TRY(policy_verify(message, (struct view){owner_point, P256_POINT_SIZE}, policy.federation, policy.not_before,
                          &policy));
    *out = policy;
    return STATUS_OK;
}

static enum status show(const char *path, const char *owner_path, struct reason *reason)
{
    CLEANUP(file_free) struct buf message = {0};
    uint8_t point[P256_POINT_SIZE];
    struct policy policy;
    enum status status;

    if (file_read(path, POLICY_SIGNED_MAX, &message, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (owner_path != NULL)
        TRY(keys_read_public(owner_path, point, reason));
    status = open_policy(buf_view(&message), owner_path != NULL ? point : NULL, &policy);
    if (status != STATUS_OK) {
        reason_set(reason, "%s: %s", path, status_text(status));
        return status;
    }
    policy_show(&policy, stdout);
    puts(owner_path != NULL ? "Signed by the owner." : "The signature was not verified: no --owner-key was given.");
    warn_of_time(&policy);
    return STATUS_OK;
}

int policy_show_command(const struct command *self, int argc, char *argv[])
{
    const char *owner = NULL;
    const struct argument options[] = {{"--owner-key", ARGUMENT_TEXT, &owner, 0, 0}, {0}};
    const struct argument *const tables[] = {options, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1) {
        reason_set(&reason, "a FILE is needed");
        return command_usage(self, &reason);
    }
    return command_end(self, show(words.list[0], owner, &reason), &reason);
}
