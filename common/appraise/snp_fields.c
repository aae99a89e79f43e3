/* snp_fields.c: what a report says, as fields for a person, an owner's record or a policy (see snp_private.h). Numbers
 * that are bit sets or addresses of a kind are given as bytes, the most significant one first. */
#include "snp_private.h"
#include "snp_terms.h"

#define FLAGS_AT              0x48
#define CPUID_AT              0x188 /* family, model, stepping */
#define CPUID_SIZE            3
#define LAUNCH_MITIGATIONS_AT 0x1f8
#define MITIGATIONS_AT        0x200
#define MITIGATIONS_SIZE      8
#define SIGNATURE_ALGO_AT     0x34

static struct view keep_number(struct buf *space, uint64_t number)
{
    uint8_t bytes[8];

    write_be64(bytes, number);
    return appraisal_keep(space, VIEW_OF(bytes));
}

static size_t write_decimal(uint8_t number, char *out)
{
    size_t len = 0;

    if (number >= 100)
        out[len++] = (char)('0' + number / 100);
    if (number >= 10)
        out[len++] = (char)('0' + number / 10 % 10);
    out[len++] = (char)('0' + number % 10);
    return len;
}

/* "1.55.29" */
static struct view keep_firmware(struct buf *space, const struct snp_firmware *firmware)
{
    char text[sizeof "255.255.255"];
    size_t len = write_decimal(firmware->major, text);

    text[len++] = '.';
    len += write_decimal(firmware->minor, text + len);
    text[len++] = '.';
    len += write_decimal(firmware->build, text + len);
    return appraisal_keep(space, (struct view){(const uint8_t *)text, len});
}

/* "19/01/01" */
static struct view keep_cpuid(struct buf *space, const uint8_t *cpuid)
{
    char text[3 * CPUID_SIZE];

    for (size_t i = 0; i < CPUID_SIZE; i++) {
        hex_encode((struct view){cpuid + i, 1}, text + 3 * i);
        text[3 * i + 2] = '/';
    }
    return appraisal_keep(space, (struct view){(const uint8_t *)text, sizeof text - 1});
}

static void describe_identity(const struct snp_report *report, struct appraisal *out)
{
    appraisal_bytes(out, "report_data", report->report_data);
    appraisal_bytes(out, "measurement", report->measurement);
    appraisal_bytes(out, "host_data", report->host_data);
    appraisal_bytes(out, "id_key_digest", report->id_key_digest);
    appraisal_bytes(out, "author_key_digest", report->author_key_digest);
    appraisal_bytes(out, "report_id", report->report_id);
    appraisal_bytes(out, "report_id_ma", report->migration_agent_id);
    appraisal_bytes(out, "family_id", report->family_id);
    appraisal_bytes(out, "image_id", report->image_id);
    appraisal_number(out, "guest_svn", report->guest_svn);
    appraisal_number(out, "vmpl", report->vmpl);
}

static void describe_policy(uint64_t policy, struct buf *space, struct appraisal *out)
{
    static const struct {
        const char *name;
        uint64_t bit;
    } bits[] = {
        {"pol.smt", SNP_POLICY_SMT},
        {"pol.migrate", SNP_POLICY_MIGRATE},
        {"pol.debug", SNP_POLICY_DEBUG},
        {"pol.single_socket", SNP_POLICY_SINGLE_SOCKET},
        {"pol.cxl", SNP_POLICY_CXL},
        {"pol.mem_aes256", SNP_POLICY_AES_256_XTS},
        {"pol.rapl_dis", SNP_POLICY_RAPL_OFF},
        {"pol.ciphertext", SNP_POLICY_CIPHERTEXT_HIDING},
        {"pol.page_swap_dis", SNP_POLICY_PAGE_SWAP_OFF},
    };

    appraisal_bytes(out, "policy", keep_number(space, policy));
    appraisal_number(out, "pol.abi_minor", policy & UINT8_MAX);
    appraisal_number(out, "pol.abi_major", policy >> 8 & UINT8_MAX);
    for (size_t i = 0; i < ARRAY_LEN(bits); i++)
        appraisal_truth(out, bits[i].name, (policy & bits[i].bit) != 0);
}

static void describe_platform(const struct snp_report *report, struct buf *space, struct appraisal *out)
{
    const uint8_t *raw = report->signed_part.ptr;
    uint8_t flags[4];

    write_be32(flags, read_le32(raw + FLAGS_AT));
    appraisal_number(out, "version", report->version);
    appraisal_number(out, "sig_algo", read_le32(raw + SIGNATURE_ALGO_AT));
    appraisal_bytes(out, "flags", appraisal_keep(space, VIEW_OF(flags)));
    appraisal_truth(out, "author_key_en", report->author_key);
    appraisal_truth(out, "mask_chip_key", report->mask_chip_key);
    appraisal_number(out, "signing_key", report->signing_key);
    appraisal_bytes(out, "platform_info", keep_number(space, report->platform_info));
    appraisal_text(out, "cpuid", keep_cpuid(space, raw + CPUID_AT));
    appraisal_bytes(out, "chip_id", report->chip_id);
    appraisal_text(out, "cur_ver", keep_firmware(space, &report->current));
    appraisal_text(out, "com_ver", keep_firmware(space, &report->committed));
    appraisal_bytes(out, "launch_mit", (struct view){raw + LAUNCH_MITIGATIONS_AT, MITIGATIONS_SIZE});
    appraisal_bytes(out, "current_mit", (struct view){raw + MITIGATIONS_AT, MITIGATIONS_SIZE});
    appraisal_bytes(out, "current_tcb", report->current_tcb);
    appraisal_bytes(out, "reported_tcb", report->reported_tcb);
    appraisal_bytes(out, "committed_tcb", report->committed_tcb);
    appraisal_bytes(out, "launch_tcb", report->launch_tcb);
}

/* Names of the parts of a TCB. */
struct tcb_names {
    const char *fmc, *bl, *tee, *snp, *ucode;
};
#define TCB_NAMES(of) \
    { \
        of ".fmc", of ".bl", of ".tee", of ".snp", of ".ucode" \
    }

static void describe_tcb(const struct tcb_names *names, enum snp_product product, const struct snp_tcb *tcb,
                         struct appraisal *out)
{
    if (product == SNP_TURIN)
        appraisal_number(out, names->fmc, tcb->fmc);
    appraisal_number(out, names->bl, tcb->bootloader);
    appraisal_number(out, names->tee, tcb->tee);
    appraisal_number(out, names->snp, tcb->snp);
    appraisal_number(out, names->ucode, tcb->microcode);
}

/* What the certificates told: whose order the parts of a TCB have. */
static void describe_product(const struct snp_result *result, struct appraisal *out)
{
    static const char *const products[] = {[SNP_MILAN] = "Milan", [SNP_GENOA] = "Genoa", [SNP_TURIN] = "Turin"};
    static const struct tcb_names current = TCB_NAMES("current_tcb"), reported = TCB_NAMES("rtcb"),
                                  committed = TCB_NAMES("committed_tcb"), launch = TCB_NAMES("launch_tcb");

    appraisal_text(out, "product", view_of_string(products[result->product]));
    appraisal_text(out, "endorsement", result->report.signing_key == SNP_VLEK ? VIEW_TEXT("VLEK") : VIEW_TEXT("VCEK"));
    describe_tcb(&current, result->product, &result->current, out);
    describe_tcb(&reported, result->product, &result->reported, out);
    describe_tcb(&committed, result->product, &result->committed, out);
    describe_tcb(&launch, result->product, &result->launch, out);
}

static uint64_t since_1970(int64_t seconds)
{
    return seconds < 0 ? 0 : (uint64_t)seconds;
}

void snp_describe(const struct snp_result *result, struct buf *space, struct appraisal *out)
{
    const struct snp_report *report = &result->report;

    if (result->checks[SNP_CHECK_REPORT].outcome != SNP_PASSED)
        return;
    out->measurement = report->measurement;
    out->debug = result->debug;
    describe_identity(report, out);
    describe_policy(report->policy, space, out);
    describe_platform(report, space, out);
    if (result->checks[SNP_CHECK_PRODUCT].outcome == SNP_PASSED)
        describe_product(result, out);
    if (result->checks[SNP_CHECK_CHAIN].outcome == SNP_PASSED) {
        out->not_before = since_1970(result->not_before);
        out->not_after = since_1970(result->not_after);
    }
}
