/* replay.h: what `tacit replay` can do with a capture: each is a file of its own. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "mutate.h"
#include "profile.h"
#include "source.h"
#include "verdict.h"

/** The command line of `tacit replay`, as far as all ways share it. Texts are lent. */
struct replay_options {
    const struct profile *profile; /* not completed: what stood on the command line */
    const char *const *paths;      /* the captures */
    size_t path_count;
    bool json;
    uint32_t from, to; /* --rounds; 0: no bound */

    bool verify, mutate;
    int64_t seed, count; /* of --mutate */
};

/** Exit codes besides those of command.h: nothing differs, but not everything could be replayed. */
enum { REPLAY_INCOMPLETE = 5 };

/** Each does its work on the open captures and returns the exit code; reason says what is wrong where something is that is no finding. */
int replay_verify(const struct replay_options *options, struct source *source, struct reason *reason);
int replay_mutate(const struct replay_options *options, struct source *source, struct reason *reason);

/** Whose capture it is and by whose key it is judged: options->profile, completed. STATUS_CONFIG, STATUS_NOT_FOUND with a
 *  reason. `aggregator` is memory for its name. */
MUST_USE enum status replay_whose(const struct replay_options *options, struct source *source,
                                  char aggregator[static NAME_MAX_LEN + 1], struct verify_options *out,
                                  struct reason *reason);

#endif
