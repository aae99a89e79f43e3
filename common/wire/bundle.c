/* bundle.c: see bundle.h. */
#include "bundle.h"
#include "values.h"

enum status bundle_encode(const struct bundle *bundle, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 5);
    write_uint(&writer, 1);
    write_kind(&writer, bundle->kind);
    write_uint(&writer, 2);
    write_bounded(&writer, bundle->evidence, 1, EVIDENCE_MAX);
    write_uint(&writer, 3);
    write_bounded(&writer, bundle->claims, 1, MESSAGE_MAX);
    write_uint(&writer, 4);
    write_bounded(&writer, bundle->policy, 1, POLICY_MAX);
    write_uint(&writer, 5);
    write_endorsements(&writer, &bundle->endorsements);
    return writer_end(&writer);
}

enum status bundle_decode(struct view bytes, struct bundle *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(5), FIELDS_TO(5));
    struct bundle value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.kind = read_kind(&reader);
            break;
        case 2:
            value.evidence = read_bytes(&reader, 1, EVIDENCE_MAX);
            break;
        case 3:
            value.claims = read_bytes(&reader, 1, MESSAGE_MAX);
            break;
        case 4:
            value.policy = read_bytes(&reader, 1, POLICY_MAX);
            break;
        case 5:
            read_endorsements(&reader, &value.endorsements);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}

enum status enclave_claims_encode(const struct enclave_claims *claims, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 7);
    write_uint(&writer, 1);
    write_name(&writer, claims->federation);
    write_uint(&writer, 2);
    write_name(&writer, claims->aggregator);
    write_uint(&writer, 3);
    write_fixed(&writer, claims->boot_id, BOOT_ID_SIZE);
    write_uint(&writer, 4);
    write_fixed(&writer, claims->signing_key, PUBLIC_KEY_SIZE);
    write_uint(&writer, 5);
    write_fixed(&writer, claims->sealing_key, PUBLIC_KEY_SIZE);
    write_uint(&writer, 6);
    write_fixed(&writer, claims->policy_digest, DIGEST_SIZE);
    write_uint(&writer, 7);
    write_uint(&writer, claims->booted);
    return writer_end(&writer);
}

enum status enclave_claims_decode(struct view bytes, struct enclave_claims *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(7), FIELDS_TO(7));
    struct enclave_claims value = {0};
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
            value.boot_id = read_fixed(&reader, BOOT_ID_SIZE);
            break;
        case 4:
            value.signing_key = read_fixed(&reader, PUBLIC_KEY_SIZE);
            break;
        case 5:
            value.sealing_key = read_fixed(&reader, PUBLIC_KEY_SIZE);
            break;
        case 6:
            value.policy_digest = read_fixed(&reader, DIGEST_SIZE);
            break;
        case 7:
            value.booted = read_time(&reader);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}
