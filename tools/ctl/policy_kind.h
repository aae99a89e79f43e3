/* policy_kind.h: one kind of evidence in the owner's policy: how its block is read, how its rules are told in words.
 * Used by the policy files alone. */
#ifndef CTL_POLICY_KIND_H
#define CTL_POLICY_KIND_H

#include <stdio.h>

#include "config_line.h"
#include "policy.h"

/** A block that was read, and how to refuse it. */
struct policy_block {
    const struct config_source *source;
    const char *name; /* the keyword that opens it */
    const struct config_block *block;
    struct reason *reason;
};

/** Where warnings go, and what stands before each. */
struct policy_warner {
    FILE *out;
    const char *who, *kind;
    uint32_t number; /* of the block among several of the same keyword, from 1; 0: there is one */
};

struct policy_kind {
    struct config_block_kind text;
    /* What no line says alone is checked; the rules are encoded. STATUS_CONFIG, STATUS_NO_SPACE. */
    enum status (*make)(const struct policy_block *block, struct buf *rules);
    void (*show)(struct view rules, FILE *out);
    void (*warn)(struct view rules, const struct policy_warner *to);
};

extern const struct policy_kind policy_sim, policy_sgx, policy_tdx, policy_snp, policy_psa, policy_tpm;

/** The table, for config.h; and the row of a kind, or NULL. */
extern const struct config_block_kind *const policy_kinds[];
const struct policy_kind *policy_kind_find(struct view kind);

/** Says what is wrong with a block: at the line of that key, or else where it begins. Gives STATUS_CONFIG. */
__attribute__((format(printf, 3, 4))) enum status policy_refuse(const struct policy_block *block, const char *key,
                                                                const char *format, ...);

/** True when a key stands in the block. */
bool policy_has(const struct policy_block *block, const char *key);

/** One warning. */
__attribute__((format(printf, 2, 3))) void policy_warn_of(const struct policy_warner *to, const char *format, ...);

/* Of each kind: what its policy_show file says. Rules that do not decode say nothing. */
void policy_show_sim(struct view rules, FILE *out);
void policy_show_sgx(struct view rules, FILE *out);
void policy_show_tdx(struct view rules, FILE *out);
void policy_show_snp(struct view rules, FILE *out);
void policy_show_psa(struct view rules, FILE *out);
void policy_show_tpm(struct view rules, FILE *out);
void policy_warn_sim(struct view rules, const struct policy_warner *to);
void policy_warn_sgx(struct view rules, const struct policy_warner *to);
void policy_warn_tdx(struct view rules, const struct policy_warner *to);
void policy_warn_snp(struct view rules, const struct policy_warner *to);
void policy_warn_psa(struct view rules, const struct policy_warner *to);
void policy_warn_tpm(struct view rules, const struct policy_warner *to);

#endif
