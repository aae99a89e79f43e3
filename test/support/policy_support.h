/* policy_support.h: for tests of the owner's text: policies with blocks of any kind, and the files that they name. */
#ifndef SUPPORT_POLICY_SUPPORT_H
#define SUPPORT_POLICY_SUPPORT_H

#include "policy_text.h"

/** Files that there are: keys/root.pub, keys/sensor-1.pub, keys/sensor-2.pub, sim-root.pub, ak-ca.pub (public keys of
 *  TRUST_ROOT, _DEVICE, _OTHER, _ROOT, _OWNER), ak-ca.crt (the certificate GOLDEN_RSA_ROOT), keys/empty, keys/words (no
 *  key), keys/rsa.pub, all in "folder"; /etc/tacit/other.pub (TRUST_OTHER). */
extern const struct policy_files policy_support_files;

/** What stands before the blocks: lines 1 to 9, federation home. */
#define POLICY_SUPPORT_HEAD \
    "federation home\nversion 1\nnot_before 2026-09-21\nnot_after 2027-09-21\nmin_cohort 3\nmax_cohort 100\n" \
    "max_samples 10000\ncredential_lifetime 30d\nmax_parameters 1000000\n"

/** A good block of simulated evidence, four lines: `who` is aggregator or device. */
#define POLICY_SUPPORT_SIM(who) \
    who "_evidence sim\nroot keys/root.pub\nmax_age 1h\n" \
        "measurement aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"

/** Reads a text called policy.conf in the folder "folder". */
MUST_USE enum status policy_support_read(const char *text, struct buf *bytes, struct policy *out,
                                         struct reason *reason);

/** Reads a policy whose aggregator block is this text, which begins on line 10; the device's is simulated. bytes may be
 *  read from as long as the policy is used. */
MUST_USE enum status policy_support_read_block(const char *block, struct buf *bytes, struct policy *out,
                                               struct reason *reason);

#endif
