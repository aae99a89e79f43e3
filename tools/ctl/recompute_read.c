/* recompute_read.c: see recompute.h. */
#include <stdio.h>

#include "bundle.h"
#include "file.h"
#include "recompute.h"
#include "record_files.h"

#define BUNDLE_FILE_MAX ((size_t)4 << 20)

enum status recompute_read_bundle(struct recomputing *recomputing)
{
    char path[FILE_MAX_PATH];
    struct bundle bundle;
    struct enclave_claims claims;
    struct cose_sign1 policy;
    enum status status;

    (void)snprintf(path, sizeof path, "%s/bundle.cbor", recomputing->folder);
    if (file_read(path, BUNDLE_FILE_MAX, &recomputing->bundle_bytes, recomputing->reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = bundle_decode(buf_view(&recomputing->bundle_bytes), &bundle);
    if (status == STATUS_OK)
        status = enclave_claims_decode(bundle.claims, &claims);
    if (status == STATUS_OK)
        status = cose_sign1_decode(bundle.policy, &policy);
    if (status == STATUS_OK)
        status = policy_decode(policy.payload, &recomputing->policy);
    if (status == STATUS_OK)
        status = cose_key_decode(claims.signing_key, recomputing->signing_point);
    if (status == STATUS_OK)
        status = sha256(bundle.policy, recomputing->policy_digest);
    if (status != STATUS_OK) {
        reason_set(recomputing->reason, "%s: %s", path, status_text(status));
        return STATUS_CONFIG;
    }
    recomputing->place = (struct place){.federation = claims.federation, .aggregator = claims.aggregator};
    recomputing->boot_id = claims.boot_id;
    return STATUS_OK;
}

static enum status take_record(void *ctx, const char *path, uint32_t round, struct view message)
{
    struct recomputing *recomputing = ctx;
    const struct chain_signer signer = {recomputing->place, VIEW_OF(recomputing->signing_point), recomputing->boot_id};
    const enum status status = chain_take(&recomputing->chain, &signer, round, message);

    if (status != STATUS_OK)
        reason_set(recomputing->reason, "%s: %s", path, status_text(status));
    return status;
}

enum status recompute_read_records(struct recomputing *recomputing)
{
    TRY(record_files_read(recomputing->folder, take_record, recomputing, recomputing->reason));
    chain_believe(&recomputing->chain, (struct view){NULL, 0});
    return STATUS_OK;
}
