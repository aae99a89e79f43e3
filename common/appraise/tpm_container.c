/* tpm_container.c: see tpm_container.h. */
#include "tpm_container.h"

#include <assert.h>

#include "values.h"

#define PCR_PARTS 3 /* bank, index, value */

static void write_pcrs(struct writer *writer, const struct tpm_container *container)
{
    assert(container->pcr_count <= TPM_CONTAINER_PCRS_MAX);
    write_array(writer, container->pcr_count);
    for (uint32_t i = 0; i < container->pcr_count; i++) {
        const struct tpm_pcr *pcr = &container->pcrs[i];

        assert(pcr->index <= TPM_CONTAINER_PCR_LAST);
        write_array(writer, PCR_PARTS);
        write_uint(writer, pcr->alg);
        write_uint(writer, pcr->index);
        write_bounded(writer, pcr->value, TPM_CONTAINER_VALUE_MIN, TPM_PCR_BYTES_MAX);
    }
}

enum status tpm_container_encode(const struct tpm_container *container, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 4);
    write_uint(&writer, 1);
    write_bounded(&writer, container->attest, 1, TPM_ATTEST_MAX);
    write_uint(&writer, 2);
    write_bounded(&writer, container->signature, 1, TPM_SIGNATURE_MAX);
    write_uint(&writer, 3);
    write_bounded(&writer, container->ak, 1, TPM_PUBLIC_MAX);
    write_uint(&writer, 4);
    write_pcrs(&writer, container);
    return writer_end(&writer);
}

static void read_pcrs(struct reader *reader, struct tpm_container *out)
{
    out->pcr_count = read_array(reader, 0, TPM_CONTAINER_PCRS_MAX);
    for (uint32_t i = 0; i < out->pcr_count; i++) {
        struct tpm_pcr *pcr = &out->pcrs[i];

        (void)read_array(reader, PCR_PARTS, PCR_PARTS);
        pcr->alg = (uint16_t)read_uint(reader, 0, UINT16_MAX);
        pcr->index = (uint8_t)read_uint(reader, 0, TPM_CONTAINER_PCR_LAST);
        pcr->value = read_bytes(reader, TPM_CONTAINER_VALUE_MIN, TPM_PCR_BYTES_MAX);
        read_close(reader);
    }
    read_close(reader);
}

enum status tpm_container_decode(struct view bytes, struct tpm_container *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(4), FIELDS_TO(4));
    struct tpm_container value = {.pcr_count = 0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.attest = read_bytes(&reader, 1, TPM_ATTEST_MAX);
            break;
        case 2:
            value.signature = read_bytes(&reader, 1, TPM_SIGNATURE_MAX);
            break;
        case 3:
            value.ak = read_bytes(&reader, 1, TPM_PUBLIC_MAX);
            break;
        case 4:
            read_pcrs(&reader, &value);
            break;
        }
    }
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}
