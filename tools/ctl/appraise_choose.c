/* appraise_choose.c: see appraise_choose.h. */
#include "appraise_choose.h"

#include <string.h>

#include "dcap_chain.h"
#include "dcap_terms.h"
#include "snp_terms.h"
#include "tpm_terms.h"

struct choice {
    const struct gathering *from;
    const struct wanted *wanted;
    const char *without[GATHER_ITEMS_MAX]; /* why an item is left out; NULL: it stays */
};

#define NOT_ASKED  "not part of a chain that the evidence needs"
#define REPETITION "" /* left out without a word */
#define CHIP_START 8  /* bytes of a chip's identifier that each VCEK of it holds: all of a Turin's */

/* What the row of a kind takes. */
struct taker {
    const char *kind;
    size_t most[GATHERED_UNKNOWN + 1]; /* by kind of item */
    void (*sort)(struct choice *choice);
};

static void leave_out(struct choice *choice, size_t i, const char *why)
{
    if (choice->from->items[i].offered && choice->without[i] == NULL)
        choice->without[i] = why;
}

/* ---- SGX and TDX ---- */

static bool is_intels(struct view name)
{
    const struct view prefix = VIEW_TEXT("Intel SGX ");
    struct view common;

    return x509_name_common(name, &common) == STATUS_OK && common.len >= prefix.len &&
           memcmp(common.ptr, prefix.ptr, prefix.len) == 0;
}

/* The kind of platform by its quote; false when it cannot be found out. */
static bool find_platform(struct view evidence, enum dcap_kind *kind, uint8_t fmspc[static DCAP_FMSPC_SIZE])
{
    uint8_t memory[DCAP_SPACE];
    struct buf space = BUF_OF(memory);
    struct dcap_quote quote;
    struct dcap_chain chain;
    struct dcap_pck pck;

    if (dcap_quote_parse(evidence, &quote) != STATUS_OK ||
        dcap_chain_read(quote.pck_chain, &space, &chain) != STATUS_OK || dcap_pck_read(&chain.leaf, &pck) != STATUS_OK)
        return false;
    *kind = quote.kind;
    memcpy(fmspc, pck.fmspc.ptr, DCAP_FMSPC_SIZE);
    return true;
}

static void sort_for_intel(struct choice *choice)
{
    uint8_t fmspc[DCAP_FMSPC_SIZE];
    enum dcap_kind kind = DCAP_SGX;
    const bool known = find_platform(choice->wanted->evidence, &kind, fmspc);

    for (size_t i = 0; i < choice->from->count; i++) {
        const struct gathered *item = &choice->from->items[i];

        if (item->kind == GATHERED_DOCUMENT && known && item->platform != kind)
            leave_out(choice, i, "of the other kind of TEE");
        else if (item->kind == GATHERED_DOCUMENT && known && item->document == DCAP_TCB_INFO &&
                 memcmp(item->fmspc, fmspc, sizeof fmspc) != 0)
            leave_out(choice, i, "of another platform");
        else if (item->kind == GATHERED_CERTIFICATE && !is_intels(item->certificate.issuer))
            leave_out(choice, i, "not from Intel");
        else if (item->kind == GATHERED_CRL && !is_intels(item->issuer))
            leave_out(choice, i, "not from Intel");
    }
}

/* ---- SEV-SNP ---- */

static bool contains(struct view bytes, struct view part)
{
    return memmem(bytes.ptr, bytes.len, part.ptr, part.len) != NULL;
}

/* A VCEK holds the identifier of its chip; a VLEK is known by who issues it. */
static bool is_leaf_of(const struct x509_certificate *certificate, const struct snp_report *report)
{
    struct view common;

    if (report->signing_key == SNP_VCEK)
        return contains(certificate->der, (struct view){report->chip_id.ptr, CHIP_START});
    return x509_name_common(certificate->issuer, &common) == STATUS_OK && contains(common, VIEW_TEXT("VLEK"));
}

/* What was named, and leaves of the report; false when there is neither. */
static bool begin_chains(struct choice *choice, bool needed[static GATHER_ITEMS_MAX])
{
    struct snp_report report;
    bool any = false;

    if (snp_report_parse(choice->wanted->evidence, &report) != STATUS_OK)
        return false;
    for (size_t i = 0; i < choice->from->count; i++) {
        const struct gathered *item = &choice->from->items[i];

        needed[i] = !item->offered || (item->kind == GATHERED_CERTIFICATE && !item->certificate.is_ca &&
                                       is_leaf_of(&item->certificate, &report));
        any = any || (needed[i] && item->kind == GATHERED_CERTIFICATE);
    }
    return any;
}

/* True when an item that is needed was issued by this name. */
static bool is_issuer(const struct choice *choice, const bool *needed, struct view name)
{
    for (size_t i = 0; i < choice->from->count; i++)
        if (needed[i] && choice->from->items[i].kind == GATHERED_CERTIFICATE &&
            view_equal(choice->from->items[i].certificate.issuer, name))
            return true;
    return false;
}

static bool follow_chains(const struct choice *choice, bool *needed)
{
    bool found = false;

    for (size_t i = 0; i < choice->from->count; i++) {
        const struct gathered *item = &choice->from->items[i];
        const bool is_certificate = item->kind == GATHERED_CERTIFICATE;

        if (!needed[i] && (is_certificate || item->kind == GATHERED_CRL) &&
            is_issuer(choice, needed, is_certificate ? item->certificate.subject : item->issuer))
            found = needed[i] = true;
    }
    return found;
}

static void sort_for_amd(struct choice *choice)
{
    bool needed[GATHER_ITEMS_MAX] = {false};

    for (size_t i = 0; i < choice->from->count; i++)
        if (choice->from->items[i].kind == GATHERED_DOCUMENT)
            leave_out(choice, i, "Intel's, of no use here");
    if (!begin_chains(choice, needed))
        return;
    while (follow_chains(choice, needed))
        ;
    for (size_t i = 0; i < choice->from->count; i++)
        if (!needed[i])
            leave_out(choice, i, NOT_ASKED);
}

/* ---- the others ---- */

static void sort_nothing(struct choice *choice)
{
    for (size_t i = 0; i < choice->from->count; i++)
        if (choice->from->items[i].kind == GATHERED_DOCUMENT)
            leave_out(choice, i, "Intel's, of no use here");
}

static void sort_all_out(struct choice *choice)
{
    for (size_t i = 0; i < choice->from->count; i++)
        leave_out(choice, i, "this kind of evidence takes no endorsements");
}

/* ---- what is common ---- */

/* Of the ENDORSEMENTS_MAX pieces one holds all certificates and lists. */
#define DOCUMENTS_MAX ((size_t)ENDORSEMENTS_MAX - 1)

static const struct taker takers[] = {
    {SGX_KIND, {DCAP_CERTIFICATES_MAX, DCAP_CRLS_MAX, DOCUMENTS_MAX, DOCUMENTS_MAX}, sort_for_intel},
    {TDX_KIND, {DCAP_CERTIFICATES_MAX, DCAP_CRLS_MAX, DOCUMENTS_MAX, DOCUMENTS_MAX}, sort_for_intel},
    {SNP_KIND, {SNP_CERTIFICATES_MAX, SNP_CRLS_MAX, DOCUMENTS_MAX, DOCUMENTS_MAX}, sort_for_amd},
    {TPM_KIND, {16, 8, DOCUMENTS_MAX, DOCUMENTS_MAX}, sort_nothing},
};
static const struct taker other = {"", {DOCUMENTS_MAX, DOCUMENTS_MAX, DOCUMENTS_MAX, DOCUMENTS_MAX}, sort_all_out};

static const struct taker *find_taker(struct view kind)
{
    for (size_t i = 0; i < ARRAY_LEN(takers); i++)
        if (view_equal(kind, view_of_string(takers[i].kind)))
            return &takers[i];
    return &other;
}

static void drop_repetitions(struct choice *choice)
{
    const struct gathered *items = choice->from->items;

    for (size_t i = 0; i < choice->from->count; i++)
        for (size_t j = 0; j < i && choice->without[i] == NULL; j++)
            if (choice->without[j] == NULL && view_equal(items[i].bytes, items[j].bytes))
                choice->without[i] = REPETITION;
}

static bool is_in_time(const struct gathered *item, uint64_t now)
{
    return item->not_before <= (int64_t)now && (int64_t)now <= item->not_after;
}

static void drop_old_lists(struct choice *choice)
{
    for (size_t i = 0; i < choice->from->count; i++)
        if (choice->from->items[i].kind == GATHERED_CRL && !is_in_time(&choice->from->items[i], choice->wanted->now))
            leave_out(choice, i, "out of its time: what it would say of revocation is not known");
}

/* True when a is to go before b. */
static bool is_worse(const struct gathered *a, const struct gathered *b, uint64_t now)
{
    const bool a_is_in_time = is_in_time(a, now), b_is_in_time = is_in_time(b, now);

    if (a_is_in_time != b_is_in_time)
        return b_is_in_time;
    return a->not_before < b->not_before;
}

/* Leaves out the worst item of a kind that a folder offered. False when there is none. */
static bool drop_one(struct choice *choice, enum gathered_kind kind)
{
    const struct gathered *items = choice->from->items;
    size_t worst = GATHER_ITEMS_MAX;

    for (size_t i = 0; i < choice->from->count; i++)
        if (items[i].kind == kind && items[i].offered && choice->without[i] == NULL &&
            (worst == GATHER_ITEMS_MAX || is_worse(&items[i], &items[worst], choice->wanted->now)))
            worst = i;
    if (worst == GATHER_ITEMS_MAX)
        return false;
    leave_out(choice, worst, "one more than is taken");
    return true;
}

static size_t count_kind(const struct choice *choice, enum gathered_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < choice->from->count; i++)
        count += choice->from->items[i].kind == kind && choice->without[i] == NULL;
    return count;
}

static enum status limit(struct choice *choice, const struct taker *taker)
{
    for (enum gathered_kind kind = GATHERED_CERTIFICATE; kind < GATHERED_UNKNOWN; kind++)
        while (count_kind(choice, kind) > taker->most[kind])
            if (!drop_one(choice, kind))
                return STATUS_NO_SPACE;
    while (count_kind(choice, GATHERED_DOCUMENT) + count_kind(choice, GATHERED_UNKNOWN) > DOCUMENTS_MAX)
        if (!drop_one(choice, GATHERED_DOCUMENT))
            return STATUS_NO_SPACE;
    return STATUS_OK;
}

static enum status hand_out(const struct choice *choice, struct buf *joined, struct endorsements *out)
{
    out->count = 0;
    for (size_t i = 0; i < choice->from->count; i++) {
        const struct gathered *item = &choice->from->items[i];

        if (choice->without[i] != NULL)
            continue;
        if (item->kind == GATHERED_CERTIFICATE || item->kind == GATHERED_CRL)
            TRY(buf_append(joined, item->bytes));
        else
            out->list[out->count++] = item->bytes;
    }
    if (joined->len > 0)
        out->list[out->count++] = buf_view(joined);
    return STATUS_OK;
}

/* Each item once, however often is chosen. */
static void tell(const struct choice *choice, struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->count; i++) {
        struct gathered *item = &gathering->items[i];

        if (choice->without[i] == NULL || choice->without[i][0] == '\0' || item->told)
            continue;
        item->told = true;
        fprintf(gathering->notes, "note: %s: passed over: %s\n", item->path, choice->without[i]);
    }
}

enum status choose(struct gathering *gathering, const struct wanted *wanted, struct buf *joined,
                   struct endorsements *out)
{
    struct choice choice = {.from = gathering, .wanted = wanted};
    const struct taker *taker = find_taker(wanted->kind);

    drop_repetitions(&choice);
    taker->sort(&choice);
    if (wanted->current_lists)
        drop_old_lists(&choice);
    TRY(limit(&choice, taker));
    TRY(hand_out(&choice, joined, out));
    tell(&choice, gathering);
    return STATUS_OK;
}

bool choose_has_old_lists(const struct gathering *gathering, uint64_t now)
{
    for (size_t i = 0; i < gathering->count; i++)
        if (gathering->items[i].offered && gathering->items[i].kind == GATHERED_CRL &&
            !is_in_time(&gathering->items[i], now))
            return true;
    return false;
}
