/* verify_round.c: a round begins, and ends with its record; see verify_private.h. */
#include <inttypes.h>
#include <string.h>

#include "bundle.h"
#include "heap.h"
#include "model.h"
#include "record.h"
#include "verify_private.h"

/* ---- its base model ---- */

/* Which messages may hold the chunks that stand under a round's number: they are published before its manifest, and
 * retained ones come in any order. */
static struct capture_query chunks_query(const struct verifying *verifying, const struct index_round *at)
{
    const struct index_round *first = verifying->index->rounds, *end = first + verifying->index->round_count;
    const struct index_round *before = at, *after = at;
    struct capture_query query = CAPTURE_ALL;

    while (before > first && before->round == at->round)
        before--;
    while (after + 1 < end && after->round == at->round)
        after++;
    query.kind = TOPIC_MODEL;
    query.aggregator = verifying->place.aggregator;
    query.from = before->round == at->round ? 0 : before->manifest;
    query.to = after->round == at->round ? 0 : after->manifest;
    return query;
}

/* Is it a chunk of the model that is announced under that number? Its IV says so. */
static bool is_chunk_of(const struct captured *message, const struct manifest *manifest)
{
    struct cose_encrypt0 parts;

    return message->parsed && message->where.chunk < chunks_of(manifest->model_size, manifest->chunk_size) &&
           cose_encrypt0_decode(message->payload, &parts) == STATUS_OK && parts.iv.len == 12 &&
           read_be64(parts.iv.ptr) == manifest->round && read_be32(parts.iv.ptr + 8) == message->where.chunk;
}

static struct place chunk_place(const struct verifying *verifying, const struct manifest *manifest, uint32_t chunk)
{
    struct place place = verifying->place;

    place.round = manifest->round;
    place.chunk = chunk;
    place.chunks = (uint32_t)chunks_of(manifest->model_size, manifest->chunk_size);
    place.digest = manifest->base;
    return place;
}

static enum status open_chunk(const struct verifying *verifying, const struct manifest *manifest,
                              const struct captured *message, struct view model_key, struct buf *model)
{
    const uint32_t chunk = message->where.chunk;
    const struct place place = chunk_place(verifying, manifest, chunk);
    const size_t offset = (size_t)chunk * manifest->chunk_size;
    struct buf piece = {.ptr = model->ptr + offset, .cap = model->cap - offset};

    return bind_open_model_chunk(&place, model_key, message->payload, &piece);
}

static enum status fetch_base(struct verifying *verifying, const struct index_round *at,
                              const struct manifest *manifest, struct buf *out, uint32_t *chunk)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    const struct capture_query query = chunks_query(verifying, at);
    const struct view model_key = {verifying->index->boots[at->boot].secret + 32, 32};
    const uint32_t count = (uint32_t)chunks_of(manifest->model_size, manifest->chunk_size);
    uint8_t have[CHUNKS_MAX] = {0}, digest[DIGEST_SIZE];
    struct captured message;
    enum status status;
    uint32_t missing = count;

    if (manifest->model_size > model_encoded_max(verifying->index->boots[at->boot].policy.max_parameters))
        return STATUS_NO_SPACE;
    TRY(heap_take((size_t)manifest->model_size, out));
    TRY(source_find(verifying->source, &query, &cursor));
    while (missing > 0 && (status = source_next(cursor, &message)) == STATUS_OK) {
        if (!is_chunk_of(&message, manifest) || have[message.where.chunk])
            continue;
        *chunk = message.where.chunk;
        TRY(open_chunk(verifying, manifest, &message, model_key, out));
        have[message.where.chunk] = 1;
        missing--;
    }
    for (uint32_t i = 0; i < count && missing > 0; i++)
        if (!have[i]) {
            *chunk = i;
            return STATUS_CHUNK_MISSING;
        }
    out->len = (size_t)manifest->model_size;
    TRY(sha256(buf_view(out), digest));
    return view_equal(VIEW_OF(digest), manifest->base) ? STATUS_OK : STATUS_MODEL_OTHER;
}

enum status verify_base(struct verifying *verifying, const struct index_round *at, const struct manifest *manifest,
                        struct buf *out, uint32_t *chunk)
{
    struct gate_status status;

    if (verifying->boot != NULL && replayed_status(&verifying->core, &status) == STATUS_OK &&
        view_equal(status.model_digest, manifest->base))
        return replayed_model(&verifying->core, verifying->place.federation, verifying->place.aggregator, out);
    return fetch_base(verifying, at, manifest, out, chunk);
}

/* ---- it begins ---- */

enum status verify_open(struct verifying *verifying, const struct index_boot *boot, const struct verify_start *start,
                        struct view *message)
{
    CLEANUP(heap_give) struct buf sealed = {0};
    const struct manifest *manifest = &start->manifest;
    struct bundle bundle;
    struct gate_booted booted;
    struct core_state state = {
        .round = manifest->round - 1,
        .last_record = manifest->previous,
        .model = start->model,
        .work = {.rounds_left = manifest->task == TASK_TRAIN,
                 .evaluate = manifest->task == TASK_EVALUATE,
                 .target = manifest->target,
                 .deadline_s = (uint32_t)(manifest->deadline - boot->booted),
                 /* Before the first plan an announcement says the moment itself. */
                 .lasting = manifest->deadline > boot->booted},
        .policy = manifest->policy_digest,
    };
    struct replayed_boot from = {
        .aggregator = verifying->place.aggregator,
        .owner_key = VIEW_OF(verifying->owner_key),
        .boot_id = VIEW_OF(boot->boot_id),
        .secret = VIEW_OF(boot->secret),
        .booted = boot->booted,
        .revoked = buf_view(&verifying->revoked),
    };

    if (manifest->deadline < boot->booted || manifest->deadline - boot->booted > UINT32_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(bundle_decode(buf_view(&boot->bundle), &bundle));
    from.policy = bundle.policy;
    from.kind = bundle.kind;
    from.evidence = bundle.evidence;
    TRY(replayed_seal(&state, verifying->place.federation, verifying->place.aggregator, &sealed));
    from.state = buf_view(&sealed);
    TRY(replayed_boot(&verifying->core, &from, &booted));
    TRY(booted.restored);
    return replayed_message(&verifying->core, GATE_OPEN, 0, (struct view){NULL, 0}, message);
}

/* Every chunk that stands in the capture under this number must be what the core makes of its model. */
static enum status compare_chunks(struct verifying *verifying, const struct manifest *manifest)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    const struct capture_query query = chunks_query(verifying, verifying->at);
    struct captured message;
    enum status status;

    TRY(source_find(verifying->source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK) {
        struct view made;
        if (!is_chunk_of(&message, manifest))
            continue;
        TRY(replayed_message(&verifying->core, GATE_MODEL_CHUNK, message.where.chunk, (struct view){NULL, 0}, &made));
        verifying->totals.model_chunks++;
        if (!view_equal(made, message.payload)) {
            char place[48];
            source_place(verifying->source, message.id, place);
            verify_judge(verifying, VERDICT_DIFFERENT, "model chunk %u (%s) is not what was sealed",
                         (unsigned int)message.where.chunk, place);
        }
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void judge_base(struct verifying *verifying, enum status status, uint32_t chunk)
{
    if (status == STATUS_CHUNK_MISSING)
        verify_judge(verifying, VERDICT_MISSING, "model chunk %u is not in the capture", (unsigned int)chunk);
    else if (status == STATUS_MODEL_OTHER)
        verify_judge(verifying, VERDICT_DIFFERENT, "its base model: %s", status_text(status));
    else
        verify_judge(verifying, VERDICT_DIFFERENT, "model chunk %u: %s", (unsigned int)chunk, status_text(status));
}

static enum status begin(struct verifying *verifying, const struct captured *message, const struct manifest *manifest)
{
    const struct index_boot *boot = &verifying->index->boots[verifying->at->boot];
    CLEANUP(heap_give) struct buf model = {0};
    struct verify_start start = {.manifest = *manifest};
    char why[DIFFER_MAX];
    struct view made;
    uint32_t chunk = 0;
    enum status status = verify_base(verifying, verifying->at, manifest, &model, &chunk);

    if (status != STATUS_OK) {
        judge_base(verifying, status, chunk);
        return status == STATUS_IO ? STATUS_IO : STATUS_OK;
    }
    start.model = buf_view(&model);
    verifying->boot = NULL;
    status = verify_open(verifying, boot, &start, &made);
    if (status != STATUS_OK) {
        verify_judge(verifying, VERDICT_DIFFERENT, "the replay cannot open it: %s", status_text(status));
        return status == STATUS_NO_SPACE || status == STATUS_IO ? status : STATUS_OK;
    }
    verifying->boot = boot;
    verifying->totals.manifests++;
    if (!view_equal(made, message->payload)) {
        differ_manifest(message->payload, made, why);
        verify_judge(verifying, VERDICT_DIFFERENT, "%s", why);
    }
    TRY(compare_chunks(verifying, manifest));
    verifying->open = verifying->round.verdict == VERDICT_SAME && verifying->at->task != TASK_NONE;
    return verify_give_challenges(verifying);
}

static bool is_wanted(const struct verifying *verifying, const struct index_round *at)
{
    const struct verify_options *options = verifying->options;

    return at->round >= options->from && (options->to == 0 || at->round <= options->to);
}

enum status verify_manifest(struct verifying *verifying, const struct captured *message)
{
    const struct index_round *at = index_round_at(verifying->index, message->id);
    struct cose_sign1 parts;
    struct manifest manifest;
    const char *why;

    if (at == NULL)
        return STATUS_OK; /* it came before */
    verify_leave_round(verifying);
    verifying->at = at;
    verifying->round = (struct verify_round){.of = at};
    verifying->open = false;
    verifying->told = at->task == TASK_NONE || !is_wanted(verifying, at);
    memset(verifying->refused, 0, sizeof verifying->refused);
    if (!is_wanted(verifying, at)) {
        verifying->boot = NULL;
        return STATUS_OK;
    }
    seen_turn(&verifying->seen);
    seen_turn(&verifying->answered);
    if (at->record != 0 && at->record < at->manifest)
        verify_judge(verifying, VERDICT_MISSING, "its updates came before the capture began");
    if (!verify_enter_boot(verifying, at->boot, &why)) {
        verify_judge(verifying, VERDICT_NO_KEYS, "%s", why);
        return STATUS_OK;
    }
    TRY(cose_sign1_decode(message->payload, &parts));
    TRY(manifest_decode(parts.payload, &manifest));
    return begin(verifying, message, &manifest);
}

void verify_leave_round(struct verifying *verifying)
{
    if (verifying->at == NULL)
        return;
    if (verifying->at->record == 0 && !verifying->told)
        verify_judge(verifying, VERDICT_MISSING, "its record is not in the capture");
    verify_tell(verifying);
}

/* ---- it ends ---- */

static enum status close_round(struct verifying *verifying, const struct captured *message, const struct record *record)
{
    char why[DIFFER_MAX];
    struct gate_status after;
    struct view made;
    enum status status;

    TRY(verify_quiet(verifying, record));
    if (record->counted > verifying->round.counted) {
        verify_judge(verifying, VERDICT_MISSING, "%u of its %u counted updates are not in the capture",
                     (unsigned int)(record->counted - verifying->round.counted), (unsigned int)record->counted);
        return STATUS_OK;
    }
    status = replayed_message(&verifying->core, GATE_CLOSE, record->closed, (struct view){NULL, 0}, &made);
    if (status != STATUS_OK) {
        verify_judge(verifying, VERDICT_DIFFERENT, "record: the replay does not close at %" PRIu64 ": %s",
                     record->closed, status_text(status));
        return STATUS_OK;
    }
    if (!view_equal(made, message->payload)) {
        differ_record(message->payload, made, why);
        verify_judge(verifying, VERDICT_DIFFERENT, "%s", why);
    }
    TRY(replayed_status(&verifying->core, &after));
    memcpy(verifying->round.model, after.model_digest.ptr, DIGEST_SIZE);
    if (verifying->round.verdict == VERDICT_SAME) {
        memcpy(verifying->totals.model, after.model_digest.ptr, DIGEST_SIZE);
        verifying->totals.has_model = true;
    }
    return STATUS_OK;
}

enum status verify_record(struct verifying *verifying, const struct captured *message)
{
    static struct record record;
    struct place place = verifying->place;
    struct cose_sign1 parts;
    struct view payload;
    enum status status;

    if (verifying->at == NULL || verifying->told || verifying->at->record != message->id)
        return STATUS_OK;
    TRY(cose_sign1_decode(message->payload, &parts));
    TRY(record_decode(parts.payload, &record));
    verifying->round.reason = record.reason;
    place.round = record.round;
    if (verifying->at->boot != INDEX_NO_BOOT) {
        status =
            bind_verify(PURPOSE_RECORD, &place, VIEW_OF(verifying->index->boots[verifying->at->boot].signing_point),
                        message->payload, &payload);
        if (status != STATUS_OK)
            verify_judge(verifying, VERDICT_DIFFERENT, "record: %s", status_text(status));
    }
    if (verifying->round.verdict == VERDICT_SAME && verifying->open)
        TRY(close_round(verifying, message, &record));
    verifying->round.samples = record.samples;
    if (verifying->round.verdict != VERDICT_SAME)
        verifying->round.counted = record.counted;
    verifying->open = false;
    verify_tell(verifying);
    return STATUS_OK;
}
