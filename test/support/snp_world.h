/* snp_world.h: a processor with SEV-SNP, its certificates and one report of it, under a root of our own: a test changes
 * what it is about, then examines. */
#ifndef SUPPORT_SNP_WORLD_H
#define SUPPORT_SNP_WORLD_H

#include "snp.h"
#include "x509_maker.h"

#define SNP_WORLD_NOW        1750000000 /* 2025-06-15T15:06:40Z */
#define SNP_WORLD_LEAF_FIRST 1735689600 /* 2025-01-01T00:00:00Z */
#define SNP_WORLD_LEAF_LAST  1767225599 /* 2025-12-31T23:59:59Z */

struct snp_world {
    struct maker_key root_key, issuer_key, leaf_key;
    struct maker_certificate root, issuer, leaf;
    uint8_t memory[1 << 16], extensions[1024], report[SNP_REPORT_SIZE], space[SNP_SPACE];
    struct buf used;
    struct snp_root roots[SNP_ROOTS];
    struct endorsements endorsements;
    struct snp_result result;
    int64_t time;
};
extern struct snp_world snp_world;

/* What a leaf's extensions are made of. */
struct snp_claims {
    const char *product, *provider; /* provider: NULL for a VCEK */
    uint8_t bootloader, tee, snp, microcode, fmc;
    bool has_fmc, wrapped;
    size_t chip_len;
    uint8_t chip[64];
};
extern const struct snp_claims snp_milan_claims;

/** For cmocka: a Milan report of version 3 by a VCEK; nothing endorsed yet. */
int snp_world_set_up(void **state);

/** Puts claims into the leaf that is made next. */
void snp_world_claim(const struct snp_claims *claims);

/** Adds an endorsement; all certificates of the chain. */
void snp_world_endorse(struct view bytes);
void snp_world_endorse_chain(void);

/** Signs the report with the leaf's key. */
void snp_world_sign(void);

/** Signs the report and examines it; examines other bytes as they are. Gives the verdict. */
enum status snp_world_examine(void);
enum status snp_world_examine_bytes(struct view report);

/** Fails unless this check alone is why the report was refused; unless it is accepted. */
void assert_snp_refused(enum snp_check_id id, enum status why);
void assert_snp_accepted(void);

#endif
