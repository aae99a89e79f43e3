/* files.c: see files.h. */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>

#include "utf8.h"
#include "wire_limits.h"

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

static bool read_round(const char *text, char **end, uint32_t *out)
{
    unsigned long long number = strtoull(text, end, 10);

    *out = (uint32_t)number;
    return text[0] >= '1' && text[0] <= '9' && number <= ROUND_MAX;
}

bool files_rounds(const char *text, uint32_t *from, uint32_t *to)
{
    char *end;

    if (!read_round(text, &end, from))
        return false;
    *to = *from;
    if (*end == '\0')
        return true;
    return *end == '-' && read_round(end + 1, &end, to) && *end == '\0' && *from <= *to;
}
