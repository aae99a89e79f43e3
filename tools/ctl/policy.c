/* policy.c: `tacit policy`: sign, show, check, sample. See policy_sign.h. */
#include <inttypes.h>
#include <stdio.h>

#include "arguments.h"
#include "clock.h"
#include "command.h"
#include "file.h"
#include "keys.h"
#include "policy_kind.h"
#include "policy_sign.h"
#include "policy_text.h"

static enum status read_file(void *ctx, const char *path, struct buf *out, struct reason *why)
{
    CLEANUP(file_free) struct buf bytes = {0};

    (void)ctx;
    TRY(file_read(path, POLICY_FILE_MAX, &bytes, why));
    return buf_append(out, buf_view(&bytes));
}

enum status policy_from_file(const char *path, struct buf *out, struct policy *policy, struct reason *reason)
{
    static const struct policy_files files = {read_file, NULL};
    CLEANUP(file_free) struct buf text = {0};
    char folder[FILE_MAX_PATH];
    struct config_source source = {.name = path, .folder = folder};

    if (file_read(path, CONFIG_MAX_FILE, &text, reason) != STATUS_OK)
        return STATUS_CONFIG;
    TRY(file_folder(path, folder, reason));
    source.bytes = buf_view(&text);
    return policy_text_read(&source, &files, out, policy, reason);
}

enum status policy_sign_file(const char *path, const struct p256_key *owner, struct buf *out, struct reason *reason)
{
    uint8_t encoded[POLICY_MAX];
    struct buf payload = BUF_OF(encoded);
    struct policy policy;

    TRY(policy_from_file(path, &payload, &policy, reason));
    return bind_sign(PURPOSE_POLICY, &(struct place){.federation = policy.federation}, owner, &keys_random,
                     buf_view(&payload), out);
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

static enum status sign(const char *from, const char *key_path, const char *to, struct reason *reason)
{
    CLEANUP(p256_key_wipe) struct p256_key owner = {0};
    uint8_t bytes[POLICY_SIGNED_MAX];
    struct buf message = BUF_OF(bytes);
    struct policy policy;

    TRY(keys_read_private(key_path, &owner, reason));
    TRY(policy_sign_file(from, &owner, &message, reason));
    TRY(open_policy(buf_view(&message), owner.point, &policy));
    policy_warn(&policy, stderr);
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

/* ---- without a key ---- */

static enum status check(const char *path, struct reason *reason)
{
    uint8_t encoded[POLICY_MAX];
    struct buf payload = BUF_OF(encoded);
    struct policy policy;

    TRY(policy_from_file(path, &payload, &policy, reason));
    policy_warn(&policy, stderr);
    printf("%s: a good policy of the federation %.*s, version %" PRIu64 "\n", path, (int)policy.federation.len,
           (const char *)policy.federation.ptr, policy.version);
    return STATUS_OK;
}

int policy_check_command(const struct command *self, int argc, char *argv[])
{
    const struct argument *const tables[] = {NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1) {
        reason_set(&reason, "a FILE is needed");
        return command_usage(self, &reason);
    }
    return command_end(self, check(words.list[0], &reason), &reason);
}

int policy_sample_command(const struct command *self, int argc, char *argv[])
{
    const struct argument *const tables[] = {NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count > 1 || (words.count == 1 && policy_kind_find(view_of_string(words.list[0])) == NULL)) {
        reason_set(&reason, "one KIND: sim, sgx, tdx, snp, psa or tpm");
        return command_usage(self, &reason);
    }
    config_print_sample(policy_text_keys, words.count == 0 ? NULL : words.list[0], stdout);
    return EXIT_OK;
}
