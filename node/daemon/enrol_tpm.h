/* enrol_tpm.h: what an owner needs to know of a device's TPM. */
#ifndef DAEMON_ENROL_TPM_H
#define DAEMON_ENROL_TPM_H

#include "settings.h"

/**
 * Makes the attestation key or finds it, writes ak.pub (TPM2B_PUBLIC) and ak.pem into a folder, and prints on stdout
 * `ak HEX`, its name, and `pcr BANK:INDEX HEX` for each PCR of the selection, as it is now.
 *
 * path  of the configuration, for sentences.
 *
 * Returns STATUS_CONFIG (the configuration chooses another attester), what tpm_provision and tpm_attest return, STATUS_IO
 * (the files), each with a reason.
 */
MUST_USE enum status enrol_tpm(const char *path, const struct daemon_settings *settings, const char *folder,
                               struct reason *reason);

#endif
