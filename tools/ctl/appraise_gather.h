/* appraise_gather.h: endorsements out of the files and folders that a person named, taken apart into single
 * certificates, revocation lists and documents. Nothing is believed here. */
#ifndef CTL_APPRAISE_GATHER_H
#define CTL_APPRAISE_GATHER_H

#include <stdio.h>

#include "dcap_collateral.h"
#include "reason.h"
#include "x509.h"

#define GATHER_FILE_MAX  (2u << 20)  /* bytes of a file: the largest revocation list in hexadecimal */
#define GATHER_BYTES_MAX (32u << 20) /* of all files together */
#define GATHER_FILES_MAX 1024        /* of one folder */
#define GATHER_ITEMS_MAX 512

enum gathered_kind { GATHERED_CERTIFICATE, GATHERED_CRL, GATHERED_DOCUMENT, GATHERED_UNKNOWN };

struct gathered {
    enum gathered_kind kind;
    struct view bytes; /* DER, or the text of a document; of UNKNOWN the whole file */
    const char *path;
    bool offered; /* it lay in a folder, where it may be of no use; else a person named it */
    bool told;    /* a note said that it was passed over */
    int64_t not_before, not_after;
    struct x509_certificate certificate; /* of CERTIFICATE */
    struct view issuer;                  /* of CRL */
    enum dcap_document_kind document;    /* of DOCUMENT */
    enum dcap_kind platform;             /* likewise */
    uint8_t fmspc[DCAP_FMSPC_SIZE];      /* of a DCAP_TCB_INFO */
};

/** {.notes = stderr} is an empty one. */
struct gathering {
    FILE *notes; /* what was passed over is told there */
    size_t count, bytes;
    struct gathered *items;
    size_t memory_count;
    struct buf *memory; /* what the views go into */
};

/**
 * Adds a file, or the regular files of a folder in the order of their names. A file of a folder that holds no
 * endorsement is passed over with a note; one that a person named is kept as GATHERED_UNKNOWN, for the appraisal to
 * refuse. Returns STATUS_CONFIG with a reason: it cannot be read, or is more than the limits above; STATUS_IO.
 */
MUST_USE enum status gather_path(struct gathering *to, const char *path, struct reason *reason);

/** Frees what was gathered; for CLEANUP. */
void gather_free(struct gathering *gathering);

#endif
