/* config_value.h: one value of a configuration: its characters, its number, its place in the caller's struct.
 * Used by the files of config.h alone. */
#ifndef OS_CONFIG_VALUE_H
#define OS_CONFIG_VALUE_H

#include "config_line.h"

/** True when text is UTF-8 (RFC 3629) without control characters, tab apart. */
bool config_is_clean(struct view text);

/** Takes a line's value into the field of its key, whatever its type but CONFIG_BLOCK. Sets the reason. */
MUST_USE enum status config_set(const struct config_line *line, void *field);

/** Room for one more of a repeated key: *items is made with all of its room when the first one comes. */
MUST_USE enum status config_grow(const struct config_line *line, size_t size, void **items, size_t count);

/** No memory: STATUS_IO with that reason. */
MUST_USE enum status config_no_memory(const struct config_line *line);

#endif
