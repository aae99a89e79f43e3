/* recompute_read.c: see recompute.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bundle.h"
#include "file.h"
#include "recompute.h"

#define RECORD_FILE_MAX ((size_t)1 << 20)
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

static enum status read_record(struct recomputing *recomputing, const char *name, uint32_t round)
{
    const struct chain_signer signer = {recomputing->place, VIEW_OF(recomputing->signing_point), recomputing->boot_id};
    CLEANUP(file_free) struct buf message = {0};
    char path[FILE_MAX_PATH];
    enum status status;

    (void)snprintf(path, sizeof path, "%s/%s", recomputing->folder, name);
    if (file_read(path, RECORD_FILE_MAX, &message, recomputing->reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = chain_take(&recomputing->chain, &signer, round, buf_view(&message));
    if (status != STATUS_OK)
        reason_set(recomputing->reason, "%s: %s", path, status_text(status));
    return status;
}

/* The round of a file `ROUND.record`, 0 for another file. */
static uint32_t round_of(const char *name)
{
    unsigned int round;
    int end = 0;

    return sscanf(name, "%9u.record%n", &round, &end) == 1 && end > 0 && name[end] == '\0' ? round : 0;
}

enum status recompute_read_records(struct recomputing *recomputing)
{
    DIR *directory = opendir(recomputing->folder);
    const struct dirent *entry;
    enum status status = STATUS_OK;

    if (directory == NULL) {
        reason_set(recomputing->reason, "%s: %s", recomputing->folder, strerror(errno));
        return STATUS_CONFIG;
    }
    while (status == STATUS_OK && (entry = readdir(directory)) != NULL)
        if (round_of(entry->d_name) > 0)
            status = read_record(recomputing, entry->d_name, round_of(entry->d_name));
    (void)closedir(directory);
    TRY(status);
    if (recomputing->chain.count == 0) {
        reason_set(recomputing->reason, "%s: no records in it; `tacit rounds --save` writes them", recomputing->folder);
        return STATUS_CONFIG;
    }
    chain_believe(&recomputing->chain, (struct view){NULL, 0});
    return STATUS_OK;
}
