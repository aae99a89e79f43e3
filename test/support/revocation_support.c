/* revocation_support.c: see revocation_support.h. */
#include "revocation_support.h"

#include <stdlib.h>

#include "bind.h"
#include "federation_private.h"
#include "revocation.h"
#include "sim.h"
#include "values.h"

#define ENTRIES_MAX 1024

struct buf sign_revocations(struct federation *federation, const struct revocation_draft *draft)
{
    uint8_t devices[ENTRIES_MAX], credentials[64], programs[128], payload[2 * ENTRIES_MAX];
    struct buf devices_buf = BUF_OF(devices), credentials_buf = BUF_OF(credentials), programs_buf = BUF_OF(programs);
    struct buf payload_buf = BUF_OF(payload), out = {.ptr = malloc(MESSAGE_MAX), .cap = MESSAGE_MAX};
    struct writer device_writer = writer_to(&devices_buf), credential_writer = writer_to(&credentials_buf);
    struct writer program_writer = writer_to(&programs_buf);
    struct revocations list = {.federation = VIEW_TEXT("fed"), .version = draft->version};
    struct place place;

    if (draft->federation != NULL)
        list.federation = view_of_string(draft->federation);
    while (list.device_count < ARRAY_LEN(draft->devices) && draft->devices[list.device_count] != NULL)
        write_name(&device_writer, view_of_string(draft->devices[list.device_count++]));
    if (draft->cti != NULL)
        write_fixed(&credential_writer, (struct view){draft->cti, CTI_SIZE}, CTI_SIZE);
    if (draft->measurement != NULL)
        write_revoked_program(&program_writer,
                              &(struct revoked_program){VIEW_TEXT(SIM_KIND), {draft->measurement, DIGEST_SIZE}});
    list.credential_count = draft->cti != NULL;
    list.program_count = draft->measurement != NULL;
    list.devices = buf_view(&devices_buf);
    list.credentials = buf_view(&credentials_buf);
    list.programs = buf_view(&programs_buf);
    must(revocations_encode(&list, &payload_buf), "revocations");
    place = (struct place){.federation = list.federation};
    must(bind_sign(PURPOSE_REVOCATIONS, &place, &federation->owner, &federation->random, buf_view(&payload_buf), &out),
         "revocations");
    return out;
}

enum status federation_revoke_signed(struct federation *federation, struct view signed_list)
{
    const struct owner_request request = {.command = OWNER_REVOKE, .revoked = signed_list};

    return federation_owner(federation, &request);
}

enum status federation_revoke(struct federation *federation, const struct revocation_draft *draft)
{
    struct buf list = sign_revocations(federation, draft);
    enum status status = federation_revoke_signed(federation, buf_view(&list));

    free(list.ptr);
    return status;
}
