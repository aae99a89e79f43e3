/* p256.c: keys, ECDSA and ECDH on P-256 (see crypto.h) by mbedTLS. */
#include "crypto.h"

#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <string.h>

#define GENERATE_TRIES 8 /* a try fails one time in 2^32: after so many the random port is broken */

/* The numbers of one computation. mbedTLS wipes what it frees. */
struct work {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi scalar, r, s;
};

static void work_free(struct work *work)
{
    mbedtls_ecp_group_free(&work->group);
    mbedtls_ecp_point_free(&work->point);
    mbedtls_mpi_free(&work->scalar);
    mbedtls_mpi_free(&work->r);
    mbedtls_mpi_free(&work->s);
}

/* work can be freed whatever is returned. */
static enum status work_start(struct work *work)
{
    mbedtls_ecp_group_init(&work->group);
    mbedtls_ecp_point_init(&work->point);
    mbedtls_mpi_init(&work->scalar);
    mbedtls_mpi_init(&work->r);
    mbedtls_mpi_init(&work->s);
    return mbedtls_ecp_group_load(&work->group, MBEDTLS_ECP_DP_SECP256R1) == 0 ? STATUS_OK : STATUS_CRYPTO;
}

/* A random port in the shape that mbedTLS asks for. */
static int fill_random(void *port, unsigned char *out, size_t len)
{
    const struct random_port *random = port;

    return random->fill(random->ctx, out, len) == STATUS_OK ? 0 : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

static enum status status_of(int error)
{
    if (error == 0)
        return STATUS_OK;
    return error == MBEDTLS_ERR_ECP_RANDOM_FAILED ? STATUS_IO : STATUS_CRYPTO;
}

static enum status load_scalar(struct work *work, struct view scalar)
{
    if (scalar.len != P256_SCALAR_SIZE)
        return STATUS_BAD_KEY;
    TRY(status_of(mbedtls_mpi_read_binary(&work->scalar, scalar.ptr, scalar.len)));
    return mbedtls_ecp_check_privkey(&work->group, &work->scalar) == 0 ? STATUS_OK : STATUS_BAD_KEY;
}

/* The check that keeps a peer from learning about our scalar through a point of another curve. */
static enum status load_point(struct work *work, struct view point)
{
    if (point.len != P256_POINT_SIZE)
        return STATUS_BAD_KEY;
    TRY(status_of(mbedtls_mpi_read_binary(&work->point.X, point.ptr, P256_SCALAR_SIZE)));
    TRY(status_of(mbedtls_mpi_read_binary(&work->point.Y, point.ptr + P256_SCALAR_SIZE, P256_SCALAR_SIZE)));
    TRY(status_of(mbedtls_mpi_lset(&work->point.Z, 1)));
    return mbedtls_ecp_check_pubkey(&work->group, &work->point) == 0 ? STATUS_OK : STATUS_BAD_KEY;
}

/* Two numbers below 2^256, big endian, one after the other. */
static enum status store_pair(const mbedtls_mpi *first, const mbedtls_mpi *second, uint8_t *out)
{
    TRY(status_of(mbedtls_mpi_write_binary(first, out, P256_SCALAR_SIZE)));
    return status_of(mbedtls_mpi_write_binary(second, out + P256_SCALAR_SIZE, P256_SCALAR_SIZE));
}

void p256_key_wipe(struct p256_key *key)
{
    wipe(key, sizeof *key);
}

enum status p256_from_scalar(struct view scalar, const struct random_port *random, struct p256_key *out)
{
    CLEANUP(work_free) struct work work;
    struct random_port port = *random;
    uint8_t point[P256_POINT_SIZE];

    TRY(work_start(&work));
    TRY(load_scalar(&work, scalar));
    TRY(status_of(mbedtls_ecp_mul(&work.group, &work.point, &work.scalar, &work.group.G, fill_random, &port)));
    TRY(store_pair(&work.point.X, &work.point.Y, point));
    memcpy(out->point, point, sizeof point);
    memcpy(out->scalar, scalar.ptr, sizeof out->scalar);
    return STATUS_OK;
}

enum status p256_generate(const struct random_port *random, struct p256_key *out)
{
    uint8_t bytes[P256_SCALAR_SIZE];
    CLEANUP(buf_wipe) struct buf scalar = BUF_OF(bytes);

    for (int tries = 0; tries < GENERATE_TRIES; tries++) {
        enum status status;

        TRY(random->fill(random->ctx, scalar.ptr, scalar.cap));
        scalar.len = scalar.cap;
        status = p256_from_scalar(buf_view(&scalar), random, out);
        if (status != STATUS_BAD_KEY)
            return status;
    }
    return STATUS_CRYPTO;
}

enum status p256_check_point(struct view point)
{
    CLEANUP(work_free) struct work work;

    TRY(work_start(&work));
    return load_point(&work, point);
}

enum status p256_sign(const struct p256_key *key, const uint8_t digest[static SHA256_SIZE],
                      const struct random_port *random, uint8_t out[static P256_SIG_SIZE])
{
    CLEANUP(work_free) struct work work;
    struct random_port port = *random;

    TRY(work_start(&work));
    TRY(load_scalar(&work, VIEW_OF(key->scalar)));
    TRY(status_of(mbedtls_ecdsa_sign_det_ext(&work.group, &work.r, &work.s, &work.scalar, digest, SHA256_SIZE,
                                             MBEDTLS_MD_SHA256, fill_random, &port)));
    return store_pair(&work.r, &work.s, out);
}

enum status p256_verify(struct view point, const uint8_t digest[static SHA256_SIZE], struct view signature)
{
    CLEANUP(work_free) struct work work;
    int error;

    TRY(work_start(&work));
    TRY(load_point(&work, point));
    if (signature.len != P256_SIG_SIZE)
        return STATUS_FORGED;
    TRY(status_of(mbedtls_mpi_read_binary(&work.r, signature.ptr, P256_SCALAR_SIZE)));
    TRY(status_of(mbedtls_mpi_read_binary(&work.s, signature.ptr + P256_SCALAR_SIZE, P256_SCALAR_SIZE)));
    error = mbedtls_ecdsa_verify(&work.group, digest, SHA256_SIZE, &work.point, &work.r, &work.s);
    return error == MBEDTLS_ERR_ECP_VERIFY_FAILED ? STATUS_FORGED : status_of(error);
}

enum status p256_shared(const struct p256_key *key, struct view peer, const struct random_port *random,
                        uint8_t out[static P256_SCALAR_SIZE])
{
    CLEANUP(work_free) struct work work;
    struct random_port port = *random;

    TRY(work_start(&work));
    TRY(load_scalar(&work, VIEW_OF(key->scalar)));
    TRY(load_point(&work, peer));
    TRY(status_of(mbedtls_ecdh_compute_shared(&work.group, &work.r, &work.point, &work.scalar, fill_random, &port)));
    return status_of(mbedtls_mpi_write_binary(&work.r, out, P256_SCALAR_SIZE));
}
