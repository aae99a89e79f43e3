/* package.h: what a compute package says about itself, and the options that it is run with. */
#ifndef DAEMON_PACKAGE_H
#define DAEMON_PACKAGE_H

#include "config.h"

#define PACKAGE_MAX_OPTIONS 64 /* of the package, and of the node's own file */

/** The file package.conf of a package. Strings belong to text. */
struct package {
    const char *folder; /* lent by the caller of package_read */
    const char *name, *version, *description;
    int64_t timeout_s; /* longest run, 1 s to a week */
    int64_t memory_mb; /* most memory of a process, up to a TiB; 0: no limit */
    struct config_pairs options;
    struct config_text text;
};

/** Reads FOLDER/package.conf. STATUS_CONFIG with a sentence that names file and line; package_free either way. */
MUST_USE enum status package_read(const char *folder, struct package *out, struct reason *reason);
void package_free(struct package *package);

/**
 * Writes an options file, mode 0600: `key value` lines, each key once. The package's options in its order, with the
 * value of `own` where that has the key; then those of `own` that the package does not list.
 *
 * Returns STATUS_NO_SPACE, STATUS_IO with reason.
 */
MUST_USE enum status package_write_options(const struct package *package, const struct config_pairs *own,
                                           const char *path, struct reason *reason);

#endif
