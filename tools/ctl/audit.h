/* audit.h: what `tacit audit` works with: the records of a chain, the enclaves that may have signed them, and the first
 * thing that is not as PROTOCOL.md section 12 has it. Used by audit*.c alone.
 *
 *   audit.c        the command, and what it prints
 *   audit_read.c   records and evidence out of a folder, or an aggregator's database
 *   audit_live.c   the same from the broker
 *   audit_take.c   what is taken, and what is wrong with one by itself
 *   audit_check.c  what is wrong with them together */
#ifndef CTL_AUDIT_H
#define CTL_AUDIT_H

#include "chain.h"
#include "profile.h"
#include "trust.h"

#define AUDIT_WHY_MAX   320
#define AUDIT_NOTES_MAX 16

/** A boot of the enclave whose evidence was appraised here. */
struct audit_boot {
    struct buf bundle; /* what trust views; on the heap */
    struct trust trust;
};

/** Starts as {0}, with place and owner_point set; freed with audit_free. */
struct audit {
    struct place place;      /* federation, aggregator; lent */
    struct view owner_point; /* lent */
    struct audit_boot *boots;
    size_t boot_count;
    struct chain chain;
    bool has_head; /* a manifest that an enclave of `boots` signed names a record */
    uint8_t head[DIGEST_SIZE];
    uint32_t head_round; /* of that manifest */
    uint32_t from;       /* what stands before this round is left aside; 0: nothing is */
    bool any_start; /* a chain whose beginning is not there is no fault: the broker retains the last records only */

    bool has_fault; /* the one of the lowest round, of those that were found */
    uint32_t fault_round;
    char why[AUDIT_WHY_MAX];
    uint32_t note_count;
    char notes[AUDIT_NOTES_MAX][AUDIT_WHY_MAX];
};

void audit_free(struct audit *audit);

/** Appraises an evidence bundle as of `at` (unix seconds), and takes its enclave, unless that boot is there. What
 *  trust_bundle returns; STATUS_IO without memory. */
MUST_USE enum status audit_take_bundle(struct audit *audit, struct view bundle, uint64_t at);

/** The enclave of that boot, or NULL. */
const struct trust *audit_boot_of(const struct audit *audit, struct view boot_id);

/** Takes a record that stands for that round. What is wrong with it is noted as a fault. STATUS_IO without memory. */
MUST_USE enum status audit_take_record(struct audit *audit, uint32_t round, struct view message);

/** Takes a signed manifest; one that no enclave of `boots` signed is passed over. */
void audit_take_manifest(struct audit *audit, struct view message);

/** Finds the first fault. */
void audit_check(struct audit *audit);

/** Notes a fault, unless one of an earlier round is there; and something that is none. */
__attribute__((format(printf, 3, 4))) void audit_fault(struct audit *audit, uint32_t round, const char *format, ...);
__attribute__((format(printf, 2, 3))) void audit_note(struct audit *audit, const char *format, ...);

/** Where the records are, and as of when evidence that comes with them is appraised: 0 for the time of its file. */
struct audit_source {
    const char *folder;   /* of `tacit rounds --save`, or NULL */
    const char *database; /* of the aggregator, or NULL: the records are in the folder */
    uint64_t at;
};

/** STATUS_CONFIG with a reason; STATUS_IO. */
MUST_USE enum status audit_read(struct audit *audit, const struct audit_source *source, struct reason *reason);

/** Reads what the broker retains. What session_run returns. */
MUST_USE enum status audit_read_live(struct audit *audit, const struct profile *profile, struct reason *reason);

#endif
