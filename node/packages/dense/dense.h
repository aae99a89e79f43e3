/* dense.h: what every file of the package shares: exit codes, the message behind a failure, TRY and CLEANUP.
 *
 * The package stands alone: libc, libm and zlib, nothing of the rest of the tree. */
#ifndef DENSE_DENSE_H
#define DENSE_DENSE_H

#define DENSE_MAX_LAYERS  8          /* layers of weights in a network */
#define DENSE_MAX_WIDTH   65536u     /* units in one layer, features of one example */
#define DENSE_MAX_WEIGHTS (1u << 24) /* parameters of a network */
#define DENSE_MAX_ROWS    (1u << 22) /* examples in one file */

/** How the program ends; also what a step returns. The numbers are the package contract. */
enum dense_exit {
    DENSE_OK = 0,
    DENSE_FAILED = 1, /* a file is missing, damaged or does not fit; training diverged */
    DENSE_USAGE = 2,  /* called with the wrong arguments */
    DENSE_CONFIG = 3, /* the options file or the environment is wrong */
};

/** Why a step failed, for a person: what, where, what to do. Set whenever a step does not return DENSE_OK. */
struct dense_fault {
    char text[1024];
};

#define MUST_USE __attribute__((warn_unused_result))

/* Leaves the function with the callee's answer unless it is DENSE_OK. */
#define TRY(call) \
    do { \
        enum dense_exit try_answer = (call); \
        if (try_answer != DENSE_OK) \
            return try_answer; \
    } while (0)

/* Runs fn(&variable) whenever the variable leaves scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(array) (sizeof(array) / sizeof *(array))

/** Writes the message and returns the given exit code: `return dense_fail(fault, DENSE_FAILED, ...)`. */
__attribute__((format(printf, 3, 4))) enum dense_exit dense_fail(struct dense_fault *fault, enum dense_exit code,
                                                                 const char *format, ...);

/** DENSE_FAILED with the message that memory is short. */
enum dense_exit dense_fail_memory(struct dense_fault *fault);

/** Frees what *pointer points to; for CLEANUP(dense_free) on any pointer variable. */
void dense_free(void *pointer);

#endif
