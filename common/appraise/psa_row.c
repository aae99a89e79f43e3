/* psa_row.c: judges a PSA token by the terms of a policy (see psa_terms.h). */
#include "psa_terms.h"

#include "credential.h"
#include "psa_private.h"

/* What the row works with. */
struct row {
    const struct evidence *evidence;
    bool ruled;
    struct psatoken_terms terms; /* set when ruled */
    uint8_t instance[PSATOKEN_INSTANCE_SIZE];
    const struct psatoken_device *device; /* of the terms */
    struct public_key key;
    struct psatoken_rules rules;
    struct psatoken_result result;
    struct appraisal *out;
};

/* ---- whose token it is ---- */

static enum status find_device(struct row *row)
{
    struct view claimed;

    TRY(psatoken_instance(row->evidence->bytes, &claimed));
    for (uint32_t i = 0; i < row->terms.device_count; i++) {
        TRY(psatoken_device_instance(&row->terms.devices[i], row->instance));
        if (!view_equal(VIEW_OF(row->instance), claimed))
            continue;
        row->device = &row->terms.devices[i];
        row->rules.instance = VIEW_OF(row->instance);
        row->rules.key = &row->key;
        return public_key_from_spki(row->device->key, &row->key);
    }
    return STATUS_EVIDENCE_ROOT;
}

/* What a tool was given. Text in PEM that is no key of ours is a mistake, and no secret: everyone may know it. */
static enum status take_given_key(struct row *row)
{
    const struct view given = row->evidence->key, pem = VIEW_TEXT("-----BEGIN");
    struct view start;
    enum status status;

    if (given.len == 0)
        return STATUS_EVIDENCE_ROOT;
    status = public_key_from_spki(given, &row->key);
    if (status == STATUS_OK) {
        row->rules.key = &row->key;
        return STATUS_OK;
    }
    if (status == STATUS_BAD_KEY || status == STATUS_CRYPTO)
        return status;
    if (view_slice(given, 0, pem.len, &start) == STATUS_OK && view_equal(start, pem))
        return STATUS_BAD_KEY;
    row->rules.secret = given;
    return STATUS_OK;
}

/* ---- what psatoken_appraise finds ---- */

static bool may_be_nonce(struct view bytes)
{
    return bytes.len == 32 || bytes.len == 48 || bytes.len == 64;
}

static void leave_unmade(struct check *check)
{
    check->outcome = CHECK_NOT_MADE;
    check->reason = STATUS_OK;
}

static bool fits(const struct psatoken_software *software, const struct psatoken_component *component)
{
    return (component->type.len == 0 || view_equal(software->type, component->type)) &&
           allowed_has(&component->measurement, software->measurement) &&
           allowed_has(&component->signer, software->signer);
}

static bool any_fits(const struct psatoken_claims *claims, const struct psatoken_component *component)
{
    for (size_t i = 0; i < claims->software_count; i++)
        if (fits(&claims->software[i], component))
            return true;
    return false;
}

static bool fits_any(const struct psatoken_software *software, const struct psatoken_terms *terms)
{
    for (uint32_t i = 0; i < terms->component_count; i++)
        if (fits(software, &terms->components[i]))
            return true;
    return false;
}

/* Nothing but what is listed runs there, and all that is listed does. */
static enum status judge_software(const struct psatoken_claims *claims, const struct psatoken_terms *terms)
{
    for (size_t i = 0; i < claims->software_count; i++)
        if (!fits_any(&claims->software[i], terms))
            return STATUS_EVIDENCE_MEASUREMENT;
    for (uint32_t i = 0; i < terms->component_count; i++)
        if (!any_fits(claims, &terms->components[i]))
            return STATUS_EVIDENCE_MEASUREMENT;
    return STATUS_OK;
}

static void judge_by_terms(struct row *row)
{
    const struct psatoken_claims *claims = &row->result.claims;
    struct check *checks = row->result.checks;

    (void)check_note(&checks[PSATOKEN_CHECK_IMPLEMENTATION],
                     allowed_has(&row->terms.implementation, claims->implementation) ? STATUS_OK
                                                                                     : STATUS_EVIDENCE_MEASUREMENT);
    (void)check_note(&checks[PSATOKEN_CHECK_SOFTWARE], judge_software(claims, &row->terms));
}

/* What only rules can tell good from bad was let pass; it was not checked. */
static void leave_to_rules(struct row *row)
{
    if (row->result.claims.profile == PSATOKEN_LEGACY)
        leave_unmade(&row->result.checks[PSATOKEN_CHECK_PROFILE]);
    if (row->result.debug)
        leave_unmade(&row->result.checks[PSATOKEN_CHECK_LIFECYCLE]);
}

/* A check that is needed and was not made is one that failed. */
static void need(struct row *row, enum psatoken_check id, enum status why)
{
    struct check *check = &row->result.checks[id];

    if (check->outcome == CHECK_NOT_MADE)
        (void)check_note(check, why);
}

static void judge_claims(struct row *row, enum status found)
{
    const enum status unmade = found == STATUS_OK ? STATUS_CRYPTO : found;

    need(row, PSATOKEN_CHECK_PROFILE, unmade);
    need(row, PSATOKEN_CHECK_LIFECYCLE, unmade);
    if (row->evidence->report_data.len > 0)
        need(row, PSATOKEN_CHECK_NONCE, STATUS_EVIDENCE_STALE);
    if (row->ruled) {
        need(row, PSATOKEN_CHECK_INSTANCE, unmade);
        judge_by_terms(row);
    } else {
        leave_to_rules(row);
    }
}

static void examine(struct row *row)
{
    struct psatoken_result *result = &row->result;
    enum status found;

    row->rules.allow_legacy = !row->ruled || row->terms.legacy;
    row->rules.allow_debug = !row->ruled || row->terms.debug;
    if (may_be_nonce(row->evidence->report_data))
        row->rules.nonce = row->evidence->report_data;
    found = psatoken_appraise(row->evidence->bytes, &row->rules, result);
    if (result->authentic)
        judge_claims(row, found);
    for (size_t i = 0; i < PSATOKEN_CHECK_COUNT; i++)
        appraisal_take_check(row->out, &result->checks[i]);
}

/* ---- the row ---- */

static enum status check_subject(const struct row *row)
{
    const struct view name = row->device->name;

    return name.len == 0 || view_equal(name, row->evidence->subject) ? STATUS_OK : STATUS_EVIDENCE_BINDING;
}

/* Gives the key that the token must be signed with. */
static enum status identify(struct row *row, const struct view *rules)
{
    static const char named[] = "names a device whose key is known", shown[] = "is shown by the device it is of";

    if (!row->ruled) {
        appraisal_unchecked(row->out, "rules");
        TRY(appraisal_check(row->out, named, take_given_key(row)));
        appraisal_unchecked(row->out, shown);
        return STATUS_OK;
    }
    TRY(appraisal_check(row->out, "rules", psatoken_terms_read(*rules, &row->terms)));
    TRY(appraisal_check(row->out, named, find_device(row)));
    /* Who shows it is not known where a person looks at what was captured. */
    if (row->evidence->subject.len == 0)
        appraisal_unchecked(row->out, shown);
    else
        (void)appraisal_check(row->out, shown, check_subject(row));
    return STATUS_OK;
}

enum status psatoken_row_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out)
{
    struct row row = {.evidence = evidence, .ruled = rules != NULL, .out = out};

    appraisal_begin(out, evidence->kind);
    if (identify(&row, rules) != STATUS_OK)
        return appraisal_end(out);
    examine(&row);
    if (row.result.authentic) {
        evidence->space->len = 0;
        psatoken_describe(&row.result, evidence->space, out);
    }
    out->authentic = row.result.authentic;
    out->ear_status = row.result.debug ? EAR_WARNING : EAR_AFFIRMING;
    return appraisal_end(out);
}
