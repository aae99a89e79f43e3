/* mqtt_properties.c: the properties of a message as JSON (MQTT 5.0, section 3.3.2.3). See mqtt_private.h.
 *
 *   {"payload-format": 1, "expiry": 60, "content-type": "...", "response-topic": "...", "correlation": "hexadecimal",
 *    "subscription": [7], "user": [["name", "value"], ...], "cut": true}
 *
 * Texts are UTF-8: libmosquitto ends a connection on which others come. */
#include "mqtt_private.h"

#include <mqtt_protocol.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END_ROOM 32 /* for what closes the object, "cut" included */

struct writing {
    struct buf *out;
    size_t most; /* of out's length, the end apart */
    bool cut;
};

static bool add(struct writing *writing, struct view bytes)
{
    if (bytes.len > writing->most - writing->out->len || buf_append(writing->out, bytes) != STATUS_OK)
        return false;
    return true;
}

static bool add_text(struct writing *writing, const char *text)
{
    return add(writing, view_of_string(text));
}

/* A JSON string. Controls are written as \u00XX; what lies above stands as it is. */
static bool add_string(struct writing *writing, const char *text)
{
    bool fits = add_text(writing, "\"");

    for (; fits && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char escaped[8];

        if (c < 0x20 || c == 0x7f)
            (void)snprintf(escaped, sizeof escaped, "\\u%04x", c);
        else
            (void)snprintf(escaped, sizeof escaped, c == '"' || c == '\\' ? "\\%c" : "%c", c);
        fits = add_text(writing, escaped);
    }
    return fits && add_text(writing, "\"");
}

static void free_string(char **string)
{
    free(*string);
}

static bool add_number(struct writing *writing, uint32_t number)
{
    char digits[16];

    (void)snprintf(digits, sizeof digits, "%u", (unsigned int)number);
    return add_text(writing, digits);
}

static bool add_byte(struct writing *writing, int id, const mosquitto_property *one)
{
    uint8_t value = 0;

    (void)mosquitto_property_read_byte(one, id, &value, false);
    return add_number(writing, value);
}

static bool add_int32(struct writing *writing, int id, const mosquitto_property *one)
{
    uint32_t value = 0;

    (void)mosquitto_property_read_int32(one, id, &value, false);
    return add_number(writing, value);
}

static bool add_varint(struct writing *writing, int id, const mosquitto_property *one)
{
    uint32_t value = 0;

    (void)mosquitto_property_read_varint(one, id, &value, false);
    return add_number(writing, value);
}

static bool add_value(struct writing *writing, int id, const mosquitto_property *one)
{
    CLEANUP(free_string) char *value = NULL;

    (void)mosquitto_property_read_string(one, id, &value, false);
    return add_string(writing, value == NULL ? "" : value);
}

static bool add_bytes(struct writing *writing, int id, const mosquitto_property *one)
{
    void *bytes = NULL;
    uint16_t len = 0;
    bool fits = add_text(writing, "\"");

    (void)mosquitto_property_read_binary(one, id, &bytes, &len, false);
    for (size_t i = 0; fits && bytes != NULL && i < len; i++) {
        char digits[3];

        hex_encode((struct view){(const uint8_t *)bytes + i, 1}, digits);
        fits = add_text(writing, digits);
    }
    free(bytes);
    return fits && add_text(writing, "\"");
}

static bool add_pair(struct writing *writing, int id, const mosquitto_property *one)
{
    CLEANUP(free_string) char *name = NULL;
    CLEANUP(free_string) char *value = NULL;

    (void)mosquitto_property_read_string_pair(one, id, &name, &value, false);
    return add_text(writing, "[") && add_string(writing, name == NULL ? "" : name) && add_text(writing, ",") &&
           add_string(writing, value == NULL ? "" : value) && add_text(writing, "]");
}

/* What may stand on a PUBLISH; a topic alias is libmosquitto's own matter. */
static const struct row {
    int id;
    const char *name;
    bool several; /* a list */
    bool (*add)(struct writing *writing, int id, const mosquitto_property *one);
} rows[] = {
    {MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, "payload-format", false, add_byte},
    {MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, "expiry", false, add_int32},
    {MQTT_PROP_CONTENT_TYPE, "content-type", false, add_value},
    {MQTT_PROP_RESPONSE_TOPIC, "response-topic", false, add_value},
    {MQTT_PROP_CORRELATION_DATA, "correlation", false, add_bytes},
    {MQTT_PROP_SUBSCRIPTION_IDENTIFIER, "subscription", true, add_varint},
    {MQTT_PROP_USER_PROPERTY, "user", true, add_pair},
};

static const mosquitto_property *find(const mosquitto_property *list, int id)
{
    while (list != NULL && mosquitto_property_identifier(list) != id)
        list = mosquitto_property_next(list);
    return list;
}

/* `"name":value` or `"name":[value,...]`, wholly or not at all. */
static bool add_row(struct writing *writing, const struct row *row, const mosquitto_property *one)
{
    bool fits = (writing->out->ptr[writing->out->len - 1] == '{' || add_text(writing, ",")) &&
                add_string(writing, row->name) && add_text(writing, row->several ? ":[" : ":");

    while (fits && one != NULL) {
        const mosquitto_property *next = row->several ? find(mosquitto_property_next(one), row->id) : NULL;

        fits = row->add(writing, row->id, one) && (next == NULL || add_text(writing, ","));
        one = next;
    }
    return fits && (!row->several || add_text(writing, "]"));
}

void mqtt_properties_write(const mosquitto_property *list, struct buf *out)
{
    struct writing writing = {.out = out, .most = out->cap - END_ROOM};
    size_t start = out->len;
    bool fits = add_text(&writing, "{");

    for (size_t i = 0; fits && i < ARRAY_LEN(rows); i++) {
        const mosquitto_property *one = find(list, rows[i].id);
        size_t before = out->len;

        if (one == NULL || add_row(&writing, &rows[i], one))
            continue;
        out->len = before;
        writing.cut = true;
    }
    if (out->len == start + 1 && !writing.cut) {
        out->len = start;
        return;
    }
    writing.most = out->cap;
    if (writing.cut)
        fits = add_text(&writing, out->ptr[out->len - 1] == '{' ? "\"cut\":true" : ",\"cut\":true");
    if (!fits || !add_text(&writing, "}"))
        out->len = start;
}
