/* doctor_conf_fuzz.c: any text as a mosquitto.conf, and all checks on it. */
#include <stdlib.h>
#include <string.h>

#include "doctor_checks.h"
#include "utf8.h"

static struct conf conf, host;
static struct findings findings;

static void judge(void)
{
    static const struct plan_asked asked = {
        .federation = "home",
        .aggregator = "gateway",
        .owner = "owner",
        .observer = "observer",
        .policy = {.min_cohort = 2,
                   .max_cohort = 9,
                   .max_samples = 9,
                   .max_parameters = 9999,
                   .max_packet = 1024,
                   .challenge_s = 10},
        .parameters = 999,
        .memory = 99999,
        .devices = 9,
        .cohort = 9,
        .rounds = 9,
        .records = 9,
        .deadline_s = 9,
        .round_s = 9,
        .away_s = 99,
        .slow = 9,
        .link_kbit = 9,
        .shared_kbit = 9,
    };
    struct plan plan;
    const struct checking checking = {
        .plan = &plan, .conf = &conf, .host = &host, .nofile = 99, .nofile_of = "fuzz", .port = 1, .out = &findings};

    if (plan_make(&asked, &plan) != STATUS_OK)
        abort();
    memset(&findings, 0, sizeof findings);
    findings.conf = &conf;
    check_all(&checking);
    for (size_t i = 0; i < findings.count; i++)
        if (findings.list[i].why[0] == '\0' || !utf8_printable(view_of_string(findings.list[i].now)))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {malloc(size + 1), size, size + 1};
    struct reason reason = {""};
    enum status status;

    if (text.ptr == NULL)
        return 0;
    if (size > 0)
        memcpy(text.ptr, data, size);
    text.ptr[size] = '\0';
    status = conf_add_text(&conf, "fuzz.conf", text, &reason);
    if ((status == STATUS_OK) != (reason.text[0] == '\0'))
        abort();
    if (status == STATUS_OK)
        judge();
    conf_free(&conf);
    return 0;
}
