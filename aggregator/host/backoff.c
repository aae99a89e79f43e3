/* backoff.c: see backoff.h. */
#include "backoff.h"

void backoff_works(struct backoff *backoff, uint64_t now)
{
    if (!backoff->works)
        backoff->since = now;
    backoff->works = true;
}

uint32_t backoff_fails(struct backoff *backoff, uint64_t now)
{
    const bool anew = backoff->last == 0 || (backoff->works && now - backoff->since >= backoff->most);

    if (anew)
        backoff->last = backoff->least;
    else
        backoff->last = backoff->last > backoff->most / 2 ? backoff->most : 2 * backoff->last;
    backoff->works = false;
    return backoff->last;
}
