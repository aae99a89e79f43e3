/* policy_show_dcap.c: Intel SGX and TDX evidence in words. See policy_kind.h. */
#include <inttypes.h>

#include "dcap_terms.h"
#include "policy_kind.h"
#include "policy_words.h"

#define STRONG_STATUSES (1u << DCAP_TCB_UP_TO_DATE | 1u << DCAP_TCB_SW_HARDENING_NEEDED)

static const struct words_bit attributes[] = {
    {TDX_SEPT_VE_DISABLE, "sept_ve_disable"},
    {TDX_MIGRATABLE, "migratable"},
    {TDX_PKS, "pks"},
    {TDX_KL, "kl"},
    {TDX_PERFMON, "perfmon"},
};

/* ---- the platform ---- */

static void show_statuses(uint32_t statuses, FILE *out)
{
    struct words_bit names[DCAP_TCB_COUNT];

    for (enum dcap_tcb status = DCAP_TCB_UNKNOWN; status < DCAP_TCB_COUNT; status++)
        names[status] = (struct words_bit){UINT64_C(1) << status, dcap_tcb_name(status)};
    words_bits("TCB status, one of", statuses, names, DCAP_TCB_COUNT, "none", out);
}

static void show_advisories(const struct allowed *advisories, FILE *out)
{
    fputs("    security advisories that may apply: ", out);
    if (advisories->any)
        fputs("any", out);
    else if (advisories->count == 0)
        fputs("none", out);
    for (uint32_t i = 0; i < advisories->count; i++) {
        fputs(i == 0 ? "" : ", ", out);
        words_text(advisories->list[i], out);
    }
    fputc('\n', out);
}

static void show_components(const struct dcap_terms *terms, FILE *out)
{
    bool some = false;

    for (int i = 0; i < SGX_COMPONENTS; i++) {
        if (terms->min_components[i] == 0)
            continue;
        fprintf(out, "    component %d of the platform: security version %d or above\n", i + 1,
                terms->min_components[i]);
        some = true;
    }
    if (!some)
        words_line(out, "components of the platform", "no more than the TCB status demands");
    if (terms->min_pcesvn > 0)
        words_line(out, "PCE", "security version %d or above", terms->min_pcesvn);
    else
        words_line(out, "PCE", "no more than the TCB status demands");
}

static void show_platform(const struct dcap_terms *terms, FILE *out)
{
    show_statuses(terms->statuses, out);
    show_advisories(&terms->advisories, out);
    if (terms->min_evaluation > 0)
        words_line(out, "collateral", "TCB evaluation data number %" PRIu32 " or above", terms->min_evaluation);
    else
        words_line(out, "collateral", "any TCB evaluation data number");
    words_age("collateral", "issued at most ", terms->max_age_s, " ago", out);
    if (terms->grace_s > 0)
        words_age("collateral", "taken for ", terms->grace_s, " after its end", out);
    else
        words_line(out, "collateral", "not taken after its end");
    show_components(terms, out);
    words_line(out, "debugging", terms->debug ? "ACCEPTED" : "refused");
}

static void warn_platform(const struct dcap_terms *terms, const struct policy_warner *to)
{
    if (terms->debug)
        policy_warn_of(to, "debug is accepted: the host may read and change all that it holds");
    if ((terms->statuses & ~STRONG_STATUSES) != 0)
        policy_warn_of(to, "TCB statuses are accepted that tell of known weaknesses or settings");
    if (terms->advisories.any)
        policy_warn_of(to, "any security advisory may apply to the platform");
    if (terms->min_evaluation == 0)
        policy_warn_of(to, "min_evaluation 0: collateral that knows nothing of late findings is accepted");
    if (terms->grace_s > 0)
        policy_warn_of(to, "grace: collateral is accepted after its end");
}

/* ---- SGX ---- */

void policy_show_sgx(struct view rules, FILE *out)
{
    struct sgx_terms terms;

    if (sgx_terms_decode(rules, &terms) != STATUS_OK)
        return;
    fputs("  an Intel SGX enclave with\n", out);
    if (!allowed_none(&terms.mr_enclave))
        words_allowed(WORDS_INDENT, "MRENCLAVE", &terms.mr_enclave, out);
    for (uint32_t i = 0; i < terms.signer_count; i++) {
        fprintf(out, "    %sMRSIGNER: ", i > 0 || !allowed_none(&terms.mr_enclave) ? "or " : "");
        words_digits(terms.signers[i].mr_signer, out);
        fprintf(out, ", product %d, security version %d or above\n", terms.signers[i].product,
                terms.signers[i].min_svn);
    }
    words_line(out, "MISCSELECT, XFRM, CONFIGID, CONFIGSVN", "any value");
    show_platform(&terms.platform, out);
}

void policy_warn_sgx(struct view rules, const struct policy_warner *to)
{
    struct sgx_terms terms;

    if (sgx_terms_decode(rules, &terms) == STATUS_OK)
        warn_platform(&terms.platform, to);
}

/* ---- TDX ---- */

/* All measurements but MRTD, in the order of their keys. */
static const struct {
    const char *name, *key;
    size_t offset;
} measurements[] = {
    {"RTMR0", "rtmr0", offsetof(struct tdx_terms, rtmr[0])},
    {"RTMR1", "rtmr1", offsetof(struct tdx_terms, rtmr[1])},
    {"RTMR2", "rtmr2", offsetof(struct tdx_terms, rtmr[2])},
    {"RTMR3", "rtmr3", offsetof(struct tdx_terms, rtmr[3])},
    {"MRCONFIGID", "mrconfigid", offsetof(struct tdx_terms, mr_config_id)},
    {"MROWNER", "mrowner", offsetof(struct tdx_terms, mr_owner)},
    {"MROWNERCONFIG", "mrownerconfig", offsetof(struct tdx_terms, mr_owner_config)},
};

static const struct allowed *measurement(const struct tdx_terms *terms, size_t i)
{
    return (const struct allowed *)((const uint8_t *)terms + measurements[i].offset);
}

static void show_svn(const struct tdx_terms *terms, FILE *out)
{
    static const uint8_t zeros[DCAP_SVN_SIZE];

    if (view_equal(VIEW_OF(terms->min_tee_tcb_svn), VIEW_OF(zeros))) {
        words_line(out, "TDX module", "no more than the TCB status demands");
        return;
    }
    fputs("    TDX module: security versions, byte by byte, of ", out);
    words_digits(VIEW_OF(terms->min_tee_tcb_svn), out);
    fputs(" or above\n", out);
}

void policy_show_tdx(struct view rules, FILE *out)
{
    struct tdx_terms terms;

    if (tdx_terms_decode(rules, &terms) != STATUS_OK)
        return;
    fputs("  an Intel TDX domain with\n", out);
    words_allowed(WORDS_INDENT, "MRTD", &terms.mr_td, out);
    for (size_t i = 0; i < ARRAY_LEN(measurements); i++)
        words_allowed(WORDS_INDENT, measurements[i].name, measurement(&terms, i), out);
    words_bits("attributes that must be set", terms.attributes_required, attributes, ARRAY_LEN(attributes), "none",
               out);
    words_bits("attributes that may be set", terms.attributes_allowed, attributes, ARRAY_LEN(attributes), "none", out);
    words_line(out, "XFAM", "any value");
    show_svn(&terms, out);
    show_platform(&terms.platform, out);
}

void policy_warn_tdx(struct view rules, const struct policy_warner *to)
{
    struct tdx_terms terms;

    if (tdx_terms_decode(rules, &terms) != STATUS_OK)
        return;
    for (size_t i = 0; i < ARRAY_LEN(measurements); i++)
        if (measurement(&terms, i)->any)
            policy_warn_of(to, "%s any: whatever was measured there is accepted", measurements[i].key);
    if ((terms.attributes_required & TDX_SEPT_VE_DISABLE) == 0)
        policy_warn_of(to, "sept_ve_disable is not required: the host can make the guest run into missing memory");
    if ((terms.attributes_allowed & TDX_MIGRATABLE) != 0)
        policy_warn_of(to, "migratable: the domain may be moved to a machine that was not appraised");
    warn_platform(&terms.platform, to);
}
