/* random.h: the kernel's random bytes. */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include "base.h"

/**
 * Fills out with len random bytes fit for keys. ctx is not used: the call has the shape of a port.
 * Returns STATUS_IO when the kernel gives none; out is then not to be used.
 */
MUST_USE enum status os_random(void *ctx, uint8_t *out, size_t len);

#endif
