/* policy_show_snp.c: AMD SEV-SNP evidence in words. See policy_kind.h. */
#include <inttypes.h>

#include "policy_kind.h"
#include "policy_words.h"
#include "snp_terms.h"

static const struct words_bit weakening[] = {
    {SNP_POLICY_SMT, "smt"},
    {SNP_POLICY_MIGRATE, "migration"},
    {SNP_POLICY_CXL, "cxl"},
    {SNP_POLICY_DEBUG, "DEBUGGING"},
};

static const struct words_bit strengthening[] = {
    {SNP_POLICY_SINGLE_SOCKET, "single_socket"}, {SNP_POLICY_AES_256_XTS, "aes_256_xts"},
    {SNP_POLICY_RAPL_OFF, "rapl_off"},           {SNP_POLICY_CIPHERTEXT_HIDING, "ciphertext_hiding"},
    {SNP_POLICY_PAGE_SWAP_OFF, "page_swap_off"},
};

static void show_guest(const struct snp_terms *terms, FILE *out)
{
    if (!allowed_none(&terms->measurement))
        words_allowed(WORDS_INDENT, "measurement", &terms->measurement, out);
    for (uint32_t i = 0; i < terms->signer_count; i++) {
        const struct snp_signer *signer = &terms->signers[i];

        fprintf(out, "    %ssigner: ", i > 0 || !allowed_none(&terms->measurement) ? "or " : "");
        words_digits(signer->key_digest, out);
        fputs(signer->image_id.len > 0 ? ", image " : ", any image", out);
        words_digits(signer->image_id, out);
        fprintf(out, ", security version %" PRIu32 " or above\n", signer->min_svn);
    }
    words_allowed(WORDS_INDENT, "host data", &terms->host_data, out);
    words_line(out, "family id, platform information", "any value");
}

static void show_products(const struct snp_terms *terms, FILE *out)
{
    static const char *const names[] = {"unknown", "Milan", "Genoa", "Turin"};

    for (uint32_t i = 0; i < terms->least_count; i++) {
        const struct snp_least *least = &terms->least[i];

        fprintf(out, "    %s%s: ", i > 0 ? "or product " : "product ", names[least->product]);
        if (least->product == SNP_TURIN)
            fprintf(out, "fmc %d, ", least->tcb.fmc);
        fprintf(out, "bootloader %d, tee %d, snp %d, microcode %d or above\n", least->tcb.bootloader, least->tcb.tee,
                least->tcb.snp, least->tcb.microcode);
    }
}

void policy_show_snp(struct view rules, FILE *out)
{
    struct snp_terms terms;

    if (snp_terms_decode(rules, &terms) != STATUS_OK)
        return;
    fputs("  an AMD SEV-SNP guest with\n", out);
    show_guest(&terms, out);
    show_products(&terms, out);
    if (terms.max_vmpl == 0)
        words_line(out, "privilege level (VMPL)", "0");
    else
        words_line(out, "privilege level (VMPL)", "0 to %" PRIu32, terms.max_vmpl);
    words_line(out, "signed by a key of", "%s",
               terms.vcek && terms.vlek ? "the chip (VCEK) or the cloud (VLEK)"
               : terms.vcek             ? "the chip (VCEK)"
                                        : "the cloud (VLEK)");
    words_bits("guest policy that must stand", terms.required, strengthening, ARRAY_LEN(strengthening), "none", out);
    words_bits("guest policy that may stand", terms.allowed, weakening, ARRAY_LEN(weakening), "none", out);
    words_line(out, "revocation list", terms.crl_required ? "must be there" : "may be left out");
    words_age("revocation list", "issued at most ", terms.max_age_s, " ago", out);
    if (terms.grace_s > 0)
        words_age("revocation list", "taken for ", terms.grace_s, " after its end", out);
    else
        words_line(out, "revocation list", "not taken after its end");
    words_line(out, "debugging", (terms.allowed & SNP_POLICY_DEBUG) != 0 ? "ACCEPTED" : "refused");
}

void policy_warn_snp(struct view rules, const struct policy_warner *to)
{
    struct snp_terms terms;

    if (snp_terms_decode(rules, &terms) != STATUS_OK)
        return;
    if ((terms.allowed & SNP_POLICY_DEBUG) != 0)
        policy_warn_of(to, "debug is accepted: the host may read and change all that it holds");
    if ((terms.allowed & SNP_POLICY_MIGRATE) != 0)
        policy_warn_of(to, "migration: an agent may move the guest to a machine that was not appraised");
    for (uint32_t i = 0; i < terms.signer_count; i++)
        if (terms.signers[i].image_id.len == 0)
            policy_warn_of(to, "signer %" PRIu32 ": any image of it is accepted", i + 1);
    if (terms.host_data.any)
        policy_warn_of(to, "host_data any: whatever its host gave the guest is accepted");
    if (!terms.crl_required)
        policy_warn_of(to, "crl optional: who leaves the list out hides that a key was revoked");
    if (terms.grace_s > 0)
        policy_warn_of(to, "grace: a revocation list is accepted after its end");
}
