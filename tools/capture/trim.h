/* trim.h: a selection of a capture as a capture of its own, told on stdout. */
#ifndef CAPTURE_TRIM_H
#define CAPTURE_TRIM_H

#include "capture_parts.h"
#include "select.h"

/** As copy_run. */
MUST_USE enum status trim_run(const struct capture_parts *parts, struct selection *selection, const char *to,
                              struct reason *reason);

#endif
