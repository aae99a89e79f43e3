/* recompute_kept.c: see recompute_kept.h. */
#include "recompute_kept.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "heap.h"
#include "topic.h"

#define CHUNK_FILE_MAX ((size_t)PACKET_MAX)
#define KEY_SUFFIX     ".key"

/* What the chunks of one update have in common; they are read one after the other. */
struct opening {
    const char *folder;
    struct place place; /* with the device */
    uint8_t key_bytes[AEAD_KEY_MAX];
    struct view key;
    struct buf *files; /* the chunk messages, on the heap */
    uint32_t count;
};

static void opening_end(struct opening *opening)
{
    for (uint32_t i = 0; i < opening->count && opening->files != NULL; i++)
        file_free(&opening->files[i]);
    free(opening->files);
    wipe(opening->key_bytes, sizeof opening->key_bytes);
}

static enum status read_update_key(struct opening *opening)
{
    CLEANUP(file_free_secret) struct buf text = {0};
    struct buf key = BUF_OF(opening->key_bytes);
    char path[FILE_MAX_PATH];
    struct view digits;

    (void)snprintf(path, sizeof path, "%s/%u.%s" KEY_SUFFIX, opening->folder, (unsigned int)opening->place.round,
                   (const char *)opening->place.device.ptr);
    TRY(file_read_secret(path, 4 * AEAD_KEY_MAX, &text, NULL));
    digits = buf_view(&text);
    while (digits.len > 0 && (digits.ptr[digits.len - 1] == '\n' || digits.ptr[digits.len - 1] == ' '))
        digits.len--;
    TRY(hex_decode(digits, &key));
    opening->key = buf_view(&key);
    return STATUS_OK;
}

static enum status read_chunk(const struct opening *opening, uint32_t index, struct buf *out)
{
    char path[FILE_MAX_PATH];

    (void)snprintf(path, sizeof path, "%s/%u.%s.%u.cose", opening->folder, (unsigned int)opening->place.round,
                   (const char *)opening->place.device.ptr, (unsigned int)index);
    return file_read(path, CHUNK_FILE_MAX, out, NULL);
}

static enum status open_chunk(const struct opening *opening, const struct cose_chunk *first, uint32_t index,
                              struct buf *plain)
{
    struct cose_encrypt0 parts;

    TRY(cose_encrypt0_decode(buf_view(&opening->files[index]), &parts));
    if (parts.chunk.index != index || parts.chunk.count != first->count || parts.chunk.total != first->total ||
        !view_equal(parts.chunk.transfer, first->transfer))
        return STATUS_CHUNK_MIXED;
    return bind_open0(PURPOSE_UPDATE, &opening->place, opening->key, &parts, plain);
}

/* Reads every chunk; the first one says how many there are. */
static enum status read_chunks(struct opening *opening, struct cose_chunk *first)
{
    struct buf message = {0};
    struct cose_encrypt0 parts;
    enum status status = read_chunk(opening, 0, &message);

    if (status == STATUS_OK)
        status = cose_encrypt0_decode(buf_view(&message), &parts);
    if (status == STATUS_OK && (parts.chunk.count < 1 || parts.chunk.count > CHUNKS_MAX ||
                                parts.chunk.total > (uint64_t)CHUNKS_MAX * PACKET_MAX))
        status = STATUS_OUT_OF_RANGE;
    if (status == STATUS_OK) {
        opening->files = calloc(parts.chunk.count, sizeof *opening->files);
        status = opening->files != NULL ? STATUS_OK : STATUS_IO;
    }
    if (status != STATUS_OK) {
        file_free(&message);
        return status;
    }
    opening->files[0] = message;
    opening->count = parts.chunk.count;
    *first = parts.chunk;
    for (uint32_t i = 1; i < opening->count; i++)
        TRY(read_chunk(opening, i, &opening->files[i]));
    return STATUS_OK;
}

static enum status digest_chunks(const struct opening *opening, uint8_t out[static DIGEST_SIZE])
{
    struct view *pieces = calloc(opening->count, sizeof *pieces);
    enum status status;

    if (pieces == NULL)
        return STATUS_IO;
    for (uint32_t i = 0; i < opening->count; i++)
        pieces[i] = buf_view(&opening->files[i]);
    status = sha256_pieces(pieces, opening->count, out);
    free(pieces);
    return status;
}

/* Whether an update says that it is for the round of this record. */
static bool belongs(const struct update *update, const struct record *record)
{
    return update->round == record->round && update->task == record->task && view_equal(update->base, record->base) &&
           view_equal(update->boot_id, record->boot_id);
}

static enum status open_update(struct opening *opening, const struct record *record, struct kept_update *out)
{
    struct cose_chunk first;
    uint8_t digest[DIGEST_SIZE];

    TRY(read_update_key(opening));
    TRY(read_chunks(opening, &first));
    TRY(heap_take((size_t)first.total, &out->plain));
    for (uint32_t i = 0; i < opening->count; i++)
        TRY(open_chunk(opening, &first, i, &out->plain));
    if (out->plain.len != first.total)
        return STATUS_TRUNCATED;
    TRY(update_decode(buf_view(&out->plain), &out->update));
    if (!belongs(&out->update, record))
        return STATUS_WRONG_ROUND;
    TRY(digest_chunks(opening, digest));
    return recompute_leaf_of(opening->place.device, opening->place.round, VIEW_OF(digest), &out->leaf);
}

static enum status add_update(struct kept_updates *updates, const char *folder, const struct place *place,
                              const struct record *record, const char *device)
{
    CLEANUP(opening_end) struct opening opening = {.folder = folder, .place = *place};
    struct kept_update *grown = realloc(updates->list, (updates->count + 1) * sizeof *grown), *update;

    if (grown == NULL)
        return STATUS_IO;
    updates->list = grown;
    update = &grown[updates->count];
    *update = (struct kept_update){.plain = {0}};
    (void)snprintf(update->device, sizeof update->device, "%s", device);
    opening.place.round = record->round;
    opening.place.device = view_of_string(update->device);
    if (open_update(&opening, record, update) == STATUS_OK) {
        updates->count++;
    } else {
        heap_give(&update->plain);
        updates->unusable++;
    }
    return STATUS_OK;
}

/* The device of a file `ROUND.DEVICE.key`; false for another file. */
static bool device_of(const char *file, uint32_t round, char device[static NAME_MAX_LEN + 1])
{
    char prefix[16];
    size_t begins = (size_t)snprintf(prefix, sizeof prefix, "%u.", (unsigned int)round), length = strlen(file);
    size_t ends = strlen(KEY_SUFFIX);

    if (strncmp(file, prefix, begins) != 0 || length <= begins + ends || length - begins - ends > NAME_MAX_LEN ||
        strcmp(file + length - ends, KEY_SUFFIX) != 0)
        return false;
    memcpy(device, file + begins, length - begins - ends);
    device[length - begins - ends] = '\0';
    return name_valid(view_of_string(device));
}

static int compare_leaves(const void *a, const void *b)
{
    const struct kept_update *one = a, *other = b;

    return memcmp(one->leaf.hash, other->leaf.hash, DIGEST_SIZE);
}

enum status kept_read(const char *folder, const struct place *place, const struct record *record,
                      struct kept_updates *out, struct reason *reason)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    enum status status = STATUS_OK;
    char device[NAME_MAX_LEN + 1];

    if (directory == NULL) {
        reason_set(reason, "%s: %s", folder, strerror(errno));
        return STATUS_IO;
    }
    while (status == STATUS_OK && (entry = readdir(directory)) != NULL)
        if (device_of(entry->d_name, record->round, device))
            status = add_update(out, folder, place, record, device);
    (void)closedir(directory);
    if (out->count > 0)
        qsort(out->list, out->count, sizeof *out->list, compare_leaves);
    return status;
}

void kept_free(struct kept_updates *updates)
{
    for (size_t i = 0; i < updates->count; i++)
        heap_give(&updates->list[i].plain);
    free(updates->list);
    *updates = (struct kept_updates){0};
}
