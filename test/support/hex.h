/* hex.h: bytes of tests, written as hexadecimal. */
#ifndef SUPPORT_HEX_H
#define SUPPORT_HEX_H

#include "base.h"

/** Appends the bytes of hex (spaces are skipped) to memory and gives a view of them. Fails the test when hex is not
 *  hexadecimal or memory is too small. */
struct view hex_view(const char *hex, struct buf *memory);

/** Fails the test, showing both, unless bytes are those of hex (spaces are skipped). */
void assert_hex_equal(struct view bytes, const char *hex);

#endif
