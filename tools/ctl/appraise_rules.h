/* appraise_rules.h: the policy that evidence is judged by: a signed one, or its text; told apart by content. */
#ifndef CTL_APPRAISE_RULES_H
#define CTL_APPRAISE_RULES_H

#include "appraise.h"
#include "policy_sign.h"

struct rules {
    struct policy policy;  /* views into memory */
    enum status signature; /* STATUS_OK: verified, or there was nothing to verify with; else why it is not believed */
    bool is_signed;
    uint8_t memory[POLICY_MAX];
};

/** Reads a policy. owner_point: NULL when the owner's key is not known. Returns STATUS_CONFIG with a reason. */
MUST_USE enum status rules_read(const char *path, const uint8_t *owner_point, struct rules *out, struct reason *reason);

/** Whose evidence: both lists, or one. */
enum rules_for { RULES_FOR_BOTH, RULES_FOR_AGGREGATOR, RULES_FOR_DEVICE };

/**
 * Appraises evidence by the entries of its kind; when there are none it looks at what needs no rules, and the check of
 * the kind fails. Returns out->reason. *accepted_for: bits 1 << RULES_FOR_AGGREGATOR, 1 << RULES_FOR_DEVICE of the lists that accepted it.
 */
MUST_USE enum status rules_appraise(const struct rules *rules, enum rules_for whose, const struct evidence *evidence,
                                    struct appraisal *out, unsigned int *accepted_for);

#endif
