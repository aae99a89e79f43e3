/* state.c: what a later boot of the same program may take up again. It is disposable: what cannot be unsealed is fetched
 * from the owner. Keys are never in it, so an old state cannot open an update twice. A plan is in it only if
 * the owner said so: PROTOCOL.md section 17 tells what a host can do with an old one. */
#include <string.h>

#include "core_private.h"
#include "values.h"

static enum status seal_plain(struct core *core, struct view plain, struct buf *out)
{
    uint8_t key_bytes[AEAD_KEY_MAX], iv[AEAD_NONCE_MAX];
    CLEANUP(buf_wipe) struct buf key = BUF_OF(key_bytes);
    struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .iv = {iv, aead_nonce_size(AEAD_A256GCM)}};

    TRY(core->ports.sealing_key(core->ports.ctx, key.ptr));
    TRY(core->ports.random.fill(core->ports.random.ctx, iv, sizeof iv));
    return bind_seal0(PURPOSE_STATE, &core->place, VIEW_OF(key_bytes), &head, plain, out);
}

static bool is_worth_lasting(const struct work *work)
{
    return work->lasting && (work->rounds_left > 0 || work->evaluate);
}

static void write_work(struct writer *writer, const struct core_state *state)
{
    write_uint(writer, 5);
    write_array(writer, 5);
    write_uint(writer, state->work.rounds_left);
    write_uint(writer, state->work.target);
    write_uint(writer, state->work.deadline_s);
    write_uint(writer, state->work.evaluate);
    write_fixed(writer, state->policy, DIGEST_SIZE);
}

enum status core_state_encode(const struct core_state *state, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 4u + state->work.lasting);
    write_uint(&writer, 1);
    write_uint(&writer, state->round);
    write_uint(&writer, 2);
    if (state->last_record.len > 0)
        write_fixed(&writer, state->last_record, DIGEST_SIZE);
    else
        write_null(&writer);
    write_uint(&writer, 3);
    write_bytes(&writer, state->model);
    write_uint(&writer, 4);
    write_uint(&writer, state->revocations);
    if (state->work.lasting)
        write_work(&writer, state);
    return writer_end(&writer);
}

enum status core_seal(struct core *core, struct buf *out)
{
    /* Sealed behind room for a byte string's head, whose length is known once it is sealed; then moved up to it. */
    struct buf *plain = &core->plain, sealed;
    struct core_state state = {
        /* An open round has no record yet: a later boot opens it again. */
        .round = core->round.number - (core->phase == GATE_ROUND),
        .last_record = {core->last_record, core->has_record ? DIGEST_SIZE : 0},
        .model = buf_view(&core->model.encoded),
        .revocations = revoked_version(&core->revoked),
        .policy = VIEW_OF(core->policy_digest),
    };
    struct writer writer;
    enum status status;

    if (is_worth_lasting(&core->work))
        state.work = core->work;
    plain->len = 0;
    TRY(core_state_encode(&state, plain));

    if (out->cap - out->len < WRITER_HEAD_MAX)
        return STATUS_NO_SPACE;
    sealed = (struct buf){.ptr = out->ptr + out->len + WRITER_HEAD_MAX, .cap = out->cap - out->len - WRITER_HEAD_MAX};
    status = seal_plain(core, buf_view(plain), &sealed);
    wipe(plain->ptr, plain->len);
    TRY(status);
    writer = writer_to(out);
    write_bytes_head(&writer, sealed.len);
    TRY(writer_end(&writer));
    memmove(out->ptr + out->len, sealed.ptr, sealed.len);
    out->len += sealed.len;
    return STATUS_OK;
}

static void read_work(struct reader *reader, struct core_state *out)
{
    if (read_array(reader, 5, 5) != 5)
        return;
    out->work.rounds_left = read_uint32(reader, 0, UINT32_MAX);
    out->work.target = read_uint32(reader, 1, COHORT_MAX);
    out->work.deadline_s = read_uint32(reader, 1, UINT32_MAX);
    out->work.evaluate = read_uint(reader, 0, 1) == 1;
    out->work.lasting = true;
    out->policy = read_bytes(reader, DIGEST_SIZE, DIGEST_SIZE);
    read_close(reader);
}

enum status core_state_decode(struct view bytes, struct core_state *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(5), FIELDS_TO(4));
    struct core_state state = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            state.round = (uint32_t)read_uint(&reader, 0, ROUND_MAX);
        else if (key == 3)
            state.model = read_bytes(&reader, 1, SIZE_MAX);
        else if (key == 4)
            state.revocations = read_uint(&reader, 0, REVOCATIONS_VERSION_MAX);
        else if (key == 5)
            read_work(&reader, &state);
        else if (!read_null_if(&reader))
            state.last_record = read_bytes(&reader, DIGEST_SIZE, DIGEST_SIZE);
    }
    TRY(reader_end(&reader));
    *out = state;
    return STATUS_OK;
}

enum status core_unseal(struct core *core, struct view sealed)
{
    uint8_t key_bytes[AEAD_KEY_MAX];
    CLEANUP(buf_wipe) struct buf key = BUF_OF(key_bytes);
    struct cose_encrypt0 message;
    struct core_state state;

    TRY(core->ports.sealing_key(core->ports.ctx, key.ptr));
    TRY(cose_encrypt0_decode(sealed, &message));
    if (message.alg != AEAD_A256GCM)
        return STATUS_UNSUPPORTED;
    core->plain.len = 0;
    TRY(bind_open0(PURPOSE_STATE, &core->place, VIEW_OF(key_bytes), &message, &core->plain));
    TRY(core_state_decode(buf_view(&core->plain), &state));
    /* The list comes from the host: it must not be one that the owner has replaced, nor be left out. */
    if (state.revocations > revoked_version(&core->revoked))
        return STATUS_REVOCATIONS_ROLLBACK;
    TRY(core_take_model(core, state.model));
    core->round.number = state.round;
    core->round.used = true;
    core->has_record = state.last_record.len > 0;
    if (core->has_record)
        memcpy(core->last_record, state.last_record.ptr, DIGEST_SIZE);
    /* What was planned under another policy is not what the owner wants under this one. */
    if (state.work.lasting && view_equal(state.policy, VIEW_OF(core->policy_digest)) &&
        core_check_target(core, state.work.target) == STATUS_OK)
        core->work = state.work;
    return STATUS_OK;
}
