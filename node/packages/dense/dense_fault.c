/* dense_fault.c: see dense.h. */
#include "dense.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum dense_exit dense_fail(struct dense_fault *fault, enum dense_exit code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(fault->text, sizeof fault->text, format, arguments);
    va_end(arguments);
    return code;
}

enum dense_exit dense_fail_memory(struct dense_fault *fault)
{
    return dense_fail(fault, DENSE_FAILED,
                      "out of memory: use fewer examples (train_limit, test_limit) or more memory");
}

void dense_free(void *pointer)
{
    void *memory;

    memcpy(&memory, pointer, sizeof memory);
    free(memory);
}
