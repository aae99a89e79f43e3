/* policy_show.c: a policy in English. See policy_text.h. */
#include <inttypes.h>

#include "policy_kind.h"
#include "policy_text.h"
#include "policy_words.h"
#include "when.h"

static void show_accepted(const char *who, const struct accepted *list, uint32_t count, FILE *out)
{
    fprintf(out, "%s must show%s:\n", who, count == 1 ? "" : " any one of");
    for (uint32_t i = 0; i < count; i++) {
        const struct policy_kind *kind = policy_kind_find(list[i].kind);

        if (kind != NULL)
            kind->show(list[i].rules, out);
        else
            fprintf(out, "  evidence of the kind %.*s\n", (int)list[i].kind.len, (const char *)list[i].kind.ptr);
    }
}

static void warn_accepted(const char *who, const struct accepted *list, uint32_t count, FILE *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct policy_kind *kind = policy_kind_find(list[i].kind);

        if (kind != NULL)
            kind->warn(list[i].rules, &(struct policy_warner){out, who, kind->text.value, count == 1 ? 0 : i + 1});
    }
}

void policy_warn(const struct policy *policy, FILE *out)
{
    if (policy_is_simulated(policy))
        fputs("*** SIMULATED: this policy accepts simulated evidence. Nothing made under it is confidential. ***\n",
              out);
    if (policy->min_cohort == 1)
        fputs("WARNING: with a minimum cohort of 1 a released model can be the update of a single device.\n", out);
    warn_accepted("aggregator_evidence", policy->aggregator, policy->aggregator_count, out);
    warn_accepted("device_evidence", policy->device, policy->device_count, out);
}

static void show_rounds(const struct policy *policy, FILE *out)
{
    fprintf(out,
            "A model is released when at least %" PRIu32 " updates went into it; a round takes at most %" PRIu32 ".\n",
            policy->min_cohort, policy->max_cohort);
    fprintf(out, "An update counts for at most %" PRIu32 " samples.\n", policy->max_samples);
    fprintf(out, "The sum keeps %" PRIu32 " bits behind the point: no parameter changes by %" PRIu32 " or more.\n",
            policy->fraction_bits, UINT32_C(1) << (31 - policy->fraction_bits));
    fprintf(out, "A model has at most %" PRIu64 " parameters.\n", policy->max_parameters);
}

static void show_messages(const struct policy *policy, FILE *out)
{
    fputs("A device enrols again after ", out);
    words_duration(policy->credential_s, out);
    fputs("; a challenge may be answered for ", out);
    words_duration(policy->challenge_s, out);
    fputs(".\nUpdates are sealed with ", out);
    for (uint32_t i = 0; i < policy->alg_count; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ", or else ", policy_algorithm_name(policy->algs[i]));
    fprintf(out, ".\nA packet has at most %" PRIu32 " bytes, a chunk in it at most %" PRIu32 ".\n", policy->max_packet,
            policy_chunk_size(policy));
}

void policy_show(const struct policy *policy, FILE *out)
{
    char from[WHEN_TEXT], until[WHEN_TEXT];

    policy_warn(policy, out);
    fprintf(out, "Policy of the federation %.*s, version %" PRIu64 ".\n", (int)policy->federation.len,
            (const char *)policy->federation.ptr, policy->version);
    fprintf(out, "Valid from %s until before %s.\n", when_text(policy->not_before, from),
            when_text(policy->not_after, until));
    show_accepted("An aggregator", policy->aggregator, policy->aggregator_count, out);
    show_accepted("A device", policy->device, policy->device_count, out);
    show_rounds(policy, out);
    show_messages(policy, out);
}
