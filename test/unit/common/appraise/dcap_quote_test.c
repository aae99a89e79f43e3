/* The layouts of quotes, made by hand: every kind of body in every version that has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dcap_quote.h"

#define AUTH  "auth data"
#define CHAIN "-----BEGIN"

/* How a quote is laid out, with a place for each mistake. */
struct layout {
    uint16_t version, body_type, outer_type, inner_type;
    uint8_t tee;
    uint32_t body_size;
    int32_t signature_len_error, outer_len_error, inner_len_error;
};

static void put(struct buf *out, const void *bytes, size_t len)
{
    assert_int_equal(buf_append(out, (struct view){bytes, len}), STATUS_OK);
}

static void put_number(struct buf *out, uint32_t value, size_t size)
{
    uint8_t bytes[4];

    write_le32(bytes, value);
    put(out, bytes, size);
}

/* len bytes that count up from first, so that each field can be told by its first byte. */
static void put_counting(struct buf *out, uint32_t first, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put_number(out, (uint32_t)(first + i), 1);
}

static void put_header(struct buf *out, const struct layout *layout)
{
    static const uint8_t vendor[] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

    put_number(out, layout->version, 2);
    put_number(out, 2, 2);
    put_number(out, layout->tee, 4);
    put_number(out, 0, 4);
    put(out, vendor, sizeof vendor);
    put_counting(out, 100, 20);
    if (layout->version == 5) {
        put_number(out, layout->body_type, 2);
        put_number(out, layout->body_size, 4);
    }
}

static struct view make(const struct layout *layout, struct buf *out)
{
    const uint32_t qe_part = 384 + 64 + 2 + sizeof AUTH - 1 + 2 + 4 + sizeof CHAIN - 1;
    const uint32_t outer = layout->version == 3 ? 0 : 6;

    out->len = 0;
    put_header(out, layout);
    put_counting(out, 0, layout->body_size);
    put_number(out, (uint32_t)((int32_t)(128 + outer + qe_part) + layout->signature_len_error), 4);
    put_counting(out, 1, 64);
    put_counting(out, 2, 64);
    if (outer > 0) {
        put_number(out, layout->outer_type, 2);
        put_number(out, (uint32_t)((int32_t)qe_part + layout->outer_len_error), 4);
    }
    put_counting(out, 3, 384);
    put_counting(out, 4, 64);
    put_number(out, sizeof AUTH - 1, 2);
    put(out, AUTH, sizeof AUTH - 1);
    put_number(out, layout->inner_type, 2);
    put_number(out, (uint32_t)((int32_t)sizeof CHAIN - 1 + layout->inner_len_error), 4);
    put(out, CHAIN, sizeof CHAIN - 1);
    return buf_view(out);
}

static void refuses_what_does_not_add_up(void **state)
{
    static const struct {
        const char *why;
        struct layout layout;
        enum status wanted;
    } cases[] = {
        {"version 3, SGX", {3, 0, 0, 5, 0, 384, 0, 0, 0}, STATUS_OK},
        {"version 4, SGX", {4, 0, 6, 5, 0, 384, 0, 0, 0}, STATUS_OK},
        {"version 4, TD 1.0", {4, 0, 6, 5, 0x81, 584, 0, 0, 0}, STATUS_OK},
        {"version 5, SGX", {5, 1, 6, 5, 0, 384, 0, 0, 0}, STATUS_OK},
        {"version 5, TD 1.0", {5, 2, 6, 5, 0x81, 584, 0, 0, 0}, STATUS_OK},
        {"version 5, TD 1.5", {5, 3, 6, 5, 0x81, 648, 0, 0, 0}, STATUS_OK},
        {"version 5, TD 1.5 extended", {5, 4, 6, 5, 0x81, 885, 0, 0, 0}, STATUS_OK},
        {"version 3 of a trust domain", {3, 0, 0, 5, 0x81, 584, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"a TD body in an SGX quote", {5, 2, 6, 5, 0, 584, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"an SGX body in a TDX quote", {5, 1, 6, 5, 0x81, 384, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"an unknown body", {5, 5, 6, 5, 0x81, 648, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"a body of another size", {5, 3, 6, 5, 0x81, 584, 0, 0, 0}, STATUS_MALFORMED},
        {"certification data of version 3 in version 4", {4, 0, 5, 5, 0x81, 584, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"an encrypted PPID in place of certificates", {3, 0, 0, 3, 0, 384, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"within it too", {4, 0, 6, 2, 0x81, 584, 0, 0, 0}, STATUS_UNSUPPORTED},
        {"signatures longer than there are", {3, 0, 0, 5, 0, 384, 1, 0, 0}, STATUS_TRUNCATED},
        {"signatures shorter than they say within", {3, 0, 0, 5, 0, 384, -1, 0, 0}, STATUS_TRUNCATED},
        {"the quoting enclave's part too long", {4, 0, 6, 5, 0x81, 584, 0, 1, 0}, STATUS_TRUNCATED},
        {"the quoting enclave's part too short", {4, 0, 6, 5, 0x81, 584, 0, -1, 0}, STATUS_MALFORMED},
        {"certificates too long", {4, 0, 6, 5, 0x81, 584, 0, 0, 1}, STATUS_TRUNCATED},
        {"certificates too short", {4, 0, 6, 5, 0x81, 584, 0, 0, -1}, STATUS_MALFORMED},
        {"certificates too short in version 3", {3, 0, 0, 5, 0, 384, 0, 0, -1}, STATUS_MALFORMED},
    };
    uint8_t memory[4096];
    struct buf bytes = BUF_OF(memory);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dcap_quote quote;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(dcap_quote_parse(make(&cases[i].layout, &bytes), &quote), cases[i].wanted);
    }
}

static void finds_each_field_at_its_offset(void **state)
{
    static const struct layout sgx = {4, 0, 6, 5, 0, 384, 0, 0, 0}, tdx = {5, 4, 6, 5, 0x81, 885, 0, 0, 0};
    uint8_t memory[4096];
    struct buf bytes = BUF_OF(memory);
    struct dcap_quote quote;

    (void)state;
    assert_int_equal(dcap_quote_parse(make(&sgx, &bytes), &quote), STATUS_OK);
    assert_int_equal(quote.signed_part.len, 48 + 384);
    assert_int_equal(quote.sgx.attributes.ptr - memory, 48 + 48);
    assert_int_equal(quote.sgx.isv_prod_id, 0x0100);
    assert_int_equal(quote.sgx.isv_svn, 0x0302);
    assert_int_equal(quote.sgx.report_data.ptr - memory, 48 + 320);
    assert_int_equal(*quote.signature.ptr, 1);
    assert_int_equal(*quote.attestation_key.ptr, 2);
    assert_int_equal(*quote.qe_report.bytes.ptr, 3);
    assert_int_equal(*quote.qe_signature.ptr, 4);
    assert_true(view_equal(quote.qe_auth_data, VIEW_TEXT(AUTH)));
    assert_true(view_equal(quote.pck_chain, VIEW_TEXT(CHAIN)));

    assert_int_equal(dcap_quote_parse(make(&tdx, &bytes), &quote), STATUS_OK);
    assert_int_equal(quote.signed_part.len, 54 + 885);
    assert_int_equal(quote.tdx.td_attributes.ptr - memory, 54 + 120);
    assert_int_equal(quote.tdx.report_data.ptr - memory, 54 + 520);
    assert_int_equal(quote.tdx.tee_tcb_svn2.ptr - memory, 54 + 584);
    assert_int_equal(quote.tdx.mr_service_td.ptr - memory, 54 + 600);
}

static void tells_debug_by_the_attributes(void **state)
{
    static const uint8_t plain[16] = {0x05}, debug[16] = {0x07}, td[8] = {0, 0, 0, 0x10}, td_debug[8] = {1},
                         td_other[8] = {0x80};
    struct dcap_quote sgx = {.kind = DCAP_SGX}, tdx = {.kind = DCAP_TDX};

    (void)state;
    sgx.sgx.attributes = VIEW_OF(plain);
    assert_false(dcap_quote_debug(&sgx));
    sgx.sgx.attributes = VIEW_OF(debug);
    assert_true(dcap_quote_debug(&sgx));
    tdx.tdx.td_attributes = VIEW_OF(td);
    assert_false(dcap_quote_debug(&tdx));
    tdx.tdx.td_attributes = VIEW_OF(td_debug);
    assert_true(dcap_quote_debug(&tdx));
    tdx.tdx.td_attributes = VIEW_OF(td_other);
    assert_true(dcap_quote_debug(&tdx));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_does_not_add_up),
        cmocka_unit_test(finds_each_field_at_its_offset),
        cmocka_unit_test(tells_debug_by_the_attributes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
