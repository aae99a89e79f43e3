/* log.h: where events go: a sink of two pointers, so that state machines can tell what happened without knowing where
 * it is written. An event has a fixed name; what varies stands in the detail. Secrets are never given to it.
 *
 * All of it stands in this header: the enclave links every object of common/base and never logs, so it must not import
 * the formatting of libc. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdio.h>

#define LOG_MAX_DETAIL 512 /* bytes of a detail with its end; longer ones are cut */

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log {
    /* event: a fixed name ("round_opened"); detail: free text that may hold bytes from outside, so the sink escapes
     * control characters. Both live until the call returns. */
    void (*write)(void *ctx, enum log_level level, const char *event, const char *detail);
    void *ctx;
};

/** Gives one event to the sink, its detail as printf says, cut at LOG_MAX_DETAIL. No log (NULL) is no event. */
__attribute__((format(printf, 4, 5))) static inline void log_event(const struct log *log, enum log_level level,
                                                                   const char *event, const char *format, ...)
{
    char detail[LOG_MAX_DETAIL];
    va_list arguments;

    if (log == NULL || log->write == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    log->write(log->ctx, level, event, detail);
}

#endif
