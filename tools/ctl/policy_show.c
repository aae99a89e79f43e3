/* policy_show.c: a policy in English. See policy_text.h. */
#include <inttypes.h>
#include <time.h>

#include "appraise.h"
#include "policy_text.h"
#include "sim.h"

static void show_time(uint64_t seconds, FILE *out)
{
    const time_t when = (time_t)seconds;
    char text[sizeof "2026-11-21 08:00:00 UTC"];
    struct tm fields;

    if (gmtime_r(&when, &fields) != NULL && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &fields) > 0)
        fputs(text, out);
}

/* In the largest unit that fits without a rest. */
static void show_duration(uint64_t seconds, FILE *out)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        const uint64_t count = seconds / units[i].seconds;

        if (seconds % units[i].seconds != 0)
            continue;
        fprintf(out, "%" PRIu64 " %s%s", count, units[i].name, count == 1 ? "" : "s");
        return;
    }
}

static void show_digits(struct view bytes, FILE *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        fprintf(out, "%02x", bytes.ptr[i]);
}

static void show_sim(struct view rules_bytes, FILE *out)
{
    uint8_t root[P256_POINT_SIZE];
    struct sim_rules rules;

    if (sim_rules_decode(rules_bytes, &rules) != STATUS_OK || cose_key_decode(rules.root, root) != STATUS_OK)
        return;
    fputs("  SIMULATED evidence, at most ", out);
    show_duration(rules.max_age_s, out);
    fputs(" old, signed by the root\n    ", out);
    show_digits(VIEW_OF(root), out);
    fprintf(out, "\n  for a program with %s\n", rules.count == 1 ? "the SHA-256" : "one of the SHA-256");
    for (uint32_t i = 0; i < rules.count; i++) {
        fputs("    ", out);
        show_digits(rules.measurements[i], out);
        fputc('\n', out);
    }
}

static void show_accepted(const char *who, const struct accepted *list, uint32_t count, FILE *out)
{
    fprintf(out, "%s must show%s:\n", who, count == 1 ? "" : " any one of");
    for (uint32_t i = 0; i < count; i++) {
        if (view_equal(list[i].kind, VIEW_TEXT(SIM_KIND)))
            show_sim(list[i].rules, out);
        else
            fprintf(out, "  evidence of the kind %.*s\n", (int)list[i].kind.len, (const char *)list[i].kind.ptr);
    }
}

static void show_rounds(const struct policy *policy, FILE *out)
{
    fprintf(out,
            "A model is released when at least %" PRIu32 " updates went into it; a round takes at most %" PRIu32 ".\n",
            policy->min_cohort, policy->max_cohort);
    if (policy->min_cohort == 1)
        fputs("WARNING: with a minimum cohort of 1 a released model can be the update of a single device.\n", out);
    fprintf(out, "An update counts for at most %" PRIu32 " samples.\n", policy->max_samples);
    fprintf(out, "The sum keeps %" PRIu32 " bits behind the point: no parameter changes by %" PRIu32 " or more.\n",
            policy->fraction_bits, UINT32_C(1) << (31 - policy->fraction_bits));
    fprintf(out, "A model has at most %" PRIu64 " parameters.\n", policy->max_parameters);
}

static void show_messages(const struct policy *policy, FILE *out)
{
    fputs("A device enrols again after ", out);
    show_duration(policy->credential_s, out);
    fputs("; a challenge may be answered for ", out);
    show_duration(policy->challenge_s, out);
    fputs(".\nUpdates are sealed with ", out);
    for (uint32_t i = 0; i < policy->alg_count; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ", or else ", policy_algorithm_name(policy->algs[i]));
    fprintf(out, ".\nA packet has at most %" PRIu32 " bytes, a chunk in it at most %" PRIu32 ".\n", policy->max_packet,
            policy_chunk_size(policy));
}

void policy_show(const struct policy *policy, FILE *out)
{
    if (policy_is_simulated(policy))
        fputs("*** SIMULATED: this policy accepts simulated evidence. Nothing made under it is confidential. ***\n",
              out);
    fprintf(out, "Policy of the federation %.*s, version %" PRIu64 ".\n", (int)policy->federation.len,
            (const char *)policy->federation.ptr, policy->version);
    fputs("Valid from ", out);
    show_time(policy->not_before, out);
    fputs(" until before ", out);
    show_time(policy->not_after, out);
    fputs(".\n", out);
    show_accepted("An aggregator", policy->aggregator, policy->aggregator_count, out);
    show_accepted("A device", policy->device, policy->device_count, out);
    show_rounds(policy, out);
    show_messages(policy, out);
}
