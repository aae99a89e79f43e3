/* command.c: see command.h. */
#include "command.h"

#include <stdio.h>

int command_usage(const struct command *self, const struct reason *reason)
{
    fprintf(stderr, "tacit %s: %s\nusage: tacit %s %s", self->name, reason->text, self->name, self->usage);
    return EXIT_USAGE;
}

int command_end(const struct command *self, enum status status, const struct reason *reason)
{
    if (status == STATUS_OK)
        return EXIT_OK;
    fprintf(stderr, "tacit %s: %s\n", self->name, reason->text[0] != '\0' ? reason->text : status_text(status));
    switch (status) {
    case STATUS_CONFIG:
        return EXIT_CONFIG;
    case STATUS_TIMEOUT:
    case STATUS_NO_CONNECTION:
        return EXIT_UNREACHABLE;
    default:
        return EXIT_REFUSED;
    }
}
