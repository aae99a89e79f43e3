/* Blocks of each kind of evidence in the owner's text (docs/policy.md): what each key becomes, and how each is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dcap_terms.h"
#include "policy_support.h"
#include "psa_terms.h"
#include "snp_terms.h"
#include "tpm_terms.h"
#include "trust_support.h"

/* Bytes 11.., 22.. and 33.., as digits. */
#define A16 "11111111111111111111111111111111"
#define A32 A16 A16
#define A48 A32 A16
#define B16 "22222222222222222222222222222222"
#define B32 B16 B16
#define B48 B32 B16
#define C32 "3333333333333333333333333333333333333333333333333333333333333333"
#define C48 C32 "33333333333333333333333333333333"
#define Z16 "00000000000000000000000000000000"
#define Z32 Z16 Z16

/* What must be said of a platform. */
#define PLATFORM "tcb_status UpToDate\nadvisory none\nmin_evaluation 17\nmax_age 30d\n"

#define SGX "aggregator_evidence sgx\nmrenclave " A32 "\n" PLATFORM
#define TDX_MEASURED \
    "mrtd " A48 "\nrtmr0 " A48 "\nrtmr1 any\nrtmr2 " B48 " " A48 "\nrtmr3 any\nmrconfigid " C48 "\nmrowner any\n" \
    "mrownerconfig any\n"
#define TDX "aggregator_evidence tdx\n" TDX_MEASURED "td_attributes require none\n" PLATFORM
#define SNP \
    "aggregator_evidence snp\nmeasurement " A48 \
    "\nhost_data any\nproduct Milan bootloader=4 tee=0 snp=23 microcode=213\n" \
    "max_vmpl 0\nsigning_key VCEK\nguest_policy require none\ncrl required\nmax_age 90d\n"
#define PSA \
    "aggregator_evidence psa\ndevice keys/sensor-1.pub name=any\nimplementation any\n" \
    "component type=any measurement=any signer=any\n"
#define TPM "aggregator_evidence tpm\nak 000b" A32 " name=any\npcr sha256:7 " A32 "\n"

/* A policy whose aggregator block is read from a text. */
struct reading {
    uint8_t memory[POLICY_MAX];
    struct buf bytes;
    struct policy policy;
};

static struct view read_rules(struct reading *reading, const char *block, const char *kind)
{
    struct reason reason = {""};

    reading->bytes = BUF_OF(reading->memory);
    if (policy_support_read_block(block, &reading->bytes, &reading->policy, &reason) != STATUS_OK)
        fail_msg("%s", reason.text);
    assert_int_equal(reading->policy.aggregator_count, 1);
    assert_true(view_equal(reading->policy.aggregator[0].kind, view_of_string(kind)));
    return reading->policy.aggregator[0].rules;
}

/* All bytes of a value are the same. */
static bool is(struct view value, uint8_t byte, size_t size)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != byte)
            return false;
    return value.len == size;
}

static bool only(const struct allowed *allowed, uint8_t byte, size_t size)
{
    return !allowed->any && allowed->count == 1 && is(allowed->list[0], byte, size);
}

/* ---- what each key becomes ---- */

static void sgx_needs_few_keys_and_is_strict(void **state)
{
    struct reading reading;
    struct sgx_terms terms;

    (void)state;
    assert_int_equal(sgx_terms_decode(read_rules(&reading, SGX, "sgx"), &terms), STATUS_OK);
    assert_true(only(&terms.mr_enclave, 0x11, 32));
    assert_int_equal(terms.signer_count, 0);
    assert_int_equal(terms.platform.statuses, 1u << DCAP_TCB_UP_TO_DATE);
    assert_true(allowed_none(&terms.platform.advisories));
    assert_int_equal(terms.platform.min_evaluation, 17);
    assert_int_equal(terms.platform.max_age_s, 2592000);
    assert_int_equal(terms.platform.grace_s, 0);
    assert_int_equal(terms.platform.min_pcesvn, 0);
    assert_true(view_equal(VIEW_OF(terms.platform.min_components), VIEW_OF(((uint8_t[SGX_COMPONENTS]){0}))));
    assert_false(terms.platform.debug);
}

static void every_key_of_sgx_is_read(void **state)
{
    struct reading reading;
    struct sgx_terms terms;
    const char *text = "aggregator_evidence sgx\nmrenclave " A32 " " B32 "\nmrenclave " C32 "\nsigner " B32 " 7 3\n"
                       "signer " C32 " 65535 0\ntcb_status UpToDate SWHardeningNeeded\ntcb_status OutOfDate\n"
                       "advisory INTEL-SA-00289 INTEL-SA-00615\nadvisory INTEL-SA-00001\nmin_evaluation 4294967295\n"
                       "max_age 1\ngrace 7d\nmin_component 1 12\nmin_component 16 255\nmin_pcesvn 65535\ndebug yes\n";

    (void)state;
    assert_int_equal(sgx_terms_decode(read_rules(&reading, text, "sgx"), &terms), STATUS_OK);
    assert_int_equal(terms.mr_enclave.count, 3);
    assert_true(is(terms.mr_enclave.list[0], 0x11, 32) && is(terms.mr_enclave.list[2], 0x33, 32));
    assert_int_equal(terms.signer_count, 2);
    assert_true(is(terms.signers[0].mr_signer, 0x22, 32) && is(terms.signers[1].mr_signer, 0x33, 32));
    assert_true(terms.signers[0].product == 7 && terms.signers[0].min_svn == 3);
    assert_true(terms.signers[1].product == 65535 && terms.signers[1].min_svn == 0);
    assert_int_equal(terms.platform.statuses,
                     1u << DCAP_TCB_UP_TO_DATE | 1u << DCAP_TCB_SW_HARDENING_NEEDED | 1u << DCAP_TCB_OUT_OF_DATE);
    assert_int_equal(terms.platform.advisories.count, 3);
    assert_true(view_equal(terms.platform.advisories.list[1], VIEW_TEXT("INTEL-SA-00615")));
    assert_int_equal(terms.platform.min_evaluation, 4294967295);
    assert_int_equal(terms.platform.max_age_s, 1);
    assert_int_equal(terms.platform.grace_s, 604800);
    assert_int_equal(terms.platform.min_components[0], 12);
    assert_int_equal(terms.platform.min_components[1], 0);
    assert_int_equal(terms.platform.min_components[15], 255);
    assert_int_equal(terms.platform.min_pcesvn, 65535);
    assert_true(terms.platform.debug);
}

static void a_signer_alone_is_enough(void **state)
{
    struct reading reading;
    struct sgx_terms terms;
    const char *text = "aggregator_evidence sgx\nsigner " B32 " 7 3\nadvisory any\ndebug no\n"
                       "tcb_status UpToDate\nmin_evaluation 0\nmax_age 30d\n";

    (void)state;
    assert_int_equal(sgx_terms_decode(read_rules(&reading, text, "sgx"), &terms), STATUS_OK);
    assert_true(allowed_none(&terms.mr_enclave));
    assert_int_equal(terms.signer_count, 1);
    assert_true(terms.platform.advisories.any);
    assert_false(terms.platform.debug);
}

static void every_key_of_tdx_is_read(void **state)
{
    struct reading reading;
    struct tdx_terms terms;
    const char *text = "aggregator_evidence tdx\n" TDX_MEASURED
                       "td_attributes require sept_ve_disable pks\ntd_attributes allow perfmon kl migratable\n"
                       "min_tee_tcb_svn 05010200000000000000000000000009\ntcb_status UpToDate TDRelaunchAdvised\n"
                       "advisory any\nmin_evaluation 17\nmax_age 30d\ndebug yes\n";

    (void)state;
    assert_int_equal(tdx_terms_decode(read_rules(&reading, text, "tdx"), &terms), STATUS_OK);
    assert_true(only(&terms.mr_td, 0x11, 48) && only(&terms.rtmr[0], 0x11, 48));
    assert_true(terms.rtmr[1].any && terms.rtmr[3].any && terms.mr_owner.any && terms.mr_owner_config.any);
    assert_int_equal(terms.rtmr[2].count, 2);
    assert_true(is(terms.rtmr[2].list[0], 0x22, 48) && is(terms.rtmr[2].list[1], 0x11, 48));
    assert_true(only(&terms.mr_config_id, 0x33, 48));
    assert_int_equal(terms.attributes_required, TDX_SEPT_VE_DISABLE | TDX_PKS);
    assert_int_equal(terms.attributes_allowed, TDX_SEPT_VE_DISABLE | TDX_PKS | TDX_PERFMON | TDX_KL | TDX_MIGRATABLE);
    assert_int_equal(terms.min_tee_tcb_svn[0], 5);
    assert_int_equal(terms.min_tee_tcb_svn[15], 9);
    assert_int_equal(terms.platform.statuses, 1u << DCAP_TCB_UP_TO_DATE | 1u << DCAP_TCB_TD_RELAUNCH_ADVISED);
    assert_true(terms.platform.debug);
}

/* No two keys fill the same field. */
static void each_measurement_of_tdx_has_its_own_key(void **state)
{
    struct reading reading;
    struct tdx_terms terms;
    const char *text =
        "aggregator_evidence tdx\nmrownerconfig " A48 "\nmrowner " B48 "\nmrconfigid any\nrtmr3 " C48 "\nrtmr2 any\n"
        "rtmr1 " A48 "\nrtmr0 any\nmrtd " B48 "\ntd_attributes require none\n" PLATFORM;

    (void)state;
    assert_int_equal(tdx_terms_decode(read_rules(&reading, text, "tdx"), &terms), STATUS_OK);
    assert_true(only(&terms.mr_owner_config, 0x11, 48) && only(&terms.mr_owner, 0x22, 48) && terms.mr_config_id.any);
    assert_true(only(&terms.rtmr[3], 0x33, 48) && terms.rtmr[2].any && only(&terms.rtmr[1], 0x11, 48));
    assert_true(terms.rtmr[0].any && only(&terms.mr_td, 0x22, 48));
    assert_int_equal(terms.attributes_allowed, 0);
    assert_int_equal(terms.attributes_required, 0);
}

static void snp_needs_few_keys_and_is_strict(void **state)
{
    struct reading reading;
    struct snp_terms terms;

    (void)state;
    assert_int_equal(snp_terms_decode(read_rules(&reading, SNP, "snp"), &terms), STATUS_OK);
    assert_true(only(&terms.measurement, 0x11, 48) && terms.host_data.any);
    assert_int_equal(terms.least_count, 1);
    assert_int_equal(terms.least[0].product, SNP_MILAN);
    assert_true(terms.vcek && !terms.vlek && terms.crl_required);
    assert_int_equal(terms.allowed, 0);
    assert_int_equal(terms.required, 0);
    assert_int_equal(terms.max_vmpl, 0);
    assert_int_equal(terms.max_age_s, 7776000);
    assert_int_equal(terms.grace_s, 0);
}

static void every_key_of_snp_is_read(void **state)
{
    struct reading reading;
    struct snp_terms terms;
    const char *text =
        "aggregator_evidence snp\nmeasurement " A48 "\nmeasurement " B48 "\nsigner " C48 " any 9\nsigner " B48 " " A16
        " 4294967295\nhost_data " A32 " " B32 "\nproduct Turin fmc=1 microcode=5 bootloader=2 snp=4 tee=3\n"
        "product Genoa bootloader=255 tee=0 snp=1 microcode=2\nmax_vmpl 3\nsigning_key VLEK VCEK\n"
        "guest_policy allow smt migration cxl\n"
        "guest_policy require single_socket aes_256_xts rapl_off ciphertext_hiding page_swap_off\n"
        "crl optional\nmax_age 1d\ngrace 2d\ndebug yes\n";

    (void)state;
    assert_int_equal(snp_terms_decode(read_rules(&reading, text, "snp"), &terms), STATUS_OK);
    assert_int_equal(terms.measurement.count, 2);
    assert_int_equal(terms.signer_count, 2);
    assert_true(is(terms.signers[0].key_digest, 0x33, 48) && terms.signers[0].image_id.len == 0);
    assert_int_equal(terms.signers[0].min_svn, 9);
    assert_true(is(terms.signers[1].key_digest, 0x22, 48) && is(terms.signers[1].image_id, 0x11, 16));
    assert_int_equal(terms.signers[1].min_svn, 4294967295);
    assert_int_equal(terms.host_data.count, 2);
    assert_int_equal(terms.least_count, 2);
    assert_int_equal(terms.least[0].product, SNP_TURIN);
    assert_true(terms.least[0].tcb.fmc == 1 && terms.least[0].tcb.bootloader == 2 && terms.least[0].tcb.tee == 3 &&
                terms.least[0].tcb.snp == 4 && terms.least[0].tcb.microcode == 5);
    assert_int_equal(terms.least[1].product, SNP_GENOA);
    assert_true(terms.least[1].tcb.fmc == 0 && terms.least[1].tcb.bootloader == 255);
    assert_int_equal(terms.max_vmpl, 3);
    assert_true(terms.vcek && terms.vlek && !terms.crl_required);
    assert_int_equal(terms.allowed, SNP_POLICY_WEAKENING);
    assert_int_equal(terms.required, SNP_POLICY_STRENGTHENING);
    assert_int_equal(terms.max_age_s, 86400);
    assert_int_equal(terms.grace_s, 172800);
}

static void every_key_of_psa_is_read(void **state)
{
    struct reading reading;
    struct psatoken_terms terms;
    struct public_key key;
    const char *text = "aggregator_evidence psa\ndevice keys/sensor-1.pub name=sensor-1\n"
                       "device keys/sensor-2.pub instance=01" B32 " name=any\nimplementation " A32 "\n"
                       "implementation " B32 "\ncomponent type=PRoT measurement=" A32 "," B48 " signer=" C32 "\n"
                       "component type=any signer=any measurement=any\ndebug yes\nlegacy yes\n";

    (void)state;
    assert_int_equal(psatoken_terms_decode(read_rules(&reading, text, "psa"), &terms), STATUS_OK);
    assert_int_equal(terms.device_count, 2);
    assert_int_equal(public_key_from_spki(terms.devices[0].key, &key), STATUS_OK);
    assert_true(view_equal((struct view){key.bytes, key.len}, trust_point(TRUST_DEVICE)));
    assert_true(view_equal(terms.devices[0].name, VIEW_TEXT("sensor-1")) && terms.devices[0].instance.len == 0);
    assert_int_equal(public_key_from_spki(terms.devices[1].key, &key), STATUS_OK);
    assert_true(view_equal((struct view){key.bytes, key.len}, trust_point(TRUST_OTHER)));
    assert_true(terms.devices[1].name.len == 0 && terms.devices[1].instance.len == 33);
    assert_int_equal(terms.devices[1].instance.ptr[32], 0x22);
    assert_int_equal(terms.implementation.count, 2);
    assert_int_equal(terms.component_count, 2);
    assert_true(view_equal(terms.components[0].type, VIEW_TEXT("PRoT")));
    assert_int_equal(terms.components[0].measurement.count, 2);
    assert_true(is(terms.components[0].measurement.list[1], 0x22, 48));
    assert_true(only(&terms.components[0].signer, 0x33, 32));
    assert_true(terms.components[1].type.len == 0 && terms.components[1].measurement.any &&
                terms.components[1].signer.any);
    assert_true(terms.debug && terms.legacy);
}

static void a_key_of_a_psa_device_may_be_written_as_digits(void **state)
{
    struct reading reading, again;
    struct psatoken_terms terms, from_digits;
    char digits[2 * PSATOKEN_KEY_MAX + 1], text[1024];

    (void)state;
    assert_int_equal(psatoken_terms_decode(read_rules(&reading, PSA, "psa"), &terms), STATUS_OK);
    assert_true(terms.implementation.any && !terms.debug && !terms.legacy);
    hex_encode(terms.devices[0].key, digits);
    (void)snprintf(text, sizeof text,
                   "aggregator_evidence psa\ndevice %s name=any\nimplementation any\n"
                   "component type=any measurement=any signer=any\n",
                   digits);
    assert_int_equal(psatoken_terms_decode(read_rules(&again, text, "psa"), &from_digits), STATUS_OK);
    assert_true(view_equal(terms.devices[0].key, from_digits.devices[0].key));
}

static void every_key_of_tpm_is_read(void **state)
{
    struct reading reading;
    struct tpm_terms terms;
    struct x509_key key;
    const char *text = "aggregator_evidence tpm\nak 000b" A32 " name=device-1\nak 000c" B48 " name=any\n"
                       "authority ak-ca.crt\nauthority ak-ca.pub\ncrl required\npcr sha256:7 " A32 " " B32 "\n"
                       "pcr sha384:7 " A48 "\npcr sha256:0 " C32 "\npcr sha256:7 " C32 "\n"
                       "pcr sha512:23 " A32 A32 "\n";

    (void)state;
    assert_int_equal(tpm_terms_decode(read_rules(&reading, text, "tpm"), &terms), STATUS_OK);
    assert_int_equal(terms.ak_count, 2);
    assert_int_equal(terms.aks[0].ak_name.len, 34);
    assert_int_equal(terms.aks[0].ak_name.ptr[1], 0x0b);
    assert_true(view_equal(terms.aks[0].name, VIEW_TEXT("device-1")));
    assert_true(terms.aks[1].ak_name.len == 50 && terms.aks[1].name.len == 0);
    assert_int_equal(terms.authority_count, 2);
    assert_int_equal(x509_key_parse(terms.authorities[0], &key), STATUS_OK);
    assert_int_equal(key.kind, X509_KEY_RSA);
    assert_int_equal(x509_key_parse(terms.authorities[1], &key), STATUS_OK);
    assert_true(view_equal(key.point, trust_point(TRUST_OWNER)));
    assert_true(terms.crl_required);
    assert_int_equal(terms.pcr_count, 4);
    assert_true(terms.pcrs[0].alg == TPM_SHA256 && terms.pcrs[0].index == 7 && terms.pcrs[0].values.count == 3);
    assert_true(is(terms.pcrs[0].values.list[2], 0x33, 32));
    assert_true(terms.pcrs[1].alg == TPM_SHA384 && terms.pcrs[1].index == 7 && only(&terms.pcrs[1].values, 0x11, 48));
    assert_true(terms.pcrs[2].alg == TPM_SHA256 && terms.pcrs[2].index == 0);
    assert_true(terms.pcrs[3].alg == TPM_SHA512 && terms.pcrs[3].index == 23 && only(&terms.pcrs[3].values, 0x11, 64));
}

static void lists_of_revoked_keys_are_asked_for_beside_authorities(void **state)
{
    struct reading reading;
    struct tpm_terms terms;

    (void)state;
    assert_int_equal(tpm_terms_decode(read_rules(&reading, TPM, "tpm"), &terms), STATUS_OK);
    assert_int_equal(terms.authority_count, 0);
    assert_int_equal(tpm_terms_decode(read_rules(&reading,
                                                 "aggregator_evidence tpm\nauthority ak-ca.crt\ncrl optional\n"
                                                 "pcr sha256:7 " A32 "\n",
                                                 "tpm"),
                                      &terms),
                     STATUS_OK);
    assert_int_equal(terms.ak_count, 0);
    assert_false(terms.crl_required);
}

/* ---- refusals ---- */

/* A good block, in which the first `from` is changed to `to`; the sentence behind "policy.conf:". */
static const struct {
    const char *base, *from, *to, *sentence;
} refusals[] = {
    /* SGX */
    {SGX, "mrenclave " A32 "\n", "",
     "10: aggregator_evidence sgx: mrenclave or signer is missing; write which enclaves are accepted"},
    {SGX, "tcb_status UpToDate\n", "",
     "10: aggregator_evidence sgx: tcb_status is missing; write it as in: tcb_status UpToDate SWHardeningNeeded"},
    {SGX, "advisory none\n", "",
     "10: aggregator_evidence sgx: advisory is missing; write it as in: advisory INTEL-SA-00289 INTEL-SA-00615"},
    {SGX, "min_evaluation 17\n", "",
     "10: aggregator_evidence sgx: min_evaluation is missing; write it as in: min_evaluation 17"},
    {SGX, "max_age 30d\n", "", "10: aggregator_evidence sgx: max_age is missing; write it as in: max_age 30d"},
    {SGX, A32, "any", "11: mrenclave: \"any\" is not 64 hexadecimal digits"},
    {SGX, A32, "1111", "11: mrenclave: \"1111\" is not 64 hexadecimal digits, but 4"},
    {SGX, A32, A48, "11: mrenclave: \"" A32 "\" is not 64 hexadecimal digits, but 96"},
    {SGX, A32, A32 " " A32, "11: mrenclave: a value stands twice"},
    {SGX, "mrenclave " A32, "mrenclave " A32 "\nmrenclave " A32, "12: mrenclave: a value stands twice"},
    {SGX, "mrenclave", "mrtd",
     "11: mrtd: no such key; aggregator_evidence sgx has: mrenclave, signer, tcb_status, advisory, min_evaluation, "
     "max_age, grace, min_component, min_pcesvn, debug"},
    {SGX, "mrenclave", "federation",
     "11: federation: does not belong into aggregator_evidence: write it before the first block"},
    {SGX, "mrenclave", "signer", "11: signer: the product is missing; write it as in: signer " Z32 " 1 1"},
    {SGX, "mrenclave " A32, "signer " A32 " 7",
     "11: signer: the least security version is missing; write it as in: signer " Z32 " 1 1"},
    {SGX, "mrenclave " A32, "signer " A32 " 65536 1", "11: signer: the product: 65536 is above 65535"},
    {SGX, "mrenclave " A32, "signer " A32 " 1 x",
     "11: signer: the least security version: \"x\" is not a whole number"},
    {SGX, "mrenclave " A32, "signer " A32 " 1 65536", "11: signer: the least security version: 65536 is above 65535"},
    {SGX, "mrenclave " A32, "signer " A32 " 1 1 1",
     "11: signer: \"1\" is one word too many; write it as in: signer " Z32 " 1 1"},
    {SGX, "mrenclave " A32, "signer any 1 1", "11: signer: \"any\" is not 64 hexadecimal digits"},
    {SGX, "UpToDate", "uptodate",
     "12: tcb_status: \"uptodate\" is none of: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded"},
    {SGX, "UpToDate", "UpToDate UpToDate", "12: tcb_status: UpToDate stands twice"},
    {SGX, "UpToDate", "Revoked",
     "12: tcb_status: \"Revoked\" is none of: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded"},
    {SGX, "UpToDate", "TDRelaunchAdvised",
     "12: tcb_status: \"TDRelaunchAdvised\" is none of: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded"},
    {SGX, "UpToDate", "any",
     "12: tcb_status: \"any\" is none of: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded"},
    {SGX, "UpToDate", "none",
     "12: tcb_status: \"none\" is none of: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded"},
    {SGX, "advisory none", "advisory none INTEL-SA-00001",
     "13: advisory: any and none stand alone; write either, or the names"},
    {SGX, "advisory none", "advisory INTEL-SA-00001\nadvisory any",
     "14: advisory: any and none stand alone; write either, or the names"},
    {SGX, "advisory none", "advisory any\nadvisory INTEL-SA-00001",
     "14: advisory: any stands beside other values; write either"},
    {SGX, "advisory none", "advisory none\nadvisory INTEL-SA-00001",
     "14: advisory: any and none stand alone; write either, or the names"},
    {SGX, "advisory none", "advisory INTEL-SA-00001 INTEL-SA-00001", "13: advisory: a value stands twice"},
    {SGX, "advisory none", "advisory INTEL-SA-00001-and-a-name-that-is-long",
     "13: advisory: \"INTEL-SA-00001-and-a-name-that-is-long\" is longer than 32 characters"},
    {SGX, "17", "4294967296", "14: min_evaluation: 4294967296 is above 4294967295"},
    {SGX, "17", "-1", "14: min_evaluation: -1 is below 0"},
    {SGX, "17", "any", "14: min_evaluation: \"any\" is not a whole number"},
    {SGX, "30d", "0", "15: max_age: 0 is below 1"},
    {SGX, "30d", "47483d", "15: max_age: 47483d is above 4102444800"},
    {SGX, "30d\n", "30d\ngrace 47483d\n", "16: grace: 47483d is above 4102444800"},
    {SGX, "30d\n", "30d\ngrace any\n", "16: grace: \"any\" is not a duration, like 30s, 5m, 12h or 7d"},
    {SGX, "30d\n", "30d\nmin_component 17 1\n", "16: min_component: the component: 17 is above 16"},
    {SGX, "30d\n", "30d\nmin_component 0 1\n",
     "16: min_component: components are counted from 1, and a least version of 0 demands nothing"},
    {SGX, "30d\n", "30d\nmin_component 1 0\n",
     "16: min_component: components are counted from 1, and a least version of 0 demands nothing"},
    {SGX, "30d\n", "30d\nmin_component 1 256\n", "16: min_component: its security version: 256 is above 255"},
    {SGX, "30d\n", "30d\nmin_component 1\n",
     "16: min_component: its security version is missing; write it as in: min_component 1 12"},
    {SGX, "30d\n", "30d\nmin_component 1 1 1\n",
     "16: min_component: \"1\" is one word too many; write it as in: min_component 1 12"},
    {SGX, "30d\n", "30d\nmin_component 1 1\nmin_component 1 2\n", "17: min_component: component 1 stands twice"},
    {SGX, "30d\n", "30d\nmin_pcesvn 65536\n", "16: min_pcesvn: 65536 is above 65535"},
    {SGX, "30d\n", "30d\ndebug true\n", "16: debug: \"true\" is none of: no, yes"},
    {SGX, "30d\n", "30d\ndebug no\ndebug no\n", "17: debug: stands twice"},
    /* TDX */
    {TDX, "mrtd " A48 "\n", "", "10: aggregator_evidence tdx: mrtd is missing; write it as in: mrtd " Z32 Z16},
    {TDX, "rtmr1 any\n", "", "10: aggregator_evidence tdx: rtmr1 is missing; write it as in: rtmr1 " Z32 Z16},
    {TDX, "rtmr3 any\n", "", "10: aggregator_evidence tdx: rtmr3 is missing; write it as in: rtmr3 " Z32 Z16},
    {TDX, "rtmr0 " A48 "\n", "", "10: aggregator_evidence tdx: rtmr0 is missing; write it as in: rtmr0 " Z32 Z16},
    {TDX, "rtmr2 " B48 " " A48 "\n", "",
     "10: aggregator_evidence tdx: rtmr2 is missing; write it as in: rtmr2 " Z32 Z16},
    {TDX, "mrconfigid " C48 "\n", "",
     "10: aggregator_evidence tdx: mrconfigid is missing; write it as in: mrconfigid " Z32 Z16},
    {TDX, "mrowner any\n", "", "10: aggregator_evidence tdx: mrowner is missing; write it as in: mrowner " Z32 Z16},
    {TDX, "mrownerconfig any\n", "",
     "10: aggregator_evidence tdx: mrownerconfig is missing; write it as in: mrownerconfig " Z32 Z16},
    {TDX, "td_attributes require none\n", "",
     "10: aggregator_evidence tdx: td_attributes is missing; write it as in: td_attributes require sept_ve_disable"},
    {TDX, "tcb_status UpToDate\n", "",
     "10: aggregator_evidence tdx: tcb_status is missing; write it as in: tcb_status UpToDate SWHardeningNeeded"},
    {TDX, "mrtd " A48, "mrtd any", "11: mrtd: \"any\" is not 96 hexadecimal digits"},
    {TDX, "rtmr1 any", "rtmr1 " A32, "13: rtmr1: \"" A32 "\" is not 96 hexadecimal digits, but 64"},
    {TDX, "rtmr1 any", "rtmr1 any any", "13: rtmr1: any stands beside other values; write either"},
    {TDX, "rtmr1 any", "rtmr1 any " A48, "13: rtmr1: any stands beside other values; write either"},
    {TDX, "rtmr1 any", "rtmr1 " A48 "\nrtmr1 any", "14: rtmr1: any stands beside other values; write either"},
    {TDX, "rtmr1 any", "rtmr1 none", "13: rtmr1: \"none\" is not 96 hexadecimal digits"},
    {TDX, "mrowner any", "mrowner " C48 " " C48, "17: mrowner: a value stands twice"},
    {TDX, "require none", "allow pks",
     "19: aggregator_evidence tdx: td_attributes require is missing; write which must be set, or td_attributes require "
     "none"},
    {TDX, "require none", "pks",
     "19: td_attributes: \"pks\" is neither allow nor require; write it as in: td_attributes require sept_ve_disable"},
    {TDX, "require none", "require",
     "19: td_attributes: a word is missing; write it as in: td_attributes require sept_ve_disable"},
    {TDX, "require none", "require debug",
     "19: td_attributes: \"debug\" is none of: sept_ve_disable, migratable, pks, kl, perfmon; or none, alone"},
    {TDX, "require none", "require none pks",
     "19: td_attributes: \"pks\" is one word too many; write it as in: td_attributes require sept_ve_disable"},
    {TDX, "require none", "require pks none",
     "19: td_attributes: \"none\" is none of: sept_ve_disable, migratable, pks, kl, perfmon; or none, alone"},
    {TDX, "require none", "require pks\ntd_attributes require kl", "20: td_attributes: require stands twice"},
    {TDX, "require none", "require pks\ntd_attributes allow kl\ntd_attributes allow perfmon",
     "21: td_attributes: stands more than 2 times"},
    {TDX, "require none", "require pks pks", "19: td_attributes: pks stands twice"},
    {TDX, "UpToDate", "Revoked",
     "20: tcb_status: \"Revoked\" is none of: UpToDate, SWHardeningNeeded, ConfigurationNeeded, "
     "ConfigurationAndSWHardeningNeeded, OutOfDate, OutOfDateConfigurationNeeded, TDRelaunchAdvised, "
     "TDRelaunchAdvisedConfigurationNeeded"},
    {TDX, "max_age 30d\n", "max_age 30d\nmin_tee_tcb_svn 0501\n",
     "24: min_tee_tcb_svn: \"0501\" is not 32 hexadecimal digits, but 4"},
    {TDX, "max_age 30d\n", "max_age 30d\nmin_tee_tcb_svn any\n",
     "24: min_tee_tcb_svn: \"any\" is not 32 hexadecimal digits"},
    /* SNP */
    {SNP, "measurement " A48 "\n", "",
     "10: aggregator_evidence snp: measurement or signer is missing; write which guests are accepted"},
    {SNP, "host_data any\n", "", "10: aggregator_evidence snp: host_data is missing; write it as in: host_data " Z32},
    {SNP, "product Milan bootloader=4 tee=0 snp=23 microcode=213\n", "",
     "10: aggregator_evidence snp: product is missing; write it as in: product Milan bootloader=4 tee=0 snp=23 "
     "microcode=213"},
    {SNP, "max_vmpl 0\n", "", "10: aggregator_evidence snp: max_vmpl is missing; write it as in: max_vmpl 0"},
    {SNP, "signing_key VCEK\n", "",
     "10: aggregator_evidence snp: signing_key is missing; write it as in: signing_key VCEK"},
    {SNP, "guest_policy require none\n", "",
     "10: aggregator_evidence snp: guest_policy is missing; write it as in: guest_policy require none"},
    {SNP, "crl required\n", "", "10: aggregator_evidence snp: crl is missing; write it as in: crl required"},
    {SNP, "max_age 90d\n", "", "10: aggregator_evidence snp: max_age is missing; write it as in: max_age 90d"},
    {SNP, A48, "any", "11: measurement: \"any\" is not 96 hexadecimal digits"},
    {SNP, A48, A32, "11: measurement: \"" A32 "\" is not 96 hexadecimal digits, but 64"},
    {SNP, "measurement " A48, "signer " A48,
     "11: signer: the image (or any) is missing; write it as in: signer 1" Z32 "0000000000000000000000000000000 any 1"},
    {SNP, "measurement " A48, "signer " A48 " any",
     "11: signer: the least security version is missing; write it as in: signer 1" Z32
     "0000000000000000000000000000000 any 1"},
    {SNP, "measurement " A48, "signer " A48 " 1 1", "11: signer: \"1\" is not 32 hexadecimal digits, but 1"},
    {SNP, "measurement " A48, "signer " A48 " any 4294967296",
     "11: signer: the least security version: 4294967296 is above 4294967295"},
    {SNP, "measurement " A48, "signer " A48 " any 1 1",
     "11: signer: \"1\" is one word too many; write it as in: signer 1" Z32 "0000000000000000000000000000000 any 1"},
    {SNP, "measurement " A48, "signer " Z32 "00000000000000000000000000000000 any 1",
     "11: signer: zeros stand for a guest that nobody signed"},
    {SNP, "measurement " A48, "signer any any 1", "11: signer: \"any\" is not 96 hexadecimal digits"},
    {SNP, "host_data any", "host_data 11", "12: host_data: \"11\" is not 64 hexadecimal digits, but 2"},
    {SNP, "Milan", "Rome", "13: product: \"Rome\" is none of: Milan, Genoa, Turin"},
    {SNP, "tee=0 ", "",
     "13: product: tee= is missing; write it as in: product Milan bootloader=4 tee=0 snp=23 microcode=213"},
    {SNP, "tee=0 ", "tee=256 ", "13: product: tee: 256 is above 255"},
    {SNP, "tee=0 ", "tee= ", "13: product: tee: \"\" is not a whole number"},
    {SNP, "tee=0 ", "tee=0 tee=0 ", "13: product: tee= stands twice"},
    {SNP, "tee=0 ", "tee ",
     "13: product: tee does not belong here; write it as in: product Milan bootloader=4 tee=0 snp=23 microcode=213"},
    {SNP, "tee=0 ", "tee=0 fmc=1 ", "13: product: fmc= is of Turin only"},
    {SNP, "Milan", "Turin", "13: product: fmc= is missing: Turin has it"},
    {SNP, "=213", "=213\nproduct Milan bootloader=0 tee=0 snp=0 microcode=0", "14: product: Milan stands twice"},
    {SNP, "vmpl 0", "vmpl 4", "14: max_vmpl: 4 is above 3"},
    {SNP, "VCEK", "ARK", "15: signing_key: \"ARK\" is none of: VCEK, VLEK"},
    {SNP, "VCEK", "any", "15: signing_key: \"any\" is none of: VCEK, VLEK"},
    {SNP, "VCEK", "VCEK VCEK", "15: signing_key: VCEK stands twice"},
    {SNP, "require none", "allow smt",
     "16: aggregator_evidence snp: guest_policy require is missing; write what it must say, or guest_policy require "
     "none"},
    {SNP, "require none", "require smt",
     "16: guest_policy: \"smt\" is none of: single_socket, aes_256_xts, rapl_off, ciphertext_hiding, page_swap_off; or "
     "none, alone"},
    {SNP, "require none", "require none\nguest_policy allow debug",
     "17: guest_policy: \"debug\" is none of: smt, migration, cxl; or none, alone"},
    {SNP, "require none", "smt",
     "16: guest_policy: \"smt\" is neither allow nor require; write it as in: guest_policy require none"},
    {SNP, "require none", "allow", "16: guest_policy: a word is missing; write it as in: guest_policy require none"},
    {SNP, "require none", "require none\nguest_policy require none", "17: guest_policy: require stands twice"},
    {SNP, "crl required", "crl yes", "17: crl: \"yes\" is none of: optional, required"},
    {SNP, "90d", "0", "18: max_age: 0 is below 1"},
    {SNP, "90d\n", "90d\ngrace 1y\n", "19: grace: \"1y\" is not a duration, like 30s, 5m, 12h or 7d"},
    {SNP, "90d\n", "90d\ndebug maybe\n", "19: debug: \"maybe\" is none of: no, yes"},
    /* PSA */
    {PSA, "device keys/sensor-1.pub name=any\n", "",
     "10: aggregator_evidence psa: device is missing; write it as in: device keys/sensor-1.pub name=sensor-1"},
    {PSA, "implementation any\n", "",
     "10: aggregator_evidence psa: implementation is missing; write it as in: implementation " Z32},
    {PSA, "component type=any measurement=any signer=any\n", "",
     "10: aggregator_evidence psa: component is missing; write it as in: component type=PRoT measurement=" Z32
     " signer=" Z32},
    {PSA, " name=any", "", "11: device: name= is missing; write it as in: device keys/sensor-1.pub name=sensor-1"},
    {PSA, "name=any", "name=", "11: device: \"\" is no name of a device (1 to 64 letters, digits, - or _), nor any"},
    {PSA, "name=any", "name=a/b",
     "11: device: \"a/b\" is no name of a device (1 to 64 letters, digits, - or _), nor any"},
    {PSA, "name=any", "name=any name=any", "11: device: name= stands twice"},
    {PSA, "name=any", "sensor",
     "11: device: sensor does not belong here; write it as in: device keys/sensor-1.pub name=sensor-1"},
    {PSA, "name=any", "name=any instance=01", "11: device: \"01\" is not 66 hexadecimal digits, but 2"},
    {PSA, "name=any", "name=any instance=02" A32, "11: device: instance= begins with 01"},
    {PSA, "keys/sensor-1.pub", "keys/none.pub", "11: device: folder/keys/none.pub: there is no such file"},
    {PSA, "keys/sensor-1.pub", "keys/empty",
     "11: device: keys/empty: no public key (SubjectPublicKeyInfo) and no certificate, in PEM or DER"},
    {PSA, "keys/sensor-1.pub", "keys/words",
     "11: device: keys/words: no public key (SubjectPublicKeyInfo) and no certificate, in PEM or DER"},
    {PSA, "keys/sensor-1.pub", "keys/rsa.pub",
     "11: device: keys/rsa.pub: a key of the curves P-256, P-384 or P-521 is wanted"},
    {PSA, "keys/sensor-1.pub", "1111",
     "11: device: 1111: no public key (SubjectPublicKeyInfo) and no certificate, in PEM or DER"},
    {PSA, "keys/sensor-1.pub", "111", "11: device: \"111\" is not 2 to 2048 hexadecimal digits, but 3"},
    {PSA, "name=any\n", "name=any\ndevice keys/sensor-1.pub name=a\n",
     "12: device: the same key or instance stands twice"},
    {PSA, "name=any\n", "name=any instance=01" A32 "\ndevice keys/sensor-2.pub name=a instance=01" A32 "\n",
     "12: device: the same key or instance stands twice"},
    {PSA, "implementation any", "implementation " A48,
     "12: implementation: \"" A32 "\" is not 64 hexadecimal digits, but 96"},
    {PSA, "type=any ", "",
     "13: component: type= is missing; write it as in: component type=PRoT measurement=" Z32 " signer=" Z32},
    {PSA, "type=any ", "type= ", "13: component: type= has 1 to 64 characters"},
    {PSA, "type=any ", "type=" A32 A32 " ", "13: component: type= has 1 to 64 characters"},
    {PSA, "measurement=any ", "",
     "13: component: measurement= is missing; write it as in: component type=PRoT measurement=" Z32 " signer=" Z32},
    {PSA, "signer=any", "",
     "13: component: signer= is missing; write it as in: component type=PRoT measurement=" Z32 " signer=" Z32},
    {PSA, "measurement=any", "measurement=none", "13: component: \"none\" is not 64 to 128 hexadecimal digits"},
    {PSA, "measurement=any", "measurement=" A32 ",any", "13: component: \"any\" is not 64 to 128 hexadecimal digits"},
    {PSA, "measurement=any", "measurement=" A32 "," A32, "13: component: a value stands twice"},
    {PSA, "measurement=any", "measurement=" A32 "11", "13: component: a digest has 64, 96 or 128 digits"},
    {PSA, "measurement=any", "measurement=" A32 ",", "13: component: \"\" is not 64 to 128 hexadecimal digits, but 0"},
    {PSA, "signer=any", "signer=any version=1",
     "13: component: version= does not belong here; write it as in: component type=PRoT measurement=" Z32
     " signer=" Z32},
    {PSA, "component", "debug 1\ncomponent", "13: debug: \"1\" is none of: no, yes"},
    {PSA, "component", "legacy sometimes\ncomponent", "13: legacy: \"sometimes\" is none of: no, yes"},
    /* TPM */
    {TPM, "ak 000b" A32 " name=any\n", "",
     "10: aggregator_evidence tpm: ak or authority is missing; write which attestation keys are accepted"},
    {TPM, "pcr sha256:7 " A32 "\n", "",
     "10: aggregator_evidence tpm: pcr is missing; write it as in: pcr sha256:7 " Z32},
    {TPM, " name=any", "", "11: ak: name= is missing; write it as in: ak 000b" Z32 " name=device-1"},
    {TPM, "name=any", "name=no.name",
     "11: ak: \"no.name\" is no name of a device (1 to 64 letters, digits, - or _), nor any"},
    {TPM, "ak 000b" A32, "ak 000c" A32,
     "11: ak: \"000c111111111111111111111111111111111111111111111111111111111111\" is no name of an AK: 000b and a "
     "SHA-256, 000c and a SHA-384, 000d and a SHA-512"},
    {TPM, "ak 000b" A32, "ak 0004" A16 "11111111",
     "11: ak: \"00041111111111111111111111111111111111111111\" is not 68 to 132 hexadecimal digits, but 44"},
    {TPM, "ak 000b" A32, "ak any", "11: ak: \"any\" is not 68 to 132 hexadecimal digits"},
    {TPM, "ak 000b" A32, "ak 000b" A32 A48,
     "11: ak: \"000b111111111111111111111111111111111111111111111111111111111111\" is not 68 to 132 hexadecimal "
     "digits, but 164"},
    {TPM, "ak 000b" A32 " name=any\n", "authority ak-ca.crt\n",
     "11: aggregator_evidence tpm: crl is missing; write crl required, or crl optional"},
    {TPM, "name=any\n", "name=any\ncrl required\n",
     "12: aggregator_evidence tpm: crl says nothing without authority; leave it out"},
    {TPM, "name=any\n", "name=any\ncrl required\nauthority none.crt\n",
     "13: authority: folder/none.crt: there is no such file"},
    {TPM, "name=any\n", "name=any\nauthority keys/words\ncrl required\n",
     "12: authority: keys/words: no public key (SubjectPublicKeyInfo) and no certificate, in PEM or DER"},
    {TPM, "name=any\n", "name=any\nauthority ak-ca.crt\ncrl never\n",
     "13: crl: \"never\" is none of: optional, required"},
    {TPM, "sha256:7 ", "7 ", "12: pcr: \"7\" is no PCR; write it as in: pcr sha256:7 " Z32},
    {TPM, "sha256:7 ", "sha1:7 ", "12: pcr: \"sha1\" is none of the banks sha256, sha384, sha512"},
    {TPM, "sha256:7 ", "sha256:24 ", "12: pcr: the PCR: 24 is above 23"},
    {TPM, "sha256:7 ", "sha256: ", "12: pcr: the PCR: \"\" is not a whole number"},
    {TPM, "sha256:7 " A32, "sha256:7", "12: pcr: a value is missing; write it as in: pcr sha256:7 " Z32},
    {TPM, "sha256:7 " A32, "sha256:7 any", "12: pcr: \"any\" is not 64 hexadecimal digits"},
    {TPM, "sha256:7 " A32, "sha384:7 " A32, "12: pcr: \"" A32 "\" is not 96 hexadecimal digits, but 64"},
    {TPM, "sha256:7 " A32, "sha256:7 " A32 "\npcr sha256:7 " A32, "13: pcr: a value stands twice"},
};

static char *changed(const char *base, const char *from, const char *to)
{
    const char *at = strstr(base, from);
    char *text = NULL;

    assert_non_null(at);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(at - base), base, to, at + strlen(from)) > 0);
    return text;
}

static void refuses(const char *text, const char *sentence)
{
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;
    struct reason reason = {""};

    assert_int_equal(policy_support_read_block(text, &bytes, &policy, &reason), STATUS_CONFIG);
    assert_memory_equal(reason.text, "policy.conf:", strlen("policy.conf:"));
    assert_string_equal(reason.text + strlen("policy.conf:"), sentence);
    assert_int_equal(bytes.len, 0);
}

static void the_blocks_that_are_changed_below_are_good(void **state)
{
    const char *const blocks[] = {SGX, TDX, SNP, PSA, TPM};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        uint8_t memory[POLICY_MAX];
        struct buf bytes = BUF_OF(memory);
        struct policy policy;
        struct reason reason = {""};

        assert_int_equal(policy_support_read_block(blocks[i], &bytes, &policy, &reason), STATUS_OK);
    }
}

static void refuses_and_says_where_why_and_what_to_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        char *text = changed(refusals[i].base, refusals[i].from, refusals[i].to);

        print_message("  %.100s\n", refusals[i].sentence);
        refuses(text, refusals[i].sentence);
        free(text);
    }
}

/* A block with a line again and again; %04x in it is the number of the line. */
static char *repeated(const char *begin, const char *line, unsigned int count, const char *end)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    fputs(begin, out);
    for (unsigned int i = 0; i < count; i++) {
        const char *at = strstr(line, "%04x");

        fprintf(out, "%.*s%04x%s", (int)(at - line), line, i, at + strlen("%04x"));
    }
    fputs(end, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

#define X28 "00000000000000000000000000000000000000000000000000000000" /* with %04x and 2 more bytes: 32 */

static void takes_as_much_as_the_terms_hold_and_no_more(void **state)
{
    static const char *const sgx_end = PLATFORM, *const tpm_end = "pcr sha256:7 " A32 "\n";
    const struct {
        const char *begin, *line, *end;
        unsigned int most;
        const char *sentence;
    } cases[] = {
        {"aggregator_evidence sgx\n", "mrenclave 0000%04x" X28 "\n", sgx_end, ALLOWED_MAX,
         "75: mrenclave: stands more than 64 times"},
        {"aggregator_evidence sgx\n", "signer 0000%04x" X28 " 1 1\n", sgx_end, SGX_SIGNERS_MAX,
         "27: signer: stands more than 16 times"},
        {"aggregator_evidence sgx\nmrenclave " A32 "\nadvisory INTEL-SA-00001\nadvisory INTEL-SA-00002\n",
         "advisory SA-%04x\n", "tcb_status UpToDate\nmin_evaluation 1\nmax_age 1d\n", ALLOWED_MAX - 2,
         "76: advisory: stands more than 64 times"},
        {"aggregator_evidence snp\nhost_data any\nproduct Milan bootloader=4 tee=0 snp=23 microcode=213\nmax_vmpl 0\n"
         "signing_key VCEK\nguest_policy require none\ncrl required\nmax_age 90d\n",
         "signer 0001%04x" X28 Z16 " any 1\n", "", SNP_SIGNERS_MAX, "34: signer: stands more than 16 times"},
        {"aggregator_evidence tpm\n", "ak 000b0000%04x" X28 " name=any\n", tpm_end, TPM_AKS_MAX,
         "139: ak: stands more than 128 times"},
        {"aggregator_evidence tpm\nak 000b" A32 " name=any\n", "pcr sha256:7 0000%04x" X28 "\n", "", ALLOWED_MAX,
         "76: pcr: more than 64 values"},
        {"aggregator_evidence psa\nimplementation any\ncomponent type=any measurement=any signer=any\n",
         "device keys/sensor-1.pub name=any instance=010000%04x" X28 "\n", "", PSATOKEN_DEVICES_MAX - 8, NULL},
        {"aggregator_evidence psa\nimplementation any\ndevice keys/sensor-1.pub name=any\n",
         "component type=C%04x measurement=any signer=any\n", "", PSATOKEN_COMPONENTS_MAX,
         "29: component: stands more than 16 times"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *most = repeated(cases[i].begin, cases[i].line, cases[i].most, cases[i].end);
        char *more = repeated(cases[i].begin, cases[i].line, cases[i].most + 1, cases[i].end);
        uint8_t memory[POLICY_MAX];
        struct buf bytes = BUF_OF(memory);
        struct policy policy;
        struct reason reason = {""};

        print_message("  %s\n", cases[i].line);
        if (policy_support_read_block(most, &bytes, &policy, &reason) != STATUS_OK)
            fail_msg("%s", reason.text);
        if (cases[i].sentence != NULL)
            refuses(more, cases[i].sentence);
        free(most);
        free(more);
    }
}

static void takes_eight_authorities_and_twenty_four_pcrs(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    fputs("aggregator_evidence tpm\nak 000b" A32 " name=any\n", out);
    for (int i = 0; i < TPM_PCR_TERMS_MAX; i++)
        fprintf(out, "pcr sha256:%d " A32 "\n", i);
    fputs("pcr sha384:0 " A48 "\n", out);
    assert_int_equal(fclose(out), 0);
    refuses(text, "36: pcr: more than 24 PCRs");
    free(text);
    refuses(
        "aggregator_evidence tpm\nauthority ak-ca.crt\nauthority ak-ca.crt\nauthority ak-ca.crt\nauthority ak-ca.crt\n"
        "authority ak-ca.crt\nauthority ak-ca.crt\nauthority ak-ca.crt\nauthority ak-ca.crt\nauthority ak-ca.crt\n",
        "19: authority: stands more than 8 times");
}

/* What a line takes need not fit what a policy carries for one block. */
static void a_block_that_is_too_large_is_named(void **state)
{
    char *text =
        repeated("aggregator_evidence psa\nimplementation any\ncomponent type=any measurement=any signer=any\n",
                 "device keys/sensor-1.pub name=a-name-that-is-as-long-as-one-may-be-123456789012345678901234567"
                 " instance=010000%04x" X28 "\n",
                 PSATOKEN_DEVICES_MAX, "");

    (void)state;
    refuses(text, "10: aggregator_evidence psa: more than 16384 bytes; write a part of it into a second block");
    free(text);
}

/* ---- samples ---- */

static void the_sample_of_each_kind_is_a_good_policy(void **state)
{
    const char *const kinds[] = {"sim", "sgx", "tdx", "snp", "psa", "tpm", NULL};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        uint8_t memory[POLICY_MAX];
        struct buf bytes = BUF_OF(memory);
        struct policy policy;
        struct reason reason = {""};
        char *sample = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&sample, &size);

        assert_non_null(out);
        config_print_sample(policy_text_keys, kinds[i], out);
        assert_int_equal(fclose(out), 0);
        /* Keys that are commented out are good too. */
        for (char *at = sample; (at = strstr(at, "\n#")) != NULL; at++)
            if (at[2] != ' ')
                at[1] = ' ';
        if (policy_support_read(sample, &bytes, &policy, &reason) != STATUS_OK)
            fail_msg("%s: %s", kinds[i], reason.text);
        assert_true(view_equal(policy.aggregator[0].kind, view_of_string(kinds[i] != NULL ? kinds[i] : "sgx")));
        assert_true(view_equal(policy.device[0].kind, view_of_string(kinds[i] != NULL ? kinds[i] : "tpm")));
        free(sample);
    }
}

/* One policy with every kind on each side. */
static void kinds_stand_beside_each_other(void **state)
{
    static const char *const kinds[] = {"sgx", "tdx", "snp", "psa", "tpm", "sim"};
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;
    struct reason reason = {""};

    (void)state;
    if (policy_support_read_block(SGX TDX SNP PSA TPM POLICY_SUPPORT_SIM("aggregator"), &bytes, &policy, &reason) !=
        STATUS_OK)
        fail_msg("%s", reason.text);
    assert_int_equal(policy.aggregator_count, 6);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_true(view_equal(policy.aggregator[i].kind, view_of_string(kinds[i])));
    refuses(SGX TDX SNP "aggregator_evidence tpm\nak 000b" A32 " name=any\npcr sha256:7 11\n",
            "41: pcr: \"11\" is not 64 hexadecimal digits, but 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgx_needs_few_keys_and_is_strict),
        cmocka_unit_test(every_key_of_sgx_is_read),
        cmocka_unit_test(a_signer_alone_is_enough),
        cmocka_unit_test(every_key_of_tdx_is_read),
        cmocka_unit_test(each_measurement_of_tdx_has_its_own_key),
        cmocka_unit_test(snp_needs_few_keys_and_is_strict),
        cmocka_unit_test(every_key_of_snp_is_read),
        cmocka_unit_test(every_key_of_psa_is_read),
        cmocka_unit_test(a_key_of_a_psa_device_may_be_written_as_digits),
        cmocka_unit_test(every_key_of_tpm_is_read),
        cmocka_unit_test(lists_of_revoked_keys_are_asked_for_beside_authorities),
        cmocka_unit_test(the_blocks_that_are_changed_below_are_good),
        cmocka_unit_test(refuses_and_says_where_why_and_what_to_write),
        cmocka_unit_test(takes_as_much_as_the_terms_hold_and_no_more),
        cmocka_unit_test(takes_eight_authorities_and_twenty_four_pcrs),
        cmocka_unit_test(a_block_that_is_too_large_is_named),
        cmocka_unit_test(the_sample_of_each_kind_is_a_good_policy),
        cmocka_unit_test(kinds_stand_beside_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
