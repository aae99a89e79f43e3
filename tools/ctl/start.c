/* start.c: `tacit start` and `tacit stop`. */
#include <inttypes.h>
#include <stdio.h>

#include "network.h"
#include "revoke.h"

#define ROUNDS_MAX         1000000
#define COHORT_LARGEST     65536
#define DEADLINE_MAX_S     604800
#define DEFAULT_DEADLINE_S 600

struct start_options {
    int64_t rounds, cohort, deadline_s;
    bool no_evaluate, lasting;
};

static const char *check_start(void *ctx)
{
    const struct start_options *options = ctx;

    return options->rounds > 0 ? NULL : "--rounds is needed";
}

static enum status start(void *ctx, const struct profile *profile, struct reason *reason)
{
    const struct start_options *options = ctx;
    const struct owner_wish wish = {
        .command = OWNER_START,
        .plan =
            {
                .rounds = (uint32_t)options->rounds,
                .target = (uint32_t)options->cohort,
                .deadline_s = (uint32_t)options->deadline_s,
                .evaluate = !options->no_evaluate,
                .lasting = options->lasting,
            },
    };
    struct owner_outcome outcome;
    int64_t version;

    /* An enclave that restarted has only the list that its host gives it. */
    TRY(revoke_send_again(profile, &version, reason));
    TRY(owner_ask(profile, &wish, &outcome, reason));
    if (version > 0)
        printf("version %" PRId64 " of the revocation list is in force\n", version);
    else if (outcome.revocations > 0)
        fprintf(stderr, "warning: the enclave holds version %" PRIu64 " of a revocation list that is not here\n",
                outcome.revocations);
    printf("%u rounds begin after round %u%s\n", (unsigned int)options->rounds, (unsigned int)outcome.round,
           network_simulated(outcome.simulated));
    return STATUS_OK;
}

int start_command(const struct command *self, int argc, char *argv[])
{
    struct start_options options = {.deadline_s = DEFAULT_DEADLINE_S};
    const struct argument table[] = {
        {"--rounds", ARGUMENT_NUMBER, &options.rounds, 1, ROUNDS_MAX},
        {"--cohort", ARGUMENT_NUMBER, &options.cohort, 1, COHORT_LARGEST},
        {"--deadline", ARGUMENT_NUMBER, &options.deadline_s, 1, DEADLINE_MAX_S},
        {"--no-evaluate", ARGUMENT_FLAG, &options.no_evaluate, 0, 0},
        {"--lasting", ARGUMENT_FLAG, &options.lasting, 0, 0},
        {0},
    };
    const struct network_command command = {.options = table, .ctx = &options, .check = check_start, .work = start};

    return network_run(self, &command, argc, argv);
}

static enum status stop(void *ctx, const struct profile *profile, struct reason *reason)
{
    const struct owner_wish wish = {.command = OWNER_STOP};
    struct owner_outcome outcome;

    (void)ctx;
    TRY(owner_ask(profile, &wish, &outcome, reason));
    printf("no round begins after round %u%s\n", (unsigned int)outcome.round, network_simulated(outcome.simulated));
    return STATUS_OK;
}

int stop_command(const struct command *self, int argc, char *argv[])
{
    static const struct argument none[] = {{0}};
    const struct network_command command = {.options = none, .work = stop};

    return network_run(self, &command, argc, argv);
}
