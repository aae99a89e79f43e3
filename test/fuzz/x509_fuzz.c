/* Any bytes as certificates and CRLs one after the other; what is a certificate lies inside the input with all its
 * parts. */
#include <stdlib.h>

#include "x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[1 << 16];

static void check_inside(struct view part, struct view whole)
{
    if (part.len > 0 && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

static void check_certificate(struct view der)
{
    struct x509_certificate one;
    struct view name;

    if (x509_certificate_parse(der, &one) != STATUS_OK)
        return;
    check_inside(one.tbs, der);
    check_inside(one.serial, der);
    check_inside(one.issuer, der);
    check_inside(one.subject, der);
    check_inside(one.key.info, der);
    check_inside(one.key.point, der);
    check_inside(one.key.modulus, der);
    check_inside(one.key.exponent, der);
    check_inside(one.extensions, der);
    check_inside(one.signature.value, der);
    if (x509_name_common(one.subject, &name) == STATUS_OK)
        check_inside(name, der);
    if (x509_certificate_issued_by(&one, &one) == STATUS_OK && !one.is_ca)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view from = {data, size}, der;
    struct buf space = BUF_OF(memory);
    struct x509_authority authority;
    enum x509_item item;

    check_certificate(from);
    if (x509_authority_parse(from, &space, &authority) == STATUS_OK && authority.any_name &&
        authority.certificate.subject.len > 0)
        abort();
    space.len = 0;
    while (x509_take(&from, &space, &item, &der) == STATUS_OK)
        if (item == X509_ITEM_CERTIFICATE)
            check_certificate(der);
    return 0;
}
