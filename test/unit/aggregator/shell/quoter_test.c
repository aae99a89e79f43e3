/* What a parent takes from its quoter: a pipe whose other end a test holds. The real child is for
 * test/integration/enclave_tee_test.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gate_socket.h"
#include "quoter.h"

static uint8_t report_data[SHA512_SIZE], evidence_bytes[EVIDENCE_MAX], endorsement_bytes[ENDORSEMENT_MAX];
static struct buf evidence, endorsement;
static struct view kind;

/* Gives the parent this answer, and then nothing more. The question is looked at. */
static enum status ask(const uint32_t head[4], size_t head_len, size_t body_len)
{
    static uint8_t body[EVIDENCE_MAX], asked[SHA512_SIZE];
    struct quoter quoter = {0};
    uint8_t bytes[16];
    int to[2], from[2];
    enum status status;

    assert_true(pipe(to) == 0 && pipe(from) == 0);
    for (int i = 0; i < 4; i++)
        write_le32(bytes + 4 * i, head[i]);
    memset(body, 'k', sizeof body);
    memset(report_data, 0xda, sizeof report_data);
    assert_int_equal(write(from[1], bytes, head_len), head_len);
    assert_int_equal(write(from[1], body, body_len), body_len);
    close(from[1]);
    quoter.to = to[1];
    quoter.from = from[0];
    evidence = (struct buf){evidence_bytes, 3, sizeof evidence_bytes};
    endorsement = (struct buf){endorsement_bytes, 2, sizeof endorsement_bytes};
    kind = (struct view){NULL, 0};
    status = quoter_attest(&quoter, report_data, &kind, &evidence, &endorsement);
    assert_int_equal(read(to[0], asked, sizeof asked), sizeof asked);
    assert_memory_equal(asked, report_data, sizeof asked);
    if (status == STATUS_OK) {
        assert_true(kind.ptr == (const uint8_t *)quoter.kind);
        kind.ptr = NULL; /* it goes with the quoter */
    }
    close(to[0]);
    close(to[1]);
    close(from[0]);
    return status;
}

static void a_whole_answer_is_appended(void **state)
{
    static const uint32_t head[] = {STATUS_OK, 3, 1184, 500};

    (void)state;
    assert_int_equal(ask(head, 16, 3 + 1184 + 500), STATUS_OK);
    assert_int_equal(kind.len, 3);
    assert_int_equal(evidence.len, 3 + 1184);
    assert_int_equal(endorsement.len, 2 + 500);
}

static void a_reason_is_handed_on(void **state)
{
    static const uint32_t head[] = {STATUS_TIMEOUT, 0, 0, 0};

    (void)state;
    assert_int_equal(ask(head, 16, 0), STATUS_TIMEOUT);
    assert_int_equal(evidence.len, 3);
    assert_int_equal(endorsement.len, 2);
}

static void what_is_no_answer_is_refused_and_leaves_nothing(void **state)
{
    static const struct {
        const char *why;
        uint32_t head[4];
        size_t head_len, body_len;
    } cases[] = {
        {"nothing", {0}, 0, 0},
        {"half a head", {STATUS_OK, 3, 1, 0}, 15, 0},
        {"a status that is none", {STATUS_LIMIT, 3, 1, 0}, 16, 4},
        {"a status past all sense", {UINT32_MAX, 3, 1, 0}, 16, 4},
        {"a kind that is too long", {STATUS_OK, KIND_MAX + 1, 1, 0}, 16, KIND_MAX + 2},
        {"evidence past what is left", {STATUS_OK, 3, EVIDENCE_MAX - 2, 0}, 16, EVIDENCE_MAX},
        {"evidence of 4 GiB", {STATUS_OK, 3, UINT32_MAX, 0}, 16, 100},
        {"an endorsement past what is left", {STATUS_OK, 3, 1, ENDORSEMENT_MAX - 1}, 16, 100},
        {"an end in the kind", {STATUS_OK, 3, 1, 0}, 16, 2},
        {"an end in the evidence", {STATUS_OK, 3, 100, 0}, 16, 50},
        {"an end in the endorsement", {STATUS_OK, 3, 100, 100}, 16, 150},
        {"a reason whose evidence ends early", {STATUS_BUSY, 3, 100, 0}, 16, 50},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (ask(cases[i].head, cases[i].head_len, cases[i].body_len) != STATUS_IO)
            fail_msg("%s", cases[i].why);
        assert_int_equal(evidence.len, 3);
        assert_int_equal(endorsement.len, 2);
        assert_null(kind.ptr);
    }
}

static void addresses_to_listen_at_are_read_strictly(void **state)
{
    static const struct {
        const char *text;
        enum status want;
        int family;
    } cases[] = {
        {"unix:/run/gate", STATUS_OK, AF_UNIX},
        {"unix:gate", STATUS_OK, AF_UNIX},
        {"vsock:1", STATUS_OK, AF_VSOCK},
        {"vsock:4294967294", STATUS_OK, AF_VSOCK},
        {"vsock:4294967295", STATUS_MALFORMED, 0},
        {"vsock:99999999999999999999", STATUS_MALFORMED, 0},
        {"vsock:0", STATUS_MALFORMED, 0},
        {"vsock:-1", STATUS_MALFORMED, 0},
        {"vsock: 1", STATUS_MALFORMED, 0},
        {"vsock:1 ", STATUS_MALFORMED, 0},
        {"vsock:3:1", STATUS_MALFORMED, 0},
        {"vsock:", STATUS_MALFORMED, 0},
        {"unix:", STATUS_MALFORMED, 0},
        {"/run/gate", STATUS_MALFORMED, 0},
        {"", STATUS_MALFORMED, 0},
    };
    char path[160] = "unix:";
    struct gate_socket at;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (gate_socket_parse(cases[i].text, &at) != cases[i].want)
            fail_msg("%s", cases[i].text);
        if (cases[i].want == STATUS_OK)
            assert_int_equal(at.address.any.sa_family, cases[i].family);
    }
    memset(path + 5, 'a', 108);
    assert_int_equal(gate_socket_parse(path, &at), STATUS_MALFORMED);
    path[5 + 107] = '\0';
    assert_int_equal(gate_socket_parse(path, &at), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_answer_is_appended),
        cmocka_unit_test(a_reason_is_handed_on),
        cmocka_unit_test(what_is_no_answer_is_refused_and_leaves_nothing),
        cmocka_unit_test(addresses_to_listen_at_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
