/* aad.c: the arrays that signatures, AEADs and key derivation are computed over. */
#include "cose_private.h"

enum status cose_aad(const char *purpose, const struct cose_aad_part *parts, size_t count, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_array(&writer, (uint32_t)count + 1);
    write_text(&writer, view_of_string(purpose));
    for (size_t i = 0; i < count; i++)
        switch (parts[i].kind) {
        case AAD_TEXT:
            write_text(&writer, parts[i].bytes);
            break;
        case AAD_BYTES:
            write_bytes(&writer, parts[i].bytes);
            break;
        case AAD_UINT:
            write_uint(&writer, parts[i].number);
            break;
        }
    return writer_end(&writer);
}

/* How both structures begin. */
static enum status start(struct writer *writer, const char *context, struct view protected_, struct view external_aad)
{
    if (external_aad.len > COSE_AAD_MAX)
        return STATUS_NO_SPACE;
    write_text(writer, view_of_string(context));
    write_bytes(writer, protected_);
    write_bytes(writer, external_aad);
    return writer_end(writer);
}

enum status enc_structure(const char *context, struct view protected_, struct view external_aad, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_array(&writer, 3);
    return start(&writer, context, protected_, external_aad);
}

enum status sig_structure_start(struct view protected_, struct view external_aad, size_t payload_len, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_array(&writer, 4);
    TRY(start(&writer, "Signature1", protected_, external_aad));
    write_bytes_head(&writer, payload_len);
    return writer_end(&writer);
}

static void write_no_party(struct writer *writer)
{
    write_array(writer, 3);
    write_null(writer);
    write_null(writer);
    write_null(writer);
}

enum status kdf_context(int64_t alg, struct view recipient_protected, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_array(&writer, 4);
    write_int(&writer, alg);
    write_no_party(&writer);
    write_no_party(&writer);
    write_array(&writer, 2);
    write_uint(&writer, aead_key_size(alg) * 8);
    write_bytes(&writer, recipient_protected);
    return writer_end(&writer);
}
