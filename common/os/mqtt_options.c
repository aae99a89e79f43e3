/* mqtt_options.c: checks, defaults and a copy of the caller's options. See mqtt_private.h. */
#include "mqtt_private.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

#define MAX_CLIENT_ID   64
#define LARGEST_PEM     (1u << 20)
#define DEFAULT_BYTES   (8u << 20)
#define DEFAULT_COUNT   1024
#define DEFAULT_ALIVE_S 30
#define DEFAULT_MIN_MS  1000
#define DEFAULT_MAX_MS  60000

static enum status check_pem(const char *what, const char *path, bool secret, struct reason *reason)
{
    CLEANUP(file_free_secret) struct buf bytes = {0};

    if (path == NULL) {
        reason_set(reason, "TLS needs a %s", what);
        return STATUS_CONFIG;
    }
    if (secret ? file_read_secret(path, LARGEST_PEM, &bytes, reason) != STATUS_OK
               : file_read(path, LARGEST_PEM, &bytes, reason) != STATUS_OK)
        return STATUS_CONFIG;
    return STATUS_OK;
}

static enum status check_security(const struct mqtt_options *options, struct reason *reason)
{
    static const char *const loopback[] = {"127.0.0.1", "::1", "localhost"};

    if (!options->plain) {
        TRY(check_pem("file of certificate authorities", options->cafile, false, reason));
        TRY(check_pem("certificate", options->certfile, false, reason));
        return check_pem("private key", options->keyfile, true, reason);
    }
    for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
        if (strcmp(options->host, loopback[i]) == 0)
            return STATUS_OK;
    reason_set(reason, "without TLS only a broker on this machine is allowed, and %s is not", options->host);
    return STATUS_CONFIG;
}

enum status mqtt_options_check(const struct mqtt_options *options, struct reason *reason)
{
    size_t id_length = strlen(options->client_id);

    if (id_length < 1 || id_length > MAX_CLIENT_ID || options->host[0] == '\0' || options->port == 0) {
        reason_set(reason, "a host, a port and a client id of 1..%d characters are needed", MAX_CLIENT_ID);
        return STATUS_CONFIG;
    }
    if (options->will_topic != NULL && (strlen(options->will_topic) > MQTT_MAX_TOPIC ||
                                        mosquitto_pub_topic_check(options->will_topic) != MOSQ_ERR_SUCCESS)) {
        reason_set(reason, "no topic for a will: %s", options->will_topic);
        return STATUS_CONFIG;
    }
    return check_security(options, reason);
}

static void set_defaults(struct mqtt_options *options)
{
    if (options->keepalive_s == 0)
        options->keepalive_s = DEFAULT_ALIVE_S;
    if (options->retry_min_ms == 0)
        options->retry_min_ms = DEFAULT_MIN_MS;
    if (options->retry_max_ms == 0)
        options->retry_max_ms = DEFAULT_MAX_MS;
    if (options->receive_bytes == 0)
        options->receive_bytes = DEFAULT_BYTES;
    if (options->receive_count == 0)
        options->receive_count = DEFAULT_COUNT;
    if (options->send_bytes == 0)
        options->send_bytes = DEFAULT_BYTES;
}

static bool copy_string(const char *from, const char **to)
{
    *to = from == NULL ? NULL : strdup(from);
    return from == NULL || *to != NULL;
}

enum status mqtt_options_copy(const struct mqtt_options *options, struct mqtt_options *out)
{
    struct view will = options->will_payload;
    uint8_t *payload = NULL;
    bool whole;

    *out = *options;
    set_defaults(out);
    /* Every string is tried, so that none of the copy is the caller's when it is freed. */
    whole = copy_string(options->host, &out->host);
    whole &= copy_string(options->client_id, &out->client_id);
    whole &= copy_string(options->cafile, &out->cafile);
    whole &= copy_string(options->certfile, &out->certfile);
    whole &= copy_string(options->keyfile, &out->keyfile);
    whole &= copy_string(options->will_topic, &out->will_topic);
    if (will.len > 0) {
        payload = malloc(will.len);
        whole &= payload != NULL;
    }
    if (payload != NULL)
        memcpy(payload, will.ptr, will.len);
    out->will_payload.ptr = payload;
    return whole ? STATUS_OK : STATUS_IO;
}

/* The copies are ours to free, although the struct shows them as constant. */
static void free_string(const void *string)
{
    free((void *)(uintptr_t)string);
}

void mqtt_options_free(struct mqtt_options *options)
{
    free_string(options->host);
    free_string(options->client_id);
    free_string(options->cafile);
    free_string(options->certfile);
    free_string(options->keyfile);
    free_string(options->will_topic);
    free_string(options->will_payload.ptr);
}
