/* policy_text_psa.c: the block of PSA attestation tokens in the owner's policy. */
#include <string.h>

#include "policy_kind.h"
#include "policy_text.h"
#include "policy_values.h"
#include "psa_terms.h"

#define DIGEST_MIN 32 /* of a measurement, of a signer: 32, 48 or 64 bytes */
#define DIGEST_MAX 64
#define ZEROS      "0000000000000000000000000000000000000000000000000000000000000000"

struct psa_text {
    struct psatoken_terms terms;
    int debug, legacy; /* places of their words */
};

#define AT(member) .offset = offsetof(struct psa_text, member)

static bool is_same(const struct psatoken_device *a, const struct psatoken_device *b)
{
    if (a->instance.len == 0 && b->instance.len == 0)
        return view_equal(a->key, b->key);
    return view_equal(a->instance, b->instance);
}

static enum status take_instance(const struct config_line *line, const char *word, struct view *out)
{
    TRY(policy_hex(line, word, PSATOKEN_INSTANCE_SIZE, PSATOKEN_INSTANCE_SIZE, out));
    return out->ptr[0] == 1 ? STATUS_OK : config_refuse_line(line, "instance= begins with 01");
}

/* field: struct psatoken_terms. */
static enum status take_device(const struct config_line *line, void *field)
{
    struct policy_part parts[] = {{"name", false, NULL}, {"instance", true, NULL}};
    struct psatoken_terms *terms = field;
    struct psatoken_device *device = &terms->devices[terms->device_count];
    char *rest = line->value, *word;
    struct public_key checked;

    TRY(policy_next(line, &rest, "the key of the device", &word));
    TRY(policy_parts(line, rest, parts, ARRAY_LEN(parts)));
    TRY(policy_device_name(line, parts[0].value, &device->name));
    if (parts[1].value != NULL)
        TRY(take_instance(line, parts[1].value, &device->instance));
    TRY(policy_public_key(line, word, POLICY_FILE_MAX, &device->key));
    if (public_key_from_spki(device->key, &checked) != STATUS_OK || checked.kind == PUBLIC_KEY_RSA)
        return config_refuse_line(line, "%.128s: a key of the curves P-256, P-384 or P-521 is wanted", word);
    for (uint32_t i = 0; i < terms->device_count; i++)
        if (is_same(&terms->devices[i], device))
            return config_refuse_line(line, "the same key or instance stands twice");
    terms->device_count++;
    return STATUS_OK;
}

static enum status take_digests(const struct config_line *line, char *word, struct allowed *out)
{
    TRY(policy_hex_list(line, word, DIGEST_MIN, DIGEST_MAX, out));
    for (uint32_t i = 0; i < out->count; i++)
        if (out->list[i].len % 16 != 0)
            return config_refuse_line(line, "a digest has 64, 96 or 128 digits");
    return STATUS_OK;
}

/* field: struct psatoken_terms. */
static enum status take_component(const struct config_line *line, void *field)
{
    struct policy_part parts[] = {{"type", false, NULL}, {"measurement", false, NULL}, {"signer", false, NULL}};
    struct psatoken_terms *terms = field;
    struct psatoken_component *component = &terms->components[terms->component_count];

    TRY(policy_parts(line, line->value, parts, ARRAY_LEN(parts)));
    if (strcmp(parts[0].value, "any") != 0)
        component->type = view_of_string(parts[0].value);
    if (component->type.len > PSATOKEN_TYPE_MAX || parts[0].value[0] == '\0')
        return config_refuse_line(line, "type= has 1 to %d characters", PSATOKEN_TYPE_MAX);
    TRY(take_digests(line, parts[1].value, &component->measurement));
    TRY(take_digests(line, parts[2].value, &component->signer));
    terms->component_count++;
    return STATUS_OK;
}

static const struct config_key keys[] = {
    {.name = "device",
     .type = CONFIG_LINE,
     .take = take_device,
     AT(terms),
     .max = PSATOKEN_DEVICES_MAX,
     .required = true,
     .doc = "A device that was enrolled: its public key or certificate (a file in PEM or DER, or the DER of a\n"
            "SubjectPublicKeyInfo as digits), name= its name, or any; instance= its instance id where that is not\n"
            "01 and the SHA-256 of the key. May be repeated.",
     .sample = "keys/sensor-1.pub name=sensor-1"},
    {.name = "implementation",
     .type = CONFIG_LINE,
     .take = policy_take_digests_or_any,
     AT(terms.implementation),
     .min = PSATOKEN_IMPLEMENTATION_SIZE,
     .max = ALLOWED_MAX,
     .required = true,
     .doc = "Implementation id: the immutable part of the root of trust. May be repeated; or `any`.",
     .sample = ZEROS},
    {.name = "component",
     .type = CONFIG_LINE,
     .take = take_component,
     AT(terms),
     .max = PSATOKEN_COMPONENTS_MAX,
     .required = true,
     .doc = "Software: each that a token names must fit one of these lines, and each of these lines one of it.\n"
            "type= measurement= signer=: the value, or any; of the last two also several with commas between.",
     .sample = "type=PRoT measurement=" ZEROS " signer=" ZEROS},
    {.name = "debug",
     .type = CONFIG_CHOICE,
     AT(debug),
     .words = policy_no_yes,
     .doc = "Whether devices with debugging enabled are accepted.",
     .sample = "no"},
    {.name = "legacy",
     .type = CONFIG_CHOICE,
     AT(legacy),
     .words = policy_no_yes,
     .doc = "Whether tokens of the old profile PSA_IOT_PROFILE_1 are accepted.",
     .sample = "no"},
    {0},
};

static enum status make(const struct policy_block *block, struct buf *rules)
{
    const struct psa_text *text = block->block->target;
    struct psatoken_terms terms = text->terms;

    terms.debug = text->debug != 0;
    terms.legacy = text->legacy != 0;
    return psatoken_terms_encode(&terms, rules);
}

const struct policy_kind policy_psa = {
    {PSATOKEN_KIND, keys, sizeof(struct psa_text)}, make, policy_show_psa, policy_warn_psa};
