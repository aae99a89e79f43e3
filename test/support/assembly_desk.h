/* assembly_desk.h: for tests: an assembly whose ports remember what they were told. */
#ifndef SUPPORT_ASSEMBLY_DESK_H
#define SUPPORT_ASSEMBLY_DESK_H

#include "assembly.h"

#define DESK_MEMORY      (64 * 1024)
#define DESK_CHUNK_BYTES 100

/** What the ports were told of a sender; names are one letter. */
struct heard {
    unsigned int grants, wholes, repeats;
    uint8_t bitmap[CHUNKS_MAX / 8]; /* of the last grant */
    size_t bitmap_len;
    size_t bytes; /* of the last whole */
    char answer[16];
};

struct desk {
    struct assembly *assembly;
    struct heard heard['z' + 1];
    char order[64]; /* in which senders were granted for the first time */
    uint8_t transfer['z' + 1];
};

void desk_open(struct desk *desk, size_t memory, uint32_t transfers);

/** Hands over chunk `index` of a transfer of `count` chunks of DESK_CHUNK_BYTES. When it is whole, the test fails
 *  unless every chunk is the right one; it is finished with the answer "done". */
enum status desk_send(struct desk *desk, char sender, uint8_t transfer, uint32_t index, uint32_t count, uint64_t now);

#endif
