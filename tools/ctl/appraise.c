/* appraise.c: `tacit appraise`: what is to be thought of a piece of evidence, check by check. */
#include "appraise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appraise_choose.h"
#include "appraise_inputs.h"
#include "appraise_print.h"
#include "clock.h"
#include "command.h"
#include "heap.h"
#include "snp_terms.h"
#include "tpm_terms.h"
#include "when.h"

/* What came out. */
struct result {
    struct appraisal appraisal;
    unsigned int accepted_for; /* lists of the policy */
};

static enum status judge(const struct inputs *inputs, const struct evidence *evidence, struct result *out)
{
    out->accepted_for = 0;
    if (!inputs->has_rules)
        return appraise_authenticity(evidence, &out->appraisal);
    return rules_appraise(&inputs->rules, inputs->whose, evidence, &out->appraisal, &out->accepted_for);
}

/* Kinds that can do without revocation lists: an old one that only lay in a folder is no reason to refuse. Had it listed a
 * certificate of the chain, that would have been the reason. */
static bool may_do_without_old_lists(const struct inputs *inputs, enum status found)
{
    const struct view kind = inputs->evidence.kind;

    return found == STATUS_EVIDENCE_CRL &&
           (view_equal(kind, VIEW_TEXT(SNP_KIND)) || view_equal(kind, VIEW_TEXT(TPM_KIND))) &&
           choose_has_old_lists(&inputs->gathering, inputs->evidence.now);
}

/* joined and endorsements: lent, for as long as the result is used. */
static enum status examine(struct inputs *inputs, struct buf *joined, struct endorsements *endorsements,
                           struct result *out, struct reason *reason)
{
    struct evidence evidence = inputs->evidence;
    struct wanted wanted = {evidence.kind, evidence.bytes, evidence.now, false};
    enum status found;

    evidence.endorsements = endorsements;
    for (;;) {
        joined->len = 0;
        if (choose(&inputs->gathering, &wanted, joined, endorsements) != STATUS_OK) {
            reason_set(reason, "--endorsements: more than can be used at once: name fewer, or their folder");
            return STATUS_CONFIG;
        }
        found = judge(inputs, &evidence, out);
        if (wanted.current_lists || !may_do_without_old_lists(inputs, found))
            return STATUS_OK;
        wanted.current_lists = true;
    }
}

/* ---- the policy itself ---- */

static enum status times_of(const struct policy *policy, uint64_t now)
{
    if (now < policy->not_before)
        return STATUS_POLICY_NOT_YET;
    return now >= policy->not_after ? STATUS_POLICY_EXPIRED : STATUS_OK;
}

/* A policy that is not the owner's, or no longer, accepts nothing. With --at the question is about another time, for which
 * the policy was not made: then that is only noted. */
static void judge_policy(const struct inputs *inputs, struct appraisal *appraisal)
{
    const enum status times = times_of(&inputs->rules.policy, inputs->evidence.now);

    if (inputs->rules.signature != STATUS_OK)
        (void)appraisal_check(appraisal, "the policy is signed by the owner", inputs->rules.signature);
    if (times != STATUS_OK && inputs->options->at != NULL)
        fprintf(stderr, "note: at that time %s\n", status_text(times));
    else if (times != STATUS_OK)
        (void)appraisal_check(appraisal, "the policy is in its time", times);
    (void)appraisal_end(appraisal);
}

/* ---- */

static void print_question(const struct inputs *inputs)
{
    char moment[WHEN_TEXT];

    printf("%s evidence in %s, as of %s\n", inputs->options->kind, inputs->options->path,
           when_text(inputs->evidence.now, moment));
}

static void print_policy(const struct inputs *inputs, const struct result *result)
{
    static const char *const lists[] = {
        [RULES_FOR_BOTH] = "aggregators and devices",
        [RULES_FOR_AGGREGATOR] = "aggregators",
        [RULES_FOR_DEVICE] = "devices",
    };
    const struct policy *policy = &inputs->rules.policy;
    const unsigned int both = 1u << RULES_FOR_AGGREGATOR | 1u << RULES_FOR_DEVICE;
    const enum rules_for whose = result->accepted_for == both                         ? RULES_FOR_BOTH
                                 : result->accepted_for == 1u << RULES_FOR_AGGREGATOR ? RULES_FOR_AGGREGATOR
                                                                                      : RULES_FOR_DEVICE;

    printf("policy of the federation %.*s, version %" PRIu64 ", what it accepts of %s\n", (int)policy->federation.len,
           (const char *)policy->federation.ptr, policy->version, lists[inputs->whose]);
    if (result->accepted_for != 0)
        printf("it fits what is accepted of %s\n", lists[whose]);
}

static int print(const struct inputs *inputs, const struct result *result)
{
    static const int codes[] = {
        [VERDICT_ACCEPTED] = EXIT_OK, [VERDICT_REFUSED] = EXIT_REFUSED, [VERDICT_AUTHENTIC] = EXIT_AUTHENTIC};
    const enum verdict verdict = verdict_of(&result->appraisal, inputs->has_rules);

    if (inputs->options->json) {
        appraise_print_json(&result->appraisal, verdict, stdout);
    } else {
        print_question(inputs);
        if (inputs->has_rules)
            print_policy(inputs, result);
        appraise_print_words(&result->appraisal, verdict, stdout);
    }
    /* What nobody could read was told to nobody. */
    return fflush(stdout) == 0 ? codes[verdict] : EXIT_REFUSED;
}

static int run(const struct appraise_options *options)
{
    CLEANUP(inputs_free) struct inputs inputs;
    CLEANUP(heap_give) struct buf joined = {0};
    struct endorsements endorsements;
    struct result result = {.accepted_for = 0};
    struct reason reason = {""};
    enum status status = inputs_read(options, &inputs, &reason);

    if (status == STATUS_OK)
        status = heap_take(inputs.gathering.bytes, &joined);
    if (status == STATUS_OK)
        status = examine(&inputs, &joined, &endorsements, &result, &reason);
    if (status != STATUS_OK) {
        fprintf(stderr, "tacit appraise: %s\n", reason.text[0] != '\0' ? reason.text : status_text(status));
        return EXIT_USAGE;
    }
    if (inputs.has_rules)
        judge_policy(&inputs, &result.appraisal);
    return print(&inputs, &result);
}

static bool check_words(const struct argument_texts *words, struct appraise_options *options, struct reason *reason)
{
    char kinds[128] = "";

    for (size_t i = 0; appraiser_kind(i) != NULL; i++)
        (void)snprintf(kinds + strlen(kinds), sizeof kinds - strlen(kinds), " %s", appraiser_kind(i));
    if (words->count != 2)
        reason_set(reason, "a KIND (one of%s) and a file of EVIDENCE are needed", kinds);
    else if (appraiser_find(view_of_string(words->list[0])) == NULL)
        reason_set(reason, "%.40s is no kind of evidence: there are%s", words->list[0], kinds);
    options->kind = words->list[0];
    options->path = words->list[1];
    return reason->text[0] == '\0';
}

int appraise_command(const struct command *self, int argc, char *argv[])
{
    struct appraise_options options = {.json = false};
    const struct argument table[] = {
        {"--endorsements", ARGUMENT_TEXTS, &options.endorsements, 0, 0},
        {"--key", ARGUMENT_TEXT, &options.key, 0, 0},
        {"--ca", ARGUMENT_TEXT, &options.ca, 0, 0},
        {"--signature", ARGUMENT_TEXT, &options.signature, 0, 0},
        {"--pcrs", ARGUMENT_TEXT, &options.pcrs, 0, 0},
        {"--nonce", ARGUMENT_TEXT, &options.nonce, 0, 0},
        {"--policy", ARGUMENT_TEXT, &options.policy, 0, 0},
        {"--owner-key", ARGUMENT_TEXT, &options.owner_key, 0, 0},
        {"--for", ARGUMENT_TEXT, &options.whose, 0, 0},
        {"--name", ARGUMENT_TEXT, &options.name, 0, 0},
        {"--at", ARGUMENT_TEXT, &options.at, 0, 0},
        {"--json", ARGUMENT_FLAG, &options.json, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason) || !check_words(&words, &options, &reason))
        return command_usage(self, &reason);
    return run(&options);
}
