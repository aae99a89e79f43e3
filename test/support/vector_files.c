/* vector_files.c: see vector_files.h. */
#include "vector_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static FILE *open_file(const char *folder, const char *name)
{
    const char *root = getenv("TACIT_VECTORS");
    char path[1024];

    if (snprintf(path, sizeof path, "%s/%s/%s", root != NULL ? root : "../shared/vectors", folder, name) >=
        (int)sizeof path)
        return NULL;
    return fopen(path, "rb");
}

static bool read_file(const char *folder, const char *name, struct buf *memory, struct view *out)
{
    FILE *file = open_file(folder, name);
    size_t len;

    if (file == NULL)
        return false;
    len = fread(memory->ptr + memory->len, 1, memory->cap - memory->len, file);
    (void)fclose(file);
    *out = (struct view){memory->ptr + memory->len, len};
    memory->len += len;
    return memory->len < memory->cap;
}

cJSON *vector_expected(const char *folder)
{
    static uint8_t bytes[1 << 20];
    struct buf memory = BUF_OF(bytes);
    struct view text;

    if (!read_file(folder, "expected.json", &memory, &text)) {
        print_message("  skipped: no %s/expected.json in $TACIT_VECTORS or ../shared/vectors\n", folder);
        return NULL;
    }
    return cJSON_ParseWithLength((const char *)text.ptr, text.len);
}

struct view vector_file(const char *folder, const char *name, struct buf *memory)
{
    struct view bytes = {NULL, 0};

    if (!read_file(folder, name, memory, &bytes))
        fail_msg("%s/%s cannot be read", folder, name);
    return bytes;
}

const char *vector_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}
