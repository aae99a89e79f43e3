/* sim_tee.c: the simulated TEE. What hardware would do with a key of its own, this does with a key from a file; whoever
 * accepts it says so in a policy, and all that comes of it is marked simulated. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pem.h"
#include "sim.h"
#include "sim_tee.h"

#define EVIDENCE_LIVES_S 86400

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static enum status read_root(const char *file, struct p256_key *out)
{
    CLEANUP(close_fd) int fd = open(file, O_RDONLY | O_CLOEXEC);
    uint8_t text[PEM_MAX];
    CLEANUP(buf_wipe) struct buf pem = BUF_OF(text);
    ssize_t got;

    if (fd < 0)
        return STATUS_NOT_FOUND;
    while ((got = read(fd, pem.ptr + pem.len, pem.cap - pem.len)) > 0)
        pem.len += (size_t)got;
    if (got < 0)
        return STATUS_IO;
    return pem_private_key(buf_view(&pem), out);
}

static enum status measure(const char *file, uint8_t out[static SHA256_SIZE])
{
    CLEANUP(close_fd) int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat info;
    enum status status;
    void *map;

    if (fd < 0 || fstat(fd, &info) != 0 || info.st_size <= 0)
        return STATUS_IO;
    map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return STATUS_IO;
    status = sha256((struct view){map, (size_t)info.st_size}, out);
    munmap(map, (size_t)info.st_size);
    return status;
}

enum status sim_tee_open(const char *root_file, const struct random_port *random, struct sim_tee *out,
                         const char **what)
{
    out->random = *random;
    *what = root_file;
    TRY(read_root(root_file, &out->root));
    *what = "/proc/self/exe";
    return measure("/proc/self/exe", out->measurement);
}

enum status sim_tee_attest(const struct sim_tee *tee, const struct attest_request *request, struct view *kind,
                           struct buf *evidence)
{
    struct sim_evidence claims = {
        .federation = request->federation,
        .expires = request->now + EVIDENCE_LIVES_S,
        .issued = request->now,
        .nonce = VIEW_OF(request->report_data),
        .measurement = VIEW_OF(tee->measurement),
    };

    *kind = VIEW_TEXT(SIM_KIND);
    return sim_attest(&claims, &tee->root, &tee->random, evidence);
}

enum status sim_tee_sealing_key(const struct sim_tee *tee, uint8_t out[static AEAD_KEY_MAX])
{
    struct buf key = {.ptr = out, .cap = AEAD_KEY_MAX};

    return hkdf_sha256(VIEW_OF(tee->measurement), VIEW_OF(tee->root.scalar), VIEW_TEXT("tacit/1 sim sealing key"),
                       &key);
}
