/* serve.c: frames in, frames out, and the memory that they lie in. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "shell.h"

enum status shell_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno != EINTR)
            return STATUS_IO;
        if (got > 0) {
            out += got;
            len -= (size_t)got;
        }
    }
    return STATUS_OK;
}

void *shell_lend(void *ctx, size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)ctx;
    if (memory == MAP_FAILED)
        return NULL;
    /* Pages are locked as they are first touched. Not permitted beyond RLIMIT_MEMLOCK: then they may be swapped. */
    (void)mlock2(memory, size, MLOCK_ONFAULT);
    return memory;
}

void shell_return(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    wipe(memory, size);
    munmap(memory, size);
}

/* Room for cap bytes, contents not kept. */
static enum status make_room(struct buf *buf, size_t cap)
{
    if (cap > buf->cap) {
        shell_return(buf->ptr, buf->cap);
        buf->cap = 0;
        buf->ptr = shell_lend(NULL, cap);
        if (buf->ptr == NULL)
            return STATUS_NO_SPACE;
        buf->cap = cap;
    }
    buf->len = 0;
    return STATUS_OK;
}

enum status shell_read(int fd, uint8_t *out, size_t len)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = read(fd, out + got, len - got);
        if (n == 0)
            return got == 0 ? STATUS_NOT_FOUND : STATUS_TRUNCATED;
        if (n < 0 && errno != EINTR)
            return STATUS_IO;
        if (n > 0)
            got += (size_t)n;
    }
    return STATUS_OK;
}

enum status shell_write(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR)
            return STATUS_IO;
        if (n > 0)
            bytes = (struct view){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return STATUS_OK;
}

static enum status read_frame(const struct core *core, struct buf *request, uint32_t *call)
{
    uint8_t head_bytes[GATE_HEAD_SIZE];
    struct gate_head head;

    TRY(shell_read(STDIN_FILENO, head_bytes, sizeof head_bytes));
    TRY(gate_head_decode(head_bytes, &head));
    if (head.len > core_max_body(core))
        return STATUS_NO_SPACE;
    TRY(make_room(request, head.len));
    request->len = head.len;
    *call = head.word;
    if (head.len > 0 && shell_read(STDIN_FILENO, request->ptr, head.len) != STATUS_OK)
        return STATUS_TRUNCATED;
    return STATUS_OK;
}

/* One frame. *fatal as for core_call. */
static enum status serve_one(struct core *core, struct buf *request, struct buf *response, bool *fatal)
{
    struct gate_head head;
    uint32_t call;
    enum status status;

    *fatal = false;
    TRY(read_frame(core, request, &call));
    /* A boot raises the bound of what may come; its own response is small. */
    TRY(make_room(response, GATE_HEAD_SIZE + (call == GATE_BOOT ? GATE_BODY_MAX : core_max_body(core))));
    response->len = GATE_HEAD_SIZE;
    status = core_call(core, call, buf_view(request), response, fatal);
    if (*fatal) {
        fprintf(stderr, "tacit-enclave: call %u: %s (%s): a call like this ends the enclave\n", call,
                status_text(status), status_name(status));
        return status;
    }
    head = (struct gate_head){status, (uint32_t)(response->len - GATE_HEAD_SIZE)};
    gate_head_encode(&head, response->ptr);
    return shell_write(STDOUT_FILENO, buf_view(response));
}

int serve(struct core *core)
{
    struct buf request = {NULL, 0, 0}, response = {NULL, 0, 0};
    enum status status;
    bool fatal;

    do
        status = serve_one(core, &request, &response, &fatal);
    while (status == STATUS_OK);

    shell_return(request.ptr, request.cap);
    shell_return(response.ptr, response.cap);
    if (fatal || status == STATUS_MALFORMED || status == STATUS_NO_SPACE)
        return EXIT_FATAL_CALL;
    return status == STATUS_NOT_FOUND ? EXIT_DONE : EXIT_BROKEN_PIPE;
}
