/* A few bytes that announce much must not cost much: decoders run in a child process that may have 64 MB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hex.h"
#include "model.h"
#include "reader.h"

#define MANY ((size_t)1 << 20)

/* The address sanitizer reserves terabytes of addresses for itself, so no limit can be set beside it. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER true
#endif
#endif
#if !defined(ADDRESS_SANITIZER) && defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER true
#endif
#ifndef ADDRESS_SANITIZER
#define ADDRESS_SANITIZER false
#endif

static const struct bomb {
    const char *why, *hex;
    size_t times;
    enum status want; /* of read_any */
} bombs[] = {
    {"array of 2^32-1", "9affffffff", 1, STATUS_TRUNCATED},
    {"array of 2^64-1", "9bffffffffffffffff", 1, STATUS_TRUNCATED},
    {"array of 2^28", "9a10000000", 1, STATUS_TRUNCATED},
    {"map of 2^28", "ba10000000", 1, STATUS_TRUNCATED},
    {"map of 2^64-1", "bbffffffffffffffff", 1, STATUS_TRUNCATED},
    {"bytes of 2^40", "5b0000010000000000", 1, STATUS_TRUNCATED},
    {"bytes of 2^64-1", "5bffffffffffffffff", 1, STATUS_TRUNCATED},
    {"text of 2^64-1", "7bffffffffffffffff", 1, STATUS_TRUNCATED},
    {"8 nested arrays of 2^27-1", "9a07ffffff", 8, STATUS_TRUNCATED},
    {"2^20 nested arrays", "81", MANY, STATUS_TOO_DEEP},
    {"2^20 nested maps", "a101", MANY, STATUS_TOO_DEEP},
    {"2^20 nested tags", "c1", MANY, STATUS_TRUNCATED},
    {"2^20 nested indefinite arrays", "9f", MANY, STATUS_MALFORMED},
    {"2^20 nested indefinite maps", "bf01", MANY, STATUS_MALFORMED},
    {"model of 256 tensors without one", "a101990100", 1, STATUS_TRUNCATED},
    {"model whose tensor claims 2^62 bytes", "a1018183617780d8555b4000000000000000", 1, STATUS_TRUNCATED},
    {"model whose shape claims 2^63", "a10181836177811b8000000000000000d85540", 1, STATUS_OK},
};

static uint8_t bytes[2 * MANY];
static struct model_layout layout;
static void *volatile too_much; /* volatile, so that the compiler may not leave the allocation out */

static struct view explode(const struct bomb *bomb)
{
    struct buf out = BUF_OF(bytes);

    for (size_t i = 0; i < bomb->times; i++)
        (void)hex_view(bomb->hex, &out);
    return buf_view(&out);
}

/* Runs in the child: 0 when every bomb was refused for its reason, else its number, from 1. */
static int defuse_all(void)
{
    const struct rlimit limit = {(rlim_t)64 << 20, (rlim_t)64 << 20};

    /* The limit is there, or the test would prove nothing. */
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 100;
    too_much = malloc((size_t)128 << 20);
    if (too_much != NULL)
        return 101;
    for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
        const struct view input = explode(&bombs[i]);
        struct reader reader = reader_of(input);

        (void)read_any(&reader);
        if (reader_end(&reader) != bombs[i].want)
            return (int)i + 1;
        if (model_decode(input, MODEL_MAX_PARAMETERS, &layout) == STATUS_OK)
            return (int)i + 1;
    }
    return 0;
}

static void decoders_stay_within_64_megabytes(void **state)
{
    int status = 0;
    pid_t child;
    (void)state;

    if (ADDRESS_SANITIZER) {
        print_message("  skipped: no address space limit beside the address sanitizer\n");
        skip();
    }
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(defuse_all());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) > 0 && WEXITSTATUS(status) <= (int)ARRAY_LEN(bombs))
        print_message("  %s\n", bombs[WEXITSTATUS(status) - 1].why);
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void decoders_refuse_bombs_for_their_reason(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
        const struct view input = explode(&bombs[i]);
        struct reader reader = reader_of(input);

        print_message("  %s\n", bombs[i].why);
        (void)read_any(&reader);
        assert_int_equal(reader_end(&reader), bombs[i].want);
        assert_int_not_equal(model_decode(input, MODEL_MAX_PARAMETERS, &layout), STATUS_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoders_stay_within_64_megabytes),
        cmocka_unit_test(decoders_refuse_bombs_for_their_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
