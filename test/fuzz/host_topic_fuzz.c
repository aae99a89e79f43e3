/* host_message: messages (length of the topic: 1 byte, of the payload: 2 bytes little endian, topic, payload) to a host
 * whose enclave is booted and empty. Nothing crashes, and what is published has a topic of the protocol. */
#include <stdlib.h>
#include <string.h>

#include "cose.h"
#include "federation.h"
#include "host.h"
#include "topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status publish(void *ctx, const char *text, struct view payload, bool retained)
{
    struct topic topic;

    (void)ctx;
    (void)payload;
    (void)retained;
    if (topic_parse(view_of_string(text), &topic) != STATUS_OK)
        abort();
    return STATUS_OK;
}

static bool has_room(void *ctx)
{
    (void)ctx;
    return true;
}

/* An enclave without a model that boots, tells how it stands, and has an answer for everything sealed. */
static enum status gate(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response)
{
    static uint8_t bytes[4096];
    const struct gate_booted booted = {VIEW_TEXT("bundle"), 1 << 20, 1000, 4096, STATUS_NOT_FOUND};
    const struct gate_status status = {.phase = GATE_EMPTY, .minimum = 2};
    const struct gate_answer answer = {STATUS_OK, VIEW_TEXT("answer")};
    struct buf out = BUF_OF(bytes);
    enum status encoded = STATUS_BUSY;

    (void)ctx;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].len > 0 && pieces[i].ptr == NULL)
            abort();
    if (call == GATE_BOOT)
        encoded = gate_booted_encode(&booted, &out);
    else if (call == GATE_STATUS)
        encoded = gate_status_encode(&status, &out);
    else if (call == GATE_ENROL || call == GATE_OWNER || call == GATE_UPDATE)
        encoded = gate_answer_encode(&answer, &out);
    *response = buf_view(&out);
    return encoded;
}

static enum status keep_round(void *ctx, const struct closed_round *closed)
{
    (void)ctx;
    (void)closed;
    return STATUS_OK;
}

static enum status keep_state(void *ctx, struct view state)
{
    (void)ctx;
    (void)state;
    return STATUS_OK;
}

static void start(struct host **out)
{
    static struct federation federation; /* for its policy */
    static uint8_t key_bytes[PUBLIC_KEY_SIZE];
    static const struct federation_options options = {0};
    static const struct host_ports ports = {
        .publish = publish,
        .has_room = has_room,
        .gate = gate,
        .keep_round = keep_round,
        .keep_state = keep_state,
        .keep_revocations = keep_state,
    };
    struct buf key = BUF_OF(key_bytes);

    if (federation.core == NULL) {
        federation_start(&federation, &options);
        if (cose_key_encode(VIEW_OF(federation.owner.point), &key) != STATUS_OK)
            abort();
    }
    const struct host_settings settings = {
        .aggregator = VIEW_TEXT("agg"),
        .owner = VIEW_TEXT("owner"),
        .owner_key = VIEW_OF(key_bytes),
        .policy = {federation.signed_policy, federation.signed_policy_len},
        .memory_max = 1 << 16,
        .records_kept = 2,
    };
    if (host_new(&settings, &ports, out) != STATUS_OK ||
        host_boot(*out, (struct view){NULL, 0}, FEDERATION_NOW) != STATUS_OK ||
        host_connected(*out, FEDERATION_NOW) != STATUS_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct host *host;
    uint64_t now = FEDERATION_NOW;

    start(&host);
    while (size >= 3) {
        char topic[256];
        size_t topic_len = data[0], len = (size_t)(data[1] | data[2] << 8);
        data += 3;
        size -= 3;
        topic_len = topic_len < size ? topic_len : size;
        len = len < size - topic_len ? len : size - topic_len;
        memcpy(topic, data, topic_len);
        topic[topic_len] = '\0';
        if (host_message(host, topic, (struct view){data + topic_len, len}, now) != STATUS_OK ||
            host_tick(host, now++) != STATUS_OK)
            abort();
        data += topic_len + len;
        size -= topic_len + len;
    }
    host_free(&host);
    return 0;
}
