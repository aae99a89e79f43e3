/* clock.h: the two clocks. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

/** Seconds since 1970-01-01T00:00:00Z. May jump when the machine's clock is set. */
uint64_t clock_unix_seconds(void);

/** Microseconds since then, for the times of events. */
int64_t clock_unix_us(void);

/** Milliseconds since some moment before the program began; never goes back. For delays. */
uint64_t clock_monotonic_ms(void);

#endif
