/* conf_private.h: what conf.c and conf_read.c share. */
#ifndef DOCTOR_CONF_PRIVATE_H
#define DOCTOR_CONF_PRIVATE_H

#include "conf.h"

/** Takes the memory of a file over, whatever is returned. */
MUST_USE enum status conf_take_file(struct conf *conf, const char *path, struct buf text, struct reason *reason);

/** Takes one line; it is cut, and lives in its file's memory. */
MUST_USE enum status conf_take_line(struct conf *conf, unsigned int file, unsigned int number, char *line,
                                    struct reason *reason);

#endif
