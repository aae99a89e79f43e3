/* endorsement_walk.c: the parts of a piece, whatever form it has; see endorsement.h. */
#include "endorsement.h"

#include "x509.h"

static enum status walk_x509(struct view from, struct buf *space, const struct endorsement_taker *taker)
{
    enum status status;
    enum x509_item item;
    struct view der;

    while ((status = x509_take(&from, space, &item, &der)) == STATUS_OK)
        TRY(item == X509_ITEM_CRL ? taker->crl(taker->ctx, der) : taker->certificate(taker->ctx, der));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status walk_table(struct view table, struct buf *space, const struct endorsement_taker *taker)
{
    enum status status;
    struct view contents;
    size_t at = 0;

    while ((status = endorsement_table_next(table, &at, &contents)) == STATUS_OK)
        TRY(walk_x509(contents, space, taker));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status walk_hex(struct view text, struct buf *space, const struct endorsement_taker *taker)
{
    const size_t start = space->len;

    TRY(hex_decode(text, space));
    return walk_x509((struct view){space->ptr + start, space->len - start}, space, taker);
}

enum status endorsement_walk(struct view bytes, struct buf *space, const struct endorsement_taker *taker)
{
    struct view text;
    const enum endorsement_form form = endorsement_form(bytes, &text);
    const bool table = form == ENDORSEMENT_FORM_TABLE && taker->tables;

    if (text.len == 0 && !table) /* zeros alone are a table that its host left empty */
        return STATUS_MALFORMED;
    switch (form) {
    case ENDORSEMENT_FORM_JSON:
        return taker->document != NULL ? taker->document(taker->ctx, text) : STATUS_UNSUPPORTED;
    case ENDORSEMENT_FORM_HEX:
        return walk_hex(text, space, taker);
    case ENDORSEMENT_FORM_TABLE:
        return table ? walk_table(bytes, space, taker) : walk_x509(bytes, space, taker);
    default:
        return walk_x509(bytes, space, taker);
    }
}
