/* utf8.h: whether bytes are text that may be shown. Pure. Source: RFC 3629. */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include "base.h"

/** True when the bytes are UTF-8 in shortest form, without surrogates and control characters (U+0000..1F, U+7F..9F). */
bool utf8_printable(struct view text);

#endif
