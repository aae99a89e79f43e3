/* export.h: a selection of messages for other tools. */
#ifndef CAPTURE_EXPORT_H
#define CAPTURE_EXPORT_H

#include <stdio.h>

#include "capture_parts.h"
#include "select.h"

/** A new folder: NUMBER.payload for each message, and index.jsonl. STATUS_EXISTS: there is one. */
MUST_USE enum status export_folder(const struct capture_parts *parts, struct selection *selection, const char *folder,
                                   struct reason *reason);

/** A new script with commands of mosquitto_pub, and the payloads in a new folder of its name and `.d`. STATUS_EXISTS. */
MUST_USE enum status export_script(const struct capture_parts *parts, struct selection *selection, const char *script,
                                   struct reason *reason);

/** Prints a text as one word of a shell's command line, whatever is in it. */
void export_quote(FILE *out, const char *text);

#endif
