/* config_line.h: for those who take lines of a configuration themselves (CONFIG_LINE), and who find after the reading that
 * lines contradict each other. */
#ifndef OS_CONFIG_LINE_H
#define OS_CONFIG_LINE_H

#include "config.h"

/** A line, as `take` gets it. */
struct config_line {
    const struct config_source *source;
    const struct config_key *key;
    char *value; /* may be cut into words; lives as long as text */
    unsigned int number;
    unsigned int before; /* lines of the same key that stood before, in the same block */
    struct config_text *text;
    struct reason *reason;
};

/** The line on which a key stood last, 0 when nowhere: from the standing of its table. */
unsigned int config_line_of(const struct config_key *keys, const struct config_standing *standing, const char *name);

/** Zeroed memory that text owns; NULL when there is none. */
void *config_allocate(struct config_text *text, size_t size);

/** Cuts the next word off and moves *rest behind it; NULL when none is left. */
char *config_word(char **rest);

/**
 * Reads a number with the unit letter that its type allows, and checks it against min..max of the key.
 * Returns STATUS_CONFIG with what is wrong in reason, as "max_samples: 0 is below 1".
 */
MUST_USE enum status config_number(const struct config_key *key, const char *value, int64_t *out,
                                   struct reason *reason);

/** Puts `folder/` before a relative path, for `take`. STATUS_IO: no memory. */
MUST_USE enum status config_path(const struct config_line *line, const char *path, const char **out);

/** Says what is wrong with a line: `name:line: key: ` stands before the sentence. Gives STATUS_CONFIG. */
__attribute__((format(printf, 2, 3))) enum status config_refuse_line(const struct config_line *line, const char *format,
                                                                     ...);
/** The same of any line, without the key; line 0 leaves the number out. */
__attribute__((format(printf, 4, 5))) enum status config_refuse(const struct config_source *source, unsigned int line,
                                                                struct reason *reason, const char *format, ...);

#endif
