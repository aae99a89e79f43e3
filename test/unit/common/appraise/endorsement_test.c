/* What endorsements are, by their contents: those of real vendors and those of our own making. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcap_cases.h"
#include "endorsement.h"
#include "vector_files.h"
#include "x509_maker.h"

#define GUID_SIZE  16
#define ENTRY_SIZE 24
#define DAY        86400

static uint8_t space_memory[ENDORSEMENT_SPACE];

static enum status tell(struct view bytes, struct endorsement *out)
{
    struct buf space = BUF_OF(space_memory);

    return endorsement_tell(bytes, &space, out);
}

/* ---- vendors' own ---- */

static const struct real {
    const char *folder, *file;
    enum endorsement_kind kind;
    const char *name, *not_before, *not_after; /* dates as openssl and the documents themselves tell them */
} real[] = {
    {"sgx", "pck_crl_platform_2025-08-15.der", ENDORSEMENT_CRL, "CRL of Intel SGX PCK Platform CA",
     "2025-08-15T05:41:26Z", "2025-09-14T05:41:26Z"},
    {"sgx", "pck_crl_processor_2025-06-19.der", ENDORSEMENT_CRL, "CRL of Intel SGX PCK Processor CA",
     "2025-06-19T10:23:18Z", "2025-07-19T10:23:18Z"},
    {"sgx", "root_ca_crl_2025-03-20.der", ENDORSEMENT_CRL, "CRL of Intel SGX Root CA", "2025-03-20T11:21:57Z",
     "2026-04-03T11:21:57Z"},
    {"tdx", "pck_crl_platform_2025-02-24.der", ENDORSEMENT_CRL, "CRL of Intel SGX PCK Platform CA",
     "2025-02-24T16:51:01Z", "2025-03-26T16:51:01Z"},
    {"tdx", "pck_crl_platform_2025-06-19.der", ENDORSEMENT_CRL, "CRL of Intel SGX PCK Platform CA",
     "2025-06-19T10:00:35Z", "2025-07-19T10:00:35Z"},
    {"tdx", "pck_crl_platform_2026-02-18.der", ENDORSEMENT_CRL, "CRL of Intel SGX PCK Platform CA",
     "2026-02-18T10:41:15Z", "2026-03-20T10:41:15Z"},
    {"tdx", "root_ca_crl_2024-03-20.der", ENDORSEMENT_CRL, "CRL of Intel SGX Root CA", "2024-03-20T19:19:30Z",
     "2025-04-03T19:19:30Z"},
    {"tdx", "root_ca_crl_2025-03-20.der", ENDORSEMENT_CRL, "CRL of Intel SGX Root CA", "2025-03-20T11:21:57Z",
     "2026-04-03T11:21:57Z"},
    {"snp", "ca_ark_genoa.der", ENDORSEMENT_CERTIFICATE, "ARK-Genoa", "2022-01-26T15:34:37Z", "2047-01-26T15:34:37Z"},
    {"snp", "ca_ark_milan.der", ENDORSEMENT_CERTIFICATE, "ARK-Milan", "2020-10-22T17:23:05Z", "2045-10-22T17:23:05Z"},
    {"snp", "ca_ark_turin.der", ENDORSEMENT_CERTIFICATE, "ARK-Turin", "2023-05-15T20:03:12Z", "2048-05-15T20:03:12Z"},
    {"snp", "ca_ask_genoa.der", ENDORSEMENT_CERTIFICATE, "SEV-Genoa", "2022-10-31T13:33:48Z", "2047-10-31T13:33:48Z"},
    {"snp", "ca_ask_genoa_revoked_serial20001.der", ENDORSEMENT_CERTIFICATE, "SEV-Genoa", "2022-01-26T15:57:38Z",
     "2047-01-26T15:57:38Z"},
    {"snp", "ca_ask_milan.der", ENDORSEMENT_CERTIFICATE, "SEV-Milan", "2020-10-22T18:24:20Z", "2045-10-22T18:24:20Z"},
    {"snp", "ca_ask_turin.der", ENDORSEMENT_CERTIFICATE, "SEV-Turin", "2023-05-15T20:25:21Z", "2048-05-15T20:25:21Z"},
    {"snp", "ca_asvk_genoa.der", ENDORSEMENT_CERTIFICATE, "SEV-VLEK-Genoa", "2022-11-18T20:48:34Z",
     "2047-11-18T20:48:34Z"},
    {"snp", "ca_asvk_milan.der", ENDORSEMENT_CERTIFICATE, "SEV-VLEK-Milan", "2022-11-16T22:45:24Z",
     "2047-11-16T22:45:24Z"},
    {"snp", "ca_asvk_turin.der", ENDORSEMENT_CERTIFICATE, "SEV-VLEK-Turin", "2023-05-15T21:09:41Z",
     "2048-05-15T21:09:41Z"},
    {"snp", "crl_ark_genoa_2022-10-31.der", ENDORSEMENT_CRL, "CRL of ARK-Genoa", "2022-10-31T13:34:46Z",
     "2023-10-31T23:00:00Z"},
    {"snp", "crl_ark_milan_2022-05-09.der", ENDORSEMENT_CRL, "CRL of ARK-Milan", "2022-05-09T17:07:45Z",
     "2023-05-09T23:00:00Z"},
    {"snp", "vcek_invalid_legacy.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2023-02-03T22:41:55Z",
     "2030-02-03T22:41:55Z"},
    {"snp", "vcek_invalid_new.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2023-08-17T14:27:09Z",
     "2030-08-17T14:27:09Z"},
    {"snp", "vcek_turin_noreport.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2024-11-06T21:14:00Z",
     "2031-11-06T21:14:00Z"},
    {"snp", "vcek_v2_milan_azure_vcek.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2023-05-02T21:22:19Z",
     "2030-05-02T21:22:19Z"},
    {"snp", "vcek_v2_milan_debug_policy.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2022-09-24T00:55:28Z",
     "2029-09-24T00:55:28Z"},
    {"snp", "vcek_v2_milan_vcek.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2023-04-03T19:23:43Z",
     "2030-04-03T19:23:43Z"},
    {"snp", "vcek_v5_genoa_vcek.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2025-08-07T17:21:41Z",
     "2032-08-07T17:21:41Z"},
    {"snp", "vlek_v3_milan_vlek.der", ENDORSEMENT_CERTIFICATE, "SEV-VLEK", "2024-12-10T22:14:21Z",
     "2025-12-10T22:14:21Z"},
    {"tpm", "gcp_ak_cert.der", ENDORSEMENT_CERTIFICATE, "2456411740904370986", "2025-05-06T04:19:38Z",
     "2055-04-29T04:19:37Z"},
    {"tpm", "gcp_intermediate_cert.der", ENDORSEMENT_CERTIFICATE, "EK/AK CA Intermediate", "2024-02-22T21:58:17Z",
     "2122-07-08T05:57:23Z"},
    {"tpm", "gcp_root_cert.der", ENDORSEMENT_CERTIFICATE, "EK/AK CA Root", "2022-07-08T00:40:34Z",
     "2122-07-08T05:57:23Z"},
    {"tpm", "tpm_azure_snp_vtpm.vcek.der", ENDORSEMENT_CERTIFICATE, "SEV-VCEK", "2025-01-28T16:33:43Z",
     "2032-01-28T16:33:43Z"},
    {"sgx", "tcbinfo_sgx_00606a000000_2025-08-15.json", ENDORSEMENT_TCB_INFO_SGX, "TCB info SGX fmspc 00606a000000",
     "2025-08-15T05:08:18Z", "2025-09-14T05:08:18Z"},
    {"sgx", "tcbinfo_sgx_00a067110000_2025-06-19.json", ENDORSEMENT_TCB_INFO_SGX, "TCB info SGX fmspc 00a067110000",
     "2025-06-19T10:56:11Z", "2025-07-19T10:56:11Z"},
    {"sgx", "qeidentity_sgx_2025-06-19.json", ENDORSEMENT_QE_IDENTITY, "QE identity SGX", "2025-06-19T10:01:18Z",
     "2025-07-19T10:01:18Z"},
    {"sgx", "qeidentity_sgx_2025-08-15.json", ENDORSEMENT_QE_IDENTITY, "QE identity SGX", "2025-08-15T04:36:46Z",
     "2025-09-14T04:36:46Z"},
    {"tdx", "tcbinfo_tdx_90c06f000000_2025-02-26.json", ENDORSEMENT_TCB_INFO_TDX, "TCB info TDX fmspc 90c06f000000",
     "2025-02-26T10:37:20Z", "2025-03-28T10:37:20Z"},
    {"tdx", "tcbinfo_tdx_90c06f000000_2026-02-18.json", ENDORSEMENT_TCB_INFO_TDX, "TCB info TDX fmspc 90c06f000000",
     "2026-02-18T10:58:51Z", "2026-03-20T10:58:51Z"},
    {"tdx", "tcbinfo_tdx_b0c06f000000_2025-06-19.json", ENDORSEMENT_TCB_INFO_TDX, "TCB info TDX fmspc b0c06f000000",
     "2025-06-19T10:16:03Z", "2025-07-19T10:16:03Z"},
    {"tdx", "qeidentity_td_2025-02-20.json", ENDORSEMENT_QE_IDENTITY, "QE identity TDX", "2025-02-20T11:31:38Z",
     "2025-03-22T11:31:38Z"},
    {"tdx", "qeidentity_td_2025-06-19.json", ENDORSEMENT_QE_IDENTITY, "QE identity TDX", "2025-06-19T10:32:27Z",
     "2025-07-19T10:32:27Z"},
    {"tdx", "qeidentity_td_2026-02-18.json", ENDORSEMENT_QE_IDENTITY, "QE identity TDX", "2026-02-18T10:42:15Z",
     "2026-03-20T10:42:15Z"},
    {"sgx", "tcb_signing_chain_2025.pem", ENDORSEMENT_CHAIN, "Intel SGX TCB Signing and 1 more", "2025-05-06T09:25:00Z",
     "2032-05-06T09:25:00Z"},
    {"tdx", "tcb_signing_chain_2018.pem", ENDORSEMENT_CHAIN, "Intel SGX TCB Signing and 1 more", "2018-05-21T10:50:10Z",
     "2025-05-21T10:50:10Z"},
    {"tdx", "tcb_signing_chain_2025.pem", ENDORSEMENT_CHAIN, "Intel SGX TCB Signing and 1 more", "2025-05-06T09:25:00Z",
     "2032-05-06T09:25:00Z"},
};

static bool folder_is_there(const char *folder)
{
    cJSON *expected = vector_expected(folder);

    cJSON_Delete(expected);
    return expected != NULL;
}

static void check_real(const struct real *one)
{
    static uint8_t bytes[1 << 17];
    struct buf memory = BUF_OF(bytes);
    struct endorsement told;

    print_message("  %s/%s\n", one->folder, one->file);
    assert_int_equal(tell(vector_file(one->folder, one->file, &memory), &told), STATUS_OK);
    assert_int_equal(told.kind, one->kind);
    assert_string_equal(told.name, one->name);
    assert_int_equal(told.not_before, dcap_case_time(one->not_before));
    assert_int_equal(told.not_after, dcap_case_time(one->not_after));
}

static void check_folder(const char *folder)
{
    if (!folder_is_there(folder))
        skip();
    for (size_t i = 0; i < ARRAY_LEN(real); i++)
        if (strcmp(real[i].folder, folder) == 0)
            check_real(&real[i]);
}

static void tells_what_intel_gives_for_sgx(void **state)
{
    (void)state;
    check_folder("sgx");
}

static void tells_what_intel_gives_for_tdx(void **state)
{
    (void)state;
    check_folder("tdx");
}

static void tells_what_amd_gives(void **state)
{
    (void)state;
    check_folder("snp");
}

static void tells_certificates_of_tpms(void **state)
{
    (void)state;
    check_folder("tpm");
}

static bool is_endorsement(const char *folder, const char *file)
{
    for (size_t i = 0; i < ARRAY_LEN(real); i++)
        if (strcmp(real[i].folder, folder) == 0 && strcmp(real[i].file, file) == 0)
            return true;
    return false;
}

/* Quotes, reports, keys, signatures, what is expected of them: and no certificate, list or document is left out above. */
static unsigned int refuse_the_others(const char *folder)
{
    static uint8_t bytes[1 << 17];
    const char *root = getenv("TACIT_VECTORS");
    unsigned int refused = 0;
    char path[1024];
    DIR *open;

    (void)snprintf(path, sizeof path, "%s/%s", root != NULL ? root : "../shared/vectors", folder);
    open = opendir(path);
    assert_non_null(open);
    for (const struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        struct buf memory = BUF_OF(bytes);
        struct endorsement told;

        if (entry->d_name[0] == '.' || is_endorsement(folder, entry->d_name))
            continue;
        print_message("  %s/%s\n", folder, entry->d_name);
        assert_int_not_equal(tell(vector_file(folder, entry->d_name, &memory), &told), STATUS_OK);
        refused++;
    }
    assert_int_equal(closedir(open), 0);
    return refused;
}

static void refuses_every_other_file_of_the_vectors(void **state)
{
    static const char *const folders[] = {"sgx", "tdx", "snp", "tpm"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        if (!folder_is_there(folders[i]))
            skip();
        assert_true(refuse_the_others(folders[i]) >= 5);
    }
}

/* ---- our own ---- */

static uint8_t maker_memory[1 << 18];

static struct view make_certificate(const char *subject, const char *first, const char *last, struct buf *memory)
{
    const struct maker_key key = maker_key_of(1);
    const struct maker_certificate parts = {.issuer = "Root",
                                            .subject = subject,
                                            .issuer_key = &key,
                                            .key = &key,
                                            .serial = 1,
                                            .not_before = first,
                                            .not_after = last};

    return maker_certificate(&parts, memory);
}

static struct view make_crl(const char *first, const char *last, struct buf *memory)
{
    const struct maker_key key = maker_key_of(1);
    const struct maker_crl parts = {
        .issuer = "Root", .issuer_key = &key, .this_update = first, .next_update = last, .revoked = 7};

    return maker_crl(&parts, memory);
}

static struct view join(struct buf *memory, struct view a, struct view b)
{
    const size_t start = memory->len;

    assert_int_equal(buf_append(memory, a), STATUS_OK);
    assert_int_equal(buf_append(memory, b), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

static struct view hex_of(struct view bytes, struct buf *memory)
{
    const size_t start = memory->len;

    assert_true(memory->cap - memory->len > 2 * bytes.len);
    hex_encode(bytes, (char *)memory->ptr + start);
    memory->len += 2 * bytes.len;
    return (struct view){memory->ptr + start, 2 * bytes.len};
}

static void the_same_certificate_is_told_however_it_is_written(void **state)
{
    struct buf memory = BUF_OF(maker_memory);
    const struct view der = make_certificate("Leaf", "250101000000Z", "260101000000Z", &memory);
    const struct view pem = maker_pem("CERTIFICATE", der, &memory), hex = hex_of(der, &memory);
    const struct view ways[] = {
        der,
        pem,
        hex,
        join(&memory, VIEW_TEXT(" \r\n\t"), pem),
        join(&memory, pem, (struct view){(const uint8_t *)"\n\0", 2}),
        join(&memory, join(&memory, VIEW_TEXT("\n "), hex), (struct view){(const uint8_t *)"\n\0", 2}),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct endorsement told;

        assert_int_equal(tell(ways[i], &told), STATUS_OK);
        assert_int_equal(told.kind, ENDORSEMENT_CERTIFICATE);
        assert_string_equal(told.name, "Leaf");
        assert_int_equal(told.not_before, dcap_case_time("2025-01-01T00:00:00Z"));
        assert_int_equal(told.not_after, dcap_case_time("2026-01-01T00:00:00Z"));
    }
}

static void a_chain_serves_while_all_of_it_does(void **state)
{
    struct buf memory = BUF_OF(maker_memory);
    const struct view leaf = make_certificate("Leaf", "250201000000Z", "260101000000Z", &memory);
    const struct view root = make_certificate("Root", "200101000000Z", "250301000000Z", &memory);
    const struct view crl = make_crl("250215000000Z", "270101000000Z", &memory);
    const struct view pem =
        join(&memory, maker_pem("CERTIFICATE", leaf, &memory), maker_pem("CERTIFICATE", root, &memory));
    struct endorsement told;

    (void)state;
    assert_int_equal(tell(pem, &told), STATUS_OK);
    assert_int_equal(told.kind, ENDORSEMENT_CHAIN);
    assert_string_equal(told.name, "Leaf and 1 more");
    assert_int_equal(told.not_before, dcap_case_time("2025-02-01T00:00:00Z"));
    assert_int_equal(told.not_after, dcap_case_time("2025-03-01T00:00:00Z"));

    assert_int_equal(tell(join(&memory, join(&memory, crl, leaf), root), &told), STATUS_OK);
    assert_int_equal(told.kind, ENDORSEMENT_CHAIN);
    assert_string_equal(told.name, "Leaf and 2 more");
    assert_int_equal(told.not_before, dcap_case_time("2025-02-15T00:00:00Z"));
}

static void a_chain_whose_parts_never_meet_has_an_empty_window(void **state)
{
    struct buf memory = BUF_OF(maker_memory);
    const struct view old = make_certificate("Old", "200101000000Z", "210101000000Z", &memory);
    const struct view young = make_certificate("Young", "250101000000Z", "260101000000Z", &memory);
    struct endorsement told;

    (void)state;
    assert_int_equal(tell(join(&memory, old, young), &told), STATUS_OK);
    assert_true(told.not_after < told.not_before);
}

static void lists_alone_are_lists(void **state)
{
    struct buf memory = BUF_OF(maker_memory);
    const struct view one = make_crl("250101000000Z", "250201000000Z", &memory);
    const struct view other = make_crl("250110000000Z", "250210000000Z", &memory);
    struct endorsement told;

    (void)state;
    assert_int_equal(tell(hex_of(one, &memory), &told), STATUS_OK);
    assert_int_equal(told.kind, ENDORSEMENT_CRL);
    assert_string_equal(told.name, "CRL of Root");
    assert_int_equal(tell(join(&memory, one, other), &told), STATUS_OK);
    assert_int_equal(told.kind, ENDORSEMENT_CRL);
    assert_string_equal(told.name, "CRL of Root and 1 more");
    assert_int_equal(told.not_after - told.not_before, 22 * DAY);
}

static void names_are_shown_as_printable_text_of_bounded_length(void **state)
{
    struct buf memory = BUF_OF(maker_memory);
    struct endorsement told;

    (void)state;
    assert_int_equal(
        tell(make_certificate("a\x1b[31m\nevent\xc3\xa9", "250101000000Z", "260101000000Z", &memory), &told),
        STATUS_OK);
    assert_string_equal(told.name, "a?[31m?event??");
    assert_int_equal(tell(make_certificate("0123456789012345678901234567890123456789012345678901234567890123456789",
                                           "250101000000Z", "260101000000Z", &memory),
                          &told),
                     STATUS_OK);
    assert_int_equal(strlen(told.name), 64);
}

/* ---- tables ---- */

static const uint8_t guids[][GUID_SIZE] = {
    {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}, /* VCEK */
    {0x7b, 0x22, 0x20, 0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},                                  /* somebody's */
    {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae}, /* ARK */
};

struct table_entry {
    const uint8_t *guid;
    struct view contents;
};

static struct view make_table(const struct table_entry *entries, size_t count, struct buf *memory)
{
    static uint8_t table[1 << 14];
    size_t at = (count + 1) * ENTRY_SIZE;

    memset(table, 0, sizeof table);
    for (size_t i = 0; i < count; i++) {
        memcpy(table + i * ENTRY_SIZE, entries[i].guid, GUID_SIZE);
        write_le32(table + i * ENTRY_SIZE + 16, (uint32_t)at);
        write_le32(table + i * ENTRY_SIZE + 20, (uint32_t)entries[i].contents.len);
        memcpy(table + at, entries[i].contents.ptr, entries[i].contents.len);
        at += entries[i].contents.len;
    }
    return join(memory, (struct view){table, at}, (struct view){NULL, 0});
}

static void a_certificate_table_is_told_by_what_it_knows(void **state)
{
    struct buf memory = BUF_OF(maker_memory);
    const struct view vcek = make_certificate("SEV-VCEK", "250101000000Z", "320101000000Z", &memory);
    const struct view ark = make_certificate("ARK-Milan", "200101000000Z", "300101000000Z", &memory);
    const struct table_entry entries[] = {
        {guids[0], vcek}, {guids[1], VIEW_TEXT("not for us")}, {guids[2], maker_pem("CERTIFICATE", ark, &memory)}};
    struct endorsement told;

    (void)state;
    assert_int_equal(tell(make_table(entries, ARRAY_LEN(entries), &memory), &told), STATUS_OK);
    assert_int_equal(told.kind, ENDORSEMENT_TABLE);
    assert_string_equal(told.name, "certificate table: SEV-VCEK and 1 more");
    assert_int_equal(told.not_before, dcap_case_time("2025-01-01T00:00:00Z"));
    assert_int_equal(told.not_after, dcap_case_time("2030-01-01T00:00:00Z"));
    assert_int_equal(tell(make_table(entries + 1, 1, &memory), &told), STATUS_MALFORMED); /* {" is JSON's beginning */
}

static void tables_that_hold_nothing_or_lie_are_refused(void **state)
{
    static const uint8_t other[GUID_SIZE] = {0xff, 1};
    struct buf memory = BUF_OF(maker_memory);
    const struct view vcek = make_certificate("SEV-VCEK", "250101000000Z", "320101000000Z", &memory);
    const struct table_entry one = {guids[0], vcek}, unknown = {other, vcek}, broken = {guids[0], VIEW_TEXT("0")};
    struct table_entry many[ENDORSEMENT_PARTS_MAX + 1];
    struct endorsement told;
    struct view table;

    (void)state;
    assert_int_equal(tell(make_table(&unknown, 1, &memory), &told), STATUS_NOT_FOUND);
    assert_int_equal(tell(make_table(&broken, 1, &memory), &told), STATUS_TRUNCATED);
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = (struct table_entry){other, VIEW_TEXT("x")};
    assert_int_equal(tell(make_table(many, ARRAY_LEN(many) - 1, &memory), &told), STATUS_NOT_FOUND);
    assert_int_equal(tell(make_table(many, ARRAY_LEN(many), &memory), &told), STATUS_NO_SPACE);
    table = make_table(&one, 1, &memory);
    for (size_t len = 0; len < table.len; len++)
        assert_int_not_equal(tell((struct view){table.ptr, len}, &told), STATUS_OK);
    assert_int_equal(tell(table, &told), STATUS_OK);
}

/* ---- documents ---- */

#define IDENTITY(id, version, issued, next, svn) \
    "{\"enclaveIdentity\":{\"id\":\"" id "\",\"version\":" version ",\"issueDate\":\"" issued \
    "\",\"nextUpdate\":\"" next \
    "\",\"tcbEvaluationDataNumber\":17,\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\"," \
    "\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\"," \
    "\"mrsigner\":\"DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5\",\"isvprodid\":2," \
    "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":" svn "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}" \
    ",\"signature\":\"" SIGNATURE "\"}"
#define SIGNATURE \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define GOOD IDENTITY("TD_QE", "2", "2025-06-19T10:32:27Z", "2025-07-19T10:32:27Z", "4")

static void a_document_is_told_and_refused_where_it_ends_too_early(void **state)
{
    const struct view good = VIEW_TEXT("\n" GOOD "\n");
    struct endorsement told;

    (void)state;
    assert_int_equal(tell(good, &told), STATUS_OK);
    assert_int_equal(told.kind, ENDORSEMENT_QE_IDENTITY);
    assert_string_equal(told.name, "QE identity TDX");
    assert_int_equal(told.not_after, dcap_case_time("2025-07-19T10:32:27Z"));
    for (size_t len = 0; len + 1 < good.len; len++)
        assert_int_not_equal(tell((struct view){good.ptr, len}, &told), STATUS_OK);
}

static void refuses_with_a_reason(void **state)
{
    static uint8_t large[ENDORSEMENT_MAX + 1];
    const struct {
        const char *why;
        struct view bytes;
        enum status want;
    } cases[] = {
        {"nothing", {NULL, 0}, STATUS_MALFORMED},
        {"blanks", {(const uint8_t *)" \n\0 ", 4}, STATUS_MALFORMED},
        {"a note", {(const uint8_t *)"see wiki\n", 9}, STATUS_MALFORMED},
        {"a longer note", {(const uint8_t *)"This folder holds collateral.\n", 30}, STATUS_TRUNCATED},
        {"hexadecimal of odd length", VIEW_TEXT("308"), STATUS_MALFORMED},
        {"hexadecimal of DER that ends", VIEW_TEXT("3082"), STATUS_TRUNCATED},
        {"no hexadecimal", VIEW_TEXT("30xx"), STATUS_MALFORMED},
        {"a private key", VIEW_TEXT("-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"),
         STATUS_MALFORMED},
        {"PEM without its end", VIEW_TEXT("-----BEGIN CERTIFICATE-----\nMC4=\n"), STATUS_TRUNCATED},
        {"an empty object", VIEW_TEXT("{}"), STATUS_UNSUPPORTED},
        {"a document of another kind", VIEW_TEXT("{\"hello\": {}, \"signature\": \"\"}"), STATUS_UNSUPPORTED},
        {"a document without its signature", VIEW_TEXT("{\"tcbInfo\": {}}"), STATUS_MALFORMED},
        {"a document behind another", VIEW_TEXT(GOOD GOOD), STATUS_TRAILING},
        {"an identity of QVE", VIEW_TEXT(IDENTITY("QVE", "2", "2025-06-19T10:32:27Z", "2025-07-19T10:32:27Z", "4")),
         STATUS_UNSUPPORTED},
        {"an identity of a version to come",
         VIEW_TEXT(IDENTITY("QE", "3", "2025-06-19T10:32:27Z", "2025-07-19T10:32:27Z", "4")), STATUS_UNSUPPORTED},
        {"a date that is none", VIEW_TEXT(IDENTITY("QE", "2", "2025-06-31T10:32:27Z", "2025-07-19T10:32:27Z", "4")),
         STATUS_OUT_OF_RANGE},
        {"a date in other words", VIEW_TEXT(IDENTITY("QE", "2", "2025-06-19", "2025-07-19T10:32:27Z", "4")),
         STATUS_MALFORMED},
        {"a level past its range",
         VIEW_TEXT(IDENTITY("QE", "2", "2025-06-19T10:32:27Z", "2025-07-19T10:32:27Z", "65536")), STATUS_OUT_OF_RANGE},
        {"too large", {large, sizeof large}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct endorsement told = {.name = "as it was"};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(tell(cases[i].bytes, &told), cases[i].want);
        assert_string_equal(told.name, "as it was");
    }
}

static void refuses_a_certificate_at_every_length_and_too_many_of_them(void **state)
{
    struct buf memory = BUF_OF(maker_memory), little = {.ptr = space_memory, .cap = 64};
    const struct view der = make_certificate("Leaf", "250101000000Z", "260101000000Z", &memory);
    const size_t start = memory.len;
    struct endorsement told;

    (void)state;
    for (size_t len = 0; len < der.len; len++)
        assert_int_not_equal(tell((struct view){der.ptr, len}, &told), STATUS_OK);
    assert_int_equal(endorsement_tell(maker_pem("CERTIFICATE", der, &memory), &little, &told), STATUS_NO_SPACE);
    memory.len = start;
    for (size_t i = 0; i < ENDORSEMENT_PARTS_MAX; i++)
        (void)join(&memory, der, (struct view){NULL, 0});
    assert_int_equal(tell((struct view){memory.ptr + start, memory.len - start}, &told), STATUS_OK);
    assert_string_equal(told.name, "Leaf and 31 more");
    (void)join(&memory, der, (struct view){NULL, 0});
    assert_int_equal(tell((struct view){memory.ptr + start, memory.len - start}, &told), STATUS_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_intel_gives_for_sgx),
        cmocka_unit_test(tells_what_intel_gives_for_tdx),
        cmocka_unit_test(tells_what_amd_gives),
        cmocka_unit_test(tells_certificates_of_tpms),
        cmocka_unit_test(refuses_every_other_file_of_the_vectors),
        cmocka_unit_test(the_same_certificate_is_told_however_it_is_written),
        cmocka_unit_test(a_chain_serves_while_all_of_it_does),
        cmocka_unit_test(a_chain_whose_parts_never_meet_has_an_empty_window),
        cmocka_unit_test(lists_alone_are_lists),
        cmocka_unit_test(names_are_shown_as_printable_text_of_bounded_length),
        cmocka_unit_test(a_certificate_table_is_told_by_what_it_knows),
        cmocka_unit_test(tables_that_hold_nothing_or_lie_are_refused),
        cmocka_unit_test(a_document_is_told_and_refused_where_it_ends_too_early),
        cmocka_unit_test(refuses_with_a_reason),
        cmocka_unit_test(refuses_a_certificate_at_every_length_and_too_many_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
