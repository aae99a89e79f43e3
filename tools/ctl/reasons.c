/* reasons.c: `tacit reasons`. */
#include <stdio.h>

#include "arguments.h"
#include "command.h"

int reasons_command(const struct command *self, int argc, char *argv[])
{
    static const struct argument *const none[] = {NULL};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, none, NULL, &reason))
        return command_usage(self, &reason);
#define PRINT_ROW(name, number, text) printf("%3d  %-20s  %s\n", number, #name, text);
    STATUS_TABLE(PRINT_ROW)
#undef PRINT_ROW
    return EXIT_OK;
}
