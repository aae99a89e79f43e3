/* audit_read.c: records and evidence out of a folder that `tacit rounds --save` wrote, records out of an aggregator's
 * database; see audit.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "audit.h"
#include "db.h"
#include "record_files.h"

#define BUNDLE_FILE_MAX   ((size_t)4 << 20)
#define MANIFEST_FILE_MAX ((size_t)1 << 16)
#define JOURNAL_ID        0x54436167 /* "TCag", as aggregator/host/journal.c has it */

static bool ends_with(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);

    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

/* When a file was written, or 0. */
static uint64_t written_at(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && about.st_mtime > 0 ? (uint64_t)about.st_mtime : 0;
}

static enum status read_bundle(struct audit *audit, const struct audit_source *source, const char *name,
                               struct reason *reason)
{
    CLEANUP(file_free) struct buf bytes = {0};
    char path[FILE_MAX_PATH];
    enum status status;

    (void)snprintf(path, sizeof path, "%s/%s", source->folder, name);
    if (file_read(path, BUNDLE_FILE_MAX, &bytes, reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = audit_take_bundle(audit, buf_view(&bytes), source->at > 0 ? source->at : written_at(path));
    if (status != STATUS_OK && status != STATUS_IO)
        audit_fault(audit, 0, "%s, appraised as of %s: %s", path,
                    source->at > 0 ? "--at" : "the time of the file (see --at)", status_text(status));
    return status == STATUS_IO ? STATUS_IO : STATUS_OK;
}

static enum status read_bundles(struct audit *audit, const struct audit_source *source, struct reason *reason)
{
    DIR *directory = opendir(source->folder);
    const struct dirent *entry;
    enum status status = STATUS_OK;

    if (directory == NULL) {
        reason_set(reason, "%s: %s", source->folder, strerror(errno));
        return STATUS_CONFIG;
    }
    while (status == STATUS_OK && (entry = readdir(directory)) != NULL)
        if (ends_with(entry->d_name, ".bundle") || strcmp(entry->d_name, "bundle.cbor") == 0)
            status = read_bundle(audit, source, entry->d_name, reason);
    (void)closedir(directory);
    TRY(status);
    if (audit->boot_count > 0 || audit->has_fault)
        return STATUS_OK;
    reason_set(reason, "%s: no evidence in it; `tacit rounds --save` writes it", source->folder);
    return STATUS_CONFIG;
}

/* What was saved before there were manifests is without. */
static enum status read_manifest(struct audit *audit, const char *folder, struct reason *reason)
{
    CLEANUP(file_free) struct buf message = {0};
    char path[FILE_MAX_PATH];

    (void)snprintf(path, sizeof path, "%s/last.manifest", folder);
    if (!file_exists(path))
        return STATUS_OK;
    if (file_read(path, MANIFEST_FILE_MAX, &message, reason) != STATUS_OK)
        return STATUS_CONFIG;
    audit_take_manifest(audit, buf_view(&message));
    return STATUS_OK;
}

static enum status take_file(void *ctx, const char *path, uint32_t round, struct view message)
{
    (void)path;
    return audit_take_record(ctx, round, message);
}

static enum status read_rows(struct audit *audit, struct db *db, bool *any)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    bool row;

    TRY(db_prepare(db, "SELECT round, record FROM rounds ORDER BY id", &select));
    for (*any = false;; *any = true) {
        TRY(db_step(select, &row));
        if (!row)
            return STATUS_OK;
        TRY(audit_take_record(audit, (uint32_t)db_column_int(select, 0), db_column_blob(select, 1)));
    }
}

static enum status read_journal(struct audit *audit, const char *path, struct reason *reason)
{
    CLEANUP(db_close) struct db *db = NULL;
    enum status status;
    bool any = false;

    if (db_open_to_read(path, JOURNAL_ID, &db, reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = read_rows(audit, db, &any);
    if (status == STATUS_OK && any)
        return STATUS_OK;
    reason_set(reason, "%s: %s", path, status == STATUS_OK ? "no records in it" : db_message(db));
    return STATUS_CONFIG;
}

enum status audit_read(struct audit *audit, const struct audit_source *source, struct reason *reason)
{
    if (source->folder != NULL) {
        TRY(read_bundles(audit, source, reason));
        TRY(read_manifest(audit, source->folder, reason));
    }
    if (source->database != NULL)
        return read_journal(audit, source->database, reason);
    return record_files_read(source->folder, take_file, audit, reason);
}
