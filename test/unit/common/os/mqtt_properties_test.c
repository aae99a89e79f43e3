/* A message's MQTT 5 properties as JSON: each kind, hostile texts, and more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <mqtt_protocol.h>

#include "mqtt_private.h"

static char text[MQTT_MAX_PROPERTIES + 1];

static const char *written(mosquitto_property *list, size_t cap)
{
    struct buf out = {(uint8_t *)text, 0, cap};

    mqtt_properties_write(list, &out);
    mosquitto_property_free_all(&list);
    text[out.len] = '\0';
    return text;
}

static void no_properties_are_no_text(void **state)
{
    mosquitto_property *alias = NULL;

    (void)state;
    assert_string_equal(written(NULL, 100), "");
    /* libmosquitto's own matter. */
    assert_int_equal(mosquitto_property_add_int16(&alias, MQTT_PROP_TOPIC_ALIAS, 3), MOSQ_ERR_SUCCESS);
    assert_string_equal(written(alias, 100), "");
}

static void every_property_of_a_publish_is_written(void **state)
{
    mosquitto_property *list = NULL;
    static const uint8_t bytes[] = {0, 0xab, 255};

    (void)state;
    assert_int_equal(mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, "a", "1"), MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_varint(&list, MQTT_PROP_SUBSCRIPTION_IDENTIFIER, 268435455),
                     MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_byte(&list, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1), MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_int32(&list, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, UINT32_MAX),
                     MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, "application/cbor"),
                     MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_string(&list, MQTT_PROP_RESPONSE_TOPIC, "b/c"), MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA, bytes, sizeof bytes),
                     MOSQ_ERR_SUCCESS);
    assert_int_equal(mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, "a", "2"), MOSQ_ERR_SUCCESS);
    assert_string_equal(written(list, 1000),
                        "{\"payload-format\":1,\"expiry\":4294967295,\"content-type\":\"application/cbor\","
                        "\"response-topic\":\"b/c\",\"correlation\":\"00abff\",\"subscription\":[268435455],"
                        "\"user\":[[\"a\",\"1\"],[\"a\",\"2\"]]}");
}

static void hostile_texts_stay_within_their_strings(void **state)
{
    static const char hostile[] = "\"],\\\"{}\\u0000 \xc3\xa9"; /* controls do not come through libmosquitto */
    mosquitto_property *list = NULL;
    cJSON *parsed;

    (void)state;
    assert_int_equal(mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, hostile), MOSQ_ERR_SUCCESS);
    parsed = cJSON_Parse(written(list, 1000));
    assert_non_null(parsed);
    assert_int_equal(cJSON_GetArraySize(parsed), 1);
    assert_string_equal(cJSON_GetObjectItem(parsed, "content-type")->valuestring, hostile);
    cJSON_Delete(parsed);
}

/* Whatever the room: it is JSON, says that it was cut, and keeps what fits. */
static void what_finds_no_room_is_left_out_and_told(void **state)
{
    (void)state;
    for (size_t cap = 48; cap < 400; cap++) {
        mosquitto_property *list = NULL;
        cJSON *parsed;

        assert_int_equal(
            mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, "0123456789012345678901234567890123456789"),
            MOSQ_ERR_SUCCESS);
        for (int i = 0; i < 8; i++)
            assert_int_equal(mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, "name", "\"value\""),
                             MOSQ_ERR_SUCCESS);
        assert_true(strlen(written(list, cap)) <= cap);
        parsed = cJSON_Parse(text);
        if (parsed == NULL)
            fail_msg("%zu: %s", cap, text);
        assert_true(cJSON_HasObjectItem(parsed, "cut") != cJSON_HasObjectItem(parsed, "user"));
        assert_true(cJSON_HasObjectItem(parsed, "content-type") || cap < 100);
        cJSON_Delete(parsed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_properties_are_no_text),
        cmocka_unit_test(every_property_of_a_publish_is_written),
        cmocka_unit_test(hostile_texts_stay_within_their_strings),
        cmocka_unit_test(what_finds_no_room_is_left_out_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
