/* tee_standin.h: plays the files of a TEE below a root path, inside one process: Gramine's /dev/attestation, or Linux's
 * configfs-tsm. It takes over open, read, write, close, mkdir, rmdir and nanosleep; what is not below the root goes on to libc.
 *
 * It plays what the real ones do and plain files do not: values that are replaced by each write, options that are
 * committed at close, a generation that rises, reports that are cached until it does, quotes that are made at open.
 * What it serves is what a test gives it, with the asked report data patched in; nobody has signed that, unless the test
 * makes each piece of evidence itself (`make`).
 * Sources: Linux drivers/virt/coco/guest/report.c and fs/configfs/file.c; Gramine libos/src/fs/dev/attestation.c.
 *
 * Linked into a test it is set up by tee_standin_start. Preloaded into a program it reads, at the program's start,
 *   TACIT_STANDIN              gramine, sev_guest or tdx_guest
 *   TACIT_STANDIN_ROOT         the root path
 *   TACIT_STANDIN_EVIDENCE     a file (default: made up)
 *   TACIT_STANDIN_ENDORSEMENT  a file for auxblob (default: empty) */
#ifndef STANDIN_TEE_STANDIN_H
#define STANDIN_TEE_STANDIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STANDIN_ROOT        "/tacit-standin" /* for tests that are linked with it */
#define STANDIN_BLOB_MAX    (1u << 17)
#define STANDIN_REPORT_DATA 64

/* Somebody else writes other report data. */
enum standin_race {
    STANDIN_AFTER_WRITE,  /* when ours was taken up, before anything is read */
    STANDIN_AFTER_REPORT, /* when the report was read, before the generation is looked at again (TSM) */
    STANDIN_UNCOUNTED,    /* as the first, and the generation does not tell (TSM) */
};

struct tee_standin {
    char root[256];
    char provider[32];         /* "gramine", "sev_guest", "tdx_guest"; "": nothing is registered */
    char attestation_type[16]; /* Gramine: "none": there is no quote */
    uint8_t evidence[STANDIN_BLOB_MAX], endorsement[STANDIN_BLOB_MAX], key[32];
    size_t evidence_len, endorsement_len, key_len;
    size_t patch_at; /* where report data stands in the evidence; SIZE_MAX: it is served as it is */
    /* Makes `evidence` anew over the report data that was asked for, each time that the platform would; may be NULL. */
    void (*make)(const uint8_t report_data[STANDIN_REPORT_DATA]);

    /* What goes wrong, and how often. */
    enum standin_race race;
    unsigned int races;
    const char *fail_name; /* the last part of a path, whose `fail_call` fails with fail_errno */
    char fail_call;        /* 'o'pen, 'r'ead, 'w'rite, 'm'kdir; 'l': a close whose commit is lost */
    int fail_errno;
    unsigned int fails;
    bool short_write;    /* one byte less is taken than was given */
    bool no_auxblob;     /* as with a kernel that has no such file */
    size_t read_step;    /* most bytes of one read; 0: all */
    const char *garbage; /* in place of the text of `garbage_name` */
    const char *garbage_name;
    unsigned int taken; /* so many of the first names for a directory are taken */

    /* What was done. */
    unsigned int folders, handles; /* that are there now */
    unsigned int made, reports, pauses, key_reads;
    int privlevel; /* that was written last; -1: none */
};

extern struct tee_standin tee_standin;

/** From the start again: a provider with made-up evidence of its kind. */
void tee_standin_start(const char *provider, const char *root);

/** These bytes in place of the made-up evidence, report data at the place of its kind. */
void tee_standin_serve(const uint8_t *bytes, size_t len);

#endif
