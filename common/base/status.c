/* status.c: see status.h. */
#include "status.h"

#include <stddef.h>

struct reason {
    enum status status;
    const char *name, *text;
};

static const struct reason reasons[] = {
#define STATUS_ROW(name, number, text) {STATUS_##name, #name, text},
    STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

static const struct reason *find(enum status status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return &reasons[i];
    return NULL;
}

const char *status_name(enum status status)
{
    const struct reason *reason = find(status);
    return reason ? reason->name : "UNKNOWN";
}

const char *status_text(enum status status)
{
    const struct reason *reason = find(status);
    return reason ? reason->text : "an unknown reason";
}
