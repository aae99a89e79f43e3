/* replay.c: `tacit replay`: reads its command line, opens the captures, and chooses the way. */
#include "replay.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "keys.h"
#include "play.h"
#include "replay_command.h"

const char replay_usage[] =
    "FILE... --verify [--rounds A-B] [--json] [--owner-pub FILE] [--aggregator NAME]\n"
    "       tacit replay FILE... --mutate [--seed N] [--count M] [--rounds A-B] [--json] ...\n"
    "  FILE...              a capture, its parts in their order, and what `tacit escrow` wrote\n"
    "  --verify             run the enclave's core on it: manifests, model chunks, receipts, records and models must "
    "come\n"
    "                       out bit for bit. Where the keys of a boot are not there, what needs no keys is checked\n"
    "  --mutate             damage the captured updates, and check that each is refused as docs/replay.md says\n"
    "  --seed N             of the damage (default: 1); the same seed does the same everywhere\n"
    "  --count M            so many damaged updates (default: 100)\n"
    "  --rounds A-B         these rounds, or one; the chain of records is checked whole\n"
    "  --json               a JSON object for each round or case, and one for all\n"
    "  --owner-pub FILE     public key of the owner; else from the defaults file (-c FILE)\n"
    "  --aggregator NAME    which one's rounds, where the capture has several (default: the first)\n"
    "exit codes: 0 everything came out as it was captured; 1 something did not; 2 the command line is wrong; 3 a file "
    "is\n"
    "damaged, no capture, or another's; 5 nothing differs, but not everything could be replayed\n"
    "\n"
    "       tacit replay " PLAY_USAGE;

/* The defaults file is read only where the command line does not name the owner's key: it need not exist. */
static enum status owner_point(const struct profile *given, uint8_t point[static P256_POINT_SIZE],
                               struct reason *reason)
{
    CLEANUP(profile_free) struct profile profile = *given;

    if (given->owner_pub == NULL && given->owner_key == NULL)
        TRY(profile_complete(&profile, true, reason));
    return profile_owner_point(&profile, point, reason);
}

enum status replay_whose(const struct replay_options *options, struct source *source,
                         char aggregator[static NAME_MAX_LEN + 1], struct verify_options *out, struct reason *reason)
{
    const struct profile *profile = options->profile;
    const struct capture_about *about = capture_about(source->parts.list[0]);

    *out = (struct verify_options){
        .federation = view_of_string(about->federation), .from = options->from, .to = options->to};
    if (profile->federation != NULL && strcmp(profile->federation, about->federation) != 0) {
        reason_set(reason, "%s: of federation %s, not of %s", source->parts.paths[0], about->federation,
                   profile->federation);
        return STATUS_CONFIG;
    }
    if (profile->aggregator != NULL) {
        (void)snprintf(aggregator, NAME_MAX_LEN + 1, "%s", profile->aggregator);
    } else if (index_aggregator(source, aggregator) != STATUS_OK) {
        reason_set(reason, "%s: no evidence of an aggregator is in it", source->parts.paths[0]);
        return STATUS_CONFIG;
    }
    out->aggregator = view_of_string(aggregator);
    return owner_point(profile, out->owner_point, reason);
}

/* A part that is not here may hold what a round was made from. */
static void tell_gap(void *ctx, const char *before, const char *after)
{
    const struct command *self = ctx;

    fprintf(stderr, "tacit %s: %s does not follow on %s: messages between them are missing\n", self->name, after,
            before);
}

static int run(const struct command *self, const struct replay_options *options)
{
    CLEANUP(source_close) struct source source = {.parts = {.count = 0}};
    struct command quiet = *self;
    struct reason reason = {""};
    int code;

    if (capture_parts_open(options->paths, options->path_count, &source.parts, tell_gap, &quiet, &reason) !=
        STATUS_OK) {
        (void)command_end(self, STATUS_CONFIG, &reason);
        return EXIT_CONFIG;
    }
    code = options->mutate ? replay_mutate(options, &source, &reason) : replay_verify(options, &source, &reason);
    if (reason.text[0] != '\0')
        fprintf(stderr, "tacit %s: %s\n", self->name, reason.text);
    return code;
}

static const char *check(const struct replay_options *options)
{
    if (options->path_count == 0)
        return "a FILE is needed";
    if (options->verify == options->mutate)
        return "one of --verify, --mutate, --to is needed";
    return NULL;
}

/* Playing has options of its own. */
static bool is_to_be_played(int argc, char *argv[])
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--to") == 0)
            return true;
    return false;
}

int replay_command(const struct command *self, int argc, char *argv[])
{
    struct profile profile = {0};
    struct replay_options options = {.profile = &profile, .seed = 1, .count = 100};
    struct argument_texts words = {.count = 0};
    const char *rounds = NULL, *wrong;
    struct argument common[PROFILE_OPTIONS];
    const struct argument table[] = {
        {"--verify", ARGUMENT_FLAG, &options.verify, 0, 0},
        {"--mutate", ARGUMENT_FLAG, &options.mutate, 0, 0},
        {"--seed", ARGUMENT_NUMBER, &options.seed, 0, INT64_MAX},
        {"--count", ARGUMENT_NUMBER, &options.count, 1, 100000000},
        {"--rounds", ARGUMENT_TEXT, &rounds, 0, 0},
        {"--json", ARGUMENT_FLAG, &options.json, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, common, NULL};
    struct reason reason = {""};

    if (is_to_be_played(argc, argv))
        return replay_play_command(self, argc, argv);
    profile_options(&profile, common);
    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    options.paths = words.list;
    options.path_count = words.count;
    wrong = check(&options);
    if (wrong == NULL && rounds != NULL && !arguments_rounds(rounds, &options.from, &options.to))
        wrong = "--rounds: a number, or two with - between them";
    if (wrong != NULL) {
        reason_set(&reason, "%s", wrong);
        return command_usage(self, &reason);
    }
    return run(self, &options);
}
