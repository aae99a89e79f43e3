/* findings.h: what a check came to, and how it is told. */
#ifndef DOCTOR_FINDINGS_H
#define DOCTOR_FINDINGS_H

#include <stdio.h>

#include "conf.h"
#include "plan.h"

#define FINDINGS_MAX 256

enum verdict_of_check {
    CHECK_OK,
    CHECK_WEAK, /* the rounds are carried; something should be better */
    CHECK_BAD,  /* they are not */
};

struct finding {
    const char *check;
    enum verdict_of_check verdict;
    char where[CONF_PLACE_MAX]; /* file:line, or the file where a line is missing */
    char now[128];              /* what stands there, or holds without a line */
    char change[256];           /* the line to write; "" when nothing is to be changed */
    char why[512];              /* how it was worked out */
};

/** Starts as {0} with conf set. On the heap. */
struct findings {
    const struct conf *conf; /* lent: for places */
    size_t count, lost;      /* lost: those that found no room */
    enum verdict_of_check worst;
    struct finding list[FINDINGS_MAX];
};

/** One more. The line is where it stands, or NULL; the rest fills `why`. Never NULL: what finds no room is counted. */
__attribute__((format(printf, 5, 6))) struct finding *finding_add(struct findings *findings, const char *check,
                                                                  enum verdict_of_check verdict,
                                                                  const struct conf_line *line, const char *why, ...);

/** The line to write, and what stands there: `key value`, or that nothing does and what the default is. */
__attribute__((format(printf, 2, 3))) void finding_change(struct finding *finding, const char *change, ...);
__attribute__((format(printf, 2, 3))) void finding_now(struct finding *finding, const char *now, ...);
/** The same for a key: what its line says, or its default. */
void finding_now_is(struct finding *finding, const struct conf_line *line, const char *otherwise);

/** "ok", "weak", "bad". */
const char *finding_word(enum verdict_of_check verdict);

void findings_print(const struct findings *findings, FILE *out);

/** One object on one line; docs/doctor.md names its keys. Loads of the plan are [messages, bytes]. */
void findings_print_json(const struct findings *findings, const struct plan *plan, FILE *out);

#endif
