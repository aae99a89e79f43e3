/* play_report.c: what is told while playing and after. See play_private.h. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "play_private.h"

/* Sums over all kinds. */
static struct play_count all_kinds(const struct play *play)
{
    struct play_count sum = {0};

    for (size_t i = 0; i < TOPIC_KINDS; i++) {
        sum.messages += play->counts[i].messages;
        sum.bytes += play->counts[i].bytes;
        sum.expected += play->counts[i].expected;
        sum.received += play->counts[i].received;
        sum.received_bytes += play->counts[i].received_bytes;
        sum.refused += play->counts[i].refused;
    }
    return sum;
}

static uint64_t lost_of(const struct play_count *count)
{
    return count->expected > count->received ? count->expected - count->received : 0;
}

uint64_t play_lost(const struct play *play)
{
    uint64_t lost = 0;

    for (size_t i = 0; i < TOPIC_KINDS; i++)
        lost += lost_of(&play->counts[i]);
    return lost;
}

uint64_t play_refused(const struct play *play)
{
    return all_kinds(play).refused;
}

/* Everything was published, and acknowledged or refused. */
static bool is_whole(const struct play *play)
{
    return play->all_read && play->result == STATUS_OK;
}

static double seconds(const struct play *play)
{
    const uint64_t end = play->ended_us > 0 ? play->ended_us : stats_now_us();

    return end > play->began_us ? (double)(end - play->began_us) / 1e6 : 1e-6;
}

void play_progress(const struct play *play)
{
    const struct play_count sum = all_kinds(play);

    if (!isatty(STDERR_FILENO))
        return;
    if (play->phase < PLAY_PLAYING)
        fprintf(stderr, "\r%zu of %zu clients are ready\033[K", play->ready, play->client_count);
    else
        fprintf(stderr, "\r%.0f s: %" PRIu64 " messages published, %" PRIu64 " arrived, %.3f s behind\033[K",
                seconds(play), sum.messages, sum.received, (double)play->lag_us / 1e6);
    if (play->phase == PLAY_OVER)
        fputc('\n', stderr);
}

static void print_kinds(const struct play *play)
{
    printf("%-10s %10s %14s %10s %10s %14s %8s %8s\n", "kind", "published", "bytes", "expected", "arrived", "bytes",
           "lost", "refused");
    for (int i = 0; i < TOPIC_KINDS; i++) {
        const struct play_count *count = &play->counts[i];

        if (count->messages + count->received + count->refused + count->expected > 0)
            printf("%-10s %10" PRIu64 " %14" PRIu64 " %10" PRIu64 " %10" PRIu64 " %14" PRIu64 " %8" PRIu64 " %8" PRIu64
                   "\n",
                   capture_kind_name(i), count->messages, count->bytes, count->expected, count->received,
                   count->received_bytes, lost_of(count), count->refused);
    }
}

static void print_times(const char *what, const struct stats_times *times)
{
    printf("%s: p50 %.3f ms, p95 %.3f ms, p99 %.3f ms, most %.3f ms\n", what, (double)stats_percentile(times, 50) / 1e3,
           (double)stats_percentile(times, 95) / 1e3, (double)stats_percentile(times, 99) / 1e3,
           (double)times->most / 1e3);
}

static void print_words(const struct play *play)
{
    const struct play_count sum = all_kinds(play);
    const size_t captured = play->survey.devices.count;

    printf("%s of %zu devices%s, federation %s\n", is_whole(play) ? "played" : "stopped", play->devices,
           play->devices > captured ? " (clones among them: what is sealed opens for nobody)" : "", play->federation);
    print_kinds(play);
    printf("%.3f s: published %.0f messages/s, %.3f MB/s; arrived %.0f messages/s, %.3f MB/s\n", seconds(play),
           (double)sum.messages / seconds(play), (double)sum.bytes / seconds(play) / 1e6,
           (double)sum.received / seconds(play), (double)sum.received_bytes / seconds(play) / 1e6);
    printf("behind the schedule: %.3f s at the most\n", (double)play->lag_us / 1e6);
    print_times("until the broker acknowledged", &play->acknowledged);
    print_times("until it arrived", &play->arrived);
    printf("models: %" PRIu64 " fetched of %" PRIu64 ", %" PRIu64 " given up for a newer one\n", play->fetched,
           play->fetches, play->abandoned);
    printf("lost %" PRIu64 ", refused %" PRIu64 ", connections lost %" PRIu64 ", not of the protocol %" PRIu64
           ", damaged %" PRIu64 "\n",
           play_lost(play), sum.refused, play->disconnections, play->survey.skipped, play->damaged);
}

static void add_times(cJSON *object, const char *name, const struct stats_times *times)
{
    cJSON *list = cJSON_AddObjectToObject(object, name);

    cJSON_AddNumberToObject(list, "count", (double)times->count);
    cJSON_AddNumberToObject(list, "p50_us", (double)stats_percentile(times, 50));
    cJSON_AddNumberToObject(list, "p95_us", (double)stats_percentile(times, 95));
    cJSON_AddNumberToObject(list, "p99_us", (double)stats_percentile(times, 99));
    cJSON_AddNumberToObject(list, "most_us", (double)times->most);
}

static void add_kind(cJSON *kinds, int kind, const struct play_count *count)
{
    cJSON *object = cJSON_AddObjectToObject(kinds, capture_kind_name(kind));

    cJSON_AddNumberToObject(object, "published", (double)count->messages);
    cJSON_AddNumberToObject(object, "bytes", (double)count->bytes);
    cJSON_AddNumberToObject(object, "expected", (double)count->expected);
    cJSON_AddNumberToObject(object, "arrived", (double)count->received);
    cJSON_AddNumberToObject(object, "arrived_bytes", (double)count->received_bytes);
    cJSON_AddNumberToObject(object, "lost", (double)lost_of(count));
    cJSON_AddNumberToObject(object, "refused", (double)count->refused);
}

static void print_json(const struct play *play)
{
    cJSON *object = cJSON_CreateObject(), *kinds = cJSON_AddObjectToObject(object, "kinds");
    const struct play_count sum = all_kinds(play);
    char *text;

    for (int i = 0; i < TOPIC_KINDS; i++)
        add_kind(kinds, i, &play->counts[i]);
    cJSON_AddStringToObject(object, "federation", play->federation);
    cJSON_AddBoolToObject(object, "whole", is_whole(play));
    cJSON_AddNumberToObject(object, "devices", (double)play->devices);
    cJSON_AddNumberToObject(object, "captured_devices", (double)play->survey.devices.count);
    cJSON_AddNumberToObject(object, "published", (double)sum.messages);
    cJSON_AddNumberToObject(object, "arrived", (double)sum.received);
    cJSON_AddNumberToObject(object, "lost", (double)play_lost(play));
    cJSON_AddNumberToObject(object, "refused", (double)sum.refused);
    cJSON_AddNumberToObject(object, "seconds", seconds(play));
    cJSON_AddNumberToObject(object, "lag_us", (double)play->lag_us);
    add_times(object, "acknowledged", &play->acknowledged);
    add_times(object, "arrival", &play->arrived);
    cJSON_AddNumberToObject(object, "models_asked", (double)play->fetches);
    cJSON_AddNumberToObject(object, "models_fetched", (double)play->fetched);
    cJSON_AddNumberToObject(object, "models_given_up", (double)play->abandoned);
    cJSON_AddNumberToObject(object, "connections_lost", (double)play->disconnections);
    cJSON_AddNumberToObject(object, "skipped", (double)play->survey.skipped);
    cJSON_AddNumberToObject(object, "damaged", (double)play->damaged);
    text = cJSON_PrintUnformatted(object);
    printf("%s\n", text == NULL ? "" : text);
    cJSON_free(text);
    cJSON_Delete(object);
}

void play_report(const struct play *play)
{
    if (play->began_us == 0)
        return;
    if (play->options->json)
        print_json(play);
    else
        print_words(play);
}
