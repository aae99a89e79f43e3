/* model_file.h: model files as the tool reads them. */
#ifndef CTL_MODEL_FILE_H
#define CTL_MODEL_FILE_H

#include "crypto.h"
#include "reason.h"
#include "safetensors.h"

#define MODEL_FILE_MAX ((size_t)5 << 30) /* bytes of a file: MODEL_MAX_PARAMETERS fit */

/** A model file in memory. Starts as {0}; freed with model_file_free. */
struct model_file {
    struct buf bytes;           /* the file */
    struct safetensors tensors; /* views into it */
    struct buf encoded;         /* the encoded model (PROTOCOL.md section 8) */
    uint8_t digest[SHA256_SIZE];
};

/** Reads and decodes a file. STATUS_CONFIG with a reason: it is not there, or no model. */
MUST_USE enum status model_file_read(const char *path, struct model_file *out, struct reason *reason);
void model_file_free(struct model_file *file);

#endif
