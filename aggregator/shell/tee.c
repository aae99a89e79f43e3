/* tee.c: see tee.h. */
#include "tee.h"

#include <string.h>

static enum status open_sim(struct tee *tee, const char *root, int privlevel, const char **what)
{
    (void)privlevel;
    return sim_tee_open(root, &tee->random, &tee->sim, what);
}

static enum status attest_sim(struct tee *tee, const struct attest_request *request, struct view *kind,
                              struct buf *evidence, struct buf *endorsement)
{
    (void)endorsement;
    return sim_tee_attest(&tee->sim, request, kind, evidence);
}

static enum status seal_sim(struct tee *tee, uint8_t out[static AEAD_KEY_MAX])
{
    return sim_tee_sealing_key(&tee->sim, out);
}

static enum status open_gramine(struct tee *tee, const char *root, int privlevel, const char **what)
{
    (void)privlevel;
    return gramine_open(root, &tee->gramine, what);
}

static enum status attest_gramine(struct tee *tee, const struct attest_request *request, struct view *kind,
                                  struct buf *evidence, struct buf *endorsement)
{
    return gramine_attest(&tee->gramine, request->report_data, kind, evidence, endorsement);
}

static enum status seal_gramine(struct tee *tee, uint8_t out[static AEAD_KEY_MAX])
{
    return gramine_sealing_key(&tee->gramine, out);
}

/* Its files are opened for each piece of evidence, by a child: this process will open nothing. */
static enum status open_tsm(struct tee *tee, const char *root, int privlevel, const char **what)
{
    const struct attester attester = {&tee->tsm, tsm_attest};

    TRY(tsm_open(root, privlevel, &tee->tsm, what));
    *what = "the process that asks for evidence";
    return quoter_start(&attester, &tee->quoter);
}

static enum status attest_tsm(struct tee *tee, const struct attest_request *request, struct view *kind,
                              struct buf *evidence, struct buf *endorsement)
{
    return quoter_attest(&tee->quoter, request->report_data, kind, evidence, endorsement);
}

/* A trust domain has no key of its own, and configfs-tsm does not give out SEV-SNP's: there is nothing to seal with. */
static const struct tee_kind kinds[] = {
    {"sim", NULL, false, false, true, CONFINED_CORE, open_sim, attest_sim, seal_sim},
    {"gramine", GRAMINE_ROOT, true, false, false, CONFINED_BY_GRAMINE, open_gramine, attest_gramine, seal_gramine},
    {"tsm", TSM_ROOT, false, true, true, CONFINED_CORE, open_tsm, attest_tsm, NULL},
};

const struct tee_kind *tee_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

enum status tee_open(struct tee *tee, const char *root, int privlevel, const char **what)
{
    return tee->kind->open(tee, root != NULL ? root : tee->kind->root, privlevel, what);
}

enum status tee_attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                       struct buf *endorsement)
{
    struct tee *tee = ctx;

    return tee->kind->attest(tee, request, kind, evidence, endorsement);
}

enum status tee_sealing_key(void *ctx, uint8_t out[static AEAD_KEY_MAX])
{
    struct tee *tee = ctx;

    return tee->kind->sealing_key != NULL ? tee->kind->sealing_key(tee, out) : STATUS_UNSUPPORTED;
}
