/* dense_file.h: whole files in and out. */
#ifndef DENSE_FILE_H
#define DENSE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "dense.h"

/** A whole file in memory. bytes[len] is a zero, so text in it is a C string. */
struct dense_file {
    uint8_t *bytes;
    size_t len;
};

/**
 * Reads a file, or what a gzip file holds, of at most limit bytes. The caller frees it with dense_file_free.
 * Returns DENSE_FAILED: it cannot be opened or read, is a damaged gzip file, or is larger.
 */
MUST_USE enum dense_exit dense_file_read(const char *path, size_t limit, struct dense_file *out,
                                         struct dense_fault *fault);

/** Frees; also what was never read (all zero). */
void dense_file_free(struct dense_file *file);

/**
 * Writes a file in place of what was there. Returns DENSE_FAILED, and leaves no half-written file, when it cannot.
 */
MUST_USE enum dense_exit dense_file_write(const char *path, const void *bytes, size_t len, struct dense_fault *fault);

#endif
