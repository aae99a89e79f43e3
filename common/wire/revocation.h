/* revocation.h: what the owner takes back before its time: devices, credentials, programs. Pure. The owner signs it.
 * Source: PROTOCOL.md section 21. */
#ifndef WIRE_REVOCATION_H
#define WIRE_REVOCATION_H

#include "wire_limits.h"
#include "reader.h"
#include "writer.h"

#define REVOCATIONS_MAX         4096 /* entries of one list, of all three sorts together */
#define REVOKED_MEASUREMENT_MAX 64   /* bytes of a measurement, of any kind of evidence */
#define REVOCATIONS_VERSION_MAX INT64_MAX
#define REVOCATIONS_ENCODED_MAX ((size_t)352 << 10) /* no list of REVOCATIONS_MAX entries is longer */
#define REVOCATIONS_SIGNED_MAX  ((size_t)353 << 10) /* bytes of the signed message */

/** A list. Each sort stands in ascending bytewise order, none twice, and is walked with the reads below. */
struct revocations {
    struct view federation;
    uint64_t version; /* 1..REVOCATIONS_VERSION_MAX; a later list has a higher one */
    uint32_t device_count, credential_count, program_count; /* together at most REVOCATIONS_MAX */
    struct view devices, credentials, programs;             /* the encoded entries, one after the other */
};

/** A program, as the evidence of its kind shows it: what struct appraisal calls the measurement. */
struct revoked_program {
    struct view kind;        /* KIND_MAX */
    struct view measurement; /* 1..REVOKED_MEASUREMENT_MAX bytes */
};

/** Returns an encoding reason; STATUS_UNORDERED, STATUS_DUPLICATE_KEY for entries out of order or there twice;
 *  STATUS_OUT_OF_RANGE for too many. out views into bytes. */
MUST_USE enum status revocations_decode(struct view bytes, struct revocations *out);
/** The entries are written as they are. STATUS_NO_SPACE. */
MUST_USE enum status revocations_encode(const struct revocations *list, struct buf *out);

/** One entry; a reader over one of the lists above gives them in order. Credentials are read with
 *  read_fixed(reader, CTI_SIZE), devices with read_name. */
struct revoked_program read_revoked_program(struct reader *reader);
void write_revoked_program(struct writer *writer, const struct revoked_program *program);

#endif
