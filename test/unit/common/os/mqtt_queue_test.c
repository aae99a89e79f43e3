#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mqtt_queue.h"

static struct mqtt_item *item(int id)
{
    struct mqtt_message message = {.topic = "a/b", .payload = VIEW_TEXT("payload"), .retained = true};
    struct mqtt_item *made = mqtt_item_new(&message);

    assert_non_null(made);
    made->id = id;
    return made;
}

/* The ids in a queue as one number: 1, 2, 3 are 123. The queue is empty then. */
static int ids(struct mqtt_queue *queue)
{
    struct mqtt_item *first;
    int all = 0;

    while ((first = mqtt_queue_pop(queue)) != NULL) {
        all = 10 * all + first->id;
        free(first);
    }
    assert_true(queue->bytes == 0 && queue->count == 0 && queue->last == NULL);
    return all;
}

static void an_item_is_a_copy(void **state)
{
    (void)state;
    char topic[] = "t/x", payload[] = "abc";
    struct mqtt_message message = {
        .topic = topic, .payload = {(uint8_t *)payload, 3}, .retained = true, .qos = 2, .properties = VIEW_TEXT("{}")};
    struct mqtt_item *copy = mqtt_item_new(&message);

    assert_non_null(copy);
    memset(topic, '-', 3);
    memset(payload, '-', 3);
    assert_string_equal(copy->message.topic, "t/x");
    assert_true(view_equal(copy->message.payload, VIEW_TEXT("abc")) && copy->message.retained);
    free(copy);
}

static void first_in_is_first_out(void **state)
{
    (void)state;
    struct mqtt_queue queue = {0};

    for (int id = 1; id <= 3; id++)
        mqtt_queue_push(&queue, item(id));
    assert_int_equal(queue.count, 3);
    assert_int_equal(queue.bytes, 3 * mqtt_item_bytes(&queue.first->message));
    assert_int_equal(ids(&queue), 123);
    assert_null(mqtt_queue_pop(&queue));
}

static void takes_an_item_out_of_any_place(void **state)
{
    (void)state;
    static const int left[] = {0, 23, 13, 12};

    for (int id = 1; id <= 3; id++) {
        struct mqtt_queue queue = {0};
        struct mqtt_item *taken;

        for (int i = 1; i <= 3; i++)
            mqtt_queue_push(&queue, item(i));
        taken = mqtt_queue_take(&queue, id);
        assert_non_null(taken);
        assert_int_equal(taken->id, id);
        free(taken);
        assert_null(mqtt_queue_take(&queue, id));
        mqtt_queue_push(&queue, item(4));
        assert_int_equal(ids(&queue), 10 * left[id] + 4);
    }
}

static void what_was_in_flight_goes_before_what_waits(void **state)
{
    (void)state;
    struct mqtt_queue waiting = {0}, in_flight = {0};

    mqtt_queue_prepend(&waiting, &in_flight);
    mqtt_queue_push(&in_flight, item(1));
    mqtt_queue_push(&in_flight, item(2));
    mqtt_queue_prepend(&waiting, &in_flight);
    assert_true(waiting.count == 2 && in_flight.count == 0 && in_flight.first == NULL);
    mqtt_queue_push(&waiting, item(3));
    mqtt_queue_push(&in_flight, item(9));
    mqtt_queue_prepend(&waiting, &in_flight);
    assert_int_equal(ids(&waiting), 9123);
    mqtt_queue_push(&waiting, item(1));
    mqtt_queue_clear(&waiting);
    assert_int_equal(ids(&waiting), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_is_a_copy),
        cmocka_unit_test(first_in_is_first_out),
        cmocka_unit_test(takes_an_item_out_of_any_place),
        cmocka_unit_test(what_was_in_flight_goes_before_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
