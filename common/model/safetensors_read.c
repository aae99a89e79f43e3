/* safetensors_read.c: from the file's bytes. See safetensors.h. */
#include "safetensors_private.h"

#include <cjson/cJSON.h>
#include <string.h>

/* ---- JSON, strictly ---- */

/* Refuses an object of more than max members, or with one key twice. (The count bounds the comparing, too.) */
static enum status check_keys(const cJSON *object, int max)
{
    if (!cJSON_IsObject(object))
        return STATUS_MALFORMED;
    if (cJSON_GetArraySize(object) > max)
        return STATUS_OUT_OF_RANGE;
    for (const cJSON *item = object->child; item != NULL; item = item->next)
        for (const cJSON *other = item->next; other != NULL; other = other->next)
            if (strcmp(item->string, other->string) == 0)
                return STATUS_DUPLICATE_KEY;
    return STATUS_OK;
}

/* A whole number that a double holds exactly. */
static enum status get_number(const cJSON *item, uint64_t *out)
{
    const double limit = 9007199254740992.0; /* 2^53 */

    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < limit))
        return STATUS_MALFORMED;
    if ((double)(uint64_t)item->valuedouble != item->valuedouble)
        return STATUS_MALFORMED;
    *out = (uint64_t)item->valuedouble;
    return STATUS_OK;
}

/* An array of at most max numbers. */
static enum status get_numbers(const cJSON *array, uint32_t max, uint64_t *out, uint32_t *count)
{
    uint32_t n = 0;

    if (!cJSON_IsArray(array))
        return STATUS_MALFORMED;
    for (const cJSON *item = array->child; item != NULL; item = item->next, n++) {
        if (n == max)
            return STATUS_OUT_OF_RANGE;
        TRY(get_number(item, &out[n]));
    }
    *count = n;
    return STATUS_OK;
}

/* True for an escaped U+0000. In JSON a backslash begins an escape, and one escape may be of a backslash. */
static bool holds_escaped_end(struct view text)
{
    static const uint8_t escape[] = {'\\', 'u', '0', '0', '0', '0'};
    struct view here;

    for (size_t i = 0; view_slice(text, i, sizeof escape, &here) == STATUS_OK; i++) {
        if (view_equal(here, VIEW_OF(escape)))
            return true;
        if (here.ptr[0] == '\\')
            i++;
    }
    return false;
}

/* The JSON text without the spaces behind it. cJSON ends strings at a NUL, so neither a raw nor an escaped one is let in;
 * and it may look one byte behind a text that ends within an object, so the text must end with a brace. */
static enum status trim_header(struct view padded, struct view *out)
{
    while (padded.len > 0 && padded.ptr[padded.len - 1] == ' ')
        padded.len--;
    if (padded.len < 2 || padded.ptr[0] != '{' || padded.ptr[padded.len - 1] != '}')
        return STATUS_MALFORMED;
    if (memchr(padded.ptr, '\0', padded.len) != NULL || holds_escaped_end(padded))
        return STATUS_MALFORMED;
    *out = padded;
    return STATUS_OK;
}

static enum status parse_header(struct view text, cJSON **out)
{
    const char *end = NULL;

    *out = cJSON_ParseWithLengthOpts((const char *)text.ptr, text.len, &end, false);
    if (*out == NULL || end != (const char *)text.ptr + text.len)
        return STATUS_MALFORMED;
    return STATUS_OK;
}

/* ---- tensors ---- */

static enum status get_type(const cJSON *dtype, enum tensor_type *out)
{
    if (!cJSON_IsString(dtype))
        return STATUS_MALFORMED;
    if (strcmp(dtype->valuestring, "F32") == 0)
        *out = TENSOR_F32;
    else if (strcmp(dtype->valuestring, "F16") == 0)
        *out = TENSOR_F16;
    else
        return STATUS_UNSUPPORTED;
    return STATUS_OK;
}

static enum status get_tensor(const cJSON *entry, struct view data, struct safetensors_tensor *out)
{
    uint64_t offsets[2] = {0};
    uint32_t count = 0;

    out->name = view_of_string(entry->string);
    if (!model_name_valid(out->name))
        return STATUS_MALFORMED;
    TRY(check_keys(entry, 3));
    TRY(get_type(cJSON_GetObjectItemCaseSensitive(entry, "dtype"), &out->values.type));
    TRY(get_numbers(cJSON_GetObjectItemCaseSensitive(entry, "shape"), MODEL_MAX_DIMS, out->shape, &out->dims));
    TRY(model_elements(out->shape, out->dims, MODEL_MAX_PARAMETERS, &out->values.count));
    TRY(get_numbers(cJSON_GetObjectItemCaseSensitive(entry, "data_offsets"), 2, offsets, &count));
    if (count != 2 || offsets[0] > offsets[1])
        return STATUS_MALFORMED;
    if (offsets[1] - offsets[0] != out->values.count * tensor_element_size(out->values.type))
        return STATUS_MALFORMED;
    if (offsets[1] > data.len)
        return STATUS_TRUNCATED;
    return view_slice(data, (size_t)offsets[0], (size_t)(offsets[1] - offsets[0]), &out->values.data);
}

/* Puts a tensor where it belongs in the order of data. */
static void insert(struct safetensors *file, const struct safetensors_tensor *tensor)
{
    uint32_t at = file->count;

    for (; at > 0 && file->tensors[at - 1].values.data.ptr > tensor->values.data.ptr; at--)
        file->tensors[at] = file->tensors[at - 1];
    file->tensors[at] = *tensor;
    file->count++;
    file->parameters += tensor->values.count;
}

/* No byte of the data is in two tensors or in none. */
static enum status check_cover(const struct safetensors *file, struct view data)
{
    const uint8_t *end = data.ptr;

    for (uint32_t i = 0; i < file->count; i++) {
        if (file->tensors[i].values.data.ptr != end)
            return STATUS_MALFORMED;
        end += file->tensors[i].values.data.len;
    }
    return end == data.ptr + data.len ? STATUS_OK : STATUS_TRAILING;
}

static enum status check_metadata(const cJSON *metadata)
{
    TRY(check_keys(metadata, SAFETENSORS_MAX_METADATA));
    for (const cJSON *item = metadata->child; item != NULL; item = item->next)
        if (!cJSON_IsString(item))
            return STATUS_MALFORMED;
    return STATUS_OK;
}

static enum status collect(struct view data, struct safetensors *file)
{
    TRY(check_keys(file->header, MODEL_MAX_TENSORS + 1));
    for (const cJSON *entry = file->header->child; entry != NULL; entry = entry->next) {
        struct safetensors_tensor tensor = {0};

        if (strcmp(entry->string, SAFETENSORS_METADATA_KEY) == 0) {
            TRY(check_metadata(entry));
            continue;
        }
        TRY(get_tensor(entry, data, &tensor));
        if (file->count == MODEL_MAX_TENSORS)
            return STATUS_OUT_OF_RANGE;
        insert(file, &tensor);
    }
    if (file->count == 0 || file->parameters > MODEL_MAX_PARAMETERS)
        return STATUS_OUT_OF_RANGE;
    return check_cover(file, data);
}

static enum status decode(struct view bytes, struct safetensors *file)
{
    struct view header, data;
    uint64_t length;

    if (bytes.len < SAFETENSORS_LENGTH_SIZE)
        return STATUS_TRUNCATED;
    length = (uint64_t)read_le32(bytes.ptr + 4) << 32 | read_le32(bytes.ptr);
    if (length > SAFETENSORS_MAX_HEADER)
        return STATUS_OUT_OF_RANGE;
    TRY(view_slice(bytes, SAFETENSORS_LENGTH_SIZE, (size_t)length, &header));
    TRY(view_slice(bytes, SAFETENSORS_LENGTH_SIZE + header.len, bytes.len - SAFETENSORS_LENGTH_SIZE - header.len,
                   &data));
    TRY(trim_header(header, &header));
    TRY(parse_header(header, &file->header));
    return collect(data, file);
}

enum status safetensors_decode(struct view bytes, struct safetensors *out)
{
    enum status status;

    *out = (struct safetensors){0};
    status = decode(bytes, out);
    if (status != STATUS_OK)
        safetensors_release(out);
    return status;
}

void safetensors_release(struct safetensors *file)
{
    cJSON_Delete(file->header);
    *file = (struct safetensors){0};
}

const char *safetensors_metadata(const struct safetensors *file, const char *key)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, SAFETENSORS_METADATA_KEY);

    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, key));
}

/* ---- to a model ---- */

static enum status append_widened(const struct tensor *values, struct buf *out)
{
    if (values->count * sizeof(float) > out->cap - out->len)
        return STATUS_NO_SPACE;
    for (uint64_t i = 0; i < values->count; i++) {
        const float value = tensor_value(values, i);
        uint32_t bits;

        memcpy(&bits, &value, sizeof bits);
        write_le32(out->ptr + out->len, bits);
        out->len += sizeof bits;
    }
    return STATUS_OK;
}

static enum status append_model(const struct safetensors *file, struct buf *out)
{
    TRY(model_encode_head(file->count, out));
    for (uint32_t i = 0; i < file->count; i++) {
        const struct safetensors_tensor *from = &file->tensors[i];
        struct model_tensor to = {.name = from->name, .dims = from->dims};

        if (!tensor_finite(&from->values))
            return STATUS_NOT_FINITE;
        memcpy(to.shape, from->shape, sizeof to.shape);
        TRY(model_encode_tensor_head(&to, out));
        if (from->values.type == TENSOR_F32)
            TRY(buf_append(out, from->values.data));
        else
            TRY(append_widened(&from->values, out));
    }
    return STATUS_OK;
}

enum status safetensors_to_model(const struct safetensors *file, struct buf *out)
{
    const size_t before = out->len;
    const enum status status = append_model(file, out);

    if (status != STATUS_OK)
        out->len = before;
    return status;
}
