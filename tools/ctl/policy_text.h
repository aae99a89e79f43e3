/* policy_text.h: the owner's policy as a person reads and writes it: made from a text file, told in words.
 * Source: PROTOCOL.md section 16, docs/policy.md. */
#ifndef CTL_POLICY_TEXT_H
#define CTL_POLICY_TEXT_H

#include <stdio.h>

#include "config.h"
#include "policy.h"

#define POLICY_FILE_MAX 8192 /* bytes of a file that the text names: a key or a certificate */

/** Where files that the text names come from. */
struct policy_files {
    /* path: as written, a relative one joined to the folder of the text. Appends the file's bytes to out, which has room
     * for POLICY_FILE_MAX. Returns STATUS_OK, or another status with a sentence in why. */
    enum status (*read)(void *ctx, const char *path, struct buf *out, struct reason *why);
    void *ctx;
};

/** The keys of the text, for config_print_sample. */
extern const struct config_key policy_text_keys[];

/**
 * Reads the text of a policy. Nothing that makes somebody trusted has a default.
 *
 * source  its ctx is not looked at.
 * files   asked for keys and certificates that are not written as hexadecimal digits.
 * bytes   the encoded policy is appended: what the owner signs.
 * out     the same, decoded: views into bytes.
 * reason  says which file, which line and key, what is wrong, and what to write instead.
 *
 * Returns STATUS_CONFIG the text is wrong, or a file cannot be loaded; STATUS_NO_SPACE bytes is too small (POLICY_MAX is
 * enough for every policy that can be used); STATUS_IO no memory.
 */
MUST_USE enum status policy_text_read(const struct config_source *source, const struct policy_files *files,
                                      struct buf *bytes, struct policy *out, struct reason *reason);

/** The name of an AEAD as the text spells it; "unknown" for another number. */
const char *policy_algorithm_name(int64_t alg);

/** Tells a policy in English, line by line, warnings first. */
void policy_show(const struct policy *policy, FILE *out);

/** One line for each choice that weakens the policy; nothing when there is none. */
void policy_warn(const struct policy *policy, FILE *out);

#endif
