/* quoter.c: see quoter.h. A question is 64 bytes. An answer is a head of four numbers (status, and the lengths of kind,
 * evidence and endorsement; little endian) and those three, one after the other. */
#include "quoter.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "shell.h"

#define ANSWER_NUMBERS 4

static enum status answer(const struct attester *attester)
{
    static uint8_t evidence_bytes[EVIDENCE_MAX], endorsement_bytes[ENDORSEMENT_MAX];
    struct buf evidence = BUF_OF(evidence_bytes), endorsement = BUF_OF(endorsement_bytes);
    uint8_t report_data[SHA512_SIZE], head[ANSWER_NUMBERS * sizeof(uint32_t)];
    struct view kind = {NULL, 0};
    enum status status;

    TRY(shell_read(STDIN_FILENO, report_data, sizeof report_data));
    status = attester->attest(attester->ctx, report_data, &kind, &evidence, &endorsement);
    if (status != STATUS_OK) {
        fprintf(stderr, "tacit-enclave: evidence: %s (%s)\n", status_text(status), status_name(status));
        kind.len = evidence.len = endorsement.len = 0;
    }
    write_le32(head, status);
    write_le32(head + 4, (uint32_t)kind.len);
    write_le32(head + 8, (uint32_t)evidence.len);
    write_le32(head + 12, (uint32_t)endorsement.len);
    TRY(shell_write(STDOUT_FILENO, VIEW_OF(head)));
    TRY(shell_write(STDOUT_FILENO, kind));
    TRY(shell_write(STDOUT_FILENO, buf_view(&evidence)));
    return shell_write(STDOUT_FILENO, buf_view(&endorsement));
}

/* In the child. The pipe's end tells that the parent is gone, should the signal have come too late to be sent. */
static _Noreturn void be_quoter(const struct attester *attester, const int to[2], const int from[2], pid_t parent)
{
    signal(SIGCHLD, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(to[0], STDIN_FILENO) < 0 ||
        dup2(from[1], STDOUT_FILENO) < 0 || close_range(3, ~0u, 0) != 0 || lock_in(CONFINED_QUOTER) != STATUS_OK)
        _exit(EXIT_SETUP);
    while (answer(attester) == STATUS_OK)
        continue;
    _exit(EXIT_DONE);
}

/* The child is gone. The process has nothing to lose but its memory, which ends with it. */
static void end_with_child(int signal)
{
    static const char text[] = "tacit-enclave: the process that asks for evidence has ended\n";

    (void)signal;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(EXIT_QUOTER);
    _exit(EXIT_QUOTER);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

enum status quoter_start(const struct attester *attester, struct quoter *out)
{
    const struct sigaction ending = {.sa_handler = end_with_child, .sa_flags = SA_NOCLDSTOP};
    const pid_t parent = getpid();
    int to[2], from[2];
    pid_t pid;

    if (pipe(to) != 0)
        return STATUS_IO;
    if (pipe(from) != 0) {
        close_pair(to);
        return STATUS_IO;
    }
    pid = sigaction(SIGCHLD, &ending, NULL) == 0 ? fork() : -1;
    if (pid == 0)
        be_quoter(attester, to, from, parent);
    if (pid < 0) {
        close_pair(to);
        close_pair(from);
        return STATUS_IO;
    }
    close(to[0]);
    close(from[1]);
    *out = (struct quoter){.to = to[1], .from = from[0]};
    return STATUS_OK;
}

/* So many bytes of the answer, appended. */
static enum status take(const struct quoter *quoter, uint32_t len, struct buf *out)
{
    if (len > out->cap - out->len || shell_read(quoter->from, out->ptr + out->len, len) != STATUS_OK)
        return STATUS_IO;
    out->len += len;
    return STATUS_OK;
}

static enum status take_answer(struct quoter *quoter, struct buf *evidence, struct buf *endorsement)
{
    struct buf kind = {.ptr = (uint8_t *)quoter->kind, .cap = KIND_MAX};
    uint8_t head[ANSWER_NUMBERS * sizeof(uint32_t)];
    uint32_t status;

    if (shell_read(quoter->from, head, sizeof head) != STATUS_OK)
        return STATUS_IO;
    status = read_le32(head);
    if (status >= STATUS_LIMIT)
        return STATUS_IO;
    memset(quoter->kind, 0, sizeof quoter->kind);
    TRY(take(quoter, read_le32(head + 4), &kind));
    TRY(take(quoter, read_le32(head + 8), evidence));
    TRY(take(quoter, read_le32(head + 12), endorsement));
    return (enum status)status;
}

enum status quoter_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                          struct buf *evidence, struct buf *endorsement)
{
    struct quoter *quoter = ctx;
    const size_t evidence_before = evidence->len, endorsement_before = endorsement->len;
    enum status status = shell_write(quoter->to, (struct view){report_data, SHA512_SIZE});

    if (status == STATUS_OK)
        status = take_answer(quoter, evidence, endorsement);
    if (status != STATUS_OK) {
        evidence->len = evidence_before;
        endorsement->len = endorsement_before;
        return status;
    }
    *kind = view_of_string(quoter->kind);
    return STATUS_OK;
}
