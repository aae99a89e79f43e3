/* attest.h: who makes evidence. An attester turns 64 bytes into evidence that binds them, by files that the platform
 * offers under a root path. This folder does I/O; the core of the enclave never links it, only the shells around do.
 * Source: PROTOCOL.md section 3. */
#ifndef ATTEST_ATTEST_H
#define ATTEST_ATTEST_H

#include "crypto.h"
#include "wire_limits.h"

#define ATTEST_TRIES    5   /* at evidence, before somebody else's writing, or a busy platform, is a failure */
#define ATTEST_PAUSE_MS 200 /* before the platform is asked again after it was busy */
#define ATTEST_PATH_MAX 256 /* bytes of any path with its end */
#define ATTEST_KIND_SGX "sgx"
#define ATTEST_KIND_SNP "snp"
#define ATTEST_KIND_TDX "tdx"

/** What every attester offers. */
struct attester {
    void *ctx;
    /**
     * Evidence over report_data.
     *
     * kind         set to the name of its row in the appraisal table; a constant.
     * evidence     appended; EVIDENCE_MAX of room is enough for all that the protocol carries.
     * endorsement  what the platform itself gives to verify the evidence with, appended; often nothing.
     *
     * Returns STATUS_NOT_FOUND         a file of the platform is not there;
     *         STATUS_NOT_PERMITTED     this process may not use it;
     *         STATUS_UNSUPPORTED       a platform, or a form of evidence, that is not known;
     *         STATUS_MALFORMED, STATUS_TRUNCATED   evidence that is not what its kind says;
     *         STATUS_NO_SPACE          larger than the protocol carries;
     *         STATUS_EVIDENCE_BINDING  each time the evidence bound other bytes than ours;
     *         STATUS_BUSY              each time somebody else was using the platform;
     *         STATUS_TIMEOUT           the platform's own service did not answer;
     *         STATUS_IO                anything else.
     * On any of them nothing was appended.
     */
    enum status (*attest)(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                          struct buf *evidence, struct buf *endorsement);
};

/**
 * Whether evidence of a kind binds these bytes, by its layout alone: no signature is looked at, that is for the
 * verifier. It tells an attester that its evidence was made for somebody else. The function stands in a file of its
 * own, so that a test can put another in its place.
 *
 * Returns STATUS_EVIDENCE_BINDING (other bytes), STATUS_TRUNCATED, STATUS_MALFORMED (a size or a field that this kind
 * never has), STATUS_UNSUPPORTED (kind, or version of a quote).
 */
MUST_USE enum status attest_check_report_data(struct view kind, struct view evidence,
                                              const uint8_t report_data[static SHA512_SIZE]);

/**
 * Evidence without what stands behind it: a platform may hand out a buffer that is longer than the quote in it, and who
 * appraises a quote refuses every byte behind. out views the beginning of evidence. A quote ends where its own lengths
 * say, by its layout alone; what is cut off is not looked at. A report of SEV-SNP has no lengths and is left as it is.
 *
 * Returns STATUS_TRUNCATED (it ends before its lengths do), STATUS_UNSUPPORTED (kind, or version of a quote).
 */
MUST_USE enum status attest_trim(struct view kind, struct view evidence, struct view *out);

#endif
