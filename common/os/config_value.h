/* config_value.h: one value of a configuration: its characters, its number. Used by config.c alone. */
#ifndef OS_CONFIG_VALUE_H
#define OS_CONFIG_VALUE_H

#include "config.h"

/** True when text is UTF-8 (RFC 3629) without control characters, tab apart. */
bool config_is_clean(struct view text);

/**
 * Reads a number with the unit letter that its type allows, and checks it against min..max of the key.
 * Returns STATUS_CONFIG with what is wrong in reason, as "max_samples: 0 is below 1".
 */
MUST_USE enum status config_number(const struct config_key *key, const char *value, int64_t *out,
                                   struct reason *reason);

#endif
