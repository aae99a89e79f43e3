/* tune.h: what a program sets up first. */
#ifndef OS_TUNE_H
#define OS_TUNE_H

/**
 * Keeps large blocks on malloc's heap. libmosquitto allocates and frees every packet, and above 128 KiB glibc would
 * map and unmap memory for each, which halves the throughput of 256 KiB messages. First call of main.
 */
void os_tune_malloc(void);

#endif
