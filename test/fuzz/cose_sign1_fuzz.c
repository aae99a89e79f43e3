/* cose_sign1_decode and cose_sign1_verify: views stay within the message, and nobody forges. */
#include <stdlib.h>

#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The base point of P-256: its scalar is 1, but no corpus is signed with that. */
static const uint8_t point[P256_POINT_SIZE] = {
    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
    0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

static void expect_within(struct view part, struct view whole)
{
    if (part.len > 0 && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view message = {data, size};
    struct cose_sign1 sign1;
    struct view payload;

    if (cose_sign1_decode(message, &sign1) != STATUS_OK)
        return 0;
    expect_within(sign1.protected_, message);
    expect_within(sign1.kid, message);
    expect_within(sign1.payload, message);
    if (sign1.signature.len != P256_SIG_SIZE)
        abort();
    expect_within(sign1.signature, message);
    if (cose_sign1_verify(message, VIEW_OF(point), (struct view){0}, &payload) == STATUS_OK)
        abort();
    return 0;
}
