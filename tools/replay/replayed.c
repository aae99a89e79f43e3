/* replayed.c: see replayed.h. */
#include "replayed.h"

#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "heap.h"
#include "stream.h"
#include "writer.h"

#define IV_ROOM 13 /* the core draws so many bytes for a receipt's IV, however many it takes */

/* States that a replay seals are its own, and are read by itself alone: any key will do. */
static const uint8_t sealing_key[AEAD_KEY_MAX] = {'r', 'e', 'p', 'l', 'a', 'y'};

/* ---- ports ---- */

static void fill_stream(struct replayed_script *script, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i += 8) {
        uint8_t bytes[8];
        write_be64(bytes, stream_next(&script->stream));
        memcpy(out + i, bytes, len - i < 8 ? len - i : 8);
    }
}

static enum status fill(void *ctx, uint8_t *out, size_t len)
{
    struct replayed_script *script = ctx;

    if (script->next == script->count || script->draws < script->items[script->next].after) {
        script->draws++;
        fill_stream(script, out, len);
        return STATUS_OK;
    }
    if (script->items[script->next].bytes.len != len)
        return STATUS_IO; /* the core draws something else first: it is not the core that this was written for */
    memcpy(out, script->items[script->next++].bytes.ptr, len);
    script->draws = 0;
    return STATUS_OK;
}

static void expect(struct replayed_script *script, uint32_t after, struct view bytes)
{
    script->items[script->count].after = after;
    script->items[script->count++].bytes = bytes;
}

static void forget(struct replayed_script *script)
{
    script->count = script->next = script->draws = 0;
}

static enum status show(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                        struct buf *endorsement)
{
    const struct replayed *replayed = ctx;

    (void)request;
    (void)endorsement;
    *kind = replayed->kind;
    return buf_append(evidence, replayed->evidence);
}

static enum status own_key(void *ctx, uint8_t out[static AEAD_KEY_MAX])
{
    (void)ctx;
    memcpy(out, sealing_key, sizeof sealing_key);
    return STATUS_OK;
}

static void *lend(void *ctx, size_t size)
{
    struct replayed *replayed = ctx;
    void *memory;

    if (replayed->lent_count == REPLAYED_LENT_MAX || (memory = calloc(1, size)) == NULL)
        return NULL;
    replayed->lent[replayed->lent_count++] = memory;
    return memory;
}

/* ---- boot and end ---- */

/* How many draws blind the computation of a public key: they come between the two scalars of a boot. */
static enum status blinding_draws(uint32_t *out)
{
    struct replayed_script counting = {.stream = 1};
    const struct random_port port = {fill, &counting};
    CLEANUP(p256_key_wipe) struct p256_key key;

    TRY(p256_generate(&port, &key));
    *out = counting.draws - 1;
    return STATUS_OK;
}

static enum status write_script(struct replayed_script *script, const struct replayed_boot *boot)
{
    uint32_t between;

    if (boot->secret.len != ESCROW_SIZE)
        return STATUS_BAD_KEY;
    TRY(blinding_draws(&between));
    expect(script, 0, boot->boot_id);
    for (uint32_t i = 0; i < 4; i++)
        expect(script, i == 3 ? between : 0, (struct view){boot->secret.ptr + 32 * (size_t)i, 32});
    return STATUS_OK;
}

static enum status make_room(struct buf *buf, size_t cap)
{
    buf->len = 0;
    if (buf->cap >= cap)
        return STATUS_OK;
    heap_give(buf);
    return heap_take(cap, buf);
}

static enum status boot_core(struct replayed *replayed, const struct replayed_boot *boot, struct gate_booted *out)
{
    const struct gate_boot body = {boot->booted, boot->aggregator, boot->owner_key,
                                   boot->policy, boot->state,      boot->revoked};
    struct view response;

    TRY(make_room(&replayed->request, boot->policy.len + boot->state.len + boot->revoked.len + MESSAGE_MAX));
    TRY(gate_boot_encode(&body, &replayed->request));
    TRY(replayed_call(replayed, GATE_BOOT, buf_view(&replayed->request), &response));
    return gate_booted_decode(response, out);
}

enum status replayed_boot(struct replayed *replayed, const struct replayed_boot *boot, struct gate_booted *out)
{
    const struct core_ports ports = {
        .ctx = replayed,
        .random = {fill, &replayed->script},
        .attest = show,
        .sealing_key = own_key,
        .lend = lend,
    };

    replayed_end(replayed);
    replayed->script.stream = 2;
    replayed->kind = boot->kind;
    replayed->evidence = boot->evidence;
    replayed->memory = calloc(1, core_size());
    if (replayed->memory == NULL)
        return STATUS_NO_SPACE;
    TRY(make_room(&replayed->response, GATE_BODY_MAX));
    TRY(write_script(&replayed->script, boot));
    replayed->core = core_init(replayed->memory, &ports);
    TRY(boot_core(replayed, boot, out));
    forget(&replayed->script);
    return STATUS_OK;
}

void replayed_end(struct replayed *replayed)
{
    if (replayed->core != NULL)
        core_wipe(replayed->core);
    for (uint32_t i = 0; i < replayed->lent_count; i++)
        free(replayed->lent[i]);
    free(replayed->memory);
    heap_give(&replayed->request);
    heap_give(&replayed->response);
    *replayed = (struct replayed){.core = NULL};
}

/* ---- calls ---- */

enum status replayed_call(struct replayed *replayed, enum gate_call call, struct view body, struct view *response)
{
    bool fatal;
    enum status status;

    replayed->response.len = 0;
    status = core_call(replayed->core, call, body, &replayed->response, &fatal);
    if (fatal)
        return status == STATUS_NO_SPACE ? status : STATUS_NOT_PERMITTED;
    *response = buf_view(&replayed->response);
    return status;
}

enum status replayed_message(struct replayed *replayed, enum gate_call call, uint64_t number, struct view drawn,
                             struct view *message)
{
    const bool bare = call == GATE_SEAL || call == GATE_STATUS || call == GATE_REVOCATIONS;
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);
    struct view response;
    enum status status;

    if (!bare)
        TRY(gate_number_encode(number, &body));
    if (drawn.len > 0)
        expect(&replayed->script, 0, drawn);
    status = replayed_call(replayed, call, buf_view(&body), &response);
    forget(&replayed->script);
    TRY(status);
    return gate_message_decode(response, message);
}

enum status replayed_owner(struct replayed *replayed, struct view name, struct view message, struct gate_answer *out)
{
    const struct gate_sealed sealed = {0, name, message};
    struct view response;

    TRY(make_room(&replayed->request, message.len + MESSAGE_MAX));
    TRY(gate_sealed_encode(&sealed, &replayed->request));
    TRY(replayed_call(replayed, GATE_OWNER, buf_view(&replayed->request), &response));
    return gate_answer_decode(response, out);
}

static enum status encode_update(struct replayed *replayed, const struct replayed_update *update)
{
    const struct gate_update head = {update->now, update->device, update->round, update->count, {NULL, 0}};
    size_t room = MESSAGE_MAX;
    struct writer writer;

    for (uint32_t i = 0; i < update->count; i++)
        room += update->chunks[i].len + WRITER_HEAD_MAX;
    TRY(make_room(&replayed->request, room));
    TRY(gate_update_encode(&head, &replayed->request));
    writer = writer_to(&replayed->request);
    for (uint32_t i = 0; i < update->count; i++)
        write_bytes(&writer, update->chunks[i]);
    return writer_end(&writer);
}

enum status replayed_update(struct replayed *replayed, const struct replayed_update *update, struct gate_answer *out)
{
    uint8_t iv[IV_ROOM] = {0};
    struct view response;
    enum status status;

    TRY(encode_update(replayed, update));
    if (update->iv.len > 0) {
        memcpy(iv, update->iv.ptr, update->iv.len < sizeof iv ? update->iv.len : sizeof iv);
        expect(&replayed->script, 0, VIEW_OF(iv));
    }
    status = replayed_call(replayed, GATE_UPDATE, buf_view(&replayed->request), &response);
    forget(&replayed->script);
    TRY(status);
    return gate_answer_decode(response, out);
}

enum status replayed_status(struct replayed *replayed, struct gate_status *out)
{
    struct view response;

    TRY(replayed_call(replayed, GATE_STATUS, (struct view){NULL, 0}, &response));
    return gate_status_decode(response, out);
}

/* ---- states ---- */

static void place_of(struct view federation, struct view aggregator, struct place *out)
{
    *out = (struct place){.federation = federation, .aggregator = aggregator};
}

enum status replayed_seal(const struct core_state *state, struct view federation, struct view aggregator,
                          struct buf *out)
{
    static const uint8_t iv[12];
    const struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .iv = VIEW_OF(iv)};
    CLEANUP(heap_give) struct buf plain = {0};
    struct place place;

    place_of(federation, aggregator, &place);
    TRY(heap_take(state->model.len + MESSAGE_MAX, &plain));
    TRY(core_state_encode(state, &plain));
    TRY(heap_take(plain.len + COSE_OVERHEAD_MAX, out));
    return bind_seal0(PURPOSE_STATE, &place, VIEW_OF(sealing_key), &head, buf_view(&plain), out);
}

enum status replayed_model(struct replayed *replayed, struct view federation, struct view aggregator, struct buf *out)
{
    CLEANUP(heap_give) struct buf plain = {0};
    struct cose_encrypt0 parts;
    struct core_state state;
    struct place place;
    struct view message;

    place_of(federation, aggregator, &place);
    TRY(make_room(&replayed->response, core_max_body(replayed->core)));
    TRY(replayed_message(replayed, GATE_SEAL, 0, (struct view){NULL, 0}, &message));
    TRY(cose_encrypt0_decode(message, &parts));
    TRY(heap_take(message.len, &plain));
    TRY(bind_open0(PURPOSE_STATE, &place, VIEW_OF(sealing_key), &parts, &plain));
    TRY(core_state_decode(buf_view(&plain), &state));
    TRY(heap_take(state.model.len, out));
    return buf_append(out, state.model);
}
