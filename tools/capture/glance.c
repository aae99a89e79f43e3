/* glance.c: see glance.h. */
#include "glance.h"

#include <string.h>

#include "bundle.h"
#include "cose.h"
#include "need.h"
#include "proof.h"
#include "update.h"

#define MODEL_IV_SIZE 12 /* round, 8 bytes; chunk, 4 bytes (PROTOCOL.md section 8) */

enum status glance_manifest(const struct captured *message, struct manifest *out)
{
    struct cose_sign1 signed_;

    TRY(cose_sign1_decode(message->payload, &signed_));
    return manifest_decode(signed_.payload, out);
}

enum status glance_record(const struct captured *message, struct record *out, uint8_t digest[static 32])
{
    struct cose_sign1 signed_;

    TRY(cose_sign1_decode(message->payload, &signed_));
    TRY(record_decode(signed_.payload, out));
    return sha256(signed_.payload, digest);
}

enum status glance_boot(const struct captured *message, struct view *boot_id)
{
    struct bundle bundle;
    struct enclave_claims claims;

    TRY(bundle_decode(message->payload, &bundle));
    TRY(enclave_claims_decode(bundle.claims, &claims));
    *boot_id = claims.boot_id;
    return STATUS_OK;
}

enum status glance_model(const struct captured *message, uint32_t *round, uint32_t *chunk)
{
    struct cose_encrypt0 sealed;
    uint64_t number;

    TRY(cose_encrypt0_decode(message->payload, &sealed));
    if (sealed.iv.len != MODEL_IV_SIZE)
        return STATUS_MALFORMED;
    number = read_be64(sealed.iv.ptr);
    if (number == 0 || number > ROUND_MAX)
        return STATUS_OUT_OF_RANGE;
    *round = (uint32_t)number;
    *chunk = read_be32(sealed.iv.ptr + 8);
    return STATUS_OK;
}

enum status glance_update(const struct captured *message, struct glance_update *out)
{
    struct cose_encrypt0 sealed;
    struct update_sender sender;

    TRY(cose_encrypt0_decode(message->payload, &sealed));
    TRY(update_sender_decode(sealed.sender, &sender));
    *out = (struct glance_update){sealed.chunk.transfer, sender.boot_id, sealed.chunk.index, sealed.chunk.count};
    return STATUS_OK;
}

static uint32_t round_of_need(struct view payload)
{
    struct need need;

    return need_decode(payload, &need) == STATUS_OK ? need.round : 0;
}

static uint32_t round_of_proof(struct view payload)
{
    struct proof proof;

    return proof_looks_like(payload) && proof_decode(payload, &proof) == STATUS_OK ? proof.round : 0;
}

uint32_t glance_round(const struct captured *message)
{
    struct manifest manifest;
    uint32_t round, chunk;

    if (!message->parsed)
        return 0;
    switch (message->where.kind) {
    case TOPIC_UPDATE:
    case TOPIC_RECORD:
        return message->where.round;
    case TOPIC_ROUND:
        return glance_manifest(message, &manifest) == STATUS_OK ? manifest.round : 0;
    case TOPIC_MODEL:
        return glance_model(message, &round, &chunk) == STATUS_OK ? round : 0;
    case TOPIC_NEED:
        return round_of_need(message->payload);
    case TOPIC_RECEIPT:
        return round_of_proof(message->payload);
    default:
        return 0;
    }
}
