/* gate.c: the table of calls and the frames; see gate.h. */
#include "gate.h"

#include <string.h>

static const uint8_t magic[4] = {'T', 'G', '0', '1'};

#define BOOTED (GATE_EMPTY | GATE_IDLE | GATE_ROUND)

static const struct gate_row rows[GATE_CALLS] = {
    /* call                name, phases, large request, large response */
    [GATE_BOOT] = {"boot", GATE_NEW, true, false},
    [GATE_ATTEST] = {"attest", BOOTED, false, false},
    [GATE_CHALLENGE] = {"challenge", BOOTED, false, false},
    [GATE_ENROL] = {"enrol", BOOTED, false, false},
    [GATE_OWNER] = {"owner", BOOTED, true, false},
    [GATE_OPEN] = {"open", GATE_IDLE, false, false},
    [GATE_MODEL_CHUNK] = {"model chunk", GATE_IDLE | GATE_ROUND, false, false},
    [GATE_UPDATE] = {"update", BOOTED, true, false},
    [GATE_CLOSE] = {"close", GATE_ROUND, false, false},
    [GATE_SEAL] = {"seal", GATE_IDLE | GATE_ROUND, false, true},
    [GATE_STATUS] = {"status", BOOTED, false, false},
    [GATE_REVOCATIONS] = {"revocations", BOOTED, false, false},
};

const struct gate_row *gate_find(uint32_t call)
{
    if (call >= GATE_CALLS || rows[call].name == NULL)
        return NULL;
    return &rows[call];
}

void gate_head_encode(const struct gate_head *head, uint8_t out[static GATE_HEAD_SIZE])
{
    memcpy(out, magic, sizeof magic);
    write_le32(out + 4, head->word);
    write_le32(out + 8, head->len);
}

enum status gate_head_decode(const uint8_t in[static GATE_HEAD_SIZE], struct gate_head *out)
{
    if (memcmp(in, magic, sizeof magic) != 0)
        return STATUS_MALFORMED;
    *out = (struct gate_head){read_le32(in + 4), read_le32(in + 8)};
    return STATUS_OK;
}
