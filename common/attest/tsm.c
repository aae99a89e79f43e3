/* tsm.c: see tsm.h. The kernel takes an option up when its file is closed, counts each in `generation`, and makes a
 * report when one is read after the count has moved. Errors of a close are told to nobody: the count is what tells. */
#include "tsm.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_TRIED 16

/* What the kernel calls its providers, and what their evidence is to us. */
static const struct provider {
    const char *name, *kind;
    bool has_table; /* auxblob: certificates that the host gives */
} providers[] = {
    {"sev_guest", ATTEST_KIND_SNP, true},
    {"tdx_guest", ATTEST_KIND_TDX, false},
};

static void remove_folder(struct pseudo_folder *folder)
{
    if (folder->path[0] != '\0')
        (void)rmdir(folder->path);
}

/* A directory that nobody else has. One that is left over from a process of the same number is passed by. */
static enum status make_folder(const struct tsm *tsm, struct pseudo_folder *out)
{
    char name[48];
    struct pseudo_folder folder;
    enum status status = STATUS_EXISTS;

    for (int i = 0; i < NAMES_TRIED && status == STATUS_EXISTS; i++) {
        (void)snprintf(name, sizeof name, "tacit-%d-%d", tsm->pid, i);
        TRY(pseudo_folder_at(tsm->root, name, &folder));
        status = mkdir(folder.path, 0700) == 0 ? STATUS_OK : pseudo_reason(errno);
    }
    if (status == STATUS_OK)
        *out = folder;
    return status;
}

/* A short text without its newline. */
static enum status read_text(const struct pseudo_folder *folder, const char *name, struct buf *out)
{
    TRY(pseudo_read(folder, name, out));
    if (out->len == 0 || out->ptr[out->len - 1] != '\n')
        return STATUS_MALFORMED;
    out->len--;
    return STATUS_OK;
}

static enum status find_provider(const struct pseudo_folder *folder, const struct provider **out)
{
    uint8_t text[64];
    struct buf name = BUF_OF(text);

    TRY(read_text(folder, "provider", &name));
    for (size_t i = 0; i < ARRAY_LEN(providers); i++)
        if (view_equal(buf_view(&name), view_of_string(providers[i].name))) {
            *out = &providers[i];
            return STATUS_OK;
        }
    return STATUS_UNSUPPORTED;
}

/* The count as its digits: two of them are only ever compared for `first plus so many`. */
static enum status read_generation(const struct pseudo_folder *folder, uint64_t *out)
{
    uint8_t text[21];
    struct buf digits = BUF_OF(text);
    uint64_t value = 0;

    TRY(read_text(folder, "generation", &digits));
    if (digits.len == 0 || digits.len > 19)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < digits.len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return STATUS_MALFORMED;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = value;
    return STATUS_OK;
}

/* STATUS_BUSY when the count is not what our own writes alone make it. */
static enum status expect_generation(const struct pseudo_folder *folder, uint64_t want)
{
    uint64_t now;

    TRY(read_generation(folder, &now));
    return now == want ? STATUS_OK : STATUS_BUSY;
}

static enum status write_privlevel(const struct pseudo_folder *folder, int privlevel)
{
    const uint8_t digit = (uint8_t)('0' + privlevel);
    enum status status = pseudo_write(folder, "privlevel", (struct view){&digit, 1});

    return status == STATUS_NOT_FOUND ? STATUS_UNSUPPORTED : status;
}

/* One report, from options that nobody else touched while it was made. */
static enum status report_once(const struct tsm *tsm, const struct pseudo_folder *folder,
                               const struct provider *provider, struct view report_data, struct buf *evidence,
                               struct buf *endorsement)
{
    uint64_t generation;
    enum status table;
    struct view whole;

    TRY(read_generation(folder, &generation));
    if (tsm->privlevel != TSM_PRIVLEVEL_ANY) {
        TRY(write_privlevel(folder, tsm->privlevel));
        generation++;
    }
    TRY(pseudo_write(folder, "inblob", report_data));
    generation++;
    TRY(expect_generation(folder, generation));
    TRY(pseudo_read(folder, "outblob", evidence));
    table = provider->has_table ? pseudo_read(folder, "auxblob", endorsement) : STATUS_OK;
    if (table != STATUS_NOT_FOUND) /* an older kernel has no such file: then there are no certificates */
        TRY(table);
    TRY(expect_generation(folder, generation));
    TRY(attest_trim(view_of_string(provider->kind), buf_view(evidence), &whole));
    evidence->len = whole.len;
    return attest_check_report_data(view_of_string(provider->kind), whole, report_data.ptr);
}

/* A writer beside us is a reason to try again, and so is a platform that was busy: after a while. */
static enum status report(const struct tsm *tsm, const struct pseudo_folder *folder, const struct provider *provider,
                          struct view report_data, struct buf *evidence, struct buf *endorsement)
{
    enum status status = STATUS_BUSY;

    for (int i = 0; i < ATTEST_TRIES && (status == STATUS_BUSY || status == STATUS_EVIDENCE_BINDING); i++) {
        struct buf fresh = {evidence->ptr + evidence->len, 0, evidence->cap - evidence->len};
        struct buf table = {endorsement->ptr + endorsement->len, 0, endorsement->cap - endorsement->len};
        if (i > 0)
            pseudo_pause();
        status = report_once(tsm, folder, provider, report_data, &fresh, &table);
        if (status == STATUS_OK) {
            evidence->len += fresh.len;
            endorsement->len += table.len;
        }
    }
    return status;
}

enum status tsm_open(const char *root, int privlevel, struct tsm *out, const char **what)
{
    CLEANUP(remove_folder) struct pseudo_folder folder = {""};
    const struct provider *provider;
    struct pseudo_folder whole;

    *what = "privlevel is 0 to 3";
    if (privlevel < TSM_PRIVLEVEL_ANY || privlevel > TSM_PRIVLEVEL_MAX)
        return STATUS_OUT_OF_RANGE;
    *what = "the path of configfs-tsm is too long";
    TRY(pseudo_folder_at(root, "", &whole));
    *out = (struct tsm){.privlevel = privlevel, .pid = getpid()};
    (void)snprintf(out->root, sizeof out->root, "%s", whole.path);
    *what = "configfs-tsm: no report can be asked for. It takes root, Linux 6.7 or later, and the module sev-guest or "
            "tdx-guest";
    TRY(make_folder(out, &folder));
    *what = "configfs-tsm: its provider is neither sev_guest nor tdx_guest";
    return find_provider(&folder, &provider);
}

enum status tsm_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                       struct buf *evidence, struct buf *endorsement)
{
    CLEANUP(remove_folder) struct pseudo_folder folder = {""};
    const struct tsm *tsm = ctx;
    const struct provider *provider;

    TRY(make_folder(tsm, &folder));
    TRY(find_provider(&folder, &provider));
    TRY(report(tsm, &folder, provider, (struct view){report_data, SHA512_SIZE}, evidence, endorsement));
    *kind = view_of_string(provider->kind);
    return STATUS_OK;
}
