/* appraise_tpm.h: evidence of a TPM whose parts stand in files of their own, put together as it travels. */
#ifndef CTL_APPRAISE_TPM_H
#define CTL_APPRAISE_TPM_H

#include "reason.h"
#include "tpm_container.h"

#define PCRS_FILE_MAX 65536u
#define TPM_BUILT_MAX (TPM_ATTEST_MAX + TPM_SIGNATURE_MAX + TPM_PUBLIC_MAX + 6144) /* of a container */

/** PCR values that were read; their bytes lie here. */
struct pcrs {
    uint32_t count;
    struct tpm_pcr list[TPM_CONTAINER_PCRS_MAX];
    uint8_t bytes[TPM_CONTAINER_PCRS_MAX][TPM_PCR_BYTES_MAX];
};

/**
 * Reads {"sha256": {"0": "hexadecimal digits", ...}, ...}: banks sha1, sha256, sha384, sha512, sha3_256, sha3_384,
 * sha3_512, sm3_256, indices 0..23 without leading zeros. out is set only on STATUS_OK; views go into itself.
 * Returns the statuses of json_check, a key that stands twice among them; STATUS_MALFORMED (another shape; digits that
 * are none, or not as many as the bank's digest has), STATUS_UNSUPPORTED (a bank), STATUS_OUT_OF_RANGE (an index),
 * STATUS_NO_SPACE (more than TPM_CONTAINER_PCRS_MAX values).
 */
MUST_USE enum status pcrs_read(struct view json, struct pcrs *out);

/** The parts of a quote. */
struct tpm_parts {
    struct view attest, signature, ak;
    struct view pcrs;      /* JSON, or empty */
    const char *pcrs_path; /* for the reason */
};

/** Appends a container. STATUS_CONFIG with a reason when a part is not what it should be. */
MUST_USE enum status tpm_parts_join(const struct tpm_parts *parts, struct buf *out, struct reason *reason);

#endif
