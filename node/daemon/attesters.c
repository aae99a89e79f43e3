/* attesters.c: see attesters.h. */
#include "attesters.h"

#include "clock.h"

static enum status begin_sim(const struct daemon_settings *settings, struct attesters *out, struct reason *reason)
{
    out->sim.federation = view_of_string(settings->federation);
    out->sim.root = &settings->sim_root;
    return exe_measure(out->sim.measurement, reason);
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
    TRY(attester_sign(ctx, (struct view){report_data, SHA512_SIZE}, clock_unix_seconds(), evidence));
    *kind = VIEW_TEXT(SIM_KIND);
    return STATUS_OK;
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
