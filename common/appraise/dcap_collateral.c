/* dcap_collateral.c: reading TCB info and QE identities; see dcap_collateral.h. */
#include "dcap_collateral.h"

#include <string.h>

#include "dcap_json.h"
#include "der.h"

#define TCB_INFO_V2         2
#define TCB_INFO_V3         3
#define QE_IDENTITY_VERSION 2
#define DATE_LEN            20 /* "YYYY-MM-DDThh:mm:ssZ" */

/* ---- members of an object ---- */

/* A member that must be there. */
static enum status read_member(struct view object, const char *name, struct view *out)
{
    const enum status status = json_member(object, name, out);

    return status == STATUS_NOT_FOUND ? STATUS_MALFORMED : status;
}

static enum status read_text(struct view object, const char *name, struct view *out)
{
    struct view value;

    TRY(read_member(object, name, &value));
    return json_text(value, out);
}

static enum status read_number(struct view object, const char *name, uint32_t most, uint32_t *out)
{
    struct view value;

    TRY(read_member(object, name, &value));
    return json_number(value, most, out);
}

/* Hexadecimal of exactly size bytes. */
static enum status read_hex(struct view object, const char *name, uint8_t *out, size_t size)
{
    struct buf bytes = {.ptr = out, .len = 0, .cap = size};
    struct view text;

    TRY(read_text(object, name, &text));
    TRY(hex_decode(text, &bytes));
    return bytes.len == size ? STATUS_OK : STATUS_MALFORMED;
}

/* A date, by the calendar of certificates: as the GeneralizedTime of the same digits. */
static enum status read_date(struct view object, const char *name, int64_t *out)
{
    static const char shape[] = "____-__-__T__:__:__Z";
    uint8_t bytes[2 + DATE_LEN] = {DER_GENERALIZED_TIME};
    size_t len = 2;
    struct view text;

    TRY(read_text(object, name, &text));
    if (text.len != DATE_LEN)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < DATE_LEN; i++) {
        if (shape[i] == '_')
            bytes[len++] = text.ptr[i];
        else if (text.ptr[i] != (uint8_t)shape[i])
            return STATUS_MALFORMED;
    }
    bytes[len++] = 'Z';
    bytes[1] = (uint8_t)(len - 2);
    return der_take_time(&(struct view){bytes, len}, out);
}

/* ---- documents ---- */

/* The kinds of document: the member that is signed. */
static const char *const document_members[] = {
    [DCAP_TCB_INFO] = "tcbInfo",
    [DCAP_QE_IDENTITY] = "enclaveIdentity",
};

enum status dcap_document_split(struct view text, struct dcap_document *out)
{
    struct dcap_document found = {.signed_part = {NULL, 0}};
    enum status status = STATUS_NOT_FOUND;
    struct view object;

    if (text.len > DCAP_JSON_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(json_check(text, &object));
    for (size_t i = 0; i < ARRAY_LEN(document_members) && status == STATUS_NOT_FOUND; i++) {
        status = json_member(object, document_members[i], &found.signed_part);
        found.kind = (enum dcap_document_kind)i;
    }
    if (status == STATUS_NOT_FOUND)
        return STATUS_UNSUPPORTED;
    TRY(status);
    TRY(read_hex(object, "signature", found.signature, sizeof found.signature));
    *out = found;
    return STATUS_OK;
}

/* ---- levels ---- */

static enum status read_level(struct view object, struct dcap_level *out)
{
    enum status status;
    struct view name;

    TRY(read_text(object, "tcbStatus", &name));
    TRY(dcap_tcb_of_name(name, &out->status));
    TRY(read_date(object, "tcbDate", &out->date));
    status = json_member(object, "advisoryIDs", &out->advisories);
    if (status == STATUS_NOT_FOUND) {
        out->advisories = (struct view){NULL, 0};
        return STATUS_OK;
    }
    TRY(status);
    return dcap_advisories_check(out->advisories);
}

static enum status read_isv_level(struct view object, struct dcap_isv_level *out)
{
    struct view tcb;

    TRY(read_member(object, "tcb", &tcb));
    TRY(read_number(tcb, "isvsvn", UINT16_MAX, &out->isv_svn));
    return read_level(object, &out->level);
}

static enum status read_isv_levels(struct view object, struct dcap_isv_levels *out)
{
    struct view array, rest, element;
    enum status status;

    TRY(read_member(object, "tcbLevels", &array));
    TRY(json_elements(array, &rest));
    while ((status = json_next(&rest, &element)) == STATUS_OK) {
        if (out->count == DCAP_MODULE_LEVELS_MAX)
            return STATUS_OUT_OF_RANGE;
        TRY(read_isv_level(element, &out->at[out->count++]));
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Version 3: an array of sixteen {"svn": n, ...}. */
static enum status read_components(struct view tcb, const char *name, uint8_t out[static DCAP_COMPONENTS])
{
    struct view array, rest, element;
    uint32_t svn;

    TRY(read_member(tcb, name, &array));
    TRY(json_elements(array, &rest));
    for (size_t i = 0; i < DCAP_COMPONENTS; i++) {
        if (json_next(&rest, &element) != STATUS_OK)
            return STATUS_MALFORMED;
        TRY(read_number(element, "svn", UINT8_MAX, &svn));
        out[i] = (uint8_t)svn;
    }
    return json_next(&rest, &element) == STATUS_NOT_FOUND ? STATUS_OK : STATUS_MALFORMED;
}

/* Version 2: sgxtcbcomp01svn to sgxtcbcomp16svn. */
static enum status read_components_v2(struct view tcb, uint8_t out[static DCAP_COMPONENTS])
{
    char name[] = "sgxtcbcomp00svn";
    const size_t digits = sizeof "sgxtcbcomp" - 1;
    uint32_t svn;

    for (unsigned i = 0; i < DCAP_COMPONENTS; i++) {
        name[digits] = (char)('0' + (i + 1) / 10);
        name[digits + 1] = (char)('0' + (i + 1) % 10);
        TRY(read_number(tcb, name, UINT8_MAX, &svn));
        out[i] = (uint8_t)svn;
    }
    return STATUS_OK;
}

static enum status read_platform_level(struct view object, uint32_t version, enum dcap_kind kind,
                                       struct dcap_platform_level *out)
{
    struct view tcb;

    TRY(read_member(object, "tcb", &tcb));
    TRY(read_number(tcb, "pcesvn", UINT16_MAX, &out->pce_svn));
    if (version == TCB_INFO_V2)
        TRY(read_components_v2(tcb, out->sgx));
    else
        TRY(read_components(tcb, "sgxtcbcomponents", out->sgx));
    if (kind == DCAP_TDX)
        TRY(read_components(tcb, "tdxtcbcomponents", out->tdx));
    return read_level(object, &out->level);
}

static enum status read_platform_levels(struct view object, uint32_t version, struct dcap_tcb_info *out)
{
    struct view array, rest, element;
    enum status status;

    TRY(read_member(object, "tcbLevels", &array));
    TRY(json_elements(array, &rest));
    while ((status = json_next(&rest, &element)) == STATUS_OK) {
        if (out->level_count == DCAP_LEVELS_MAX)
            return STATUS_OUT_OF_RANGE;
        TRY(read_platform_level(element, version, out->kind, &out->levels[out->level_count++]));
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* ---- TDX modules ---- */

static enum status read_module_signer(struct view object, struct dcap_module *out)
{
    TRY(read_hex(object, "mrsigner", out->mr_signer, sizeof out->mr_signer));
    TRY(read_hex(object, "attributes", out->attributes, sizeof out->attributes));
    return read_hex(object, "attributesMask", out->attributes_mask, sizeof out->attributes_mask);
}

/* "TDX_" and the major version in two hexadecimal digits. */
static enum status read_module_major(struct view object, uint32_t *out)
{
    const struct view prefix = VIEW_TEXT("TDX_");
    struct view id, start;
    uint8_t major[1];
    struct buf bytes = BUF_OF(major);

    TRY(read_text(object, "id", &id));
    TRY(view_slice(id, 0, prefix.len, &start));
    if (!view_equal(start, prefix) || id.len != prefix.len + 2)
        return STATUS_MALFORMED;
    TRY(hex_decode((struct view){id.ptr + prefix.len, 2}, &bytes));
    *out = major[0];
    return STATUS_OK;
}

static enum status read_module_identity(struct view object, struct dcap_module *out)
{
    TRY(read_module_major(object, &out->major));
    TRY(read_module_signer(object, out));
    return read_isv_levels(object, &out->levels);
}

/* "tdxModule" always; "tdxModuleIdentities" came later. */
static enum status read_modules(struct view object, struct dcap_tcb_info *out)
{
    struct view module, array, rest, element;
    enum status status;

    TRY(read_member(object, "tdxModule", &module));
    TRY(read_module_signer(module, &out->modules[out->module_count++]));
    status = json_member(object, "tdxModuleIdentities", &array);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    TRY(status);
    TRY(json_elements(array, &rest));
    while ((status = json_next(&rest, &element)) == STATUS_OK) {
        if (out->module_count == ARRAY_LEN(out->modules))
            return STATUS_OUT_OF_RANGE;
        TRY(read_module_identity(element, &out->modules[out->module_count++]));
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* ---- the two inner objects ---- */

static enum status read_kind(struct view object, struct view sgx, struct view tdx, enum dcap_kind *out)
{
    struct view id;

    TRY(read_text(object, "id", &id));
    if (!view_equal(id, sgx) && !view_equal(id, tdx))
        return STATUS_UNSUPPORTED;
    *out = view_equal(id, sgx) ? DCAP_SGX : DCAP_TDX;
    return STATUS_OK;
}

enum status dcap_tcb_info_read(struct view object, struct dcap_tcb_info *out)
{
    uint32_t version, type;

    memset(out, 0, sizeof *out);
    TRY(read_number(object, "version", UINT32_MAX, &version));
    if (version != TCB_INFO_V2 && version != TCB_INFO_V3)
        return STATUS_UNSUPPORTED;
    if (version == TCB_INFO_V3)
        TRY(read_kind(object, VIEW_TEXT("SGX"), VIEW_TEXT("TDX"), &out->kind));
    TRY(read_number(object, "tcbType", UINT32_MAX, &type));
    if (type != 0)
        return STATUS_UNSUPPORTED;
    TRY(read_date(object, "issueDate", &out->issued));
    TRY(read_date(object, "nextUpdate", &out->next_update));
    TRY(read_number(object, "tcbEvaluationDataNumber", UINT32_MAX, &out->evaluation));
    TRY(read_hex(object, "fmspc", out->fmspc, sizeof out->fmspc));
    TRY(read_hex(object, "pceId", out->pce_id, sizeof out->pce_id));
    if (out->kind == DCAP_TDX)
        TRY(read_modules(object, out));
    return read_platform_levels(object, version, out);
}

enum status dcap_qe_identity_read(struct view object, struct dcap_qe_identity *out)
{
    uint32_t version;

    memset(out, 0, sizeof *out);
    TRY(read_number(object, "version", UINT32_MAX, &version));
    if (version != QE_IDENTITY_VERSION)
        return STATUS_UNSUPPORTED;
    TRY(read_kind(object, VIEW_TEXT("QE"), VIEW_TEXT("TD_QE"), &out->kind));
    TRY(read_date(object, "issueDate", &out->issued));
    TRY(read_date(object, "nextUpdate", &out->next_update));
    TRY(read_number(object, "tcbEvaluationDataNumber", UINT32_MAX, &out->evaluation));
    TRY(read_hex(object, "miscselect", out->misc_select, sizeof out->misc_select));
    TRY(read_hex(object, "miscselectMask", out->misc_select_mask, sizeof out->misc_select_mask));
    TRY(read_hex(object, "attributes", out->attributes, sizeof out->attributes));
    TRY(read_hex(object, "attributesMask", out->attributes_mask, sizeof out->attributes_mask));
    TRY(read_hex(object, "mrsigner", out->mr_signer, sizeof out->mr_signer));
    TRY(read_number(object, "isvprodid", UINT16_MAX, &out->isv_prod_id));
    return read_isv_levels(object, &out->levels);
}
