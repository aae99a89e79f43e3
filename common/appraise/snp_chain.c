/* snp_chain.c: from a report's signature to AMD's root: the checks of snp.h that need certificates. */
#include "snp_private.h"

#define NUMBER_SIZE     72
#define CHIP_SIZE       64
#define CHIP_SIZE_TURIN 8
#define OCTET_STRING    4

/* How AMD calls the keys of a product. */
static const struct snp_line {
    enum snp_product product;
    const char *name, *root, *issuer_of_vcek, *issuer_of_vlek;
} lines[] = {
    {SNP_MILAN, "Milan", "ARK-Milan", "SEV-Milan", "SEV-VLEK-Milan"},
    {SNP_GENOA, "Genoa", "ARK-Genoa", "SEV-Genoa", "SEV-VLEK-Genoa"},
    {SNP_TURIN, "Turin", "ARK-Turin", "SEV-Turin", "SEV-VLEK-Turin"},
};

static bool is_common_name(struct view name, const char *wanted)
{
    struct view found;

    return x509_name_common(name, &found) == STATUS_OK && view_equal(found, view_of_string(wanted));
}

static void reverse(const uint8_t *from, uint8_t out[static P384_COORDINATE_SIZE])
{
    for (size_t i = 0; i < P384_COORDINATE_SIZE; i++)
        out[i] = from[P384_COORDINATE_SIZE - 1 - i];
}

static enum status verify_report(const struct snp_report *report, const struct x509_key *key)
{
    uint8_t r[P384_COORDINATE_SIZE], s[P384_COORDINATE_SIZE];

    reverse(report->signature.ptr, r);
    reverse(report->signature.ptr + NUMBER_SIZE, s);
    return x509_verify_p384(report->signed_part, VIEW_OF(r), VIEW_OF(s), key);
}

static const struct snp_line *find_line(const struct x509_certificate *leaf, enum snp_signing_key kind)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (is_common_name(leaf->issuer, kind == SNP_VLEK ? lines[i].issuer_of_vlek : lines[i].issuer_of_vcek))
            return &lines[i];
    return NULL;
}

/* The chip that a VCEK is of, its extension: bare, or in an OCTET STRING. */
static struct view certified_chip(struct view extension, size_t size)
{
    if (extension.len == size + 2 && extension.ptr[0] == OCTET_STRING && extension.ptr[1] == size)
        return (struct view){extension.ptr + 2, size};
    return extension;
}

static bool is_of_chip(const struct snp_leaf *leaf, enum snp_product product, struct view chip_id)
{
    const size_t size = product == SNP_TURIN ? CHIP_SIZE_TURIN : CHIP_SIZE;
    const struct view chip = certified_chip(leaf->chip, size);
    uint8_t wanted[CHIP_SIZE] = {0};
    bool masked = true;

    if (chip.len != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        wanted[i] = chip.ptr[i];
        masked = masked && chip.ptr[i] == 0;
    }
    return !masked && view_equal(VIEW_OF(wanted), chip_id);
}

static bool is_of_tcb(const struct snp_leaf *leaf, const struct snp_tcb *reported)
{
    return snp_tcb_at_least(&leaf->tcb, reported) && snp_tcb_at_least(reported, &leaf->tcb);
}

/* Whether a certificate says that it is of the report's chip and TCB: what the right one says. */
static bool looks_right(const struct x509_certificate *certificate, const struct snp_leaf *leaf,
                        const struct snp_report *report)
{
    const struct snp_line *line = find_line(certificate, leaf->kind);
    struct snp_tcb reported;

    return line != NULL && snp_tcb_of(report->reported_tcb, line->product, &reported) == STATUS_OK &&
           is_of_tcb(leaf, &reported) && (leaf->kind == SNP_VLEK || is_of_chip(leaf, line->product, report->chip_id));
}

/* Looks whether the report is signed with the key of a leaf. One that was tried is kept until another one does it. */
static void try_leaf(struct snp_work *work, const struct x509_certificate *certificate, const struct snp_leaf *leaf)
{
    const enum status signature = verify_report(&work->out->report, &certificate->key);

    work->leaves_tried++;
    if (work->certificate != NULL && signature != STATUS_OK)
        return;
    work->certificate = certificate;
    work->leaf = *leaf;
    work->signature = signature;
}

/* Tries those that look right, or the others; no more than a few: verifying costs, and anybody can make a certificate. */
static void try_leaves(struct snp_work *work, bool right, enum status *wrong)
{
    for (uint32_t i = 0; i < work->collection.certificate_count; i++) {
        const struct x509_certificate *certificate = &work->collection.certificates[i];
        struct snp_leaf leaf;
        const enum status parsed = snp_leaf_parse(certificate, &leaf);

        if (parsed != STATUS_OK && parsed != STATUS_EVIDENCE_SIGNER)
            *wrong = parsed;
        if (work->leaves_tried == SNP_LEAVES_MAX || (work->certificate != NULL && work->signature == STATUS_OK))
            return;
        if (parsed == STATUS_OK && leaf.kind == work->out->report.signing_key &&
            looks_right(certificate, &leaf, &work->out->report) == right)
            try_leaf(work, certificate, &leaf);
    }
}

/* Finds the certificate under whose key the report's signature verifies; when there is none, the first one of the right
 * kind, so that what else is wrong can be told. */
enum status snp_check_leaf(struct snp_work *work)
{
    enum status wrong = STATUS_EVIDENCE_COLLATERAL;

    try_leaves(work, true, &wrong);
    try_leaves(work, false, &wrong);
    return work->certificate != NULL ? STATUS_OK : wrong;
}

enum status snp_check_signature(struct snp_work *work)
{
    return work->signature;
}

/* "Milan", or with a stepping "Milan-B0". */
static bool is_product_name(struct view found, const char *name)
{
    struct view wanted = view_of_string(name), start;

    if (view_slice(found, 0, wanted.len, &start) != STATUS_OK || !view_equal(start, wanted))
        return false;
    return found.len == wanted.len || found.ptr[wanted.len] == '-';
}

/* A report of version 2 does not tell its product; Turin has none of them. */
static bool fits(const struct snp_report *report, enum snp_product product)
{
    return report->version == 2 ? product != SNP_TURIN : report->product == product;
}

enum status snp_check_product(struct snp_work *work)
{
    const struct snp_line *line = find_line(work->certificate, work->leaf.kind);
    struct snp_result *out = work->out;

    if (line == NULL || !is_product_name(work->leaf.product_name, line->name) || !fits(&out->report, line->product))
        return STATUS_EVIDENCE_PLATFORM;
    TRY(snp_tcb_of(out->report.current_tcb, line->product, &out->current));
    TRY(snp_tcb_of(out->report.reported_tcb, line->product, &out->reported));
    TRY(snp_tcb_of(out->report.committed_tcb, line->product, &out->committed));
    TRY(snp_tcb_of(out->report.launch_tcb, line->product, &out->launch));
    out->product = line->product;
    work->line = line;
    return STATUS_OK;
}

/* Finds, among those of the right name (a product may have had several), the one that signed the leaf. */
static enum status find_intermediate(struct snp_work *work)
{
    enum status wrong = STATUS_EVIDENCE_CHAIN;

    for (uint32_t i = 0, tried = 0; i < work->collection.certificate_count && tried < SNP_ISSUERS_MAX; i++) {
        const struct x509_certificate *issuer = &work->collection.certificates[i];
        enum status issued;

        if (!view_equal(work->certificate->issuer, issuer->subject))
            continue;
        tried++;
        issued = x509_certificate_issued_by(work->certificate, issuer);
        if (issued == STATUS_OK) {
            work->intermediate = issuer;
            return STATUS_OK;
        }
        if (issued != STATUS_EVIDENCE_CHAIN)
            wrong = issued;
    }
    return wrong;
}

static enum status load_root(struct snp_work *work)
{
    work->root = (struct x509_certificate){
        .subject = work->intermediate->issuer, .is_ca = true, .signs_certificates = true, .signs_crls = true};
    for (size_t i = 0; i < SNP_ROOTS; i++)
        if (work->evidence->roots[i].product == work->line->product)
            return x509_key_parse(work->evidence->roots[i].key, &work->root.key);
    return STATUS_EVIDENCE_ROOT;
}

static void narrow(struct snp_result *out, int64_t not_before, int64_t not_after)
{
    if (not_before > out->not_before)
        out->not_before = not_before;
    if (not_after < out->not_after)
        out->not_after = not_after;
}

/* A certificate of the root is not needed, since its key is pinned; one that holds this key bounds the time. */
static void narrow_by_root(struct snp_work *work)
{
    for (uint32_t i = 0; i < work->collection.certificate_count; i++) {
        const struct x509_certificate *root = &work->collection.certificates[i];

        if (view_equal(root->subject, work->root.subject) && view_equal(root->key.info, work->root.key.info) &&
            x509_certificate_issued_by(root, &work->root) == STATUS_OK)
            narrow(work->out, root->not_before, root->not_after);
    }
}

enum status snp_check_chain(struct snp_work *work)
{
    TRY(find_intermediate(work));
    TRY(load_root(work));
    if (!is_common_name(work->root.subject, work->line->root))
        return STATUS_EVIDENCE_CHAIN;
    if (x509_certificate_issued_by(work->intermediate, &work->root) != STATUS_OK)
        return STATUS_EVIDENCE_ROOT;
    work->out->not_before = work->certificate->not_before;
    work->out->not_after = work->certificate->not_after;
    narrow(work->out, work->intermediate->not_before, work->intermediate->not_after);
    narrow_by_root(work);
    return STATUS_OK;
}

/* The key is derived from the reported TCB, so the two are the same, part by part. */
enum status snp_check_tcb(struct snp_work *work)
{
    return is_of_tcb(&work->leaf, &work->out->reported) ? STATUS_OK : STATUS_EVIDENCE_TCB;
}

enum status snp_check_chip(struct snp_work *work)
{
    if (work->leaf.kind != SNP_VCEK)
        return STATUS_NOT_FOUND;
    return is_of_chip(&work->leaf, work->out->product, work->out->report.chip_id) ? STATUS_OK
                                                                                  : STATUS_EVIDENCE_PLATFORM;
}

enum status snp_check_validity(struct snp_work *work)
{
    if (work->evidence->time < work->out->not_before)
        return STATUS_EVIDENCE_NOT_YET;
    return work->evidence->time > work->out->not_after ? STATUS_EVIDENCE_EXPIRED : STATUS_OK;
}

/* A list that ended within the grace is judged as of its last second. */
static enum status judge_crl(const struct snp_evidence *evidence, const struct x509_crl *crl)
{
    const bool late = evidence->time > crl->next_update && evidence->time - crl->next_update <= evidence->crl_grace_s;

    return x509_crl_valid_at(crl, late ? crl->next_update : evidence->time);
}

static bool is_better(const struct x509_crl *crl, const struct x509_crl *than, int64_t time)
{
    if (than == NULL)
        return true;
    if ((crl->next_update < time) != (than->next_update < time))
        return crl->next_update >= time;
    return crl->this_update > than->this_update;
}

static void believe(struct snp_work *work, const struct x509_crl *crl)
{
    narrow(work->out, crl->this_update, crl->next_update);
    work->out->crl_issued = crl->this_update;
    work->out->crl_late = crl->next_update < work->evidence->time;
}

/* Every list of the root is looked at: one that lists the intermediate decides, even when it is old; else the best one
 * that is genuine and of this time; else what is wrong with them. STATUS_NOT_FOUND when there is none. */
enum status snp_check_revocation(struct snp_work *work)
{
    const struct x509_crl *best = NULL;
    enum status found = STATUS_NOT_FOUND, wrong;

    for (uint32_t i = 0; i < work->collection.crl_count; i++) {
        const struct x509_crl *crl = &work->collection.crls[i];

        if (!view_equal(crl->issuer, work->root.subject))
            continue;
        wrong = x509_crl_issued_by(crl, &work->root);
        if (wrong == STATUS_OK && x509_crl_revokes(crl, work->intermediate->serial))
            return STATUS_EVIDENCE_REVOKED;
        if (wrong == STATUS_OK)
            wrong = judge_crl(work->evidence, crl);
        if (wrong == STATUS_OK && is_better(crl, best, work->evidence->time))
            best = crl;
        if (found != STATUS_OK)
            found = wrong;
    }
    if (best != NULL)
        believe(work, best);
    return found;
}
