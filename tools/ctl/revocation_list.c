/* revocation_list.c: see revocation_list.h. */
#include "revocation_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "config.h"
#include "file.h"
#include "heap.h"
#include "keys.h"
#include "topic.h"
#include "values.h"

static const char *const words[REVOKED_SORTS] = {
    [REVOKED_DEVICE] = "device",
    [REVOKED_CREDENTIAL] = "credential",
    [REVOKED_MEASUREMENT] = "measurement",
};

const char *revoked_word(enum revoked_sort sort)
{
    return words[sort];
}

/* ---- entries ---- */

/* Digits in lower case; false when they are not min to max bytes. */
static bool take_hex(const char *text, size_t min, size_t max, char *out)
{
    uint8_t bytes[REVOKED_MEASUREMENT_MAX];
    struct buf decoded = {.ptr = bytes, .cap = max};

    if (hex_decode(view_of_string(text), &decoded) != STATUS_OK || decoded.len < min)
        return false;
    hex_encode(buf_view(&decoded), out);
    return true;
}

/* KIND HEX, with any blanks between them. A kind of a name's letters sorts as its encoding does. */
static bool take_measurement(const char *text, char *out)
{
    const size_t kind = strcspn(text, " \t"), blanks = strspn(text + kind, " \t");

    if (kind > KIND_MAX || blanks == 0 || !name_valid((struct view){(const uint8_t *)text, kind}))
        return false;
    memcpy(out, text, kind);
    out[kind] = ' ';
    return take_hex(text + kind + blanks, 1, REVOKED_MEASUREMENT_MAX, out + kind + 1);
}

const char *revoked_entry_make(enum revoked_sort sort, const char *text, struct revoked_entry *out)
{
    *out = (struct revoked_entry){.sort = sort};
    switch (sort) {
    case REVOKED_DEVICE:
        if (!name_valid(view_of_string(text)))
            return "a device's name has 1 to 64 letters, digits, - or _";
        (void)snprintf(out->text, sizeof out->text, "%s", text);
        return NULL;
    case REVOKED_CREDENTIAL:
        return take_hex(text, CTI_SIZE, CTI_SIZE, out->text) ? NULL : "a credential's id has 32 hexadecimal digits";
    default:
        return take_measurement(text, out->text)
                   ? NULL
                   : "a measurement is a KIND of evidence and 1 to 64 bytes as hexadecimal digits";
    }
}

static int compare(const void *a, const void *b)
{
    const struct revoked_entry *one = a, *other = b;

    return one->sort != other->sort ? (one->sort > other->sort) - (one->sort < other->sort)
                                    : strcmp(one->text, other->text);
}

/* Where an entry stands, or would stand. */
static uint32_t place_of(const struct revocation_list *list, const struct revoked_entry *entry)
{
    uint32_t at = 0;

    while (at < list->count && compare(&list->entries[at], entry) < 0)
        at++;
    return at;
}

static bool stands_at(const struct revocation_list *list, uint32_t at, const struct revoked_entry *entry)
{
    return at < list->count && compare(&list->entries[at], entry) == 0;
}

enum status revocation_list_add(struct revocation_list *list, const struct revoked_entry *entry, bool *added)
{
    const uint32_t at = place_of(list, entry);

    *added = !stands_at(list, at, entry);
    if (!*added)
        return STATUS_OK;
    if (list->count == REVOCATIONS_MAX)
        return STATUS_NO_SPACE;
    memmove(&list->entries[at + 1], &list->entries[at], (list->count - at) * sizeof *list->entries);
    list->entries[at] = *entry;
    list->count++;
    return STATUS_OK;
}

bool revocation_list_remove(struct revocation_list *list, const struct revoked_entry *entry)
{
    const uint32_t at = place_of(list, entry);

    if (!stands_at(list, at, entry))
        return false;
    list->count--;
    memmove(&list->entries[at], &list->entries[at + 1], (list->count - at) * sizeof *list->entries);
    return true;
}

/* ---- the file ---- */

struct text {
    int64_t version;
    struct config_strings entries[REVOKED_SORTS];
};

static const char *judge_device(void *field, const char *value)
{
    struct revoked_entry entry;

    (void)field;
    return revoked_entry_make(REVOKED_DEVICE, value, &entry);
}

static const char *judge_credential(void *field, const char *value)
{
    struct revoked_entry entry;

    (void)field;
    return revoked_entry_make(REVOKED_CREDENTIAL, value, &entry);
}

static const char *judge_measurement(void *field, const char *value)
{
    struct revoked_entry entry;

    (void)field;
    return revoked_entry_make(REVOKED_MEASUREMENT, value, &entry);
}

#define ENTRIES(word, sort_, judge) \
    { \
        .name = (word), .type = CONFIG_STRINGS, .offset = offsetof(struct text, entries[sort_]), \
        .max = REVOCATIONS_MAX, .set = (judge) \
    }

static const struct config_key file_keys[] = {
    {.name = "version",
     .type = CONFIG_INTEGER,
     .offset = offsetof(struct text, version),
     .min = 1,
     .max = REVOCATIONS_VERSION_MAX,
     .required = true},
    ENTRIES("device", REVOKED_DEVICE, judge_device),
    ENTRIES("credential", REVOKED_CREDENTIAL, judge_credential),
    ENTRIES("measurement", REVOKED_MEASUREMENT, judge_measurement),
    {0},
};

static enum status take_entries(const char *path, const struct text *text, struct revocation_list *out,
                                struct reason *reason)
{
    for (enum revoked_sort sort = 0; sort < REVOKED_SORTS; sort++)
        for (size_t i = 0; i < text->entries[sort].count; i++) {
            if (out->count == REVOCATIONS_MAX) {
                reason_set(reason, "%s: more than %d entries", path, REVOCATIONS_MAX);
                return STATUS_CONFIG;
            }
            (void)revoked_entry_make(sort, text->entries[sort].items[i], &out->entries[out->count++]);
        }
    qsort(out->entries, out->count, sizeof *out->entries, compare);
    for (uint32_t i = 1; i < out->count; i++)
        if (compare(&out->entries[i - 1], &out->entries[i]) == 0) {
            reason_set(reason, "%s: %s %s stands twice", path, words[out->entries[i].sort], out->entries[i].text);
            return STATUS_CONFIG;
        }
    return STATUS_OK;
}

enum status revocation_list_read(const char *path, struct revocation_list *out, struct reason *reason)
{
    CLEANUP(config_free) struct config_text memory = {0};
    struct text text = {0};

    out->version = 0;
    out->count = 0;
    if (!file_exists(path))
        return STATUS_OK;
    TRY(config_read(path, file_keys, &text, &memory, reason));
    TRY(take_entries(path, &text, out, reason));
    out->version = text.version;
    return STATUS_OK;
}

static void free_text(char **text)
{
    free(*text);
}

enum status revocation_list_write(const char *path, const struct revocation_list *list, struct reason *reason)
{
    CLEANUP(free_text) char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        reason_set(reason, "%s: no memory", path);
        return STATUS_IO;
    }
    fprintf(out,
            "# What the owner revoked. `tacit revoke` and `tacit unrevoke` write it; who changes it by hand\n"
            "# raises the version, and sends it with `tacit revoke`.\nversion %" PRId64 "\n",
            list->version);
    for (uint32_t i = 0; i < list->count; i++)
        fprintf(out, "%s %s\n", words[list->entries[i].sort], list->entries[i].text);
    if (fclose(out) != 0) {
        reason_set(reason, "%s: no memory", path);
        return STATUS_IO;
    }
    return file_write(path, 0644, (struct view){(const uint8_t *)text, len}, reason);
}

/* ---- what is signed ---- */

static void write_entry(struct writer *writer, const struct revoked_entry *entry)
{
    const size_t kind = entry->sort == REVOKED_MEASUREMENT ? strcspn(entry->text, " ") : 0;
    uint8_t bytes[REVOKED_MEASUREMENT_MAX];
    struct buf decoded = BUF_OF(bytes);

    if (entry->sort == REVOKED_DEVICE) {
        write_name(writer, view_of_string(entry->text));
        return;
    }
    if (hex_decode(view_of_string(entry->text + kind + (kind > 0)), &decoded) != STATUS_OK)
        writer->status = STATUS_MALFORMED;
    else if (entry->sort == REVOKED_CREDENTIAL)
        write_fixed(writer, buf_view(&decoded), CTI_SIZE);
    else
        write_revoked_program(writer,
                              &(struct revoked_program){{(const uint8_t *)entry->text, kind}, buf_view(&decoded)});
}

/* The entries of one sort, one after the other, behind what stands in out. */
static enum status write_entries(const struct revocation_list *list, enum revoked_sort sort, struct buf *out,
                                 uint32_t *count, struct view *entries)
{
    const size_t start = out->len;
    struct writer writer = writer_to(out);

    *count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->entries[i].sort == sort) {
            write_entry(&writer, &list->entries[i]);
            ++*count;
        }
    *entries = (struct view){out->ptr + start, out->len - start};
    return writer_end(&writer);
}

enum status revocation_list_sign(const struct revocation_list *list, struct view federation,
                                 const struct p256_key *owner, struct buf *out)
{
    CLEANUP(heap_give) struct buf entries = {0};
    CLEANUP(heap_give) struct buf payload = {0};
    struct revocations parts = {.federation = federation, .version = (uint64_t)list->version};

    TRY(heap_take(REVOCATIONS_ENCODED_MAX, &entries));
    TRY(heap_take(REVOCATIONS_ENCODED_MAX, &payload));
    TRY(write_entries(list, REVOKED_DEVICE, &entries, &parts.device_count, &parts.devices));
    TRY(write_entries(list, REVOKED_CREDENTIAL, &entries, &parts.credential_count, &parts.credentials));
    TRY(write_entries(list, REVOKED_MEASUREMENT, &entries, &parts.program_count, &parts.programs));
    TRY(revocations_encode(&parts, &payload));
    return bind_sign(PURPOSE_REVOCATIONS, &(struct place){.federation = federation}, owner, &keys_random,
                     buf_view(&payload), out);
}
