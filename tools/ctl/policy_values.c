/* policy_values.c: see policy_values.h. policy_algorithm_name: see policy_text.h. */
#include "policy_values.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy_text.h"
#include "topic.h"
#include "x509.h"

#define ANY "any"

const char *const policy_no_yes[] = {"no", "yes", NULL};
const char *const policy_crl_words[] = {"optional", "required", NULL};

/* ---- federation, times, algorithms ---- */

static const struct {
    const char *name;
    int64_t alg;
} algorithm_names[] = {
    {"A256GCM", AEAD_A256GCM},
    {"A128GCM", AEAD_A128GCM},
    {"ChaCha20-Poly1305", AEAD_CHACHA20_POLY1305},
    {"AES-CCM-16-128-256", AEAD_CCM_16_128_256},
};

const char *policy_algorithm_name(int64_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithm_names); i++)
        if (algorithm_names[i].alg == alg)
            return algorithm_names[i].name;
    return "unknown";
}

static int64_t find_algorithm(struct view name)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithm_names); i++)
        if (view_equal(name, view_of_string(algorithm_names[i].name)))
            return algorithm_names[i].alg;
    return 0;
}

static const char *add_algorithm(struct policy_algorithms *list, struct view name)
{
    const int64_t alg = find_algorithm(name);

    if (alg == 0)
        return "there are A256GCM, A128GCM, ChaCha20-Poly1305 and AES-CCM-16-128-256";
    for (uint32_t i = 0; i < list->count; i++)
        if (list->list[i] == alg)
            return "an algorithm stands twice";
    /* None twice, so there are never more than there are names. */
    list->list[list->count++] = alg;
    return NULL;
}

const char *policy_set_algorithms(void *field, const char *value)
{
    struct policy_algorithms list = {0};

    while (*value != '\0') {
        const size_t length = strcspn(value, " \t");
        const char *wrong = add_algorithm(&list, (struct view){(const uint8_t *)value, length});

        if (wrong != NULL)
            return wrong;
        value += length + strspn(value + length, " \t");
    }
    *(struct policy_algorithms *)field = list;
    return NULL;
}

const char *policy_set_federation(void *field, const char *value)
{
    if (!name_valid(view_of_string(value)))
        return "1 to 64 letters, digits, - or _ are allowed";
    *(const char **)field = value;
    return NULL;
}

const char *policy_set_time(void *field, const char *value)
{
    static const char wrong[] = "neither a date like 2026-11-21 nor a time like 2026-11-21T08:00:00Z";
    char whole[sizeof "2026-11-21T08:00:00Z"], again[sizeof whole];
    const bool date_only = strlen(value) == strlen("2026-11-21");
    struct tm fields = {0};
    time_t seconds;

    if (strlen(value) + (date_only ? strlen("T00:00:00Z") : 0) != sizeof whole - 1)
        return wrong;
    (void)snprintf(whole, sizeof whole, "%s%s", value, date_only ? "T00:00:00Z" : "");
    if (strptime(whole, "%Y-%m-%dT%H:%M:%SZ", &fields) == NULL)
        return wrong;
    seconds = timegm(&fields);
    if (seconds < 0 || seconds > (time_t)TIME_MAX || gmtime_r(&seconds, &fields) == NULL)
        return "before 1970 or after 2099";
    /* What was made of it must print as the same text again: so there is no 30th of February. */
    if (strftime(again, sizeof again, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0 || strcmp(again, whole) != 0)
        return wrong;
    *(uint64_t *)field = (uint64_t)seconds;
    return NULL;
}

/* ---- words ---- */

enum status policy_next(const struct config_line *line, char **rest, const char *what, char **out)
{
    *out = config_word(rest);
    return *out != NULL ? STATUS_OK
                        : config_refuse_line(line, "%s is missing; write it as in: %s %s", what, line->key->name,
                                             line->key->sample);
}

enum status policy_end(const struct config_line *line, char **rest)
{
    const char *word = config_word(rest);

    return word == NULL ? STATUS_OK
                        : config_refuse_line(line, "\"%.64s\" is one word too many; write it as in: %s %s", word,
                                             line->key->name, line->key->sample);
}

/* ---- digits and numbers ---- */

bool policy_all_digits(const char *word)
{
    return word[strspn(word, "0123456789abcdefABCDEF")] == '\0';
}

static enum status refuse_digits(const struct config_line *line, const char *word, size_t min, size_t max)
{
    char found[sizeof ", but 18446744073709551615"] = "";

    if (policy_all_digits(word))
        (void)snprintf(found, sizeof found, ", but %zu", strlen(word));
    if (min == max)
        return config_refuse_line(line, "\"%.64s\" is not %zu hexadecimal digits%s", word, 2 * max, found);
    return config_refuse_line(line, "\"%.64s\" is not %zu to %zu hexadecimal digits%s", word, 2 * min, 2 * max, found);
}

enum status policy_hex(const struct config_line *line, const char *word, size_t min, size_t max, struct view *out)
{
    const size_t size = strlen(word) / 2;
    struct buf bytes = {.cap = size};

    if (size < min || size > max)
        return refuse_digits(line, word, min, max);
    bytes.ptr = config_allocate(line->text, size);
    if (bytes.ptr == NULL)
        return STATUS_IO;
    if (hex_decode(view_of_string(word), &bytes) != STATUS_OK)
        return refuse_digits(line, word, min, max);
    *out = buf_view(&bytes);
    return STATUS_OK;
}

enum status policy_number(const struct config_line *line, const char *name, const char *word, int64_t max, int64_t *out)
{
    const struct config_key key = {.name = name, .type = CONFIG_INTEGER, .max = max};
    struct reason what;

    if (config_number(&key, word, out, &what) != STATUS_OK)
        return config_refuse_line(line, "%s", what.text);
    return STATUS_OK;
}

enum status policy_add(const struct config_line *line, struct view value, struct allowed *to)
{
    if (to->any)
        return config_refuse_line(line, ANY " stands beside other values; write either");
    if (to->count == ALLOWED_MAX)
        return config_refuse_line(line, "more than %d values", ALLOWED_MAX);
    if (to->count > 0 && allowed_has(to, value))
        return config_refuse_line(line, "a value stands twice");
    to->list[to->count++] = value;
    return STATUS_OK;
}

static enum status take_values(const struct config_line *line, struct allowed *to, bool any_too)
{
    const size_t size = (size_t)line->key->min;
    char *rest = line->value, *word;
    struct view value;

    while ((word = config_word(&rest)) != NULL) {
        const bool any = any_too && strcmp(word, ANY) == 0;

        if (any && (to->any || to->count > 0))
            return config_refuse_line(line, ANY " stands beside other values; write either");
        to->any = to->any || any;
        if (any)
            continue;
        TRY(policy_hex(line, word, size, size, &value));
        TRY(policy_add(line, value, to));
    }
    return STATUS_OK;
}

enum status policy_take_digests(const struct config_line *line, void *field)
{
    return take_values(line, field, false);
}

enum status policy_take_digests_or_any(const struct config_line *line, void *field)
{
    return take_values(line, field, true);
}

enum status policy_hex_list(const struct config_line *line, char *word, size_t min, size_t max, struct allowed *out)
{
    const char *part;
    struct view value;

    *out = (struct allowed){.any = strcmp(word, ANY) == 0};
    while (!out->any && (part = strsep(&word, ",")) != NULL) {
        TRY(policy_hex(line, part, min, max, &value));
        TRY(policy_add(line, value, out));
    }
    return STATUS_OK;
}

enum status policy_device_name(const struct config_line *line, const char *word, struct view *out)
{
    *out = (struct view){0};
    if (strcmp(word, ANY) == 0)
        return STATUS_OK;
    if (!name_valid(view_of_string(word)))
        return config_refuse_line(line, "\"%.64s\" is no name of a device (1 to 64 letters, digits, - or _), nor " ANY,
                                  word);
    *out = view_of_string(word);
    return STATUS_OK;
}

/* ---- flags and parts ---- */

static enum status refuse_flag(const struct config_line *line, const char *word, const struct policy_flag *flags,
                               bool none_too)
{
    char known[REASON_MAX / 2] = "";
    size_t length = 0;

    for (size_t i = 0; flags[i].name != NULL && length < sizeof known; i++)
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", i == 0 ? "" : ", ", flags[i].name);
    return config_refuse_line(line, "\"%.64s\" is none of: %s%s", word, known, none_too ? "; or none, alone" : "");
}

enum status policy_flags(const struct config_line *line, char *rest, const struct policy_flag *flags, bool none_too,
                         uint64_t *bits)
{
    char *word;

    TRY(policy_next(line, &rest, "a word", &word));
    if (none_too && strcmp(word, "none") == 0)
        return policy_end(line, &rest);
    for (; word != NULL; word = config_word(&rest)) {
        size_t i = 0;

        while (flags[i].name != NULL && strcmp(flags[i].name, word) != 0)
            i++;
        if (flags[i].name == NULL)
            return refuse_flag(line, word, flags, none_too);
        if ((*bits & flags[i].bits) != 0)
            return config_refuse_line(line, "%s stands twice", word);
        *bits |= flags[i].bits;
    }
    return STATUS_OK;
}

static enum status take_part(const struct config_line *line, char *word, struct policy_part *parts, size_t count)
{
    char *value = strchr(word, '=');

    if (value != NULL)
        *value++ = '\0';
    for (size_t i = 0; value != NULL && i < count; i++) {
        if (strcmp(parts[i].name, word) != 0)
            continue;
        if (parts[i].value != NULL)
            return config_refuse_line(line, "%s= stands twice", word);
        parts[i].value = value;
        return STATUS_OK;
    }
    return config_refuse_line(line, "%.64s%s does not belong here; write it as in: %s %s", word,
                              value != NULL ? "=" : "", line->key->name, line->key->sample);
}

enum status policy_parts(const struct config_line *line, char *rest, struct policy_part *parts, size_t count)
{
    char *word;

    while ((word = config_word(&rest)) != NULL)
        TRY(take_part(line, word, parts, count));
    for (size_t i = 0; i < count; i++)
        if (parts[i].value == NULL && !parts[i].optional)
            return config_refuse_line(line, "%s= is missing; write it as in: %s %s", parts[i].name, line->key->name,
                                      line->key->sample);
    return STATUS_OK;
}

/* ---- files ---- */

enum status policy_file(const struct config_line *line, const char *path, struct view *out)
{
    const struct policy_files *files = line->source->ctx;
    struct buf bytes = {.ptr = config_allocate(line->text, POLICY_FILE_MAX), .cap = POLICY_FILE_MAX};
    struct reason why = {""};
    const char *joined;

    if (bytes.ptr == NULL)
        return STATUS_IO;
    TRY(config_path(line, path, &joined));
    if (files->read(files->ctx, joined, &bytes, &why) != STATUS_OK)
        return config_refuse_line(line, "%s", why.text);
    *out = buf_view(&bytes);
    return STATUS_OK;
}

enum status policy_public_key(const struct config_line *line, const char *word, size_t max, struct view *out)
{
    struct x509_authority authority;
    struct buf space = {.ptr = config_allocate(line->text, POLICY_FILE_MAX), .cap = POLICY_FILE_MAX};
    struct view text;

    if (space.ptr == NULL)
        return STATUS_IO;
    if (policy_all_digits(word))
        TRY(policy_hex(line, word, 1, CONFIG_MAX_LINE, &text));
    else
        TRY(policy_file(line, word, &text));
    if (x509_authority_parse(text, &space, &authority) != STATUS_OK)
        return config_refuse_line(
            line, "%.128s: no public key (SubjectPublicKeyInfo) and no certificate, in PEM or DER", word);
    *out = authority.certificate.key.info;
    return out->len <= max ? STATUS_OK
                           : config_refuse_line(line, "%.128s: the key is larger than %zu bytes", word, max);
}
