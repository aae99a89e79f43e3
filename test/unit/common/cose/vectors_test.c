/* The COSE working group's examples (github.com/cose-wg/Examples): all that are of a structure that we have must come out
 * as the table says, and all others are named. Needs the examples in TACIT_VECTORS/cose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "cose_private.h"
#include "cose_vectors.h"
#include "crypto_support.h"

#define STORAGE     BUF_OF(((uint8_t[1024]){0}))
#define FILES_TOTAL 148

/* A reason why a good example is refused stands with it. */
static const struct expectation {
    const char *file;
    enum status want;
    const char *why;
} expectations[] = {
    /* COSE_Sign1 */
    {"CWT/A_3", STATUS_OK, ""},
    {"RFC8152/Appendix_C_2_1", STATUS_OK, ""},
    {"ecdsa-examples/ecdsa-sig-01", STATUS_UNSUPPORTED, "a content type"},
    {"ecdsa-examples/ecdsa-sig-02", STATUS_UNSUPPORTED, "ES384"},
    {"ecdsa-examples/ecdsa-sig-03", STATUS_UNSUPPORTED, "ES512"},
    {"ecdsa-examples/ecdsa-sig-04", STATUS_UNSUPPORTED, "ES512"},
    {"sign1-tests/sign-pass-01", STATUS_MALFORMED, "alg is not protected"},
    {"sign1-tests/sign-pass-02", STATUS_OK, ""},
    {"sign1-tests/sign-pass-03", STATUS_MALFORMED, "no tag"},
    {"sign1-tests/sign-fail-01", STATUS_MALFORMED, "another tag"},
    {"sign1-tests/sign-fail-02", STATUS_FORGED, "payload changed"},
    {"sign1-tests/sign-fail-03", STATUS_UNSUPPORTED, "alg -999"},
    {"sign1-tests/sign-fail-04", STATUS_MALFORMED, "alg is a text"},
    {"sign1-tests/sign-fail-06", STATUS_UNSUPPORTED, "content type added"},
    {"sign1-tests/sign-fail-07", STATUS_FORGED, "content type removed"},
    /* COSE_Encrypt0 */
    {"CWT/A_5", STATUS_UNSUPPORTED, "AES-CCM-16-64-128"},
    {"CWT/A_6", STATUS_UNSUPPORTED, "AES-CCM-16-64-128"},
    {"RFC8152/Appendix_C_4_1", STATUS_UNSUPPORTED, "AES-CCM-16-64-128"},
    {"RFC8152/Appendix_C_4_2", STATUS_UNSUPPORTED, "AES-CCM-16-64-128"},
    {"aes-ccm-examples/aes-ccm-enc-01", STATUS_UNSUPPORTED, "AES-CCM-16-64-128"},
    {"aes-ccm-examples/aes-ccm-enc-02", STATUS_UNSUPPORTED, "AES-CCM-16-128-128"},
    {"aes-ccm-examples/aes-ccm-enc-03", STATUS_UNSUPPORTED, "AES-CCM-64-64-128"},
    {"aes-ccm-examples/aes-ccm-enc-04", STATUS_UNSUPPORTED, "AES-CCM-64-128-128"},
    {"aes-ccm-examples/aes-ccm-enc-05", STATUS_UNSUPPORTED, "AES-CCM-16-64-256"},
    {"aes-ccm-examples/aes-ccm-enc-06", STATUS_OK, ""},
    {"aes-ccm-examples/aes-ccm-enc-07", STATUS_UNSUPPORTED, "AES-CCM-64-64-256"},
    {"aes-ccm-examples/aes-ccm-enc-08", STATUS_UNSUPPORTED, "AES-CCM-64-128-256"},
    {"aes-gcm-examples/aes-gcm-enc-01", STATUS_OK, ""},
    {"aes-gcm-examples/aes-gcm-enc-02", STATUS_UNSUPPORTED, "A192GCM"},
    {"aes-gcm-examples/aes-gcm-enc-03", STATUS_OK, ""},
    {"aes-gcm-examples/aes-gcm-enc-04", STATUS_FORGED, "tag changed"},
    {"chacha-poly-examples/chacha-poly-enc-01", STATUS_OK, ""},
    {"encrypted-tests/aes-gcm-01", STATUS_OK, ""},
    {"encrypted-tests/enc-pass-01", STATUS_MALFORMED, "alg is not protected"},
    {"encrypted-tests/enc-pass-02", STATUS_OK, ""},
    {"encrypted-tests/enc-pass-03", STATUS_MALFORMED, "no tag"},
    {"encrypted-tests/enc-fail-01", STATUS_MALFORMED, "another tag"},
    {"encrypted-tests/enc-fail-02", STATUS_FORGED, "tag changed"},
    {"encrypted-tests/enc-fail-03", STATUS_UNSUPPORTED, "alg -999"},
    {"encrypted-tests/enc-fail-04", STATUS_MALFORMED, "alg is a text"},
    {"encrypted-tests/enc-fail-06", STATUS_UNSUPPORTED, "content type added"},
    {"encrypted-tests/enc-fail-07", STATUS_FORGED, "content type removed"},
    /* COSE_Encrypt with key agreement */
    {"RFC8152/Appendix_C_3_1", STATUS_MALFORMED, "the ephemeral point is compressed"},
    {"RFC8152/Appendix_C_3_3", STATUS_UNSUPPORTED, "a counter signature"},
    {"RFC8152/Appendix_C_3_4", STATUS_UNSUPPORTED, "ECDH-SS with key wrap"},
    {"ecdh-direct-examples/p256-hkdf-256-01", STATUS_OK, ""},
    {"ecdh-direct-examples/p256-hkdf-256-02", STATUS_OK, ""},
    {"ecdh-direct-examples/p256-hkdf-512-01", STATUS_UNSUPPORTED, "HKDF-512"},
    {"ecdh-direct-examples/p256-hkdf-512-02", STATUS_UNSUPPORTED, "HKDF-512"},
    {"ecdh-direct-examples/p256-ss-hkdf-256-01", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p256-ss-hkdf-256-02", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p256-ss-hkdf-512-01", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p256-ss-hkdf-512-02", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p521-hkdf-256-01", STATUS_BAD_KEY, "P-521"},
    {"ecdh-direct-examples/p521-hkdf-256-02", STATUS_BAD_KEY, "P-521"},
    {"ecdh-direct-examples/p521-hkdf-512-01", STATUS_UNSUPPORTED, "HKDF-512"},
    {"ecdh-direct-examples/p521-hkdf-512-02", STATUS_UNSUPPORTED, "HKDF-512"},
    {"ecdh-direct-examples/p521-ss-hkdf-256-01", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p521-ss-hkdf-256-02", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p521-ss-hkdf-512-01", STATUS_UNSUPPORTED, "ECDH-SS"},
    {"ecdh-direct-examples/p521-ss-hkdf-512-02", STATUS_UNSUPPORTED, "ECDH-SS"},
};

static struct counting_random counter;

/* What opening or verifying gave; of a good example also whether each intermediate value is the published one. */
static enum status run_sign1(const struct cose_vector *vector, struct view message, struct view *content)
{
    const struct view external_aad = cose_vector_hex(vector->layer, "external", STORAGE);
    const struct view published = cose_vector_hex(vector->intermediates, "ToBeSign_hex", STORAGE);
    struct buf point = STORAGE, structure = STORAGE;
    struct cose_sign1 sign1;

    point.len += cose_vector_base64(cose_vector_key(vector), "x", point).len;
    point.len += cose_vector_base64(cose_vector_key(vector), "y", (struct buf){point.ptr + point.len, 0, 100}).len;
    TRY(cose_sign1_verify(message, buf_view(&point), external_aad, content));

    assert_int_equal(cose_sign1_decode(message, &sign1), STATUS_OK);
    assert_int_equal(sig_structure_start(sign1.protected_, external_aad, sign1.payload.len, &structure), STATUS_OK);
    assert_int_equal(buf_append(&structure, sign1.payload), STATUS_OK);
    assert_true(view_equal(buf_view(&structure), published));
    return STATUS_OK;
}

static enum status run_encrypt0(const struct cose_vector *vector, struct view bytes, struct buf *content)
{
    const struct view external_aad = cose_vector_hex(vector->layer, "external", STORAGE);
    const struct view published = cose_vector_hex(vector->intermediates, "AAD_hex", STORAGE);
    struct buf structure = STORAGE;
    struct cose_encrypt0 message;

    TRY(cose_encrypt0_decode(bytes, &message));
    TRY(cose_encrypt0_open(&message, cose_vector_hex(vector->intermediates, "CEK_hex", STORAGE), external_aad,
                           content));
    /* chacha-poly-enc-01 was sealed as "Encrypt0" but publishes a structure that says "Encrypt1". */
    assert_true(published.len > 10);
    assert_int_equal(
        enc_structure(published.ptr[9] == '1' ? "Encrypt1" : "Encrypt0", message.protected_, external_aad, &structure),
        STATUS_OK);
    assert_true(view_equal(buf_view(&structure), published));
    return STATUS_OK;
}

/* The examples write {-1: ephemeral key, 4: kid}, which is not the deterministic order. Nothing authenticates that
 * bucket, so the pairs may change places. Messages of another form stay as they are. */
static struct view put_recipient_in_order(struct view message, struct buf storage)
{
    struct reader reader = reader_of(message), pairs;
    struct view ephemeral, kid;

    read_tag(&reader, TAG_ENCRYPT);
    read_array(&reader, 4, 4);
    (void)read_bytes(&reader, 0, SIZE_MAX);
    (void)read_any(&reader);
    (void)read_bytes(&reader, 0, SIZE_MAX);
    read_array(&reader, 1, 1);
    read_array(&reader, 3, 3);
    (void)read_bytes(&reader, 0, SIZE_MAX);
    if (reader.status != STATUS_OK || reader.rest.len < 2 || reader.rest.ptr[0] != 0xa2 || reader.rest.ptr[1] != 0x20)
        return message;
    pairs = reader_of((struct view){reader.rest.ptr + 2, reader.rest.len - 2});
    ephemeral = read_any(&pairs);
    assert_int_equal(read_uint(&pairs, LABEL_KID, LABEL_KID), LABEL_KID);
    kid = read_any(&pairs);
    assert_int_equal(pairs.status, STATUS_OK);

    const struct view pieces[] = {{message.ptr, message.len - reader.rest.len},
                                  VIEW_TEXT("\xa2\x04"),
                                  kid,
                                  VIEW_TEXT("\x20"),
                                  ephemeral,
                                  pairs.rest};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        assert_int_equal(buf_append(&storage, pieces[i]), STATUS_OK);
    return buf_view(&storage);
}

static enum status run_encrypt(const struct cose_vector *vector, struct view bytes, struct buf *content)
{
    const struct random_port port = counting_port(&counter);
    const struct cJSON *published = cose_vector_recipient(vector);
    const struct view external_aad = cose_vector_hex(vector->layer, "external", STORAGE);
    const struct view scalar = cose_vector_base64(cose_vector_key(vector), "d", STORAGE);
    const struct view any = HEX("01010101010101010101010101010101010101010101010101010101010101ff");
    const struct view message = put_recipient_in_order(bytes, STORAGE);
    struct buf structure = STORAGE, context = STORAGE;
    struct p256_key key;

    /* A scalar of another curve: what comes next is refused anyway. */
    assert_int_equal(p256_from_scalar(scalar.len == P256_SCALAR_SIZE ? scalar : any, &port, &key), STATUS_OK);
    TRY(cose_encrypt_open(message, &key, &port, external_aad, content));

    const struct view protected_ = {message.ptr + 4, 3}; /* d8 60 84 43 .. */
    assert_int_equal(enc_structure("Encrypt", protected_, external_aad, &structure), STATUS_OK);
    assert_true(view_equal(buf_view(&structure), cose_vector_hex(vector->intermediates, "AAD_hex", STORAGE)));
    assert_int_equal(kdf_context(protected_.ptr[2], HEX("a1013818"), &context), STATUS_OK);
    assert_true(view_equal(buf_view(&context), cose_vector_hex(published, "Context_hex", STORAGE)));
    return STATUS_OK;
}

static enum status run(const struct cose_vector *vector)
{
    const struct view message = cose_vector_message(vector, STORAGE);
    struct view content = {0};
    struct buf opened = STORAGE;
    enum status status;

    if (strcmp(vector->structure, "sign0") == 0) {
        status = run_sign1(vector, message, &content);
    } else {
        status = strcmp(vector->structure, "encrypted") == 0 ? run_encrypt0(vector, message, &opened)
                                                             : run_encrypt(vector, message, &opened);
        content = buf_view(&opened);
    }
    if (status == STATUS_OK)
        assert_true(view_equal(content, cose_vector_text(vector->input, "plaintext", STORAGE)));
    else
        assert_int_equal(content.len, 0);
    return status;
}

static const struct expectation *expectation_of(const char *file)
{
    for (size_t i = 0; i < ARRAY_LEN(expectations); i++)
        if (strcmp(expectations[i].file, file) == 0)
            return &expectations[i];
    return NULL;
}

/* The structures that have no row are those that we do not have: of one recipient kind, or none of ours at all. */
static void name_as_not_applicable(const char *file, const struct cose_vector *vector)
{
    assert_string_not_equal(vector->structure, "sign0");
    assert_string_not_equal(vector->structure, "encrypted");
    print_message("  %-45s not applicable: %s\n", file,
                  strcmp(vector->structure, "enveloped") == 0 ? "a recipient without key agreement"
                                                              : vector->structure);
}

/* "folder/name" of "vectors/cose/folder/name.json" */
static void short_name(const char *path, size_t folder_len, char *out, size_t cap)
{
    assert_true((size_t)snprintf(out, cap, "%s", path + folder_len + 1) < cap);
    *strrchr(out, '.') = '\0';
}

static void examples_come_out_as_published_or_with_a_reason(void **state)
{
    (void)state;
    const char *vectors = getenv("TACIT_VECTORS");
    char folder[512], pattern[sizeof folder + 16], file[128];
    size_t expected = 0;
    glob_t found;

    (void)snprintf(folder, sizeof folder, "%s/cose", vectors != NULL ? vectors : "../shared/vectors");
    (void)snprintf(pattern, sizeof pattern, "%s/*/*.json", folder);
    if (glob(pattern, 0, NULL, &found) != 0) {
        print_message("  no examples in %s: set TACIT_VECTORS\n", folder);
        skip();
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct expectation *expectation;
        struct cose_vector vector;

        short_name(found.gl_pathv[i], strlen(folder), file, sizeof file);
        assert_true(cose_vector_load(found.gl_pathv[i], &vector));
        expectation = expectation_of(file);
        if (expectation == NULL) {
            name_as_not_applicable(file, &vector);
        } else {
            const enum status got = run(&vector);

            expected++;
            print_message("  %-45s expected %s, got %s%s%s\n", file, status_name(expectation->want), status_name(got),
                          *expectation->why ? ": " : "", expectation->why);
            assert_int_equal(got, expectation->want);
            if (cJSON_IsTrue(cJSON_GetObjectItem(vector.root, "fail")))
                assert_int_not_equal(got, STATUS_OK);
        }
        cose_vector_free(&vector);
    }
    assert_int_equal(found.gl_pathc, FILES_TOTAL);
    assert_int_equal(expected, ARRAY_LEN(expectations));
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_come_out_as_published_or_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
