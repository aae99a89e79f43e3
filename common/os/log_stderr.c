/* log_stderr.c: see log_stderr.h. */
#include "log_stderr.h"

#include <time.h>
#include <unistd.h>

#include "base.h"
#include "clock.h"

/* The escaped form of one character: itself, \\, or \xNN. Returns its length, at most 4. */
static size_t escape(unsigned char character, char out[4])
{
    static const char digits[] = "0123456789abcdef";

    if (character == '\\') {
        out[0] = out[1] = '\\';
        return 2;
    }
    if (character >= 0x20 && character != 0x7f) {
        out[0] = (char)character;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'x';
    out[2] = digits[character >> 4];
    out[3] = digits[character & 15];
    return 4;
}

size_t log_line(uint64_t unix_seconds, enum log_level level, const char *event, const char *detail,
                char out[LOG_MAX_LINE])
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    time_t seconds = (time_t)unix_seconds;
    struct tm when = {0};
    char stamp[32];
    int begun;
    size_t len;

    (void)gmtime_r(&seconds, &when);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &when);
    begun = snprintf(out, LOG_MAX_LINE - 1, "%s %s %s%s", stamp, names[level], event, *detail == '\0' ? "" : " ");
    len = (size_t)begun < LOG_MAX_LINE - 2 ? (size_t)begun : LOG_MAX_LINE - 2;
    for (const char *at = detail; *at != '\0' && len + 4 < LOG_MAX_LINE - 1; at++)
        len += escape((unsigned char)*at, out + len);
    out[len++] = '\n';
    out[len] = '\0';
    return len;
}

static void write_line(void *ctx, enum log_level level, const char *event, const char *detail)
{
    const enum log_level *least = ctx;
    char line[LOG_MAX_LINE];

    if (level < *least)
        return;
    /* A log that cannot be written has nobody to tell. */
    if (write(STDERR_FILENO, line, log_line(clock_unix_seconds(), level, event, detail, line)) < 0)
        return;
}

struct log log_stderr(enum log_level *least)
{
    return (struct log){.write = write_line, .ctx = least};
}
