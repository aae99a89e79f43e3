/* files.c: see files.h. */
#include "files.h"

#include <stdio.h>

#include "utf8.h"

static void tell_gap(void *ctx, const char *before, const char *after)
{
    const struct command *self = ctx;

    fprintf(stderr, "tacit %s: %s does not follow on %s: messages between them are missing\n", self->name, after,
            before);
}

enum status files_open(const struct command *self, const struct argument_texts *words, struct capture_parts *out,
                       struct reason *reason)
{
    enum status status = capture_parts_open(words->list, words->count, out, tell_gap, (void *)(uintptr_t)self, reason);

    return status == STATUS_OK ? STATUS_OK : STATUS_CONFIG;
}

const char *files_text(const char *text)
{
    return utf8_printable(view_of_string(text)) ? text : "(not printable)";
}
