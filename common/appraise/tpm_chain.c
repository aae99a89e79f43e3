/* tpm_chain.c: the certificates that vouch for an AK (see tpm_private.h).
 *
 * From the believed authorities downwards, level by level: what is signed by somebody reached is reached. So the order of
 * the endorsements does not matter, the work is bounded, and of two chains the shorter one is found. */
#include <string.h>

#include "endorsement.h"
#include "tpm_private.h"

/* tcg-kp-AIKCertificate (TCG EK Credential Profile, section 3.6.3): 2.23.133.8.3. */
static const uint8_t oid_for_ak[] = {0x67, 0x81, 0x05, 0x08, 0x03};

static enum status add_certificate(void *ctx, struct view der)
{
    struct chain *to = ctx;

    if (to->certificate_count == TPM_CERTIFICATES_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_certificate_parse(der, &to->certificates[to->certificate_count].certificate));
    to->certificate_count++;
    return STATUS_OK;
}

static enum status add_crl(void *ctx, struct view der)
{
    struct chain *to = ctx;

    if (to->crl_count == TPM_CRLS_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_crl_parse(der, &to->crls[to->crl_count]));
    to->crl_count++;
    return STATUS_OK;
}

static enum status collect(const struct tpm_evidence *evidence, const struct tpm_rules *rules, struct chain *out)
{
    const struct endorsement_taker taker = {.ctx = out, .certificate = add_certificate, .crl = add_crl};
    uint8_t nothing[1];
    struct buf none = {nothing, 0, 0}, *space = evidence->space != NULL ? evidence->space : &none;

    memset(out, 0, sizeof *out);
    if (rules->root_count > TPM_ROOTS_MAX)
        return STATUS_NO_SPACE;
    for (; out->authority_count < rules->root_count; out->authority_count++)
        TRY(x509_authority_parse(rules->roots[out->authority_count], space, &out->authorities[out->authority_count]));
    for (uint32_t i = 0; evidence->endorsements != NULL && i < evidence->endorsements->count; i++)
        TRY(endorsement_walk(evidence->endorsements->list[i], space, &taker));
    return STATUS_OK;
}

static bool has_key(const struct x509_certificate *certificate, const struct public_key *key)
{
    struct public_key own;

    return x509_public_key(&certificate->key, &own) == STATUS_OK && public_key_equal(&own, key);
}

static bool in_time(const struct x509_certificate *certificate, int64_t time)
{
    return x509_certificate_valid_at(certificate, time) == STATUS_OK;
}

static bool stands_before(const struct chain *chain, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (view_equal(chain->certificates[i].certificate.der, chain->certificates[at].certificate.der))
            return true;
    return false;
}

static bool is_issuer_on_the_way(const struct chain *chain, const struct x509_certificate *issuer)
{
    for (size_t i = 0; i < chain->certificate_count; i++)
        if (chain->certificates[i].on_the_way && view_equal(chain->certificates[i].certificate.issuer, issuer->subject))
            return true;
    return false;
}

/* Only what may lead to the key, each once, is worth a signature. */
static void find_way(struct chain *chain, const struct public_key *key)
{
    for (unsigned int level = 0; level <= TPM_INTERMEDIATES_MAX; level++)
        for (size_t i = 0; i < chain->certificate_count; i++) {
            struct vouched *vouched = &chain->certificates[i];

            if (!stands_before(chain, i) &&
                (level == 0 ? has_key(&vouched->certificate, key) : is_issuer_on_the_way(chain, &vouched->certificate)))
                vouched->on_the_way = true;
        }
}

/* Whether issuer signed it. Names are compared before that: they cost nothing. */
static bool is_signed_by(struct chain *chain, const struct vouched *vouched, const struct x509_certificate *issuer)
{
    if (!view_equal(vouched->certificate.issuer, issuer->subject) ||
        chain->verifications == TPM_VERIFICATIONS_MAX(chain->authority_count))
        return false;
    chain->verifications++;
    return x509_certificate_issued_by(&vouched->certificate, issuer) == STATUS_OK;
}

static void vouch(struct vouched *vouched, const struct x509_certificate *issuer, const struct vouched *above)
{
    const uint32_t room = above == NULL ? issuer->path_len : above->room;

    if (vouched->certificate.is_ca && room == 0)
        return;
    vouched->issuer = issuer;
    vouched->above = above;
    vouched->level = above == NULL ? 0 : above->level + 1;
    vouched->room = room == UINT32_MAX ? room : room - 1;
    if (vouched->certificate.path_len < vouched->room)
        vouched->room = vouched->certificate.path_len;
}

static void ask_authorities(struct chain *chain, size_t at, int64_t time, bool in_time_only)
{
    struct vouched *vouched = &chain->certificates[at];

    for (size_t i = 0; i < chain->authority_count && vouched->issuer == NULL; i++) {
        const struct x509_authority *authority = &chain->authorities[i];
        const struct x509_certificate *issuer = &authority->certificate;

        if (in_time_only && !in_time(issuer, time))
            continue;
        if (authority->any_name) {
            chain->named[at] = authority->certificate;
            chain->named[at].subject = vouched->certificate.issuer;
            issuer = &chain->named[at];
        }
        if (is_signed_by(chain, vouched, issuer))
            vouch(vouched, issuer, NULL);
    }
}

static void ask_intermediates(struct chain *chain, size_t at, unsigned int level)
{
    struct vouched *vouched = &chain->certificates[at];

    for (size_t i = 0; i < chain->certificate_count && vouched->issuer == NULL; i++) {
        const struct vouched *above = &chain->certificates[i];

        if (above->issuer != NULL && above->level + 1 == level && is_signed_by(chain, vouched, &above->certificate))
            vouch(vouched, &above->certificate, above);
    }
}

static void reach(struct chain *chain, int64_t time, bool in_time_only)
{
    for (unsigned int level = 0; level <= TPM_INTERMEDIATES_MAX; level++)
        for (size_t i = 0; i < chain->certificate_count; i++) {
            if (chain->certificates[i].issuer != NULL || !chain->certificates[i].on_the_way ||
                (in_time_only && !in_time(&chain->certificates[i].certificate, time)))
                continue;
            if (level == 0)
                ask_authorities(chain, i, time, in_time_only);
            else
                ask_intermediates(chain, i, level);
        }
}

/* A certificate of the key that signs data: one that is vouched for, or any; NULL and why when there is none. */
static const struct vouched *find_leaf(const struct chain *chain, const struct public_key *key, enum status *why)
{
    const struct vouched *found = NULL;

    *why = STATUS_EVIDENCE_CHAIN;
    for (size_t i = 0; i < chain->certificate_count; i++) {
        const struct vouched *vouched = &chain->certificates[i];

        if (!has_key(&vouched->certificate, key))
            continue;
        if (vouched->certificate.is_ca || !vouched->certificate.signs ||
            !x509_is_for(&vouched->certificate, VIEW_OF(oid_for_ak)))
            *why = STATUS_EVIDENCE_KEY_USE;
        else if (found == NULL || found->issuer == NULL)
            found = vouched;
    }
    return found;
}

/* Why nobody vouches for a certificate: its chain ends at another root, or does not get to one. */
static enum status why_not(const struct chain *chain, const struct vouched *leaf)
{
    const struct x509_certificate *top = &leaf->certificate;

    for (unsigned int level = 0; level <= TPM_INTERMEDIATES_MAX; level++)
        for (size_t i = 0; i < chain->certificate_count; i++)
            if (view_equal(chain->certificates[i].certificate.subject, top->issuer)) {
                top = &chain->certificates[i].certificate;
                break;
            }
    return view_equal(top->issuer, top->subject) ? STATUS_EVIDENCE_ROOT : STATUS_EVIDENCE_CHAIN;
}

enum status chain_find(const struct tpm_evidence *evidence, const struct tpm_rules *rules, const struct public_key *key,
                       struct chain *out)
{
    enum status why;

    TRY(collect(evidence, rules, out));
    find_way(out, key);
    reach(out, rules->time, true);
    out->leaf = find_leaf(out, key, &why);
    if (out->leaf == NULL)
        return why;
    if (out->leaf->issuer == NULL) { /* what has expired is told apart from what was never signed */
        reach(out, rules->time, false);
        out->leaf = find_leaf(out, key, &why);
    }
    return out->leaf->issuer != NULL ? STATUS_OK : why_not(out, out->leaf);
}

static void narrow(int64_t from, int64_t until, int64_t *not_before, int64_t *not_after)
{
    if (from > *not_before)
        *not_before = from;
    if (until < *not_after)
        *not_after = until;
}

void chain_window(const struct chain *chain, int64_t *not_before, int64_t *not_after)
{
    for (const struct vouched *vouched = chain->leaf; vouched != NULL; vouched = vouched->above) {
        narrow(vouched->certificate.not_before, vouched->certificate.not_after, not_before, not_after);
        narrow(vouched->issuer->not_before, vouched->issuer->not_after, not_before, not_after);
    }
}

/* Every list of the issuer is looked at: one that lists the certificate decides, even when it is old; else one that is
 * genuine and of this time; else what is wrong with them. STATUS_NOT_FOUND when there is none. */
static enum status look_up(const struct chain *chain, const struct vouched *vouched, int64_t time, int64_t *not_before,
                           int64_t *not_after)
{
    enum status found = STATUS_NOT_FOUND, wrong;

    for (size_t i = 0; i < chain->crl_count; i++) {
        const struct x509_crl *crl = &chain->crls[i];

        if (!view_equal(crl->issuer, vouched->certificate.issuer))
            continue;
        wrong = x509_crl_issued_by(crl, vouched->issuer);
        if (wrong == STATUS_OK && x509_crl_revokes(crl, vouched->certificate.serial))
            return STATUS_EVIDENCE_REVOKED;
        if (wrong == STATUS_OK)
            wrong = x509_crl_valid_at(crl, time);
        if (wrong == STATUS_OK)
            narrow(crl->this_update, crl->next_update, not_before, not_after);
        if (found != STATUS_OK)
            found = wrong;
    }
    return found;
}

enum status chain_revocation(const struct chain *chain, int64_t time, int64_t *not_before, int64_t *not_after)
{
    enum status worst = STATUS_OK;

    for (const struct vouched *vouched = chain->leaf; vouched != NULL; vouched = vouched->above) {
        const enum status found = look_up(chain, vouched, time, not_before, not_after);

        if (found == STATUS_EVIDENCE_REVOKED)
            return found;
        if (worst == STATUS_OK || (worst == STATUS_NOT_FOUND && found != STATUS_OK))
            worst = found;
    }
    return worst;
}
