/* revoking.c: the owner takes back what it trusted, as `tacit revoke` and `tacit unrevoke` do: a list with a version, kept
 * by the owner, signed, sent to each aggregator until it holds it. And what must hold of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraise.h"
#include "federation_private.h"
#include "node_private.h"
#include "revocation.h"
#include "revocation_support.h"
#include "simulation.h"
#include "steps_private.h"

static struct revoked_version *next_version(struct sim *sim)
{
    struct revoking *revoking = &sim->revoking;

    return revoking->version + 1 == SIM_LISTS ? NULL : &revoking->list[++revoking->version];
}

static void sign_version(struct sim *sim, struct revoked_version *list)
{
    struct revocation_draft draft = {.version = sim->revoking.version};
    unsigned int count = 0;

    for (unsigned int i = 0; i < sim->device_count && count < ARRAY_LEN(draft.devices); i++)
        if (list->devices >> i & 1)
            draft.devices[count++] = sim->devices[i].name;
    draft.measurement = list->program ? other_measurement : NULL;
    draft.cti = list->credential ? list->cti : NULL;
    /* The owner is one: any aggregator's federation has its key. */
    list->signed_list = sign_revocations(&sim->machines[0].federation, &draft);
    sim_trace(sim, "owner", "revocation list %llu: devices %02x%s%s", (unsigned long long)draft.version, list->devices,
              list->program ? ", a program" : "", list->credential ? ", a credential" : "");
}

/* Some device more or less, at most four; now and then the second program, or a credential in use. */
void revoking_change(struct sim *sim)
{
    const struct revoked_version *before = &sim->revoking.list[sim->revoking.version];
    const struct device *device = &sim->devices[dice_below(&sim->dice, sim->device_count)];
    struct revoked_version *list = next_version(sim);

    if (list == NULL)
        return;
    list->program = before->program;
    list->devices = before->devices;
    if (dice_chance(&sim->dice, 200))
        list->program = !list->program;
    else
        list->devices ^= 1u << device->index;
    while (__builtin_popcount(list->devices) > 2)
        list->devices &= list->devices - 1;
    if (device->node != NULL && enrol_is_member(device->node) && dice_chance(&sim->dice, 300)) {
        list->credential = true;
        memcpy(list->cti, device->node->grant.cti, CTI_SIZE);
    }
    sign_version(sim, list);
}

void revoking_take_back(struct sim *sim)
{
    struct revoked_version *list;

    if (sim->revoking.version == 0 || (list = next_version(sim)) == NULL)
        return;
    sign_version(sim, list);
}

void revoking_end(struct sim *sim)
{
    for (size_t i = 0; i < SIM_LISTS; i++)
        free(sim->revoking.list[i].signed_list.ptr);
}

uint64_t revoking_version_of(struct view signed_list)
{
    struct cose_sign1 parts;
    struct revocations list;

    if (cose_sign1_decode(signed_list, &parts) != STATUS_OK || revocations_decode(parts.payload, &list) != STATUS_OK)
        return 0;
    return list.version;
}

/* ---- what must hold ---- */

static const struct revoked_version *held(const struct machine *machine)
{
    return &machine->sim->revoking.list[machine->revoked];
}

/* A request of the owner was obeyed: which one, the owner knows by its bytes. */
void invariant_revoked_obeyed(struct machine *machine, struct view sealed, struct view answer)
{
    struct owner_desk *desk = &machine->sim->desks[machine->index];
    uint8_t digest[DIGEST_SIZE];

    must(sha256(sealed, digest), "request");
    for (uint32_t i = 0; i < SIM_SENT; i++) {
        struct sent *sent = &desk->sent[i];
        if (memcmp(sent->digest, digest, DIGEST_SIZE) != 0)
            continue;
        if (sent->obeyed)
            sim_violate(machine->sim, "obeyed_once", "the enclave of %s obeys a request twice", machine->name);
        sent->obeyed = true;
        must(sha256(answer, sent->answer), "answer");
        if (sent->revoked == 0)
            return;
        if (sent->revoked < machine->revoked)
            sim_violate(machine->sim, "revoked_stays", "the enclave of %s goes back from list %llu to %llu",
                        machine->name, (unsigned long long)machine->revoked, (unsigned long long)sent->revoked);
        machine->revoked = sent->revoked;
        return;
    }
}

/* An enclave booted with this list, or with none: an honest host hands it all that it told the owner is in force. */
void invariant_revoked_stays(struct machine *machine, struct view signed_list)
{
    machine->revoked = signed_list.len > 0 ? revoking_version_of(signed_list) : 0;
    if (machine->revoked < machine->revoked_told && !machine->hostile && !machine->restored)
        sim_violate(machine->sim, "revoked_stays", "%s told the owner that list %llu is in force, and boots with %llu",
                    machine->name, (unsigned long long)machine->revoked_told, (unsigned long long)machine->revoked);
}

static bool is_revoked(const struct machine *machine, unsigned int device)
{
    const struct revoked_version *list = held(machine);

    return (list->devices >> device & 1) != 0 || (list->program && machine->sim->devices[device].other_program);
}

/* Once the enclave has the list, no update of a device in it comes into a sum. */
void invariant_revoked_not_counted(struct machine *machine, unsigned int device, struct view first_chunk)
{
    const struct revoked_version *list = held(machine);
    struct cose_encrypt0 parts;

    if (device >= machine->sim->device_count)
        return;
    if (is_revoked(machine, device))
        sim_violate(machine->sim, "revoked_not_counted", "%s counts %s, which list %llu revokes", machine->name,
                    machine->sim->devices[device].name, (unsigned long long)machine->revoked);
    else if (list->credential && cose_encrypt0_decode(first_chunk, &parts) == STATUS_OK &&
             view_equal(parts.kid, VIEW_OF(list->cti)))
        sim_violate(machine->sim, "revoked_not_counted", "%s counts by a credential that list %llu revokes",
                    machine->name, (unsigned long long)machine->revoked);
}

void invariant_revoked_not_enrolled(struct machine *machine, unsigned int device)
{
    if (device < machine->sim->device_count && is_revoked(machine, device))
        sim_violate(machine->sim, "revoked_not_enrolled", "%s enrols %s, which list %llu revokes", machine->name,
                    machine->sim->devices[device].name, (unsigned long long)machine->revoked);
}
