/* Bindings (PROTOCOL.md section 2) and model chunks (section 8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bind.h"
#include "hex.h"
#include "trust_support.h"

enum { AGGREGATOR = 1, DEVICE = 2, BOOT_ID = 4, ROUND = 8, CHUNK = 16, CHUNKS = 32, DIGEST = 64 };

static const struct {
    enum purpose purpose;
    unsigned int names; /* what PROTOCOL.md section 2 lists behind the federation */
    const char *aad;
} golden[] = {
    {PURPOSE_POLICY, 0, "826e74616369742f3120706f6c69637964686f6d65"},
    {PURPOSE_SIM_EVIDENCE, 0, "827474616369742f312073696d2065766964656e636564686f6d65"},
    {PURPOSE_CHALLENGE, AGGREGATOR, "837174616369742f31206368616c6c656e676564686f6d6569676174657761792d31"},
    {PURPOSE_ENROL, AGGREGATOR | DEVICE | BOOT_ID,
     "856d74616369742f3120656e726f6c64686f6d6569676174657761792d316873656e736f722d3750b0b0b0b0b0"
     "b0b0b0b0b0b0b0b0b0b0b0"},
    {PURPOSE_ENROL_ANSWER, AGGREGATOR | DEVICE,
     "847474616369742f3120656e726f6c20616e7377657264686f6d6569676174657761792d316873656e736f722d"
     "37"},
    {PURPOSE_CREDENTIAL, AGGREGATOR, "837274616369742f312063726564656e7469616c64686f6d6569676174657761792d31"},
    {PURPOSE_MANIFEST, AGGREGATOR, "837074616369742f31206d616e696665737464686f6d6569676174657761792d31"},
    {PURPOSE_MODEL, AGGREGATOR | ROUND | CHUNK | CHUNKS | DIGEST,
     "876d74616369742f31206d6f64656c64686f6d6569676174657761792d310702055820d1d1d1d1d1d1d1d1d1d1"
     "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"},
    {PURPOSE_UPDATE, AGGREGATOR | DEVICE | ROUND,
     "856e74616369742f312075706461746564686f6d6569676174657761792d316873656e736f722d3707"},
    {PURPOSE_RECEIPT, AGGREGATOR | DEVICE,
     "846f74616369742f31207265636569707464686f6d6569676174657761792d316873656e736f722d37"},
    {PURPOSE_RECORD, AGGREGATOR | ROUND, "846e74616369742f31207265636f726464686f6d6569676174657761792d3107"},
    {PURPOSE_OWNER, AGGREGATOR | DEVICE,
     "846d74616369742f31206f776e657264686f6d6569676174657761792d316873656e736f722d37"},
    {PURPOSE_OWNER_ANSWER, AGGREGATOR | DEVICE,
     "847474616369742f31206f776e657220616e7377657264686f6d6569676174657761792d316873656e736f722d"
     "37"},
    {PURPOSE_STATE, AGGREGATOR, "836d74616369742f3120737461746564686f6d6569676174657761792d31"},
    {PURPOSE_REVOCATIONS, 0, "827374616369742f31207265766f636174696f6e7364686f6d65"},
};

/* trust_place with one of the names changed. */
static struct place moved(unsigned int name)
{
    struct place place = trust_place();

    switch (name) {
    case 0:
        place.federation = VIEW_TEXT("work");
        break;
    case AGGREGATOR:
        place.aggregator = VIEW_TEXT("gateway-2");
        break;
    case DEVICE:
        place.device = VIEW_TEXT("sensor-8");
        break;
    case BOOT_ID:
        place.boot_id = (struct view){place.digest.ptr, BOOT_ID_SIZE};
        break;
    case ROUND:
        place.round++;
        break;
    case CHUNK:
        place.chunk++;
        break;
    case CHUNKS:
        place.chunks++;
        break;
    case DIGEST:
        place.digest = (struct view){trust_point(TRUST_OTHER).ptr, DIGEST_SIZE};
        break;
    default:
        fail_msg("no such name");
    }
    return place;
}

static void says_purpose_and_place_as_the_protocol_lists_them(void **state)
{
    const struct place place = trust_place();

    (void)state;
    assert_int_equal(ARRAY_LEN(golden), PURPOSE_REVOCATIONS + 1);
    for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
        uint8_t memory[BIND_MAX];
        struct buf aad = BUF_OF(memory);

        assert_int_equal(golden[i].purpose, i);
        assert_int_equal(bind_aad(golden[i].purpose, &place, &aad), STATUS_OK);
        assert_hex_equal(buf_view(&aad), golden[i].aad);
    }
}

static void changes_with_what_a_row_names_and_with_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
        uint8_t wanted_memory[BIND_MAX];
        struct buf wanted = BUF_OF(wanted_memory);

        (void)hex_view(golden[i].aad, &wanted);
        for (unsigned int name = 0; name <= DIGEST; name = name == 0 ? 1 : 2 * name) {
            const struct place place = moved(name);
            uint8_t memory[BIND_MAX];
            struct buf aad = BUF_OF(memory);

            assert_int_equal(bind_aad(golden[i].purpose, &place, &aad), STATUS_OK);
            assert_int_equal(view_equal(buf_view(&aad), buf_view(&wanted)), name != 0 && (golden[i].names & name) == 0);
        }
    }
}

static void the_longest_place_fits_and_a_smaller_space_is_refused(void **state)
{
    uint8_t name_memory[NAME_MAX_LEN], memory[BIND_MAX];
    struct place place = trust_place();

    (void)state;
    memset(name_memory, 'n', sizeof name_memory);
    place.federation = place.aggregator = place.device = VIEW_OF(name_memory);
    place.round = place.chunk = place.chunks = UINT32_MAX;
    for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
        struct buf aad = BUF_OF(memory), small = {.ptr = memory};

        assert_int_equal(bind_aad(golden[i].purpose, &place, &aad), STATUS_OK);
        small.cap = aad.len - 1;
        assert_int_equal(bind_aad(golden[i].purpose, &place, &small), STATUS_NO_SPACE);
    }
}

static void a_signature_holds_for_its_purpose_and_place_alone(void **state)
{
    const struct p256_key key = trust_key(TRUST_ENCLAVE);
    const struct place place = trust_place(), other = moved(AGGREGATOR);
    const struct view text = VIEW_TEXT("payload"), point = trust_point(TRUST_ENCLAVE);
    uint8_t memory[256];
    struct buf message = BUF_OF(memory);
    struct view payload;

    (void)state;
    assert_int_equal(bind_sign(PURPOSE_MANIFEST, &place, &key, trust_random(), text, &message), STATUS_OK);
    for (int purpose = PURPOSE_POLICY; purpose <= PURPOSE_REVOCATIONS; purpose++)
        assert_int_equal(bind_verify((enum purpose)purpose, &place, point, buf_view(&message), &payload),
                         purpose == PURPOSE_MANIFEST ? STATUS_OK : STATUS_FORGED);
    assert_int_equal(bind_verify(PURPOSE_MANIFEST, &other, point, buf_view(&message), &payload), STATUS_FORGED);
    assert_int_equal(bind_verify(PURPOSE_MANIFEST, &place, trust_point(TRUST_OTHER), buf_view(&message), &payload),
                     STATUS_FORGED);
    assert_int_equal(bind_verify(PURPOSE_MANIFEST, &place, point, buf_view(&message), &payload), STATUS_OK);
    assert_true(view_equal(payload, text));
}

static void what_is_sealed_opens_for_its_purpose_and_place_alone(void **state)
{
    const struct p256_key key = trust_key(TRUST_ENCLAVE);
    const struct place place = trust_place(), other = moved(BOOT_ID);
    const struct view text = VIEW_TEXT("payload");
    uint8_t memory[512], plain_memory[64];
    struct buf message = BUF_OF(memory), plain = BUF_OF(plain_memory);

    (void)state;
    assert_int_equal(bind_seal(PURPOSE_ENROL, &place, trust_point(TRUST_ENCLAVE), trust_random(), text, &message),
                     STATUS_OK);
    for (int purpose = PURPOSE_POLICY; purpose <= PURPOSE_REVOCATIONS; purpose++) {
        if (purpose == PURPOSE_ENROL)
            continue;
        assert_int_equal(bind_open((enum purpose)purpose, &place, &key, trust_random(), buf_view(&message), &plain),
                         STATUS_FORGED);
    }
    assert_int_equal(bind_open(PURPOSE_ENROL, &other, &key, trust_random(), buf_view(&message), &plain), STATUS_FORGED);
    assert_int_equal(plain.len, 0);
    assert_int_equal(bind_open(PURPOSE_ENROL, &place, &key, trust_random(), buf_view(&message), &plain), STATUS_OK);
    assert_true(view_equal(buf_view(&plain), text));
}

static void what_a_key_sealed_opens_for_its_purpose_and_place_alone(void **state)
{
    static const uint8_t key[32] = {1}, iv[12] = {2}, cti[CTI_SIZE] = {3};
    const struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .iv = VIEW_OF(iv), .kid = VIEW_OF(cti)};
    const struct place place = trust_place(), other = moved(DEVICE);
    const struct view text = VIEW_TEXT("payload");
    uint8_t memory[256], plain_memory[64];
    struct buf message = BUF_OF(memory), plain = BUF_OF(plain_memory);
    struct cose_encrypt0 parts;

    (void)state;
    assert_int_equal(bind_seal0(PURPOSE_RECEIPT, &place, VIEW_OF(key), &head, text, &message), STATUS_OK);
    assert_int_equal(cose_encrypt0_decode(buf_view(&message), &parts), STATUS_OK);
    for (int purpose = PURPOSE_POLICY; purpose <= PURPOSE_REVOCATIONS; purpose++) {
        if (purpose == PURPOSE_RECEIPT)
            continue;
        assert_int_equal(bind_open0((enum purpose)purpose, &place, VIEW_OF(key), &parts, &plain), STATUS_FORGED);
    }
    assert_int_equal(bind_open0(PURPOSE_RECEIPT, &other, VIEW_OF(key), &parts, &plain), STATUS_FORGED);
    assert_int_equal(bind_open0(PURPOSE_RECEIPT, &place, VIEW_OF(key), &parts, &plain), STATUS_OK);
    assert_true(view_equal(buf_view(&plain), text));
}

/* ---- model chunks ---- */

static const char model_chunk[] =
    "d08343a10103a1054c000000000000000700000002575e8d4a4884a9907ce031428dd37c05e36596259d6bde39";

static uint8_t model_key[32];

static void fill_model_key(void)
{
    memset(model_key, 0x0c, sizeof model_key);
}

static void seals_a_model_chunk_as_the_golden_vector(void **state)
{
    const struct place place = trust_place();
    uint8_t memory[256], plain_memory[64];
    struct buf message = BUF_OF(memory), plain = BUF_OF(plain_memory);

    (void)state;
    fill_model_key();
    assert_int_equal(bind_seal_model_chunk(&place, VIEW_OF(model_key), VIEW_TEXT("weights"), &message), STATUS_OK);
    assert_hex_equal(buf_view(&message), model_chunk);
    assert_int_equal(bind_open_model_chunk(&place, VIEW_OF(model_key), buf_view(&message), &plain), STATUS_OK);
    assert_true(view_equal(buf_view(&plain), VIEW_TEXT("weights")));
}

static void refuses_a_model_chunk_of_another_place(void **state)
{
    static const struct {
        const char *why;
        unsigned int name;
        enum status want;
    } cases[] = {
        {"another federation", 0, STATUS_FORGED},
        {"another aggregator", AGGREGATOR, STATUS_FORGED},
        {"another round: the IV is another, too", ROUND, STATUS_MALFORMED},
        {"another chunk: the IV is another, too", CHUNK, STATUS_MALFORMED},
        {"another count of chunks", CHUNKS, STATUS_FORGED},
        {"another model", DIGEST, STATUS_FORGED},
    };

    (void)state;
    fill_model_key();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct place place = moved(cases[i].name);
        uint8_t memory[256], plain_memory[64];
        struct buf message = BUF_OF(memory), plain = BUF_OF(plain_memory);

        print_message("  %s\n", cases[i].why);
        (void)hex_view(model_chunk, &message);
        assert_int_equal(bind_open_model_chunk(&place, VIEW_OF(model_key), buf_view(&message), &plain), cases[i].want);
        assert_int_equal(plain.len, 0);
    }
}

static void refuses_a_model_chunk_with_another_head(void **state)
{
    static const uint8_t iv[12] = {0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2}, other_iv[12] = {9}, id[CTI_SIZE] = {3};
    static const struct {
        const char *why;
        struct cose_encrypt0 head;
        enum status want;
    } cases[] = {
        {"another algorithm", {.alg = AEAD_CHACHA20_POLY1305, .iv = {iv, sizeof iv}}, STATUS_UNSUPPORTED},
        {"another IV", {.alg = AEAD_A256GCM, .iv = {other_iv, sizeof other_iv}}, STATUS_MALFORMED},
        {"a key id", {.alg = AEAD_A256GCM, .iv = {iv, sizeof iv}, .kid = {id, sizeof id}}, STATUS_MALFORMED},
        {"a chunk header",
         {.alg = AEAD_A256GCM,
          .iv = {iv, sizeof iv},
          .chunk = {.transfer = {id, TRANSFER_SIZE}, .index = 0, .count = 1, .total = 7}},
         STATUS_MALFORMED},
    };
    const struct place place = trust_place();

    (void)state;
    fill_model_key();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t memory[256], plain_memory[64];
        struct buf message = BUF_OF(memory), plain = BUF_OF(plain_memory);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(
            bind_seal0(PURPOSE_MODEL, &place, VIEW_OF(model_key), &cases[i].head, VIEW_TEXT("weights"), &message),
            STATUS_OK);
        assert_int_equal(bind_open_model_chunk(&place, VIEW_OF(model_key), buf_view(&message), &plain), cases[i].want);
        assert_int_equal(plain.len, 0);
    }
}

static void no_changed_byte_of_a_model_chunk_opens(void **state)
{
    const struct place place = trust_place();
    uint8_t memory[256], plain_memory[64];
    struct buf message = BUF_OF(memory), plain = BUF_OF(plain_memory);

    (void)state;
    fill_model_key();
    (void)hex_view(model_chunk, &message);
    for (size_t i = 0; i < message.len; i++) {
        memory[i] ^= 1;
        assert_int_not_equal(bind_open_model_chunk(&place, VIEW_OF(model_key), buf_view(&message), &plain), STATUS_OK);
        memory[i] ^= 1;
    }
    assert_int_equal(bind_open_model_chunk(&place, VIEW_OF(model_key), buf_view(&message), &plain), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_purpose_and_place_as_the_protocol_lists_them),
        cmocka_unit_test(changes_with_what_a_row_names_and_with_nothing_else),
        cmocka_unit_test(the_longest_place_fits_and_a_smaller_space_is_refused),
        cmocka_unit_test(a_signature_holds_for_its_purpose_and_place_alone),
        cmocka_unit_test(what_is_sealed_opens_for_its_purpose_and_place_alone),
        cmocka_unit_test(what_a_key_sealed_opens_for_its_purpose_and_place_alone),
        cmocka_unit_test(seals_a_model_chunk_as_the_golden_vector),
        cmocka_unit_test(refuses_a_model_chunk_of_another_place),
        cmocka_unit_test(refuses_a_model_chunk_with_another_head),
        cmocka_unit_test(no_changed_byte_of_a_model_chunk_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
