/* policy_values.c: see policy_values.h. policy_algorithm_name: see policy_text.h. */
#include "policy_values.h"

#include "sim.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy_text.h"
#include "topic.h"

#define POINT_DIGITS (2 * P256_POINT_SIZE)

static const struct {
    const char *name;
    int64_t alg;
} algorithm_names[] = {
    {"A256GCM", AEAD_A256GCM},
    {"A128GCM", AEAD_A128GCM},
    {"ChaCha20-Poly1305", AEAD_CHACHA20_POLY1305},
    {"AES-CCM-16-128-256", AEAD_CCM_16_128_256},
};

const char *policy_algorithm_name(int64_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithm_names); i++)
        if (algorithm_names[i].alg == alg)
            return algorithm_names[i].name;
    return "unknown";
}

static int64_t find_algorithm(struct view name)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithm_names); i++)
        if (view_equal(name, view_of_string(algorithm_names[i].name)))
            return algorithm_names[i].alg;
    return 0;
}

static const char *add_algorithm(struct policy_algorithms *list, struct view name)
{
    const int64_t alg = find_algorithm(name);

    if (alg == 0)
        return "there are A256GCM, A128GCM, ChaCha20-Poly1305 and AES-CCM-16-128-256";
    for (uint32_t i = 0; i < list->count; i++)
        if (list->list[i] == alg)
            return "an algorithm stands twice";
    /* None twice, so there are never more than there are names. */
    list->list[list->count++] = alg;
    return NULL;
}

const char *policy_set_algorithms(void *field, const char *value)
{
    struct policy_algorithms list = {0};

    while (*value != '\0') {
        const size_t length = strcspn(value, " \t");
        const char *wrong = add_algorithm(&list, (struct view){(const uint8_t *)value, length});

        if (wrong != NULL)
            return wrong;
        value += length + strspn(value + length, " \t");
    }
    *(struct policy_algorithms *)field = list;
    return NULL;
}

const char *policy_set_federation(void *field, const char *value)
{
    if (!name_valid(view_of_string(value)))
        return "1 to 64 letters, digits, - or _ are allowed";
    *(const char **)field = value;
    return NULL;
}

const char *policy_set_time(void *field, const char *value)
{
    static const char wrong[] = "neither a date like 2026-11-21 nor a time like 2026-11-21T08:00:00Z";
    char whole[sizeof "2026-11-21T08:00:00Z"], again[sizeof whole];
    const bool date_only = strlen(value) == strlen("2026-11-21");
    struct tm fields = {0};
    time_t seconds;

    if (strlen(value) + (date_only ? strlen("T00:00:00Z") : 0) != sizeof whole - 1)
        return wrong;
    (void)snprintf(whole, sizeof whole, "%s%s", value, date_only ? "T00:00:00Z" : "");
    if (strptime(whole, "%Y-%m-%dT%H:%M:%SZ", &fields) == NULL)
        return wrong;
    seconds = timegm(&fields);
    if (seconds < 0 || seconds > (time_t)TIME_MAX || gmtime_r(&seconds, &fields) == NULL)
        return "before 1970 or after 2099";
    /* What was made of it must print as the same text again: so there is no 30th of February. */
    if (strftime(again, sizeof again, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0 || strcmp(again, whole) != 0)
        return wrong;
    *(uint64_t *)field = (uint64_t)seconds;
    return NULL;
}

const char *policy_set_root(void *field, const char *value)
{
    struct policy_root root = {.path = value};
    struct buf point = BUF_OF(root.point);

    if (strlen(value) == POINT_DIGITS && hex_decode(view_of_string(value), &point) == STATUS_OK) {
        if (p256_check_point(buf_view(&point)) != STATUS_OK)
            return "the digits are not a point x || y of P-256";
        root.path = NULL;
    }
    *(struct policy_root *)field = root;
    return NULL;
}

const char *policy_check_measurement(void *field, const char *value)
{
    uint8_t bytes[DIGEST_SIZE];
    struct buf digest = BUF_OF(bytes);

    (void)field;
    if (hex_decode(view_of_string(value), &digest) != STATUS_OK || digest.len != DIGEST_SIZE)
        return "a measurement is 64 hexadecimal digits";
    return NULL;
}

const char *policy_check_kind(void *field, const char *value)
{
    (void)field;
    return strcmp(value, SIM_KIND) == 0 ? NULL : "not a kind of evidence that is known; there is sim";
}
