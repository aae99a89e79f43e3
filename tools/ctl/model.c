/* model.c: `tacit model import` and `tacit model export`. */
#include <stdio.h>

#include "file.h"
#include "heap.h"
#include "model_fetch.h"
#include "model_file.h"
#include "network.h"

static const char *check_import(void *ctx)
{
    const struct argument_texts *words = ctx;

    return words->count == 1 ? NULL : "a FILE is needed";
}

static enum status import(void *ctx, const struct profile *profile, struct reason *reason)
{
    const struct argument_texts *words = ctx;
    CLEANUP(model_file_free) struct model_file file = {0};
    struct owner_wish wish = {.command = OWNER_PUT_MODEL};
    struct owner_outcome outcome;
    char digest[2 * SHA256_SIZE + 1];

    TRY(model_file_read(words->list[0], &file, reason));
    wish.model = buf_view(&file.encoded);
    TRY(owner_ask(profile, &wish, &outcome, reason));
    if (!outcome.has_model || !view_equal(VIEW_OF(outcome.model_digest), VIEW_OF(file.digest)))
        return STATUS_MODEL_OTHER;
    hex_encode(VIEW_OF(file.digest), digest);
    printf("the enclave holds the model %s%s\n", digest, network_simulated(outcome.simulated));
    return STATUS_OK;
}

int model_import_command(const struct command *self, int argc, char *argv[])
{
    static const struct argument none[] = {{0}};
    struct argument_texts words = {.count = 0};
    const struct network_command command = {
        .options = none, .words = &words, .ctx = &words, .check = check_import, .work = import};

    return network_run(self, &command, argc, argv);
}

static enum status write_model(const struct profile *profile, const struct fetched_model *model, const char *path,
                               struct reason *reason)
{
    CLEANUP(heap_give) struct buf bytes = {0};
    char digest[2 * DIGEST_SIZE + 1], round[16];
    const struct safetensors_entry metadata[] = {
        {"tacit.digest", digest},
        {"tacit.round", round},
        {"tacit.federation", profile->federation},
        {"tacit.simulated", model->simulated ? "true" : "false"},
    };

    hex_encode(VIEW_OF(model->digest), digest);
    (void)snprintf(round, sizeof round, "%u", (unsigned int)model->round);
    /* An encoded model holds four bytes for a parameter, and more. */
    TRY(heap_take(safetensors_encoded_max(model->encoded.len / sizeof(float)), &bytes));
    TRY(safetensors_encode(buf_view(&model->encoded), metadata, ARRAY_LEN(metadata), &bytes));
    TRY(file_write(path, 0600, buf_view(&bytes), reason));
    printf("%s: model %s, announced for round %s%s\n", path, digest, round, network_simulated(model->simulated));
    return STATUS_OK;
}

static void fetched_model_free(struct fetched_model *model)
{
    heap_give(&model->encoded);
}

static const char *check_export(void *ctx)
{
    return *(const char **)ctx != NULL ? NULL : "-o FILE is needed";
}

static enum status export(void *ctx, const struct profile *profile, struct reason *reason) {
    const struct owner_wish wish = {.command = OWNER_MODEL_KEY};
    CLEANUP(owner_outcome_wipe) struct owner_outcome outcome = {.round = 0};
    CLEANUP(fetched_model_free) struct fetched_model model = {.round = 0};
    struct model_fetch_key key;

    TRY(owner_ask(profile, &wish, &outcome, reason));
    key = (struct model_fetch_key){VIEW_OF(outcome.model_key), VIEW_OF(outcome.boot_id)};
    TRY(model_fetch(profile, &key, &model, reason));
    return write_model(profile, &model, *(const char **)ctx, reason);
}

int model_export_command(const struct command *self, int argc, char *argv[])
{
    const char *to = NULL;
    const struct argument table[] = {{"-o", ARGUMENT_TEXT, &to, 0, 0}, {0}};
    const struct network_command command = {.options = table, .ctx = &to, .check = check_export, .work = export};

    return network_run(self, &command, argc, argv);
}
