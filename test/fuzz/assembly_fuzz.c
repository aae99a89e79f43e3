/* assembly_take: chunks with any numbers (8 bytes each: sender, transfer, index, count, total (2), length (2)), and
 * time. What is in memory never exceeds the bound, and what is whole is as many bytes as were set aside at most. */
#include <stdlib.h>
#include <string.h>

#include "assembly.h"
#include "cose.h"

#define MEMORY (16 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void grant(void *ctx, struct view name, const struct need *need)
{
    (void)ctx;
    if (name.len == 0 || need->transfer.len != TRANSFER_SIZE || need->bitmap.len == 0)
        abort();
}

static void complete(void *ctx, const struct whole *whole)
{
    struct assembly **assembly = ctx;
    size_t bytes = 0;

    for (uint32_t i = 0; i < whole->count; i++)
        bytes += whole->chunks[i].len;
    if (bytes != whole->bytes || bytes > assembly_memory(*assembly))
        abort();
    assembly_finish(*assembly, whole, VIEW_TEXT("answer"));
}

static void repeat(void *ctx, struct view name, uint32_t round, struct view answer)
{
    (void)ctx;
    (void)name;
    (void)round;
    if (!view_equal(answer, VIEW_TEXT("answer")))
        abort();
}

/* A chunk as the numbers say; totals come in all sizes. */
static void take(struct assembly *assembly, const uint8_t numbers[static 8], uint64_t now)
{
    static const uint8_t bytes[UINT16_MAX];
    const uint8_t id[TRANSFER_SIZE] = {numbers[1]};
    const struct chunk chunk = {
        .name = {numbers, 1},
        .round = numbers[0] & 1,
        .transfer = VIEW_OF(id),
        .index = numbers[2],
        .count = numbers[3],
        .total = (uint64_t)numbers[4] << (numbers[5] & 63),
        .message = {bytes, (size_t)(numbers[6] | (numbers[7] & 31) << 8)},
    };

    (void)assembly_take(assembly, &chunk, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct assembly *assembly;
    const struct assembly_ports ports = {&assembly, grant, complete, repeat};
    uint64_t now = 0;

    if (assembly_new(&ports, MEMORY, 8, &assembly) != STATUS_OK)
        abort();
    for (; size >= 8; data += 8, size -= 8) {
        if (data[0] == 0xff)
            assembly_tick(assembly, now += data[1]);
        else if (data[0] == 0xfe)
            assembly_forget_rounds(assembly);
        else
            take(assembly, data, now);
        if (assembly_memory(assembly) > MEMORY)
            abort();
    }
    assembly_free(&assembly);
    return 0;
}
