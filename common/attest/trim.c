/* trim.c: where a quote ends. The kernel and Gramine hand out their buffer, which may be longer than the quote in it;
 * who appraises it takes no byte behind. Sources: Intel SGX and TDX DCAP quoting library references, appendix A (quote
 * header, body descriptor of version 5, length of the signature data). All integers little endian. */
#include "attest.h"

#define HEADER_SIZE     48
#define DESCRIPTOR_SIZE 6 /* of a body of version 5: type u16, size u32 */
#define LENGTH_SIZE     4 /* of the signature data */

/* The fixed part before the length of the signature data, of a version; the descriptor adds the body's size. */
static const struct form {
    const char *kind;
    uint16_t version;
    size_t fixed;
    bool has_descriptor;
} forms[] = {
    {ATTEST_KIND_SGX, 3, HEADER_SIZE + 384, false},
    {ATTEST_KIND_TDX, 4, HEADER_SIZE + 584, false},
    {ATTEST_KIND_TDX, 5, HEADER_SIZE + DESCRIPTOR_SIZE, true},
};

/* Cannot overflow: two lengths of 32 bits and a small one, in 64 bits. */
static enum status quote_len(const struct form *form, struct view bytes, uint64_t *out)
{
    uint64_t at = form->fixed;
    struct view length;

    if (form->has_descriptor) {
        TRY(view_slice(bytes, HEADER_SIZE + 2, 4, &length));
        at += read_le32(length.ptr);
    }
    if (at > bytes.len)
        return STATUS_TRUNCATED;
    TRY(view_slice(bytes, (size_t)at, LENGTH_SIZE, &length));
    *out = at + LENGTH_SIZE + read_le32(length.ptr);
    return *out <= bytes.len ? STATUS_OK : STATUS_TRUNCATED;
}

enum status attest_trim(struct view kind, struct view evidence, struct view *out)
{
    uint64_t len;

    if (view_equal(kind, VIEW_TEXT(ATTEST_KIND_SNP))) {
        *out = evidence;
        return STATUS_OK;
    }
    if (evidence.len < HEADER_SIZE)
        return STATUS_TRUNCATED;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (!view_equal(kind, view_of_string(forms[i].kind)) ||
            (evidence.ptr[0] | evidence.ptr[1] << 8) != forms[i].version)
            continue;
        TRY(quote_len(&forms[i], evidence, &len));
        *out = (struct view){evidence.ptr, (size_t)len};
        return STATUS_OK;
    }
    return STATUS_UNSUPPORTED;
}
