/* psa.h: PSA attestation tokens: what a device with an initial attestation key says of its firmware. Pure: a token and
 * what is known of the device go in, a result comes out.
 *
 * Profiles: RFC 9783, its drafts ("http://arm.com/psa/2.0.0", which TF-M emits), and, where the rules allow it, the legacy
 * PSA_IOT_PROFILE_1. A token is COSE_Sign1 with ES256, ES384 or ES512 or, where a secret is configured, COSE_Mac0 with
 * HMAC and SHA-2. Tokens state no time: that one is fresh is known by its nonce alone.
 *
 * Encoding: what devices emit, not Tacit's own deterministic CBOR. Heads of any width, map keys in any order, and unknown
 * claims are taken; indefinite lengths, a key that stands twice anywhere, and trailing bytes are refused.
 * Names begin with psatoken: psa_ is what the PSA cryptography API begins with. */
#ifndef APPRAISE_PSA_H
#define APPRAISE_PSA_H

#include "checks.h"
#include "verify.h"

#define PSATOKEN_MAX          8192 /* bytes of a token */
#define PSATOKEN_SOFTWARE_MAX 32   /* software components of a token */

#define PSATOKEN_INSTANCE_SIZE       33 /* 01 and 32 bytes */
#define PSATOKEN_IMPLEMENTATION_SIZE 32

enum psatoken_profile {
    PSATOKEN_RFC9783, /* "tag:psacertified.org,2023:psa#tfm" */
    PSATOKEN_DRAFT,   /* "http://arm.com/psa/2.0.0" */
    PSATOKEN_LEGACY,  /* "PSA_IOT_PROFILE_1", or a token without a profile and with the labels of that one */
};

/** State of the device (RFC 9783 section 4.3.1): the high byte of the claim; the low byte is the maker's. */
enum psatoken_lifecycle {
    PSATOKEN_UNKNOWN = 0x00,
    PSATOKEN_ASSEMBLY = 0x10,
    PSATOKEN_PROVISIONING = 0x20,
    PSATOKEN_SECURED = 0x30,
    PSATOKEN_NON_ROT_DEBUG = 0x40,
    PSATOKEN_ROT_DEBUG = 0x50,
    PSATOKEN_DECOMMISSIONED = 0x60,
};

/** One measured piece of software; empty where the token does not say. Views into the token. */
struct psatoken_software {
    struct view type, version, hash_name; /* printable UTF-8 */
    struct view measurement;              /* 32, 48 or 64 bytes, always there */
    struct view signer;                   /* 32, 48 or 64 bytes or, under RFC 9783, empty */
};

/** What a token says. Views into the token; optional claims that it does not make are empty. */
struct psatoken_claims {
    enum psatoken_profile profile;
    struct view nonce;          /* 32, 48 or 64 bytes */
    struct view instance;       /* PSATOKEN_INSTANCE_SIZE bytes: which device */
    struct view implementation; /* PSATOKEN_IMPLEMENTATION_SIZE bytes: which immutable root of trust */
    struct view boot_seed;      /* 8..32 bytes; legacy always 32 */
    struct view certification;  /* EAN-13 with or without "-" and 5 digits */
    struct view service;        /* where the token can be verified */
    int32_t client;             /* who asked: above 0 a secure partition, else the non-secure side */
    uint16_t lifecycle;         /* of enum psatoken_lifecycle: the high byte */
    struct psatoken_software software[PSATOKEN_SOFTWARE_MAX];
    size_t software_count; /* 0 only for a legacy token that says that nothing was measured */
};

/** A measurement that is known to be good; signer may be empty: any. */
struct psatoken_reference {
    struct view measurement, signer;
};

/** What the enrolment of a device and the policy say. Empty views and lists: not checked. */
struct psatoken_rules {
    const struct public_key *key;                /* the device's attestation key, or NULL */
    struct view secret;                          /* instead of a key: COSE_Mac0 */
    struct view nonce;                           /* the challenge that was given out */
    struct view instance;                        /* the enrolled device */
    struct view implementation;                  /* the one implementation that is accepted */
    const struct psatoken_reference *references; /* each component must be among them */
    size_t reference_count;
    bool allow_legacy, allow_debug;
    bool allow_untagged; /* COSE without its tag, from before RFC 9783 */
};

enum psatoken_check {
    PSATOKEN_CHECK_ENVELOPE,  /* encoding reasons, UNSUPPORTED (algorithm, crit), BAD_KEY (not the algorithm's) */
    PSATOKEN_CHECK_SIGNATURE, /* FORGED */
    PSATOKEN_CHECK_CLAIMS,    /* encoding reasons; OUT_OF_RANGE (a size or value); UNSUPPORTED (profile) */
    PSATOKEN_CHECK_PROFILE,   /* EVIDENCE_KIND (legacy is not allowed) */
    PSATOKEN_CHECK_NONCE,     /* EVIDENCE_STALE */
    PSATOKEN_CHECK_INSTANCE,  /* EVIDENCE_BINDING (of another device than the enrolled one) */
    PSATOKEN_CHECK_KEY_NAME,  /* passed when the instance is the digest of the key; a device may be named otherwise */
    PSATOKEN_CHECK_LIFECYCLE, /* EVIDENCE_DEBUG; EVIDENCE_LIFECYCLE (not secured) */
    PSATOKEN_CHECK_IMPLEMENTATION, /* EVIDENCE_MEASUREMENT */
    PSATOKEN_CHECK_SOFTWARE,       /* EVIDENCE_MEASUREMENT (not listed, or nothing was measured) */
    PSATOKEN_CHECK_COUNT,
};

struct psatoken_result {
    bool authentic; /* a well-formed token, signed with the key: claims may be believed as the device's own */
    bool debug;     /* lifecycle: debugging is enabled */
    struct check checks[PSATOKEN_CHECK_COUNT];
    struct psatoken_claims claims; /* empty unless authentic */
};

/**
 * Appraises a token under rules. Returns the reason of the first check that failed (see enum psatoken_check), STATUS_OK
 * when none did, STATUS_CRYPTO. Without a key or a secret: STATUS_BAD_KEY.
 * out is set whatever is returned, so that a refusal can be explained. STATUS_OK says only that nothing failed: a caller
 * who relies on a check looks that it was made. Source: RFC 9783; RFC 9052 sections 4.4, 6.3.
 */
MUST_USE enum status psatoken_appraise(struct view token, const struct psatoken_rules *rules,
                                       struct psatoken_result *out);

/** The instance id that a token claims, to find the device's key by; nothing is verified. Encoding reasons and those of
 *  PSATOKEN_CHECK_CLAIMS. */
MUST_USE enum status psatoken_instance(struct view token, struct view *out);

#endif
