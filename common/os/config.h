/* config.h: reads text of the form `key value`, one pair a line, against a table that names every key.
 *
 *   # a comment has its own line
 *   listen 8883
 *   evidence sim          <- opens a block: what follows belongs to it, up to the next line that opens one
 *   root sim-root.pub     <- its value, here sim, says which keys the block knows
 *
 * The value is the rest of the line without the blanks around it; there is no quoting. Unknown keys, a key twice, a
 * required key missing, values out of range, lines past CONFIG_MAX_LINE, text that is not UTF-8 or holds control
 * characters (tab apart): all are STATUS_CONFIG with a sentence like
 *   aggregator.conf:12: max_samples: 0 is below 1                                                                  */
#ifndef OS_CONFIG_H
#define OS_CONFIG_H

#include <stdio.h>

#include "base.h"
#include "reason.h"

#define CONFIG_MAX_FILE (1u << 20) /* bytes of a file */
#define CONFIG_MAX_LINE 1024u      /* bytes of a line without its newline */
#define CONFIG_MAX_KEYS 64u        /* keys of one table */

/* The kinds of value, and the type of the field at `offset` in the caller's struct that takes it. */
enum config_type {
    CONFIG_STRING,   /* const char *: the value */
    CONFIG_PATH,     /* const char *: a path; a relative one is relative to the folder of the text */
    CONFIG_INTEGER,  /* int64_t: decimal, min..max */
    CONFIG_BOOLEAN,  /* bool: true or false */
    CONFIG_SIZE,     /* uint64_t: bytes, with K, M or G for KiB, MiB, GiB; min..max */
    CONFIG_DURATION, /* uint64_t: seconds, with s, m, h or d; min..max */
    CONFIG_CHOICE,   /* int: the place of the value in `words` */
    CONFIG_STRINGS,  /* struct config_strings: may be repeated, up to max times */
    CONFIG_PAIRS,    /* struct config_pairs: `key NAME VALUE`, up to max times, each NAME once */
    CONFIG_CUSTOM,   /* whatever `set` makes of the value */
    CONFIG_LINE,     /* whatever `take` makes of the line; may be repeated, up to max times */
    CONFIG_BLOCK,    /* struct config_blocks: opens a block of one of `kinds`, up to max times */
};

struct config_strings {
    const char **items;
    size_t count;
};

struct config_pair {
    const char *name, *value;
};

struct config_pairs {
    struct config_pair *items;
    size_t count;
};

/** Where the lines of one key stand. */
struct config_standing {
    unsigned int line, count; /* of the last one; how many */
};

/** A block: its struct was filled from its lines. */
struct config_block {
    const struct config_block_kind *kind;
    const char *value;                                /* of the line that opened it */
    unsigned int line;                                /* that opened it */
    void *target;                                     /* kind->size bytes, which began zeroed */
    struct config_standing standing[CONFIG_MAX_KEYS]; /* of kind->keys */
};

struct config_blocks {
    struct config_block *items;
    size_t count;
};

struct config_line; /* config_line.h */

/** One key. A table of them ends with a key whose name is NULL. */
struct config_key {
    const char *name;
    enum config_type type;
    size_t offset;            /* of the field in the caller's struct */
    int64_t min, max;         /* of numbers; max also of repetitions */
    bool required;            /* must stand at least once */
    const char *doc;          /* what a person reads in the sample; lines end with \n */
    const char *sample;       /* the value shown in the sample: the default, if there is one */
    const char *const *words; /* CONFIG_CHOICE: ends with NULL */
    /* CONFIG_CUSTOM: takes the value; NULL when well, else what is wrong. CONFIG_STRINGS: may judge each value so; field
     * is then NULL. */
    const char *(*set)(void *field, const char *value);
    /* CONFIG_LINE: takes the line; returns STATUS_OK, what config_refuse_line gave, or STATUS_IO (no memory). min says
     * what it likes to. */
    enum status (*take)(const struct config_line *line, void *field);
    const struct config_block_kind *const *kinds; /* CONFIG_BLOCK: ends with NULL */
};

/** A kind of block: the keys that it knows. */
struct config_block_kind {
    const char *value; /* of the line that opens it */
    const struct config_key *keys;
    size_t size; /* of the block's struct */
};

/** Text to read. */
struct config_source {
    struct view bytes;
    const char *name;   /* stands before the line number in sentences */
    const char *folder; /* relative paths begin here; "" leaves them as they are */
    const void *ctx;    /* for `take`; may be NULL */
};

/** Owns the strings and arrays that a reading put into the caller's struct. Starts as {0}; freed by config_free. */
struct config_text {
    struct config_chunk *chunks;
    struct config_standing standing[CONFIG_MAX_KEYS]; /* of the outer keys */
};

/**
 * Reads text from memory.
 *
 * keys    the table; its strings outlive the struct that is filled.
 * target  the caller's struct, holding the defaults; only the keys that stand in the text are set. On failure it may
 *         hold some of them and is not to be used.
 * text    gets the memory that target points to: freed after target's last use, on failure too.
 *
 * Returns STATUS_CONFIG the text is wrong, as reason says; STATUS_IO no memory.
 */
MUST_USE enum status config_parse(const struct config_source *source, const struct config_key *keys, void *target,
                                  struct config_text *text, struct reason *reason);

/**
 * Reads a file. As config_parse; relative paths are relative to the file's folder. A file that is not there, cannot
 * be read or is larger than CONFIG_MAX_FILE is STATUS_CONFIG too: programs end with exit code 3 on it.
 */
MUST_USE enum status config_read(const char *path, const struct config_key *keys, void *target,
                                 struct config_text *text, struct reason *reason);

/** Frees what text owns; for CLEANUP. */
void config_free(struct config_text *text);

/**
 * Prints a documented sample from the table: required keys as they are, the others commented out.
 *
 * kind   of the blocks, where the table has it; NULL, or another: the one that the key's sample names.
 */
void config_print_sample(const struct config_key *keys, const char *kind, FILE *out);

#endif
