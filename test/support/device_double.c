/* device_double.c: the ports of one device, which remember; see enclave_double.h. */
#include "enclave_double.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "model.h"
#include "sim.h"
#include "tensor.h"

#define ROOT "tacit/1/fed/"

/* ---- ports ---- */

static bool port_works(const struct device_double *device)
{
    return device->port_works == NULL || device->port_works();
}

static tacit_reason publish(void *ctx, const char *topic, const uint8_t *payload, size_t size)
{
    struct device_double *device = ctx;
    struct published *message = &device->published[device->count % DOUBLE_PUBLISHED];

    if (device->room == 0 || !port_works(device))
        return STATUS_BUSY;
    device->room--;
    must(size <= sizeof message->bytes ? STATUS_OK : STATUS_NO_SPACE, "published");
    snprintf(message->topic, sizeof message->topic, "%s", topic);
    memcpy(message->bytes, payload, size);
    message->len = size;
    device->count++;
    return 0;
}

static void subscribe(void *ctx, const char *filter)
{
    struct device_double *device = ctx;

    device->subscribes++;
    for (unsigned int i = 0; i < device->filter_count; i++)
        if (strcmp(device->filters[i], filter) == 0)
            return;
    must(device->filter_count < DOUBLE_FILTERS ? STATUS_OK : STATUS_NO_SPACE, "filters");
    snprintf(device->filters[device->filter_count++], sizeof device->filters[0], "%s", filter);
}

static void unsubscribe(void *ctx, const char *filter)
{
    struct device_double *device = ctx;

    for (unsigned int i = 0; i < device->filter_count; i++)
        if (strcmp(device->filters[i], filter) == 0) {
            device->filter_count--;
            memmove(device->filters[i], device->filters[device->filter_count], sizeof device->filters[0]);
            return;
        }
}

static tacit_reason random_bytes(void *ctx, uint8_t *out, size_t size)
{
    struct device_double *device = ctx;
    struct seeded_random seeded = {++device->random};
    const struct random_port port = seeded_random_port(&seeded);

    if (!port_works(device))
        return STATUS_IO;
    return (tacit_reason)port.fill(port.ctx, out, size);
}

static tacit_reason attest(void *ctx, const uint8_t report_data[TACIT_REPORT_DATA_SIZE], tacit_time now,
                           struct tacit_evidence *out)
{
    struct device_double *device = ctx;
    const uint8_t bytes[] = {1, 2, 3};

    (void)report_data;
    (void)now;
    if (device->attest_fails || !port_works(device))
        return STATUS_IO;
    memcpy(out->kind, SIM_KIND, sizeof SIM_KIND);
    memcpy(out->bytes, bytes, sizeof bytes);
    out->size = sizeof bytes;
    if (device->endorse != NULL)
        device->endorse(out);
    return 0;
}

static tacit_reason train(void *ctx, const struct tacit_work *work)
{
    struct device_double *device = ctx;

    if (device->train_fails || !port_works(device))
        return STATUS_PACKAGE;
    device->work = *work;
    device->works++;
    return 0;
}

static tacit_reason keep(void *ctx, const char *key, const uint8_t *bytes, size_t size)
{
    struct device_double *device = ctx;
    unsigned int at = 0;

    if (device->keep_fails || !port_works(device))
        return STATUS_IO;
    while (device->kept[at].key[0] != '\0' && strcmp(device->kept[at].key, key) != 0)
        at++;
    must(size <= sizeof device->kept[at].bytes ? STATUS_OK : STATUS_NO_SPACE, "kept");
    snprintf(device->kept[at].key, sizeof device->kept[at].key, "%s", key);
    device->kept[at].size = size;
    if (size > 0)
        memcpy(device->kept[at].bytes, bytes, size);
    return 0;
}

static tacit_reason load(void *ctx, const char *key, uint8_t *bytes, size_t *size)
{
    struct device_double *device = ctx;

    if (!port_works(device))
        return STATUS_IO;
    for (size_t i = 0; i < ARRAY_LEN(device->kept); i++)
        if (strcmp(device->kept[i].key, key) == 0 && device->kept[i].size > 0) {
            if (device->kept[i].size > *size)
                return STATUS_NO_SPACE;
            *size = device->kept[i].size;
            memcpy(bytes, device->kept[i].bytes, *size);
            return 0;
        }
    return STATUS_NOT_FOUND;
}

static void event(void *ctx, const char *name, const char *detail)
{
    struct device_double *device = ctx;
    const size_t len = strlen(device->events);

    must(len + strlen(name) + strlen(detail) + 3 <= sizeof device->events ? STATUS_OK : STATUS_NO_SPACE, "events");
    snprintf(device->events + len, sizeof device->events - len, "%s %s\n", name, detail);
}

static void sealed(void *ctx, uint32_t round, uint32_t chunk, const uint8_t *message, size_t size, const uint8_t *key,
                   size_t key_size)
{
    struct device_double *device = ctx;

    (void)round, (void)chunk, (void)message, (void)size, (void)key, (void)key_size;
    device->sealed++;
}

/* ---- the device ---- */

void device_start(struct device_double *device, const struct enclave_double *enclave,
                  const struct tacit_config *changes)
{
    static const struct tacit_ports ports = {
        .publish = publish,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
        .random = random_bytes,
        .attest = attest,
        .train = train,
        .keep = keep,
        .load = load,
        .event = event,
        .sealed = sealed,
    };
    struct tacit_config config = changes != NULL ? *changes : (struct tacit_config){.max_parameters = 4096};

    config.federation = "fed";
    config.aggregator = "agg";
    config.device = "dev";
    if (config.owner_key == NULL)
        config.owner_key = enclave->owner.point;
    if (device->now == 0)
        device->now = DOUBLE_NOW;
    device->filter_count = 0;
    device->room = 1000;
    device_forget(device);
    device->memory = malloc(tacit_node_memory(&config));
    device->node = tacit_node_start(device->memory, &config, &ports, device);
    must(device->node != NULL ? STATUS_OK : STATUS_CONFIG, "node");
    tacit_node_connected(device->node, device->now);
}

void device_stop(struct device_double *device)
{
    tacit_node_stop(device->node);
    free(device->memory);
}

void device_hear(struct device_double *device, const char *suffix, struct view payload)
{
    char topic[160];

    snprintf(topic, sizeof topic, ROOT "%s", suffix);
    tacit_node_message(device->node, topic, payload.ptr, payload.len, device->now);
}

void device_wait(struct device_double *device, unsigned int seconds)
{
    for (unsigned int i = 0; i < seconds; i++)
        tacit_node_tick(device->node, ++device->now);
}

void device_forget(struct device_double *device)
{
    device->count = 0;
    device->subscribes = 0;
    device->events[0] = '\0';
}

static bool is_on(const char *topic, const char *suffix)
{
    return strcmp(topic + strlen(ROOT), suffix) == 0;
}

const struct published *device_said(const struct device_double *device, const char *suffix)
{
    must(device->count <= DOUBLE_PUBLISHED ? STATUS_OK : STATUS_NO_SPACE, "published messages");
    for (unsigned int i = device->count; i > 0; i--)
        if (is_on(device->published[i - 1].topic, suffix))
            return &device->published[i - 1];
    return NULL;
}

unsigned int device_said_count(const struct device_double *device, const char *suffix)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < device->count && i < DOUBLE_PUBLISHED; i++)
        count += is_on(device->published[i].topic, suffix);
    return count;
}

bool device_told(const struct device_double *device, const char *event_text)
{
    return strstr(device->events, event_text) != NULL;
}

bool device_listens(const struct device_double *device, const char *suffix)
{
    for (unsigned int i = 0; i < device->filter_count; i++)
        if (is_on(device->filters[i], suffix))
            return true;
    return false;
}

static void move_values(uint8_t *model, size_t size, float by)
{
    static struct model_layout layout;

    must(model_decode((struct view){model, size}, 4096, &layout), "work's model");
    for (uint32_t t = 0; t < layout.count; t++)
        for (uint64_t i = 0; i < layout.tensors[t].elements; i++) {
            uint8_t *at = model + layout.tensors[t].offset + 4 * i;
            uint32_t bits = read_le32(at);
            float value;

            memcpy(&value, &bits, sizeof value);
            value += by;
            memcpy(&bits, &value, sizeof bits);
            write_le32(at, bits);
        }
}

void device_finish(struct device_double *device, float by)
{
    uint8_t model[4096];
    const struct tacit_result result = {
        .model = model,
        .model_size = device->work.model_size,
        .samples = 100,
        .metric_count = 2,
        .metrics = {{"loss", 0.5, 100}, {"accuracy", 0.25, 100}},
    };

    must(device->work.model_size <= sizeof model ? STATUS_OK : STATUS_NO_SPACE, "model");
    memcpy(model, device->work.model, device->work.model_size);
    move_values(model, device->work.model_size, by);
    tacit_node_trained(device->node, &result, device->now);
}

void device_enrol(struct device_double *device, struct enclave_double *enclave)
{
    const struct published *request;

    device_hear(device, "aggregator/agg/evidence", enclave_bundle(enclave));
    device_hear(device, "aggregator/agg/challenge", enclave_challenge(enclave, device->now + 100000));
    request = device_said(device, "enrol/agg/dev");
    must(request != NULL ? STATUS_OK : STATUS_NOT_FOUND, "request");
    enclave_take_request(enclave, request);
    device_hear(device, "credential/dev", enclave_answer(enclave, STATUS_OK));
    must(device_told(device, "enrolled ") ? STATUS_OK : STATUS_NOT_FOUND, "enrolment");
}

void device_fetch(struct device_double *device, struct enclave_double *enclave, const struct manifest *manifest)
{
    const uint32_t chunks = (uint32_t)chunks_of(manifest->model_size, manifest->chunk_size);

    device_hear(device, "round/agg", enclave_manifest(enclave, manifest));
    for (uint32_t i = 0; i < chunks; i++) {
        char suffix[64];
        snprintf(suffix, sizeof suffix, "model/agg/%u", i);
        device_hear(device, suffix, enclave_chunk(enclave, manifest, i));
    }
}

void device_offer(struct device_double *device, struct enclave_double *enclave, uint32_t round)
{
    const struct manifest manifest = enclave_plan(enclave, round);

    device_fetch(device, enclave, &manifest);
    must(device->works > 0 ? STATUS_OK : STATUS_NOT_FOUND, "work");
    device_finish(device, 0.125f);
}
