/* dense_tensors.c: see dense_tensors.h. The scanner knows exactly the JSON that such a header may hold. */
#include "dense_tensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define METADATA "__metadata__"
#define MAX_DIM  (1u << 24)

/* Where the scanner stands, and after a refusal what it missed there. */
struct scan {
    const uint8_t *at, *end;
    const char *wants;
};

/* A refusal: the first one is kept. */
static int miss(struct scan *scan, const char *wants)
{
    if (!scan->wants)
        scan->wants = wants;
    return -1;
}

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
        scan->at++;
}

/* Passes over one character, after blanks, if it stands there. */
static int found(struct scan *scan, char wanted)
{
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != (uint8_t)wanted)
        return 0;
    scan->at++;
    return 1;
}

static int expect(struct scan *scan, char wanted, const char *wants)
{
    return found(scan, wanted) ? 0 : miss(scan, wants);
}

/* A string of at most DENSE_MAX_NAME - 1 plain ASCII characters: names need no escapes. */
static int read_name(struct scan *scan, char out[static DENSE_MAX_NAME])
{
    size_t length = 0;

    if (expect(scan, '"', "a string") != 0)
        return -1;
    for (; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at < ' ' || *scan->at > '~' || *scan->at == '\\' || length == DENSE_MAX_NAME - 1)
            return miss(scan, "a string of at most 63 plain characters");
        out[length++] = (char)*scan->at;
    }
    out[length] = 0;
    return expect(scan, '"', "the end of a string");
}

/* Any string; its text is of no interest. */
static int skip_string(struct scan *scan)
{
    if (expect(scan, '"', "a string") != 0)
        return -1;
    for (; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at == '\\' && ++scan->at == scan->end)
            break;
        if (*scan->at < ' ')
            return miss(scan, "a string without control characters");
    }
    return expect(scan, '"', "the end of a string");
}

static int read_integer(struct scan *scan, uint64_t *out)
{
    const uint8_t *first;
    uint64_t value = 0;

    skip_blanks(scan);
    first = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && scan->at - first < 15)
        value = value * 10 + (uint64_t)(*scan->at++ - '0');
    if (scan->at == first || (*first == '0' && scan->at - first > 1))
        return miss(scan, "a whole number");
    *out = value;
    return 0;
}

/* [a] or [a, b]. Returns how many numbers, or -1. */
static int read_integers(struct scan *scan, uint64_t out[static 2])
{
    int count = 0;

    if (expect(scan, '[', "[") != 0)
        return -1;
    do {
        if (count == 2)
            return miss(scan, "at most two numbers");
        if (read_integer(scan, &out[count++]) != 0)
            return -1;
    } while (found(scan, ','));
    return expect(scan, ']', "]") != 0 ? -1 : count;
}

static int skip_metadata(struct scan *scan)
{
    if (expect(scan, '{', "{ of " METADATA) != 0)
        return -1;
    if (found(scan, '}'))
        return 0;
    do {
        if (skip_string(scan) != 0 || expect(scan, ':', ":") != 0 || skip_string(scan) != 0)
            return -1;
    } while (found(scan, ','));
    return expect(scan, '}', "} of " METADATA);
}

/* One of the three properties; bit says which, so that none stands twice. */
static int read_property(struct scan *scan, struct dense_tensor *tensor, unsigned *bit)
{
    char name[DENSE_MAX_NAME], type[DENSE_MAX_NAME];
    uint64_t offsets[2];

    if (read_name(scan, name) != 0 || expect(scan, ':', ":") != 0)
        return -1;
    if (strcmp(name, "dtype") == 0) {
        *bit = 1;
        if (read_name(scan, type) != 0)
            return -1;
        return strcmp(type, "F32") == 0 ? 0 : miss(scan, "dtype F32 (convert the model to float32)");
    }
    if (strcmp(name, "shape") == 0) {
        *bit = 2;
        int dims = read_integers(scan, tensor->shape);
        if (dims < 0)
            return -1;
        tensor->dims = (uint32_t)dims;
        return 0;
    }
    if (strcmp(name, "data_offsets") != 0)
        return miss(scan, "dtype, shape or data_offsets");
    *bit = 4;
    if (read_integers(scan, offsets) != 2)
        return miss(scan, "two offsets");
    tensor->begin = offsets[0];
    tensor->end = offsets[1];
    return 0;
}

static int read_tensor(struct scan *scan, struct dense_tensor *tensor)
{
    unsigned seen = 0;

    if (expect(scan, '{', "{ of a tensor") != 0)
        return -1;
    do {
        unsigned bit = 0;
        if (read_property(scan, tensor, &bit) != 0)
            return -1;
        if (seen & bit)
            return miss(scan, "each property once");
        seen |= bit;
    } while (found(scan, ','));
    if (seen != 7)
        return miss(scan, "dtype, shape and data_offsets");
    return expect(scan, '}', "} of a tensor");
}

/* One name and what it stands for. */
static int read_entry(struct scan *scan, struct dense_tensors *tensors, unsigned *metadata)
{
    struct dense_tensor tensor = {0};

    if (read_name(scan, tensor.name) != 0 || expect(scan, ':', ":") != 0)
        return -1;
    if (strcmp(tensor.name, METADATA) == 0)
        return (*metadata)++ ? miss(scan, METADATA " once") : skip_metadata(scan);
    if (dense_tensors_find(tensors, tensor.name))
        return miss(scan, "each tensor once");
    if (tensors->count == DENSE_MAX_TENSORS)
        return miss(scan, "at most 32 tensors");
    if (read_tensor(scan, &tensor) != 0)
        return -1;
    tensors->tensor[tensors->count++] = tensor;
    return 0;
}

static int read_header(struct scan *scan, struct dense_tensors *tensors)
{
    unsigned metadata = 0;

    if (expect(scan, '{', "{") != 0)
        return -1;
    if (!found(scan, '}')) {
        do {
            if (read_entry(scan, tensors, &metadata) != 0)
                return -1;
        } while (found(scan, ','));
        if (expect(scan, '}', "}") != 0)
            return -1;
    }
    skip_blanks(scan);
    return scan->at == scan->end ? 0 : miss(scan, "nothing after the header");
}

/* The bytes that a shape asks for; 0 for an empty or too large dimension. No overflow: 2^24 * 2^24 * 4. */
static uint64_t shape_bytes(const struct dense_tensor *tensor)
{
    uint64_t bytes = sizeof(float);

    for (uint32_t i = 0; i < tensor->dims; i++) {
        if (tensor->shape[i] > MAX_DIM)
            return 0;
        bytes *= tensor->shape[i];
    }
    return bytes;
}

/* Every tensor has the bytes of its shape, and they lie end to end over the whole data: following each end to the
 * tensor that begins there must meet all of them. */
static enum dense_exit check_places(const struct dense_tensors *tensors, uint64_t data, struct dense_fault *fault)
{
    uint64_t place = 0;

    for (uint32_t i = 0; i < tensors->count; i++) {
        const struct dense_tensor *tensor = &tensors->tensor[i];
        uint64_t bytes = shape_bytes(tensor);
        if (bytes == 0 || tensor->end < tensor->begin || tensor->end - tensor->begin != bytes)
            return dense_fail(fault, DENSE_FAILED, "tensor %s: its data_offsets are not the bytes of its shape",
                              tensor->name);
    }
    for (uint32_t met = 0; met < tensors->count; met++) {
        uint32_t next = 0;
        while (next < tensors->count && tensors->tensor[next].begin != place)
            next++;
        if (next == tensors->count)
            return dense_fail(fault, DENSE_FAILED, "no tensor begins at byte %" PRIu64 " of the data", place);
        place = tensors->tensor[next].end;
    }
    if (place != data)
        return dense_fail(fault, DENSE_FAILED, "the tensors hold %" PRIu64 " bytes, the file %" PRIu64, place, data);
    return DENSE_OK;
}

enum dense_exit dense_tensors_parse(const uint8_t *bytes, size_t len, struct dense_tensors *out,
                                    struct dense_fault *fault)
{
    struct dense_tensors tensors = {0};
    uint64_t header = 0;

    if (len < 8)
        return dense_fail(fault, DENSE_FAILED, "not a safetensors file: shorter than 8 bytes");
    for (int i = 7; i >= 0; i--)
        header = header << 8 | bytes[i];
    if (header > DENSE_MAX_HEADER || header > len - 8)
        return dense_fail(fault, DENSE_FAILED, "not a safetensors file, or cut off: a header of %" PRIu64 " bytes",
                          header);
    struct scan scan = {.at = bytes + 8, .end = bytes + 8 + header};
    if (read_header(&scan, &tensors) != 0)
        return dense_fail(fault, DENSE_FAILED, "safetensors header, byte %zu: expected %s",
                          (size_t)(scan.at - bytes) - 8, scan.wants);
    tensors.data = 8 + (size_t)header;
    TRY(check_places(&tensors, len - tensors.data, fault));
    *out = tensors;
    return DENSE_OK;
}

const struct dense_tensor *dense_tensors_find(const struct dense_tensors *tensors, const char *name)
{
    for (uint32_t i = 0; i < tensors->count; i++) {
        if (strcmp(tensors->tensor[i].name, name) == 0)
            return &tensors->tensor[i];
    }
    return NULL;
}

/* One tensor's entry. Returns its length, also when that is more than room. */
static size_t write_entry(const struct dense_tensor *tensor, char *out, size_t room)
{
    char second[32] = "";

    if (tensor->dims == 2)
        snprintf(second, sizeof second, ",%" PRIu64, tensor->shape[1]);
    return (size_t)snprintf(
        out, room, "\"%s\":{\"dtype\":\"F32\",\"shape\":[%" PRIu64 "%s],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}",
        tensor->name, tensor->shape[0], second, tensor->begin, tensor->end);
}

size_t dense_tensors_header(const struct dense_tensors *tensors, uint8_t *out, size_t room)
{
    size_t at = 8;

    if (room < 32 || tensors->count == 0)
        return 0;
    for (uint32_t i = 0; i < tensors->count; i++) {
        out[at++] = i == 0 ? '{' : ',';
        size_t entry = write_entry(&tensors->tensor[i], (char *)out + at, room - at);
        if (entry >= room - at - 16) /* 16: the comma or brace to come, and the padding */
            return 0;
        at += entry;
    }
    out[at++] = '}';
    while (at % 8 != 0)
        out[at++] = ' ';
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)(at - 8) >> 8 * i);
    return at;
}
