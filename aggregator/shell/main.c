/* main.c: tacit-enclave, and tacit-enclave-escrow (escrow.h): opens its TEE, has one connection if it is to listen, locks itself in, serves the gate. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "escrow.h"
#include "options.h"

static int complain(const char *what, enum status status)
{
    fprintf(stderr, "%s: %s: %s (%s)\n", escrow_build.program, what, status_text(status), status_name(status));
    return EXIT_SETUP;
}

/* From here on nothing that is written to stderr arrives anywhere. */
static bool silence(void)
{
    int sink = open("/dev/null", O_WRONLY);

    if (sink < 0 || dup2(sink, STDERR_FILENO) < 0)
        return false;
    return sink == STDERR_FILENO || close(sink) == 0;
}

static int run(struct tee *tee)
{
    struct core_ports ports = {
        .ctx = tee,
        .random = tee->random,
        .attest = tee_attest,
        .sealing_key = tee_sealing_key,
        .lend = shell_lend,
    };
    void *memory = shell_lend(NULL, core_size());
    struct core *core;
    enum status status;
    int code;

    if (memory == NULL)
        return complain("memory", STATUS_NO_SPACE);
    /* libcrypto reads its tables and processors' features at first use: that is now, before the lock-in. */
    status = crypto_warm_up();
    if (status == STATUS_OK)
        status = lock_in(tee->kind->confinement);
    if (status != STATUS_OK)
        return complain("lock-in", status);
    core = core_init(memory, &ports);
    code = serve(core);
    core_wipe(core);
    return code;
}

static int open_and_run(const struct options *options)
{
    static struct tee tee;
    const char *what = "environment";
    enum status status = clearenv() == 0 ? STATUS_OK : STATUS_NO_SPACE;
    int code;

    /* What whoever started it left open. Where the call does not exist (Gramine), nothing is handed down either. */
    (void)close_range(3, ~0u, 0);
    tee.kind = options->kind;
    tee.random = (struct random_port){shell_random, NULL};
    if (status == STATUS_OK)
        status = tee_open(&tee, options->root, options->privlevel, &what);
    if (status == STATUS_OK && options->listens) {
        what = "--listen";
        status = gate_socket_accept(&options->gate);
    }
    code = status == STATUS_OK ? run(&tee) : complain(what, status);
    wipe(&tee, sizeof tee);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    const char *wrong;
    enum status status = options_parse(argc, argv, &options, &wrong);

    /* Before the first byte that anybody may write. */
    if (options.kind != NULL && options.kind->stderr_is_stdout && !silence())
        return EXIT_SETUP;
    if (options.help) {
        if (escrow_build.warning != NULL)
            printf("%s: %s\n", escrow_build.program, escrow_build.warning);
        fputs(options_help, stdout);
        return EXIT_DONE;
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "%s: %s\n\n%s", escrow_build.program, wrong, options_help);
        return EXIT_USAGE;
    }
    if (escrow_build.warning != NULL)
        fprintf(stderr, "%s: %s", escrow_build.program, escrow_build.warning);
    return open_and_run(&options);
}
