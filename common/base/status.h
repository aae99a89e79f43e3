/* status.h: why a call did not do its work. One list for the whole tree; reasons, not places.
 *
 * The numbers stand on the wire (receipts, answers, records: PROTOCOL.md "Reason codes"), so they are never reused.
 * Knows nothing else of the project. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/* X(name, number, what a person should read) */
#define STATUS_TABLE(X) \
    X(OK, 0, "ok") \
    /* encoding */ \
    X(MALFORMED, 1, "the bytes are not what the protocol says") \
    X(TRUNCATED, 2, "the bytes end too early") \
    X(TRAILING, 3, "bytes follow the end of the message") \
    X(NOT_SHORTEST, 4, "a CBOR head is not in its shortest form") \
    X(TOO_DEEP, 5, "CBOR nested deeper than allowed") \
    X(NO_SPACE, 6, "larger than the space that is set aside for it") \
    X(OUT_OF_RANGE, 7, "a value is past its limit") \
    X(DUPLICATE_KEY, 8, "a map key stands twice") \
    X(UNORDERED, 9, "map keys are not in deterministic order") \
    X(UNSUPPORTED, 10, "an algorithm or kind that is not supported or not allowed") \
    /* authenticity */ \
    X(FORGED, 20, "a signature or tag does not verify") \
    X(BAD_KEY, 21, "a key is not a valid key for its algorithm") \
    /* credentials */ \
    X(CREDENTIAL_EXPIRED, 30, "the credential has expired") \
    X(CREDENTIAL_FOREIGN, 31, "the credential is of another federation, aggregator or boot") \
    X(CREDENTIAL_ROLE, 32, "the credential is for another role") \
    X(CREDENTIAL_NOT_YET, 33, "the credential is not valid yet") \
    X(CREDENTIAL_REVOKED, 34, "the owner revoked this device, its credential or its program") \
    /* rounds */ \
    X(WRONG_ROUND, 40, "not the round that is open") \
    X(WRONG_BASE, 41, "made from another base model") \
    X(ALREADY_COUNTED, 42, "this device was counted in this round before") \
    X(NO_ROUND, 43, "no round is open") \
    X(COHORT_TOO_SMALL, 44, "fewer updates than the minimum cohort") \
    X(COHORT_FULL, 45, "the round has all the updates that it takes") \
    X(NO_MODEL, 46, "the enclave holds no model yet") \
    X(WRONG_TASK, 47, "the round asks for another kind of work") \
    /* chunks */ \
    X(CHUNK_MISSING, 50, "a chunk is missing") \
    X(CHUNK_REPEATED, 51, "a chunk stands twice") \
    X(CHUNK_ORDER, 52, "chunks are out of order") \
    X(CHUNK_MIXED, 53, "chunks of different updates") \
    /* contents of an update */ \
    X(WRONG_SHAPE, 60, "tensors are not those of the model") \
    X(NOT_FINITE, 61, "a value is NaN or infinite") \
    X(VALUE_RANGE, 62, "a value does not fit the fixed-point range") \
    X(NO_SAMPLES, 63, "zero samples") \
    X(TOO_MANY_SAMPLES, 64, "more samples than the policy allows") \
    /* evidence */ \
    X(EVIDENCE_KIND, 80, "a kind of evidence that the policy does not accept") \
    X(EVIDENCE_ROOT, 81, "evidence signed by another root") \
    X(EVIDENCE_EXPIRED, 82, "the evidence has expired") \
    X(EVIDENCE_FEDERATION, 83, "evidence for another federation") \
    X(EVIDENCE_MEASUREMENT, 84, "a measurement that the policy does not list") \
    X(EVIDENCE_STALE, 85, "the evidence does not hold the current challenge") \
    X(EVIDENCE_BINDING, 86, "the evidence does not bind these claims") \
    X(EVIDENCE_DEBUG, 87, "debug is enabled and the policy does not allow it") \
    X(EVIDENCE_NOT_YET, 88, "the evidence is not valid yet") \
    X(EVIDENCE_CHAIN, 89, "the certificates do not lead from the evidence to a pinned root") \
    X(EVIDENCE_REVOKED, 90, "a certificate of the chain is revoked") \
    X(EVIDENCE_CRL, 91, "a revocation list is missing, out of its time or of another issuer") \
    X(EVIDENCE_TCB, 92, "the platform's security version is not acceptable") \
    X(EVIDENCE_PLATFORM, 93, "not the machine or product that the certificate speaks of") \
    X(EVIDENCE_SIGNER, 94, "signed by a kind of key or component that is not accepted") \
    X(EVIDENCE_GUEST_POLICY, 95, "the guest's launch policy or attributes allow too much") \
    X(EVIDENCE_COLLATERAL, 96, "collateral that the evidence needs is missing or does not belong to it") \
    X(EVIDENCE_COLLATERAL_EXPIRED, 97, "collateral is out of its time") \
    X(EVIDENCE_COMPONENT, 98, "a component that vouches for the evidence is not the one its vendor names") \
    X(EVIDENCE_ADVISORY, 99, "an advisory concerns the platform and the policy does not accept it") \
    X(EVIDENCE_LIFECYCLE, 152, "the device is not in the secured state of its life cycle") \
    X(EVIDENCE_KEY_USE, 153, "the attestation key may sign more than what its device attests") \
    X(EVIDENCE_EVALUATION, 157, "collateral of an earlier evaluation than the policy demands") \
    /* policy */ \
    X(POLICY_EXPIRED, 100, "the policy has expired") \
    X(POLICY_ROLLBACK, 101, "an older policy than one seen before") \
    X(POLICY_FOREIGN, 102, "the policy is of another federation") \
    X(POLICY_OTHER, 103, "bound to another policy") \
    X(POLICY_NOT_YET, 104, "the policy is not valid yet") \
    X(REVOCATIONS_ROLLBACK, 105, "an older revocation list than one taken before, or another of the same version") \
    X(REVOCATIONS_FOREIGN, 106, "the revocation list is of another federation") \
    /* owner */ \
    X(STALE_CHALLENGE, 110, "the request does not hold the current challenge") \
    X(BOUND_UNPROVEN, 111, "cohort times samples could overflow the sum") \
    X(BUSY, 112, "not now: other work is under way") \
    /* records and models */ \
    X(MODEL_OTHER, 120, "not the model whose digest was announced") \
    X(CHAIN_FORK, 121, "the record does not follow the last one seen") \
    X(CHAIN_BACK, 122, "the round record goes back behind one seen before") \
    X(NOT_COUNTED, 123, "the record's root does not hold this update") \
    X(CHAIN_STOPPED, 124, "the record chain forked: nothing is taken until the policy's version rises") \
    /* machine */ \
    X(NOT_PERMITTED, 130, "the right call at the wrong moment") \
    X(IO, 140, "reading or writing failed") \
    X(NOT_FOUND, 141, "not there") \
    X(CONFIG, 142, "a configuration line is wrong") \
    X(TIMEOUT, 143, "it took too long") \
    X(EXISTS, 144, "it is there already") \
    X(NO_CONNECTION, 145, "no connection") \
    X(CRYPTO, 146, "the cryptographic library failed") \
    X(PACKAGE, 147, "the compute package failed")

enum status {
#define STATUS_ENUM(name, number, text) STATUS_##name = number,
    STATUS_TABLE(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_LIMIT = 160 /* every number is below; a bound for tables of counts */
};

/** The name without its prefix ("WRONG_ROUND"), or "UNKNOWN". Never NULL. */
const char *status_name(enum status status);

/** A sentence for a person. Never NULL. */
const char *status_text(enum status status);

#endif
