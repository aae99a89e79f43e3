/* when.c: see when.h. */
#include "when.h"

#include <stdio.h>
#include <time.h>

const char *when_text(uint64_t seconds, char out[static WHEN_TEXT])
{
    const time_t when = (time_t)seconds;
    struct tm fields;

    if (gmtime_r(&when, &fields) == NULL || strftime(out, WHEN_TEXT, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0)
        (void)snprintf(out, WHEN_TEXT, "?");
    return out;
}
