/* sim_rules_fuzz.c: any bytes as the rules of simulated evidence. What decodes encodes to the same bytes. */
#include <stdlib.h>

#include "sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[ACCEPTED_SIZE_MAX];
    const struct view bytes = {data, size};
    struct buf again = BUF_OF(memory);
    struct sim_rules rules;

    if (sim_rules_decode(bytes, &rules) != STATUS_OK)
        return 0;
    if (sim_rules_encode(&rules, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes))
        abort();
    return 0;
}
