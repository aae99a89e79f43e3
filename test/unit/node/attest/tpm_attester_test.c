/* The attester against a TPM 2.0 in software: what it sends is appraised as an enclave would. */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "swtpm.h"
#include "tpm_attester.h"
#include "tpm_terms.h"
#include "wire_limits.h"

#define NOW     1767225600
#define LONG_MS 60000

/* First handles of kinds of objects. */
#define TRANSIENT  0x80000000u
#define SESSIONS   0x02000000u
#define PERSISTENT 0x81000000u

static struct swtpm swtpm, other;
static struct tpm_attester attester;
static uint8_t public_bytes[TPM_PUBLIC_MAX + 2], evidence_bytes[EVIDENCE_MAX], space_bytes[APPRAISAL_SPACE];
static uint8_t report_data[SHA512_SIZE];
static struct buf public, evidence;
static struct reason reason;

/* How often the next Esys_PCR_Read extends PCR 7 before it reads, in whichever process. */
static int interfere;

TSS2_RC Esys_PCR_Read(ESYS_CONTEXT *esys, ESYS_TR session1, ESYS_TR session2, ESYS_TR session3,
                      const TPML_PCR_SELECTION *in, UINT32 *counter, TPML_PCR_SELECTION **out, TPML_DIGEST **values)
{
    TSS2_RC(*real)
    (ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR, const TPML_PCR_SELECTION *, UINT32 *, TPML_PCR_SELECTION **,
     TPML_DIGEST **);
    TPML_DIGEST_VALUES digest = {.count = 1, .digests = {{.hashAlg = TPM2_ALG_SHA256}}};
    void *found = dlsym(RTLD_NEXT, "Esys_PCR_Read");

    memcpy(&real, &found, sizeof real);
    if (interfere-- > 0 &&
        Esys_PCR_Extend(esys, ESYS_TR_PCR7, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &digest) != TSS2_RC_SUCCESS)
        return TSS2_TCTI_RC_GENERAL_FAILURE;
    return real(esys, session1, session2, session3, in, counter, out, values);
}

/* In the tests, not before them: only a test can be skipped. */
static void begin(void)
{
    interfere = 0;
    swtpm_begin(&swtpm);
    attester = (struct tpm_attester){.tcti = swtpm.tcti, .handle = TPM_HANDLE_DEFAULT, .timeout_ms = LONG_MS};
    assert_null(tpm_selection_parse("sha256:0,1,2,3,7,14+sha384:0,1,2,3,4,5,6,7,8,9", &attester.pcrs));
    for (size_t i = 0; i < sizeof report_data; i++)
        report_data[i] = (uint8_t)i;
}

static int end(void **state)
{
    (void)state;
    swtpm_end(&swtpm);
    swtpm_end(&other);
    return 0;
}

static enum status provision(void)
{
    public = BUF_OF(public_bytes);
    reason.text[0] = '\0';
    return tpm_provision(&attester, &public, &reason);
}

static enum status attest(void)
{
    struct buf endorsement = {NULL, 0, 0};
    struct view kind = {NULL, 0};
    enum status status;

    evidence = BUF_OF(evidence_bytes);
    reason.text[0] = '\0';
    status = tpm_attest(&attester, report_data, &kind, &evidence, &endorsement, &reason);
    if (status == STATUS_OK)
        assert_true(view_equal(kind, VIEW_TEXT(TPM_KIND)));
    return status;
}

static void must(enum status status)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), reason.text);
}

static void assert_says(const char *text)
{
    if (strstr(reason.text, text) == NULL)
        fail_msg("says: %s", reason.text);
}

/* Terms that take this AK alone, with PCRs 7 and 14 as in the container. */
static void make_terms(const struct tpm_public *ak, const struct tpm_container *container, struct tpm_terms *out)
{
    *out =
        (struct tpm_terms){.ak_count = 1, .aks = {{{ak->name, ak->name_len}, VIEW_TEXT("sensor-17")}}, .pcr_count = 2};
    for (uint32_t i = 0, at = 0; i < container->pcr_count && at < 2; i++) {
        const struct tpm_pcr *pcr = &container->pcrs[i];

        if (pcr->alg == TPM_SHA256 && (pcr->index == 7 || pcr->index == 14))
            out->pcrs[at++] = (struct tpm_pcr_terms){pcr->alg, pcr->index, {.count = 1, .list = {pcr->value}}};
    }
}

static enum status appraise_by(const struct tpm_terms *terms, struct view bytes)
{
    static uint8_t rules_bytes[4096];
    struct buf rules = BUF_OF(rules_bytes), space = BUF_OF(space_bytes);
    const struct evidence shown = {.kind = VIEW_TEXT(TPM_KIND),
                                   .federation = VIEW_TEXT("factory"),
                                   .bytes = bytes,
                                   .subject = VIEW_TEXT("sensor-17"),
                                   .report_data = VIEW_OF(report_data),
                                   .now = NOW,
                                   .space = &space};
    struct accepted accepted = {.kind = VIEW_TEXT(TPM_KIND)};
    static struct appraisal appraisal;

    assert_int_equal(tpm_terms_encode(terms, &rules), STATUS_OK);
    accepted.rules = buf_view(&rules);
    return appraise(&shown, &accepted, 1, &appraisal);
}

static void a_quote_of_its_key_is_accepted_until_pcrs_change(void **state)
{
    static struct tpm_container container;
    static struct tpm_terms terms;
    static uint8_t first_bytes[EVIDENCE_MAX];
    struct buf first = BUF_OF(first_bytes);
    struct tpm_public ak;

    (void)state;
    begin();
    must(provision());
    assert_int_equal(tpm_public_decode(buf_view(&public), &ak), STATUS_OK);
    assert_int_equal(ak.attributes, 0x00050472);
    assert_true(ak.key.kind == PUBLIC_KEY_P256 && ak.name_len == 34);
    must(attest());
    assert_int_equal(buf_append(&first, buf_view(&evidence)), STATUS_OK);
    assert_int_equal(tpm_container_decode(buf_view(&first), &container), STATUS_OK);
    assert_int_equal(container.pcr_count, 16);
    make_terms(&ak, &container, &terms);
    assert_int_equal(appraise_by(&terms, buf_view(&first)), STATUS_OK);
    report_data[31] ^= 1;
    assert_int_equal(appraise_by(&terms, buf_view(&first)), STATUS_EVIDENCE_BINDING);
    must(attest());
    assert_int_equal(appraise_by(&terms, buf_view(&evidence)), STATUS_OK);
    swtpm_extend(&swtpm, 0); /* of no interest to the terms */
    must(attest());
    assert_int_equal(appraise_by(&terms, buf_view(&evidence)), STATUS_OK);
    swtpm_extend(&swtpm, 14);
    must(attest());
    assert_int_equal(appraise_by(&terms, buf_view(&evidence)), STATUS_EVIDENCE_MEASUREMENT);
}

static void the_key_is_made_once(void **state)
{
    uint8_t bytes[sizeof public_bytes];
    struct buf first = BUF_OF(bytes);

    (void)state;
    begin();
    assert_int_equal(attest(), STATUS_NOT_FOUND);
    assert_says("0x81010002: no attestation key is there; tacit-node --enrol-tpm makes it");
    must(provision());
    assert_int_equal(buf_append(&first, buf_view(&public)), STATUS_OK);
    must(provision());
    assert_true(view_equal(buf_view(&first), buf_view(&public)));
    swtpm_restart(&swtpm);
    must(provision());
    assert_true(view_equal(buf_view(&first), buf_view(&public)));
    attester.handle++;
    must(provision());
    assert_false(view_equal(buf_view(&first), buf_view(&public)));
}

static void another_tpm_does_not_pass_for_this_one(void **state)
{
    static struct tpm_container mine, its;
    static struct tpm_terms terms;
    static uint8_t its_bytes[EVIDENCE_MAX], mixed_bytes[EVIDENCE_MAX];
    struct buf its_evidence = BUF_OF(its_bytes), mixed = BUF_OF(mixed_bytes);
    struct tpm_public ak;

    (void)state;
    begin();
    swtpm_begin(&other);
    attester.tcti = other.tcti;
    must(provision());
    must(attest());
    assert_int_equal(buf_append(&its_evidence, buf_view(&evidence)), STATUS_OK);
    attester.tcti = swtpm.tcti;
    must(provision());
    must(attest());
    assert_int_equal(tpm_public_decode(buf_view(&public), &ak), STATUS_OK);
    assert_int_equal(tpm_container_decode(buf_view(&evidence), &mine), STATUS_OK);
    assert_int_equal(tpm_container_decode(buf_view(&its_evidence), &its), STATUS_OK);
    make_terms(&ak, &mine, &terms);
    assert_int_equal(appraise_by(&terms, buf_view(&evidence)), STATUS_OK);
    assert_int_equal(appraise_by(&terms, buf_view(&its_evidence)), STATUS_EVIDENCE_ROOT);
    its.ak = mine.ak;
    assert_int_equal(tpm_container_encode(&its, &mixed), STATUS_OK);
    assert_int_equal(appraise_by(&terms, buf_view(&mixed)), STATUS_FORGED);
}

static void values_that_change_meanwhile_are_quoted_anew(void **state)
{
    static struct tpm_container container;
    static struct tpm_terms terms;
    struct tpm_public ak;

    (void)state;
    begin();
    must(provision());
    assert_int_equal(tpm_public_decode(buf_view(&public), &ak), STATUS_OK);
    interfere = 2;
    must(attest());
    assert_int_equal(tpm_container_decode(buf_view(&evidence), &container), STATUS_OK);
    make_terms(&ak, &container, &terms);
    assert_int_equal(appraise_by(&terms, buf_view(&evidence)), STATUS_OK);
    interfere = 1000;
    assert_int_equal(attest(), STATUS_BUSY);
    assert_says("PCRs change faster");
}

static uint32_t count_handles(uint32_t range)
{
    ESYS_CONTEXT *esys = swtpm_open(&swtpm);
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more;
    uint32_t count;

    assert_int_equal(
        Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_HANDLES, range, 32, &more, &data),
        TSS2_RC_SUCCESS);
    count = data->data.handles.count;
    Esys_Free(data);
    swtpm_close(esys);
    return count;
}

static void nothing_stays_loaded(void **state)
{
    (void)state;
    begin();
    must(provision());
    for (int i = 0; i < 5; i++)
        must(attest());
    assert_int_equal(count_handles(TRANSIENT), 0);
    assert_int_equal(count_handles(SESSIONS), 0);
    assert_int_equal(count_handles(PERSISTENT), 1);
}

static void a_tpm_that_is_not_there_is_told(void **state)
{
    (void)state;
    begin();
    must(provision());
    swtpm_halt(&swtpm);
    assert_int_equal(attest(), STATUS_NO_CONNECTION);
    assert_says(swtpm.tcti);
    assert_says("is there such a TPM, and may this user open it?");
    assert_int_equal(evidence.len, 0);
    assert_int_equal(provision(), STATUS_NO_CONNECTION);
    attester.tcti = "device:/nowhere/tpm0";
    assert_int_equal(attest(), STATUS_NO_CONNECTION);
    assert_says("device:/nowhere/tpm0");
    attester.tcti = "nothing:that=is";
    assert_int_equal(attest(), STATUS_NO_CONNECTION);
}

static void a_tpm_that_hangs_costs_its_time_only(void **state)
{
    (void)state;
    begin();
    must(provision());
    swtpm_signal(&swtpm, SIGSTOP);
    attester.timeout_ms = 300;
    assert_int_equal(attest(), STATUS_TIMEOUT);
    assert_says("TPM: no answer within 300 ms");
    swtpm_signal(&swtpm, SIGCONT);
    attester.timeout_ms = LONG_MS;
    must(attest());
}

/* Puts a storage key at the handle. */
static void occupy_handle(void)
{
    static const TPM2B_SENSITIVE_CREATE no_secret = {.size = 0};
    static const TPM2B_DATA no_data = {.size = 0};
    static const TPML_PCR_SELECTION no_pcrs = {.count = 0};
    const TPM2B_PUBLIC template = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            /* as the AK, but it signs whatever it is given */
            .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA | TPMA_OBJECT_SIGN_ENCRYPT,
            .parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_NULL},
                                     .scheme = {.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf = {.scheme = TPM2_ALG_NULL}}}};
    ESYS_CONTEXT *esys = swtpm_open(&swtpm);
    ESYS_TR key, kept;

    assert_int_equal(Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                        &no_secret, &template, &no_data, &no_pcrs, &key, NULL, NULL, NULL, NULL),
                     TSS2_RC_SUCCESS);
    assert_int_equal(Esys_EvictControl(esys, ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                       attester.handle, &kept),
                     TSS2_RC_SUCCESS);
    assert_int_equal(Esys_FlushContext(esys, key), TSS2_RC_SUCCESS);
    swtpm_close(esys);
}

static void a_key_of_another_kind_is_neither_used_nor_replaced(void **state)
{
    (void)state;
    begin();
    occupy_handle();
    assert_int_equal(provision(), STATUS_EXISTS);
    assert_says("tpm_handle 0x81010002: another kind of key is there");
    assert_int_equal(attest(), STATUS_EXISTS);
    assert_int_equal(count_handles(PERSISTENT), 1);
}

static void an_owner_with_a_password_is_told(void **state)
{
    const TPM2B_AUTH password = {.size = 4, .buffer = "word"};
    ESYS_CONTEXT *esys;

    (void)state;
    begin();
    must(provision());
    esys = swtpm_open(&swtpm);
    assert_int_equal(
        Esys_HierarchyChangeAuth(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &password),
        TSS2_RC_SUCCESS);
    swtpm_close(esys);
    must(provision()); /* what is there needs no owner */
    must(attest());
    attester.handle++;
    assert_int_equal(provision(), STATUS_NOT_PERMITTED);
    assert_says("the owner's hierarchy is locked or has an authorisation value");
    assert_int_equal(count_handles(TRANSIENT), 0);
}

static void a_bank_that_the_tpm_does_not_keep_is_told(void **state)
{
    const TPML_PCR_SELECTION banks = {.count = 4,
                                      .pcrSelections = {{TPM2_ALG_SHA256, 3, {0xff, 0xff, 0xff}},
                                                        {TPM2_ALG_SHA1, 3, {0}},
                                                        {TPM2_ALG_SHA384, 3, {0}},
                                                        {TPM2_ALG_SHA512, 3, {0}}}};
    TPMI_YES_NO done;
    UINT32 most, needed, available;
    ESYS_CONTEXT *esys;

    (void)state;
    begin();
    esys = swtpm_open(&swtpm);
    assert_int_equal(Esys_PCR_Allocate(esys, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &banks,
                                       &done, &most, &needed, &available),
                     TSS2_RC_SUCCESS);
    swtpm_close(esys);
    swtpm_restart(&swtpm);
    must(provision());
    assert_int_equal(attest(), STATUS_UNSUPPORTED);
    assert_says("tpm_pcrs: this TPM does not keep one of these banks");
    assert_null(tpm_selection_parse("sha256:7", &attester.pcrs));
    must(attest());
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_quote_of_its_key_is_accepted_until_pcrs_change),
        TEST(the_key_is_made_once),
        TEST(another_tpm_does_not_pass_for_this_one),
        TEST(values_that_change_meanwhile_are_quoted_anew),
        TEST(nothing_stays_loaded),
        TEST(a_tpm_that_is_not_there_is_told),
        TEST(a_tpm_that_hangs_costs_its_time_only),
        TEST(a_key_of_another_kind_is_neither_used_nor_replaced),
        TEST(an_owner_with_a_password_is_told),
        TEST(a_bank_that_the_tpm_does_not_keep_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
