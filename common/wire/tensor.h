/* tensor.h: typed arrays of floats (RFC 8746), and half precision. Pure, integer code: the same bits everywhere.
 *
 * The bytes of a typed array are not aligned; they are read with memcpy or read_le32. */
#ifndef WIRE_TENSOR_H
#define WIRE_TENSOR_H

#include "reader.h"
#include "writer.h"

/** Element types, by their CBOR tag (RFC 8746 section 2.1): IEEE 754, little endian. */
enum tensor_type { TENSOR_F16 = 84, TENSOR_F32 = 85 };

struct tensor {
    enum tensor_type type;
    uint64_t count;   /* elements */
    struct view data; /* count * tensor_element_size(type) bytes */
};

/** Bytes of an element: 2 or 4. */
size_t tensor_element_size(enum tensor_type type);

/**
 * Reads a tagged typed array of min..max elements; the view lives as long as the input. Fails the reader with
 * STATUS_MALFORMED (another tag or type, a part of an element), STATUS_OUT_OF_RANGE (the count).
 */
struct tensor read_tensor(struct reader *reader, uint64_t min, uint64_t max);

/** Tag and head of a typed array of count elements, whose bytes the caller appends itself. */
void write_tensor_head(struct writer *writer, enum tensor_type type, uint64_t count);

/** True when no element is infinite or NaN. */
bool tensor_finite(const struct tensor *tensor);

/** Element i, below count, as float32. */
float tensor_value(const struct tensor *tensor, uint64_t i);

/** The float32 of the same value: exact for every half, subnormals too. */
float half_to_float(uint16_t half);

/** The nearest half, ties to even; too large becomes infinite, NaN stays NaN and quiet. */
uint16_t half_from_float(float value);

#endif
