/* report_data.c: where evidence of each kind holds the 64 bytes that it binds. Sources: AMD 56860 (ATTESTATION_REPORT);
 * Intel SGX and TDX DCAP quoting library references, appendix A. All integers little endian. */
#include "attest.h"

#define SNP_REPORT_LEN    1184 /* without anything around it */
#define QUOTE_HEADER_SIZE 48   /* version u16, key type u16, TEE u32, ... */
#define QUOTE_TEE_SGX     0x00u
#define QUOTE_TEE_TDX     0x81u

/* One layout: evidence of this kind, and of this version where it is a quote. */
struct layout {
    const char *kind;
    uint16_t version;   /* of a quote; 0: not a quote */
    uint16_t body_type; /* of a quote of version 5; else 0 */
    uint32_t tee;       /* of a quote */
    size_t exact;       /* evidence has this size; 0: any */
    size_t at;          /* of the report data */
};

static const struct layout layouts[] = {
    {ATTEST_KIND_SGX, 3, 0, QUOTE_TEE_SGX, 0, QUOTE_HEADER_SIZE + 320},
    {ATTEST_KIND_TDX, 4, 0, QUOTE_TEE_TDX, 0, QUOTE_HEADER_SIZE + 520},
    /* Version 5 has a descriptor of 6 bytes before the body: type u16, size u32. */
    {ATTEST_KIND_TDX, 5, 2, QUOTE_TEE_TDX, 0, QUOTE_HEADER_SIZE + 6 + 520},
    {ATTEST_KIND_TDX, 5, 3, QUOTE_TEE_TDX, 0, QUOTE_HEADER_SIZE + 6 + 520},
    {ATTEST_KIND_TDX, 5, 4, QUOTE_TEE_TDX, 0, QUOTE_HEADER_SIZE + 6 + 520},
    {ATTEST_KIND_SNP, 0, 0, 0, SNP_REPORT_LEN, 0x50},
};

static uint16_t read_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

/* Whether a quote's fixed fields are those of a layout; bytes has a header and a descriptor. */
static bool quote_fits(const struct layout *layout, const uint8_t *bytes)
{
    if (layout->version == 0)
        return true;
    return read_le16(bytes) == layout->version && read_le32(bytes + 4) == layout->tee &&
           (layout->body_type == 0 || read_le16(bytes + QUOTE_HEADER_SIZE) == layout->body_type);
}

enum status attest_check_report_data(struct view kind, struct view evidence,
                                     const uint8_t report_data[static SHA512_SIZE])
{
    struct view held;

    if (evidence.len < QUOTE_HEADER_SIZE + 6)
        return STATUS_TRUNCATED;
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        const struct layout *layout = &layouts[i];
        if (!view_equal(kind, view_of_string(layout->kind)) || !quote_fits(layout, evidence.ptr))
            continue;
        if (layout->exact != 0 && evidence.len != layout->exact)
            return evidence.len < layout->exact ? STATUS_TRUNCATED : STATUS_MALFORMED;
        TRY(view_slice(evidence, layout->at, SHA512_SIZE, &held));
        return view_equal(held, (struct view){report_data, SHA512_SIZE}) ? STATUS_OK : STATUS_EVIDENCE_BINDING;
    }
    return STATUS_UNSUPPORTED;
}
