/* bench.h: what benches share: a clock, a median, memory. */
#ifndef SUPPORT_BENCH_H
#define SUPPORT_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base.h"

/** Seconds on a clock that only moves forward. */
static inline double bench_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/** Sorts the values; the middle one of an odd number, the upper of the two of an even one. */
static inline double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, bench_compare);
    return values[count / 2];
}

/** Memory of that size, empty; the caller frees ptr. Ends the program when there is none. */
static inline struct buf bench_room(size_t size)
{
    struct buf buf = {.ptr = malloc(size), .cap = size};

    if (buf.ptr == NULL) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    return buf;
}

#endif
