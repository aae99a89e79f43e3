/* log_stderr.h: the sink of our programs: one line of text for each event, on stderr. */
#ifndef OS_LOG_STDERR_H
#define OS_LOG_STDERR_H

#include <stddef.h>
#include <stdint.h>

#include "log.h"

/* A line of log_line at its longest: every character of a full detail escaped as \xNN. */
#define LOG_MAX_LINE (4 * LOG_MAX_DETAIL + 128)

/**
 * A log that writes `2026-11-21T08:00:00Z info event detail` to stderr, one write() for each line.
 *
 * least  events below this level are left out; lent, read at every event, so it may change while the program runs.
 */
struct log log_stderr(enum log_level *least);

/**
 * The line of one event, with its newline and an end. Control characters and DEL become \xNN, a backslash \\.
 * unix_seconds is 0 or later. Returns the length without the end; a line past LOG_MAX_LINE is cut.
 */
size_t log_line(uint64_t unix_seconds, enum log_level level, const char *event, const char *detail,
                char out[LOG_MAX_LINE]);

#endif
