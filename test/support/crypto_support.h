/* crypto_support.h: what the tests of cryptography share: bytes from hexadecimal, and a random port that repeats itself. */
#ifndef SUPPORT_CRYPTO_SUPPORT_H
#define SUPPORT_CRYPTO_SUPPORT_H

#include "crypto.h"

/** The bytes that `hex` spells, at the front of storage. Fails the test when they do not fit or are no hexadecimal. */
struct view hex_bytes(const char *hex, struct buf storage);

/** hex_bytes with storage of its own, in the block that it stands in: for texts of up to 2 * 1024 digits. */
#define HEX(text) hex_bytes((text), BUF_OF(((uint8_t[1024]){0})))

/** Gives 1, 2, 3 ... 255, 0, 1 ...: what depends on it is the same in every run. */
struct counting_random {
    uint8_t last;
    bool broken; /* gives STATUS_IO instead */
};
struct random_port counting_port(struct counting_random *random);

/** True when all the bytes are zero. */
bool all_zero(struct view bytes);

#endif
