/* capture_row.c: digests of rows. */
#include "capture_private.h"

#include "crypto.h"
#include "writer.h"

#include <assert.h>

/* All of a row but its longest value, which stands last and is not copied: topic, properties, names, heads. */
#define ROW_TEXT_MAX (70 * 1024 + CAPTURE_PROPERTIES_MAX)

static void write_cell(struct writer *writer, const struct cell *cell)
{
    switch (cell->kind) {
    case DB_NULL:
        write_null(writer);
        return;
    case DB_INT:
        write_int(writer, cell->number);
        return;
    case DB_TEXT:
        write_text(writer, cell->bytes);
        return;
    case DB_BLOB:
        write_bytes(writer, cell->bytes);
        return;
    case DB_REAL:
        break;
    }
    writer->status = STATUS_MALFORMED;
}

/* ["tacit capture 1", table, previous, [cells]] */
enum status row_digest(enum capture_table table, const uint8_t previous[static 32], const struct cell *cells,
                       uint8_t out[static 32])
{
    uint8_t memory[ROW_TEXT_MAX];
    struct buf text = BUF_OF(memory);
    struct writer writer = writer_to(&text);
    const struct table_layout *layout = &table_layouts[table];
    const struct cell *last = &cells[layout->count - 1];
    bool apart = last->kind == DB_BLOB;

    assert(layout->count <= CELLS_MAX);
    write_array(&writer, 4);
    write_text(&writer, VIEW_TEXT("tacit capture 1"));
    write_text(&writer, view_of_string(layout->name));
    write_bytes(&writer, (struct view){previous, 32});
    write_array(&writer, (uint32_t)layout->count);
    for (size_t i = 0; i + 1 < layout->count; i++)
        write_cell(&writer, &cells[i]);
    if (apart)
        write_bytes_head(&writer, last->bytes.len);
    else
        write_cell(&writer, last);
    TRY(writer_end(&writer));

    const struct view pieces[] = {buf_view(&text), apart ? last->bytes : (struct view){0}};

    return sha256_pieces(pieces, ARRAY_LEN(pieces), out);
}

static struct cell cell_of(struct db_statement *statement, int column)
{
    switch (db_column_kind(statement, column)) {
    case DB_INT:
        return cell_int(db_column_int(statement, column));
    case DB_TEXT:
        return cell_text(db_column_text(statement, column));
    case DB_BLOB:
        return cell_blob(db_column_blob(statement, column));
    case DB_NULL:
        return cell_null();
    default:
        return (struct cell){.kind = DB_REAL};
    }
}

void row_read(struct db_statement *statement, enum capture_table table, struct cell *cells)
{
    for (size_t i = 0; i < table_layouts[table].count; i++)
        cells[i] = cell_of(statement, (int)i);
}
