/* dcap_chain.c: see dcap_chain.h. */
#include "dcap_chain.h"

static enum status take_certificate(struct view *from, struct buf *space, struct x509_certificate *out)
{
    enum x509_item item;
    struct view der;
    enum status status = x509_take(from, space, &item, &der);

    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && item != X509_ITEM_CERTIFICATE))
        return STATUS_EVIDENCE_CHAIN;
    TRY(status);
    return x509_certificate_parse(der, out);
}

enum status dcap_chain_read(struct view pem, struct buf *space, struct dcap_chain *out)
{
    struct dcap_chain found;
    enum x509_item item;
    struct view der;

    TRY(take_certificate(&pem, space, &found.leaf));
    TRY(take_certificate(&pem, space, &found.intermediate));
    TRY(take_certificate(&pem, space, &found.root));
    if (x509_take(&pem, space, &item, &der) != STATUS_NOT_FOUND)
        return STATUS_EVIDENCE_CHAIN;
    *out = found;
    return STATUS_OK;
}

/* Of none that Intel issues is the use of its key restricted. */
static bool is_named(const struct x509_certificate *certificate, struct view wanted)
{
    struct view name;

    return x509_name_common(certificate->subject, &name) == STATUS_OK && view_equal(name, wanted) &&
           certificate->purposes.len == 0;
}

bool dcap_is_tcb_signer(const struct x509_certificate *certificate)
{
    return is_named(certificate, VIEW_TEXT("Intel SGX TCB Signing"));
}

/* The root signs signers of collateral too: names tell what a key is for. */
static bool is_named_as_pck_chain(const struct dcap_chain *chain)
{
    return is_named(&chain->leaf, VIEW_TEXT("Intel SGX PCK Certificate")) &&
           (is_named(&chain->intermediate, VIEW_TEXT("Intel SGX PCK Processor CA")) ||
            is_named(&chain->intermediate, VIEW_TEXT("Intel SGX PCK Platform CA")));
}

enum status dcap_chain_verify(const struct dcap_chain *chain)
{
    if (chain->root.key.kind != X509_KEY_P256 || !dcap_is_root(chain->root.key.point))
        return STATUS_EVIDENCE_ROOT;
    if (!is_named_as_pck_chain(chain) || chain->leaf.is_ca)
        return STATUS_EVIDENCE_CHAIN;
    TRY(x509_certificate_issued_by(&chain->root, &chain->root));
    TRY(x509_certificate_issued_by(&chain->intermediate, &chain->root));
    return x509_certificate_issued_by(&chain->leaf, &chain->intermediate);
}

enum status dcap_chain_valid_at(const struct dcap_chain *chain, int64_t time)
{
    TRY(x509_certificate_valid_at(&chain->root, time));
    TRY(x509_certificate_valid_at(&chain->intermediate, time));
    return x509_certificate_valid_at(&chain->leaf, time);
}
