/* gramine.c: see gramine.h. A value is taken up within the one write that brings it; a quote is made while its file is
 * opened. So what a quote is over is settled between those two calls, and only the quote itself tells it. */
#include "gramine.h"

#define SGX_KEY_SIZE 16

enum status gramine_open(const char *root, struct gramine *out, const char **what)
{
    uint8_t type[16];
    struct buf type_buf = BUF_OF(type);

    *what = "the path of the attestation files is too long";
    TRY(pseudo_folder_at(root, "", &out->folder));
    *what = "attestation_type: this is not an SGX enclave on Gramine";
    TRY(pseudo_read(&out->folder, "attestation_type", &type_buf));
    *what = "attestation_type is not dcap: the manifest must say sgx.remote_attestation = \"dcap\"";
    return view_equal(buf_view(&type_buf), VIEW_TEXT("dcap")) ? STATUS_OK : STATUS_UNSUPPORTED;
}

static enum status quote_once(const struct gramine *gramine, struct view report_data, struct buf *evidence)
{
    const size_t before = evidence->len;
    struct view quote;
    enum status status;

    TRY(pseudo_write(&gramine->folder, "user_report_data", report_data));
    TRY(pseudo_read(&gramine->folder, "quote", evidence));
    status =
        attest_trim(VIEW_TEXT(ATTEST_KIND_SGX), (struct view){evidence->ptr + before, evidence->len - before}, &quote);
    if (status == STATUS_OK)
        status = attest_check_report_data(VIEW_TEXT(ATTEST_KIND_SGX), quote, report_data.ptr);
    evidence->len = status == STATUS_OK ? before + quote.len : before;
    return status;
}

enum status gramine_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                           struct buf *evidence, struct buf *endorsement)
{
    enum status status = STATUS_EVIDENCE_BINDING;

    (void)endorsement;
    /* Another thread of the process may write between our write and our quote; nothing else is worth another try. */
    for (int i = 0; i < ATTEST_TRIES && status == STATUS_EVIDENCE_BINDING; i++)
        status = quote_once(ctx, (struct view){report_data, SHA512_SIZE}, evidence);
    if (status == STATUS_OK)
        *kind = VIEW_TEXT(ATTEST_KIND_SGX);
    return status;
}

enum status gramine_sealing_key(const struct gramine *gramine, uint8_t out[static AEAD_KEY_MAX])
{
    static const uint8_t none[SGX_KEY_SIZE];
    uint8_t key_bytes[SGX_KEY_SIZE];
    CLEANUP(buf_wipe) struct buf key = BUF_OF(key_bytes);
    struct buf derived = {.ptr = out, .cap = AEAD_KEY_MAX};
    enum status status = pseudo_read(&gramine->folder, "keys/_sgx_mrenclave", &key);

    if (status == STATUS_NO_SPACE)
        return STATUS_MALFORMED;
    TRY(status);
    if (key.len != sizeof key_bytes || view_equal_secret(buf_view(&key), VIEW_OF(none)))
        return STATUS_MALFORMED;
    return hkdf_sha256((struct view){NULL, 0}, buf_view(&key), VIEW_TEXT("tacit/1 sgx sealing key"), &derived);
}
