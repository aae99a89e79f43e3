/* enrol.c: see enrol.h. */
#include "enrol.h"
#include "values.h"

#include <assert.h>

/* Fields of an answer that are there exactly when it grants something. */
#define GRANT (FIELD(3) | FIELD(4) | FIELD(5))

enum status enrol_request_encode(const struct enrol_request *request, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 4);
    write_uint(&writer, 1);
    write_bounded(&writer, request->claims, 1, MESSAGE_MAX);
    write_uint(&writer, 2);
    write_kind(&writer, request->kind);
    write_uint(&writer, 3);
    write_bounded(&writer, request->evidence, 1, EVIDENCE_MAX);
    write_uint(&writer, 4);
    write_endorsements(&writer, &request->endorsements);
    return writer_end(&writer);
}

enum status enrol_request_decode(struct view bytes, struct enrol_request *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(4), FIELDS_TO(4));
    struct enrol_request value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.claims = read_bytes(&reader, 1, MESSAGE_MAX);
            break;
        case 2:
            value.kind = read_kind(&reader);
            break;
        case 3:
            value.evidence = read_bytes(&reader, 1, EVIDENCE_MAX);
            break;
        case 4:
            read_endorsements(&reader, &value.endorsements);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}

enum status device_claims_encode(const struct device_claims *claims, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 8);
    write_uint(&writer, 1);
    write_name(&writer, claims->federation);
    write_uint(&writer, 2);
    write_name(&writer, claims->aggregator);
    write_uint(&writer, 3);
    write_name(&writer, claims->device);
    write_uint(&writer, 4);
    write_fixed(&writer, claims->challenge, CHALLENGE_SIZE);
    write_uint(&writer, 5);
    write_fixed(&writer, claims->key, PUBLIC_KEY_SIZE);
    write_uint(&writer, 6);
    write_fixed(&writer, claims->policy_digest, DIGEST_SIZE);
    write_uint(&writer, 7);
    write_uint(&writer, claims->role);
    write_uint(&writer, 8);
    write_alg(&writer, claims->alg);
    return writer_end(&writer);
}

enum status device_claims_decode(struct view bytes, struct device_claims *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(8), FIELDS_TO(8));
    struct device_claims value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.federation = read_name(&reader);
            break;
        case 2:
            value.aggregator = read_name(&reader);
            break;
        case 3:
            value.device = read_name(&reader);
            break;
        case 4:
            value.challenge = read_fixed(&reader, CHALLENGE_SIZE);
            break;
        case 5:
            value.key = read_fixed(&reader, PUBLIC_KEY_SIZE);
            break;
        case 6:
            value.policy_digest = read_fixed(&reader, DIGEST_SIZE);
            break;
        case 7:
            value.role = read_role(&reader);
            break;
        case 8:
            value.alg = read_alg(&reader);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}

enum status enrol_answer_encode(const struct enrol_answer *answer, struct buf *out)
{
    const bool granted = answer->reason == STATUS_OK;
    struct writer writer = writer_to(out);

    assert(granted || (answer->credential.len == 0 && answer->update_key.len == 0 && answer->model_key.len == 0));
    write_map(&writer, granted ? 5 : 2);
    write_uint(&writer, 1);
    write_fixed(&writer, answer->challenge, CHALLENGE_SIZE);
    write_uint(&writer, 2);
    write_uint(&writer, answer->reason);
    if (granted) {
        write_uint(&writer, 3);
        write_bounded(&writer, answer->credential, 1, MESSAGE_MAX);
        write_uint(&writer, 4);
        write_bounded(&writer, answer->update_key, UPDATE_KEY_MIN, UPDATE_KEY_MAX);
        write_uint(&writer, 5);
        write_fixed(&writer, answer->model_key, MODEL_KEY_SIZE);
    }
    return writer_end(&writer);
}

enum status enrol_answer_decode(struct view bytes, struct enrol_answer *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(5), FIELD(1) | FIELD(2));
    struct enrol_answer value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.challenge = read_fixed(&reader, CHALLENGE_SIZE);
            break;
        case 2:
            value.reason = read_reason(&reader);
            break;
        case 3:
            value.credential = read_bytes(&reader, 1, MESSAGE_MAX);
            break;
        case 4:
            value.update_key = read_bytes(&reader, UPDATE_KEY_MIN, UPDATE_KEY_MAX);
            break;
        case 5:
            value.model_key = read_fixed(&reader, MODEL_KEY_SIZE);
            break;
        }
    }
    TRY(reader_end(&reader));
    if ((fields.seen & GRANT) != (value.reason == STATUS_OK ? GRANT : 0))
        return STATUS_MALFORMED;
    *out = value;
    return STATUS_OK;
}
