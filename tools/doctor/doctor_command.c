/* doctor_command.c: see doctor_command.h. */
#include "doctor_command.h"

#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "doctor_inputs.h"
#include "model.h"
#include "topic.h"

static void give(struct doctor_inputs **inputs)
{
    if (*inputs != NULL)
        doctor_inputs_free(*inputs);
    free(*inputs);
}

static int examine(const struct command *self, const struct doctor_options *options)
{
    CLEANUP(give) struct doctor_inputs *inputs = calloc(1, sizeof *inputs);
    struct reason reason = {""};
    enum status status = inputs == NULL ? STATUS_IO : doctor_inputs_read(options, inputs, &reason);

    if (status != STATUS_OK)
        return command_end(self, status, &reason);
    check_all(&inputs->checking);
    if (options->json)
        findings_print_json(&inputs->findings, &inputs->plan, stdout);
    else
        findings_print(&inputs->findings, stdout);
    return inputs->findings.worst == CHECK_BAD ? EXIT_REFUSED : EXIT_OK;
}

static bool names_valid(const struct doctor_options *options)
{
    const char *const names[] = {options->federation, options->aggregator, options->owner, options->observer};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i] != NULL && !name_valid(view_of_string(names[i])))
            return false;
    return true;
}

int doctor_command(const struct command *self, int argc, char *argv[])
{
    struct doctor_options o = {.devices = -1,
                               .cohort = -1,
                               .rounds = 10,
                               .deadline = 600,
                               .round_time = -1,
                               .away = 86400,
                               .slow = -1,
                               .memory = -1,
                               .records = -1,
                               .port = -1};
    const int64_t many = 1 << 20, long_time = 1 << 30;
    const struct argument options[] = {
        {"--policy", ARGUMENT_TEXT, &o.policy, 0, 0},
        {"--aggregator-conf", ARGUMENT_TEXT, &o.host, 0, 0},
        {"--acl", ARGUMENT_TEXT, &o.acl, 0, 0},
        {"--model", ARGUMENT_TEXT, &o.model, 0, 0},
        {"--unit", ARGUMENT_TEXT, &o.unit, 0, 0},
        {"--federation", ARGUMENT_TEXT, &o.federation, 0, 0},
        {"--aggregator", ARGUMENT_TEXT, &o.aggregator, 0, 0},
        {"--owner", ARGUMENT_TEXT, &o.owner, 0, 0},
        {"--observer", ARGUMENT_TEXT, &o.observer, 0, 0},
        {"--parameters", ARGUMENT_NUMBER, &o.parameters, 1, (int64_t)MODEL_MAX_PARAMETERS},
        {"--devices", ARGUMENT_NUMBER, &o.devices, 1, many},
        {"--cohort", ARGUMENT_NUMBER, &o.cohort, 1, POLICY_COHORT_MAX},
        {"--rounds", ARGUMENT_NUMBER, &o.rounds, 1, many},
        {"--deadline", ARGUMENT_NUMBER, &o.deadline, 1, 604800},
        {"--round-time", ARGUMENT_NUMBER, &o.round_time, 1, 604800},
        {"--away", ARGUMENT_NUMBER, &o.away, 0, long_time},
        {"--slow", ARGUMENT_NUMBER, &o.slow, 0, many},
        {"--memory", ARGUMENT_NUMBER, &o.memory, 1, INT64_C(1) << 40},
        {"--records", ARGUMENT_NUMBER, &o.records, 0, many},
        {"--port", ARGUMENT_NUMBER, &o.port, 1, 65535},
        {"--nofile", ARGUMENT_NUMBER, &o.nofile, 1, long_time},
        {"--link-kbit", ARGUMENT_NUMBER, &o.link_kbit, 1, long_time},
        {"--shared-kbit", ARGUMENT_NUMBER, &o.shared_kbit, 1, long_time},
        {"--capture", ARGUMENT_FLAG, &o.capture, 0, 0},
        {"--json", ARGUMENT_FLAG, &o.json, 0, 0},
        {NULL, ARGUMENT_FLAG, NULL, 0, 0},
    };
    const struct argument *const tables[] = {options, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1)
        reason_set(&reason, "one federation folder, or one mosquitto.conf, is needed");
    else if (!names_valid(&o))
        reason_set(&reason, "names are 1 to 64 characters of 0-9 A-Z a-z _ -");
    if (reason.text[0] != '\0')
        return command_usage(self, &reason);
    o.path = words.list[0];
    return examine(self, &o);
}
