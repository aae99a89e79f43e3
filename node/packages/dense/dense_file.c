/* dense_file.c: see dense_file.h. zlib's reader passes on what is not gzip as it is. */
#include "dense_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define STEP (1u << 20) /* bytes asked for at once */

static enum dense_exit grow(struct dense_file *file, size_t *capacity, struct dense_fault *fault)
{
    if (*capacity - file->len > STEP)
        return DENSE_OK;
    size_t larger = *capacity * 2 + 2 * STEP;
    uint8_t *bytes = realloc(file->bytes, larger);

    if (!bytes)
        return dense_fail_memory(fault);
    file->bytes = bytes;
    *capacity = larger;
    return DENSE_OK;
}

static enum dense_exit read_all(gzFile from, const char *path, size_t limit, struct dense_file *file,
                                struct dense_fault *fault)
{
    size_t capacity = 0;

    for (;;) {
        TRY(grow(file, &capacity, fault));
        int got = gzread(from, file->bytes + file->len, STEP);
        if (got < 0)
            return dense_fail(fault, DENSE_FAILED, "%s: cannot be read, or is a damaged gzip file", path);
        if (got == 0)
            break;
        file->len += (size_t)got;
        if (file->len > limit)
            return dense_fail(fault, DENSE_FAILED, "%s: holds more than the %zu bytes that are allowed", path, limit);
    }
    file->bytes[file->len] = 0;
    return DENSE_OK;
}

enum dense_exit dense_file_read(const char *path, size_t limit, struct dense_file *out, struct dense_fault *fault)
{
    CLEANUP(dense_file_free) struct dense_file file = {0};
    gzFile from = gzopen(path, "rb");

    if (!from)
        return dense_fail(fault, DENSE_FAILED, "%s: cannot be opened: %s", path, strerror(errno));
    enum dense_exit answer = read_all(from, path, limit, &file, fault);
    int closed = gzclose(from);
    TRY(answer);
    if (closed != Z_OK)
        return dense_fail(fault, DENSE_FAILED, "%s: is a gzip file that ends too early", path);
    *out = file;
    file = (struct dense_file){0};
    return DENSE_OK;
}

void dense_file_free(struct dense_file *file)
{
    free(file->bytes);
    *file = (struct dense_file){0};
}

enum dense_exit dense_file_write(const char *path, const void *bytes, size_t len, struct dense_fault *fault)
{
    FILE *file = fopen(path, "wb");

    if (!file)
        return dense_fail(fault, DENSE_FAILED, "%s: cannot be written: %s", path, strerror(errno));
    size_t written = fwrite(bytes, 1, len, file);
    int closed = fclose(file);
    if (written == len && closed == 0)
        return DENSE_OK;
    enum dense_exit answer = dense_fail(fault, DENSE_FAILED, "%s: cannot be written: %s", path, strerror(errno));
    unlink(path);
    return answer;
}
