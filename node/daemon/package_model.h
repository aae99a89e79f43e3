/* package_model.h: models to and from the files that a package works with. */
#ifndef DAEMON_PACKAGE_MODEL_H
#define DAEMON_PACKAGE_MODEL_H

#include "model.h"
#include "reason.h"

/** Writes an encoded model as a safetensors file, mode 0600. What safetensors_encode returns; STATUS_IO. */
MUST_USE enum status package_model_write(const char *path, struct view model, struct reason *reason);

/**
 * Reads a safetensors file as an encoded model whose tensors stand in the order of layout, whatever theirs is.
 *
 * out  gets memory of its own, freed with file_free.
 *
 * Returns STATUS_WRONG_SHAPE when it does not have exactly layout's tensors; what safetensors_decode and
 * safetensors_to_model return; what file_read returns.
 */
MUST_USE enum status package_model_read(const char *path, const struct model_layout *layout, struct buf *out,
                                        struct reason *reason);

#endif
