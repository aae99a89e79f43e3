/* Endorsements of the operator: published with the evidence, and watched while time goes by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "host_private.h"
#include "world.h"
#include "x509_maker.h"

#define EVIDENCE "tacit/1/fed/aggregator/agg/evidence"
#define STATUS   "tacit/1/fed/aggregator/agg/status"
#define HOUR     3600
#define DAY      (24 * HOUR)

/* The world's time begins at 2026-09-21T14:13:20Z. */
#define LONG_AGO "200101000000Z"
#define FAR      "400101000000Z"

static struct world world;
static uint8_t memory[1 << 18];
static struct buf used;
static unsigned int evidences; /* that were published */

static bool count_evidence(void *ctx, const char *topic, uint8_t *payload, size_t *size)
{
    (void)ctx, (void)payload, (void)size;
    evidences += strcmp(topic, EVIDENCE) == 0;
    return true;
}

static int setup(void **state)
{
    (void)state;
    world_start(&world, &(struct federation_options){.seed = 1});
    world_run(&world, 1);
    world.filter = count_evidence;
    used = BUF_OF(memory);
    evidences = 0;
    world.events[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static struct view certificate(const char *subject, const char *first, const char *last)
{
    const struct maker_key key = maker_key_of(1);
    const struct maker_certificate parts = {.issuer = "Root",
                                            .subject = subject,
                                            .issuer_key = &key,
                                            .key = &key,
                                            .serial = 1,
                                            .not_before = first,
                                            .not_after = last};

    return maker_certificate(&parts, &used);
}

static void fill(uint32_t at, const char *file, struct view bytes)
{
    world.collateral_files[at] = file;
    world.collateral.list[at] = bytes;
    if (world.collateral.count <= at)
        world.collateral.count = at + 1;
}

static void reload(void)
{
    assert_int_equal(host_reload(world.host, world.federation.now), STATUS_OK);
    world_run(&world, 1);
}

static void wait_for(uint64_t seconds)
{
    world.federation.now += seconds - 1;
    world_run(&world, 1);
}

static bool told(const char *text)
{
    return strstr(world.events, text) != NULL;
}

static unsigned int count_of(const char *text)
{
    unsigned int count = 0;

    for (const char *at = world.events; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

static struct endorsements published(void)
{
    struct bundle bundle;

    assert_int_equal(bundle_decode(world_retained(&world, EVIDENCE), &bundle), STATUS_OK);
    return bundle.endorsements;
}

static void assert_published(const char *const *subjects, uint32_t count)
{
    const struct endorsements got = published();

    assert_int_equal(got.count, count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t space_bytes[4096];
        struct buf space = BUF_OF(space_bytes);
        struct endorsement about;

        assert_int_equal(endorsement_tell(got.list[i], &space, &about), STATUS_OK);
        assert_string_equal(about.name, subjects[i]);
    }
}

/* The status's collateral_until, or -1. */
static int64_t until(void)
{
    const struct view text = world_retained(&world, STATUS);
    cJSON *json = cJSON_ParseWithLength((const char *)text.ptr, text.len);
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(json, "collateral_until");
    const int64_t value = found != NULL ? (int64_t)cJSON_GetNumberValue(found) : -1;

    assert_non_null(json);
    cJSON_Delete(json);
    return value;
}

/* ---- published ---- */

static void files_are_published_with_the_evidence_and_devices_still_believe_it(void **state)
{
    const struct world_node *node = world_add(&world, "dev", NULL);

    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    fill(1, "b.der", certificate("Second", LONG_AGO, FAR));
    reload();
    assert_published((const char *const[]){"First", "Second"}, 2);
    assert_true(told("collateral 2 files"));
    assert_true(told("collateral_file b.der: Second"));
    world_run(&world, 5);
    assert_int_equal(node->enrolled, 1);
    assert_int_equal(node->distrusted, 0);
}

static void what_the_enclave_brings_stays_first(void **state)
{
    uint8_t bytes[4096];
    struct buf own = BUF_OF(bytes);
    struct bundle bundle;

    (void)state;
    fill(0, "a.der", certificate("The operator's", LONG_AGO, FAR));
    assert_int_equal(bundle_decode(world_retained(&world, EVIDENCE), &bundle), STATUS_OK);
    bundle.endorsements = (struct endorsements){.count = 1, .list = {certificate("Its own", LONG_AGO, FAR)}};
    assert_int_equal(bundle_encode(&bundle, &own), STATUS_OK);
    assert_int_equal(endorse_evidence(world.host, buf_view(&own)), STATUS_OK);
    reload();
    assert_published((const char *const[]){"Its own", "The operator's"}, 2);
}

static void they_are_published_again_when_something_changed_and_not_else(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    reload();
    assert_int_equal(evidences, 1);
    reload();
    assert_int_equal(evidences, 1);
    fill(0, "a.der", certificate("Other", LONG_AGO, FAR));
    world_run(&world, 30);
    assert_int_equal(evidences, 1);
    reload();
    assert_int_equal(evidences, 2);
    assert_published((const char *const[]){"Other"}, 1);
    world.collateral.count = 0;
    reload();
    assert_int_equal(evidences, 3);
    assert_published(NULL, 0);
}

static void the_folder_is_read_at_start_and_every_hour(void **state)
{
    (void)state;
    assert_int_equal(world.collateral_reads, 1);
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    wait_for(HOUR - 60);
    assert_int_equal(world.collateral_reads, 1);
    wait_for(60);
    assert_int_equal(world.collateral_reads, 2);
    assert_published((const char *const[]){"First"}, 1);
}

static void fresh_evidence_and_another_boot_have_them_too(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    reload();
    wait_for(2 * HOUR);
    assert_int_equal(evidences, 2);
    assert_published((const char *const[]){"First"}, 1);
    world_restart_enclave(&world, false);
    world_run(&world, 1);
    assert_published((const char *const[]){"First"}, 1);
}

/* ---- refused ---- */

static void one_file_that_is_no_endorsement_leaves_the_set_as_it_was(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    reload();
    fill(0, "a.der", certificate("Changed", LONG_AGO, FAR));
    fill(1, "notes.txt", VIEW_TEXT("ask Eve for the password\n"));
    fill(2, "z.der", certificate("Last", LONG_AGO, FAR));
    reload();
    assert_true(told("collateral_refused notes.txt: "));
    assert_false(told("z.der"));
    assert_int_equal(evidences, 1);
    assert_published((const char *const[]){"First"}, 1);
    assert_int_equal(until(), 2208988800);
}

static void a_folder_that_cannot_be_read_leaves_the_set_as_it_was(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    reload();
    world.collateral.count = 0;
    world.collateral_status = STATUS_IO;
    reload();
    assert_published((const char *const[]){"First"}, 1);
    world.collateral_status = STATUS_OK;
    reload();
    assert_published(NULL, 0);
}

static void more_than_fits_a_packet_is_told_and_not_published(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    reload();
    for (uint32_t i = 1; i < 12; i++)
        fill(i, "more.der", certificate("More", LONG_AGO, FAR));
    reload();
    assert_true(told("collateral_not_published 12 files: larger than the space"));
    assert_true(told("max_packet"));
    assert_published((const char *const[]){"First"}, 1);
    assert_true(world_retained(&world, EVIDENCE).len <= world.federation.policy.max_packet);
}

static void more_pieces_than_a_bundle_holds_are_told_and_not_published(void **state)
{
    const struct view small = VIEW_TEXT("30");
    uint8_t bytes[4096];
    struct buf own = BUF_OF(bytes);
    struct bundle bundle;

    (void)state;
    assert_int_equal(bundle_decode(world_retained(&world, EVIDENCE), &bundle), STATUS_OK);
    bundle.endorsements.count = ENDORSEMENTS_MAX;
    for (size_t i = 0; i < ENDORSEMENTS_MAX; i++)
        bundle.endorsements.list[i] = small;
    assert_int_equal(bundle_encode(&bundle, &own), STATUS_OK);
    assert_int_equal(endorse_evidence(world.host, buf_view(&own)), STATUS_OK);
    fill(0, "a.der", certificate("First", LONG_AGO, FAR));
    reload();
    assert_true(told("collateral_not_published 1 files"));
    assert_int_equal(evidences, 0);
}

/* ---- dates ---- */

static void the_status_tells_the_first_end_and_nothing_without_files(void **state)
{
    (void)state;
    world_run(&world, 2);
    assert_int_equal(until(), -1);
    fill(0, "a.der", certificate("First", LONG_AGO, "350101000000Z"));
    fill(1, "b.der", certificate("Second", LONG_AGO, "300101000000Z"));
    fill(2, "c.der", certificate("Third", LONG_AGO, FAR));
    reload();
    world_run(&world, 2);
    assert_int_equal(until(), 1893456000);
}

static void what_ends_soon_is_told_once_a_day_and_then_that_it_ended(void **state)
{
    (void)state;
    fill(0, "good.der", certificate("Good", LONG_AGO, FAR));
    fill(1, "short.der", certificate("Short", LONG_AGO, "260930141322Z")); /* in nine days and a second */
    reload();
    wait_for(2 * DAY - 60);
    assert_false(told("collateral_expires"));
    wait_for(120);
    assert_true(told("collateral_expires short.der (Short) ends 2026-09-30T14:13:22Z, in 6 d\n"));
    wait_for(DAY - 200);
    assert_int_equal(count_of("collateral_expires"), 1);
    wait_for(200);
    assert_int_equal(count_of("collateral_expires"), 2);
    for (int i = 0; i < 5; i++)
        wait_for(DAY);
    assert_int_equal(count_of("collateral_expires"), 7);
    assert_false(told("collateral_expired"));
    wait_for(DAY);
    assert_int_equal(count_of("collateral_expires"), 7);
    assert_int_equal(count_of("collateral_expired short.der (Short) ended 2026-09-30T14:13:22Z, "), 1);
    assert_false(told("good.der (Good) "));
    assert_published((const char *const[]){"Good", "Short"}, 2); /* a policy may still take it for a while */
}

static void its_last_second_is_within_its_time(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, "260921151320Z")); /* in an hour */
    reload();
    world.federation.now = FEDERATION_NOW + HOUR - 1;
    world_run(&world, 1);
    assert_int_equal(world.federation.now, FEDERATION_NOW + HOUR);
    assert_false(told("collateral_expired"));
    world_run(&world, 1);
    assert_true(told("collateral_expired a.der (First) ended 2026-09-21T15:13:20Z, 0 min ago"));
}

static void what_is_not_valid_yet_is_told(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", "260922141322Z", FAR));
    reload();
    assert_true(told("collateral_not_yet a.der (First) begins 2026-09-22T14:13:22Z, in 24 h\n"));
    wait_for(DAY + 5);
    assert_int_equal(count_of("collateral_not_yet"), 1);
    assert_false(told("collateral_exp"));
}

static void another_file_does_not_make_it_told_again_but_another_copy_does(void **state)
{
    (void)state;
    fill(0, "a.der", certificate("First", LONG_AGO, "260925000000Z"));
    reload();
    assert_int_equal(count_of("collateral_expires a.der"), 1);
    fill(1, "b.der", certificate("Second", LONG_AGO, FAR));
    reload();
    assert_int_equal(evidences, 2);
    assert_int_equal(count_of("collateral_expires a.der"), 1);
    fill(0, "a.der", certificate("First", LONG_AGO, "260926000000Z"));
    reload();
    assert_int_equal(count_of("collateral_expires a.der"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(files_are_published_with_the_evidence_and_devices_still_believe_it),
        TEST(what_the_enclave_brings_stays_first),
        TEST(they_are_published_again_when_something_changed_and_not_else),
        TEST(the_folder_is_read_at_start_and_every_hour),
        TEST(fresh_evidence_and_another_boot_have_them_too),
        TEST(one_file_that_is_no_endorsement_leaves_the_set_as_it_was),
        TEST(a_folder_that_cannot_be_read_leaves_the_set_as_it_was),
        TEST(more_than_fits_a_packet_is_told_and_not_published),
        TEST(more_pieces_than_a_bundle_holds_are_told_and_not_published),
        TEST(the_status_tells_the_first_end_and_nothing_without_files),
        TEST(what_ends_soon_is_told_once_a_day_and_then_that_it_ended),
        TEST(its_last_second_is_within_its_time),
        TEST(what_is_not_valid_yet_is_told),
        TEST(another_file_does_not_make_it_told_again_but_another_copy_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
