/* main.c: writes a data set of handwritten-like digits, for trying out a federation without any download. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "draw.h"

#define MAX_EXAMPLES 1000000

static const char *const help =
    "digits --out FOLDER [--train 10000] [--test 2000] [--seed 1]\n"
    "Writes train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte:\n"
    "drawn digits of 28 x 28 pixels in the files of MNIST. The same seed gives the same bytes on every machine.\n"
    "Ends with 0, 1 a file cannot be written, 2 wrong usage.\n";

struct request {
    const char *folder;
    uint64_t train, test, seed;
};

static FILE *open_file(const char *folder, const char *name)
{
    char path[1024];

    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return fopen(path, "wb");
}

static void put_be32(FILE *to, uint64_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(value >> shift & 0xff), to);
}

/* Draws count examples into two open files. */
static void write_examples(FILE *images, FILE *labels, uint64_t count, uint64_t seed)
{
    struct draw_random random = {seed};
    uint8_t pixels[DRAW_PIXELS];

    put_be32(images, 0x00000803);
    put_be32(images, count);
    put_be32(images, DRAW_SIDE);
    put_be32(images, DRAW_SIDE);
    put_be32(labels, 0x00000801);
    put_be32(labels, count);
    for (uint64_t i = 0; i < count; i++) {
        int digit = draw_between(&random, 0, 9);
        draw_digit(&random, digit, pixels);
        fwrite(pixels, 1, sizeof pixels, images);
        fputc(digit, labels);
    }
}

/* Closes a file that may be NULL. Returns 0 when all that was written to it is there. */
static int close_file(FILE *file)
{
    if (!file)
        return -1;
    int failed = ferror(file);
    return fclose(file) != 0 || failed ? -1 : 0;
}

/* Writes the pair of files "train" or "t10k". */
static int write_pair(const char *folder, const char *which, uint64_t count, uint64_t seed)
{
    char name[64];

    snprintf(name, sizeof name, "%s-images-idx3-ubyte", which);
    FILE *images = open_file(folder, name);
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte", which);
    FILE *labels = open_file(folder, name);
    if (images && labels)
        write_examples(images, labels, count, seed);
    int first = close_file(images), second = close_file(labels);
    if (first == 0 && second == 0)
        return 0;
    fprintf(stderr, "digits: %s: %s files cannot be written: %s\n", folder, which, strerror(errno));
    return -1;
}

static int read_number(const char *text, uint64_t high, uint64_t *out)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || value > high)
        return -1;
    *out = value;
    return 0;
}

/* Returns 0, 1 to print the help, -1 for wrong usage. */
static int read_arguments(int argc, char **argv, struct request *request)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},  {"train", required_argument, NULL, 'r'},
        {"test", required_argument, NULL, 'e'}, {"seed", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},       {0},
    };
    int option, wrong = 0;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h')
            return 1;
        if (option == 'o')
            request->folder = optarg;
        else if (option == 'r')
            wrong |= read_number(optarg, MAX_EXAMPLES, &request->train);
        else if (option == 'e')
            wrong |= read_number(optarg, MAX_EXAMPLES, &request->test);
        else
            wrong |= option == 's' ? read_number(optarg, UINT64_MAX, &request->seed) : -1;
    }
    return wrong || !request->folder || optind != argc || !request->train || !request->test ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct request request = {.train = 10000, .test = 2000, .seed = 1};
    int asked = read_arguments(argc, argv, &request);

    if (asked != 0) {
        fputs(help, asked > 0 ? stdout : stderr);
        return asked > 0 ? 0 : 2;
    }
    if (mkdir(request.folder, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "digits: %s: cannot be made: %s\n", request.folder, strerror(errno));
        return 1;
    }
    /* Two streams: how many training examples there are does not change the test examples. */
    struct draw_random seeds = {request.seed};
    uint64_t train_seed = draw_random_next(&seeds), test_seed = draw_random_next(&seeds);
    if (write_pair(request.folder, "train", request.train, train_seed) != 0 ||
        write_pair(request.folder, "t10k", request.test, test_seed) != 0)
        return 1;
    return 0;
}
