/* programs.h: where the parts of an installation lie, seen from the running program. */
#ifndef CTL_PROGRAMS_H
#define CTL_PROGRAMS_H

#include "file.h"

/** A path with its end. */
struct path {
    char text[FILE_MAX_PATH];
};

/** The path of a program beside this one. STATUS_IO. */
MUST_USE enum status programs_beside(const char *name, struct path *out, struct reason *reason);

/** The first that exists of several paths relative to this program's folder; list ends with NULL.
 *  STATUS_CONFIG with a reason that names `what`. */
MUST_USE enum status programs_find(const char *what, const char *const list[], struct path *out, struct reason *reason);

/** The absolute form of a path that exists. STATUS_CONFIG with a reason. */
MUST_USE enum status programs_absolute(const char *path, struct path *out, struct reason *reason);

#endif
