/* appraise_print.c: an appraisal in words; see appraise_print.h. */
#include "appraise_print.h"

#include <inttypes.h>
#include <string.h>

#include "utf8.h"
#include "when.h"

enum verdict verdict_of(const struct appraisal *appraisal, bool policy_given)
{
    if (appraisal->reason != STATUS_OK || !appraisal->authentic)
        return VERDICT_REFUSED;
    return policy_given ? VERDICT_ACCEPTED : VERDICT_AUTHENTIC;
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"accepted", "refused", "authentic"};

    return names[verdict];
}

static void print_hex(struct view bytes, FILE *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        fprintf(out, "%02x", bytes.ptr[i]);
}

static void print_text(struct view text, FILE *out)
{
    if (utf8_printable(text)) {
        fprintf(out, "%.*s", (int)text.len, (const char *)text.ptr);
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        fprintf(out, text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f ? "%c" : "\\x%02x", text.ptr[i]);
}

static void print_checks(const struct appraisal *appraisal, FILE *out)
{
    fputs("checks\n", out);
    for (uint32_t i = 0; i < appraisal->check_count; i++) {
        const struct check *check = &appraisal->checks[i];

        if (check->outcome == CHECK_FAILED)
            fprintf(out, "  FAILED    %s: %s (%s)\n", check->name, status_text(check->reason),
                    status_name(check->reason));
        else
            fprintf(out, "  %s  %s\n", check->outcome == CHECK_PASSED ? "passed  " : "not made", check->name);
    }
}

static void print_field(const struct appraisal_field *field, int width, FILE *out)
{
    fprintf(out, "  %-*s  ", width, field->name);
    switch (field->type) {
    case FIELD_BYTES:
        print_hex(field->bytes, out);
        break;
    case FIELD_TEXT:
        print_text(field->bytes, out);
        break;
    case FIELD_NUMBER:
        fprintf(out, "%" PRIu64, field->number);
        break;
    case FIELD_TRUTH:
        fputs(field->number != 0 ? "yes" : "no", out);
        break;
    }
    fputc('\n', out);
}

static void print_identity(const struct appraisal *appraisal, FILE *out)
{
    int width = 0;

    if (appraisal->field_count == 0)
        return;
    for (uint32_t i = 0; i < appraisal->field_count; i++)
        if ((int)strlen(appraisal->fields[i].name) > width)
            width = (int)strlen(appraisal->fields[i].name);
    fputs(appraisal->authentic ? "identity\n" : "identity, which nobody vouches for\n", out);
    for (uint32_t i = 0; i < appraisal->field_count; i++)
        print_field(&appraisal->fields[i], width, out);
}

static void print_tcb(const struct appraisal *appraisal, FILE *out)
{
    char moment[WHEN_TEXT];

    fprintf(out, "TCB status: %s", appraisal->tcb_status != NULL ? appraisal->tcb_status : "none");
    if (appraisal->tcb_date != 0)
        fprintf(out, ", of %s", when_text(appraisal->tcb_date, moment));
    fputs("\nadvisories:", out);
    for (uint32_t i = 0; i < appraisal->advisory_count; i++) {
        fputc(' ', out);
        print_text(appraisal->advisories[i], out);
    }
    fputs(appraisal->advisory_count == 0 ? " none\n" : "\n", out);
}

static void print_window(const struct appraisal *appraisal, FILE *out)
{
    char from[WHEN_TEXT], to[WHEN_TEXT];

    if (appraisal->not_before == 0 && appraisal->not_after == 0)
        fputs("window: none: the evidence states no time\n", out);
    else
        fprintf(out, "window: %s to %s%s\n", when_text(appraisal->not_before, from),
                when_text(appraisal->not_after, to),
                appraisal->not_after < appraisal->not_before ? ", which is never" : "");
}

static void print_unchecked(const struct appraisal *appraisal, FILE *out)
{
    const char *between = " ";

    fputs("unchecked:", out);
    for (uint32_t i = 0; i < appraisal->check_count; i++)
        if (appraisal->checks[i].outcome == CHECK_NOT_MADE) {
            fprintf(out, "%s%s", between, appraisal->checks[i].name);
            between = "; ";
        }
    fputs(between[0] == ' ' ? " nothing\n" : "\n", out);
}

static void print_verdict(const struct appraisal *appraisal, enum verdict verdict, FILE *out)
{
    const struct check *failed = appraisal_failed(appraisal);

    fprintf(out, "verdict: %s: ", verdict_name(verdict));
    if (verdict == VERDICT_ACCEPTED)
        fputs("all that the policy asks for was found\n", out);
    else if (verdict == VERDICT_AUTHENTIC)
        fputs("signed by whom this kind trusts; no policy was given, so nothing says that it is acceptable\n", out);
    else if (failed != NULL)
        fprintf(out, "%s: %s (%s)\n", failed->name, status_text(failed->reason), status_name(failed->reason));
    else
        fputs("nobody vouches for it\n", out);
}

void appraise_print_words(const struct appraisal *appraisal, enum verdict verdict, FILE *out)
{
    print_checks(appraisal, out);
    print_identity(appraisal, out);
    print_tcb(appraisal, out);
    print_window(appraisal, out);
    fprintf(out, "debug: %s\n", appraisal->debug ? "ON: somebody may look inside" : "off");
    if (appraisal->simulated)
        fputs("SIMULATED: nothing made under it is confidential\n", out);
    print_unchecked(appraisal, out);
    print_verdict(appraisal, verdict, out);
}
