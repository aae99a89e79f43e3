/* endorsement_form.c: how endorsements are written; see endorsement.h. */
#include "endorsement.h"

#include <string.h>

#define GUID_SIZE  16
#define ENTRY_SIZE 24 /* GUID, offset and length (both little endian, offset from the table's start) */

/* What a host's certificate table may hold that is of use here. */
static const uint8_t known[][GUID_SIZE] = {
    {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}, /* VCEK */
    {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1}, /* VLEK */
    {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82}, /* ASK, ASVK */
    {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae}, /* ARK */
};

static bool is_known(const uint8_t *guid)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (memcmp(guid, known[i], GUID_SIZE) == 0)
            return true;
    return false;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0;
}

static struct view skip_blanks(struct view text)
{
    while (text.len > 0 && is_blank(*text.ptr)) {
        text.ptr++;
        text.len--;
    }
    return text;
}

/* Text without what editors and C strings put around it. */
static struct view trim(struct view text)
{
    text = skip_blanks(text);
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* A brace, and then a name or the end of the object: a GUID may begin with a brace too. */
static bool is_json(struct view text)
{
    struct view behind;

    if (text.len == 0 || *text.ptr != '{')
        return false;
    behind = skip_blanks((struct view){text.ptr + 1, text.len - 1});
    return text.len < ENTRY_SIZE || behind.len == 0 || *behind.ptr == '"' || *behind.ptr == '}';
}

/* The digits of DER's first byte. */
static bool is_hex(struct view text)
{
    return text.len >= 2 && text.ptr[0] == '3' && text.ptr[1] == '0';
}

/* A table begins with a GUID: with one that is known, or not as DER, PEM or a blank line do. */
static bool is_table(struct view bytes)
{
    static const char others[] = {0x30, '-', ' ', '\t', '\r', '\n'};

    return bytes.len >= ENTRY_SIZE && (is_known(bytes.ptr) || memchr(others, bytes.ptr[0], sizeof others) == NULL);
}

enum endorsement_form endorsement_form(struct view bytes, struct view *text)
{
    const struct view trimmed = trim(bytes);

    *text = trimmed;
    if (is_json(trimmed))
        return ENDORSEMENT_FORM_JSON;
    if (is_hex(trimmed))
        return ENDORSEMENT_FORM_HEX;
    if (trimmed.len > 0)
        *text = bytes;
    return is_table(bytes) ? ENDORSEMENT_FORM_TABLE : ENDORSEMENT_FORM_X509;
}

enum status endorsement_table_next(struct view table, size_t *at, struct view *contents)
{
    static const uint8_t end[ENTRY_SIZE];
    struct view entry, found;

    for (; *at <= ENDORSEMENT_PARTS_MAX * ENTRY_SIZE; *at += ENTRY_SIZE) {
        TRY(view_slice(table, *at, ENTRY_SIZE, &entry));
        if (view_equal(entry, VIEW_OF(end)))
            return STATUS_NOT_FOUND;
        TRY(view_slice(table, read_le32(entry.ptr + GUID_SIZE), read_le32(entry.ptr + GUID_SIZE + 4), &found));
        if (!is_known(entry.ptr))
            continue;
        *at += ENTRY_SIZE;
        *contents = found;
        return STATUS_OK;
    }
    return STATUS_NO_SPACE;
}
