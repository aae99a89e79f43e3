/* attesters.c: see attesters.h. */
#include "attesters.h"

#include "clock.h"

static enum status begin_sim(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    out->sim.federation = view_of_string(settings->federation);
    out->sim.root = &settings->sim_root;
    return exe_measure(out->sim.measurement, reason);
}

static enum status begin_gramine(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    const char *what = "";
    const enum status status =
        gramine_open(settings->tee_root != NULL ? settings->tee_root : GRAMINE_ROOT, &out->gramine, &what);

    if (status != STATUS_OK)
        reason_set(reason, "attester gramine: %s", what);
    return status;
}

static enum status begin_tsm(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    const char *what = "";
    const enum status status = tsm_open(settings->tee_root != NULL ? settings->tee_root : TSM_ROOT,
                                        (int)settings->tsm_privlevel, &out->tsm, &what);

    if (status != STATUS_OK)
        reason_set(reason, "attester tsm: %s", what);
    return status;
}

static enum status begin_tpm(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    (void)reason;
    out->tpm = settings->tpm;
    return STATUS_OK;
}

static enum status begin_command(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    (void)reason;
    out->command = settings->command;
    return STATUS_OK;
}

static enum status attest_sim(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                              struct buf *evidence, struct buf *endorsement, struct reason *reason)
{
    (void)endorsement;
    (void)reason;
    TRY(sim_attester_sign(ctx, (struct view){report_data, SHA512_SIZE}, clock_unix_seconds(), evidence));
    *kind = VIEW_TEXT(SIM_KIND);
    return STATUS_OK;
}

/* The platform's attesters tell a status; what it means is for the log. */
static enum status attest_gramine(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                                  struct buf *evidence, struct buf *endorsement, struct reason *reason)
{
    const enum status status = gramine_attest(ctx, report_data, kind, evidence, endorsement);

    if (status != STATUS_OK)
        reason_set(reason, "attester gramine: no quote");
    return status;
}

static enum status attest_tsm(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                              struct buf *evidence, struct buf *endorsement, struct reason *reason)
{
    const enum status status = tsm_attest(ctx, report_data, kind, evidence, endorsement);

    if (status != STATUS_OK)
        reason_set(reason, "attester tsm: no report");
    return status;
}

/* An attester is a row here, a word in settings_attester.c, and files of its own. */
static const struct {
    enum status (*begin)(const struct daemon_settings *settings, struct attesters *out, struct reason *reason);
    enum status (*attest)(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                          struct buf *evidence, struct buf *endorsement, struct reason *reason);
    size_t ctx; /* offset in struct attesters */
} rows[] = {
    [ATTESTER_SIM] = {begin_sim, attest_sim, offsetof(struct attesters, sim)},
    [ATTESTER_TPM] = {begin_tpm, tpm_attest, offsetof(struct attesters, tpm)},
    [ATTESTER_GRAMINE] = {begin_gramine, attest_gramine, offsetof(struct attesters, gramine)},
    [ATTESTER_TSM] = {begin_tsm, attest_tsm, offsetof(struct attesters, tsm)},
    [ATTESTER_COMMAND] = {begin_command, command_attest, offsetof(struct attesters, command)},
};

enum status attesters_begin(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    *out = (struct attesters){.choice = (enum attester_choice)settings->attester};
    return rows[out->choice].begin(settings, out, reason);
}

enum status attesters_attest(struct attesters *attesters, const uint8_t report_data[static SHA512_SIZE],
                             struct view *kind, struct buf *evidence, struct buf *endorsement, struct reason *reason)
{
    return rows[attesters->choice].attest((uint8_t *)attesters + rows[attesters->choice].ctx, report_data, kind,
                                          evidence, endorsement, reason);
}
