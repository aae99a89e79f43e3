/* assembly.h: transfers that arrive in chunks, put together within a bound of memory, and the credit that paces them.
 *
 * A transfer is a sealed update or an owner's request; nothing in it is opened or believed here. Its first chunk is an
 * offer. Room for the whole is set aside before anything is granted, so what is in flight never exceeds the bound;
 * offers that find no room wait in line. No I/O and no clock: what is to be sent goes to a port. */
#ifndef HOST_ASSEMBLY_H
#define HOST_ASSEMBLY_H

#include "wire_limits.h"
#include "need.h"

#define ASSEMBLY_RETRY_S   5  /* without progress: what is missing is granted again */
#define ASSEMBLY_GIVE_UP_S 60 /* without progress: the room is given to others; the sender will offer again */

/** A chunk as it came. */
struct chunk {
    struct view name;     /* device, or request id of the owner */
    uint32_t round;       /* 0 for an owner's request */
    struct view transfer; /* TRANSFER_SIZE */
    uint32_t index, count;
    uint64_t total;      /* plaintext bytes of the whole */
    struct view message; /* kept as it is */
};

/** A transfer that is whole. Chunks in order; they live until assembly_finish or assembly_forget. */
struct whole {
    struct view name;
    uint32_t round, count;
    const struct view *chunks;
    size_t bytes; /* of all chunks */
};

struct assembly;

struct assembly_ports {
    void *ctx;
    /** Tells the sender which chunks it may send. */
    void (*grant)(void *ctx, struct view name, const struct need *need);
    /** A transfer is whole. The callee answers it and calls assembly_finish before it returns. */
    void (*complete)(void *ctx, const struct whole *whole);
    /** The same transfer again, after it was finished with an answer that was kept. */
    void (*repeat)(void *ctx, struct view name, uint32_t round, struct view answer);
};

/** memory_max: bytes of sealed chunks at any time; transfers_max: transfers, waiting ones included. STATUS_IO. */
MUST_USE enum status assembly_new(const struct assembly_ports *ports, size_t memory_max, uint32_t transfers_max,
                                  struct assembly **out);
void assembly_free(struct assembly **assembly);

/**
 * Takes a chunk. Returns STATUS_OK also when it is a duplicate or was not granted and is therefore left aside;
 * STATUS_NO_SPACE  the transfer could never fit memory_max, or the line is full;
 * STATUS_CHUNK_MIXED it contradicts the chunks that came before; STATUS_MALFORMED impossible numbers.
 */
MUST_USE enum status assembly_take(struct assembly *assembly, const struct chunk *chunk, uint64_t now_s);

/** Within `complete`: frees the chunks; answer (may be empty) is kept and repeated when the transfer is offered again. */
void assembly_finish(struct assembly *assembly, const struct whole *whole, struct view answer);

/** Forgets all updates (transfers with a round other than 0), as when their round is closed. */
void assembly_forget_rounds(struct assembly *assembly);

/** Grants again what stands still, gives up what is dead, admits who waits. Call about once a second. */
void assembly_tick(struct assembly *assembly, uint64_t now_s);

size_t assembly_memory(const struct assembly *assembly);

#endif
