/* TCB info and QE identity: what is read, what is refused, what a platform is matched with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dcap_collateral.h"

#define TEXT_MAX 8192

#define SIXTEEN(first, rest) \
    "[{\"svn\":" first "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest \
    "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest \
    "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "},{\"svn\":" rest "}]"
#define ZEROS_96 "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define HEAD \
    "\"issueDate\":\"2026-02-18T10:58:51Z\",\"nextUpdate\":\"2026-03-20T10:58:51Z\"," \
    "\"fmspc\":\"90c06F000000\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":18,"
#define SIGNER \
    "\"mrsigner\":\"" ZEROS_96 "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
#define MODULE(id, svn, status) \
    "{\"id\":\"" id "\"," SIGNER ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":" svn "},\"tcbDate\":\"2024-03-13T00:00:00Z\"," \
    "\"tcbStatus\":\"" status \
    "\"},{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2023-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"," \
    "\"advisoryIDs\":[\"INTEL-SA-00001\"]}]}"
#define LEVEL(sgx, tdx, pce, status) \
    "{\"tcb\":{\"sgxtcbcomponents\":" SIXTEEN(sgx, "1") ",\"pcesvn\":" pce ",\"tdxtcbcomponents\":" SIXTEEN( \
        tdx, "0") "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"" status "\"}"
#define TDX_INFO \
    "{\"id\":\"TDX\",\"version\":3," HEAD "\"tdxModule\":{" SIGNER \
    "},\"tdxModuleIdentities\":[" MODULE("TDX_03", "3", "UpToDate") "," MODULE( \
        "TDX_0A", "7", \
        "Revoked") "],\"tcbLevels\":[" LEVEL("7", "5", "11", \
                                             "UpToDate") "," LEVEL("5", "3", "11", \
                                                                   "SWHardeningNeeded") "," LEVEL("5", "3", "9", \
                                                                                                  "OutOfDate") "]}"

static struct dcap_tcb_info tdx_info(void)
{
    struct dcap_tcb_info info;

    assert_int_equal(dcap_tcb_info_read(VIEW_TEXT(TDX_INFO), &info), STATUS_OK);
    return info;
}

static struct dcap_pck pck_with(uint8_t first, uint8_t rest, uint32_t pce_svn)
{
    struct dcap_pck pck = {.pce_svn = pce_svn};

    memset(pck.components, rest, sizeof pck.components);
    pck.components[0] = first;
    return pck;
}

static void reads_every_member(void **state)
{
    const struct dcap_tcb_info info = tdx_info();
    static const uint8_t fmspc[] = {0x90, 0xc0, 0x6f, 0, 0, 0};

    (void)state;
    assert_int_equal(info.kind, DCAP_TDX);
    assert_int_equal(info.issued, 1771412331);
    assert_int_equal(info.next_update, 1774004331);
    assert_int_equal(info.evaluation, 18);
    assert_memory_equal(info.fmspc, fmspc, sizeof fmspc);
    assert_int_equal(info.module_count, 3);
    assert_int_equal(info.modules[2].major, 10);
    assert_int_equal(info.modules[1].levels.count, 2);
    assert_int_equal(info.level_count, 3);
    assert_int_equal(info.levels[2].pce_svn, 9);
    assert_int_equal(info.levels[1].level.status, DCAP_TCB_SW_HARDENING_NEEDED);
}

/* TDX_INFO with one text in the place of another. */
static enum status read_changed(const char *from, const char *to)
{
    static char text[TEXT_MAX];
    const char *at = strstr(TDX_INFO, from);
    struct dcap_tcb_info info;
    int len;

    assert_non_null(at);
    len = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - TDX_INFO), TDX_INFO, to, at + strlen(from));
    assert_true(len > 0 && len < TEXT_MAX);
    return dcap_tcb_info_read((struct view){(const uint8_t *)text, (size_t)len}, &info);
}

static void refuses_what_it_cannot_read_whole(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status wanted;
    } cases[] = {
        {"an unknown member", "\"tcbType\":0", "\"tcbType\":0,\"new\":[{}]", STATUS_OK},
        {"version 4", "\"version\":3", "\"version\":4", STATUS_UNSUPPORTED},
        {"a version that is text", "\"version\":3", "\"version\":\"3\"", STATUS_MALFORMED},
        {"another id", "\"TDX\"", "\"TDY\"", STATUS_UNSUPPORTED},
        {"another type", "\"tcbType\":0", "\"tcbType\":1", STATUS_UNSUPPORTED},
        {"an unknown status", "SWHardeningNeeded", "Fine", STATUS_UNSUPPORTED},
        {"no such day", "2026-02-18", "2026-02-29", STATUS_OUT_OF_RANGE},
        {"another zone", "10:58:51Z\",\"next", "10:58:51+\",\"next", STATUS_MALFORMED},
        {"a date without its time", "2024-03-13T00:00:00Z", "2024-03-13", STATUS_MALFORMED},
        {"an FMSPC of five bytes", "90c06F000000", "90c06F0000", STATUS_MALFORMED},
        {"an FMSPC of seven bytes", "90c06F000000", "90c06F00000000", STATUS_NO_SPACE},
        {"a component past a byte", "\"svn\":7", "\"svn\":256", STATUS_OUT_OF_RANGE},
        {"a component below zero", "\"svn\":7", "\"svn\":-1", STATUS_MALFORMED},
        {"fifteen components", "{\"svn\":7},", "", STATUS_MALFORMED},
        {"seventeen components", "{\"svn\":7},", "{\"svn\":7},{\"svn\":7},", STATUS_MALFORMED},
        {"no TDX components", "tdxtcbcomponents", "other", STATUS_MALFORMED},
        {"no PCE SVN", "pcesvn", "other", STATUS_MALFORMED},
        {"no levels", "],\"tcbLevels\":", "],\"other\":", STATUS_MALFORMED},
        {"no module", "\"tdxModule\"", "\"other\"", STATUS_MALFORMED},
        {"a module without a number", "TDX_0A", "TDX_XX", STATUS_MALFORMED},
        {"an advisory that is a number", "\"INTEL-SA-00001\"", "1", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(read_changed(cases[i].from, cases[i].to), cases[i].wanted);
    }
}

static void gives_the_first_level_that_a_platform_reaches(void **state)
{
    static const struct {
        const char *why;
        uint8_t sgx_first, sgx_rest;
        uint32_t pce_svn;
        uint8_t tdx_first, major;
        enum dcap_tcb wanted; /* DCAP_TCB_UNKNOWN: none */
    } cases[] = {
        {"all of it", 7, 1, 11, 5, 0, DCAP_TCB_UP_TO_DATE},
        {"more of it", 255, 255, 65535, 255, 0, DCAP_TCB_UP_TO_DATE},
        {"one SGX component less", 6, 1, 11, 5, 0, DCAP_TCB_SW_HARDENING_NEEDED},
        {"one TDX component less", 7, 1, 11, 4, 0, DCAP_TCB_SW_HARDENING_NEEDED},
        {"the module's own version does not count from major 1 on", 7, 1, 11, 0, 3, DCAP_TCB_UP_TO_DATE},
        {"an older PCE", 7, 1, 10, 5, 0, DCAP_TCB_OUT_OF_DATE},
        {"below every SGX component", 4, 1, 11, 5, 0, DCAP_TCB_UNKNOWN},
        {"below every other SGX component", 7, 0, 11, 5, 0, DCAP_TCB_UNKNOWN},
        {"below every TDX component", 7, 1, 11, 2, 0, DCAP_TCB_UNKNOWN},
        {"below every PCE", 7, 1, 8, 5, 0, DCAP_TCB_UNKNOWN},
    };
    const struct dcap_tcb_info info = tdx_info();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct dcap_pck pck = pck_with(cases[i].sgx_first, cases[i].sgx_rest, cases[i].pce_svn);
        const uint8_t svn[DCAP_SVN_SIZE] = {cases[i].tdx_first, cases[i].major};
        struct dcap_level level = {.status = DCAP_TCB_UNKNOWN};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(dcap_platform_match(&info, &pck, VIEW_OF(svn), &level),
                         cases[i].wanted == DCAP_TCB_UNKNOWN ? STATUS_EVIDENCE_TCB : STATUS_OK);
        assert_int_equal(level.status, cases[i].wanted);
    }
}

static void finds_the_module_of_a_version(void **state)
{
    static const uint8_t zeros[DCAP_MEASUREMENT], other[DCAP_MEASUREMENT] = {[47] = 1};
    const struct {
        const char *why;
        uint8_t minor, major;
        struct view signer, attributes;
        enum status status;
        enum dcap_tcb wanted;
    } cases[] = {
        {"major 0 has no levels", 0, 0, VIEW_OF(zeros), {zeros, 8}, STATUS_OK, DCAP_TCB_UNKNOWN},
        {"newest", 3, 3, VIEW_OF(zeros), {zeros, 8}, STATUS_OK, DCAP_TCB_UP_TO_DATE},
        {"older", 2, 3, VIEW_OF(zeros), {zeros, 8}, STATUS_OK, DCAP_TCB_OUT_OF_DATE},
        {"too old", 1, 3, VIEW_OF(zeros), {zeros, 8}, STATUS_EVIDENCE_TCB, DCAP_TCB_UNKNOWN},
        {"revoked", 7, 10, VIEW_OF(zeros), {zeros, 8}, STATUS_OK, DCAP_TCB_REVOKED},
        {"no such major", 7, 2, VIEW_OF(zeros), {zeros, 8}, STATUS_EVIDENCE_COMPONENT, DCAP_TCB_UNKNOWN},
        {"another signer", 3, 3, VIEW_OF(other), {zeros, 8}, STATUS_EVIDENCE_COMPONENT, DCAP_TCB_UNKNOWN},
        {"another signer of major 0", 3, 0, VIEW_OF(other), {zeros, 8}, STATUS_EVIDENCE_COMPONENT, DCAP_TCB_UNKNOWN},
        {"other attributes", 3, 3, VIEW_OF(zeros), {other + 40, 8}, STATUS_EVIDENCE_COMPONENT, DCAP_TCB_UNKNOWN},
    };
    const struct dcap_tcb_info info = tdx_info();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct dcap_tdx_report report = {.mr_signer_seam = cases[i].signer,
                                               .seam_attributes = cases[i].attributes};
        const uint8_t svn[DCAP_SVN_SIZE] = {cases[i].minor, cases[i].major};
        struct dcap_level level = {.status = DCAP_TCB_UNKNOWN};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(dcap_module_match(&info, &report, VIEW_OF(svn), &level), cases[i].status);
        assert_int_equal(level.status, cases[i].wanted);
    }
}

static void knows_the_quoting_enclave_by_each_of_its_marks(void **state)
{
    static const struct dcap_qe_identity identity = {
        .misc_select = {0, 0, 0, 1},
        .misc_select_mask = {0xff, 0xff, 0xff, 0xff},
        .attributes = {0x11},
        .attributes_mask = {0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        .mr_signer = {1, 2, 3},
        .isv_prod_id = 2,
    };
    static const uint8_t misc[] = {1, 0, 0, 0}, misc_mirrored[] = {0, 0, 0, 1}, attributes[16] = {0x15, [8] = 0xe7},
                         debug[16] = {0x17}, signer[32] = {1, 2, 3}, other_signer[32] = {1, 2};
    const struct {
        const char *why;
        struct dcap_sgx_report report;
        enum status wanted;
    } cases[] = {
        {"itself",
         {.misc_select = VIEW_OF(misc),
          .attributes = VIEW_OF(attributes),
          .mr_signer = VIEW_OF(signer),
          .isv_prod_id = 2},
         STATUS_OK},
        {"MISCSELECT",
         {.misc_select = VIEW_OF(misc_mirrored),
          .attributes = VIEW_OF(attributes),
          .mr_signer = VIEW_OF(signer),
          .isv_prod_id = 2},
         STATUS_EVIDENCE_COMPONENT},
        {"DEBUG",
         {.misc_select = VIEW_OF(misc), .attributes = VIEW_OF(debug), .mr_signer = VIEW_OF(signer), .isv_prod_id = 2},
         STATUS_EVIDENCE_COMPONENT},
        {"MRSIGNER",
         {.misc_select = VIEW_OF(misc),
          .attributes = VIEW_OF(attributes),
          .mr_signer = VIEW_OF(other_signer),
          .isv_prod_id = 2},
         STATUS_EVIDENCE_COMPONENT},
        {"ISVPRODID",
         {.misc_select = VIEW_OF(misc),
          .attributes = VIEW_OF(attributes),
          .mr_signer = VIEW_OF(signer),
          .isv_prod_id = 1},
         STATUS_EVIDENCE_COMPONENT},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(dcap_qe_match(&identity, &cases[i].report), cases[i].wanted);
    }
}

/* Version 2 has no id, and its components are members of their own. */
static void reads_version_2_as_of_sgx(void **state)
{
    static char text[TEXT_MAX];
    struct dcap_tcb_info info;
    int len = snprintf(text, sizeof text, "{\"version\":2," HEAD "\"tcbLevels\":[{\"tcb\":{\"pcesvn\":5");

    (void)state;
    for (int i = 1; i <= DCAP_COMPONENTS; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, ",\"sgxtcbcomp%02dsvn\":%d", i, i);
    len += snprintf(text + len, sizeof text - (size_t)len,
                    "},\"tcbDate\":\"2020-01-01T00:00:00Z\",\"tcbStatus\":\"ConfigurationNeeded\"}]}");
    assert_int_equal(dcap_tcb_info_read((struct view){(const uint8_t *)text, (size_t)len}, &info), STATUS_OK);
    assert_int_equal(info.kind, DCAP_SGX);
    assert_int_equal(info.level_count, 1);
    for (uint8_t i = 0; i < DCAP_COMPONENTS; i++)
        assert_int_equal(info.levels[0].sgx[i], i + 1);
    assert_int_equal(info.levels[0].level.status, DCAP_TCB_CONFIGURATION_NEEDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_member),
        cmocka_unit_test(refuses_what_it_cannot_read_whole),
        cmocka_unit_test(gives_the_first_level_that_a_platform_reaches),
        cmocka_unit_test(finds_the_module_of_a_version),
        cmocka_unit_test(knows_the_quoting_enclave_by_each_of_its_marks),
        cmocka_unit_test(reads_version_2_as_of_sgx),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
