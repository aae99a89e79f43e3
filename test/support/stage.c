/* stage.c: see stage.h. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cose.h"
#include "federation_private.h"

static enum status publish(void *ctx, const char *topic, struct view payload, bool retained)
{
    struct stage *stage = ctx;

    if (stage->room == 0)
        return STATUS_BUSY;
    stage->room--;
    must(stage->count < STAGE_PUBLISHED ? STATUS_OK : STATUS_NO_SPACE, "published");
    snprintf(stage->published[stage->count].topic, sizeof stage->published[0].topic, "%s", topic);
    /* With an end behind it, for who reads a payload as text. */
    stage->published[stage->count].payload = (struct buf){.ptr = calloc(1, payload.len + 1), .cap = payload.len + 1};
    must(buf_append(&stage->published[stage->count].payload, payload), "published");
    stage->published[stage->count++].retained = retained;
    return STATUS_OK;
}

static bool has_room(void *ctx)
{
    const struct stage *stage = ctx;

    return !stage->no_bulk;
}

/* What a device and the owner take from the evidence. */
static void learn(struct stage *stage)
{
    struct gate_booted booted;

    must(gate_booted_decode(buf_view(&stage->federation.response), &booted), "booted");
    federation_learn(&stage->federation, booted.bundle);
}

static enum status gate(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response)
{
    struct stage *stage = ctx;
    struct buf body = {NULL, 0, 1};
    enum status status;

    stage->calls++;
    if (stage->gone)
        return STATUS_NO_CONNECTION;
    for (size_t i = 0; i < count; i++)
        body.cap += pieces[i].len;
    body.ptr = malloc(body.cap);
    for (size_t i = 0; i < count; i++)
        must(buf_append(&body, pieces[i]), "body");
    status = federation_call(&stage->federation, call, buf_view(&body));
    free(body.ptr);
    if (call == GATE_BOOT && status == STATUS_OK)
        learn(stage);
    *response = buf_view(&stage->federation.response);
    return stage->federation.fatal ? STATUS_NO_CONNECTION : status;
}

static enum status keep_round(void *ctx, const struct closed_round *closed)
{
    struct stage *stage = ctx;

    (void)closed;
    if (stage->no_disk)
        return STATUS_NO_SPACE;
    stage->kept_rounds++;
    return STATUS_OK;
}

static enum status keep_state(void *ctx, struct view state)
{
    struct stage *stage = ctx;

    (void)state;
    if (stage->no_disk)
        return STATUS_NO_SPACE;
    stage->kept_states++;
    return STATUS_OK;
}

static enum status keep_revocations(void *ctx, struct view signed_list)
{
    struct stage *stage = ctx;

    free(stage->revocations.ptr);
    stage->revocations = (struct buf){.ptr = malloc(signed_list.len), .cap = signed_list.len};
    stage->kept_revocations++;
    return stage->no_disk || stage->no_list ? STATUS_IO : buf_append(&stage->revocations, signed_list);
}

void stage_open(struct stage *stage)
{
    static const struct federation_options options = {.max_packet = 4096};
    static uint8_t owner_key[PUBLIC_KEY_SIZE];
    struct buf owner_buf = BUF_OF(owner_key);
    const struct host_ports ports = {
        .ctx = stage,
        .publish = publish,
        .has_room = has_room,
        .gate = gate,
        .keep_round = keep_round,
        .keep_state = keep_state,
        .keep_revocations = keep_revocations,
    };
    struct host_settings settings = {
        .aggregator = VIEW_TEXT("agg"),
        .owner = VIEW_TEXT("owner"),
        .owner_key = VIEW_OF(owner_key),
        .memory_max = 1 << 20,
        .records_kept = 2,
    };

    memset(stage, 0, sizeof *stage);
    stage->room = UINT32_MAX;
    federation_start(&stage->federation, &options);
    must(cose_key_encode(VIEW_OF(stage->federation.owner.point), &owner_buf), "owner key");
    settings.policy = (struct view){stage->federation.signed_policy, stage->federation.signed_policy_len};
    must(host_new(&settings, &ports, &stage->host), "host");
}

void stage_close(struct stage *stage)
{
    stage_clear(stage);
    free(stage->revocations.ptr);
    host_free(&stage->host);
    federation_end(&stage->federation);
}

void stage_boot(struct stage *stage)
{
    federation_new_core(&stage->federation);
    stage->gone = false;
    must(host_boot(stage->host, (struct view){NULL, 0}, stage->federation.now), "boot");
    federation_new_challenge(&stage->federation);
}

void stage_clear(struct stage *stage)
{
    for (unsigned int i = 0; i < stage->count; i++)
        free(stage->published[i].payload.ptr);
    stage->count = 0;
}

const char *stage_topics(const struct stage *stage)
{
    static const char prefix[] = "tacit/1/fed/";
    static char text[STAGE_PUBLISHED * 32];
    size_t len = 0;

    text[0] = '\0';
    for (unsigned int i = 0; i < stage->count; i++) {
        const char *topic = stage->published[i].topic;
        if (strncmp(topic, prefix, strlen(prefix)) == 0)
            topic += strlen(prefix);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i == 0 ? "" : " ", topic);
    }
    return text;
}

struct view stage_payload(const struct stage *stage, const char *topic_end)
{
    for (unsigned int i = stage->count; i > 0; i--) {
        const char *topic = stage->published[i - 1].topic;
        size_t len = strlen(topic), end = strlen(topic_end);
        if (len >= end && strcmp(topic + len - end, topic_end) == 0)
            return buf_view(&stage->published[i - 1].payload);
    }
    return (struct view){NULL, 0};
}
