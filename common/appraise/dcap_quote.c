/* dcap_quote.c: see dcap_quote.h. */
#include "dcap_quote.h"

#define KEY_TYPE_P256  2
#define TEE_SGX        0x00000000u
#define TEE_TDX        0x00000081u
#define CERT_PCK_CHAIN 5
#define CERT_QE_REPORT 6
#define SIGNATURE_SIZE 64
#define KEY_SIZE       64

#define TD10_SIZE   584
#define TD15_SIZE   648
#define TD15EX_SIZE 885

static const uint8_t intel_vendor[] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                       0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

/* Takes the next len bytes. */
static enum status take(struct view *from, size_t len, struct view *out)
{
    TRY(view_slice(*from, 0, len, out));
    from->ptr += len;
    from->len -= len;
    return STATUS_OK;
}

static enum status take_le16(struct view *from, uint16_t *out)
{
    struct view bytes;

    TRY(take(from, 2, &bytes));
    *out = (uint16_t)(bytes.ptr[0] | bytes.ptr[1] << 8);
    return STATUS_OK;
}

static enum status take_le32(struct view *from, uint32_t *out)
{
    struct view bytes;

    TRY(take(from, 4, &bytes));
    *out = read_le32(bytes.ptr);
    return STATUS_OK;
}

/* Passes over reserved bytes. They are signed, and newer processors put things there: no reason to refuse. */
static enum status skip(struct view *from, size_t len)
{
    struct view ignored;

    return take(from, len, &ignored);
}

static enum status take_sgx_report(struct view *from, struct dcap_sgx_report *out)
{
    struct view rest;

    TRY(take(from, DCAP_REPORT_SIZE, &out->bytes));
    rest = out->bytes;
    TRY(take(&rest, DCAP_SVN_SIZE, &out->cpu_svn));
    TRY(take(&rest, 4, &out->misc_select));
    TRY(skip(&rest, 12));
    TRY(take(&rest, 16, &out->isv_ext_prod_id));
    TRY(take(&rest, 16, &out->attributes));
    TRY(take(&rest, 32, &out->mr_enclave));
    TRY(skip(&rest, 32));
    TRY(take(&rest, 32, &out->mr_signer));
    TRY(skip(&rest, 32));
    TRY(take(&rest, 64, &out->config_id));
    TRY(take_le16(&rest, &out->isv_prod_id));
    TRY(take_le16(&rest, &out->isv_svn));
    TRY(take_le16(&rest, &out->config_svn));
    TRY(skip(&rest, 42));
    TRY(take(&rest, 16, &out->isv_family_id));
    return take(&rest, DCAP_REPORT_DATA, &out->report_data);
}

/* Takes a TD report of size bytes: what TD 1.5 adds, if it is there; what TD 1.5 extended adds is not looked at. */
static enum status take_tdx_report(struct view *from, size_t size, struct dcap_tdx_report *out)
{
    struct view rest;

    TRY(take(from, size, &rest));
    TRY(take(&rest, DCAP_SVN_SIZE, &out->tee_tcb_svn));
    TRY(take(&rest, DCAP_MEASUREMENT, &out->mr_seam));
    TRY(take(&rest, DCAP_MEASUREMENT, &out->mr_signer_seam));
    TRY(take(&rest, DCAP_TDX_ATTRIBUTES, &out->seam_attributes));
    TRY(take(&rest, DCAP_TDX_ATTRIBUTES, &out->td_attributes));
    TRY(take(&rest, DCAP_TDX_ATTRIBUTES, &out->xfam));
    TRY(take(&rest, DCAP_MEASUREMENT, &out->mr_td));
    TRY(take(&rest, DCAP_MEASUREMENT, &out->mr_config_id));
    TRY(take(&rest, DCAP_MEASUREMENT, &out->mr_owner));
    TRY(take(&rest, DCAP_MEASUREMENT, &out->mr_owner_config));
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        TRY(take(&rest, DCAP_MEASUREMENT, &out->rtmr[i]));
    TRY(take(&rest, DCAP_REPORT_DATA, &out->report_data));
    if (size < TD15_SIZE)
        return STATUS_OK;
    TRY(take(&rest, DCAP_SVN_SIZE, &out->tee_tcb_svn2));
    return take(&rest, DCAP_MEASUREMENT, &out->mr_service_td);
}

static enum status take_header(struct view *from, struct dcap_quote *out)
{
    uint16_t key_type;
    uint32_t tee;
    struct view vendor;

    TRY(take_le16(from, &out->version));
    if (out->version < 3 || out->version > 5)
        return STATUS_UNSUPPORTED;
    TRY(take_le16(from, &key_type));
    if (key_type != KEY_TYPE_P256)
        return STATUS_UNSUPPORTED;
    TRY(take_le32(from, &tee));
    if (tee != TEE_SGX && (tee != TEE_TDX || out->version == 3))
        return STATUS_UNSUPPORTED;
    out->kind = tee == TEE_SGX ? DCAP_SGX : DCAP_TDX;
    TRY(skip(from, 4));
    TRY(take(from, sizeof intel_vendor, &vendor));
    if (!view_equal(vendor, VIEW_OF(intel_vendor)))
        return STATUS_EVIDENCE_SIGNER;
    return take(from, 20, &out->user_data);
}

/* The kinds of report of a version 5 quote: its type, whose it is, how long. */
static const struct body_type {
    uint16_t type;
    enum dcap_kind kind;
    uint32_t size;
} body_types[] = {
    {1, DCAP_SGX, DCAP_REPORT_SIZE},
    {2, DCAP_TDX, TD10_SIZE},
    {3, DCAP_TDX, TD15_SIZE},
    {4, DCAP_TDX, TD15EX_SIZE},
};

/* Takes a version 5 quote's word about its report. */
static enum status take_body_type(struct view *from, enum dcap_kind kind, uint32_t *size)
{
    uint16_t type;

    TRY(take_le16(from, &type));
    TRY(take_le32(from, size));
    for (size_t i = 0; i < ARRAY_LEN(body_types); i++)
        if (body_types[i].type == type && body_types[i].kind == kind)
            return body_types[i].size == *size ? STATUS_OK : STATUS_MALFORMED;
    return STATUS_UNSUPPORTED;
}

static enum status take_body(struct view *from, struct dcap_quote *out)
{
    uint32_t size = out->kind == DCAP_SGX ? DCAP_REPORT_SIZE : TD10_SIZE;

    if (out->version == 5)
        TRY(take_body_type(from, out->kind, &size));
    if (out->kind == DCAP_SGX)
        return take_sgx_report(from, &out->sgx);
    return take_tdx_report(from, size, &out->tdx);
}

/* Takes certification data: its type must be the one that is wanted. */
static enum status take_certification(struct view *from, uint16_t wanted, struct view *out)
{
    uint16_t type;
    uint32_t len;

    TRY(take_le16(from, &type));
    if (type != wanted)
        return STATUS_UNSUPPORTED;
    TRY(take_le32(from, &len));
    return take(from, len, out);
}

/* Takes what the quoting enclave says of itself, to the end. */
static enum status take_qe_part(struct view from, struct dcap_quote *out)
{
    uint16_t auth_len;

    TRY(take_sgx_report(&from, &out->qe_report));
    TRY(take(&from, SIGNATURE_SIZE, &out->qe_signature));
    TRY(take_le16(&from, &auth_len));
    TRY(take(&from, auth_len, &out->qe_auth_data));
    TRY(take_certification(&from, CERT_PCK_CHAIN, &out->pck_chain));
    return from.len == 0 ? STATUS_OK : STATUS_MALFORMED;
}

static enum status take_signatures(struct view from, struct dcap_quote *out)
{
    struct view qe_part;

    TRY(take(&from, SIGNATURE_SIZE, &out->signature));
    TRY(take(&from, KEY_SIZE, &out->attestation_key));
    if (out->version == 3)
        return take_qe_part(from, out);
    TRY(take_certification(&from, CERT_QE_REPORT, &qe_part));
    if (from.len != 0)
        return STATUS_MALFORMED;
    return take_qe_part(qe_part, out);
}

enum status dcap_quote_parse(struct view bytes, struct dcap_quote *out)
{
    struct dcap_quote found = {.version = 0};
    struct view rest = bytes, signatures;
    uint32_t len;

    if (bytes.len > DCAP_QUOTE_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(take_header(&rest, &found));
    TRY(take_body(&rest, &found));
    found.signed_part = (struct view){bytes.ptr, bytes.len - rest.len};
    TRY(take_le32(&rest, &len));
    TRY(take(&rest, len, &signatures));
    TRY(take_signatures(signatures, &found));
    found.trailing = rest.len;
    *out = found;
    return STATUS_OK;
}

bool dcap_quote_debug(const struct dcap_quote *quote)
{
    if (quote->kind == DCAP_SGX)
        return (*quote->sgx.attributes.ptr & DCAP_SGX_DEBUG) != 0;
    return (*quote->tdx.td_attributes.ptr & DCAP_TDX_UNTRUSTED) != 0;
}
