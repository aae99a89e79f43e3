/* main.c: the reference compute package. One program that does what the name says by which it is called. */
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "dense_commands.h"

static const struct command {
    const char *name;
    int count;
    const char *usage, *help;
    enum dense_exit (*run)(const struct dense_call *call, struct dense_fault *fault);
} commands[] = {
    {"init", 1, "MODEL_OUT", "writes a network with random weights", dense_command_init},
    {"train", 3, "MODEL_IN MODEL_OUT METRICS_OUT", "trains on this part's examples", dense_command_train},
    {"validate", 2, "MODEL_IN METRICS_OUT", "measures loss and accuracy on the test examples", dense_command_validate},
    {"predict", 3, "MODEL_IN INPUT OUTPUT", "writes a class and its probability for each example of INPUT (IDX or CSV)",
     dense_command_predict},
};

static const char *const environment =
    "\n"
    "Models are safetensors files: layer1.weight [out, in], layer1.bias [out], ... float32.\n"
    "Metrics are a JSON object of numbers: samples, loss, accuracy.\n"
    "\n"
    "TACIT_CONFIG  options file: `key value` lines, # begins a comment\n"
    "TACIT_SEED    number that decides initial weights, order of examples, dropout\n"
    "TACIT_ROUND   number of the round\n"
    "\n"
    "Options (default): layers (784 64 32 10), init uniform|lcg (uniform), dropout (0.5), learning_rate (0.01),\n"
    "batch (64), epochs (1), shuffle 0|1 (1), data FOLDER (four IDX files with MNIST's names, raw or .gz),\n"
    "train_csv FILE, test_csv FILE, label_column N, feature_columns A-B, group_column N (from 1), test_groups A,B,..,\n"
    "normalise FILE (a line of means, a line of standard deviations), split iid|shard|dirichlet|group (iid),\n"
    "parts N (1), part I (0), alpha (0.5), split_seed (1), groups A,B,.., train_limit N, test_limit N (0: all).\n"
    "\n"
    "Ends with 0, 1 failed, 2 wrong usage, 3 wrong configuration.\n";

static void print_usage(FILE *to)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "%s %s\n    %s\n", commands[i].name, commands[i].usage, commands[i].help);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static enum dense_exit run(const struct command *command, char *const *arguments)
{
    struct dense_call call;
    struct dense_fault fault;
    enum dense_exit answer = dense_call_from_environment(&call, &fault);

    if (answer == DENSE_OK) {
        call.arguments = arguments;
        answer = command->run(&call, &fault);
    }
    if (answer != DENSE_OK)
        fprintf(stderr, "%s: %s\n", command->name, fault.text);
    return answer;
}

int main(int argc, char **argv)
{
    if (argc < 1)
        return DENSE_USAGE;
    const struct command *command = find_command(basename(argv[0]));
    char *const *arguments = argv + 1;
    int count = argc - 1;

    if (count > 0 && strcmp(arguments[0], "--help") == 0) {
        print_usage(stdout);
        fputs(environment, stdout);
        return DENSE_OK;
    }
    if (!command && count > 0) { /* called as dense: the name is the first argument */
        command = find_command(arguments[0]);
        arguments++;
        count--;
    }
    if (!command || count != command->count) {
        print_usage(stderr);
        return DENSE_USAGE;
    }
    return (int)run(command, arguments);
}
