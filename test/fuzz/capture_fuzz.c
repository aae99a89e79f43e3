/* capture: edits (where: 2 bytes little endian, what: 1 byte that is xored) of a small capture, and a last byte that cuts
 * its end off. Nothing crashes or hangs; and a file that is neither refused nor blamed reads as it was written. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "file.h"

#define MESSAGES 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];
static struct buf whole;

static void require(bool true_)
{
    if (!true_)
        abort();
}

static void make_capture(void)
{
    const struct capture_about about = {.federation = "fed", .maker = "fuzz", .part = 1};
    CLEANUP(capture_close) struct capture *capture = NULL;
    struct captured message = {.at_us = 1, .topic = "tacit/1/fed/update/agg/dev/7.0", .payload = VIEW_TEXT("payload")};

    require(capture_create(path, &about, &capture, NULL) == STATUS_OK);
    require(capture_begin_session(capture, 1, "broker", "me") == STATUS_OK);
    for (size_t i = 0; i < MESSAGES; i++)
        require(capture_put(capture, &message) == STATUS_OK);
    require(capture_commit(capture) == STATUS_OK);
}

static void remove_file(void)
{
    (void)unlink(path);
}

static void note_fault(void *ctx, const struct capture_fault *fault)
{
    (void)fault;
    *(bool *)ctx = true;
}

static size_t count_messages(struct capture *capture)
{
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
    struct captured message;
    size_t count = 0;

    if (capture_find(capture, &CAPTURE_ALL, &cursor) != STATUS_OK)
        return 0;
    while (capture_next(cursor, &message) == STATUS_OK)
        count += message.parsed && view_equal(message.payload, VIEW_TEXT("payload"));
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    uint8_t *edited;
    bool blamed = false;
    const struct capture_watch watch = {&blamed, note_fault, NULL};
    struct capture_session session;
    size_t len;
    int fd;

    if (whole.ptr == NULL) {
        snprintf(path, sizeof path, P_tmpdir "/capture_fuzz_%d", (int)getpid());
        make_capture();
        atexit(remove_file);
        require(file_read(path, 1 << 20, &whole, NULL) == STATUS_OK);
    }
    edited = malloc(whole.len);
    require(edited != NULL);
    memcpy(edited, whole.ptr, whole.len);
    for (; size >= 3; data += 3, size -= 3)
        edited[(data[0] | (size_t)data[1] << 8) % whole.len] ^= data[2];
    len = size == 0 ? whole.len : whole.len * data[0] / 256;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, edited, len) == (ssize_t)len);
    (void)close(fd);
    free(edited);
    if (capture_open(path, &capture, NULL) != STATUS_OK)
        return 0;
    if (capture_check(capture, &watch) == STATUS_OK && !blamed)
        require(count_messages(capture) == MESSAGES);
    else
        (void)count_messages(capture);
    (void)!capture_session_next(capture, 0, &session);
    return 0;
}
