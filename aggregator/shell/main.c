/* main.c: tacit-enclave: opens its TEE, locks itself in, serves the gate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"

static const char help[] =
    "tacit-enclave: the trusted half of an aggregator; started by tacit-aggregator, which talks to it over\n"
    "stdin and stdout. It reads the files named here, locks itself in, and reads no file afterwards.\n"
    "\n"
    "usage: tacit-enclave --sim-root FILE\n"
    "\n"
    "  --sim-root FILE  run as a simulated TEE with this root key (PEM); protects nothing from its host\n"
    "  --help           this text\n"
    "\n"
    "exit codes: 0 the host closed the gate; 2 usage; 3 a file or the lock-in failed;\n"
    "4 a call out of its moment, or one that is not whole; 5 the pipe broke\n";

static int complain(const char *what, enum status status)
{
    fprintf(stderr, "tacit-enclave: %s: %s (%s)\n", what, status_text(status), status_name(status));
    return EXIT_SETUP;
}

static int run(struct sim_tee *tee)
{
    struct core_ports ports = {
        .ctx = tee,
        .random = tee->random,
        .attest = sim_tee_attest,
        .sealing_key = sim_tee_sealing_key,
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
        status = lock_in();
    if (status != STATUS_OK)
        return complain("lock-in", status);
    core = core_init(memory, &ports);
    code = serve(core);
    core_wipe(core);
    return code;
}

int main(int argc, char **argv)
{
    struct random_port random = {shell_random, NULL};
    static struct sim_tee tee;
    const char *what;
    enum status status;
    int code;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (argc != 3 || strcmp(argv[1], "--sim-root") != 0) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    if (clearenv() != 0)
        return complain("environment", STATUS_NO_SPACE);
    status = sim_tee_open(argv[2], &random, &tee, &what);
    if (status != STATUS_OK)
        return complain(what, status);
    code = run(&tee);
    wipe(&tee, sizeof tee);
    return code;
}
