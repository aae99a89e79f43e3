/* assembly.c: see assembly.h. */
#include "assembly.h"

#include <stdlib.h>
#include <string.h>

#include "cose.h"

/* What a chunk costs beside its own bytes: headers, tag, and our bookkeeping. */
#define CHUNK_COST (COSE_OVERHEAD_MAX + sizeof(struct view))

enum stage { STAGE_WAITING, STAGE_RECEIVING, STAGE_FINISHED };

/* One transfer of one sender: a sender has at most one at a time. */
struct transfer {
    struct transfer *next; /* in the bucket */
    char name[NAME_MAX_LEN];
    size_t name_len;
    uint8_t id[TRANSFER_SIZE];
    uint32_t round, count, have;
    uint64_t total, arrived, moved_s, granted_s;
    enum stage stage;
    struct view *chunks;    /* count of them, of malloc'ed bytes; NULL where missing */
    struct view answer;     /* malloc'ed; what it was finished with */
    size_t reserved, bytes; /* room that is set aside, and how much of it chunks have taken */
};

#define BUCKETS 4096

struct assembly {
    struct assembly_ports ports;
    size_t memory, memory_max;
    uint32_t transfers, transfers_max;
    uint64_t arrivals;
    struct transfer *buckets[BUCKETS];
};

enum status assembly_new(const struct assembly_ports *ports, size_t memory_max, uint32_t transfers_max,
                         struct assembly **out)
{
    struct assembly *assembly = calloc(1, sizeof *assembly);

    if (assembly == NULL)
        return STATUS_IO;
    assembly->ports = *ports;
    assembly->memory_max = memory_max;
    assembly->transfers_max = transfers_max;
    *out = assembly;
    return STATUS_OK;
}

static void free_view(struct view *view)
{
    union {
        const uint8_t *bytes;
        void *memory;
    } owned = {view->ptr};

    free(owned.memory);
    *view = (struct view){NULL, 0};
}

/* A copy with memory of its own; a view without any when there is none to be had. */
static struct view keep(struct view bytes)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);

    if (copy == NULL)
        return (struct view){NULL, 0};
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return (struct view){copy, bytes.len};
}

static void drop_chunks(struct assembly *assembly, struct transfer *transfer)
{
    if (transfer->chunks != NULL)
        for (uint32_t i = 0; i < transfer->count; i++)
            free_view(&transfer->chunks[i]);
    free(transfer->chunks);
    transfer->chunks = NULL;
    assembly->memory -= transfer->reserved;
    transfer->reserved = 0;
    transfer->bytes = 0;
    transfer->have = 0;
}

static struct transfer **bucket_of(struct assembly *assembly, struct view name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.ptr[i]) * 16777619u;
    return &assembly->buckets[hash % BUCKETS];
}

static struct view name_of(const struct transfer *transfer)
{
    return (struct view){(const uint8_t *)transfer->name, transfer->name_len};
}

/* Devices and the owner's requests have names of their own: a device may be called like a request. */
static struct transfer **find(struct assembly *assembly, struct view name, uint32_t round)
{
    struct transfer **at = bucket_of(assembly, name);

    while (*at != NULL && !(view_equal(name_of(*at), name) && ((*at)->round == 0) == (round == 0)))
        at = &(*at)->next;
    return at;
}

static void forget(struct assembly *assembly, struct transfer **at)
{
    struct transfer *transfer = *at;

    *at = transfer->next;
    drop_chunks(assembly, transfer);
    free_view(&transfer->answer);
    free(transfer);
    assembly->transfers--;
}

static void grant_missing(struct assembly *assembly, struct transfer *transfer, uint64_t now_s)
{
    uint8_t bitmap[CHUNKS_MAX / 8] = {0};
    struct need need = {
        .round = transfer->round,
        .transfer = VIEW_OF(transfer->id),
        .bitmap = {bitmap, (transfer->count + 7) / 8},
    };

    for (uint32_t i = 0; i < transfer->count; i++)
        if (transfer->chunks[i].ptr == NULL)
            bitmap[i / 8] = (uint8_t)(bitmap[i / 8] | 1u << i % 8);
    transfer->granted_s = now_s;
    assembly->ports.grant(assembly->ports.ctx, name_of(transfer), &need);
}

/* Room for a transfer of so many bytes in so many chunks; more than any memory when it would not fit a size_t. */
static size_t cost_of(uint64_t total, uint32_t count)
{
    const size_t chunks = count * CHUNK_COST;

    return total > SIZE_MAX - chunks ? SIZE_MAX : (size_t)total + chunks;
}

/* Sets room aside for the whole transfer. */
static bool admit(struct assembly *assembly, struct transfer *transfer)
{
    size_t cost = cost_of(transfer->total, transfer->count);

    if (cost > assembly->memory_max - assembly->memory)
        return false;
    transfer->chunks = calloc(transfer->count, sizeof *transfer->chunks);
    if (transfer->chunks == NULL)
        return false;
    transfer->reserved = cost;
    assembly->memory += cost;
    transfer->stage = STAGE_RECEIVING;
    return true;
}

static enum status offer(struct assembly *assembly, const struct chunk *chunk, uint64_t now_s, struct transfer **out)
{
    struct transfer **at = find(assembly, chunk->name, chunk->round), *transfer;

    if (cost_of(chunk->total, chunk->count) > assembly->memory_max)
        return STATUS_NO_SPACE;
    if (*at != NULL)
        forget(assembly, at); /* a sender that begins anew has given up what it had begun */
    if (assembly->transfers == assembly->transfers_max)
        return STATUS_NO_SPACE;
    transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL)
        return STATUS_NO_SPACE;
    memcpy(transfer->name, chunk->name.ptr, chunk->name.len);
    transfer->name_len = chunk->name.len;
    memcpy(transfer->id, chunk->transfer.ptr, TRANSFER_SIZE);
    transfer->round = chunk->round;
    transfer->count = chunk->count;
    transfer->total = chunk->total;
    transfer->arrived = assembly->arrivals++;
    transfer->moved_s = now_s;
    at = bucket_of(assembly, chunk->name);
    transfer->next = *at;
    *at = transfer;
    assembly->transfers++;
    *out = transfer;
    return STATUS_OK;
}

static void complete(struct assembly *assembly, struct transfer *transfer)
{
    struct whole whole = {name_of(transfer), transfer->round, transfer->count, transfer->chunks, 0};

    for (uint32_t i = 0; i < transfer->count; i++)
        whole.bytes += transfer->chunks[i].len;
    assembly->ports.complete(assembly->ports.ctx, &whole);
}

/* Puts a chunk in its place, unless it is there. STATUS_CHUNK_MIXED: more bytes than the whole was said to have. */
static enum status place_chunk(struct transfer *transfer, const struct chunk *chunk, uint64_t now_s)
{
    struct view *at = &transfer->chunks[chunk->index];

    if (at->ptr != NULL)
        return STATUS_OK;
    if (chunk->message.len > transfer->reserved - transfer->bytes)
        return STATUS_CHUNK_MIXED;
    *at = keep(chunk->message);
    if (at->ptr == NULL)
        return STATUS_OK; /* no memory now: it stays missing and is granted again */
    transfer->have++;
    transfer->bytes += chunk->message.len;
    transfer->moved_s = now_s;
    return STATUS_OK;
}

static enum status check_chunk(const struct chunk *chunk)
{
    if (chunk->name.len == 0 || chunk->name.len > NAME_MAX_LEN || chunk->transfer.len != TRANSFER_SIZE ||
        chunk->count == 0 || chunk->count > CHUNKS_MAX || chunk->index >= chunk->count)
        return STATUS_MALFORMED;
    /* More bytes in a chunk than the whole is said to have would break the bound that was set aside. */
    if (chunk->message.len > COSE_OVERHEAD_MAX && chunk->message.len - COSE_OVERHEAD_MAX > chunk->total)
        return STATUS_MALFORMED;
    return STATUS_OK;
}

static bool same_transfer(const struct transfer *transfer, const struct chunk *chunk)
{
    return transfer != NULL && transfer->round == chunk->round && view_equal(VIEW_OF(transfer->id), chunk->transfer);
}

enum status assembly_take(struct assembly *assembly, const struct chunk *chunk, uint64_t now_s)
{
    struct transfer *transfer;
    bool is_new, is_admitted;

    TRY(check_chunk(chunk));
    transfer = *find(assembly, chunk->name, chunk->round);
    is_new = !same_transfer(transfer, chunk);
    if (is_new && chunk->index != 0)
        return STATUS_OK; /* of a transfer that was given up; its sender will offer it again */
    if (is_new)
        TRY(offer(assembly, chunk, now_s, &transfer));
    if (transfer->count != chunk->count || transfer->total != chunk->total)
        return STATUS_CHUNK_MIXED;
    if (transfer->stage == STAGE_FINISHED) {
        assembly->ports.repeat(assembly->ports.ctx, chunk->name, chunk->round, transfer->answer);
        return STATUS_OK;
    }
    is_admitted = transfer->stage == STAGE_WAITING;
    if (is_admitted)
        transfer->moved_s = now_s; /* who asks again keeps its place in the line */
    if (is_admitted && !admit(assembly, transfer))
        return STATUS_OK; /* in line */
    TRY(place_chunk(transfer, chunk, now_s));
    if (transfer->have == transfer->count)
        complete(assembly, transfer);
    else if (chunk->index == 0 || is_admitted)
        grant_missing(assembly, transfer, now_s);
    return STATUS_OK;
}

void assembly_finish(struct assembly *assembly, const struct whole *whole, struct view answer)
{
    struct transfer *transfer = *find(assembly, whole->name, whole->round);

    if (transfer == NULL)
        return;
    drop_chunks(assembly, transfer);
    transfer->stage = STAGE_FINISHED;
    transfer->answer = answer.len > 0 ? keep(answer) : (struct view){NULL, 0};
}

void assembly_forget_rounds(struct assembly *assembly)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct transfer **at = &assembly->buckets[i]; *at != NULL;) {
            if ((*at)->round != 0)
                forget(assembly, at);
            else
                at = &(*at)->next;
        }
}

/* Who has waited longest, or NULL. */
static struct transfer *first_waiting(struct assembly *assembly)
{
    struct transfer *first = NULL;

    for (size_t i = 0; i < BUCKETS; i++)
        for (struct transfer *transfer = assembly->buckets[i]; transfer != NULL; transfer = transfer->next)
            if (transfer->stage == STAGE_WAITING && (first == NULL || transfer->arrived < first->arrived))
                first = transfer;
    return first;
}

void assembly_tick(struct assembly *assembly, uint64_t now_s)
{
    struct transfer *waiting;

    for (size_t i = 0; i < BUCKETS; i++)
        for (struct transfer **at = &assembly->buckets[i]; *at != NULL;) {
            struct transfer *transfer = *at;
            /* Answers to devices are kept for their round; an owner's for as long as it may still ask again. */
            if ((transfer->stage != STAGE_FINISHED || transfer->round == 0) &&
                now_s > transfer->moved_s + ASSEMBLY_GIVE_UP_S) {
                forget(assembly, at);
                continue;
            }
            if (transfer->stage == STAGE_RECEIVING && now_s >= transfer->moved_s + ASSEMBLY_RETRY_S &&
                now_s >= transfer->granted_s + ASSEMBLY_RETRY_S)
                grant_missing(assembly, transfer, now_s);
            at = &transfer->next;
        }
    while ((waiting = first_waiting(assembly)) != NULL && admit(assembly, waiting)) {
        waiting->moved_s = now_s;
        grant_missing(assembly, waiting, now_s);
    }
}

void assembly_free(struct assembly **assembly)
{
    if (*assembly == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while ((*assembly)->buckets[i] != NULL)
            forget(*assembly, &(*assembly)->buckets[i]);
    free(*assembly);
    *assembly = NULL;
}

size_t assembly_memory(const struct assembly *assembly)
{
    return assembly->memory;
}
