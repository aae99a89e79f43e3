/* ports.c: what the library calls, handed on to broker, attester, package and database. See tacit_node.h. */
#include "daemon.h"

#include <string.h>

#include "audit.h"
#include "random.h"

static tacit_reason publish(void *ctx, const char *topic, const uint8_t *payload, size_t size)
{
    struct daemon *daemon = ctx;
    /* The aggregator may ask twice for a chunk that still waits for the link. */
    const struct mqtt_publish message = {
        .topic = topic, .payload = {payload, size}, .once = true, .content_type = "application/cose"};

    return (tacit_reason)mqtt_publish(daemon->service.mqtt, &message);
}

static void subscribe(void *ctx, const char *filter)
{
    struct daemon *daemon = ctx;
    const enum status status = mqtt_subscribe(daemon->service.mqtt, filter);

    if (status != STATUS_OK)
        log_event(&daemon->service.log, LOG_LEVEL_ERROR, "subscribe_failed", "%s: %s", filter, status_text(status));
}

static void unsubscribe(void *ctx, const char *filter)
{
    struct daemon *daemon = ctx;

    mqtt_unsubscribe(daemon->service.mqtt, filter);
}

static tacit_reason random_bytes(void *ctx, uint8_t *out, size_t size)
{
    return (tacit_reason)os_random(ctx, out, size);
}

static tacit_reason attest(void *ctx, const uint8_t report_data[TACIT_REPORT_DATA_SIZE], tacit_time now,
                           struct tacit_evidence *out)
{
    struct daemon *daemon = ctx;
    struct buf evidence = {.ptr = out->bytes, .cap = out->size};
    struct buf endorsement = {.ptr = out->endorsements, .cap = out->endorsements_size};
    struct reason reason = {""};
    struct view kind;
    const enum status status =
        attesters_attest(&daemon->attesters, report_data, &kind, &evidence, &endorsement, &reason);

    (void)now;
    if (status != STATUS_OK) {
        log_event(&daemon->service.log, LOG_LEVEL_ERROR, "attest_failed", "%s: %s", status_text(status), reason.text);
        return (tacit_reason)status;
    }
    memcpy(out->kind, kind.ptr, kind.len);
    out->kind[kind.len] = '\0';
    out->size = evidence.len;
    if (endorsement.len > 0)
        out->endorsement_sizes[out->endorsement_count++] = endorsement.len;
    return (tacit_reason)endorser_add(&daemon->endorser, out);
}

static tacit_reason train(void *ctx, const struct tacit_work *task)
{
    struct daemon *daemon = ctx;
    struct reason reason = {""};
    const enum status status = work_begin(&daemon->work, task, &reason);

    if (status != STATUS_OK)
        log_event(&daemon->service.log, LOG_LEVEL_ERROR, "work_not_begun", "%s: %s", status_text(status), reason.text);
    else
        log_event(&daemon->service.log, LOG_LEVEL_DEBUG, "work_begun", "round %u %s", task->round,
                  task->task == TACIT_TRAIN ? "train" : "evaluate");
    return (tacit_reason)status;
}

static tacit_reason keep(void *ctx, const char *key, const uint8_t *bytes, size_t size)
{
    struct daemon *daemon = ctx;

    return (tacit_reason)service_database(&daemon->service, daemon->store.db, size > 0,
                                          store_keep(&daemon->store, key, (struct view){bytes, size}));
}

static tacit_reason load(void *ctx, const char *key, uint8_t *bytes, size_t *size)
{
    struct daemon *daemon = ctx;
    struct buf out = {.ptr = bytes, .cap = *size};
    const enum status status = store_load(&daemon->store, key, &out);

    (void)service_database(&daemon->service, daemon->store.db, false, status);
    if (status == STATUS_OK)
        *size = out.len;
    return (tacit_reason)status;
}

/* What an operator wants to see; the rest is for who looks closer. */
static enum log_level event_level(const char *name)
{
    static const struct {
        const char *name;
        enum log_level level;
    } told[] = {
        {"trusted", LOG_LEVEL_INFO},       {"enrolled", LOG_LEVEL_INFO}, {"refused", LOG_LEVEL_INFO},
        {"counted", LOG_LEVEL_INFO},       {"record", LOG_LEVEL_INFO},   {"not_counted", LOG_LEVEL_WARN},
        {"work_failed", LOG_LEVEL_WARN},   {"failed", LOG_LEVEL_WARN},   {"aggregator_refused", LOG_LEVEL_WARN},
        {"model_refused", LOG_LEVEL_WARN}, {"chain", LOG_LEVEL_WARN},    {"appraisal", LOG_LEVEL_WARN},
        {"included", LOG_LEVEL_INFO},      {"unproven", LOG_LEVEL_WARN}, {"fork", LOG_LEVEL_ERROR},
    };

    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        if (strcmp(told[i].name, name) == 0)
            return told[i].level;
    return LOG_LEVEL_DEBUG;
}

static void event(void *ctx, const char *name, const char *detail)
{
    const struct daemon *daemon = ctx;

    log_event(&daemon->service.log, event_level(name), name, "%s", detail);
}

static void sealed(void *ctx, uint32_t round, uint32_t chunk, const uint8_t *message, size_t size, const uint8_t *key,
                   size_t key_size)
{
    const struct daemon *daemon = ctx;
    const struct audit audit = {daemon->settings.keep_sealed, daemon->settings.device};
    const struct audit_chunk kept = {round, chunk, {message, size}, {key, key_size}};
    struct reason reason = {""};

    if (audit_keep(&audit, &kept, &reason) != STATUS_OK)
        log_event(&daemon->service.log, LOG_LEVEL_ERROR, "keep_sealed_failed", "%s", reason.text);
}

struct tacit_ports daemon_ports(const struct daemon *daemon)
{
    return (struct tacit_ports){
        .publish = publish,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
        .random = random_bytes,
        .attest = attest,
        .train = train,
        .keep = keep,
        .load = load,
        .event = event,
        .sealed = daemon->settings.keep_sealed != NULL ? sealed : NULL,
    };
}
