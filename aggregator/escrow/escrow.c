/* escrow.c: the keys of a simulated boot are the owner's for the asking, so that what devices send can be opened and its
 * rounds computed again (`tacit replay`). For tests: it undoes what the rest of the tree is for. See escrow.h. */
#include "escrow.h"

#include <string.h>

#include "core_private.h"
#include "sim.h"

const struct escrow_build escrow_build = {
    .program = "tacit-enclave-escrow",
    .warning =
        "WARNING: this program gives the keys of its boot to the federation's owner, who can then open every\n"
        "update of every device. It is for replays of simulated federations; nothing is confidential under it.\n",
    .gives = true,
};

static bool all_simulated(const struct accepted *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!view_equal(list[i].kind, VIEW_TEXT(SIM_KIND)))
            return false;
    return true;
}

/* Devices that show real evidence expect real confidence, and so do those who may find a real aggregator. */
enum status escrow_permits(const struct core *core)
{
    const struct policy *policy = &core->policy;

    return core->simulated && all_simulated(policy->aggregator, policy->aggregator_count) &&
                   all_simulated(policy->device, policy->device_count)
               ? STATUS_OK
               : STATUS_UNSUPPORTED;
}

enum status escrow_secret(const struct core *core, uint8_t out[static ESCROW_SIZE])
{
    const struct boot_keys *keys = &core->keys;

    memcpy(out, keys->epoch_secret, 32);
    memcpy(out + 32, keys->model_key, 32);
    memcpy(out + 64, keys->signing.scalar, P256_SCALAR_SIZE);
    memcpy(out + 96, keys->sealing.scalar, P256_SCALAR_SIZE);
    return STATUS_OK;
}
