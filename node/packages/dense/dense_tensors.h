/* dense_tensors.h: the container format of model files, safetensors: 8 bytes of header length (little endian), a JSON
 * header, the numbers.
 *
 * Only what a model needs: float32, at most two dimensions. Pure: bytes in, places in them out. */
#ifndef DENSE_TENSORS_H
#define DENSE_TENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "dense.h"

#define DENSE_MAX_TENSORS 32
#define DENSE_MAX_NAME    64    /* characters of a tensor's name, its end included */
#define DENSE_MAX_HEADER  65536 /* bytes of the JSON header */

/** One tensor: its numbers are bytes begin..end of the data that follows the header. */
struct dense_tensor {
    char name[DENSE_MAX_NAME];
    uint32_t dims; /* 1 or 2 */
    uint64_t shape[2];
    uint64_t begin, end;
};

/** What a header says. */
struct dense_tensors {
    uint32_t count;
    struct dense_tensor tensor[DENSE_MAX_TENSORS];
    size_t data; /* where in the file the data begins */
};

/**
 * Reads and checks the header of a whole file: the grammar, each tensor's shape against its bytes, and that the tensors
 * cover the data without gap or overlap. `__metadata__` is passed over; the order of keys is free.
 *
 * Returns DENSE_FAILED for anything else; out is then as it was.
 * Source: the safetensors format description (huggingface/safetensors, README "Format").
 */
MUST_USE enum dense_exit dense_tensors_parse(const uint8_t *bytes, size_t len, struct dense_tensors *out,
                                             struct dense_fault *fault);

/** The tensor of that name, or NULL. */
const struct dense_tensor *dense_tensors_find(const struct dense_tensors *tensors, const char *name);

/**
 * Writes the 8 bytes of length and the header, padded with blanks to a multiple of 8, tensors in the given order.
 * Returns how many bytes, or 0 when they are more than room.
 */
size_t dense_tensors_header(const struct dense_tensors *tensors, uint8_t *out, size_t room);

#endif
