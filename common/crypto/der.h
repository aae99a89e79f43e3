/* der.h: a reader of DER (X.690 section 10), as much of it as certificates and revocation lists need: definite lengths
 * in their shortest form, tags of one byte. Pure; views go into the input, nothing is copied.
 *
 * Each der_take moves *from behind what it took; on a failure *from may stand anywhere and is not to be read on. */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include "base.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,             /* | number, for a primitive one */
    DER_CONTEXT_CONSTRUCTED = 0xa0, /* | number */
};

/** True when the next element has this tag. */
bool der_next_is(struct view from, uint8_t tag);

/** Takes the next element: its contents. STATUS_MALFORMED (another tag, a length not in its shortest form),
 *  STATUS_TRUNCATED. */
MUST_USE enum status der_take(struct view *from, uint8_t tag, struct view *contents);

/** Takes the next element with its head. As der_take. */
MUST_USE enum status der_take_element(struct view *from, uint8_t tag, struct view *element);

/** Takes the next element, whatever its tag. As der_take. */
MUST_USE enum status der_take_any(struct view *from, uint8_t *tag, struct view *contents);

/** STATUS_TRAILING unless nothing is left. */
MUST_USE enum status der_end(struct view from);

/** Takes an INTEGER or ENUMERATED (tag) of 0..most. As der_take; STATUS_OUT_OF_RANGE past most or negative. */
MUST_USE enum status der_take_number(struct view *from, uint8_t tag, uint32_t most, uint32_t *out);

/** Takes an INTEGER of any size: its two's complement bytes in their shortest form. As der_take. */
MUST_USE enum status der_take_integer(struct view *from, struct view *out);

/** Takes a positive INTEGER: its magnitude, without the zero byte in front. As der_take; STATUS_OUT_OF_RANGE. */
MUST_USE enum status der_take_magnitude(struct view *from, struct view *out);

/** Takes a BOOLEAN. As der_take. */
MUST_USE enum status der_take_boolean(struct view *from, bool *out);

/** Takes a BIT STRING of whole bytes. As der_take. */
MUST_USE enum status der_take_bytes_of_bits(struct view *from, struct view *out);

/** Takes a UTCTime or GeneralizedTime as certificates have it (RFC 5280 section 4.1.2.5: seconds and Z always there):
 *  seconds since 1970. As der_take; STATUS_OUT_OF_RANGE for a date that is none. */
MUST_USE enum status der_take_time(struct view *from, int64_t *out);

#endif
