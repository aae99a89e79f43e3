/* policy_show_sim.c: simulated evidence in words. See policy_kind.h. */
#include "policy_kind.h"
#include "policy_words.h"
#include "sim.h"

void policy_show_sim(struct view bytes, FILE *out)
{
    uint8_t root[P256_POINT_SIZE];
    struct sim_rules rules;

    if (sim_rules_decode(bytes, &rules) != STATUS_OK || cose_key_decode(rules.root, root) != STATUS_OK)
        return;
    fputs("  SIMULATED evidence, at most ", out);
    words_duration(rules.max_age_s, out);
    fputs(" old, signed by the root\n    ", out);
    words_digits(VIEW_OF(root), out);
    fprintf(out, "\n  for a program with %s\n", rules.count == 1 ? "the SHA-256" : "one of the SHA-256");
    for (uint32_t i = 0; i < rules.count; i++) {
        fputs("    ", out);
        words_digits(rules.measurements[i], out);
        fputc('\n', out);
    }
}

/* The first line of all warnings says it of the whole policy. */
void policy_warn_sim(struct view rules, const struct policy_warner *to)
{
    (void)rules;
    (void)to;
}
