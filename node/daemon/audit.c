/* audit.c: see audit.h. */
#include "audit.h"

#include <stdio.h>

#include "crypto.h"
#include "file.h"

/* A path of the folder; the last part is the chunk's or the key's. */
static enum status make_path(const struct audit *audit, uint32_t round, const char *last, char *out,
                             struct reason *reason)
{
    int len = snprintf(out, FILE_MAX_PATH, "%s/%u.%s.%s", audit->folder, round, audit->device, last);

    if (len < FILE_MAX_PATH)
        return STATUS_OK;
    reason_set(reason, "%s: the path is too long", audit->folder);
    return STATUS_IO;
}

static enum status keep_key(const struct audit *audit, const struct audit_chunk *chunk, struct reason *reason)
{
    uint8_t text[2 * AEAD_KEY_MAX + 1];
    CLEANUP(buf_wipe) struct buf hex = BUF_OF(text);
    char path[FILE_MAX_PATH];

    if (chunk->key.len > AEAD_KEY_MAX) {
        reason_set(reason, "a key of %zu bytes", chunk->key.len);
        return STATUS_NO_SPACE;
    }
    TRY(make_path(audit, chunk->round, "key", path, reason));
    hex_encode(chunk->key, (char *)text);
    hex.len = 2 * chunk->key.len;
    return file_write(path, 0600, buf_view(&hex), reason);
}

enum status audit_keep(const struct audit *audit, const struct audit_chunk *chunk, struct reason *reason)
{
    char path[FILE_MAX_PATH], last[32];

    (void)snprintf(last, sizeof last, "%u.cose", chunk->chunk);
    TRY(make_path(audit, chunk->round, last, path, reason));
    TRY(file_write(path, 0600, chunk->message, reason));
    return keep_key(audit, chunk, reason);
}
