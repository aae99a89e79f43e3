/* endorsement.h: what a piece of endorsement is, told by its content alone, and when it serves. For who collects and
 * carries endorsements: nothing is verified or believed here. Pure; no heap. */
#ifndef APPRAISE_ENDORSEMENT_H
#define APPRAISE_ENDORSEMENT_H

#include "wire_limits.h"

#define ENDORSEMENT_NAME_MAX  128             /* bytes of a name with its end */
#define ENDORSEMENT_PARTS_MAX 32              /* certificates and lists in one piece */
#define ENDORSEMENT_SPACE     ENDORSEMENT_MAX /* enough to decode any piece in */

/** How a piece is written. */
enum endorsement_form {
    ENDORSEMENT_FORM_X509, /* certificates and revocation lists, one after the other, in DER or PEM; or nothing known */
    ENDORSEMENT_FORM_HEX,  /* hexadecimal of DER, as Intel's service gives revocation lists */
    ENDORSEMENT_FORM_JSON, /* a signed document of Intel's */
    ENDORSEMENT_FORM_TABLE, /* AMD's certificate table (GHCB specification, extended guest request) */
};

/** Tells the form by the first bytes; the rest may still be refused by who reads it. *text: of HEX and JSON the
 *  characters without what stands blank around them, else all bytes; empty when there is nothing but blanks. */
enum endorsement_form endorsement_form(struct view bytes, struct view *text);

/**
 * Takes the contents of the next entry of a certificate table that is known (VCEK, VLEK, ASK or ASVK, ARK); others are
 * passed over. *at begins as 0. Returns STATUS_NOT_FOUND (behind the last one), STATUS_TRUNCATED (an entry outside of
 * the table, no end), STATUS_NO_SPACE (more than ENDORSEMENT_PARTS_MAX entries).
 */
MUST_USE enum status endorsement_table_next(struct view table, size_t *at, struct view *contents);

/** Who takes the parts of a piece. Each returns STATUS_OK, or why there is no going on. */
struct endorsement_taker {
    void *ctx;
    enum status (*certificate)(void *ctx, struct view der);
    enum status (*crl)(void *ctx, struct view der);
    enum status (*document)(void *ctx, struct view text); /* signed JSON; NULL: STATUS_UNSUPPORTED */
    bool tables; /* AMD's are taken apart; else they are no more than malformed DER */
};

/**
 * Gives the parts of a piece, in their order, whatever its form. space is lent, appended to: what is in PEM or
 * hexadecimal is decoded there, and views go into it.
 * Returns STATUS_MALFORMED (nothing but blanks; zeros alone are an empty table where tables are taken), the reasons of
 * x509_take, hex_decode, endorsement_table_next, the taker's.
 */
MUST_USE enum status endorsement_walk(struct view bytes, struct buf *space, const struct endorsement_taker *taker);

enum endorsement_kind {
    ENDORSEMENT_CERTIFICATE,
    ENDORSEMENT_CHAIN, /* several certificates, perhaps with lists among them */
    ENDORSEMENT_CRL,   /* one or several */
    ENDORSEMENT_TCB_INFO_SGX,
    ENDORSEMENT_TCB_INFO_TDX,
    ENDORSEMENT_QE_IDENTITY,
    ENDORSEMENT_TABLE,
};

struct endorsement {
    enum endorsement_kind kind;
    char name[ENDORSEMENT_NAME_MAX]; /* for people, printable ASCII: "CRL of ARK-Milan" */
    int64_t not_before, not_after;   /* seconds since 1970, both inclusive: where all of its parts are in their time;
                                        empty when not_after < not_before */
};

/**
 * Tells what a piece is. What it accepts can be read by the appraisal of at least one kind of evidence.
 *
 * space   lent, appended to: what is in PEM or hexadecimal is decoded there. ENDORSEMENT_SPACE is enough.
 * out     set only on STATUS_OK; owns its name. Takes about 20 KB of stack.
 *
 * Returns the reasons of x509_take, x509_certificate_parse, x509_crl_parse, hex_decode, endorsement_table_next,
 * dcap_document_split, dcap_tcb_info_read, dcap_qe_identity_read; STATUS_MALFORMED (nothing but blanks),
 * STATUS_NOT_FOUND (a table without a certificate), STATUS_OUT_OF_RANGE (more than ENDORSEMENT_MAX bytes or
 * ENDORSEMENT_PARTS_MAX parts).
 */
MUST_USE enum status endorsement_tell(struct view bytes, struct buf *space, struct endorsement *out);

#endif
