/* policy_text.h: the owner's policy as a person reads and writes it: made from a text file, told in words.
 * Source: PROTOCOL.md section 16, docs/policy.md. */
#ifndef CTL_POLICY_TEXT_H
#define CTL_POLICY_TEXT_H

#include <stdio.h>

#include "config.h"
#include "policy.h"

/** Where public keys that the text names come from. */
struct policy_keys {
    /* path: as written, a relative one joined to the folder of the text. Returns STATUS_OK with the point on the curve,
     * or another status with a sentence in why. */
    enum status (*load)(void *ctx, const char *path, uint8_t point[static P256_POINT_SIZE], struct reason *why);
    void *ctx;
};

/** The keys of the text, for config_print_sample. */
extern const struct config_key policy_text_keys[];

/**
 * Reads the text of a policy. Nothing that makes somebody trusted has a default.
 *
 * keys    asked for each `root` that is not written as hexadecimal digits.
 * bytes   the encoded policy is appended: what the owner signs.
 * out     the same, decoded: views into bytes.
 * reason  says which file, which line or key, and what is wrong.
 *
 * Returns STATUS_CONFIG the text is wrong, or a key cannot be loaded; STATUS_NO_SPACE bytes is too small (POLICY_MAX is
 * enough for every policy that can be used); STATUS_IO no memory.
 */
MUST_USE enum status policy_text_read(const struct config_source *source, const struct policy_keys *keys,
                                      struct buf *bytes, struct policy *out, struct reason *reason);

/** The name of an AEAD as the text spells it; "unknown" for another number. */
const char *policy_algorithm_name(int64_t alg);

/** Tells a policy in English, line by line; one that accepts simulated evidence begins with a warning. */
void policy_show(const struct policy *policy, FILE *out);

#endif
