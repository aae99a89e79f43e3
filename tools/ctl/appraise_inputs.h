/* appraise_inputs.h: what the command line of `tacit appraise` names, read. */
#ifndef CTL_APPRAISE_INPUTS_H
#define CTL_APPRAISE_INPUTS_H

#include "appraise_gather.h"
#include "appraise_rules.h"
#include "arguments.h"

#define EVIDENCE_FILE_MAX (16u << 20) /* bytes of EVIDENCE */

struct appraise_options {
    const char *kind, *path; /* KIND, EVIDENCE */
    struct argument_texts endorsements;
    const char *key, *ca, *signature, *pcrs, *nonce, *policy, *owner_key, *whose, *name, *at;
    bool json;
};

/** Everything that was read. Views go into its own bufs. */
struct inputs {
    const struct appraise_options *options;
    struct evidence evidence; /* endorsements are not set */
    struct gathering gathering;
    bool has_rules;
    struct rules rules;
    enum rules_for whose;
    struct buf file, key, authority, signature, pcrs, container, space;
    uint8_t nonce[SHA512_SIZE];
};

/** Reads all files, all times and numbers. Notes go to stderr. Returns STATUS_CONFIG, STATUS_IO with a reason that says
 *  what to do. out is to be freed whatever is returned. */
MUST_USE enum status inputs_read(const struct appraise_options *options, struct inputs *out, struct reason *reason);

/** Wipes and frees; for CLEANUP. */
void inputs_free(struct inputs *inputs);

/** Seconds since 1970 in digits, or what policies take (policy_set_time). NULL when well, else what is wrong. */
const char *inputs_time(const char *text, uint64_t *out);

#endif
