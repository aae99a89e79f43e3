/* keys.c: see keys.h. */
#include "keys.h"

#include "file.h"
#include "pem.h"
#include "random.h"

const struct random_port keys_random = {os_random, NULL};

enum status keys_read_private(const char *path, struct p256_key *out, struct reason *reason)
{
    CLEANUP(file_free_secret) struct buf pem = {0};

    if (file_read_secret(path, PEM_MAX, &pem, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (pem_private_key(buf_view(&pem), out) == STATUS_OK)
        return STATUS_OK;
    reason_set(reason, "%s: no private key of the curve P-256 in PEM", path);
    return STATUS_CONFIG;
}

enum status keys_read_public(const char *path, uint8_t point[static P256_POINT_SIZE], struct reason *reason)
{
    CLEANUP(file_free) struct buf pem = {0};

    if (file_read(path, PEM_MAX, &pem, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (pem_public_key(buf_view(&pem), point) == STATUS_OK)
        return STATUS_OK;
    reason_set(reason, "%s: no public key of the curve P-256 in PEM", path);
    return STATUS_CONFIG;
}
