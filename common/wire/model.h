/* model.h: the encoded model: named float32 tensors. Pure. Source: PROTOCOL.md section 8.
 *
 *   model = { 1: [1*256 [name, [0*8 dimension], #6.85(bstr)]] }
 *
 * The encoding is deterministic and its SHA-256 is the model's digest, so equal models have equal digests. */
#ifndef WIRE_MODEL_H
#define WIRE_MODEL_H

#include "base.h"

#define MODEL_MAX_TENSORS 256
#define MODEL_MAX_DIMS    8
#define MODEL_MAX_NAME    64 /* characters of a name */
/* More than CHUNKS_MAX chunks of PACKET_MAX bytes can carry; on a 32-bit machine, what sizes of buffers can be said of. */
#define MODEL_MAX_PARAMETERS ((uint64_t)1 << (SIZE_MAX > UINT32_MAX ? 30 : 28))

struct model_tensor {
    struct view name;               /* [0-9A-Za-z_.-]{1,64} */
    uint32_t dims;                  /* 0 for a single number */
    uint64_t shape[MODEL_MAX_DIMS]; /* 1 and up each; row-major */
    uint64_t elements;              /* their product */
    size_t offset;                  /* of the values in the encoding: elements float32, little endian, not aligned */
};

struct model_layout {
    uint32_t count;      /* tensors, 1..MODEL_MAX_TENSORS */
    uint64_t parameters; /* elements of all of them */
    struct model_tensor tensors[MODEL_MAX_TENSORS];
};

/** Whether bytes are a tensor's name. */
bool model_name_valid(struct view name);

/**
 * Product of the dimensions. Returns STATUS_OUT_OF_RANGE for more than MODEL_MAX_DIMS, a dimension of 0, or a product past
 * max.
 */
MUST_USE enum status model_elements(const uint64_t *shape, uint32_t dims, uint64_t max, uint64_t *out);

/**
 * Checks an encoded model wholly and finds its tensors. Names in out are views into encoded.
 *
 * max_parameters  1..MODEL_MAX_PARAMETERS.
 *
 * Returns an encoding reason; STATUS_OUT_OF_RANGE past max_parameters or a limit above; STATUS_MALFORMED also for a bad
 * or repeated name, or values that do not fill the shape; STATUS_NOT_FINITE for a value that is NaN or infinite.
 */
MUST_USE enum status model_decode(struct view encoded, uint64_t max_parameters, struct model_layout *out);

/**
 * Writing: the head, then for each tensor its head and, by the caller, its values at the end of out. What was written is
 * a model when model_decode says so. Returns STATUS_NO_SPACE with out as it was; STATUS_OUT_OF_RANGE for count or shape,
 * STATUS_MALFORMED for a name.
 */
MUST_USE enum status model_encode_head(uint32_t count, struct buf *out);
MUST_USE enum status model_encode_tensor_head(const struct model_tensor *tensor, struct buf *out);

/** The same names and shapes in the same order. */
bool model_same_shape(const struct model_layout *a, const struct model_layout *b);

/** Most bytes that a model of so many parameters (at most MODEL_MAX_PARAMETERS) takes. */
size_t model_encoded_max(uint64_t parameters);

#endif
