/* snp_collect.c: certificates and CRLs out of endorsements in any order and encoding (see snp_private.h). */
#include "snp_private.h"

#include <string.h>

#define GUID_SIZE  16
#define ENTRY_SIZE 24 /* GUID, offset and length (both little endian, offset from the table's start) */

/* What a host's certificate table (GHCB specification, extended guest request) may hold that is of use here. */
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

static enum status add_certificate(struct view der, struct snp_collection *to)
{
    if (to->certificate_count == SNP_CERTIFICATES_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_certificate_parse(der, &to->certificates[to->certificate_count]));
    to->certificate_count++;
    return STATUS_OK;
}

static enum status add_crl(struct view der, struct snp_collection *to)
{
    if (to->crl_count == SNP_CRLS_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_crl_parse(der, &to->crls[to->crl_count]));
    to->crl_count++;
    return STATUS_OK;
}

static enum status collect_items(struct view bytes, struct buf *space, struct snp_collection *to)
{
    enum x509_item item;
    struct view der;

    while (bytes.len > 0) {
        TRY(x509_take(&bytes, space, &item, &der));
        TRY(item == X509_ITEM_CRL ? add_crl(der, to) : add_certificate(der, to));
    }
    return STATUS_OK;
}

/* Entries that are not known are for others. */
static enum status collect_table(struct view table, struct buf *space, struct snp_collection *to)
{
    static const uint8_t end[ENTRY_SIZE];
    struct view entry, contents;

    for (size_t at = 0; at < (SNP_CERTIFICATES_MAX + 1) * ENTRY_SIZE; at += ENTRY_SIZE) {
        TRY(view_slice(table, at, ENTRY_SIZE, &entry));
        if (view_equal(entry, VIEW_OF(end)))
            return STATUS_OK;
        TRY(view_slice(table, read_le32(entry.ptr + GUID_SIZE), read_le32(entry.ptr + GUID_SIZE + 4), &contents));
        if (is_known(entry.ptr))
            TRY(collect_items(contents, space, to));
    }
    return STATUS_NO_SPACE;
}

/* A table begins with a GUID: with one that is known, or not as DER, PEM or a blank line do. */
static bool is_table(struct view bytes)
{
    static const char others[] = {0x30, '-', ' ', '\t', '\r', '\n'};

    return bytes.len >= ENTRY_SIZE && (is_known(bytes.ptr) || memchr(others, bytes.ptr[0], sizeof others) == NULL);
}

enum status snp_collect(const struct endorsements *endorsements, struct buf *space, struct snp_collection *out)
{
    out->certificate_count = 0;
    out->crl_count = 0;
    for (uint32_t i = 0; endorsements != NULL && i < endorsements->count; i++) {
        struct view bytes = endorsements->list[i];
        TRY(is_table(bytes) ? collect_table(bytes, space, out) : collect_items(bytes, space, out));
    }
    return STATUS_OK;
}
