/* ledger.c: models and secrets; see ledger.h. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "model.h"
#include "simulation.h"

void ledger_free(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->model_count; i++)
        free(ledger->models[i].bytes.ptr);
}

struct view ledger_model(const struct ledger *ledger, const uint8_t digest[static DIGEST_SIZE])
{
    for (uint32_t i = 0; i < ledger->model_count; i++)
        if (memcmp(ledger->models[i].digest, digest, DIGEST_SIZE) == 0)
            return buf_view(&ledger->models[i].bytes);
    return (struct view){NULL, 0};
}

void ledger_add_model(struct ledger *ledger, struct view bytes)
{
    uint8_t digest[DIGEST_SIZE];
    struct ledger_model *model = &ledger->models[ledger->model_count];

    must(sha256(bytes, digest), "model's digest");
    if (ledger_model(ledger, digest).len > 0)
        return;
    if (++ledger->model_count == LEDGER_MODELS)
        abort();
    memcpy(model->digest, digest, DIGEST_SIZE);
    buf_replace(&model->bytes, bytes);
    for (size_t at = bytes.len - 4 * (MODEL_VALUES / 3); at + LEDGER_NEEDLE <= bytes.len; at += 48)
        ledger_secret(ledger, "a model in clear", bytes, at);
}

void ledger_values(struct view model, float values[static MODEL_VALUES])
{
    struct model_layout layout;
    size_t done = 0;

    must(model_decode(model, MODEL_VALUES, &layout), "model");
    for (uint32_t t = 0; t < layout.count; t++)
        for (uint64_t i = 0; i < layout.tensors[t].elements; i++) {
            const uint32_t bits = read_le32(model.ptr + layout.tensors[t].offset + 4 * i);
            memcpy(&values[done++], &bits, sizeof bits);
        }
}

/* -1..1. Each step is rounded to float by itself: some machines would compute the whole in double (FLT_EVAL_METHOD 1). */
static float draw_change(struct dice *dice)
{
    const float millionths = (float)((int32_t)dice_below(dice, 2000001) - 1000000);

    return millionths / 1e6f;
}

/* Changes of up to one, that follow from the seed, the device and the model it began from. */
uint32_t ledger_work(const struct sim *sim, unsigned int device, struct view base, float trained[static MODEL_VALUES])
{
    uint8_t digest[DIGEST_SIZE];
    struct dice dice;

    must(sha256(base, digest), "base");
    ledger_values(base, trained);
    dice.state = sim->seed * 31 + device * UINT64_C(1000000007) + read_be64(digest);
    for (size_t i = 0; i < MODEL_VALUES; i++) {
        const float change = draw_change(&dice);

        trained[i] = trained[i] + change;
    }
    return dice_between(&dice, 1, 1000);
}

void ledger_secret(struct ledger *ledger, const char *name, struct view bytes, size_t at)
{
    const uint8_t *needle = bytes.ptr + at;
    const unsigned int begin = (unsigned int)needle[0] << 8 | needle[1];
    uint8_t *bits = &ledger->begins[begin / 8];

    if (*bits & 1u << begin % 8)
        for (uint32_t i = 0; i < ledger->secret_count; i++)
            if (memcmp(ledger->secrets[i], needle, LEDGER_NEEDLE) == 0)
                return;
    if (ledger->secret_count == LEDGER_SECRETS)
        return;
    *bits |= (uint8_t)(1u << begin % 8);
    ledger->secret_names[ledger->secret_count] = name;
    memcpy(ledger->secrets[ledger->secret_count++], needle, LEDGER_NEEDLE);
}

void ledger_boot_ends(struct machine *machine)
{
    struct ledger *ledger = &machine->sim->ledger;

    for (uint32_t i = 0; i < ledger->round_count; i++)
        if (ledger->rounds[i].machine == machine->index)
            ledger->rounds[i].dead = true;
    ledger->changed = true;
}

bool ledger_has_record(const struct ledger *ledger, unsigned int machine, const uint8_t digest[static DIGEST_SIZE])
{
    for (uint32_t i = ledger->round_count; i-- > 0;)
        if (ledger->rounds[i].closed && ledger->rounds[i].machine == machine &&
            memcmp(ledger->rounds[i].digest, digest, DIGEST_SIZE) == 0)
            return true;
    return false;
}
