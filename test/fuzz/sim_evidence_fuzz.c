/* sim_evidence_fuzz.c: any bytes as the payload of simulated evidence, and as the whole of it. */
#include <stdlib.h>

#include "sim.h"
#include "trust_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rules with a root that signs nothing here. */
static struct view make_rules(struct buf *memory)
{
    static const uint8_t digest[DIGEST_SIZE] = {1};
    const struct sim_rules rules = {
        .root = trust_cose_key(TRUST_ROOT),
        .count = 1,
        .measurements = {VIEW_OF(digest)},
        .max_age_s = 3600,
    };

    if (sim_rules_encode(&rules, memory) != STATUS_OK)
        abort();
    return buf_view(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[256];
    static struct view rules;
    const struct evidence evidence = {
        .kind = VIEW_TEXT(SIM_KIND),
        .bytes = {data, size},
        .federation = VIEW_TEXT("home"),
        .now = TRUST_NOW,
    };
    struct sim_evidence payload;
    struct appraisal appraisal;

    if (rules.len == 0)
        rules = make_rules(&BUF_OF(memory));
    if (sim_evidence_decode(evidence.bytes, &payload) == STATUS_OK && payload.measurement.len != DIGEST_SIZE)
        abort();
    if (sim_appraise(&evidence, &rules, &appraisal) == STATUS_OK)
        abort();
    return 0;
}
