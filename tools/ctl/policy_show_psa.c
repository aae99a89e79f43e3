/* policy_show_psa.c: PSA attestation tokens in words. See policy_kind.h. */
#include <inttypes.h>

#include "policy_kind.h"
#include "policy_words.h"
#include "psa_terms.h"

static void show_device(const struct psatoken_device *device, bool first, FILE *out)
{
    fprintf(out, "    %s%s", first ? "" : "or ", device->name.len > 0 ? "device " : "any device");
    words_text(device->name, out);
    fputs(" with a public key of ", out);
    words_fingerprint(device->key, out);
    fputs(device->instance.len > 0 ? ", instance " : ", instance: of that key", out);
    words_digits(device->instance, out);
    fputc('\n', out);
}

static void show_component(const struct psatoken_component *component, FILE *out)
{
    if (component->type.len > 0) {
        fputs("    component ", out);
        words_text(component->type, out);
        fputs(", with\n", out);
    } else {
        fputs("    component of any type, with\n", out);
    }
    words_allowed(WORDS_INDENT + 2, "measurement", &component->measurement, out);
    words_allowed(WORDS_INDENT + 2, "signer", &component->signer, out);
}

void policy_show_psa(struct view rules, FILE *out)
{
    struct psatoken_terms terms;

    if (psatoken_terms_decode(rules, &terms) != STATUS_OK)
        return;
    fputs("  a PSA attestation token of\n", out);
    for (uint32_t i = 0; i < terms.device_count; i++)
        show_device(&terms.devices[i], i == 0, out);
    words_allowed(WORDS_INDENT, "implementation", &terms.implementation, out);
    for (uint32_t i = 0; i < terms.component_count; i++)
        show_component(&terms.components[i], out);
    words_line(out, "components that fit none of these", "refused");
    words_line(out, "debugging", terms.debug ? "ACCEPTED" : "refused");
    words_line(out, "legacy profile (PSA_IOT_PROFILE_1)", terms.legacy ? "accepted" : "refused");
}

void policy_warn_psa(struct view rules, const struct policy_warner *to)
{
    struct psatoken_terms terms;
    uint32_t nameless = 0;

    if (psatoken_terms_decode(rules, &terms) != STATUS_OK)
        return;
    for (uint32_t i = 0; i < terms.device_count; i++)
        nameless += terms.devices[i].name.len == 0;
    if (nameless > 0)
        policy_warn_of(to,
                       "device with name=any: who holds its key may show its tokens under any name (%" PRIu32
                       " of %" PRIu32 ")",
                       nameless, terms.device_count);
    if (terms.implementation.any)
        policy_warn_of(to, "implementation any: whatever root of trust is accepted");
    for (uint32_t i = 0; i < terms.component_count; i++)
        if (terms.components[i].measurement.any)
            policy_warn_of(to, "component %" PRIu32 ": %s", i + 1,
                           terms.components[i].signer.any ? "any software of anybody is accepted"
                                                          : "any software of its signer is accepted");
    if (terms.debug)
        policy_warn_of(to, "debug is accepted: who is beside the device may read and change what it does");
    if (terms.legacy)
        policy_warn_of(to, "legacy: tokens of PSA_IOT_PROFILE_1 are accepted");
}
