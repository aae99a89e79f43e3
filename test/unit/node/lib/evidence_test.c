/* The evidence of a device and what vouches for it, from the port into the request to enrol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "enclave_double.h"
#include "node_private.h"
#include "world.h"

static struct enclave_double enclave;
static struct device_double device;

static int begin(void **state)
{
    const struct tacit_config config = {.max_parameters = 4096, .max_endorsements = 200};

    (void)state;
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, &config);
    return 0;
}

static int end(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

static const struct published *ask(void)
{
    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    device_hear(&device, "aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 100000));
    return device_said(&device, "enrol/agg/dev");
}

static void add(struct tacit_evidence *evidence, size_t size, uint8_t with)
{
    size_t at = 0;

    for (unsigned int i = 0; i < evidence->endorsement_count; i++)
        at += evidence->endorsement_sizes[i];
    memset(evidence->endorsements + at, with, size);
    evidence->endorsement_sizes[evidence->endorsement_count++] = size;
}

static void assert_filled(struct view bytes, size_t size, uint8_t with)
{
    assert_int_equal(bytes.len, size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes.ptr[i], with);
}

/* ---- what a port may give ---- */

static void give_three(struct tacit_evidence *evidence)
{
    assert_int_equal(evidence->endorsements_size, 200);
    assert_int_equal(evidence->endorsement_count, 0);
    add(evidence, 1, 0xa1);
    add(evidence, 59, 0xa2);
    add(evidence, 140, 0xa3);
}

static void endorsements_travel_in_the_sealed_request(void **state)
{
    (void)state;
    device.endorse = give_three;
    enclave_take_request(&enclave, ask());
    assert_int_equal(enclave.endorsements.count, 3);
    assert_filled(enclave.endorsements.list[0], 1, 0xa1);
    assert_filled(enclave.endorsements.list[1], 59, 0xa2);
    assert_filled(enclave.endorsements.list[2], 140, 0xa3);
}

static void give_sixteen(struct tacit_evidence *evidence)
{
    for (uint8_t i = 0; i < TACIT_MAX_ENDORSEMENTS; i++)
        add(evidence, 1 + (size_t)i, i);
}

static void as_many_as_may_be_travel(void **state)
{
    (void)state;
    device.endorse = give_sixteen;
    enclave_take_request(&enclave, ask());
    assert_int_equal(enclave.endorsements.count, TACIT_MAX_ENDORSEMENTS);
    for (uint8_t i = 0; i < TACIT_MAX_ENDORSEMENTS; i++)
        assert_filled(enclave.endorsements.list[i], 1 + (size_t)i, i);
}

static void none_need_be_given(void **state)
{
    (void)state;
    enclave_take_request(&enclave, ask());
    assert_int_equal(enclave.endorsements.count, 0);
}

static void whatever_is_done_to_the_pointers_nothing_else_is_sent(struct tacit_evidence *evidence)
{
    static uint8_t secret[64];

    evidence->bytes = secret;
    evidence->endorsements = secret;
    evidence->endorsements_size = sizeof secret;
    evidence->endorsement_count = 1;
    evidence->endorsement_sizes[0] = 4;
}

static void bytes_are_taken_from_where_they_were_to_be_put(void **state)
{
    (void)state;
    device.endorse = give_three;
    enclave_take_request(&enclave, ask());
    device.endorse = whatever_is_done_to_the_pointers_nothing_else_is_sent;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_EVIDENCE_STALE));
    device_forget(&device);
    device_wait(&device, 5);
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    assert_true(view_equal(enclave.evidence, VIEW_TEXT("\1\2\3")));
    assert_int_equal(enclave.endorsements.count, 1);
    assert_int_equal(enclave.endorsements.list[0].len, 4);
    assert_memory_not_equal(enclave.endorsements.list[0].ptr, ((uint8_t[4]){0}), 4);
}

/* ---- what it may not ---- */

static void say_one_too_many(struct tacit_evidence *evidence)
{
    give_sixteen(evidence);
    evidence->endorsement_count++;
}

static void say_very_many(struct tacit_evidence *evidence)
{
    evidence->endorsement_count = UINT32_MAX;
}

static void say_one_byte_too_many(struct tacit_evidence *evidence)
{
    add(evidence, 200, 1);
    evidence->endorsement_sizes[0]++;
}

static void say_sizes_that_overflow(struct tacit_evidence *evidence)
{
    add(evidence, 8, 1);
    evidence->endorsement_sizes[1] = SIZE_MAX - 4;
    evidence->endorsement_count = 2;
}

static void say_an_empty_one(struct tacit_evidence *evidence)
{
    add(evidence, 8, 1);
    add(evidence, 0, 1);
}

static void say_no_evidence(struct tacit_evidence *evidence)
{
    evidence->size = 0;
}

static void say_more_evidence_than_there_is_room(struct tacit_evidence *evidence)
{
    evidence->size = EVIDENCE_MAX + 1;
}

static void say_no_kind(struct tacit_evidence *evidence)
{
    evidence->kind[0] = '\0';
}

static void say_a_kind_without_end(struct tacit_evidence *evidence)
{
    memset(evidence->kind, 'k', sizeof evidence->kind);
}

static void fill_the_room(struct tacit_evidence *evidence)
{
    evidence->size = EVIDENCE_MAX;
}

static void what_a_port_says_wrongly_is_not_sent(void **state)
{
    static const struct {
        const char *why;
        void (*say)(struct tacit_evidence *evidence);
        enum status want;
    } cases[] = {
        {"one endorsement too many", say_one_too_many, STATUS_OUT_OF_RANGE},
        {"very many", say_very_many, STATUS_OUT_OF_RANGE},
        {"one byte too many", say_one_byte_too_many, STATUS_OUT_OF_RANGE},
        {"sizes whose sum overflows", say_sizes_that_overflow, STATUS_OUT_OF_RANGE},
        {"an empty one", say_an_empty_one, STATUS_OUT_OF_RANGE},
        {"no evidence", say_no_evidence, STATUS_OUT_OF_RANGE},
        {"more evidence than there is room", say_more_evidence_than_there_is_room, STATUS_OUT_OF_RANGE},
        {"no kind", say_no_kind, STATUS_OUT_OF_RANGE},
        {"a kind without end", say_a_kind_without_end, STATUS_OUT_OF_RANGE},
        {"more than the policy's packet", fill_the_room, STATUS_NO_SPACE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        device.endorse = cases[i].say;
        device_forget(&device);
        if (i == 0)
            (void)ask();
        else
            device_wait(&device, 61);
        assert_null(device_said(&device, "enrol/agg/dev"));
        assert_true(device_told(&device, "failed enrolment: "));
        assert_true(device_told(&device, status_text(cases[i].want)));
    }
    device.endorse = give_three;
    device_wait(&device, 61);
    assert_non_null(device_said(&device, "enrol/agg/dev"));
}

/* ---- memory ---- */

static void memory_follows_from_what_is_to_be_given(void **state)
{
    static const uint8_t key[TACIT_OWNER_KEY_SIZE];
    struct tacit_config config = {
        .federation = "f", .aggregator = "a", .device = "d", .owner_key = key, .max_parameters = 10};
    const size_t without = tacit_node_memory(&config);

    (void)state;
    assert_true(without > sizeof(struct tacit_node) + EVIDENCE_MAX);
    config.max_endorsements = TACIT_MAX_ENDORSEMENTS_SIZE;
    assert_true(tacit_node_memory(&config) >= without + TACIT_MAX_ENDORSEMENTS_SIZE);
    assert_true(tacit_node_memory(&config) <= without + 2 * (size_t)TACIT_MAX_ENDORSEMENTS_SIZE);
    config.max_parameters = MODEL_MAX_PARAMETERS;
    assert_true(tacit_node_memory(&config) > 8 * MODEL_MAX_PARAMETERS); /* also in a size_t of 32 bits */
    config.max_endorsements++;
    assert_int_equal(tacit_node_memory(&config), 0);
}

/* With the largest of all that can be given: the memory is exactly as large as was said, and nothing runs over. */
static void fill_everything(struct tacit_evidence *evidence)
{
    const size_t each = TACIT_MAX_ENDORSEMENTS_SIZE / TACIT_MAX_ENDORSEMENTS;

    evidence->size = EVIDENCE_MAX;
    memset(evidence->bytes, 0x5a, evidence->size);
    for (uint8_t i = 0; i < TACIT_MAX_ENDORSEMENTS; i++)
        add(evidence, each, i);
}

static void the_largest_request_fits_the_memory(void **state)
{
    (void)state;
    device_stop(&device);
    device_start(&device, &enclave,
                 &(struct tacit_config){.max_parameters = 16, .max_endorsements = TACIT_MAX_ENDORSEMENTS_SIZE});
    device.endorse = fill_everything;
    /* It is made wholly, and only then found too large for this policy's packets. */
    assert_null(ask());
    assert_true(device_told(&device, status_text(STATUS_NO_SPACE)));
    assert_true(device.node->message.len > EVIDENCE_MAX + TACIT_MAX_ENDORSEMENTS_SIZE);
    assert_true(device.node->message.len < device.node->message.cap);
}

static struct world world;
static uint8_t large[TACIT_MAX_ENDORSEMENTS_SIZE / 2];

static void endorse_largely(struct world_node *node)
{
    node->endorsements = (struct endorsements){.count = 2, .list = {VIEW_OF(large), VIEW_OF(large)}};
}

static void a_real_enclave_takes_them(void **state)
{
    const struct federation_options options = {.seed = 1, .max_packet = 131072};
    const struct world_node *node;

    (void)state;
    world_start(&world, &options);
    node = world_add(&world, "dev", endorse_largely);
    world_run(&world, 10);
    assert_int_equal(node->enrolled, 1);
    world_end(&world);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(endorsements_travel_in_the_sealed_request),
        TEST(as_many_as_may_be_travel),
        TEST(none_need_be_given),
        TEST(bytes_are_taken_from_where_they_were_to_be_put),
        TEST(what_a_port_says_wrongly_is_not_sent),
        TEST(memory_follows_from_what_is_to_be_given),
        TEST(the_largest_request_fits_the_memory),
        cmocka_unit_test(a_real_enclave_takes_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
