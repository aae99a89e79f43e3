/* safetensors.h: model files in the safetensors format, to and from the encoded model. No I/O; heap only within cJSON.
 *
 *   8 bytes, little endian: length of the header; header: JSON, padded with spaces; data.
 *   header: { "__metadata__": {text: text}, name: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, .. }
 *
 * Read strictly: F32 and F16 only, names and shapes as models have them, no key twice, tensors end to end over all of the
 * data. Source: the safetensors format description; PROTOCOL.md section 8 for the encoded model. */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include "model.h"
#include "tensor.h"

#define SAFETENSORS_MAX_HEADER   ((size_t)1 << 20)
#define SAFETENSORS_MAX_METADATA 256 /* entries */

struct cJSON;

struct safetensors_tensor {
    struct view name; /* lives in the header */
    uint32_t dims;
    uint64_t shape[MODEL_MAX_DIMS];
    struct tensor values; /* type, count, and a view into the file */
};

/** A decoded file, or {0}; released with safetensors_release. */
struct safetensors {
    struct cJSON *header; /* owned */
    uint64_t parameters;  /* elements of all tensors */
    uint32_t count;
    struct safetensors_tensor tensors[MODEL_MAX_TENSORS]; /* in the order of their data */
};

/** Text that goes with a model file. */
struct safetensors_entry {
    const char *key, *value;
};

/**
 * Decodes a file; out views into bytes and owns the tree of its header. What out held before is not released.
 *
 * Returns STATUS_TRUNCATED      the header or the data end early;
 *         STATUS_TRAILING       data that no tensor covers, at its end;
 *         STATUS_OUT_OF_RANGE   no tensor, more than MODEL_MAX_TENSORS or MODEL_MAX_PARAMETERS, a longer header, a dimension
 *                               of 0, more metadata;
 *         STATUS_DUPLICATE_KEY  a key of the header, of a tensor or of the metadata stands twice;
 *         STATUS_UNSUPPORTED    a dtype other than F32 and F16;
 *         STATUS_MALFORMED      anything else that is not as the format says, or a name that a model cannot have.
 * On any of them out is {0}.
 */
MUST_USE enum status safetensors_decode(struct view bytes, struct safetensors *out);

/** Forgets the tensors and frees the header. For CLEANUP; does nothing twice. */
void safetensors_release(struct safetensors *file);

/** The text of a metadata key, or NULL. Lives as long as the file. */
const char *safetensors_metadata(const struct safetensors *file, const char *key);

/**
 * Appends the encoded model of a file: its tensors in the order of their data, F16 widened. model_encoded_max(parameters)
 * bytes are enough. Returns STATUS_NOT_FINITE for a value that is NaN or infinite, STATUS_NO_SPACE; out is as it was then.
 */
MUST_USE enum status safetensors_to_model(const struct safetensors *file, struct buf *out);

/**
 * Appends the file of an encoded model with the given metadata (no key twice), in their order. safetensors_encoded_max bytes are enough.
 *
 * Returns what model_decode returns; STATUS_OUT_OF_RANGE for more metadata than the format's limits here allow;
 * STATUS_NO_SPACE (also when cJSON gets no memory). out is as it was then.
 */
MUST_USE enum status safetensors_encode(struct view model, const struct safetensors_entry *metadata, size_t entries,
                                        struct buf *out);

/** Most bytes that a file of so many parameters takes. */
size_t safetensors_encoded_max(uint64_t parameters);

#endif
