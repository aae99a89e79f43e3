/* tpm_terms.c: what a policy demands of TPM evidence; see tpm_terms.h. */
#include "tpm_terms.h"

#include <assert.h>

#include "tpm_container.h"
#include "tpm_private.h"
#include "values.h"

#define AK_PARTS  2 /* name of the key, of the device */
#define PCR_PARTS 3 /* bank, index, values */

static void write_aks(struct writer *writer, const struct tpm_terms *terms)
{
    assert(terms->ak_count <= TPM_AKS_MAX);
    write_array(writer, terms->ak_count);
    for (uint32_t i = 0; i < terms->ak_count; i++) {
        write_array(writer, AK_PARTS);
        write_bytes(writer, terms->aks[i].ak_name);
        if (terms->aks[i].name.len == 0)
            write_null(writer);
        else
            write_name(writer, terms->aks[i].name);
    }
}

static void write_authorities(struct writer *writer, const struct tpm_terms *terms)
{
    assert(terms->authority_count <= TPM_AUTHORITIES_MAX);
    write_array(writer, terms->authority_count);
    for (uint32_t i = 0; i < terms->authority_count; i++)
        write_bounded(writer, terms->authorities[i], 1, TPM_AUTHORITY_MAX);
}

static void write_pcrs(struct writer *writer, const struct tpm_terms *terms)
{
    assert(terms->pcr_count <= TPM_PCR_TERMS_MAX);
    write_array(writer, terms->pcr_count);
    for (uint32_t i = 0; i < terms->pcr_count; i++) {
        write_array(writer, PCR_PARTS);
        write_uint(writer, terms->pcrs[i].alg);
        write_uint(writer, terms->pcrs[i].index);
        write_allowed(writer, &terms->pcrs[i].values);
    }
}

enum status tpm_terms_encode(const struct tpm_terms *terms, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, 4);
    write_uint(&writer, 1);
    write_aks(&writer, terms);
    write_uint(&writer, 2);
    write_authorities(&writer, terms);
    write_uint(&writer, 3);
    write_bool(&writer, terms->crl_required);
    write_uint(&writer, 4);
    write_pcrs(&writer, terms);
    return writer_end(&writer);
}

/* TPM2B_NAME without its size: TPM_ALG_ID and a digest of that. */
static struct view read_ak_name(struct reader *reader)
{
    const struct view name = read_bytes(reader, 2, TPM_NAME_SIZE_MAX);
    enum digest_alg alg;

    if (reader->status != STATUS_OK)
        return name;
    reader_fail(reader, digest_of_alg((uint16_t)(name.ptr[0] << 8 | name.ptr[1]), &alg));
    if (reader->status == STATUS_OK && name.len != 2 + digest_size(alg))
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    return name;
}

static void read_aks(struct reader *reader, struct tpm_terms *out)
{
    out->ak_count = read_array(reader, 0, TPM_AKS_MAX);
    for (uint32_t i = 0; i < out->ak_count; i++) {
        (void)read_array(reader, AK_PARTS, AK_PARTS);
        out->aks[i].ak_name = read_ak_name(reader);
        if (!read_null_if(reader))
            out->aks[i].name = read_name(reader);
        read_close(reader);
    }
    read_close(reader);
}

static enum status check_authority(struct view der)
{
    struct public_key ignored;
    struct x509_key key;

    if (x509_key_parse(der, &key) != STATUS_OK)
        return STATUS_BAD_KEY;
    return x509_public_key(&key, &ignored) == STATUS_OK ? STATUS_OK : STATUS_BAD_KEY;
}

static void read_authorities(struct reader *reader, struct tpm_terms *out)
{
    out->authority_count = read_array(reader, 0, TPM_AUTHORITIES_MAX);
    for (uint32_t i = 0; i < out->authority_count; i++) {
        out->authorities[i] = read_bytes(reader, 1, TPM_AUTHORITY_MAX);
        if (reader->status == STATUS_OK)
            reader_fail(reader, check_authority(out->authorities[i]));
    }
    read_close(reader);
}

static bool stands_before(const struct tpm_terms *terms, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (terms->pcrs[i].alg == terms->pcrs[at].alg && terms->pcrs[i].index == terms->pcrs[at].index)
            return true;
    return false;
}

/* A bank is one of SHA-2, whose values all have its size. */
static void read_pcr(struct reader *reader, struct tpm_pcr_terms *out)
{
    enum digest_alg alg = DIGEST_SHA256;

    (void)read_array(reader, PCR_PARTS, PCR_PARTS);
    out->alg = (uint16_t)read_uint(reader, 0, UINT16_MAX);
    out->index = (uint8_t)read_uint(reader, 0, TPM_CONTAINER_PCR_LAST);
    if (reader->status == STATUS_OK)
        reader_fail(reader, digest_of_alg(out->alg, &alg));
    read_allowed(reader, digest_size(alg), digest_size(alg), &out->values);
    read_close(reader);
    if (out->values.any || allowed_none(&out->values))
        reader_fail(reader, STATUS_OUT_OF_RANGE);
}

static void read_pcrs(struct reader *reader, struct tpm_terms *out)
{
    out->pcr_count = read_array(reader, 1, TPM_PCR_TERMS_MAX);
    for (uint32_t i = 0; i < out->pcr_count; i++) {
        read_pcr(reader, &out->pcrs[i]);
        if (stands_before(out, i))
            reader_fail(reader, STATUS_MALFORMED);
    }
    read_close(reader);
}

enum status tpm_terms_decode(struct view bytes, struct tpm_terms *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(4), FIELDS_TO(4));
    struct tpm_terms value = {.ak_count = 0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            read_aks(&reader, &value);
            break;
        case 2:
            read_authorities(&reader, &value);
            break;
        case 3:
            value.crl_required = read_bool(&reader);
            break;
        case 4:
            read_pcrs(&reader, &value);
            break;
        }
    }
    TRY(reader_end(&reader));
    if (value.ak_count == 0 && value.authority_count == 0)
        return STATUS_OUT_OF_RANGE;
    *out = value;
    return STATUS_OK;
}

enum status tpm_check_rules(struct view rules)
{
    struct tpm_terms ignored;

    return tpm_terms_decode(rules, &ignored);
}
