/* load_private.h: what load.c and load_device.c share. */
#ifndef SUPPORT_LOAD_PRIVATE_H
#define SUPPORT_LOAD_PRIVATE_H

#include "load.h"

struct place load_place(const struct load *load, struct view device);

/** A call that must be served. */
struct view load_call(struct load *load, enum gate_call call, struct view body);

#endif
