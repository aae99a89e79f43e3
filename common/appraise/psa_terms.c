/* psa_terms.c: the rules of psa_terms.h as CBOR (PROTOCOL.md section 16). */
#include "psa_terms.h"

#include <assert.h>
#include <string.h>

#include "psa_private.h"
#include "values.h"

#define TERMS         5
#define DIGEST_MIN    32
#define INSTANCE_KIND 0x01

/* ---- encode ---- */

static void write_device(struct writer *writer, const struct psatoken_device *device)
{
    write_map(writer, 1u + (device->instance.len > 0) + (device->name.len > 0));
    write_uint(writer, 1);
    write_bounded(writer, device->key, 1, PSATOKEN_KEY_MAX);
    if (device->instance.len > 0) {
        write_uint(writer, 2);
        write_fixed(writer, device->instance, PSATOKEN_INSTANCE_SIZE);
    }
    if (device->name.len > 0) {
        write_uint(writer, 3);
        write_name(writer, device->name);
    }
}

static void write_component(struct writer *writer, const struct psatoken_component *component)
{
    const bool typed = component->type.len > 0;

    assert(component->type.len <= PSATOKEN_TYPE_MAX);
    write_map(writer, typed ? 3 : 2);
    if (typed) {
        write_uint(writer, 1);
        write_text(writer, component->type);
    }
    write_uint(writer, 2);
    write_allowed(writer, &component->measurement);
    write_uint(writer, 3);
    write_allowed(writer, &component->signer);
}

enum status psatoken_terms_encode(const struct psatoken_terms *terms, struct buf *out)
{
    struct writer writer = writer_to(out);

    assert(terms->device_count <= PSATOKEN_DEVICES_MAX && terms->component_count <= PSATOKEN_COMPONENTS_MAX);
    write_map(&writer, TERMS);
    write_uint(&writer, 1);
    write_array(&writer, terms->device_count);
    for (uint32_t i = 0; i < terms->device_count; i++)
        write_device(&writer, &terms->devices[i]);
    write_uint(&writer, 2);
    write_allowed(&writer, &terms->implementation);
    write_uint(&writer, 3);
    write_array(&writer, terms->component_count);
    for (uint32_t i = 0; i < terms->component_count; i++)
        write_component(&writer, &terms->components[i]);
    write_uint(&writer, 4);
    write_bool(&writer, terms->debug);
    write_uint(&writer, 5);
    write_bool(&writer, terms->legacy);
    return writer_end(&writer);
}

/* ---- decode ---- */

static struct view read_instance(struct reader *reader)
{
    const struct view instance = read_fixed(reader, PSATOKEN_INSTANCE_SIZE);

    if (instance.len > 0 && instance.ptr[0] != INSTANCE_KIND)
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    return instance;
}

static struct psatoken_device read_device(struct reader *reader)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(3), FIELD(1));
    struct psatoken_device device = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            device.key = read_bytes(reader, 1, PSATOKEN_KEY_MAX);
        else if (key == 2)
            device.instance = read_instance(reader);
        else
            device.name = read_name(reader);
    }
    return device;
}

/* Of a size that a SHA-2 digest has; a list of none accepts nothing. */
static void read_digests(struct reader *reader, struct allowed *out)
{
    read_allowed(reader, DIGEST_MIN, DIGEST_BYTES_MAX, out);
    if (allowed_none(out))
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    for (uint32_t i = 0; i < out->count; i++)
        if (out->list[i].len % 16 != 0)
            reader_fail(reader, STATUS_OUT_OF_RANGE);
}

static void read_component(struct reader *reader, struct psatoken_component *out)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(3), FIELD(2) | FIELD(3));
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            out->type = read_text(reader, 1, PSATOKEN_TYPE_MAX);
        else if (key == 2)
            read_digests(reader, &out->measurement);
        else
            read_digests(reader, &out->signer);
    }
}

static void read_devices(struct reader *reader, struct psatoken_terms *out)
{
    out->device_count = read_array(reader, 1, PSATOKEN_DEVICES_MAX);
    for (uint32_t i = 0; i < out->device_count; i++)
        out->devices[i] = read_device(reader);
    read_close(reader);
}

static void read_components(struct reader *reader, struct psatoken_terms *out)
{
    out->component_count = read_array(reader, 1, PSATOKEN_COMPONENTS_MAX);
    for (uint32_t i = 0; i < out->component_count; i++)
        read_component(reader, &out->components[i]);
    read_close(reader);
}

static void read_term(struct reader *reader, int64_t key, struct psatoken_terms *out)
{
    switch (key) {
    case 1:
        read_devices(reader, out);
        break;
    case 2:
        read_allowed(reader, PSATOKEN_IMPLEMENTATION_SIZE, PSATOKEN_IMPLEMENTATION_SIZE, &out->implementation);
        if (allowed_none(&out->implementation))
            reader_fail(reader, STATUS_OUT_OF_RANGE);
        break;
    case 3:
        read_components(reader, out);
        break;
    case 4:
        out->debug = read_bool(reader);
        break;
    case 5:
        out->legacy = read_bool(reader);
        break;
    }
}

enum status psatoken_terms_read(struct view bytes, struct psatoken_terms *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(TERMS), FIELDS_TO(TERMS));
    int64_t key;

    memset(out, 0, sizeof *out);
    while (read_field(&fields, &key))
        read_term(&reader, key, out);
    return reader_end(&reader);
}

/* ---- devices ---- */

/* Bytes of a SubjectPublicKeyInfo (RFC 5480), and of the point 04 || x || y that it ends with. */
static const struct {
    size_t info, point;
} sizes[] = {{91, 65}, {120, 97}, {158, 133}};

static enum status find_point(struct view key, struct view *out)
{
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        if (key.len == sizes[i].info)
            return view_slice(key, key.len - sizes[i].point, sizes[i].point, out);
    return STATUS_BAD_KEY;
}

/* Its size leaves no room for PEM, another encoding, or bytes behind it. */
static enum status check_key(struct view key)
{
    struct public_key parsed;
    struct view point;
    enum status status;

    TRY(find_point(key, &point));
    status = public_key_from_spki(key, &parsed);
    return status == STATUS_OK || status == STATUS_CRYPTO ? status : STATUS_BAD_KEY;
}

enum status psatoken_device_instance(const struct psatoken_device *device, uint8_t out[static PSATOKEN_INSTANCE_SIZE])
{
    struct digest digest;
    struct view point;

    if (device->instance.len == PSATOKEN_INSTANCE_SIZE) {
        memcpy(out, device->instance.ptr, PSATOKEN_INSTANCE_SIZE);
        return STATUS_OK;
    }
    TRY(find_point(device->key, &point));
    TRY(digest_pieces(DIGEST_SHA256, &point, 1, &digest));
    out[0] = INSTANCE_KIND;
    memcpy(out + 1, digest.bytes, PSATOKEN_INSTANCE_SIZE - 1);
    return STATUS_OK;
}

/* Of two keys for one instance nobody would know which is the device's. */
static enum status check_devices(const struct psatoken_terms *terms)
{
    uint8_t instances[PSATOKEN_DEVICES_MAX][PSATOKEN_INSTANCE_SIZE];

    for (uint32_t i = 0; i < terms->device_count; i++) {
        TRY(check_key(terms->devices[i].key));
        TRY(psatoken_device_instance(&terms->devices[i], instances[i]));
        for (uint32_t k = 0; k < i; k++)
            if (memcmp(instances[k], instances[i], PSATOKEN_INSTANCE_SIZE) == 0)
                return STATUS_OUT_OF_RANGE;
    }
    return STATUS_OK;
}

enum status psatoken_terms_decode(struct view bytes, struct psatoken_terms *out)
{
    struct psatoken_terms terms;

    TRY(psatoken_terms_read(bytes, &terms));
    TRY(check_devices(&terms));
    *out = terms;
    return STATUS_OK;
}

enum status psatoken_check_rules(struct view rules)
{
    struct psatoken_terms terms;

    TRY(psatoken_terms_read(rules, &terms));
    return check_devices(&terms);
}
