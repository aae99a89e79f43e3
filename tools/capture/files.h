/* files.h: what the commands on captures have in common: the files that they are given, and how they end. */
#ifndef CAPTURE_FILES_H
#define CAPTURE_FILES_H

#include "arguments.h"
#include "capture_parts.h"
#include "command.h"

/** Opens the words of a command line as the parts of one capture; says on stderr where parts are missing between them.
 *  STATUS_CONFIG with a reason: a file that is none of ours or damaged, or they do not belong together.
 *  capture_parts_close either way. */
MUST_USE enum status files_open(const struct command *self, const struct argument_texts *words,
                                struct capture_parts *out, struct reason *reason);

/** A text of the file for a person's terminal: itself, or "(not printable)" where it has controls or is no UTF-8. */
const char *files_text(const char *text);

#endif
