/* random.c: see random.h. */
#include "random.h"

#include <errno.h>
#include <sys/random.h>

enum status os_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return STATUS_IO;
        out += got;
        len -= (size_t)got;
    }
    return STATUS_OK;
}
