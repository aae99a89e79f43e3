/* device_disk.c: what a device keeps, as node/daemon's store does: each key by a transaction of its own, whole or not
 * there. A node that keeps several things in one event may crash between any two of them. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "simulation.h"

static struct buf *slot(struct device *device, const char *key)
{
    unsigned int at = 0;

    while (device->disk[at].key[0] != '\0' && strcmp(device->disk[at].key, key) != 0)
        at++;
    assert(at + 1 < ARRAY_LEN(device->disk));
    snprintf(device->disk[at].key, sizeof device->disk[at].key, "%s", key);
    return &device->disk[at].bytes;
}

static tacit_reason may_write(struct device *device, const char *key)
{
    if (device->crashed)
        return STATUS_IO;
    if (device->full)
        return STATUS_NO_SPACE;
    if (device->write_blow.wait > 0)
        device->write_blow.wait--;
    if (!blow_strikes(&device->write_blow, BLOW_BEFORE))
        return 0;
    sim_trace(device->sim, device->name, "crashes before %s is kept", key);
    device->crashed = true;
    return STATUS_IO;
}

static tacit_reason has_written(struct device *device, const char *key)
{
    if (blow_strikes(&device->write_blow, BLOW_UNSURE)) {
        sim_trace(device->sim, device->name, "is told that %s was not kept, and it was", key);
        return STATUS_IO;
    }
    if (!blow_strikes(&device->write_blow, BLOW_AFTER))
        return 0;
    sim_trace(device->sim, device->name, "crashes after %s was kept", key);
    device->crashed = true;
    return STATUS_IO;
}

/* The head as a node keeps it: round, digest, version of the policy. */
static void note_head(struct device *device, const uint8_t *bytes)
{
    const struct chain_head *last = &device->accepted;
    struct chain_head head = {
        .any = true, .round = read_be32(bytes), .policy_version = read_be64(bytes + 4 + DIGEST_SIZE)};

    memcpy(head.digest, bytes + 4, DIGEST_SIZE);
    /* The same one is kept once more when the first time was in doubt. */
    if (!last->any || last->round != head.round || last->policy_version != head.policy_version ||
        memcmp(last->digest, head.digest, DIGEST_SIZE) != 0)
        invariant_no_fork_accepted(device, &head);
}

tacit_reason device_keep(void *ctx, const char *key, const uint8_t *bytes, size_t size)
{
    struct device *device = ctx;
    const tacit_reason reason = may_write(device, key);

    if (reason != 0)
        return reason;
    buf_replace(slot(device, key), (struct view){bytes, size});
    if (strcmp(key, "head") == 0 && size == 4 + DIGEST_SIZE + 8)
        note_head(device, bytes);
    return has_written(device, key);
}

tacit_reason device_load(void *ctx, const char *key, uint8_t *bytes, size_t *size)
{
    const struct buf *kept = slot(ctx, key);

    if (kept->len == 0)
        return STATUS_NOT_FOUND;
    if (kept->len > *size)
        return STATUS_NO_SPACE;
    memcpy(bytes, kept->ptr, kept->len);
    *size = kept->len;
    return 0;
}
