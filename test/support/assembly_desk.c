/* assembly_desk.c: see assembly_desk.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "assembly_desk.h"

static void on_grant(void *ctx, struct view name, const struct need *need)
{
    struct desk *desk = ctx;
    struct heard *heard = &desk->heard[name.ptr[0]];

    assert_int_equal(need->transfer.len, TRANSFER_SIZE);
    if (heard->grants++ == 0)
        desk->order[strlen(desk->order)] = (char)name.ptr[0];
    memcpy(heard->bitmap, need->bitmap.ptr, need->bitmap.len);
    heard->bitmap_len = need->bitmap.len;
}

/* Every chunk tells which one it is: sender, transfer, index. */
static void fill_chunk(uint8_t out[DESK_CHUNK_BYTES], char sender, uint8_t transfer, uint32_t index)
{
    memset(out, 0, DESK_CHUNK_BYTES);
    out[0] = (uint8_t)sender;
    out[1] = transfer;
    write_le32(out + 2, index);
}

static void on_complete(void *ctx, const struct whole *whole)
{
    struct desk *desk = ctx;
    uint8_t sender = whole->name.ptr[0];

    desk->heard[sender].wholes++;
    desk->heard[sender].bytes = whole->bytes;
    for (uint32_t i = 0; i < whole->count && whole->chunks[i].len == DESK_CHUNK_BYTES; i++) {
        uint8_t want[DESK_CHUNK_BYTES];
        fill_chunk(want, (char)sender, desk->transfer[sender], i);
        assert_memory_equal(whole->chunks[i].ptr, want, DESK_CHUNK_BYTES);
    }
    assembly_finish(desk->assembly, whole, VIEW_TEXT("done"));
}

static void on_repeat(void *ctx, struct view name, uint32_t round, struct view answer)
{
    struct desk *desk = ctx;
    struct heard *heard = &desk->heard[name.ptr[0]];

    (void)round;
    heard->repeats++;
    snprintf(heard->answer, sizeof heard->answer, "%.*s", (int)answer.len, (const char *)answer.ptr);
}

void desk_open(struct desk *desk, size_t memory, uint32_t transfers)
{
    const struct assembly_ports ports = {desk, on_grant, on_complete, on_repeat};

    memset(desk, 0, sizeof *desk);
    assert_int_equal(assembly_new(&ports, memory, transfers, &desk->assembly), STATUS_OK);
}

enum status desk_send(struct desk *desk, char sender, uint8_t transfer, uint32_t index, uint32_t count, uint64_t now)
{
    const uint8_t name = (uint8_t)sender, id[TRANSFER_SIZE] = {transfer};
    uint8_t bytes[DESK_CHUNK_BYTES];
    const struct chunk chunk = {.name = {&name, 1},
                                .round = 1,
                                .transfer = VIEW_OF(id),
                                .index = index,
                                .count = count,
                                .total = (uint64_t)count * DESK_CHUNK_BYTES,
                                .message = VIEW_OF(bytes)};

    fill_chunk(bytes, sender, transfer, index);
    desk->transfer[name] = transfer;
    return assembly_take(desk->assembly, &chunk, now);
}
