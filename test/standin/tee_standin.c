/* tee_standin.c: see tee_standin.h. Only libc is used: it is also preloaded into programs that have nothing else. */
#include "tee_standin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define FOLDERS 8
#define HANDLES 8

struct tee_standin tee_standin;

/* One report directory of configfs-tsm; Gramine's folder is the first. */
struct folder {
    char name[64];
    bool there;
    uint8_t inblob[STANDIN_REPORT_DATA];
    size_t inblob_len;
    uint64_t read_generation, write_generation;
    bool has_report;
    uint8_t report[STANDIN_BLOB_MAX];
};
static struct folder folders[FOLDERS];

struct handle {
    int fd; /* a real one, of /dev/null, so that the number is the process's own; 0: free */
    struct folder *folder;
    char name[64];
    bool writing, reading;
    uint8_t bytes[STANDIN_BLOB_MAX];
    size_t len, at;
};
static struct handle handles[HANDLES];

/* What libc does. */
static struct {
    int (*open)(const char *, int, ...);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*write)(int, const void *, size_t);
    int (*close)(int);
    int (*mkdir)(const char *, mode_t);
    int (*rmdir)(const char *);
    int (*nanosleep)(const struct timespec *, struct timespec *);
} libc;

/* ISO C has no conversion from dlsym's pointer to a function's. */
static void look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, sizeof found);
}

static void look_up_all(void)
{
    if (libc.nanosleep != NULL)
        return;
    look_up("open", &libc.open);
    look_up("read", &libc.read);
    look_up("write", &libc.write);
    look_up("close", &libc.close);
    look_up("mkdir", &libc.mkdir);
    look_up("rmdir", &libc.rmdir);
    look_up("nanosleep", &libc.nanosleep);
}

/* How the made-up evidence of each provider begins, where its report data stands, and where a quote says how much
 * signature data follows. */
static const struct kind {
    const char *provider;
    size_t len, patch_at, length_at;
    uint8_t head[8];
} kinds[] = {
    {"gramine", 1024, 368, 432, {3, 0, 2}},
    {"tdx_guest", 1024, 568, 632, {4, 0, 2, 0, 0x81}},
    {"sev_guest", 1184, 0x50, 0, {2}},
};

static void put_length(size_t at, size_t rest)
{
    tee_standin.evidence[at] = (uint8_t)rest;
    tee_standin.evidence[at + 1] = (uint8_t)(rest >> 8);
}

void tee_standin_start(const char *provider, const char *root)
{
    memset(&tee_standin, 0, sizeof tee_standin);
    memset(folders, 0, sizeof folders);
    memset(handles, 0, sizeof handles);
    tee_standin.privlevel = -1;
    snprintf(tee_standin.root, sizeof tee_standin.root, "%s", root);
    snprintf(tee_standin.provider, sizeof tee_standin.provider, "%s", provider);
    snprintf(tee_standin.attestation_type, sizeof tee_standin.attestation_type, "dcap");
    tee_standin.key_len = 16;
    memset(tee_standin.key, 0x6b, sizeof tee_standin.key);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].provider, provider) == 0) {
            memcpy(tee_standin.evidence, kinds[i].head, sizeof kinds[i].head);
            tee_standin.evidence_len = kinds[i].len;
            tee_standin.patch_at = kinds[i].patch_at;
            if (kinds[i].length_at != 0)
                put_length(kinds[i].length_at, kinds[i].len - kinds[i].length_at - 4);
        }
}

void tee_standin_serve(const uint8_t *bytes, size_t len)
{
    memcpy(tee_standin.evidence, bytes, len);
    tee_standin.evidence_len = len;
    /* Version 5 of a TDX quote has six bytes more before its body. */
    if (strcmp(tee_standin.provider, "tdx_guest") == 0)
        tee_standin.patch_at = bytes[0] == 5 ? 574 : 568;
}

static void load(const char *variable, uint8_t *out, size_t *len)
{
    const char *name = getenv(variable);
    FILE *file = name != NULL ? fopen(name, "rb") : NULL;

    if (name == NULL)
        return;
    if (file == NULL) {
        fprintf(stderr, "tee_standin: %s: %s\n", name, strerror(errno));
        abort();
    }
    *len = fread(out, 1, STANDIN_BLOB_MAX, file);
    fclose(file);
}

__attribute__((constructor)) static void set_up(void)
{
    static uint8_t evidence[STANDIN_BLOB_MAX];
    const char *provider = getenv("TACIT_STANDIN"), *root = getenv("TACIT_STANDIN_ROOT");
    size_t len = 0;

    look_up_all();
    if (provider == NULL || root == NULL)
        return;
    tee_standin_start(provider, root);
    load("TACIT_STANDIN_EVIDENCE", evidence, &len);
    if (len > 0)
        tee_standin_serve(evidence, len);
    load("TACIT_STANDIN_ENDORSEMENT", tee_standin.endorsement, &tee_standin.endorsement_len);
}

/* ---- paths ---- */

/* The part of a path below the root, "" for the root itself; NULL when it is not below. */
static const char *below(const char *path)
{
    size_t len = strlen(tee_standin.root);

    if (len == 0 || strncmp(path, tee_standin.root, len) != 0 || (path[len] != '/' && path[len] != '\0'))
        return NULL;
    return path[len] == '/' ? path + len + 1 : path + len;
}

static bool is_gramine(void)
{
    return strcmp(tee_standin.provider, "gramine") == 0;
}

static struct folder *find_folder(const char *name, size_t len)
{
    for (size_t i = 0; i < FOLDERS; i++)
        if (folders[i].there && strlen(folders[i].name) == len && strncmp(folders[i].name, name, len) == 0)
            return &folders[i];
    return NULL;
}

static struct handle *find_handle(int fd)
{
    for (size_t i = 0; fd > 0 && i < HANDLES; i++)
        if (handles[i].fd == fd)
            return &handles[i];
    return NULL;
}

static bool fails(const char *name, char call)
{
    if (tee_standin.fails == 0 || tee_standin.fail_call != call || tee_standin.fail_name == NULL ||
        strcmp(tee_standin.fail_name, name) != 0)
        return false;
    tee_standin.fails--;
    errno = tee_standin.fail_errno;
    return true;
}

/* ---- what the platform does ---- */

static bool races_now(enum standin_race when)
{
    if (tee_standin.races == 0 || tee_standin.race != when)
        return false;
    tee_standin.races--;
    return true;
}

static void somebody_writes(struct folder *folder, bool counted)
{
    memset(folder->inblob, 0xbb, sizeof folder->inblob);
    folder->inblob_len = STANDIN_REPORT_DATA;
    folder->write_generation += counted;
}

static void make_report(struct folder *folder)
{
    if (tee_standin.make != NULL)
        tee_standin.make(folder->inblob);
    memcpy(folder->report, tee_standin.evidence, tee_standin.evidence_len);
    if (tee_standin.patch_at <= STANDIN_BLOB_MAX - STANDIN_REPORT_DATA)
        memcpy(folder->report + tee_standin.patch_at, folder->inblob, STANDIN_REPORT_DATA);
    folder->has_report = true;
    folder->read_generation = folder->write_generation;
    tee_standin.reports++;
}

/* The bytes that a read of configfs-tsm serves. Zero, or an errno. */
static int tsm_contents(struct handle *handle)
{
    struct folder *folder = handle->folder;

    if (strcmp(handle->name, "provider") == 0) {
        handle->len = (size_t)sprintf((char *)handle->bytes, "%s\n", tee_standin.provider);
    } else if (strcmp(handle->name, "generation") == 0) {
        handle->len = (size_t)sprintf((char *)handle->bytes, "%llu\n", (unsigned long long)folder->write_generation);
    } else {
        if (folder->inblob_len != STANDIN_REPORT_DATA)
            return EINVAL;
        if (!folder->has_report || folder->read_generation != folder->write_generation)
            make_report(folder);
        if (strcmp(handle->name, "outblob") == 0) {
            memcpy(handle->bytes, folder->report, tee_standin.evidence_len);
            handle->len = tee_standin.evidence_len;
        } else {
            memcpy(handle->bytes, tee_standin.endorsement, tee_standin.endorsement_len);
            handle->len = tee_standin.endorsement_len;
        }
    }
    if (tee_standin.garbage != NULL && strcmp(handle->name, tee_standin.garbage_name) == 0)
        handle->len = (size_t)sprintf((char *)handle->bytes, "%s", tee_standin.garbage);
    return 0;
}

/* Gramine makes contents when a file is opened. Zero, or an errno. */
static int gramine_contents(struct handle *handle)
{
    if (strcmp(handle->name, "attestation_type") == 0) {
        handle->len = (size_t)sprintf((char *)handle->bytes, "%s", tee_standin.attestation_type);
    } else if (strcmp(handle->name, "keys/_sgx_mrenclave") == 0) {
        memcpy(handle->bytes, tee_standin.key, tee_standin.key_len);
        handle->len = tee_standin.key_len;
        tee_standin.key_reads++;
    } else if (strcmp(handle->name, "quote") == 0) {
        make_report(handle->folder);
        memcpy(handle->bytes, handle->folder->report, tee_standin.evidence_len);
        handle->len = tee_standin.evidence_len;
    }
    return 0;
}

/* Whether a file of this name is there, for this provider. */
static bool is_file(const char *name)
{
    static const char *const gramine[] = {"attestation_type", "user_report_data", "quote", "keys/_sgx_mrenclave", NULL};
    static const char *const tsm[] = {"provider", "generation", "inblob", "outblob", "auxblob", "privlevel", NULL};
    const bool snp = strcmp(tee_standin.provider, "sev_guest") == 0;

    if (is_gramine() && strcmp(name, "quote") == 0 && strcmp(tee_standin.attestation_type, "dcap") != 0)
        return false;
    if (!is_gramine() && (strcmp(name, "auxblob") == 0 || strcmp(name, "privlevel") == 0) && !snp)
        return false;
    if (strcmp(name, "auxblob") == 0 && tee_standin.no_auxblob)
        return false;
    for (const char *const *file = is_gramine() ? gramine : tsm; *file != NULL; file++)
        if (strcmp(*file, name) == 0)
            return true;
    return false;
}

/* ---- calls, below the root ---- */

static int refuse(int error)
{
    errno = error;
    return -1;
}

static int open_below(const char *rest, int flags)
{
    const char *slash = is_gramine() ? NULL : strchr(rest, '/');
    const char *name = slash != NULL ? slash + 1 : rest;
    struct folder *folder = is_gramine() ? &folders[0] : find_folder(rest, slash != NULL ? (size_t)(slash - rest) : 0);
    struct handle *handle = NULL;
    int error;

    if (folder == NULL || !is_file(name))
        return refuse(ENOENT);
    if (fails(name, 'o'))
        return -1;
    for (size_t i = 0; i < HANDLES && handle == NULL; i++)
        if (handles[i].fd == 0)
            handle = &handles[i];
    if (handle == NULL)
        return refuse(EMFILE);
    memset(handle, 0, sizeof *handle);
    handle->folder = folder;
    snprintf(handle->name, sizeof handle->name, "%s", name);
    error = is_gramine() && (flags & O_ACCMODE) != O_WRONLY ? gramine_contents(handle) : 0;
    if (error != 0)
        return refuse(error);
    handle->fd = libc.open("/dev/null", O_RDWR | (flags & O_CLOEXEC));
    if (handle->fd < 0) {
        handle->fd = 0;
        return -1;
    }
    tee_standin.handles++;
    return handle->fd;
}

static ssize_t read_below(struct handle *handle, void *out, size_t size)
{
    size_t len;
    int error;

    if (handle->writing)
        return refuse(ETXTBSY);
    if (fails(handle->name, 'r'))
        return -1;
    /* configfs fills a descriptor's buffer at its first read. */
    if (!is_gramine() && !handle->reading) {
        error = tsm_contents(handle);
        if (error != 0)
            return refuse(error);
    }
    handle->reading = true;
    len = handle->len - handle->at < size ? handle->len - handle->at : size;
    if (tee_standin.read_step != 0 && len > tee_standin.read_step)
        len = tee_standin.read_step;
    memcpy(out, handle->bytes + handle->at, len);
    handle->at += len;
    if (len == 0 && strcmp(handle->name, "outblob") == 0 && races_now(STANDIN_AFTER_REPORT))
        somebody_writes(handle->folder, true);
    return (ssize_t)len;
}

static ssize_t write_gramine(struct handle *handle, const void *bytes, size_t size)
{
    struct folder *folder = handle->folder;

    if (strcmp(handle->name, "user_report_data") != 0)
        return refuse(EACCES);
    /* Every write is a whole new value, cut or filled up with zeros. */
    memset(folder->inblob, 0, sizeof folder->inblob);
    memcpy(folder->inblob, bytes, size < sizeof folder->inblob ? size : sizeof folder->inblob);
    if (races_now(STANDIN_AFTER_WRITE))
        somebody_writes(folder, true);
    return (ssize_t)size;
}

static ssize_t write_below(struct handle *handle, const void *bytes, size_t size)
{
    if (handle->reading)
        return refuse(ETXTBSY);
    if (fails(handle->name, 'w'))
        return -1;
    if (tee_standin.short_write && size > 0)
        size--;
    if (is_gramine())
        return write_gramine(handle, bytes, size);
    if (strcmp(handle->name, "privlevel") == 0) {
        int level = size > 0 ? *(const char *)bytes - '0' : -1;
        if (level < 0 || level > 3)
            return refuse(EINVAL);
        tee_standin.privlevel = level;
        handle->folder->write_generation++; /* text is committed by the write itself */
        return (ssize_t)size;
    }
    if (strcmp(handle->name, "inblob") != 0)
        return refuse(EACCES);
    if (handle->len + size > STANDIN_REPORT_DATA)
        return refuse(EFBIG);
    memcpy(handle->bytes + handle->len, bytes, size);
    handle->len += size;
    handle->writing = true;
    return (ssize_t)size;
}

static void close_below(struct handle *handle)
{
    struct folder *folder = handle->folder;

    if (handle->writing && !fails(handle->name, 'l')) {
        memcpy(folder->inblob, handle->bytes, handle->len);
        folder->inblob_len = handle->len;
        folder->write_generation++;
        if (races_now(STANDIN_AFTER_WRITE))
            somebody_writes(folder, true);
        else if (races_now(STANDIN_UNCOUNTED))
            somebody_writes(folder, false);
    }
    handle->fd = 0;
    tee_standin.handles--;
}

static int mkdir_below(const char *rest)
{
    if (is_gramine())
        return refuse(EACCES);
    if (tee_standin.provider[0] == '\0')
        return refuse(ENXIO);
    if (fails("mkdir", 'm'))
        return -1;
    if (find_folder(rest, strlen(rest)) != NULL)
        return refuse(EEXIST);
    if (tee_standin.taken > 0) {
        tee_standin.taken--;
        return refuse(EEXIST);
    }
    for (size_t i = 0; i < FOLDERS; i++)
        if (!folders[i].there) {
            memset(&folders[i], 0, sizeof folders[i]);
            folders[i].there = true;
            snprintf(folders[i].name, sizeof folders[i].name, "%s", rest);
            tee_standin.folders++;
            tee_standin.made++;
            return 0;
        }
    return refuse(ENOSPC);
}

static int rmdir_below(const char *rest)
{
    struct folder *folder = find_folder(rest, strlen(rest));

    if (folder == NULL)
        return refuse(ENOENT);
    folder->there = false;
    tee_standin.folders--;
    return 0;
}

/* ---- what libc offers, with the root taken out ---- */

int open(const char *path, int flags, ...)
{
    const char *rest = below(path);
    unsigned int mode;
    va_list arguments;

    look_up_all();
    if (rest != NULL)
        return open_below(rest, flags);
    va_start(arguments, flags);
    mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, unsigned int) : 0;
    va_end(arguments);
    return libc.open(path, flags, mode);
}

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return open(path, flags, 0);
}

/* The names under which programs call these whose files may be larger than 2 GiB. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));

ssize_t read(int fd, void *out, size_t size)
{
    struct handle *handle = find_handle(fd);

    look_up_all();
    return handle != NULL ? read_below(handle, out, size) : libc.read(fd, out, size);
}

ssize_t __read_chk(int fd, void *out, size_t size, size_t room);
ssize_t __read_chk(int fd, void *out, size_t size, size_t room)
{
    if (size > room)
        abort();
    return read(fd, out, size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    struct handle *handle = find_handle(fd);

    look_up_all();
    return handle != NULL ? write_below(handle, bytes, size) : libc.write(fd, bytes, size);
}

int close(int fd)
{
    struct handle *handle = find_handle(fd);

    look_up_all();
    if (handle != NULL)
        close_below(handle);
    return libc.close(fd);
}

int mkdir(const char *path, mode_t mode)
{
    const char *rest = below(path);

    look_up_all();
    return rest != NULL ? mkdir_below(rest) : libc.mkdir(path, mode);
}

int rmdir(const char *path)
{
    const char *rest = below(path);

    look_up_all();
    return rest != NULL ? rmdir_below(rest) : libc.rmdir(path);
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    look_up_all();
    if (tee_standin.root[0] == '\0')
        return libc.nanosleep(wanted, left);
    tee_standin.pauses++;
    return 0;
}
