/* runner_fail.c: what a person reads when it did not work. */
#include <stdarg.h>
#include <stdio.h>

#include "runner.h"

enum runner_exit runner_fail(enum runner_exit code, const char *format, ...)
{
    va_list arguments;

    fputs("tacit-run: ", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return code;
}
