/* info.h: what `tacit capture info` found, to be printed. */
#ifndef CAPTURE_INFO_H
#define CAPTURE_INFO_H

#include <stdio.h>

#include "survey.h"

/** Sentences, on the heap. */
struct info_lines {
    char **list;
    size_t count;
    bool lost; /* there was no memory for one */
};

struct info {
    struct capture_parts parts;
    struct survey survey;
    bool checked;
    struct info_lines damaged, missing;
};

/** One object on one line; docs/capture.md tells its keys. STATUS_IO. */
MUST_USE enum status info_print_json(const struct info *info, FILE *out);

#endif
