/* tensor.c: see tensor.h. */
#include "tensor.h"

#include <string.h>

size_t tensor_element_size(enum tensor_type type)
{
    return type == TENSOR_F32 ? 4 : 2;
}

struct tensor read_tensor(struct reader *reader, uint64_t min, uint64_t max)
{
    struct tensor tensor = {.type = TENSOR_F32};
    size_t size;

    if (read_tag_if(reader, TENSOR_F16))
        tensor.type = TENSOR_F16;
    else
        read_tag(reader, TENSOR_F32);
    tensor.data = read_bytes(reader, 0, SIZE_MAX);
    size = tensor_element_size(tensor.type);
    tensor.count = tensor.data.len / size;
    if (tensor.data.len % size != 0)
        reader_fail(reader, STATUS_MALFORMED);
    if (tensor.count < min || tensor.count > max)
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    return reader->status == STATUS_OK ? tensor : (struct tensor){.type = TENSOR_F32};
}

void write_tensor_head(struct writer *writer, enum tensor_type type, uint64_t count)
{
    write_tag(writer, type);
    write_bytes_head(writer, (size_t)count * tensor_element_size(type));
}

bool tensor_finite(const struct tensor *tensor)
{
    const uint8_t *p = tensor->data.ptr;
    unsigned int bad = 0;

    /* An exponent of all ones is infinite or NaN. No way out of the loop: it runs as fast as memory. */
    if (tensor->type == TENSOR_F32)
        for (uint64_t i = 0; i < tensor->count; i++, p += 4)
            bad |= (p[3] & 0x7fu) == 0x7fu && (p[2] & 0x80u) != 0;
    else
        for (uint64_t i = 0; i < tensor->count; i++, p += 2)
            bad |= (p[1] & 0x7cu) == 0x7cu;
    return bad == 0;
}

static float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

float tensor_value(const struct tensor *tensor, uint64_t i)
{
    const uint8_t *p = tensor->data.ptr + i * tensor_element_size(tensor->type);

    if (tensor->type == TENSOR_F32)
        return float_of_bits(read_le32(p));
    return half_to_float((uint16_t)(p[0] | p[1] << 8));
}

/* Half: 1 sign, 5 exponent (bias 15), 10 fraction. Float: 1, 8 (bias 127), 23. */

float half_to_float(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;

    if (exponent == 0x1f)
        return float_of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent == 0 && fraction == 0)
        return float_of_bits(sign);
    if (exponent == 0) {
        /* Subnormal: fraction * 2^-24. Float can say it with a leading one. */
        for (exponent = 1; (fraction & 0x400) == 0; exponent--)
            fraction <<= 1;
        fraction &= 0x3ff;
    }
    return float_of_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

/* value / 2^shift, rounded to nearest, ties to even; shift 1..31. */
static uint32_t shift_round(uint32_t value, unsigned int shift)
{
    const uint32_t odd = value >> shift & 1;

    return (value + ((uint32_t)1 << (shift - 1)) - 1 + odd) >> shift;
}

uint16_t half_from_float(float value)
{
    const uint32_t least_normal = (127 - 14) << 23, infinite = 0x7f800000;
    uint32_t bits, sign, exponent, half;

    memcpy(&bits, &value, sizeof bits);
    sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    exponent = bits >> 23;
    if (bits > infinite)
        half = 0x7e00 | (bits >> 13 & 0x3ff);
    else if (bits >= least_normal)
        half = shift_round(bits - ((127 - 15) << 23), 13); /* a carry out of the fraction steps up the exponent */
    else if (exponent > 127 - 26)
        half = shift_round((bits & 0x7fffff) | 0x800000, 126 - exponent); /* in units of 2^-24 */
    else
        half = 0;
    if (half > 0x7c00 && bits <= infinite)
        half = 0x7c00;
    return (uint16_t)(sign | half);
}
