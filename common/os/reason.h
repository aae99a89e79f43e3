/* reason.h: a sentence for a person beside an enum status: which file, which line, what to do. Lent by the caller. */
#ifndef OS_REASON_H
#define OS_REASON_H

#define REASON_MAX 512 /* bytes with the end; longer sentences are cut */

struct reason {
    char text[REASON_MAX];
};

/** Writes the sentence as printf says. NULL for a caller who does not want it. */
__attribute__((format(printf, 2, 3))) void reason_set(struct reason *reason, const char *format, ...);

#endif
