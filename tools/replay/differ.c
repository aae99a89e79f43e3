/* differ.c: see differ.h. */
#include "differ.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "challenge.h"
#include "cose.h"
#include "manifest.h"
#include "record.h"

/* One field of two messages. */
struct pair {
    const char *name;
    bool is_bytes;
    struct view captured_bytes, replayed_bytes;
    uint64_t captured, replayed;
};
#define BYTES(label, member) \
    { \
        (label), true, captured.member, replayed.member, 0, 0 \
    }
#define NUMBER(label, member) \
    { \
        (label), false, {NULL, 0}, {NULL, 0}, (uint64_t)captured.member, (uint64_t)replayed.member \
    }

/* The first bytes of a value are enough to tell two apart. */
static void print_bytes(struct view bytes, char out[static 24])
{
    static const size_t shown = 8;

    if (bytes.len == 0) {
        (void)snprintf(out, 24, "none");
        return;
    }
    hex_encode((struct view){bytes.ptr, bytes.len < shown ? bytes.len : shown}, out);
    if (bytes.len > shown)
        strcat(out, "...");
}

static bool tell(const struct pair *pairs, size_t count, const char *message, char why[static DIFFER_MAX])
{
    char captured[24], replayed[24];

    for (size_t i = 0; i < count; i++) {
        const struct pair *pair = &pairs[i];
        if (pair->is_bytes ? view_equal(pair->captured_bytes, pair->replayed_bytes) : pair->captured == pair->replayed)
            continue;
        if (pair->is_bytes) {
            print_bytes(pair->captured_bytes, captured);
            print_bytes(pair->replayed_bytes, replayed);
        } else {
            (void)snprintf(captured, sizeof captured, "%" PRIu64, pair->captured);
            (void)snprintf(replayed, sizeof replayed, "%" PRIu64, pair->replayed);
        }
        (void)snprintf(why, DIFFER_MAX, "%s: %s: captured %s, replayed %s", message, pair->name, captured, replayed);
        return true;
    }
    return false;
}

/* Where every field is the same. */
static void tell_signature(struct view captured, struct view replayed, const char *message, char why[static DIFFER_MAX])
{
    struct cose_sign1 a, b;
    bool same;

    same = cose_sign1_decode(captured, &a) == STATUS_OK && cose_sign1_decode(replayed, &b) == STATUS_OK &&
           view_equal(a.payload, b.payload);
    (void)snprintf(why, DIFFER_MAX, "%s: %s", message,
                   same ? "the signature is another, over the same bytes" : "encoded otherwise");
}

/* Payloads of two signed messages; false, with a reason in why, when the captured one is none. */
static bool payloads(struct view captured, struct view replayed, const char *message, struct view out[static 2],
                     char why[static DIFFER_MAX])
{
    struct cose_sign1 parts[2];
    enum status status = cose_sign1_decode(captured, &parts[0]);

    if (status != STATUS_OK || cose_sign1_decode(replayed, &parts[1]) != STATUS_OK) {
        (void)snprintf(why, DIFFER_MAX, "%s: the captured one is none: %s", message, status_text(status));
        return false;
    }
    out[0] = parts[0].payload;
    out[1] = parts[1].payload;
    return true;
}

static bool undecodable(enum status status, const char *message, char why[static DIFFER_MAX])
{
    if (status != STATUS_OK)
        (void)snprintf(why, DIFFER_MAX, "%s: the captured one is none: %s", message, status_text(status));
    return status != STATUS_OK;
}

void differ_manifest(struct view captured_message, struct view replayed_message, char why[static DIFFER_MAX])
{
    struct manifest captured, replayed;
    struct view payload[2];

    if (!payloads(captured_message, replayed_message, "manifest", payload, why) ||
        undecodable(manifest_decode(payload[0], &captured), "manifest", why) ||
        undecodable(manifest_decode(payload[1], &replayed), "manifest", why))
        return;
    const struct pair pairs[] = {
        NUMBER("round", round),
        NUMBER("task", task),
        BYTES("base model", base),
        NUMBER("bytes of the model", model_size),
        NUMBER("bytes of a chunk", chunk_size),
        NUMBER("target", target),
        NUMBER("minimum", minimum),
        NUMBER("deadline", deadline),
        NUMBER("largest samples", max_samples),
        NUMBER("fraction bits", fraction_bits),
        BYTES("last record", previous),
        BYTES("boot", boot_id),
        BYTES("policy", policy_digest),
        NUMBER("simulated", simulated),
    };
    if (!tell(pairs, ARRAY_LEN(pairs), "manifest", why))
        tell_signature(captured_message, replayed_message, "manifest", why);
}

static bool tell_metrics(const struct record *captured, const struct record *replayed, char why[static DIFFER_MAX])
{
    const uint32_t shared =
        captured->metrics.count < replayed->metrics.count ? captured->metrics.count : replayed->metrics.count;

    for (uint32_t i = 0; i < shared; i++) {
        const struct metric *a = &captured->metrics.list[i], *b = &replayed->metrics.list[i];
        if (view_equal(a->name, b->name) && a->value == b->value && a->weight == b->weight)
            continue;
        (void)snprintf(why, DIFFER_MAX,
                       "record: metric %u: captured %.*s %" PRId64 " of %" PRIu64 ", replayed %.*s %" PRId64
                       " of %" PRIu64,
                       (unsigned int)i, (int)a->name.len, (const char *)a->name.ptr, a->value, a->weight,
                       (int)b->name.len, (const char *)b->name.ptr, b->value, b->weight);
        return true;
    }
    return false;
}

static uint64_t refusals_of(const struct record *record, uint32_t reason)
{
    for (uint32_t i = 0; i < record->refusals.count; i++)
        if ((uint32_t)record->refusals.list[i].reason == reason)
            return record->refusals.list[i].count;
    return 0;
}

static bool tell_refusals(const struct record *captured, const struct record *replayed, char why[static DIFFER_MAX])
{
    for (uint32_t reason = 1; reason < STATUS_LIMIT; reason++) {
        const uint64_t a = refusals_of(captured, reason), b = refusals_of(replayed, reason);
        if (a == b)
            continue;
        (void)snprintf(why, DIFFER_MAX, "record: refusals %s: captured %" PRIu64 ", replayed %" PRIu64,
                       status_name((enum status)reason), a, b);
        return true;
    }
    return false;
}

void differ_record(struct view captured_message, struct view replayed_message, char why[static DIFFER_MAX])
{
    static struct record captured, replayed;
    struct view payload[2];

    if (!payloads(captured_message, replayed_message, "record", payload, why) ||
        undecodable(record_decode(payload[0], &captured), "record", why) ||
        undecodable(record_decode(payload[1], &replayed), "record", why))
        return;
    const struct pair pairs[] = {
        NUMBER("round", round),
        NUMBER("task", task),
        NUMBER("counted", counted),
        NUMBER("samples", samples),
        BYTES("root of the counted updates", root),
        NUMBER("reason", reason),
        BYTES("last record", previous),
        BYTES("base model", base),
        BYTES("model", model),
        NUMBER("number of metrics", metrics.count),
        NUMBER("closed", closed),
        BYTES("boot", boot_id),
        BYTES("policy", policy_digest),
        NUMBER("simulated", simulated),
    };
    if (!tell(pairs, ARRAY_LEN(pairs), "record", why) && !tell_metrics(&captured, &replayed, why) &&
        !tell_refusals(&captured, &replayed, why))
        tell_signature(captured_message, replayed_message, "record", why);
}

void differ_challenge(struct view captured_message, struct view replayed_message, char why[static DIFFER_MAX])
{
    struct challenge captured, replayed;
    struct view payload[2];

    if (!payloads(captured_message, replayed_message, "challenge", payload, why) ||
        undecodable(challenge_decode(payload[0], &captured), "challenge", why) ||
        undecodable(challenge_decode(payload[1], &replayed), "challenge", why))
        return;
    const struct pair pairs[] = {
        BYTES("value", value),
        NUMBER("end", expires),
        BYTES("boot", boot_id),
    };
    if (!tell(pairs, ARRAY_LEN(pairs), "challenge", why))
        tell_signature(captured_message, replayed_message, "challenge", why);
}

void differ_receipt(const struct receipt *captured_, const struct receipt *replayed_, char why[static DIFFER_MAX])
{
    const struct receipt captured = *captured_, replayed = *replayed_;
    const struct pair pairs[] = {
        NUMBER("round", round),
        BYTES("transfer", transfer),
        BYTES("update digest", update_digest),
    };

    if (captured.reason != replayed.reason)
        (void)snprintf(why, DIFFER_MAX, "receipt: captured %s, replayed %s", status_name(captured.reason),
                       status_name(replayed.reason));
    else if (!tell(pairs, ARRAY_LEN(pairs), "receipt", why))
        (void)snprintf(why, DIFFER_MAX, "receipt: the same words, sealed otherwise");
}
