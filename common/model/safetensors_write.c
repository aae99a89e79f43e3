/* safetensors_write.c: from an encoded model to the file's bytes. See safetensors.h. */
#include "safetensors_private.h"

#include <cjson/cJSON.h>
#include <string.h>

static void free_tree(cJSON **tree)
{
    cJSON_Delete(*tree);
}

static void free_text(char **text)
{
    cJSON_free(*text);
}

static bool add_number(cJSON *array, uint64_t number)
{
    cJSON *item = cJSON_CreateNumber((double)number); /* below 2^53, so it is exact and printed without a fraction */

    if (cJSON_AddItemToArray(array, item))
        return true;
    cJSON_Delete(item);
    return false;
}

static bool add_metadata(cJSON *header, const struct safetensors_entry *metadata, size_t entries)
{
    cJSON *object;

    if (entries == 0)
        return true;
    object = cJSON_AddObjectToObject(header, SAFETENSORS_METADATA_KEY);
    for (size_t i = 0; i < entries; i++)
        if (cJSON_AddStringToObject(object, metadata[i].key, metadata[i].value) == NULL)
            return false;
    return true;
}

/* begin: where the tensor's values begin in the data. */
static bool add_tensor(cJSON *header, const struct model_tensor *tensor, uint64_t begin)
{
    char name[MODEL_MAX_NAME + 1];
    cJSON *entry, *shape, *offsets;
    bool added;

    memcpy(name, tensor->name.ptr, tensor->name.len);
    name[tensor->name.len] = '\0';
    entry = cJSON_AddObjectToObject(header, name);
    added = cJSON_AddStringToObject(entry, "dtype", "F32") != NULL;
    shape = cJSON_AddArrayToObject(entry, "shape");
    for (uint32_t i = 0; i < tensor->dims; i++)
        added = added && add_number(shape, tensor->shape[i]);
    offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    return added && shape != NULL && add_number(offsets, begin) &&
           add_number(offsets, begin + tensor->elements * sizeof(float));
}

/* The header's text; *out is the caller's to free. */
static enum status print_header(const struct model_layout *layout, const struct safetensors_entry *metadata,
                                size_t entries, char **out)
{
    CLEANUP(free_tree) cJSON *header = cJSON_CreateObject();
    uint64_t begin = 0;

    if (entries > SAFETENSORS_MAX_METADATA)
        return STATUS_OUT_OF_RANGE;
    if (!add_metadata(header, metadata, entries))
        return STATUS_NO_SPACE;
    for (uint32_t i = 0; i < layout->count; i++) {
        if (!add_tensor(header, &layout->tensors[i], begin))
            return STATUS_NO_SPACE;
        begin += layout->tensors[i].elements * sizeof(float);
    }
    *out = cJSON_PrintUnformatted(header);
    return *out == NULL ? STATUS_NO_SPACE : STATUS_OK;
}

static enum status append_header(struct view text, struct buf *out)
{
    static const uint8_t spaces[8] = "        ";
    const size_t padding = (8 - text.len % 8) % 8;
    uint8_t length[SAFETENSORS_LENGTH_SIZE] = {0};

    if (text.len + padding > SAFETENSORS_MAX_HEADER)
        return STATUS_OUT_OF_RANGE;
    write_le32(length, (uint32_t)(text.len + padding));
    TRY(buf_append(out, VIEW_OF(length)));
    TRY(buf_append(out, text));
    return buf_append(out, (struct view){spaces, padding});
}

static enum status append_file(struct view model, const struct model_layout *layout, struct view header,
                               struct buf *out)
{
    TRY(append_header(header, out));
    for (uint32_t i = 0; i < layout->count; i++) {
        const struct model_tensor *tensor = &layout->tensors[i];
        struct view values;

        TRY(view_slice(model, tensor->offset, (size_t)tensor->elements * sizeof(float), &values));
        TRY(buf_append(out, values));
    }
    return STATUS_OK;
}

enum status safetensors_encode(struct view model, const struct safetensors_entry *metadata, size_t entries,
                               struct buf *out)
{
    CLEANUP(free_text) char *header = NULL;
    const size_t before = out->len;
    struct model_layout layout;
    enum status status;

    TRY(model_decode(model, MODEL_MAX_PARAMETERS, &layout));
    TRY(print_header(&layout, metadata, entries, &header));
    status = append_file(model, &layout, view_of_string(header), out);
    if (status != STATUS_OK)
        out->len = before;
    return status;
}

size_t safetensors_encoded_max(uint64_t parameters)
{
    return SAFETENSORS_LENGTH_SIZE + SAFETENSORS_MAX_HEADER + (size_t)parameters * sizeof(float);
}
