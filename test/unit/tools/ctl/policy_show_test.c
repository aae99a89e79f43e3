/* A policy told in words (`tacit policy show`), and the warnings: each kind of evidence, strict and loose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "policy_support.h"

#define A16 "11111111111111111111111111111111"
#define A32 A16 A16
#define A48 A32 A16
#define B16 "22222222222222222222222222222222"
#define B32 B16 B16
#define B48 B32 B16

/* A block as the owner writes it, and what is told of it: warnings, and the demands. */
static const struct {
    const char *why, *block, *warnings, *told;
} cases[] = {
    {"SGX, strict",
     "aggregator_evidence sgx\nmrenclave " A32
     "\ntcb_status UpToDate SWHardeningNeeded\nadvisory none\nmin_evaluation 17\nmax_age 30d\n",
     "",
     "  an Intel SGX enclave with\n"
     "    MRENCLAVE: " A32 "\n"
     "    MISCSELECT, XFRM, CONFIGID, CONFIGSVN: any value\n"
     "    TCB status, one of: UpToDate, SWHardeningNeeded\n"
     "    security advisories that may apply: none\n"
     "    collateral: TCB evaluation data number 17 or above\n"
     "    collateral: issued at most 30 days ago\n"
     "    collateral: not taken after its end\n"
     "    components of the platform: no more than the TCB status demands\n"
     "    PCE: no more than the TCB status demands\n"
     "    debugging: refused\n"},
    {"SGX, loose",
     "aggregator_evidence sgx\nmrenclave " A32 " " B32 "\nsigner " B32 " 7 3\nsigner " A32
     " 0 0\ntcb_status OutOfDate ConfigurationNeeded\nadvisory any\nmin_evaluation 0\nmax_age 90s\ngrace "
     "7d\nmin_component 3 5\nmin_component 16 1\nmin_pcesvn 13\ndebug yes\n",
     "WARNING: aggregator_evidence sgx: debug is accepted: the host may read and change all that it holds\n"
     "WARNING: aggregator_evidence sgx: TCB statuses are accepted that tell of known weaknesses or settings\n"
     "WARNING: aggregator_evidence sgx: any security advisory may apply to the platform\n"
     "WARNING: aggregator_evidence sgx: min_evaluation 0: collateral that knows nothing of late findings is accepted\n"
     "WARNING: aggregator_evidence sgx: grace: collateral is accepted after its end\n",
     "  an Intel SGX enclave with\n"
     "    MRENCLAVE: one of\n"
     "      " A32 "\n"
     "      " B32 "\n"
     "    or MRSIGNER: " B32 ", product 7, security version 3 or above\n"
     "    or MRSIGNER: " A32 ", product 0, security version 0 or above\n"
     "    MISCSELECT, XFRM, CONFIGID, CONFIGSVN: any value\n"
     "    TCB status, one of: ConfigurationNeeded, OutOfDate\n"
     "    security advisories that may apply: any\n"
     "    collateral: any TCB evaluation data number\n"
     "    collateral: issued at most 90 seconds ago\n"
     "    collateral: taken for 7 days after its end\n"
     "    component 3 of the platform: security version 5 or above\n"
     "    component 16 of the platform: security version 1 or above\n"
     "    PCE: security version 13 or above\n"
     "    debugging: ACCEPTED\n"},
    {"SGX, by a signer alone, some advisories",
     "aggregator_evidence sgx\nsigner " B32
     " 7 3\ntcb_status UpToDate\nadvisory INTEL-SA-00289 INTEL-SA-00615\nmin_evaluation 17\nmax_age 30d\n",
     "",
     "  an Intel SGX enclave with\n"
     "    MRSIGNER: " B32 ", product 7, security version 3 or above\n"
     "    MISCSELECT, XFRM, CONFIGID, CONFIGSVN: any value\n"
     "    TCB status, one of: UpToDate\n"
     "    security advisories that may apply: INTEL-SA-00289, INTEL-SA-00615\n"
     "    collateral: TCB evaluation data number 17 or above\n"
     "    collateral: issued at most 30 days ago\n"
     "    collateral: not taken after its end\n"
     "    components of the platform: no more than the TCB status demands\n"
     "    PCE: no more than the TCB status demands\n"
     "    debugging: refused\n"},
    {"TDX, strict",
     "aggregator_evidence tdx\nmrtd " A48 "\nrtmr0 " A48 "\nrtmr1 " B48 "\nrtmr2 " A48 " " B48 "\nrtmr3 " A48
     "\nmrconfigid " A48 "\nmrowner " A48 "\nmrownerconfig " B48
     "\ntd_attributes require sept_ve_disable\nmin_tee_tcb_svn 05010200000000000000000000000000\ntcb_status "
     "UpToDate\nadvisory none\nmin_evaluation 17\nmax_age 30d\n",
     "",
     "  an Intel TDX domain with\n"
     "    MRTD: " A48 "\n"
     "    RTMR0: " A48 "\n"
     "    RTMR1: " B48 "\n"
     "    RTMR2: one of\n"
     "      " A48 "\n"
     "      " B48 "\n"
     "    RTMR3: " A48 "\n"
     "    MRCONFIGID: " A48 "\n"
     "    MROWNER: " A48 "\n"
     "    MROWNERCONFIG: " B48 "\n"
     "    attributes that must be set: sept_ve_disable\n"
     "    attributes that may be set: sept_ve_disable\n"
     "    XFAM: any value\n"
     "    TDX module: security versions, byte by byte, of 05010200000000000000000000000000 or above\n"
     "    TCB status, one of: UpToDate\n"
     "    security advisories that may apply: none\n"
     "    collateral: TCB evaluation data number 17 or above\n"
     "    collateral: issued at most 30 days ago\n"
     "    collateral: not taken after its end\n"
     "    components of the platform: no more than the TCB status demands\n"
     "    PCE: no more than the TCB status demands\n"
     "    debugging: refused\n"},
    {"TDX, loose",
     "aggregator_evidence tdx\nmrtd " A48
     "\nrtmr0 any\nrtmr1 any\nrtmr2 any\nrtmr3 any\nmrconfigid any\nmrowner any\nmrownerconfig any\ntd_attributes "
     "require none\ntd_attributes allow migratable pks\ntcb_status TDRelaunchAdvised\nadvisory none\nmin_evaluation "
     "17\nmax_age 30d\n",
     "WARNING: aggregator_evidence tdx: rtmr0 any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: rtmr1 any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: rtmr2 any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: rtmr3 any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: mrconfigid any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: mrowner any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: mrownerconfig any: whatever was measured there is accepted\n"
     "WARNING: aggregator_evidence tdx: sept_ve_disable is not required: the host can make the guest run into missing "
     "memory\n"
     "WARNING: aggregator_evidence tdx: migratable: the domain may be moved to a machine that was not appraised\n"
     "WARNING: aggregator_evidence tdx: TCB statuses are accepted that tell of known weaknesses or settings\n",
     "  an Intel TDX domain with\n"
     "    MRTD: " A48 "\n"
     "    RTMR0: any value\n"
     "    RTMR1: any value\n"
     "    RTMR2: any value\n"
     "    RTMR3: any value\n"
     "    MRCONFIGID: any value\n"
     "    MROWNER: any value\n"
     "    MROWNERCONFIG: any value\n"
     "    attributes that must be set: none\n"
     "    attributes that may be set: migratable, pks\n"
     "    XFAM: any value\n"
     "    TDX module: no more than the TCB status demands\n"
     "    TCB status, one of: TDRelaunchAdvised\n"
     "    security advisories that may apply: none\n"
     "    collateral: TCB evaluation data number 17 or above\n"
     "    collateral: issued at most 30 days ago\n"
     "    collateral: not taken after its end\n"
     "    components of the platform: no more than the TCB status demands\n"
     "    PCE: no more than the TCB status demands\n"
     "    debugging: refused\n"},
    {"SNP, strict",
     "aggregator_evidence snp\nmeasurement " A48 "\nhost_data " A32
     "\nproduct Milan bootloader=4 tee=0 snp=23 microcode=213\nmax_vmpl 0\nsigning_key VCEK\nguest_policy require "
     "single_socket\ncrl required\nmax_age 90d\n",
     "",
     "  an AMD SEV-SNP guest with\n"
     "    measurement: " A48 "\n"
     "    host data: " A32 "\n"
     "    family id, platform information: any value\n"
     "    product Milan: bootloader 4, tee 0, snp 23, microcode 213 or above\n"
     "    privilege level (VMPL): 0\n"
     "    signed by a key of: the chip (VCEK)\n"
     "    guest policy that must stand: single_socket\n"
     "    guest policy that may stand: none\n"
     "    revocation list: must be there\n"
     "    revocation list: issued at most 90 days ago\n"
     "    revocation list: not taken after its end\n"
     "    debugging: refused\n"},
    {"SNP, loose",
     "aggregator_evidence snp\nmeasurement " A48 "\nsigner " B48 " any 1\nsigner " B48 " " A16
     " 2\nhost_data any\nproduct Genoa bootloader=1 tee=2 snp=3 microcode=4\nproduct Turin fmc=5 bootloader=1 tee=2 "
     "snp=3 microcode=4\nmax_vmpl 2\nsigning_key VCEK VLEK\nguest_policy require none\nguest_policy allow smt "
     "migration cxl\ncrl optional\nmax_age 1d\ngrace 12h\ndebug yes\n",
     "WARNING: aggregator_evidence snp: debug is accepted: the host may read and change all that it holds\n"
     "WARNING: aggregator_evidence snp: migration: an agent may move the guest to a machine that was not appraised\n"
     "WARNING: aggregator_evidence snp: signer 1: any image of it is accepted\n"
     "WARNING: aggregator_evidence snp: host_data any: whatever its host gave the guest is accepted\n"
     "WARNING: aggregator_evidence snp: crl optional: who leaves the list out hides that a key was revoked\n"
     "WARNING: aggregator_evidence snp: grace: a revocation list is accepted after its end\n",
     "  an AMD SEV-SNP guest with\n"
     "    measurement: " A48 "\n"
     "    or signer: " B48 ", any image, security version 1 or above\n"
     "    or signer: " B48 ", image " A16 ", security version 2 or above\n"
     "    host data: any value\n"
     "    family id, platform information: any value\n"
     "    product Genoa: bootloader 1, tee 2, snp 3, microcode 4 or above\n"
     "    or product Turin: fmc 5, bootloader 1, tee 2, snp 3, microcode 4 or above\n"
     "    privilege level (VMPL): 0 to 2\n"
     "    signed by a key of: the chip (VCEK) or the cloud (VLEK)\n"
     "    guest policy that must stand: none\n"
     "    guest policy that may stand: smt, migration, cxl, DEBUGGING\n"
     "    revocation list: may be left out\n"
     "    revocation list: issued at most 1 day ago\n"
     "    revocation list: taken for 12 hours after its end\n"
     "    debugging: ACCEPTED\n"},
    {"SNP, of the cloud",
     "aggregator_evidence snp\nmeasurement " A48 "\nhost_data " A32
     "\nproduct Milan bootloader=4 tee=0 snp=23 microcode=213\nmax_vmpl 0\nsigning_key VLEK\nguest_policy require "
     "aes_256_xts rapl_off ciphertext_hiding page_swap_off\ncrl required\nmax_age 90d\n",
     "",
     "  an AMD SEV-SNP guest with\n"
     "    measurement: " A48 "\n"
     "    host data: " A32 "\n"
     "    family id, platform information: any value\n"
     "    product Milan: bootloader 4, tee 0, snp 23, microcode 213 or above\n"
     "    privilege level (VMPL): 0\n"
     "    signed by a key of: the cloud (VLEK)\n"
     "    guest policy that must stand: aes_256_xts, rapl_off, ciphertext_hiding, page_swap_off\n"
     "    guest policy that may stand: none\n"
     "    revocation list: must be there\n"
     "    revocation list: issued at most 90 days ago\n"
     "    revocation list: not taken after its end\n"
     "    debugging: refused\n"},
    {"PSA, strict",
     "aggregator_evidence psa\ndevice keys/sensor-1.pub name=sensor-1\nimplementation " A32
     "\ncomponent type=PRoT measurement=" A32 "," B48 " signer=" B32 "\n",
     "",
     "  a PSA attestation token of\n"
     "    device sensor-1 with a public key of the SHA-256 "
     "c5251b2a989adf9cabd73564e20760f5604284a1a511c230822b71bb51b2fabe, instance: of that key\n"
     "    implementation: " A32 "\n"
     "    component PRoT, with\n"
     "      measurement: one of\n"
     "        " A32 "\n"
     "        " B48 "\n"
     "      signer: " B32 "\n"
     "    components that fit none of these: refused\n"
     "    debugging: refused\n"
     "    legacy profile (PSA_IOT_PROFILE_1): refused\n"},
    {"PSA, loose",
     "aggregator_evidence psa\ndevice keys/sensor-1.pub name=any\ndevice keys/sensor-2.pub name=sensor-2 "
     "instance=01" A32 "\nimplementation any\ncomponent type=any measurement=any signer=any\ncomponent type=BL "
     "measurement=any signer=" A32 "\ndebug yes\nlegacy yes\n",
     "WARNING: aggregator_evidence psa: device with name=any: who holds its key may show its tokens under any name (1 "
     "of 2)\n"
     "WARNING: aggregator_evidence psa: implementation any: whatever root of trust is accepted\n"
     "WARNING: aggregator_evidence psa: component 1: any software of anybody is accepted\n"
     "WARNING: aggregator_evidence psa: component 2: any software of its signer is accepted\n"
     "WARNING: aggregator_evidence psa: debug is accepted: who is beside the device may read and change what it does\n"
     "WARNING: aggregator_evidence psa: legacy: tokens of PSA_IOT_PROFILE_1 are accepted\n",
     "  a PSA attestation token of\n"
     "    any device with a public key of the SHA-256 "
     "c5251b2a989adf9cabd73564e20760f5604284a1a511c230822b71bb51b2fabe, instance: of that key\n"
     "    or device sensor-2 with a public key of the SHA-256 "
     "6405c9670e9598b7bb36bd9009e2c65ac01ad5b98125117283fa6dcb8e9768cd, instance 01" A32 "\n"
     "    implementation: any value\n"
     "    component of any type, with\n"
     "      measurement: any value\n"
     "      signer: any value\n"
     "    component BL, with\n"
     "      measurement: any value\n"
     "      signer: " A32 "\n"
     "    components that fit none of these: refused\n"
     "    debugging: ACCEPTED\n"
     "    legacy profile (PSA_IOT_PROFILE_1): accepted\n"},
    {"TPM, strict",
     "aggregator_evidence tpm\nak 000b" A32 " name=device-1\npcr sha256:7 " A32 "\npcr sha384:0 " A48 " " B48 "\n", "",
     "  a quote of a TPM 2.0 of\n"
     "    device device-1 with the attestation key 000b" A32 "\n"
     "    PCR 7 (sha256): " A32 "\n"
     "    PCR 0 (sha384): one of\n"
     "      " A48 "\n"
     "      " B48 "\n"
     "    all other PCRs: any value\n"},
    {"TPM, loose",
     "aggregator_evidence tpm\nak 000b" A32 " name=any\nak 000b" B32
     " name=device-2\nauthority ak-ca.crt\nauthority ak-ca.pub\ncrl optional\npcr sha512:23 " A32 A32 "\n",
     "WARNING: aggregator_evidence tpm: ak with name=any: who holds that TPM may go by any name (1 of 2)\n"
     "WARNING: aggregator_evidence tpm: authority: each device that it certified may go by any name\n"
     "WARNING: aggregator_evidence tpm: crl optional: who leaves the list out hides that a key was revoked\n",
     "  a quote of a TPM 2.0 of\n"
     "    any device with the attestation key 000b" A32 "\n"
     "    or device device-2 with the attestation key 000b" B32 "\n"
     "    or any device with a key certified by a public key of the SHA-256 "
     "77f0f1152f036a4b00920b205c7ed874f22d56cf9e94886efada0c4afa1855e8\n"
     "    or any device with a key certified by a public key of the SHA-256 "
     "76805a63a6980c18075424a13f32772d02d7c71b4965754c1ce84f5841220327\n"
     "    revocation lists of certified keys: may be left out\n"
     "    PCR 23 (sha512): " A32 A32 "\n"
     "    all other PCRs: any value\n"},
    {"TPM, certified", "aggregator_evidence tpm\nauthority ak-ca.pub\ncrl required\npcr sha256:7 " A32 "\n",
     "WARNING: aggregator_evidence tpm: authority: each device that it certified may go by any name\n",
     "  a quote of a TPM 2.0 of\n"
     "    any device with a key certified by a public key of the SHA-256 "
     "76805a63a6980c18075424a13f32772d02d7c71b4965754c1ce84f5841220327\n"
     "    revocation lists of certified keys: must be there\n"
     "    PCR 7 (sha256): " A32 "\n"
     "    all other PCRs: any value\n"},
};

#define SIMULATED "*** SIMULATED: this policy accepts simulated evidence. Nothing made under it is confidential. ***\n"

/* What a function prints of the policy that this text makes. To be freed. */
static char *printed(const char *text, void (*print)(const struct policy *, FILE *))
{
    uint8_t memory[POLICY_MAX];
    struct buf bytes = BUF_OF(memory);
    struct policy policy;
    struct reason reason = {""};
    char *told = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&told, &size);

    assert_non_null(out);
    if (policy_support_read(text, &bytes, &policy, &reason) != STATUS_OK)
        fail_msg("%s", reason.text);
    print(&policy, out);
    assert_int_equal(fclose(out), 0);
    return told;
}

static char *joined(const char *first, const char *second, const char *third)
{
    char *text = NULL;

    assert_true(asprintf(&text, "%s%s%s", first, second, third) > 0);
    return text;
}

static void tells_every_demand_of_each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = joined(POLICY_SUPPORT_HEAD, cases[i].block, POLICY_SUPPORT_SIM("device"));
        char *told = printed(text, policy_show);
        char *wanted = joined("An aggregator must show:\n", cases[i].told, "A device must show:\n");
        const char *at = strstr(told, "An aggregator must show:\n");

        print_message("  %s\n", cases[i].why);
        assert_non_null(at);
        if (strncmp(at, wanted, strlen(wanted)) != 0)
            assert_string_equal(at, wanted);
        free(text);
        free(told);
        free(wanted);
    }
}

static void warns_of_every_weak_choice_and_of_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = joined(POLICY_SUPPORT_HEAD, cases[i].block, POLICY_SUPPORT_SIM("device"));
        char *told = printed(text, policy_show), *warned = printed(text, policy_warn);
        char *wanted = joined(SIMULATED, cases[i].warnings, "");

        print_message("  %s\n", cases[i].why);
        assert_string_equal(warned, wanted);
        /* And the same stands above all else that is told. */
        assert_int_equal(strncmp(told, wanted, strlen(wanted)), 0);
        assert_int_equal(strncmp(told + strlen(wanted), "Policy of the federation home", 29), 0);
        free(text);
        free(told);
        free(warned);
        free(wanted);
    }
}

#define STRICT_TPM "_evidence tpm\nak 000b" A32 " name=device-1\npcr sha256:7 " A32 "\n"
#define LOOSE_TPM  "_evidence tpm\nak 000b" A32 " name=any\npcr sha256:7 " A32 "\n"

static void a_strict_policy_has_no_warnings(void **state)
{
    char *warned = printed(POLICY_SUPPORT_HEAD "aggregator" STRICT_TPM "device" STRICT_TPM, policy_warn);

    (void)state;
    assert_string_equal(warned, "");
    free(warned);
}

static void names_the_block_among_several(void **state)
{
    char *warned =
        printed(POLICY_SUPPORT_HEAD "aggregator" STRICT_TPM "device" STRICT_TPM "device" LOOSE_TPM, policy_warn);

    (void)state;
    assert_string_equal(warned,
                        "WARNING: device_evidence tpm (block 2): ak with name=any: who holds that TPM may go by any "
                        "name (1 of 1)\n");
    free(warned);
}

static void warns_of_a_cohort_of_one(void **state)
{
    char *warned = printed("federation home\nversion 1\nnot_before 2026-09-21\nnot_after 2027-09-21\nmin_cohort 1\n"
                           "max_cohort 100\nmax_samples 10000\ncredential_lifetime 30d\nmax_parameters 1000000\n"
                           "aggregator" STRICT_TPM "device" STRICT_TPM,
                           policy_warn);

    (void)state;
    assert_string_equal(warned,
                        "WARNING: with a minimum cohort of 1 a released model can be the update of a single device.\n");
    free(warned);
}

static void tells_both_sides(void **state)
{
    char *told =
        printed(POLICY_SUPPORT_HEAD "aggregator" STRICT_TPM "aggregator" LOOSE_TPM "device" STRICT_TPM, policy_show);

    (void)state;
    assert_non_null(
        strstr(told, "An aggregator must show any one of:\n  a quote of a TPM 2.0 of\n    device device-1 with"));
    assert_non_null(strstr(told, "  a quote of a TPM 2.0 of\n    any device with"));
    assert_non_null(strstr(told, "A device must show:\n  a quote of a TPM 2.0 of\n    device device-1 with"));
    free(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_demand_of_each_kind), cmocka_unit_test(warns_of_every_weak_choice_and_of_no_other),
        cmocka_unit_test(a_strict_policy_has_no_warnings), cmocka_unit_test(names_the_block_among_several),
        cmocka_unit_test(warns_of_a_cohort_of_one),        cmocka_unit_test(tells_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
