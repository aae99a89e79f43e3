/* record_files.h: the records in a folder that `tacit rounds --save` wrote: files named ROUND.record. */
#ifndef CTL_RECORD_FILES_H
#define CTL_RECORD_FILES_H

#include "base.h"
#include "reason.h"

/** Is given a record; message lives until it returns. Any other status than STATUS_OK ends the reading. */
typedef enum status record_files_take(void *ctx, const char *path, uint32_t round, struct view message);

/** Hands over each of them, in any order. STATUS_CONFIG with a reason when they cannot be read, or there are none; what
 *  take returned. */
MUST_USE enum status record_files_read(const char *folder, record_files_take *take, void *ctx, struct reason *reason);

#endif
