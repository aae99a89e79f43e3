/* node_message_fuzz.c: a member that is given any sequence of messages, ticks and results between good ones.
 *
 * The input is a list of {kind, length (2, big endian), bytes}. A kind below 8 is a message on a topic of the node; the
 * others are events, or the good message of a kind with the bytes xored over its front. */
#include <string.h>

#include "enclave_double.h"

static struct enclave_double enclave;
static struct device_double device;

static const char *const suffixes[] = {"aggregator/agg/evidence",
                                       "aggregator/agg/challenge",
                                       "credential/dev",
                                       "round/agg",
                                       "model/agg/0",
                                       "need/dev",
                                       "receipt/dev",
                                       "record/agg/1"};

/* A good message of that kind, as the double makes it. */
static struct view good(unsigned int kind)
{
    const struct manifest manifest = enclave_plan(&enclave, 2);
    const struct receipt receipt = {2, {enclave.base, 8}, STATUS_OK, VIEW_OF(enclave.base)};
    const struct record record = enclave_result(&enclave, 1, (struct view){NULL, 0});
    uint8_t digest[DIGEST_SIZE];

    switch (kind) {
    case 0:
        return enclave_bundle(&enclave);
    case 1:
        return enclave_challenge(&enclave, device.now + 1000);
    case 2: /* to a request, when there was one */
        return enclave.device_key[0] != 0 ? enclave_answer(&enclave, STATUS_OK) : (struct view){NULL, 0};
    case 3:
        return enclave_manifest(&enclave, &manifest);
    case 4:
        return enclave_chunk(&enclave, &manifest, 0);
    case 6:
        return enclave_receipt(&enclave, &receipt);
    default:
        return enclave_record(&enclave, &record, digest);
    }
}

static void hear_damaged(unsigned int kind, struct view mask)
{
    static uint8_t bytes[16384];
    const struct view message = good(kind);

    if (message.len == 0)
        return;
    memcpy(bytes, message.ptr, message.len);
    for (size_t i = 0; i < mask.len && i < message.len; i++)
        bytes[i] ^= mask.ptr[i];
    device_hear(&device, suffixes[kind], (struct view){bytes, message.len});
}

/* A whole round of good messages; where the device has got to by now, some of them may be out of place. */
static void play_round(uint32_t round)
{
    const struct manifest manifest = enclave_plan(&enclave, round);
    const unsigned int before = device.works;

    device_fetch(&device, &enclave, &manifest);
    if (device.works > before)
        device_finish(&device, 0.125f);
}

static void happen(unsigned int kind, struct view bytes)
{
    const struct tacit_result result = {.model = bytes.ptr, .model_size = bytes.len, .samples = 1};

    device_forget(&device);
    if (kind < 8)
        device_hear(&device, suffixes[kind], bytes);
    else if (kind < 16)
        hear_damaged(kind - 8, bytes);
    else if (kind == 16)
        device_wait(&device, (unsigned int)bytes.len % 32);
    else if (kind == 17)
        tacit_node_trained(device.node, &result, device.now);
    else if (kind == 18)
        play_round(1 + (uint32_t)bytes.len);
    else
        device.room = (unsigned int)bytes.len;
    if (device_said(&device, "enrol/agg/dev") != NULL)
        enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view rest = {data, size < 4096 ? size : 4096};

    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    if (rest.len > 0 && rest.ptr[0] % 2 == 0)
        device_enrol(&device, &enclave);
    for (unsigned int steps = 0; rest.len >= 3 && steps < 16; steps++) {
        const size_t announced = (size_t)rest.ptr[1] << 8 | rest.ptr[2], left = rest.len - 3;
        const struct view bytes = {rest.ptr + 3, announced < left ? announced : left};

        happen(rest.ptr[0] % 20, bytes);
        rest = (struct view){bytes.ptr + bytes.len, left - bytes.len};
    }
    device_stop(&device);
    return 0;
}
