/* reason.c: see reason.h. */
#include "reason.h"

#include <stdarg.h>
#include <stdio.h>

void reason_set(struct reason *reason, const char *format, ...)
{
    va_list arguments;

    if (reason == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(reason->text, sizeof reason->text, format, arguments);
    va_end(arguments);
}
