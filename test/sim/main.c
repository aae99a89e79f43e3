/* main.c: tacit-sim: runs seeds of the simulation. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "simulation.h"

enum { EXIT_HOLDS = 0, EXIT_VIOLATED = 1, EXIT_USAGE = 2 };

static const char help[] =
    "usage: tacit-sim [--seed N | --seeds FROM-TO] [--trace] [--keep-going]\n"
    "Runs a whole federation with faults drawn from each seed, in virtual time; from the root of the tree.\n"
    "  --seed N         one seed\n"
    "  --seeds FROM-TO  each of them (1-2000)\n"
    "  --trace          says all that happens\n"
    "  --keep-going     does not stop at the first violation\n"
    "Exit: 0 all invariants held; 1 one did not: its seed, name and trace are printed; 2 bad usage.\n";

struct wish {
    uint64_t from, to;
    bool trace, keep_going;
};

static bool read_number(const char *text, char **end, uint64_t *out)
{
    errno = 0;
    *out = strtoull(text, end, 10);
    return errno == 0 && *end != text;
}

static bool read_wish(int argc, char **argv, struct wish *out)
{
    char *end;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0) {
            out->trace = true;
        } else if (strcmp(argv[i], "--keep-going") == 0) {
            out->keep_going = true;
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            if (!read_number(argv[++i], &end, &out->from) || *end != '\0')
                return false;
            out->to = out->from;
        } else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
            if (!read_number(argv[++i], &end, &out->from) || *end != '-' || !read_number(end + 1, &end, &out->to) ||
                *end != '\0')
                return false;
        } else {
            return false;
        }
    }
    return out->from <= out->to;
}

static void print_sum(const struct wish *wish, const struct outcome *sum, uint64_t violated)
{
    static const char *const names[FAULTS] = {
        "weather", "cut",  "broker", "amnesia",  "host_crash",   "enclave_crash",  "device_crash", "disk_full",
        "clock",   "slow", "work",   "rollback", "hostile_host", "hostile_device", "bridge",       "revoke"};

    printf("tacit-sim: seeds %llu-%llu, %llu rounds released, %llu receipts, %llu proofs, %llu steps, "
           "%llu violated\n",
           (unsigned long long)wish->from, (unsigned long long)wish->to, (unsigned long long)sum->rounds,
           (unsigned long long)sum->counted, (unsigned long long)sum->included, (unsigned long long)sum->steps,
           (unsigned long long)violated);
    printf("tacit-sim: digest ");
    for (size_t i = 0; i < sizeof sum->digest; i++)
        printf("%02x", sum->digest[i]);
    printf("\ntacit-sim: faults:");
    for (int i = 0; i < FAULTS; i++)
        printf(" %s %llu", names[i], (unsigned long long)sum->happened[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct wish wish = {.from = 1, .to = 2000};
    struct outcome sum = {.violated = false};
    uint64_t violated = 0;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return EXIT_HOLDS;
    }
    if (!read_wish(argc, argv, &wish)) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    for (uint64_t seed = wish.from; seed <= wish.to && (violated == 0 || wish.keep_going); seed++) {
        const struct outcome outcome = sim_run(seed, wish.trace);
        violated += outcome.violated;
        sum.rounds += outcome.rounds;
        sum.counted += outcome.counted;
        sum.included += outcome.included;
        sum.steps += outcome.steps;
        must(sha256_pieces((const struct view[]){VIEW_OF(sum.digest), VIEW_OF(outcome.digest)}, 2, sum.digest),
             "digest");
        for (int i = 0; i < FAULTS; i++)
            sum.happened[i] += outcome.happened[i];
    }
    print_sum(&wish, &sum, violated);
    /* For test/run. */
    printf("%s seeds_%llu-%llu\n", violated == 0 ? "[       OK ]" : "[  FAILED  ]", (unsigned long long)wish.from,
           (unsigned long long)wish.to);
    return violated == 0 ? EXIT_HOLDS : EXIT_VIOLATED;
}
