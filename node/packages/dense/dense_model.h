/* dense_model.h: a network as a model file: layer1.weight [out, in], layer1.bias [out], layer2.weight ... */
#ifndef DENSE_MODEL_H
#define DENSE_MODEL_H

#include "dense_net.h"

/**
 * Sets the network's weights from the bytes of a model file.
 * Returns DENSE_FAILED: not a safetensors file, tensors other than the network's (name, shape), a number that is not
 * finite. The network is then not to be used.
 */
MUST_USE enum dense_exit dense_model_decode(const uint8_t *bytes, size_t len, struct dense_net *net,
                                            struct dense_fault *fault);

/** The same from a file, into a new network; the caller frees it with dense_net_free. */
MUST_USE enum dense_exit dense_model_read(const char *path, const struct dense_widths *widths, struct dense_net *out,
                                          struct dense_fault *fault);

/**
 * The network as bytes of a model file, in the one canonical form. The caller frees *out.
 * Returns DENSE_FAILED: out of memory, or a number is not finite (training diverged in its last step).
 */
MUST_USE enum dense_exit dense_model_encode(const struct dense_net *net, uint8_t **out, size_t *len,
                                            struct dense_fault *fault);

/** The same into a file. Returns DENSE_FAILED: it cannot be written. */
MUST_USE enum dense_exit dense_model_write(const char *path, const struct dense_net *net, struct dense_fault *fault);

#endif
