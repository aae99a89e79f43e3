/* revoked.c: see revoked.h. */
#include "revoked.h"

#include <stdlib.h>
#include <string.h>

#include "credential.h"
#include "values.h"

static int compare_identities(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct identity));
}

/* Copies the message and notes where its entries stand. It was verified, so every entry reads well. */
static enum status fill(struct revoked_list *list, struct view signed_list, const struct revocations *parts,
                        struct view payload)
{
    /* The parts view into the caller's message; entries must view into the copy. */
    struct reader devices =
        reader_of((struct view){list->bytes + (parts->devices.ptr - signed_list.ptr), parts->devices.len});
    struct reader credentials =
        reader_of((struct view){list->bytes + (parts->credentials.ptr - signed_list.ptr), parts->credentials.len});
    struct reader programs = reader_of(parts->programs);

    memcpy(list->bytes, signed_list.ptr, signed_list.len);
    list->signed_list = (struct view){list->bytes, signed_list.len};
    list->payload = (struct view){list->bytes + (payload.ptr - signed_list.ptr), payload.len};
    list->version = parts->version;
    list->devices = parts->device_count;
    list->credentials = parts->credential_count;
    list->programs = parts->program_count;
    for (uint32_t i = 0; i < list->devices; i++)
        list->entries[i] = read_name(&devices);
    for (uint32_t i = 0; i < list->credentials; i++)
        list->entries[list->devices + i] = read_fixed(&credentials, CTI_SIZE);
    for (uint32_t i = 0; i < list->programs; i++) {
        const struct revoked_program program = read_revoked_program(&programs);
        TRY(appraisal_identity(program.kind, program.measurement, list->identities[i].digest));
    }
    qsort(list->identities, list->programs, sizeof *list->identities, compare_identities);
    return STATUS_OK;
}

enum status revoked_take(struct revoked *revoked, struct view signed_list, struct view owner_point,
                         struct view federation)
{
    struct revoked_list *next = revoked->held == &revoked->room[0] ? &revoked->room[1] : &revoked->room[0];
    struct revocations parts;
    struct view payload;

    if (signed_list.len > sizeof next->bytes)
        return STATUS_NO_SPACE;
    TRY(revocations_verify(signed_list, owner_point, federation, &parts, &payload));
    if (parts.version < revoked_version(revoked))
        return STATUS_REVOCATIONS_ROLLBACK;
    if (parts.version == revoked_version(revoked))
        return view_equal(payload, revoked->held->payload) ? STATUS_OK : STATUS_REVOCATIONS_ROLLBACK;
    TRY(fill(next, signed_list, &parts, payload));
    revoked->held = next;
    return STATUS_OK;
}

/* An entry of a list, by its place. */
typedef struct view entry_at(const struct revoked_list *list, uint32_t place);

static struct view name_at(const struct revoked_list *list, uint32_t place)
{
    return list->entries[place];
}

static struct view identity_at(const struct revoked_list *list, uint32_t place)
{
    return VIEW_OF(list->identities[place].digest);
}

/* Whether it is one of the ascending entries from `first` to before `end`. */
static bool contains(const struct revoked_list *list, entry_at *at, uint32_t first, uint32_t end, struct view wanted)
{
    while (first < end) {
        const uint32_t middle = first + (end - first) / 2;
        const int order = view_compare(wanted, at(list, middle));

        if (order == 0)
            return true;
        if (order > 0)
            first = middle + 1;
        else
            end = middle;
    }
    return false;
}

bool revoked_device(const struct revoked *revoked, struct view device)
{
    const struct revoked_list *held = revoked->held;

    return held != NULL && contains(held, name_at, 0, held->devices, device);
}

bool revoked_credential(const struct revoked *revoked, struct view cti)
{
    const struct revoked_list *held = revoked->held;

    return held != NULL && contains(held, name_at, held->devices, held->devices + held->credentials, cti);
}

bool revoked_identity(const struct revoked *revoked, struct view identity)
{
    const struct revoked_list *held = revoked->held;

    return held != NULL && contains(held, identity_at, 0, held->programs, identity);
}

uint64_t revoked_version(const struct revoked *revoked)
{
    return revoked->held != NULL ? revoked->held->version : 0;
}

uint32_t revoked_count(const struct revoked *revoked)
{
    const struct revoked_list *held = revoked->held;

    return held != NULL ? held->devices + held->credentials + held->programs : 0;
}
