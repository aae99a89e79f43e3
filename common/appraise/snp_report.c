/* snp_report.c: the layout of a report (see snp.h). */
#include "snp.h"

#define SIGNED_SIZE     0x2a0
#define ECDSA_P384      1u
#define NUMBER_SIZE     72 /* r and s each, little endian, zeros behind */
#define VERSION_CPUID   3u /* from here on family, model and stepping are told */
#define VERSION_VECTORS 5u /* from here on mitigation vectors are told */

#define FLAG_AUTHOR_KEY   1u
#define FLAG_MASKED       2u
#define FLAGS_KNOWN       0x1fu
#define SIGNING_KEY_SHIFT 2

static uint64_t read_le64(const uint8_t *p)
{
    return read_le32(p) | (uint64_t)read_le32(p + 4) << 32;
}

static bool is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != 0)
            return false;
    return true;
}

/* Where nothing stands: first byte, length, and the version from which on something does (0: none known). */
static const struct gap {
    uint32_t at, len, until_version;
} gaps[] = {
    {0x04c, 4, 0},
    {0x188, 3, VERSION_CPUID},
    {0x18b, 21, 0},
    {0x1eb, 1, 0},
    {0x1ef, 1, 0},
    {0x1f8, 16, VERSION_VECTORS},
    {0x208, 152, 0},
    {SIGNED_SIZE + P384_COORDINATE_SIZE, NUMBER_SIZE - P384_COORDINATE_SIZE, 0},
    {SIGNED_SIZE + NUMBER_SIZE + P384_COORDINATE_SIZE, NUMBER_SIZE - P384_COORDINATE_SIZE, 0},
    {SIGNED_SIZE + 2 * NUMBER_SIZE, SNP_REPORT_SIZE - SIGNED_SIZE - 2 * NUMBER_SIZE, 0},
};

static enum status check_gaps(const uint8_t *p, uint32_t version)
{
    for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
        if ((gaps[i].until_version == 0 || version < gaps[i].until_version) && !is_zero(p + gaps[i].at, gaps[i].len))
            return STATUS_MALFORMED;
    return STATUS_OK;
}

/* Processors of a product. Genoa stands for Bergamo and Siena too, which its keys serve. */
static const struct processor {
    uint8_t family, first_model, last_model;
    enum snp_product product;
} processors[] = {
    {0x19, 0x00, 0x0f, SNP_MILAN},
    {0x19, 0x10, 0x1f, SNP_GENOA},
    {0x19, 0xa0, 0xaf, SNP_GENOA},
    {0x1a, 0x00, 0x11, SNP_TURIN},
};

static enum snp_product product_of(uint8_t family, uint8_t model)
{
    for (size_t i = 0; i < ARRAY_LEN(processors); i++)
        if (processors[i].family == family && model >= processors[i].first_model && model <= processors[i].last_model)
            return processors[i].product;
    return SNP_UNKNOWN;
}

static enum status check_size(struct view bytes)
{
    if (bytes.len < SNP_REPORT_SIZE)
        return STATUS_TRUNCATED;
    return bytes.len > SNP_REPORT_SIZE ? STATUS_TRAILING : STATUS_OK;
}

static enum status check_known(const uint8_t *p, uint32_t version, uint32_t flags)
{
    if (version != 2 && version != VERSION_CPUID && version != VERSION_VECTORS)
        return STATUS_UNSUPPORTED;
    if (read_le32(p + 0x34) != ECDSA_P384 || (flags & ~FLAGS_KNOWN) != 0)
        return STATUS_UNSUPPORTED;
    return check_gaps(p, version);
}

enum status snp_report_parse(struct view bytes, struct snp_report *out)
{
    const uint8_t *p = bytes.ptr;
    uint32_t version, flags;

    TRY(check_size(bytes));
    version = read_le32(p);
    flags = read_le32(p + 0x48);
    TRY(check_known(p, version, flags));
    *out = (struct snp_report){
        .version = version,
        .guest_svn = read_le32(p + 0x04),
        .policy = read_le64(p + 0x08),
        .family_id = {p + 0x10, 16},
        .image_id = {p + 0x20, 16},
        .vmpl = read_le32(p + 0x30),
        .current_tcb = {p + 0x38, 8},
        .platform_info = read_le64(p + 0x40),
        .author_key = (flags & FLAG_AUTHOR_KEY) != 0,
        .mask_chip_key = (flags & FLAG_MASKED) != 0,
        .signing_key = flags >> SIGNING_KEY_SHIFT,
        .report_data = {p + 0x50, 64},
        .measurement = {p + 0x90, 48},
        .host_data = {p + 0xc0, 32},
        .id_key_digest = {p + 0xe0, 48},
        .author_key_digest = {p + 0x110, 48},
        .report_id = {p + 0x140, 32},
        .migration_agent_id = {p + 0x160, 32},
        .reported_tcb = {p + 0x180, 8},
        .product = version < VERSION_CPUID ? SNP_UNKNOWN : product_of(p[0x188], p[0x189]),
        .chip_id = {p + 0x1a0, 64},
        .committed_tcb = {p + 0x1e0, 8},
        .current = {.build = p[0x1e8], .minor = p[0x1e9], .major = p[0x1ea]},
        .committed = {.build = p[0x1ec], .minor = p[0x1ed], .major = p[0x1ee]},
        .launch_tcb = {p + 0x1f0, 8},
        .launch_mitigations = read_le64(p + 0x1f8),
        .current_mitigations = read_le64(p + 0x200),
        .signed_part = {p, SIGNED_SIZE},
        .signature = {p + SIGNED_SIZE, 2 * NUMBER_SIZE},
    };
    return STATUS_OK;
}

enum status snp_tcb_of(struct view bytes, enum snp_product product, struct snp_tcb *out)
{
    const uint8_t *p = bytes.ptr;

    if (product == SNP_UNKNOWN || bytes.len != 8)
        return STATUS_UNSUPPORTED;
    if (product == SNP_TURIN)
        *out = (struct snp_tcb){.fmc = p[0], .bootloader = p[1], .tee = p[2], .snp = p[3], .microcode = p[7]};
    else
        *out = (struct snp_tcb){.bootloader = p[0], .tee = p[1], .snp = p[6], .microcode = p[7]};
    return STATUS_OK;
}

bool snp_tcb_at_least(const struct snp_tcb *tcb, const struct snp_tcb *least)
{
    return tcb->fmc >= least->fmc && tcb->bootloader >= least->bootloader && tcb->tee >= least->tee &&
           tcb->snp >= least->snp && tcb->microcode >= least->microcode;
}
