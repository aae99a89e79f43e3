/* Any bytes as a CRL; one that parses lies inside the input and can be asked for a serial number. */
#include <stdlib.h>

#include "x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct view part, struct view whole)
{
    if (part.len > 0 && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t serial[] = {0x02, 0x00, 0x01};
    const struct view der = {data, size};
    struct x509_crl list;

    if (x509_crl_parse(der, &list) != STATUS_OK)
        return 0;
    check_inside(list.tbs, der);
    check_inside(list.issuer, der);
    check_inside(list.revoked, der);
    check_inside(list.extensions, der);
    check_inside(list.signature.value, der);
    if (x509_crl_revokes(&list, VIEW_OF(serial)) && list.revoked.len == 0)
        abort();
    return 0;
}
