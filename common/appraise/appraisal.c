/* appraisal.c: see appraisal.h. */
#include "appraisal.h"

#include <assert.h>

void appraisal_begin(struct appraisal *appraisal, struct view kind)
{
    *appraisal = (struct appraisal){.kind = kind};
}

void appraisal_take_check(struct appraisal *appraisal, const struct check *check)
{
    assert(appraisal->check_count < APPRAISAL_CHECKS_MAX);
    appraisal->checks[appraisal->check_count++] = *check;
}

enum status appraisal_check(struct appraisal *appraisal, const char *name, enum status status)
{
    struct check check = {.name = name};

    (void)check_note(&check, status);
    appraisal_take_check(appraisal, &check);
    return status;
}

void appraisal_unchecked(struct appraisal *appraisal, const char *name)
{
    appraisal_take_check(appraisal, &(struct check){.name = name, .outcome = CHECK_NOT_MADE});
}

static void add(struct appraisal *appraisal, struct appraisal_field field)
{
    if (appraisal->field_count < APPRAISAL_FIELDS_MAX)
        appraisal->fields[appraisal->field_count++] = field;
}

void appraisal_bytes(struct appraisal *appraisal, const char *name, struct view bytes)
{
    if (bytes.len > 0)
        add(appraisal, (struct appraisal_field){.name = name, .type = FIELD_BYTES, .bytes = bytes});
}

void appraisal_text(struct appraisal *appraisal, const char *name, struct view text)
{
    if (text.len > 0)
        add(appraisal, (struct appraisal_field){.name = name, .type = FIELD_TEXT, .bytes = text});
}

void appraisal_number(struct appraisal *appraisal, const char *name, uint64_t number)
{
    add(appraisal, (struct appraisal_field){.name = name, .type = FIELD_NUMBER, .number = number});
}

void appraisal_truth(struct appraisal *appraisal, const char *name, bool truth)
{
    add(appraisal, (struct appraisal_field){.name = name, .type = FIELD_TRUTH, .number = truth});
}

struct view appraisal_keep(struct buf *space, struct view bytes)
{
    const size_t start = space->len;

    if (buf_append(space, bytes) != STATUS_OK)
        return (struct view){NULL, 0};
    return (struct view){space->ptr + start, bytes.len};
}

const struct check *appraisal_failed(const struct appraisal *appraisal)
{
    for (uint32_t i = 0; i < appraisal->check_count; i++)
        if (appraisal->checks[i].outcome == CHECK_FAILED)
            return &appraisal->checks[i];
    return NULL;
}

enum status appraisal_end(struct appraisal *appraisal)
{
    appraisal->reason = checks_verdict(appraisal->checks, appraisal->check_count);
    return appraisal->reason;
}
