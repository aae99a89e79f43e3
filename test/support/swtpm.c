/* swtpm.c: see swtpm.h. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <tss2/tss2_tctildr.h>

#include "swtpm.h"

/* Runs a line of bash with the functions of swtpm.sh; false when it fails. out gets the first line of its output. */
static bool run(const char *line, char *out, size_t size)
{
    char command[512];
    FILE *pipe;

    (void)snprintf(command, sizeof command, "bash -c '. tools/demo/swtpm.sh && %s'", line);
    pipe = popen(command, "r");
    if (pipe == NULL)
        return false;
    if (out != NULL && fgets(out, (int)size, pipe) != NULL)
        out[strcspn(out, "\n")] = '\0';
    return pclose(pipe) == 0;
}

static void start(struct swtpm *swtpm)
{
    char line[128];

    (void)snprintf(line, sizeof line, "swtpm_start %s", swtpm->folder);
    if (!run(line, swtpm->tcti, sizeof swtpm->tcti))
        fail_msg("swtpm does not start");
}

void swtpm_begin(struct swtpm *out)
{
    if (!run("swtpm_is_there", NULL, 0)) {
        print_message("  skipped: swtpm is not installed (make deps)\n");
        skip();
    }
    strcpy(out->folder, P_tmpdir "/swtpm_test_XXXXXX");
    assert_non_null(mkdtemp(out->folder));
    start(out);
}

void swtpm_halt(struct swtpm *swtpm)
{
    char line[128];

    (void)snprintf(line, sizeof line, "swtpm_stop %s", swtpm->folder);
    assert_true(run(line, NULL, 0));
}

void swtpm_restart(struct swtpm *swtpm)
{
    swtpm_halt(swtpm);
    start(swtpm);
}

void swtpm_end(struct swtpm *swtpm)
{
    char line[128];

    if (swtpm->folder[0] == '\0')
        return;
    swtpm_halt(swtpm);
    (void)snprintf(line, sizeof line, "rm -rf %s", swtpm->folder);
    assert_true(run(line, NULL, 0));
    swtpm->folder[0] = '\0';
}

void swtpm_signal(const struct swtpm *swtpm, int number)
{
    char line[128];

    (void)snprintf(line, sizeof line, "kill -%d $(<%s/swtpm.pid)", number, swtpm->folder);
    assert_true(run(line, NULL, 0));
}

ESYS_CONTEXT *swtpm_open(const struct swtpm *swtpm)
{
    TSS2_TCTI_CONTEXT *tcti = NULL;
    ESYS_CONTEXT *esys = NULL;

    assert_int_equal(Tss2_TctiLdr_Initialize(swtpm->tcti, &tcti), TSS2_RC_SUCCESS);
    assert_int_equal(Esys_Initialize(&esys, tcti, NULL), TSS2_RC_SUCCESS);
    return esys;
}

void swtpm_close(ESYS_CONTEXT *esys)
{
    TSS2_TCTI_CONTEXT *tcti = NULL;

    assert_int_equal(Esys_GetTcti(esys, &tcti), TSS2_RC_SUCCESS);
    Esys_Finalize(&esys);
    Tss2_TctiLdr_Finalize(&tcti);
}

void swtpm_extend(const struct swtpm *swtpm, unsigned int index)
{
    TPML_DIGEST_VALUES digest = {.count = 1, .digests = {{.hashAlg = TPM2_ALG_SHA256}}};
    ESYS_CONTEXT *esys = swtpm_open(swtpm);

    memset(&digest.digests[0].digest, 0x5a, 32);
    assert_int_equal(Esys_PCR_Extend(esys, ESYS_TR_PCR0 + index, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &digest),
                     TSS2_RC_SUCCESS);
    swtpm_close(esys);
}
