/* tpm.c: appraises a quote of a TPM (see tpm.h). */
#include "tpm.h"

#include <string.h>

#include "tpm_private.h"

#define KEY_MUST     (TPM_FIXED_TPM | TPM_FIXED_PARENT | TPM_SENSITIVE_DATA_ORIGIN | TPM_RESTRICTED | TPM_SIGN)
#define KEY_MUST_NOT TPM_DECRYPT

static const char *const names[TPM_CHECK_COUNT] = {
    [TPM_CHECK_ATTEST] = "is a quote",
    [TPM_CHECK_TRUST] = "comes with a key that is enrolled, or certified by an authority that is believed",
    [TPM_CHECK_SIGNATURE] = "is signed with this key",
    [TPM_CHECK_VALIDITY] = "comes with certificates of this time",
    [TPM_CHECK_REVOCATION] = "comes with certificates none of which is revoked",
    [TPM_CHECK_AK] = "is signed with a key that never leaves its TPM and signs nothing else",
    [TPM_CHECK_NONCE] = "holds the challenge",
    [TPM_CHECK_SIGNER] = "names the enrolled key",
    [TPM_CHECK_PCRS] = "is of the PCR values that come with it",
    [TPM_CHECK_REFERENCES] = "has the PCR values that are expected",
};

static bool restricted_to_quotes(uint32_t attributes)
{
    return (attributes & KEY_MUST) == KEY_MUST && (attributes & KEY_MUST_NOT) == 0;
}

static bool nonce_is(struct view nonce, struct view want)
{
    return nonce.len >= TPM_NONCE_MIN && (want.len == 0 || view_equal(nonce, want));
}

/* The one value that is given for a PCR; empty when there is none, or more than one, or it has a wrong size. */
static struct view find_value(const struct tpm_pcr *pcrs, size_t count, uint16_t alg, unsigned int index)
{
    struct view found = {NULL, 0};

    for (size_t i = 0; i < count; i++) {
        if (pcrs[i].alg != alg || pcrs[i].index != index)
            continue;
        if (found.len > 0 || pcrs[i].value.len != bank_size(alg))
            return (struct view){NULL, 0};
        found = pcrs[i].value;
    }
    return found;
}

/* Whether the values hash to what was quoted: in the order of the selection, and in it by index (part 1, "Quote"). */
static enum status check_pcrs(const struct tpm_evidence *evidence, const struct tpm_quote *quote,
                              enum digest_alg digest_alg)
{
    struct view pieces[TPM_BANKS_MAX * TPM_PCRS];
    struct digest digest;
    size_t count = 0;

    for (size_t i = 0; i < quote->bank_count; i++)
        for (unsigned int index = 0; index < TPM_PCRS; index++) {
            if ((quote->banks[i].pcrs >> index & 1) == 0)
                continue;
            pieces[count] = find_value(evidence->pcrs, evidence->pcr_count, quote->banks[i].alg, index);
            if (pieces[count].len == 0)
                return STATUS_EVIDENCE_BINDING;
            count++;
        }
    TRY(digest_pieces(digest_alg, pieces, count, &digest));
    return view_equal(digest_view(&digest), quote->pcr_digest) ? STATUS_OK : STATUS_EVIDENCE_BINDING;
}

struct view quoted_value(const struct tpm_evidence *evidence, const struct tpm_quote *quote, uint16_t alg,
                         uint8_t index)
{
    for (size_t i = 0; i < quote->bank_count; i++)
        if (quote->banks[i].alg == alg && index < TPM_PCRS && (quote->banks[i].pcrs >> index & 1) != 0)
            return find_value(evidence->pcrs, evidence->pcr_count, alg, index);
    return (struct view){NULL, 0};
}

/* To be asked only of values that were found to be the quoted ones. */
static enum status check_references(const struct tpm_evidence *evidence, const struct tpm_quote *quote,
                                    const struct tpm_rules *rules)
{
    for (size_t i = 0; i < rules->reference_count; i++) {
        const struct tpm_pcr *want = &rules->references[i];
        const struct view value = quoted_value(evidence, quote, want->alg, want->index);

        if (value.len == 0 || !view_equal(value, want->value))
            return STATUS_EVIDENCE_MEASUREMENT;
    }
    return STATUS_OK;
}

static void check_contents(const struct tpm_evidence *evidence, const struct tpm_rules *rules,
                           const struct tpm_public *ak, enum digest_alg digest_alg, struct tpm_result *out)
{
    const struct tpm_quote *quote = &out->quote;
    struct check *checks = out->checks;
    enum status pcrs = STATUS_OK, references;

    if (!ak->bare)
        (void)check_note(&checks[TPM_CHECK_AK],
                         restricted_to_quotes(ak->attributes) ? STATUS_OK : STATUS_EVIDENCE_KEY_USE);
    if (rules->nonce.len > 0 || quote->nonce.len < TPM_NONCE_MIN)
        (void)check_note(&checks[TPM_CHECK_NONCE],
                         nonce_is(quote->nonce, rules->nonce) ? STATUS_OK : STATUS_EVIDENCE_STALE);
    if (rules->signer.len > 0)
        (void)check_note(&checks[TPM_CHECK_SIGNER],
                         view_equal(quote->signer, rules->signer) ? STATUS_OK : STATUS_EVIDENCE_BINDING);
    if (evidence->pcr_count > 0)
        pcrs = check_note(&checks[TPM_CHECK_PCRS], check_pcrs(evidence, quote, digest_alg));
    if (rules->reference_count > 0) {
        references = pcrs == STATUS_OK ? check_references(evidence, quote, rules) : STATUS_EVIDENCE_MEASUREMENT;
        (void)check_note(&checks[TPM_CHECK_REFERENCES], references);
    }
}

static bool is_named(const struct tpm_public *ak, const struct tpm_rules *rules)
{
    const struct view name = {ak->name, ak->name_len};

    for (size_t i = 0; i < rules->name_count; i++)
        if (name.len > 0 && view_equal(rules->names[i], name))
            return true;
    return false;
}

static enum status check_trust(const struct tpm_evidence *evidence, const struct tpm_rules *rules,
                               const struct tpm_public *ak, struct chain *chain, struct tpm_result *out)
{
    if (rules->ak != NULL || is_named(ak, rules))
        return STATUS_OK;
    if (rules->root_count == 0)
        return STATUS_EVIDENCE_ROOT;
    TRY(chain_find(evidence, rules, &ak->key, chain));
    out->certified = true;
    return STATUS_OK;
}

static void check_chain(const struct chain *chain, const struct tpm_rules *rules, struct tpm_result *out)
{
    enum status revocation, validity = STATUS_OK;

    chain_window(chain, &out->not_before, &out->not_after);
    if (rules->time < out->not_before)
        validity = STATUS_EVIDENCE_NOT_YET;
    else if (rules->time > out->not_after)
        validity = STATUS_EVIDENCE_EXPIRED;
    (void)check_note(&out->checks[TPM_CHECK_VALIDITY], validity);
    revocation = chain_revocation(chain, rules->time, &out->not_before, &out->not_after);
    if (revocation != STATUS_NOT_FOUND)
        (void)check_note(&out->checks[TPM_CHECK_REVOCATION], revocation);
}

enum status tpm_appraise(const struct tpm_evidence *evidence, const struct tpm_rules *rules, struct tpm_result *out)
{
    const struct tpm_public *ak = rules->ak != NULL ? rules->ak : evidence->ak;
    enum digest_alg digest_alg;
    struct tpm_quote quote;
    struct chain chain;

    memset(out, 0, sizeof *out);
    out->not_before = INT64_MIN;
    out->not_after = INT64_MAX;
    for (size_t i = 0; i < TPM_CHECK_COUNT; i++)
        out->checks[i].name = names[i];
    TRY(check_note(&out->checks[TPM_CHECK_ATTEST], quote_decode(unwrap_sized(evidence->attest), &quote)));
    TRY(check_note(&out->checks[TPM_CHECK_TRUST], check_trust(evidence, rules, ak, &chain, out)));
    TRY(check_note(&out->checks[TPM_CHECK_SIGNATURE], quote_verify(evidence, ak, &quote, &digest_alg)));
    out->authentic = true;
    out->quote = quote;
    out->ak_name = (struct view){ak->name, ak->name_len};
    if (out->certified)
        check_chain(&chain, rules, out);
    check_contents(evidence, rules, ak, digest_alg, out);
    return checks_verdict(out->checks, TPM_CHECK_COUNT);
}
