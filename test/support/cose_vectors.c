/* cose_vectors.c: see cose_vectors.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#include "cose_vectors.h"
#include "crypto_support.h"

#define FILE_MAX 16384

bool cose_vector_load(const char *path, struct cose_vector *out)
{
    static const char *const structures[] = {"sign0", "encrypted", "enveloped", "sign", "mac", "mac0"};
    static char text[FILE_MAX];
    FILE *file = fopen(path, "r");
    size_t len;

    if (file == NULL)
        return false;
    len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    *out = (struct cose_vector){.root = cJSON_Parse(text)};
    assert_non_null(out->root);
    out->input = cJSON_GetObjectItem(out->root, "input");
    out->intermediates = cJSON_GetObjectItem(out->root, "intermediates");
    for (size_t i = 0; i < ARRAY_LEN(structures) && out->layer == NULL; i++) {
        out->structure = structures[i];
        out->layer = cJSON_GetObjectItem(out->input, structures[i]);
    }
    assert_non_null(out->layer);
    return true;
}

void cose_vector_free(struct cose_vector *vector)
{
    cJSON_Delete(vector->root);
}

static const char *string_of(const struct cJSON *object, const char *name, const char *suffix)
{
    char member[64];

    (void)snprintf(member, sizeof member, "%s%s", name, suffix);
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, member));
}

struct view cose_vector_hex(const struct cJSON *object, const char *name, struct buf storage)
{
    const char *string = string_of(object, name, "");

    return string == NULL ? (struct view){0} : hex_bytes(string, storage);
}

struct view cose_vector_text(const struct cJSON *object, const char *name, struct buf storage)
{
    const char *string = string_of(object, name, ""), *hex = string_of(object, name, "_hex");

    if (hex != NULL)
        return hex_bytes(hex, storage);
    if (string != NULL)
        assert_int_equal(buf_append(&storage, view_of_string(string)), STATUS_OK);
    return buf_view(&storage);
}

struct view cose_vector_base64(const struct cJSON *object, const char *name, struct buf storage)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *string = string_of(object, name, ""), *hex = string_of(object, name, "_hex");
    uint32_t bits = 0;
    int count = 0;

    if (hex != NULL)
        return hex_bytes(hex, storage);
    for (; string != NULL && *string != '\0'; string++) {
        const char *digit = strchr(digits, *string);

        assert_non_null(digit);
        bits = bits << 6 | (uint32_t)(digit - digits);
        count += 6;
        if (count >= 8) {
            const uint8_t byte = (uint8_t)(bits >> (count - 8));

            assert_int_equal(buf_append(&storage, (struct view){&byte, 1}), STATUS_OK);
            count -= 8;
        }
    }
    return buf_view(&storage);
}

struct view cose_vector_message(const struct cose_vector *vector, struct buf storage)
{
    return cose_vector_hex(cJSON_GetObjectItem(vector->root, "output"), "cbor", storage);
}

static const struct cJSON *first_of(const struct cJSON *object, const char *list)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(object, list), 0);
}

const struct cJSON *cose_vector_key(const struct cose_vector *vector)
{
    const struct cJSON *key = cJSON_GetObjectItem(vector->layer, "key");

    return key != NULL ? key : cJSON_GetObjectItem(first_of(vector->layer, "recipients"), "key");
}

const struct cJSON *cose_vector_recipient(const struct cose_vector *vector)
{
    return first_of(vector->intermediates, "recipients");
}
