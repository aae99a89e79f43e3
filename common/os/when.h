/* when.h: moments as people write them. */
#ifndef OS_WHEN_H
#define OS_WHEN_H

#include <stdint.h>

#define WHEN_TEXT 32

/** "2026-11-21T08:00:00Z"; "?" for what no calendar knows. Gives out. */
const char *when_text(uint64_t seconds, char out[static WHEN_TEXT]);

#endif
