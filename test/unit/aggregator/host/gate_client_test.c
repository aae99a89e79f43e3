/* The host's end of the gate, against programs that are no enclave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "gate_client.h"

/* Starts /bin/sh with a script in place of an enclave. */
static void start_script(struct gate_client *client, const char *script)
{
    char shell[] = "/bin/sh", option[] = "-c", text[512];
    char *argv[] = {shell, option, text, NULL};
    struct reason reason = {""};

    snprintf(text, sizeof text, "%s", script);
    assert_int_equal(gate_client_start(client, NULL, argv, &reason), STATUS_OK);
}

/* A script behind a Unix socket, for one connection. */
static struct gate_address address;
static pid_t server;

static void listen_there(void)
{
    char folder[] = "/tmp/tacit-gate-XXXXXX";

    assert_non_null(mkdtemp(folder));
    address = (struct gate_address){.place = GATE_UNIX};
    snprintf(address.path, sizeof address.path, "%s/gate", folder);
}

static void serve_script(const char *script)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);

    listen_there();
    memcpy(at.sun_path, address.path, strlen(address.path) + 1);
    assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listening, 1), 0);
    server = fork();
    if (server == 0) {
        int connection = accept(listening, NULL, NULL);
        if (dup2(connection, STDIN_FILENO) == STDIN_FILENO && dup2(connection, STDOUT_FILENO) == STDOUT_FILENO &&
            close_range(3, ~0u, 0) == 0)
            execl("/bin/sh", "/bin/sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    assert_true(server > 0);
    close(listening);
}

static void end_server(void)
{
    assert_int_equal(waitpid(server, NULL, 0), server);
    unlink(address.path);
    *strrchr(address.path, '/') = '\0';
    rmdir(address.path);
}

static void connect_script(struct gate_client *client, const char *script)
{
    struct reason reason = {""};

    serve_script(script);
    assert_int_equal(gate_client_connect(client, &address, &reason), STATUS_OK);
    assert_int_equal(client->pid, 0);
}

/* What one call of GATE_STATUS without a body comes to. */
static enum status call(struct gate_client *client, struct view *response)
{
    return gate_client_call(client, GATE_STATUS, NULL, 0, response);
}

static void a_call_comes_back_with_status_and_body(void **state)
{
    struct gate_client client;
    struct view response;

    (void)state;
    start_script(&client, "head -c 12 >/dev/null; printf 'TG01\\160\\0\\0\\0\\003\\0\\0\\0abc'; cat >/dev/null");
    assert_int_equal(call(&client, &response), STATUS_BUSY);
    assert_int_equal(response.len, 3);
    assert_memory_equal(response.ptr, "abc", 3);
    gate_client_stop(&client);
    assert_int_equal(client.pid, 0);
}

static void pieces_go_over_as_one_body(void **state)
{
    static const uint8_t first[] = {1, 2, 3}, last[] = {4, 5};
    const struct view pieces[] = {VIEW_OF(first), {NULL, 0}, VIEW_OF(last)};
    struct gate_client client;
    struct view response;
    char program[] = "/bin/cat";
    char *argv[] = {program, NULL};
    struct reason reason;

    (void)state;
    assert_int_equal(gate_client_start(&client, NULL, argv, &reason), STATUS_OK);
    /* An echo: the number of the call stands where a status would. */
    assert_int_equal(gate_client_call(&client, GATE_BOOT, pieces, 3, &response), (enum status)GATE_BOOT);
    assert_int_equal(response.len, 5);
    assert_memory_equal(response.ptr, "\1\2\3\4\5", 5);
    gate_client_stop(&client);
}

static void a_body_larger_than_the_pipes_goes_over(void **state)
{
    static uint8_t large[3 << 20];
    const struct view piece = VIEW_OF(large);
    struct gate_client client;
    struct view response;

    (void)state;
    start_script(&client, "head -c 3145740 >/dev/null; printf 'TG01\\0\\0\\0\\0\\0\\0\\0\\0'; cat >/dev/null");
    assert_int_equal(gate_client_call(&client, GATE_OWNER, &piece, 1, &response), STATUS_OK);
    assert_int_equal(response.len, 0);
    gate_client_stop(&client);
}

static const struct {
    const char *why, *script;
} nonsense[] = {
    {"gone at once", "exit 0"},
    {"gone after the call", "head -c 12 >/dev/null"},
    {"other magic", "printf 'XG01\\0\\0\\0\\0\\0\\0\\0\\0'; cat >/dev/null"},
    {"no status", "printf 'TG01\\240\\0\\0\\0\\0\\0\\0\\0'; cat >/dev/null"},
    {"status past 32 bits of sense", "printf 'TG01\\377\\377\\377\\377\\0\\0\\0\\0'; cat >/dev/null"},
    {"gone in its head", "printf 'TG01\\0\\0'"},
    {"gone in its body", "printf 'TG01\\0\\0\\0\\0\\003\\0\\0\\0ab'"},
    {"a body past the bound", "printf 'TG01\\0\\0\\0\\0\\001\\0\\020\\0'; cat >/dev/null"},
    {"a body of 4 GiB", "printf 'TG01\\0\\0\\0\\0\\377\\377\\377\\377'; cat >/dev/null"},
};

static void what_makes_no_sense_is_no_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
        struct gate_client client;
        struct view response = {NULL, 77};
        start_script(&client, nonsense[i].script);
        if (call(&client, &response) != STATUS_NO_CONNECTION)
            fail_msg("%s: taken for an answer", nonsense[i].why);
        assert_int_equal(response.len, 77);
        gate_client_stop(&client);
    }
}

static void a_socket_carries_the_same_calls(void **state)
{
    static uint8_t large[3 << 20];
    const struct view piece = VIEW_OF(large);
    struct gate_client client;
    struct view response;

    (void)state;
    connect_script(&client, "head -c 3145740 >/dev/null; printf 'TG01\\160\\0\\0\\0\\003\\0\\0\\0abc'; cat >/dev/null");
    assert_int_equal(gate_client_call(&client, GATE_OWNER, &piece, 1, &response), STATUS_BUSY);
    assert_int_equal(response.len, 3);
    assert_memory_equal(response.ptr, "abc", 3);
    gate_client_stop(&client);
    assert_false(client.open);
    end_server();
}

static void what_makes_no_sense_over_a_socket_is_no_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
        struct gate_client client;
        struct view response = {NULL, 77};
        connect_script(&client, nonsense[i].script);
        if (call(&client, &response) != STATUS_NO_CONNECTION)
            fail_msg("%s: taken for an answer", nonsense[i].why);
        assert_int_equal(response.len, 77);
        gate_client_stop(&client);
        end_server();
    }
}

static void a_socket_that_nobody_listens_on_is_no_connection(void **state)
{
    struct gate_client client;
    struct reason reason = {""};
    int file;

    (void)state;
    listen_there();
    assert_int_equal(gate_client_connect(&client, &address, &reason), STATUS_NO_CONNECTION);
    assert_string_not_equal(reason.text, "");
    assert_false(client.open);
    gate_client_stop(&client); /* nothing to do */
    file = open(address.path, O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(gate_client_connect(&client, &address, &reason), STATUS_NO_CONNECTION);
    unlink(address.path);
    *strrchr(address.path, '/') = '\0';
    rmdir(address.path);
}

static void it_is_started_in_the_folder_that_was_asked_for(void **state)
{
    char shell[] = "/bin/sh", option[] = "-c";
    char text[] =
        "code='\\160'; [ \"$(pwd)\" != / ] || code='\\0'; printf \"TG01$code\\0\\0\\0\\0\\0\\0\\0\"; cat >/dev/null";
    char *argv[] = {shell, option, text, NULL};
    struct gate_client client;
    struct reason reason = {""};
    struct view response;

    (void)state;
    assert_int_equal(gate_client_start(&client, "/", argv, &reason), STATUS_OK);
    assert_int_equal(call(&client, &response), STATUS_OK);
    gate_client_stop(&client);
    assert_int_equal(gate_client_start(&client, "/nowhere", argv, &reason), STATUS_OK);
    assert_int_equal(call(&client, &response), STATUS_NO_CONNECTION);
    gate_client_stop(&client);
}

static void without_an_enclave_there_is_no_connection(void **state)
{
    struct gate_client client = {0};
    struct view response;

    (void)state;
    assert_int_equal(call(&client, &response), STATUS_NO_CONNECTION);
    gate_client_stop(&client); /* nothing to do */
    start_script(&client, "cat");
    gate_client_stop(&client);
    assert_int_equal(call(&client, &response), STATUS_NO_CONNECTION);
}

static void a_program_that_is_not_there_is_told_by_its_name(void **state)
{
    char program[] = "/nowhere/tacit-enclave";
    char *argv[] = {program, NULL};
    struct gate_client client;
    struct reason reason = {""};

    (void)state;
    assert_int_equal(gate_client_start(&client, NULL, argv, &reason), STATUS_IO);
    assert_non_null(strstr(reason.text, program));
    assert_true(client.pid <= 0);
}

static void it_inherits_no_environment_and_no_file(void **state)
{
    int extra = dup2(STDERR_FILENO, 9);
    struct gate_client client;
    struct view response;

    (void)state;
    assert_int_equal(extra, 9);
    assert_int_equal(setenv("GATE_CLIENT_SECRET", "1", 1), 0);
    /* The status is OK when neither is to be seen, else BUSY. */
    start_script(&client,
                 "code='\\0'; [ -z \"$GATE_CLIENT_SECRET\" ] || code='\\160'; [ ! -e /proc/self/fd/9 ] || code='\\160';"
                 "printf \"TG01$code\\0\\0\\0\\0\\0\\0\\0\"; cat >/dev/null");
    assert_int_equal(call(&client, &response), STATUS_OK);
    gate_client_stop(&client);
    close(extra);
}

static void stopping_reaps_the_process_also_when_it_will_not_end(void **state)
{
    struct gate_client client;
    pid_t pid;

    (void)state;
    start_script(&client, "trap '' TERM; while :; do sleep 1; done");
    pid = client.pid;
    gate_client_stop(&client);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_comes_back_with_status_and_body),
        cmocka_unit_test(pieces_go_over_as_one_body),
        cmocka_unit_test(a_body_larger_than_the_pipes_goes_over),
        cmocka_unit_test(what_makes_no_sense_is_no_connection),
        cmocka_unit_test(a_socket_carries_the_same_calls),
        cmocka_unit_test(what_makes_no_sense_over_a_socket_is_no_connection),
        cmocka_unit_test(a_socket_that_nobody_listens_on_is_no_connection),
        cmocka_unit_test(it_is_started_in_the_folder_that_was_asked_for),
        cmocka_unit_test(without_an_enclave_there_is_no_connection),
        cmocka_unit_test(a_program_that_is_not_there_is_told_by_its_name),
        cmocka_unit_test(it_inherits_no_environment_and_no_file),
        cmocka_unit_test(stopping_reaps_the_process_also_when_it_will_not_end),
    };

    signal(SIGPIPE, SIG_IGN); /* as the host does: a pipe without a reader is told by write */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
