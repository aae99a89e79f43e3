/* policy_words.c: see policy_words.h. */
#include "policy_words.h"

#include <inttypes.h>
#include <stdarg.h>

#include "crypto.h"

void words_duration(uint64_t seconds, FILE *out)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        const uint64_t count = seconds / units[i].seconds;

        if (seconds % units[i].seconds != 0)
            continue;
        fprintf(out, "%" PRIu64 " %s%s", count, units[i].name, count == 1 ? "" : "s");
        return;
    }
}

void words_digits(struct view bytes, FILE *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        fprintf(out, "%02x", bytes.ptr[i]);
}

void words_text(struct view text, FILE *out)
{
    fwrite(text.ptr, 1, text.len, out);
}

void words_fingerprint(struct view key, FILE *out)
{
    uint8_t digest[SHA256_SIZE];

    fputs("the SHA-256 ", out);
    if (sha256(key, digest) == STATUS_OK)
        words_digits(VIEW_OF(digest), out);
}

void words_allowed(int indent, const char *name, const struct allowed *allowed, FILE *out)
{
    const bool one = allowed->count == 1;

    fprintf(out, "%*s%s: %s", indent, "", name, allowed->any ? "any value\n" : one ? "" : "one of\n");
    for (uint32_t i = 0; i < allowed->count; i++) {
        fprintf(out, "%*s", one ? 0 : indent + 2, "");
        words_digits(allowed->list[i], out);
        fputc('\n', out);
    }
}

void words_line(FILE *out, const char *name, const char *format, ...)
{
    va_list arguments;

    fprintf(out, "%*s%s: ", WORDS_INDENT, "", name);
    va_start(arguments, format);
    (void)vfprintf(out, format, arguments);
    va_end(arguments);
    fputc('\n', out);
}

void words_age(const char *name, const char *before, uint64_t seconds, const char *after, FILE *out)
{
    fprintf(out, "%*s%s: %s", WORDS_INDENT, "", name, before);
    words_duration(seconds, out);
    fprintf(out, "%s\n", after);
}

void words_bits(const char *name, uint64_t set, const struct words_bit *bits, size_t count, const char *instead,
                FILE *out)
{
    bool first = true;

    fprintf(out, "%*s%s: ", WORDS_INDENT, "", name);
    for (size_t i = 0; i < count; i++) {
        if ((set & bits[i].bits) == 0)
            continue;
        fprintf(out, "%s%s", first ? "" : ", ", bits[i].name);
        first = false;
    }
    fprintf(out, "%s\n", first ? instead : "");
}
