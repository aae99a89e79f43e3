/* Evidence from an external program. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "command_attester.h"
#include "wire_limits.h"

#define LONG_MS  60000
#define SHORT_MS 200

static uint8_t evidence_bytes[EVIDENCE_MAX];
static struct buf evidence;
static struct view kind;
static struct reason reason;

static enum status run(const char *const *argv, uint64_t timeout_ms)
{
    struct command_attester attester = {.kind = "psa", .timeout_ms = timeout_ms};
    struct buf endorsement = {NULL, 0, 0};
    uint8_t report_data[SHA512_SIZE];

    for (size_t i = 0; argv[i] != NULL; i++)
        attester.argv[i] = argv[i];
    for (size_t i = 0; i < sizeof report_data; i++)
        report_data[i] = (uint8_t)(0xa0 + i);
    evidence = BUF_OF(evidence_bytes);
    kind = (struct view){NULL, 0};
    reason.text[0] = '\0';
    return command_attest(&attester, report_data, &kind, &evidence, &endorsement, &reason);
}

static enum status shell(const char *line, uint64_t timeout_ms)
{
    return run((const char *const[]){"/bin/sh", "-c", line, NULL}, timeout_ms);
}

static void assert_says(const char *text)
{
    if (strstr(reason.text, text) == NULL)
        fail_msg("says: %s", reason.text);
}

static void gives_what_the_program_gives(void **state)
{
    (void)state;
    assert_int_equal(shell("printf 'a\\000b'", LONG_MS), STATUS_OK);
    assert_true(view_equal(buf_view(&evidence), (struct view){(const uint8_t *)"a\0b", 3}));
    assert_true(view_equal(kind, VIEW_TEXT("psa")));
    assert_int_equal(shell("head -c 16384 /dev/zero", LONG_MS), STATUS_OK);
    assert_int_equal(evidence.len, EVIDENCE_MAX);
}

static void hands_the_report_data_over_as_a_line(void **state)
{
    static const char line[] = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                               "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf\n";

    (void)state;
    assert_int_equal(run((const char *const[]){"/bin/cat", NULL}, LONG_MS), STATUS_OK);
    assert_true(view_equal(buf_view(&evidence), VIEW_TEXT(line)));
    assert_int_equal(shell("exec <&-; echo unread", LONG_MS), STATUS_OK);
}

static void the_program_sees_nothing_of_ours(void **state)
{
    const int open_file = open("/dev/null", O_RDONLY);
    const char *found;

    (void)state;
    assert_true(open_file > 2);
    assert_int_equal(run((const char *const[]){"/usr/bin/env", NULL}, LONG_MS),
                     STATUS_IO); /* no environment: nothing */
    assert_says("it gave nothing");
    assert_int_equal(run((const char *const[]){"/bin/ls", "/proc/self/fd", NULL}, LONG_MS), STATUS_OK);
    found = (const char *)evidence.ptr;
    assert_true(evidence.len == 8 && memcmp(found, "0\n1\n2\n3\n", 8) == 0); /* 3: the folder itself */
    (void)close(open_file);
}

static void says_why_there_is_no_evidence(void **state)
{
    static const struct {
        const char *why, *line;
        enum status want;
        const char *says;
    } cases[] = {
        {"fails", "echo half; echo no key is provisioned >&2; echo more >&2; exit 3", STATUS_IO,
         "/bin/sh: ended with 3: no key is provisioned"},
        {"fails with a word for the terminal", "printf 'a\\033[31mb' >&2; exit 1", STATUS_IO, "a?[31mb"},
        {"fails without a word", "exit 1", STATUS_IO, "ended with 1: it said nothing"},
        {"fails with many words", "head -c 100000 /dev/zero | tr '\\000' x >&2; exit 1", STATUS_IO, "xxxxxxxx"},
        {"fails with the number of a status", "exit 20", STATUS_IO, "ended with 20"},
        {"gives nothing", "exit 0", STATUS_IO, "it gave nothing"},
        {"is killed", "kill -9 $$", STATUS_IO, "ended by signal 9"},
        {"gives too much", "head -c 16385 /dev/zero", STATUS_NO_SPACE, "more than 16384 bytes"},
        {"gives a byte too much later", "head -c 16384 /dev/zero; sleep 0.2; echo", STATUS_NO_SPACE,
         "more than 16384 bytes"},
        {"gives without end", "cat /dev/zero", STATUS_NO_SPACE, "more than 16384 bytes"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(shell(cases[i].line, LONG_MS), cases[i].want);
        assert_says(cases[i].says);
        assert_int_equal(evidence.len, 0);
        assert_int_equal(kind.len, 0);
    }
    assert_int_equal(run((const char *const[]){"/nowhere/token", NULL}, LONG_MS), STATUS_IO);
    assert_says("/nowhere/token: No such file");
}

static void a_small_buffer_is_left_as_it_was(void **state)
{
    struct command_attester attester = {.argv = {"/bin/echo", "12345678"}, .kind = "psa", .timeout_ms = LONG_MS};
    uint8_t bytes[8] = {1}, report_data[SHA512_SIZE] = {0};
    struct buf small = {.ptr = bytes, .len = 1, .cap = sizeof bytes}, endorsement = {NULL, 0, 0};

    (void)state;
    assert_int_equal(command_attest(&attester, report_data, &kind, &small, &endorsement, &reason), STATUS_NO_SPACE);
    assert_true(small.len == 1 && bytes[0] == 1);
}

static void a_program_that_hangs_is_ended(void **state)
{
    (void)state;
    assert_int_equal(run((const char *const[]){"/bin/sleep", "1000", NULL}, SHORT_MS), STATUS_TIMEOUT);
    assert_says("/bin/sleep: no answer within 200 ms");
    assert_int_equal(shell("trap '' TERM INT; echo half; sleep 1000", SHORT_MS), STATUS_TIMEOUT);
    assert_int_equal(evidence.len, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* The grandchild's number stands in what was given. We inherit it, and see how it ended. */
static void assert_grandchild_was_killed(const char *text)
{
    const pid_t grandchild = (pid_t)atoi(text);
    int ending;

    assert_true(grandchild > 1);
    assert_int_equal(waitpid(grandchild, &ending, 0), grandchild);
    assert_true(WIFSIGNALED(ending) && WTERMSIG(ending) == SIGKILL);
}

static void what_a_program_started_ends_with_it(void **state)
{
    char text[16] = "";

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    /* It holds stdout open, and is not waited for. */
    assert_int_equal(shell("sleep 1000 & echo $!", LONG_MS), STATUS_OK);
    assert_true(evidence.len < sizeof text);
    memcpy(text, evidence.ptr, evidence.len);
    assert_grandchild_was_killed(text);
    assert_int_equal(shell("sleep 1000 & echo $! >&2; exit 1", LONG_MS), STATUS_IO);
    assert_grandchild_was_killed(strrchr(reason.text, ' ') + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_the_program_gives),        cmocka_unit_test(hands_the_report_data_over_as_a_line),
        cmocka_unit_test(the_program_sees_nothing_of_ours),    cmocka_unit_test(says_why_there_is_no_evidence),
        cmocka_unit_test(a_small_buffer_is_left_as_it_was),    cmocka_unit_test(a_program_that_hangs_is_ended),
        cmocka_unit_test(what_a_program_started_ends_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
