/* appraise_inputs.c: see appraise_inputs.h. */
#include "appraise_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "appraise_tpm.h"
#include "clock.h"
#include "file.h"
#include "heap.h"
#include "keys.h"
#include "policy_values.h"
#include "tpm_terms.h"

#define KEY_FILE_MAX       65536u
#define SIGNATURE_FILE_MAX 65536u

static enum status refuse(struct reason *reason, const char *what)
{
    reason_set(reason, "%s", what);
    return STATUS_CONFIG;
}

static bool is_tpm(const struct inputs *inputs)
{
    return view_equal(inputs->evidence.kind, VIEW_TEXT(TPM_KIND));
}

const char *inputs_time(const char *text, uint64_t *out)
{
    char *end;
    unsigned long long seconds;

    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
        return policy_set_time(out, text);
    seconds = strtoull(text, &end, 10); /* what overflows is past the limit too */
    if (seconds > TIME_MAX)
        return "after 2099";
    *out = seconds;
    return NULL;
}

/* ---- single options ---- */

static enum status read_file(const char *path, size_t max, struct buf *memory, struct view *out, struct reason *reason)
{
    if (path == NULL)
        return STATUS_OK;
    if (file_read(path, max, memory, reason) != STATUS_OK)
        return STATUS_CONFIG;
    *out = buf_view(memory);
    return STATUS_OK;
}

static enum status read_evidence(struct inputs *to, struct reason *reason)
{
    const char *path = to->options->path;

    if (file_read(path, EVIDENCE_FILE_MAX, &to->file, NULL) == STATUS_NO_SPACE) {
        reason_set(reason, "%.300s: larger than %u MiB: no evidence of any kind is", path, EVIDENCE_FILE_MAX >> 20);
        return STATUS_CONFIG;
    }
    if (to->file.ptr == NULL && file_read(path, EVIDENCE_FILE_MAX, &to->file, reason) != STATUS_OK)
        return STATUS_CONFIG;
    to->evidence.bytes = buf_view(&to->file);
    return STATUS_OK;
}

static enum status read_time(struct inputs *to, struct reason *reason)
{
    const char *text = to->options->at, *wrong;

    to->evidence.now = clock_unix_seconds();
    if (text == NULL)
        return STATUS_OK;
    wrong = inputs_time(text, &to->evidence.now);
    if (wrong == NULL)
        return STATUS_OK;
    reason_set(reason, "--at %.40s: %s; seconds since 1970 are taken too", text, wrong);
    return STATUS_CONFIG;
}

static enum status read_nonce(struct inputs *to, struct reason *reason)
{
    struct buf nonce = BUF_OF(to->nonce);

    if (to->options->nonce == NULL)
        return STATUS_OK;
    if (hex_decode(view_of_string(to->options->nonce), &nonce) != STATUS_OK || nonce.len == 0)
        return refuse(reason, "--nonce: 2 to 128 hexadecimal digits are needed, two for each byte");
    to->evidence.report_data = buf_view(&nonce);
    return STATUS_OK;
}

static enum status read_whose(struct inputs *to, struct reason *reason)
{
    static const char *const words[] = {
        [RULES_FOR_BOTH] = "both", [RULES_FOR_AGGREGATOR] = "aggregator", [RULES_FOR_DEVICE] = "device"};

    if (to->options->whose == NULL)
        return STATUS_OK;
    if (to->options->policy == NULL)
        return refuse(reason, "--for says which list of a policy counts: --policy is needed");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(to->options->whose, words[i]) == 0) {
            to->whose = (enum rules_for)i;
            return STATUS_OK;
        }
    return refuse(reason, "--for: aggregator, device or both");
}

static enum status read_rules(struct inputs *to, struct reason *reason)
{
    const struct appraise_options *options = to->options;
    uint8_t point[P256_POINT_SIZE];

    if (options->policy == NULL)
        return options->owner_key == NULL ? STATUS_OK
                                          : refuse(reason, "--owner-key verifies a policy: --policy is needed");
    if (options->owner_key != NULL)
        TRY(keys_read_public(options->owner_key, point, reason));
    TRY(rules_read(options->policy, options->owner_key != NULL ? point : NULL, &to->rules, reason));
    if (!to->rules.is_signed)
        fprintf(stderr, "note: %s is the text of a policy: nobody signed it\n", options->policy);
    else if (options->owner_key == NULL)
        fprintf(stderr, "note: %s: the signature was not verified: no --owner-key was given\n", options->policy);
    to->has_rules = true;
    to->evidence.federation = to->rules.policy.federation;
    return STATUS_OK;
}

static enum status read_endorsements(struct inputs *to, struct reason *reason)
{
    const struct argument_texts *paths = &to->options->endorsements;

    for (size_t i = 0; i < paths->count; i++)
        TRY(gather_path(&to->gathering, paths->list[i], reason));
    return STATUS_OK;
}

/* ---- quotes of a TPM in parts ---- */

static bool is_signed_by(const struct inputs *inputs, struct view signature, struct view key)
{
    const struct tpm_evidence evidence = {.attest = inputs->evidence.bytes, .signature = signature};
    struct tpm_public ak;
    const struct tpm_rules rules = {.ak = &ak};
    struct tpm_result result;

    return tpm_public_decode(key, &ak) == STATUS_OK &&
           (tpm_appraise(&evidence, &rules, &result) == STATUS_OK || result.authentic);
}

/* Without --key: that of a certificate which is no authority's; of several the one that signed. Whether it is believed is
 * decided later. */
static struct view find_ak(const struct inputs *inputs, struct view signature)
{
    const struct gathering *gathering = &inputs->gathering;
    struct view found = {NULL, 0};

    for (size_t i = 0; i < gathering->count; i++) {
        const struct gathered *item = &gathering->items[i];

        if (item->kind != GATHERED_CERTIFICATE || item->certificate.is_ca)
            continue;
        found = item->certificate.key.info;
        if (is_signed_by(inputs, signature, found))
            break;
    }
    return found;
}

static enum status join_parts(struct inputs *to, struct view signature, struct view pcrs, struct reason *reason)
{
    const struct tpm_parts parts = {
        .attest = to->evidence.bytes,
        .signature = signature,
        .ak = to->evidence.key.len > 0 ? to->evidence.key : find_ak(to, signature),
        .pcrs = pcrs,
        .pcrs_path = to->options->pcrs,
    };

    if (parts.ak.len == 0)
        return refuse(reason, "--key with the attestation key is needed, or its certificate among the endorsements");
    TRY(heap_take(TPM_BUILT_MAX, &to->container));
    TRY(tpm_parts_join(&parts, &to->container, reason));
    to->evidence.bytes = buf_view(&to->container);
    return STATUS_OK;
}

static enum status read_parts(struct inputs *to, struct reason *reason)
{
    const struct appraise_options *options = to->options;
    struct view signature = {NULL, 0}, pcrs = {NULL, 0};

    if (!is_tpm(to) && (options->signature != NULL || options->pcrs != NULL || options->ca != NULL))
        return refuse(reason, "--signature, --pcrs and --ca are for evidence of a tpm only");
    if (options->signature == NULL && options->pcrs != NULL)
        return refuse(reason, "--pcrs goes with --signature: without it EVIDENCE is a container, which holds them");
    TRY(read_file(options->signature, SIGNATURE_FILE_MAX, &to->signature, &signature, reason));
    TRY(read_file(options->pcrs, PCRS_FILE_MAX, &to->pcrs, &pcrs, reason));
    if (options->signature != NULL)
        TRY(join_parts(to, signature, pcrs, reason));
    /* With an authority the key is not believed by itself. */
    if (to->evidence.authority.len > 0)
        to->evidence.key = (struct view){NULL, 0};
    return STATUS_OK;
}

/* ---- */

enum status inputs_read(const struct appraise_options *options, struct inputs *out, struct reason *reason)
{
    *out = (struct inputs){.options = options, .gathering = {.notes = stderr}};
    out->evidence.kind = view_of_string(options->kind);
    out->evidence.captured = true;
    if (options->name != NULL)
        out->evidence.subject = view_of_string(options->name);
    out->evidence.space = &out->space;
    TRY(heap_take(APPRAISAL_SPACE, &out->space));
    TRY(read_time(out, reason));
    TRY(read_nonce(out, reason));
    TRY(read_whose(out, reason));
    TRY(read_evidence(out, reason));
    TRY(read_file(options->key, KEY_FILE_MAX, &out->key, &out->evidence.key, reason));
    TRY(read_file(options->ca, KEY_FILE_MAX, &out->authority, &out->evidence.authority, reason));
    TRY(read_endorsements(out, reason));
    TRY(read_parts(out, reason));
    return read_rules(out, reason);
}

void inputs_free(struct inputs *inputs)
{
    file_free(&inputs->file);
    file_free_secret(&inputs->key); /* may be the secret of a MAC */
    file_free(&inputs->authority);
    file_free(&inputs->signature);
    file_free(&inputs->pcrs);
    heap_give(&inputs->container);
    heap_give(&inputs->space);
    gather_free(&inputs->gathering);
}
