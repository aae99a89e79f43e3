/* check_host.c: all checks in their order; the plan itself, the aggregator's memory, the links. See doctor_checks.h. */
#include <inttypes.h>

#include "doctor_checks.h"

static void plan_finding(const struct checking *checking, bool well, const char *change, const char *why)
{
    struct finding *finding = finding_add(checking->out, "plan", well ? CHECK_OK : CHECK_BAD, NULL, "%s", why);

    (void)snprintf(finding->where, sizeof finding->where, "the plan");
    finding_now(finding, "as it is");
    finding_change(finding, "%s", change);
}

void check_plan(const struct checking *checking)
{
    const struct plan *plan = checking->plan;
    const struct plan_asked *asked = &plan->asked;
    const struct policy *policy = &asked->policy;
    bool well = true;

    if (asked->parameters > policy->max_parameters) {
        plan_finding(checking, false, "max_parameters of the policy",
                     "the policy takes no model of so many parameters");
        well = false;
    }
    if (plan->chunks > CHUNKS_MAX) {
        plan_finding(checking, false, "max_packet of the policy", "the model needs more than 4096 chunks");
        well = false;
    }
    if (asked->cohort < policy->min_cohort || asked->cohort > policy->max_cohort) {
        plan_finding(checking, false, "--cohort, or min_cohort and max_cohort of the policy",
                     "the cohort is not one that the policy allows");
        well = false;
    }
    if (asked->cohort * policy->max_samples > WEIGHT_LIMIT) {
        plan_finding(checking, false, "--cohort, or max_samples of the policy",
                     "cohort times samples is above 2^32: the enclave opens no such round");
        well = false;
    }
    if (asked->cohort > asked->devices) {
        plan_finding(checking, false, "--cohort or --devices", "a round waits for more updates than there are devices");
        well = false;
    }
    if (well)
        (void)finding_add(checking->out, "plan", CHECK_OK, NULL,
                          "%" PRIu64 " parameters: a model and an update of %" PRIu64 " bytes in %" PRIu64
                          " chunks each; %" PRIu64 " devices, cohorts of %" PRIu64,
                          asked->parameters, plan->model.bytes, plan->chunks, asked->devices, asked->cohort);
}

void check_host(const struct checking *checking)
{
    const struct plan *plan = checking->plan;
    const struct conf_line *line = conf_global(checking->host, "memory");
    const uint64_t turns = plan->admitted == 0 ? 0 : (plan->asked.cohort + plan->admitted - 1) / plan->admitted;
    struct finding *finding;

    if (plan->admitted == 0)
        finding = finding_add(checking->out, "aggregator's memory", CHECK_BAD, NULL,
                              "one update takes %" PRIu64 " bytes sealed, more than all: no update is ever granted",
                              plan->update_cost);
    else
        finding = finding_add(checking->out, "aggregator's memory", turns > 16 ? CHECK_WEAK : CHECK_OK, NULL,
                              "%" PRIu64 " updates of %" PRIu64 " bytes come in at a time, so a cohort of %" PRIu64
                              " comes in %" PRIu64 " turn%s",
                              plan->admitted, plan->update_cost, plan->asked.cohort, turns, turns == 1 ? "" : "s");
    if (checking->host->file_count > 0)
        (void)conf_place(checking->host, line, finding->where);
    else
        (void)snprintf(finding->where, sizeof finding->where, "the aggregator's configuration");
    finding_now(finding, "memory %" PRIu64, plan->asked.memory);
    finding_change(finding, "memory %" PRIu64 "M",
                   (plan->update_cost * (plan->admitted == 0 ? 1 : (plan->asked.cohort + 15) / 16) >> 20) + 1);
}

/* Seconds that so many bytes take, rounded up. */
static uint64_t seconds(uint64_t bytes, uint64_t kbit)
{
    return bytes / (kbit * 125) + 1;
}

static void check_link(const struct checking *checking, const char *check, const char *option, uint64_t kbit,
                       uint64_t bytes)
{
    const uint64_t deadline = checking->plan->asked.deadline_s, takes = seconds(bytes, kbit);
    struct finding *finding =
        finding_add(checking->out, check, takes <= deadline ? CHECK_OK : CHECK_BAD, NULL,
                    "%" PRIu64 " bytes in a round take %" PRIu64 " s at %" PRIu64 " kbit/s, without training; the "
                    "deadline is %" PRIu64 " s",
                    bytes, takes, kbit, deadline);

    (void)snprintf(finding->where, sizeof finding->where, "the plan");
    finding_now(finding, "--deadline %" PRIu64 " %s %" PRIu64, deadline, option, kbit);
    finding_change(finding, "--deadline %" PRIu64, 2 * takes);
}

void check_links(const struct checking *checking)
{
    const struct plan *plan = checking->plan;
    const struct plan_asked *asked = &plan->asked;

    if (asked->link_kbit > 0)
        check_link(checking, "link of a device", "--link-kbit", asked->link_kbit,
                   plan->model.bytes + plan->update.bytes);
    if (asked->shared_kbit > 0)
        check_link(checking, "link of the broker", "--shared-kbit", asked->shared_kbit,
                   asked->devices * plan->model.bytes + asked->cohort * plan->update.bytes);
}

void check_all(const struct checking *checking)
{
    static void (*const checks[])(const struct checking *) = {
        check_plan,   check_values,      check_packet,   check_queues,    check_inflight,
        check_memory, check_persistence, check_messages, check_listeners, check_descriptors,
        check_access, check_bridges,     check_host,     check_links,
    };

    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        checks[i](checking);
}
