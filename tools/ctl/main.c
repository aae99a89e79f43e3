/* main.c: tacit, the tool of a federation's owner: finds the command and runs it. */
#include <stdio.h>
#include <string.h>

#include "capture_command.h"
#include "command.h"
#include "doctor_command.h"
#include "profile.h"
#include "replay_command.h"
#include "tune.h"

#define COMMON PROFILE_USAGE

static const struct command commands[] = {
    {"init", init_command, "make a federation folder: keys, certificates, policy, broker and node configuration",
     "FOLDER [options]\n"
     "  --federation NAME      name of the federation (default: home)\n"
     "  --aggregator NAME      name of the aggregator (default: gateway)\n"
     "  --device NAME          a device; may be repeated\n"
     "  --devices N            devices device-1 to device-N (default without --device: 3)\n"
     "  --host NAME            host name or address of the broker, besides localhost and 127.0.0.1; may be repeated;\n"
     "                         the first one is what clients connect to (default: localhost)\n"
     "  --port N               port of the broker (default: 8883)\n"
     "  --enclave FILE, --node FILE   programs whose SHA-256 the policy accepts (default: beside this program)\n"
     "  --escrow               the enclave is tacit-enclave-escrow, which gives the keys of each boot to the owner: "
     "every\n"
     "                         update can be opened then. For tests and `tacit replay`, never in earnest\n"
     "  --package FOLDER       compute package of the nodes (default: the reference package)\n"
     "  --package-option K V   option of the package; may be repeated. In V, @DEVICE@ is the device's name, @INDEX@\n"
     "                         its number from 0, @COUNT@ how many there are\n"
     "  --keep-sealed FOLDER   nodes keep every sealed update and its key there (a path in full, which they may "
     "share):\n"
     "                         for `tacit recompute`, never in earnest\n"
     "  --min-cohort N, --max-cohort N, --max-samples N, --max-parameters N, --fraction-bits N   limits of the policy\n"
     "  --max-packet BYTES     largest MQTT packet (default: 262144)\n"
     "  --days N               how long the policy is valid (default: 365)\n"
     "  --templates FOLDER     where mosquitto.conf.in and acl.in are\n"},
    {"policy sign", policy_sign_command, "sign the text of a policy",
     "FILE --key OWNER.KEY -o OUT\n"
     "  --key FILE   private key of the owner\n"
     "  -o FILE      the signed policy\n"},
    {"policy show", policy_show_command, "tell a signed policy in words",
     "FILE [--owner-key OWNER.PUB]\n"
     "  --owner-key FILE   verify the signature with this public key\n"},
    {"policy check", policy_check_command, "say whether the text of a policy is good, and what weakens it", "FILE\n"},
    {"policy sample", policy_sample_command, "print the text of a policy with every key explained",
     "[KIND]\n"
     "  KIND   kind of evidence: sim, sgx, tdx, snp, psa, tpm (default: sgx for aggregators, tpm for devices)\n"},
    {"model init", model_init_command, "make a first model with a compute package",
     "--package FOLDER [--option K V ...] [--seed N] -o FILE\n"
     "  --package FOLDER   the compute package\n"
     "  --option K V       an option of the package; may be repeated\n"
     "  --seed N           seed of its random numbers (default: 1)\n"
     "  --runner FILE      the program that runs packages (default: tacit-run beside this program)\n"
     "  -o FILE            the model, as safetensors\n"},
    {"model import", model_import_command, "give the enclave a model", "FILE [options]\n" COMMON},
    {"model export", model_export_command, "fetch the latest model from the broker, with a key from the enclave",
     "-o FILE [options]\n"
     "  -o FILE   the model, as safetensors\n" COMMON},
    {"model show", model_show_command, "list a model file's tensors and its digest", "FILE\n"},
    {"start", start_command, "start rounds",
     "--rounds N [--cohort N] [--deadline SECONDS] [--no-evaluate] [--lasting] [options]\n"
     "  --rounds N           how many\n"
     "  --cohort N           a round closes when so many updates are counted (default: the policy's minimum)\n"
     "  --deadline SECONDS   of each round (default: 600)\n"
     "  --no-evaluate        no closing round in which the cohort evaluates the last model\n"
     "  --lasting            an enclave that restarts goes on with them by itself; without it they end with the boot.\n"
     "                       Its host could have rounds done again with an old state: SECURITY.md\n" COMMON},
    {"stop", stop_command, "stop after the round that is open", "[options]\n" COMMON},
    {"revoke", revoke_command, "revoke devices, credentials or programs; alone: send the list again",
     "[device NAME... | credential CTI... | measurement KIND HEX... | --list] [options]\n"
     "  device NAME...           is not enrolled, and its updates are not counted, whatever it shows\n"
     "  credential CTI...        updates under it are not counted; its device may enrol again\n"
     "  measurement KIND HEX...  the same as `device` for every device that runs this program, of a kind of evidence\n"
     "  --list                   show the list; nothing is sent\n" COMMON},
    {"unrevoke", unrevoke_command, "take entries out of the revocation list",
     "device NAME... | credential CTI... | measurement KIND HEX... [options]\n" COMMON},
    {"status", status_command, "what the aggregator says of itself (nothing is proven in it)",
     "[--json] [--watch] [options]\n"
     "  --json    as JSON\n"
     "  --watch   go on and print every change\n" COMMON},
    {"rounds", rounds_command, "the records of the rounds, verified",
     "[--json] [--watch [--count N]] [--save FOLDER] [options]\n"
     "  --json          one JSON object for each round\n"
     "  --watch         go on and print each round when it is known what its model is worth\n"
     "  --count N       end after so many rounds were printed\n"
     "  --save FOLDER   write the records and the evidence there, for `tacit recompute`\n" COMMON},
    {"audit", audit_command, "verify a whole chain of records, and name what is wrong with it first",
     "[FOLDER [--journal DATABASE] [--at TIME] [--from ROUND]] [--json] [options]\n"
     "  FOLDER               what `tacit rounds --save` wrote: records and evidence (default: what the broker "
     "retains)\n"
     "  --journal DATABASE   take the records from there: the `database` of the aggregator, which may be running\n"
     "  --at TIME            appraise the evidence as of then: seconds since 1970, 2026-11-21, or "
     "2026-11-21T08:00:00Z\n"
     "                       (default: when its file was written)\n"
     "  --from ROUND         leave aside what is before that round (default: the chain must begin at its beginning)\n"
     "  --json               one JSON object\n"
     "exit codes: 0 the chain is whole; 1 it is not; 2 the command line is wrong; 3 a file is; 4 the broker is not "
     "reachable\n" COMMON},
    {"recompute", recompute_command, "compute the models again from kept updates, and compare",
     "FOLDER [--base FILE]\n"
     "  FOLDER        what nodes with keep_sealed and `tacit rounds --save` wrote\n"
     "  --base FILE   base model of the first round (default: FOLDER/base.safetensors)\n"},
    {"escrow", escrow_command,
     "get the keys of a simulated boot from an enclave that was built to give them, for replays",
     "-o FILE.tacit [options]\n"
     "  -o FILE   a capture that holds the keys and no messages; it opens every update of that boot\n" COMMON},
    {"explain", explain_command, "why a device trusts its aggregator, check by check",
     "DATABASE\n"
     "  DATABASE   the `database` of the device's configuration; the device may be running\n"
     "\n"
     "exit codes: 0 it trusts one; 1 it trusts none yet, or the database is damaged; 3 there is no database\n"},
    {"appraise", appraise_command, "explain a verdict on captured evidence, check by check",
     "KIND EVIDENCE [options]\n"
     "  KIND                 sgx, tdx, snp, psa, tpm or sim\n"
     "  EVIDENCE             a file: quote, report, token or container; with --signature a bare TPMS_ATTEST\n"
     "  --endorsements PATH  certificates, chains, revocation lists, collateral: DER, PEM, hexadecimal or JSON, told\n"
     "                       apart by content; of a folder what the evidence can use; may be repeated\n"
     "  --key FILE           of the attester: public key (psa, tpm; of a tpm also a TPM2B_PUBLIC), secret of a MAC\n"
     "                       (psa), root (sim); a policy names it itself\n"
     "  --ca FILE            tpm: certificate or public key of who certified the key, which is then not believed "
     "alone\n"
     "  --signature FILE     tpm: TPMT_SIGNATURE, or the bare signature; its key is --key, or in a certificate\n"
     "  --pcrs FILE          tpm: {\"sha256\": {\"0\": \"hexadecimal digits\"}}, with --signature\n"
     "  --nonce HEX          what the evidence must bind; behind it there may only be zeros\n"
     "  --policy FILE        a signed policy, or the text of one\n"
     "  --owner-key FILE     verify the policy's signature with this public key\n"
     "  --for WHOM           aggregator or device: which list of the policy counts (default: both)\n"
     "  --name NAME          of the aggregator or device that showed it, where the policy names it\n"
     "  --at TIME            seconds since 1970, 2026-11-21, or 2026-11-21T08:00:00Z (default: now)\n"
     "  --json               one JSON object\n"
     "exit codes: 0 accepted by the policy; 1 refused; 2 the command line or a file is wrong; 4 authentic, but no\n"
     "policy was given\n"},
    {"capture info", capture_info_command, "what is in a capture, and what is missing from it", CAPTURE_INFO_USAGE},
    {"capture export", capture_export_command, "one round of a capture, for other tools", CAPTURE_EXPORT_USAGE},
    {"capture trim", capture_trim_command, "a smaller capture: some rounds, some devices", CAPTURE_TRIM_USAGE},
    {"capture anonymise", capture_anonymise_command, "a capture with other device ids", CAPTURE_ANONYMISE_USAGE},
    {"capture", capture_command, "keep every message of a federation in a file", CAPTURE_USAGE COMMON},
    {"doctor", doctor_command, "whether a broker's configuration carries the rounds that are planned", DOCTOR_USAGE},
    {"replay", replay_command,
     "compute captured rounds again and compare every bit; or play them against a test broker", replay_usage},
    {"reasons", reasons_command, "the table of reason codes", "\n"},
};

static int print_commands(FILE *out, int code)
{
    fputs("usage: tacit COMMAND ...\n\n", out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(out, "  %-17s %s\n", commands[i].name, commands[i].help);
    fputs("\n`tacit help COMMAND` tells the options of a command.\n", out);
    return code;
}

static int print_help(const struct command *command)
{
    printf("tacit %s: %s\n\nusage: tacit %s %s", command->name, command->help, command->name, command->usage);
    return EXIT_OK;
}

/* How many of the words are the command's name; 0 when they are another's. */
static int words_matching(const struct command *command, int argc, char *argv[])
{
    const char *second = strchr(command->name, ' ');
    size_t length = second == NULL ? strlen(command->name) : (size_t)(second - command->name);

    if (argc < 1 || strlen(argv[0]) != length || strncmp(argv[0], command->name, length) != 0)
        return 0;
    if (second == NULL)
        return 1;
    return argc > 1 && strcmp(argv[1], second + 1) == 0 ? 2 : 0;
}

static const struct command *find(int argc, char *argv[], int *words)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        *words = words_matching(&commands[i], argc, argv);
        if (*words > 0)
            return &commands[i];
    }
    return NULL;
}

static bool asks_for_help(int argc, char *argv[])
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

int main(int argc, char *argv[])
{
    const struct command *command;
    bool help = argc > 1 && strcmp(argv[1], "help") == 0;
    int words, first = help ? 2 : 1;

    os_tune_malloc();
    command = find(argc - first, argv + first, &words);
    if (command == NULL)
        return help || asks_for_help(argc, argv) ? print_commands(stdout, EXIT_OK) : print_commands(stderr, EXIT_USAGE);
    first += words;
    if (help || asks_for_help(argc - first, argv + first))
        return print_help(command);
    return command->run(command, argc - first, argv + first);
}
