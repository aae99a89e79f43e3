/* owner.c: see owner.h. */
#include "owner.h"
#include "revocation.h"
#include "values.h"

#include <assert.h>

#define PLAN_ROUNDS_MAX   1000000
#define PLAN_DEADLINE_MAX 604800 /* seconds: a week */
#define TOTAL_MAX         ((uint64_t)CHUNKS_MAX * PACKET_MAX)

static void write_plan(struct writer *writer, const struct plan *plan)
{
    write_map(writer, 4u + plan->lasting);
    write_uint(writer, 1);
    write_uint(writer, plan->rounds);
    write_uint(writer, 2);
    write_uint(writer, plan->target);
    write_uint(writer, 3);
    write_uint(writer, plan->deadline_s);
    write_uint(writer, 4);
    write_uint(writer, plan->evaluate);
    if (plan->lasting) {
        write_uint(writer, 5);
        write_uint(writer, 1);
    }
}

static void read_plan(struct reader *reader, struct plan *out)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(5), FIELDS_TO(4));
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            out->rounds = read_uint32(reader, 1, PLAN_ROUNDS_MAX);
            break;
        case 2:
            out->target = read_uint32(reader, 1, COHORT_MAX);
            break;
        case 3:
            out->deadline_s = read_uint32(reader, 1, PLAN_DEADLINE_MAX);
            break;
        case 4:
            out->evaluate = read_uint(reader, 0, 1) == 1;
            break;
        case 5:
            out->lasting = read_uint(reader, 1, 1) == 1;
            break;
        }
    }
}

/* The field that a command brings with it. */
static uint32_t field_of(enum owner_command command)
{
    switch (command) {
    case OWNER_PUT_MODEL:
        return FIELD(4);
    case OWNER_START:
        return FIELD(5);
    case OWNER_REVOKE:
        return FIELD(6);
    default:
        return 0;
    }
}

enum status owner_request_encode(const struct owner_request *request, struct buf *out)
{
    const uint32_t brings = field_of(request->command);
    struct writer writer = writer_to(out);

    assert((request->model.len > 0) == (brings == FIELD(4)));
    assert((request->revoked.len > 0) == (brings == FIELD(6)));
    write_map(&writer, brings == 0 ? 3 : 4);
    write_uint(&writer, 1);
    write_fixed(&writer, request->challenge, CHALLENGE_SIZE);
    write_uint(&writer, 2);
    write_uint(&writer, request->command);
    write_uint(&writer, 3);
    write_fixed(&writer, request->reply_key, PUBLIC_KEY_SIZE);
    if (brings == FIELD(4)) {
        write_uint(&writer, 4);
        write_bytes(&writer, request->model);
    }
    if (brings == FIELD(5)) {
        write_uint(&writer, 5);
        write_plan(&writer, &request->plan);
    }
    if (brings == FIELD(6)) {
        write_uint(&writer, 6);
        write_bounded(&writer, request->revoked, 1, REVOCATIONS_SIGNED_MAX);
    }
    return writer_end(&writer);
}

enum status owner_request_decode(struct view bytes, struct owner_request *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(6), FIELDS_TO(3));
    struct owner_request value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.challenge = read_fixed(&reader, CHALLENGE_SIZE);
            break;
        case 2:
            value.command = (enum owner_command)read_uint(&reader, OWNER_PUT_MODEL, OWNER_ESCROW);
            break;
        case 3:
            value.reply_key = read_fixed(&reader, PUBLIC_KEY_SIZE);
            break;
        case 4:
            value.model = read_bytes(&reader, 1, SIZE_MAX);
            break;
        case 5:
            read_plan(&reader, &value.plan);
            break;
        case 6:
            value.revoked = read_bytes(&reader, 1, REVOCATIONS_SIGNED_MAX);
            break;
        }
    }
    TRY(reader_end(&reader));
    if ((fields.seen & ~FIELDS_TO(3)) != field_of(value.command))
        return STATUS_MALFORMED;
    *out = value;
    return STATUS_OK;
}

enum status owner_answer_encode(const struct owner_answer *answer, struct buf *out)
{
    const bool has_model = answer->model_digest.len > 0, has_key = answer->model_key.len > 0,
               has_list = answer->revocations > 0, has_escrow = answer->escrow.len > 0;
    struct writer writer = writer_to(out);

    write_map(&writer, 1u + has_model + answer->has_round + has_key + has_list + has_escrow);
    write_uint(&writer, 1);
    write_uint(&writer, answer->reason);
    if (has_model) {
        write_uint(&writer, 2);
        write_fixed(&writer, answer->model_digest, DIGEST_SIZE);
    }
    if (answer->has_round) {
        write_uint(&writer, 3);
        write_uint(&writer, answer->round);
    }
    if (has_key) {
        write_uint(&writer, 4);
        write_fixed(&writer, answer->model_key, MODEL_KEY_SIZE);
    }
    if (has_list) {
        write_uint(&writer, 5);
        write_uint(&writer, answer->revocations);
    }
    if (has_escrow) {
        write_uint(&writer, 6);
        write_fixed(&writer, answer->escrow, ESCROW_SIZE);
    }
    return writer_end(&writer);
}

enum status owner_answer_decode(struct view bytes, struct owner_answer *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(6), FIELD(1));
    struct owner_answer value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.reason = read_reason(&reader);
            break;
        case 2:
            value.model_digest = read_fixed(&reader, DIGEST_SIZE);
            break;
        case 3:
            value.round = read_uint32(&reader, 0, ROUND_MAX);
            break;
        case 4:
            value.model_key = read_fixed(&reader, MODEL_KEY_SIZE);
            break;
        case 5:
            value.revocations = read_uint(&reader, 1, REVOCATIONS_VERSION_MAX);
            break;
        case 6:
            value.escrow = read_fixed(&reader, ESCROW_SIZE);
            break;
        }
    }
    TRY(reader_end(&reader));
    value.has_round = (fields.seen & FIELD(3)) != 0;
    *out = value;
    return STATUS_OK;
}

enum status fragment_encode(const struct fragment *fragment, struct buf *out)
{
    struct writer writer = writer_to(out);

    assert(fragment->index < fragment->count && fragment->piece.len <= fragment->total);
    write_map(&writer, 5);
    write_uint(&writer, 1);
    write_fixed(&writer, fragment->transfer, TRANSFER_SIZE);
    write_uint(&writer, 2);
    write_uint(&writer, fragment->index);
    write_uint(&writer, 3);
    write_uint(&writer, fragment->count);
    write_uint(&writer, 4);
    write_uint(&writer, fragment->total);
    write_uint(&writer, 5);
    write_bounded(&writer, fragment->piece, 1, PACKET_MAX);
    return writer_end(&writer);
}

enum status fragment_decode(struct view bytes, struct fragment *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(5), FIELDS_TO(5));
    struct fragment value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.transfer = read_fixed(&reader, TRANSFER_SIZE);
            break;
        case 2:
            value.index = read_uint32(&reader, 0, CHUNKS_MAX - 1);
            break;
        case 3:
            value.count = read_uint32(&reader, 1, CHUNKS_MAX);
            break;
        case 4:
            value.total = read_uint(&reader, 1, TOTAL_MAX);
            break;
        case 5:
            value.piece = read_bytes(&reader, 1, PACKET_MAX);
            break;
        }
    }
    TRY(reader_end(&reader));
    if (value.index >= value.count || value.piece.len > value.total)
        return STATUS_OUT_OF_RANGE;
    *out = value;
    return STATUS_OK;
}
