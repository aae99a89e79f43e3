/* identity.c: what names a program across kinds of evidence. See credential.h. */
#include "credential.h"
#include "values.h"

#define IDENTITY_MAX 256

enum status appraisal_identity(struct view kind, struct view measurement, uint8_t out[static DIGEST_SIZE])
{
    uint8_t memory[IDENTITY_MAX];
    struct buf encoded = BUF_OF(memory);
    struct writer writer = writer_to(&encoded);

    write_array(&writer, 2);
    write_kind(&writer, kind);
    write_bytes(&writer, measurement);
    TRY(writer_end(&writer));
    return sha256(buf_view(&encoded), out);
}
