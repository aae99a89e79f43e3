/* doctor_inputs.h: what the command line of `tacit doctor` names, read. */
#ifndef DOCTOR_INPUTS_H
#define DOCTOR_INPUTS_H

#include "appraise_rules.h"
#include "doctor_checks.h"
#include "file.h"

struct doctor_options {
    const char *path, *policy, *host, *acl, *model, *unit, *federation, *aggregator, *owner, *observer;
    int64_t parameters, devices, cohort, rounds, deadline, round_time, away, slow, memory, records, port, nofile;
    int64_t link_kbit, shared_kbit;
    bool capture, json;
};

/** Everything that was read. On the heap: about 1 MB. Starts as {0}; freed with doctor_inputs_free. */
struct doctor_inputs {
    char broker_path[FILE_MAX_PATH], policy_path[FILE_MAX_PATH], host_path[FILE_MAX_PATH], acl_path[FILE_MAX_PATH];
    char federation[NAME_MAX_LEN + 1];
    struct rules rules;
    struct conf broker, host, unit;
    struct buf acl_text;
    struct acl acl;
    struct reason acl_reason;
    struct plan plan;
    struct findings findings;
    struct checking checking; /* views of the above */
};

/** Reads all of it. Returns STATUS_CONFIG with a reason, STATUS_IO. */
MUST_USE enum status doctor_inputs_read(const struct doctor_options *options, struct doctor_inputs *out,
                                        struct reason *reason);
void doctor_inputs_free(struct doctor_inputs *inputs);

#endif
