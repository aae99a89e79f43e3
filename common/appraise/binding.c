/* binding.c: appraise_binding of appraise.h, alone in its file: a test that serves captured evidence, whose report data
 * cannot fit, puts a double in its place. */
#include "appraise.h"

enum status appraise_binding(struct view wanted, struct view found)
{
    if (wanted.len > found.len || !view_equal(wanted, (struct view){found.ptr, wanted.len}))
        return STATUS_EVIDENCE_BINDING;
    for (size_t i = wanted.len; i < found.len; i++)
        if (found.ptr[i] != 0)
            return STATUS_EVIDENCE_BINDING;
    return STATUS_OK;
}
