/* policy_show_tpm.c: TPM 2.0 evidence in words. See policy_kind.h. */
#include <inttypes.h>

#include "policy_kind.h"
#include "policy_words.h"
#include "tpm_terms.h"

static void show_keys(const struct tpm_terms *terms, FILE *out)
{
    for (uint32_t i = 0; i < terms->ak_count; i++) {
        fprintf(out, "    %s", i > 0 ? "or " : "");
        fputs(terms->aks[i].name.len > 0 ? "device " : "any device", out);
        words_text(terms->aks[i].name, out);
        fputs(" with the attestation key ", out);
        words_digits(terms->aks[i].ak_name, out);
        fputc('\n', out);
    }
    for (uint32_t i = 0; i < terms->authority_count; i++) {
        fprintf(out, "    %sany device with a key certified by a public key of ",
                i > 0 || terms->ak_count > 0 ? "or " : "");
        words_fingerprint(terms->authorities[i], out);
        fputc('\n', out);
    }
    if (terms->authority_count > 0)
        words_line(out, "revocation lists of certified keys",
                   terms->crl_required ? "must be there" : "may be left out");
}

static const char *bank_name(uint16_t alg)
{
    return alg == TPM_SHA256 ? "sha256" : alg == TPM_SHA384 ? "sha384" : "sha512";
}

void policy_show_tpm(struct view rules, FILE *out)
{
    struct tpm_terms terms;
    char name[sizeof "PCR 255 (sha256)"];

    if (tpm_terms_decode(rules, &terms) != STATUS_OK)
        return;
    fputs("  a quote of a TPM 2.0 of\n", out);
    show_keys(&terms, out);
    for (uint32_t i = 0; i < terms.pcr_count; i++) {
        (void)snprintf(name, sizeof name, "PCR %u (%s)", (unsigned int)terms.pcrs[i].index,
                       bank_name(terms.pcrs[i].alg));
        words_allowed(WORDS_INDENT, name, &terms.pcrs[i].values, out);
    }
    words_line(out, "all other PCRs", "any value");
}

void policy_warn_tpm(struct view rules, const struct policy_warner *to)
{
    struct tpm_terms terms;
    uint32_t nameless = 0;

    if (tpm_terms_decode(rules, &terms) != STATUS_OK)
        return;
    for (uint32_t i = 0; i < terms.ak_count; i++)
        nameless += terms.aks[i].name.len == 0;
    if (nameless > 0)
        policy_warn_of(to, "ak with name=any: who holds that TPM may go by any name (%" PRIu32 " of %" PRIu32 ")",
                       nameless, terms.ak_count);
    if (terms.authority_count > 0)
        policy_warn_of(to, "authority: each device that it certified may go by any name");
    if (terms.authority_count > 0 && !terms.crl_required)
        policy_warn_of(to, "crl optional: who leaves the list out hides that a key was revoked");
}
