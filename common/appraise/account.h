/* account.h: what a device keeps of an appraisal: why it trusts its aggregator, or does not. Pure.
 * Source: PROTOCOL.md section 20. */
#ifndef APPRAISE_ACCOUNT_H
#define APPRAISE_ACCOUNT_H

#include "appraisal.h"
#include "wire_limits.h"

#define ACCOUNT_MAX      16384 /* bytes of an encoded account */
#define ACCOUNT_NAME_MAX 128   /* of a check, an advisory, a TCB status */

/* Under which the node keeps its two accounts. */
#define ACCOUNT_TRUST   "trust"   /* of the enclave that it trusts, or trusted last */
#define ACCOUNT_REFUSAL "refusal" /* of the one that it refused last */

/* Under which it keeps that it saw a fork of the record chain, big endian: the policy's version (8 bytes), the round (4) and
 * the digest of the record that contradicts what it had seen. It holds until the policy's version is higher. */
#define ACCOUNT_FORK      "fork"
#define ACCOUNT_FORK_SIZE (8 + 4 + DIGEST_SIZE)

struct account_check {
    struct view name;
    enum check_outcome outcome;
    enum status reason;
};

/** Views into what it was made of, or into its encoding. */
struct account {
    uint64_t at; /* unix seconds */
    struct view aggregator;
    enum status verdict;         /* of policy, claims and evidence together; STATUS_OK: trusted */
    struct view evidence_digest; /* SHA-256 of the evidence */
    struct view boot_id;         /* empty: the claims were not believed */
    struct view policy_digest;   /* empty: the policy was not believed; so is policy_version 0 */
    uint64_t policy_version;
    struct view kind, measurement, tcb_status; /* the last two may be empty */
    bool simulated, authentic, debug;
    uint64_t not_before, not_after; /* both inclusive; 0, 0: no times */
    uint32_t advisory_count, check_count;
    struct view advisories[APPRAISAL_ADVISORIES_MAX];
    struct account_check checks[APPRAISAL_CHECKS_MAX];
};

/** Takes over what an appraisal found; the rest of the account stays as it is. */
void account_of(const struct appraisal *appraisal, struct account *account);

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason; out views into bytes. */
MUST_USE enum status account_encode(const struct account *account, struct buf *out);
MUST_USE enum status account_decode(struct view bytes, struct account *out);

#endif
