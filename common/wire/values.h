/* values.h: the values that several messages are made of. Pure. Source: PROTOCOL.md section 1.
 *
 * Reading fails the reader and gives zero or an empty view. Writing asserts what reading would refuse: a value that was
 * never checked is an error of the program, not of a peer. */
#ifndef WIRE_VALUES_H
#define WIRE_VALUES_H

#include "bundle.h"
#include "wire_limits.h"
#include "reader.h"
#include "writer.h"

#define COHORT_MAX     65536 /* updates in a round */
#define UPDATE_KEY_MIN 16    /* bytes of a key of the AEADs of alg */
#define UPDATE_KEY_MAX 32
#define MODEL_KEY_SIZE 32 /* A256GCM */

/** Federation, aggregator, device, request. */
struct view read_name(struct reader *reader);
void write_name(struct writer *writer, struct view name);

/** Kind of evidence. */
struct view read_kind(struct reader *reader);
void write_kind(struct writer *writer, struct view kind);

/** A byte string of exactly size bytes. */
struct view read_fixed(struct reader *reader, size_t size);
void write_fixed(struct writer *writer, struct view bytes, size_t size);

/** What read_bytes reads with the same bounds. */
void write_bounded(struct writer *writer, struct view bytes, size_t min, size_t max);

/** Empty for null. */
struct view read_digest_or_null(struct reader *reader);
void write_digest_or_null(struct writer *writer, struct view digest);

uint32_t read_uint32(struct reader *reader, uint32_t min, uint32_t max);
uint64_t read_time(struct reader *reader);
enum status read_reason(struct reader *reader);
enum role read_role(struct reader *reader);

/** One of the numbers of the CDDL's alg; another one fails with STATUS_UNSUPPORTED. */
int64_t read_alg(struct reader *reader);
void write_alg(struct writer *writer, int64_t alg);

/** A list of 1..ALGS_MAX of them, none twice (else STATUS_MALFORMED); gives how many. */
uint32_t read_algs(struct reader *reader, int64_t algs[static ALGS_MAX]);
void write_algs(struct writer *writer, const int64_t algs[static ALGS_MAX], uint32_t count);

/** Byte strings of 1..ENDORSEMENT_MAX bytes. */
void read_endorsements(struct reader *reader, struct endorsements *out);
void write_endorsements(struct writer *writer, const struct endorsements *endorsements);

#endif
