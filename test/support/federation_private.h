/* federation_private.h: what federation.c and member.c share. */
#ifndef SUPPORT_FEDERATION_PRIVATE_H
#define SUPPORT_FEDERATION_PRIVATE_H

#include "federation.h"

/** Aborts with a sentence when the plumbing of a test itself fails. */
void must(enum status status, const char *what);

struct place place_of(const struct federation *federation, struct view device);

/** A call whose body is a number and whose answer is a message. */
enum status call_number(struct federation *federation, enum gate_call call, uint64_t number, struct view *message);

#endif
