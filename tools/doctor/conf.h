/* conf.h: a mosquitto.conf as a list of its lines, with the lines of its include_dir folders in their places. Nothing is
 * judged here, and a key that nobody asks for is no error: brokers know more of them than we do.
 *
 * Read as mosquitto 2.0 reads it: `#` in the first column begins a comment, only spaces part a key from its value, the
 * last of several lines of a key counts, include_dir works in the main file alone, and its files that end in .conf come
 * in alphabetical order. A `listener` or `connection` line opens a section: keys of listeners belong to the listener that
 * was opened last, keys of bridges to the connection that was opened last, and all others to nobody, wherever they stand.
 * Source: mosquitto.conf(5); what it leaves open was tried with 2.0.11. */
#ifndef DOCTOR_CONF_H
#define DOCTOR_CONF_H

#include "base.h"
#include "reason.h"

#define CONF_FILE_MAX  (1u << 20) /* bytes of one file */
#define CONF_FILES_MAX 64         /* the main file and those it includes */
#define CONF_LINES_MAX 4096       /* of all files, comments and empty ones not counted */
#define CONF_PLACE_MAX 512        /* characters of a place with its end */

struct conf_line {
    const char *key, *value; /* value: the rest of the line without spaces around it, "" for none */
    unsigned int file, number;
    int listener, bridge; /* the sections that were open: from 0; -1: none yet */
};

struct conf_file {
    char *path;
    struct buf text;
};

/** Starts as {0}; freed with conf_free. About 200 KB: on the heap. */
struct conf {
    bool tabs; /* tabs are spaces: true for files of ours, false for mosquitto's */
    unsigned int file_count, line_count;
    int listeners, bridges; /* how many sections of each */
    struct conf_file files[CONF_FILES_MAX];
    struct conf_line lines[CONF_LINES_MAX];
};

/**
 * Reads a file and what it includes.
 * Returns STATUS_CONFIG with a reason: a file or folder cannot be read, is larger than the limits above, or holds
 * characters that no text has (what is printed of it goes to a terminal).
 */
MUST_USE enum status conf_read(const char *path, struct conf *out, struct reason *reason);

/**
 * Adds the lines of a text that stands for a main file, but includes nothing. text is taken over whatever is returned: from
 * malloc, with an end ('\0') behind its len bytes. As conf_read.
 */
MUST_USE enum status conf_add_text(struct conf *conf, const char *path, struct buf text, struct reason *reason);

void conf_free(struct conf *conf);

#define CONF_ANY (-2) /* of a section: whichever it is */

/** The last line of a key in these sections, or NULL. */
const struct conf_line *conf_find(const struct conf *conf, const char *key, int listener, int bridge);

/** The last line of a key that belongs to no section. */
const struct conf_line *conf_global(const struct conf *conf, const char *key);

/** What a line says; `otherwise` when there is no line, or it says something else. true, 1, false and 0 are known. */
bool conf_bool(const struct conf_line *line, bool otherwise);

/** A whole number, with K, M or G behind it where units is true (files of ours have them). False: it is none. */
bool conf_number(const struct conf_line *line, bool units, int64_t otherwise, int64_t *out);

/** A duration such as 14d: h, d, w, m (30 days), y behind a number. False: it is none. *out in seconds. */
bool conf_duration(const struct conf_line *line, int64_t otherwise, int64_t *out);

/** "path:line", or the main file's path for a line that is not there. */
const char *conf_place(const struct conf *conf, const struct conf_line *line, char out[static CONF_PLACE_MAX]);

#endif
