/* enrol_tpm.c: see enrol_tpm.h. */
#include "enrol_tpm.h"

#include <stdio.h>

#include "file.h"
#include "pem.h"
#include "random.h"
#include "tpm_container.h"
#include "wire_limits.h"

#define FOLDER_MODE 0755
#define FILE_MODE   0644 /* nothing in these is secret */

static enum status write_file(const char *folder, const char *name, struct view bytes, struct reason *reason)
{
    char path[FILE_MAX_PATH];

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        reason_set(reason, "%.100s...: too long", folder);
        return STATUS_IO;
    }
    return file_write(path, FILE_MODE, bytes, reason);
}

static enum status write_key(const char *folder, struct view public, const struct tpm_public *ak, struct reason *reason)
{
    uint8_t text[PEM_MAX];
    struct buf pem = BUF_OF(text);

    TRY(pem_write_public((struct view){ak->key.bytes, ak->key.len}, &pem));
    TRY(file_make_folders(folder, FOLDER_MODE, reason));
    TRY(write_file(folder, "ak.pub", public, reason));
    return write_file(folder, "ak.pem", buf_view(&pem), reason);
}

/* Lines for the owner's policy. */
static void print(const char *device, const struct tpm_public *ak, const struct tpm_container *container)
{
    char hex[2 * TPM_NAME_SIZE_MAX + 1];

    hex_encode((struct view){ak->name, ak->name_len}, hex);
    printf("ak %s name=%s\n", hex, device);
    for (uint32_t i = 0; i < container->pcr_count; i++) {
        const struct tpm_pcr *pcr = &container->pcrs[i];

        hex_encode(pcr->value, hex);
        printf("pcr %s:%u %s\n", tpm_bank_name(pcr->alg), pcr->index, hex);
    }
}

/* A quote that nobody asked for shows that the key works, and the values that it would be of. */
static enum status read_pcrs(const struct daemon_settings *settings, struct buf *memory, struct tpm_container *out,
                             struct reason *reason)
{
    struct tpm_attester attester = settings->tpm;
    struct buf endorsement = {NULL, 0, 0};
    uint8_t report_data[SHA512_SIZE];
    struct view kind;

    TRY(os_random(NULL, report_data, sizeof report_data));
    TRY(tpm_attest(&attester, report_data, &kind, memory, &endorsement, reason));
    return tpm_container_decode(buf_view(memory), out);
}

enum status enrol_tpm(const char *path, const struct daemon_settings *settings, const char *folder,
                      struct reason *reason)
{
    uint8_t public_bytes[TPM_PUBLIC_MAX + 2], evidence_bytes[EVIDENCE_MAX];
    struct buf public = BUF_OF(public_bytes), evidence = BUF_OF(evidence_bytes);
    struct tpm_container container;
    struct tpm_public ak;

    if (settings->attester != ATTESTER_TPM) {
        reason_set(reason, "%s: --enrol-tpm: only with attester tpm", path);
        return STATUS_CONFIG;
    }
    TRY(tpm_provision(&settings->tpm, &public, reason));
    TRY(tpm_public_decode(buf_view(&public), &ak));
    TRY(read_pcrs(settings, &evidence, &container, reason));
    TRY(write_key(folder, buf_view(&public), &ak, reason));
    print(settings->device, &ak, &container);
    return STATUS_OK;
}
