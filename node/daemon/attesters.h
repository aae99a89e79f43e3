/* attesters.h: who makes this device's evidence, by the configuration's choice. */
#ifndef DAEMON_ATTESTERS_H
#define DAEMON_ATTESTERS_H

#include "gramine.h"
#include "settings.h"
#include "sim_attester.h"
#include "tsm.h"

/** What the attesters work with; the one that was chosen is set up. */
struct attesters {
    enum attester_choice choice;
    struct sim_attester sim;
    struct gramine gramine;
    struct tsm tsm;
    struct tpm_attester tpm;
    struct command_attester command;
};

/** Sets the chosen one up. settings outlive it. Returns what the chosen one does, with reason;
 *  STATUS_CRYPTO. */
MUST_USE enum status attesters_begin(const struct daemon_settings *settings, struct attesters *out,
                                     struct reason *reason);

/** Appends evidence that binds report data, and tells its kind. Blocks up to the configured time. Returns what the chosen
 *  attester does, with a reason. */
MUST_USE enum status attesters_attest(struct attesters *attesters, const uint8_t report_data[static SHA512_SIZE],
                                      struct view *kind, struct buf *evidence, struct buf *endorsement,
                                      struct reason *reason);

#endif
