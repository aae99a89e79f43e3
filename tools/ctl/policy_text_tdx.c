/* policy_text_tdx.c: the block of Intel TDX evidence in the owner's policy. */
#include <string.h>

#include "policy_text_dcap.h"

#define ZEROS "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

static const struct policy_flag attributes[] = {
    {"sept_ve_disable", TDX_SEPT_VE_DISABLE},
    {"migratable", TDX_MIGRATABLE},
    {"pks", TDX_PKS},
    {"kl", TDX_KL},
    {"perfmon", TDX_PERFMON},
    {0},
};

/* field: struct dcap_text. What is required is allowed. */
static enum status take_attributes(const struct config_line *line, void *field)
{
    struct dcap_text *text = field;
    char *rest = line->value, *word = config_word(&rest);
    const bool require = strcmp(word, "require") == 0;
    bool *seen = require ? &text->attributes_required : &text->attributes_allowed;
    uint64_t *bits = require ? &text->tdx.attributes_required : &text->tdx.attributes_allowed;

    if (!require && strcmp(word, "allow") != 0)
        return config_refuse_line(line, "\"%.64s\" is neither allow nor require; write it as in: %s %s", word,
                                  line->key->name, line->key->sample);
    if (*seen)
        return config_refuse_line(line, "%s stands twice", word);
    *seen = true;
    return policy_flags(line, rest, attributes, true, bits);
}

/* field: uint8_t[DCAP_SVN_SIZE]. */
static enum status take_svn(const struct config_line *line, void *field)
{
    struct view bytes;

    TRY(policy_hex(line, line->value, DCAP_SVN_SIZE, DCAP_SVN_SIZE, &bytes));
    memcpy(field, bytes.ptr, bytes.len);
    return STATUS_OK;
}

/* A measurement that must be listed. */
#define MEASUREMENT(key_name, take_values, member, text) \
    { \
        .name = (key_name), .type = CONFIG_LINE, .take = (take_values), DCAP_AT(member), .min = DCAP_MEASUREMENT, \
        .max = ALLOWED_MAX, .required = true, .doc = (text), .sample = ZEROS \
    }
#define OR_ANY " May be repeated; or `any`."

static const struct config_key keys[] = {
    MEASUREMENT("mrtd", policy_take_digests, tdx.mr_td, "MRTD: the firmware that is accepted. May be repeated."),
    MEASUREMENT("rtmr0", policy_take_digests_or_any, tdx.rtmr[0], "RTMR0: configuration of the firmware." OR_ANY),
    MEASUREMENT("rtmr1", policy_take_digests_or_any, tdx.rtmr[1], "RTMR1: boot loader and kernel." OR_ANY),
    MEASUREMENT("rtmr2", policy_take_digests_or_any, tdx.rtmr[2], "RTMR2: kernel command line and initrd." OR_ANY),
    MEASUREMENT("rtmr3", policy_take_digests_or_any, tdx.rtmr[3], "RTMR3: what runs there says." OR_ANY),
    MEASUREMENT("mrconfigid", policy_take_digests_or_any, tdx.mr_config_id, "MRCONFIGID." OR_ANY),
    MEASUREMENT("mrowner", policy_take_digests_or_any, tdx.mr_owner, "MROWNER." OR_ANY),
    MEASUREMENT("mrownerconfig", policy_take_digests_or_any, tdx.mr_owner_config, "MROWNERCONFIG." OR_ANY),
    {.name = "td_attributes",
     .type = CONFIG_LINE,
     .take = take_attributes,
     .max = 2,
     .required = true,
     .doc = "`require`, and attributes that must be set, or `none`: sept_ve_disable migratable pks kl perfmon.\n"
            "A second line with `allow`: attributes that may be set besides.",
     .sample = "require sept_ve_disable"},
    {.name = "min_tee_tcb_svn",
     .type = CONFIG_LINE,
     .take = take_svn,
     DCAP_AT(tdx.min_tee_tcb_svn),
     .max = 1,
     .doc = "Least security versions of the TDX module, byte by byte.",
     .sample = "05010200000000000000000000000000"},
    DCAP_PLATFORM_KEYS(DCAP_TCB_REVOKED),
    {0},
};

static enum status make(const struct policy_block *block, struct buf *rules)
{
    const struct dcap_text *text = block->block->target;
    struct tdx_terms terms = text->tdx;

    if (!text->attributes_required)
        return policy_refuse(
            block, "td_attributes",
            "td_attributes require is missing; write which must be set, or td_attributes require none");
    terms.attributes_allowed |= terms.attributes_required;
    terms.platform = dcap_platform(text);
    return tdx_terms_encode(&terms, rules);
}

const struct policy_kind policy_tdx = {
    {TDX_KIND, keys, sizeof(struct dcap_text)}, make, policy_show_tdx, policy_warn_tdx};
