/* appraise_gather.c: see appraise_gather.h. */
#include "appraise_gather.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "endorsement.h"
#include "file.h"

/* A file that is being taken apart. */
struct source {
    struct gathering *to;
    const char *path;
    bool offered;
    struct buf space; /* what was PEM or hexadecimal is decoded there; never more than the file's bytes */
};

void gather_free(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->memory_count; i++)
        free(gathering->memory[i].ptr);
    free(gathering->memory);
    free(gathering->items);
    *gathering = (struct gathering){.notes = gathering->notes};
}

/* Memory that lives as long as the gathering: it becomes the owner. */
static enum status own(struct gathering *to, struct buf bytes)
{
    struct buf *grown = realloc(to->memory, (to->memory_count + 1) * sizeof *grown);

    if (grown == NULL) {
        free(bytes.ptr);
        return STATUS_IO;
    }
    to->memory = grown;
    to->memory[to->memory_count++] = bytes;
    return STATUS_OK;
}

static enum status take_memory(struct gathering *to, size_t cap, struct buf *out)
{
    struct buf bytes = {.ptr = malloc(cap + 1), .cap = cap};

    if (bytes.ptr == NULL)
        return STATUS_IO;
    TRY(own(to, bytes));
    *out = bytes;
    return STATUS_OK;
}

static enum status add(struct source *from, struct gathered item)
{
    struct gathering *to = from->to;
    struct gathered *grown;

    if (to->count == GATHER_ITEMS_MAX)
        return STATUS_NO_SPACE;
    grown = realloc(to->items, (to->count + 1) * sizeof *grown);
    if (grown == NULL)
        return STATUS_IO;
    item.path = from->path;
    item.offered = from->offered;
    to->items = grown;
    to->items[to->count++] = item;
    return STATUS_OK;
}

/* ---- one file ---- */

static enum status add_certificate(struct source *from, struct view der)
{
    struct gathered item = {.kind = GATHERED_CERTIFICATE, .bytes = der};

    TRY(x509_certificate_parse(der, &item.certificate));
    item.not_before = item.certificate.not_before;
    item.not_after = item.certificate.not_after;
    return add(from, item);
}

static enum status add_crl(struct source *from, struct view der)
{
    struct x509_crl crl;

    TRY(x509_crl_parse(der, &crl));
    return add(from, (struct gathered){.kind = GATHERED_CRL,
                                       .bytes = der,
                                       .issuer = crl.issuer,
                                       .not_before = crl.this_update,
                                       .not_after = crl.next_update});
}

static enum status add_x509(struct source *from, struct view bytes)
{
    enum status status;
    enum x509_item item;
    struct view der;

    while ((status = x509_take(&bytes, &from->space, &item, &der)) == STATUS_OK)
        TRY(item == X509_ITEM_CERTIFICATE ? add_certificate(from, der) : add_crl(from, der));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status add_table(struct source *from, struct view table)
{
    enum status status;
    struct view contents;
    size_t at = 0;

    while ((status = endorsement_table_next(table, &at, &contents)) == STATUS_OK)
        TRY(add_x509(from, contents));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status add_hex(struct source *from, struct view text)
{
    const size_t start = from->space.len;

    TRY(hex_decode(text, &from->space));
    return add_x509(from, (struct view){from->space.ptr + start, from->space.len - start});
}

static enum status add_tcb_info(struct source *from, struct view text, struct view object)
{
    struct gathered item = {.kind = GATHERED_DOCUMENT, .bytes = text, .document = DCAP_TCB_INFO};
    struct dcap_tcb_info info;

    TRY(dcap_tcb_info_read(object, &info));
    item.platform = info.kind;
    item.not_before = info.issued;
    item.not_after = info.next_update;
    memcpy(item.fmspc, info.fmspc, sizeof item.fmspc);
    return add(from, item);
}

static enum status add_qe_identity(struct source *from, struct view text, struct view object)
{
    struct dcap_qe_identity identity;

    TRY(dcap_qe_identity_read(object, &identity));
    return add(from, (struct gathered){.kind = GATHERED_DOCUMENT,
                                       .bytes = text,
                                       .document = DCAP_QE_IDENTITY,
                                       .platform = identity.kind,
                                       .not_before = identity.issued,
                                       .not_after = identity.next_update});
}

static enum status add_document(struct source *from, struct view text)
{
    struct dcap_document document;

    TRY(dcap_document_split(text, &document));
    return document.kind == DCAP_TCB_INFO ? add_tcb_info(from, text, document.signed_part)
                                          : add_qe_identity(from, text, document.signed_part);
}

static enum status take_apart(struct source *from, struct view bytes)
{
    struct view text;
    const enum endorsement_form form = endorsement_form(bytes, &text);

    if (text.len == 0)
        return STATUS_MALFORMED;
    switch (form) {
    case ENDORSEMENT_FORM_JSON:
        return add_document(from, text);
    case ENDORSEMENT_FORM_HEX:
        return add_hex(from, text);
    case ENDORSEMENT_FORM_TABLE:
        return add_table(from, bytes);
    default:
        return add_x509(from, bytes);
    }
}

static enum status take_bytes(struct source *from, struct view bytes)
{
    const size_t before = from->to->count;
    enum status status;

    TRY(take_memory(from->to, bytes.len, &from->space));
    status = take_apart(from, bytes);
    if (status == STATUS_OK && from->to->count > before)
        return STATUS_OK;
    if (status == STATUS_NO_SPACE && from->to->count == GATHER_ITEMS_MAX)
        return status;
    from->to->count = before; /* a file is understood wholly, or not at all */
    if (!from->offered)
        return add(from, (struct gathered){.kind = GATHERED_UNKNOWN, .bytes = bytes, .not_after = INT64_MAX});
    fprintf(from->to->notes, "note: %s holds no endorsement (%s): passed over\n", from->path,
            status_name(status == STATUS_OK ? STATUS_NOT_FOUND : status));
    return STATUS_OK;
}

static enum status keep_path(struct gathering *to, const char *path, const char **out)
{
    struct buf memory;

    TRY(take_memory(to, strlen(path), &memory));
    memcpy(memory.ptr, path, strlen(path) + 1);
    *out = (const char *)memory.ptr;
    return STATUS_OK;
}

/* Too large for any endorsement: of a folder no more than a note. */
static enum status pass_over(struct source *from, enum status status, const struct reason *reason)
{
    if (!from->offered || status != STATUS_NO_SPACE)
        return STATUS_CONFIG;
    fprintf(from->to->notes, "note: %s: passed over\n", reason->text);
    return STATUS_OK;
}

static enum status gather_file(struct gathering *to, const char *path, bool offered, struct reason *reason)
{
    struct source from = {.to = to, .path = path, .offered = offered};
    struct buf bytes = {0};
    enum status status = file_read(path, GATHER_FILE_MAX, &bytes, reason);

    if (status != STATUS_OK)
        return pass_over(&from, status, reason);
    TRY(own(to, bytes));
    to->bytes += bytes.len;
    if (to->bytes > GATHER_BYTES_MAX) {
        reason_set(reason, "%s: endorsements of more than %u MiB: name fewer files", path, GATHER_BYTES_MAX >> 20);
        return STATUS_CONFIG;
    }
    TRY(keep_path(to, path, &from.path));
    status = take_bytes(&from, buf_view(&bytes));
    if (status == STATUS_NO_SPACE)
        reason_set(reason, "%s: more than %d endorsements: name fewer files", path, GATHER_ITEMS_MAX);
    return status == STATUS_NO_SPACE ? STATUS_CONFIG : status;
}

/* ---- folders ---- */

struct names {
    struct dirent **list;
    int count;
};

static void free_names(struct names *names)
{
    for (int i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

/* Alike on every machine, whatever its language. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_regular(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

static enum status gather_entry(struct gathering *to, const char *folder, const char *name, struct reason *reason)
{
    char path[FILE_MAX_PATH];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (length < 0 || (size_t)length >= sizeof path) {
        reason_set(reason, "%.200s: the path is too long", folder);
        return STATUS_CONFIG;
    }
    return is_regular(path) ? gather_file(to, path, true, reason) : STATUS_OK;
}

static enum status gather_folder(struct gathering *to, const char *folder, struct reason *reason)
{
    CLEANUP(free_names) struct names names = {0};

    names.count = scandir(folder, &names.list, NULL, by_bytes);
    if (names.count < 0) {
        names.count = 0;
        reason_set(reason, "%s: the folder cannot be read", folder);
        return STATUS_CONFIG;
    }
    if (names.count > GATHER_FILES_MAX) {
        reason_set(reason, "%s: more than %d files: name those that are wanted", folder, GATHER_FILES_MAX);
        return STATUS_CONFIG;
    }
    for (int i = 0; i < names.count; i++)
        TRY(gather_entry(to, folder, names.list[i]->d_name, reason));
    return STATUS_OK;
}

enum status gather_path(struct gathering *to, const char *path, struct reason *reason)
{
    struct stat found;

    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return gather_folder(to, path, reason);
    return gather_file(to, path, false, reason);
}
