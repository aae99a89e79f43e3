/* dcap_pck.c: see dcap_pck.h. */
#include "dcap_pck.h"

#include <string.h>

#include "der.h"

/* 1.2.840.113741.1.13.1, below which every name of this file stands. */
static const uint8_t sgx_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

/* The last arcs of the names. */
enum member { PPID = 1, TCB, PCEID, FMSPC, SGX_TYPE, PLATFORM_INSTANCE, CONFIGURATION, MEMBERS_END };
enum { PCE_SVN = DCAP_COMPONENTS + 1, CPU_SVN, TCB_END };

#define CPU_SVN_SIZE 16

/* Takes the OID of a member: prefix and one arc of 1..limit-1, each once (seen: a bit for each arc). */
static enum status take_arc(struct view *from, struct view prefix, unsigned limit, uint32_t *seen, unsigned *arc)
{
    struct view oid;
    unsigned found;

    TRY(der_take(from, DER_OID, &oid));
    if (oid.len != prefix.len + 1 || memcmp(oid.ptr, prefix.ptr, prefix.len) != 0)
        return STATUS_MALFORMED;
    found = oid.ptr[prefix.len];
    if (found == 0 || found >= limit)
        return STATUS_MALFORMED;
    if (*seen & 1u << found)
        return STATUS_DUPLICATE_KEY;
    *seen |= 1u << found;
    *arc = found;
    return STATUS_OK;
}

static enum status take_octets(struct view *from, size_t size, struct view *out)
{
    TRY(der_take(from, DER_OCTET_STRING, out));
    return out->len == size ? STATUS_OK : STATUS_MALFORMED;
}

static enum status take_tcb_member(struct view from, uint32_t *seen, struct dcap_pck *out)
{
    uint8_t prefix[sizeof sgx_oid + 1];
    uint32_t number;
    unsigned arc;

    memcpy(prefix, sgx_oid, sizeof sgx_oid);
    prefix[sizeof sgx_oid] = TCB;
    TRY(take_arc(&from, VIEW_OF(prefix), TCB_END, seen, &arc));
    if (arc == CPU_SVN) {
        TRY(take_octets(&from, CPU_SVN_SIZE, &out->cpu_svn));
    } else if (arc == PCE_SVN) {
        TRY(der_take_number(&from, DER_INTEGER, UINT16_MAX, &out->pce_svn));
    } else {
        TRY(der_take_number(&from, DER_INTEGER, UINT8_MAX, &number));
        out->components[arc - 1] = (uint8_t)number;
    }
    return der_end(from);
}

static enum status take_tcb(struct view *from, struct dcap_pck *out)
{
    struct view members, member;
    uint32_t seen = 0;

    TRY(der_take(from, DER_SEQUENCE, &members));
    while (members.len > 0) {
        TRY(der_take(&members, DER_SEQUENCE, &member));
        TRY(take_tcb_member(member, &seen, out));
    }
    /* Every arc but 0. */
    return seen == (1u << TCB_END) - 2 ? STATUS_OK : STATUS_MALFORMED;
}

static enum status take_member(struct view from, uint32_t *seen, struct dcap_pck *out)
{
    struct view ignored;
    unsigned arc;

    TRY(take_arc(&from, VIEW_OF(sgx_oid), MEMBERS_END, seen, &arc));
    switch ((enum member)arc) {
    case PPID:
        TRY(take_octets(&from, 16, &out->ppid));
        break;
    case TCB:
        TRY(take_tcb(&from, out));
        break;
    case PCEID:
        TRY(take_octets(&from, DCAP_PCEID_SIZE, &out->pce_id));
        break;
    case FMSPC:
        TRY(take_octets(&from, DCAP_FMSPC_SIZE, &out->fmspc));
        break;
    case SGX_TYPE:
        TRY(der_take_number(&from, DER_ENUMERATED, UINT8_MAX, &out->sgx_type));
        break;
    case PLATFORM_INSTANCE:
        TRY(take_octets(&from, 16, &out->platform_instance_id));
        break;
    case CONFIGURATION:
    case MEMBERS_END:
        TRY(der_take(&from, DER_SEQUENCE, &ignored));
        break;
    }
    return der_end(from);
}

enum status dcap_pck_read(const struct x509_certificate *certificate, struct dcap_pck *out)
{
    const uint32_t needed = 1u << PPID | 1u << TCB | 1u << PCEID | 1u << FMSPC | 1u << SGX_TYPE;
    struct dcap_pck found = {.pce_svn = 0};
    struct view extension, members, member;
    uint32_t seen = 0;

    TRY(x509_extension(certificate->extensions, VIEW_OF(sgx_oid), &extension));
    TRY(der_take(&extension, DER_SEQUENCE, &members));
    TRY(der_end(extension));
    while (members.len > 0) {
        TRY(der_take(&members, DER_SEQUENCE, &member));
        TRY(take_member(member, &seen, &found));
    }
    if ((seen & needed) != needed)
        return STATUS_MALFORMED;
    *out = found;
    return STATUS_OK;
}
