/* model_show.c: `tacit model show`. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "model_file.h"
#include "utf8.h"

static void show_shape(const struct safetensors_tensor *tensor)
{
    putchar('[');
    for (uint32_t i = 0; i < tensor->dims; i++)
        printf("%s%" PRIu64, i == 0 ? "" : ", ", tensor->shape[i]);
    putchar(']');
}

/* Text of the file's maker: shown only when a terminal cannot be told to do things by it. */
static void show_metadata(const struct safetensors *tensors)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(tensors->header, "__metadata__"), *entry;

    cJSON_ArrayForEach(entry, metadata)
    {
        if (cJSON_IsString(entry) && utf8_printable(view_of_string(entry->string)) &&
            utf8_printable(view_of_string(entry->valuestring)))
            printf("metadata    %s = %s\n", entry->string, entry->valuestring);
    }
}

static enum status show(const char *path, struct reason *reason)
{
    CLEANUP(model_file_free) struct model_file file = {0};
    char digest[2 * SHA256_SIZE + 1];

    TRY(model_file_read(path, &file, reason));
    hex_encode(VIEW_OF(file.digest), digest);
    for (uint32_t i = 0; i < file.tensors.count; i++) {
        const struct safetensors_tensor *tensor = &file.tensors.tensors[i];
        printf("tensor      %.*s %s ", (int)tensor->name.len, (const char *)tensor->name.ptr,
               tensor->values.type == TENSOR_F16 ? "F16" : "F32");
        show_shape(tensor);
        putchar('\n');
    }
    printf("parameters  %" PRIu64 "\n", file.tensors.parameters);
    printf("encoded     %zu bytes\n", file.encoded.len);
    printf("digest      %s\n", digest);
    show_metadata(&file.tensors);
    return STATUS_OK;
}

int model_show_command(const struct command *self, int argc, char *argv[])
{
    static const struct argument *const none[] = {NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, none, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1) {
        reason_set(&reason, "a FILE is needed");
        return command_usage(self, &reason);
    }
    return command_end(self, show(words.list[0], &reason), &reason);
}
