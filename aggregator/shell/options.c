/* options.c: see options.h. Each option has a row; what they may say together is checked at the end. */
#include "options.h"

#include <string.h>

#include "escrow.h"

const char options_help[] =
    "tacit-enclave: the trusted half of an aggregator. tacit-aggregator talks to it over stdin and stdout, or over a\n"
    "socket. It opens the files named here, locks itself in, and opens no file afterwards.\n"
    "\n"
    "usage: tacit-enclave --sim-root FILE [--listen ADDRESS]\n"
    "       tacit-enclave --tee gramine [--tee-root FOLDER]\n"
    "       tacit-enclave --tee tsm [--privlevel N] [--tee-root FOLDER] [--listen ADDRESS]\n"
    "\n"
    "  --sim-root FILE     run as a simulated TEE with this root key (PEM); protects nothing from its host\n"
    "  --tee gramine       an SGX enclave on Gramine, whose manifest fixes these arguments\n"
    "  --tee tsm           a confidential virtual machine (AMD SEV-SNP, Intel TDX) with Linux 6.7 or later\n"
    "  --privlevel N       SEV-SNP: the VMPL that reports are asked for, 0 to 3\n"
    "  --tee-root FOLDER   where the TEE's files are, instead of /dev/attestation or /sys/kernel/config/tsm/report\n"
    "  --listen ADDRESS    wait for one connection, unix:PATH or vsock:PORT, and end with it\n"
    "  --help              this text\n"
    "\n"
    "There is no default TEE.\n"
    "\n"
    "exit codes: 0 the host closed the gate; 2 usage; 3 a file, the TEE, the socket or the lock-in failed;\n"
    "4 a call out of its moment, or one that is not whole; 5 the pipe broke; 6 the process that asks for evidence "
    "ended\n";

struct parser {
    struct options *options;
    bool root_is_file; /* of --sim-root */
};

/* Each takes a value; NULL when well, else what is wrong. */

static const char *take_sim_root(struct parser *parser, const char *value)
{
    if (parser->options->kind != NULL || parser->options->root != NULL)
        return "--sim-root goes with no other TEE";
    parser->options->kind = tee_find("sim");
    parser->options->root = value;
    parser->root_is_file = true;
    return NULL;
}

static const char *take_tee(struct parser *parser, const char *value)
{
    const struct tee_kind *kind = tee_find(value);

    if (parser->options->kind != NULL)
        return "only one TEE";
    if (kind == NULL || kind == tee_find("sim"))
        return "--tee: gramine or tsm (--sim-root simulates)";
    parser->options->kind = kind;
    return NULL;
}

static const char *take_root(struct parser *parser, const char *value)
{
    if (parser->options->root != NULL)
        return "--tee-root stands twice, or beside --sim-root";
    parser->options->root = value;
    return NULL;
}

static const char *take_privlevel(struct parser *parser, const char *value)
{
    if (parser->options->privlevel != TSM_PRIVLEVEL_ANY)
        return "--privlevel stands twice";
    if (value[0] < '0' || value[0] > '0' + TSM_PRIVLEVEL_MAX || value[1] != '\0')
        return "--privlevel: a number from 0 to 3";
    parser->options->privlevel = value[0] - '0';
    return NULL;
}

static const char *take_listen(struct parser *parser, const char *value)
{
    if (parser->options->listens)
        return "--listen stands twice";
    if (gate_socket_parse(value, &parser->options->gate) != STATUS_OK)
        return "--listen: unix:PATH (up to 107 characters) or vsock:PORT";
    parser->options->listens = true;
    return NULL;
}

static const struct row {
    const char *name;
    const char *(*take)(struct parser *parser, const char *value);
} rows[] = {
    {"--sim-root", take_sim_root},   {"--tee", take_tee},       {"--tee-root", take_root},
    {"--privlevel", take_privlevel}, {"--listen", take_listen},
};

static const char *take_option(struct parser *parser, const char *name, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        return value == NULL || *value == '\0' ? "an option without its value" : rows[i].take(parser, value);
    }
    return "an option that is not known";
}

/* What the options say together. */
static const char *check(const struct parser *parser)
{
    const struct options *options = parser->options;

    if (escrow_build.gives && options->kind != NULL && options->kind != tee_find("sim"))
        return "this program gives its keys away, so --sim-root is all that it serves";
    if (options->kind == NULL)
        return "no TEE is named: --sim-root FILE, --tee gramine or --tee tsm";
    if (options->privlevel != TSM_PRIVLEVEL_ANY && !options->kind->has_levels)
        return "--privlevel goes with --tee tsm";
    if (options->listens && !options->kind->may_listen)
        return "--listen: Gramine has no sockets to its host but TCP";
    return NULL;
}

enum status options_parse(int argc, char **argv, struct options *out, const char **wrong)
{
    struct parser parser = {.options = out};
    const char *first = NULL;

    *out = (struct options){.privlevel = TSM_PRIVLEVEL_ANY};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        out->help = true;
        return STATUS_OK;
    }
    /* To the end, whatever is wrong: a TEE that is named settles where the complaint may go. */
    for (int i = 1; i < argc; i += 2) {
        const char *found = take_option(&parser, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
        first = first != NULL ? first : found;
    }
    *wrong = first != NULL ? first : check(&parser);
    return *wrong == NULL ? STATUS_OK : STATUS_CONFIG;
}
