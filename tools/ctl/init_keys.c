/* init_keys.c: see init_plan.h. */
#include "init_plan.h"

#include <stdio.h>
#include <string.h>

#include "keys.h"
#include "pem.h"
#include "certificate.h"

/* What is handed to several parts of the federation. */
struct shared {
    const struct init_plan *plan;
    struct reason *reason;
    struct p256_key authority, sim_root;
    char authority_name[NAME_MAX_LEN + 16];
    uint8_t certificate_bytes[X509_MAX], owner_bytes[PEM_MAX];
    struct buf certificate, owner_pub; /* of the authority; of the owner */
};

static void shared_wipe(struct shared *shared)
{
    p256_key_wipe(&shared->authority);
    p256_key_wipe(&shared->sim_root);
}

static enum status write_private(const struct shared *shared, const struct p256_key *key, const char *folder,
                                 const char *name)
{
    uint8_t text[PEM_MAX];
    CLEANUP(buf_wipe) struct buf pem = BUF_OF(text);

    TRY(pem_write_private(key, &pem));
    return init_write(shared->plan, INIT_SECRET, buf_view(&pem), shared->reason, "%s/%s.key", folder, name);
}

static enum status issue(const struct shared *shared, enum certificate_kind kind, const char *common_name,
                         const struct p256_key *subject, struct buf *out)
{
    const struct certificate_request request = {
        .kind = kind,
        .name = common_name,
        .issuer = shared->authority_name,
        .hosts = shared->plan->hosts,
        .now = shared->plan->now,
    };

    return certificate_issue(&request, subject, &shared->authority, out);
}

/* FILE.key and FILE.crt of a new key in a folder. */
static enum status make_pair(const struct shared *shared, enum certificate_kind kind, const char *common_name,
                             const char *folder, const char *file)
{
    CLEANUP(p256_key_wipe) struct p256_key key = {0};
    uint8_t text[X509_MAX];
    struct buf pem = BUF_OF(text);

    TRY(p256_generate(&keys_random, &key));
    TRY(issue(shared, kind, common_name, &key, &pem));
    TRY(write_private(shared, &key, folder, file));
    return init_write(shared->plan, INIT_PUBLIC, buf_view(&pem), shared->reason, "%s/%s.crt", folder, file);
}

static enum status put_authority(const struct shared *shared, const char *folder)
{
    return init_write(shared->plan, INIT_PUBLIC, buf_view(&shared->certificate), shared->reason, "%s/ca.crt", folder);
}

/* What an attester has: an aggregator or a device. */
static enum status make_member(const struct shared *shared, const char *common_name, const char *folder)
{
    TRY(put_authority(shared, folder));
    TRY(init_write(shared->plan, INIT_PUBLIC, buf_view(&shared->owner_pub), shared->reason, "%s/owner.pub", folder));
    TRY(write_private(shared, &shared->sim_root, folder, "sim-root"));
    return make_pair(shared, X509_CLIENT, common_name, folder, "client");
}

static enum status make_roots(struct shared *shared, struct p256_key *owner)
{
    uint8_t text[PEM_MAX];
    struct buf sim_pub = BUF_OF(text);

    TRY(p256_generate(&keys_random, owner));
    TRY(p256_generate(&keys_random, &shared->authority));
    TRY(p256_generate(&keys_random, &shared->sim_root));
    TRY(pem_write_public(VIEW_OF(owner->point), &shared->owner_pub));
    TRY(pem_write_public(VIEW_OF(shared->sim_root.point), &sim_pub));
    TRY(issue(shared, X509_AUTHORITY, shared->authority_name, &shared->authority, &shared->certificate));

    TRY(write_private(shared, owner, ".", "owner"));
    TRY(write_private(shared, &shared->authority, ".", "ca"));
    TRY(write_private(shared, &shared->sim_root, ".", "sim-root"));
    TRY(put_authority(shared, "."));
    TRY(init_write(shared->plan, INIT_PUBLIC, buf_view(&shared->owner_pub), shared->reason, "owner.pub"));
    return init_write(shared->plan, INIT_PUBLIC, buf_view(&sim_pub), shared->reason, "sim-root.pub");
}

enum status init_keys(const struct init_plan *plan, struct p256_key *owner, struct reason *reason)
{
    CLEANUP(shared_wipe) struct shared shared = {.plan = plan, .reason = reason};

    shared.certificate = BUF_OF(shared.certificate_bytes);
    shared.owner_pub = BUF_OF(shared.owner_bytes);
    (void)snprintf(shared.authority_name, sizeof shared.authority_name, "%s authority", plan->options->federation);
    TRY(make_roots(&shared, owner));
    TRY(put_authority(&shared, "owner"));
    TRY(make_pair(&shared, X509_CLIENT, INIT_OWNER, "owner", "client"));
    TRY(make_pair(&shared, X509_CLIENT, INIT_WATCHER, "owner", "watch"));
    TRY(make_pair(&shared, X509_CLIENT, INIT_OBSERVER, "owner", "observe"));
    TRY(put_authority(&shared, "broker"));
    TRY(make_pair(&shared, X509_SERVER, "broker", "broker", "broker"));
    TRY(make_member(&shared, plan->options->aggregator, "aggregator"));
    for (size_t i = 0; i < plan->device_count; i++) {
        char folder[NAME_MAX_LEN + 16];
        (void)snprintf(folder, sizeof folder, "devices/%s", plan->devices[i]);
        TRY(make_member(&shared, plan->devices[i], folder));
    }
    return STATUS_OK;
}
