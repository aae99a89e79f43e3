/* snp_terms.c: the rules of snp_terms.h as CBOR (PROTOCOL.md section 16). */
#include "snp_terms.h"

#include <assert.h>

#include "values.h"

#define MEASUREMENT_SIZE 48
#define KEY_DIGEST_SIZE  48
#define IMAGE_ID_SIZE    16
#define HOST_DATA_SIZE   32
#define TERMS            12
#define LEASTS           6

/* ---- encode ---- */

static void write_signer(struct writer *writer, const struct snp_signer *signer)
{
    const bool image = signer->image_id.len > 0;

    write_map(writer, image ? 3 : 2);
    write_uint(writer, 1);
    write_fixed(writer, signer->key_digest, KEY_DIGEST_SIZE);
    if (image) {
        write_uint(writer, 2);
        write_fixed(writer, signer->image_id, IMAGE_ID_SIZE);
    }
    write_uint(writer, 3);
    write_uint(writer, signer->min_svn);
}

static void write_least(struct writer *writer, const struct snp_least *least)
{
    const struct snp_tcb *tcb = &least->tcb;
    const uint8_t parts[] = {tcb->fmc, tcb->bootloader, tcb->tee, tcb->snp, tcb->microcode};

    write_map(writer, LEASTS);
    write_uint(writer, 1);
    write_uint(writer, least->product);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        write_uint(writer, 2 + i);
        write_uint(writer, parts[i]);
    }
}

static void write_guests(struct writer *writer, const struct snp_terms *terms)
{
    assert(terms->signer_count <= SNP_SIGNERS_MAX && terms->least_count <= SNP_ROOTS);
    write_uint(writer, 1);
    write_allowed(writer, &terms->measurement);
    write_uint(writer, 2);
    write_array(writer, terms->signer_count);
    for (uint32_t i = 0; i < terms->signer_count; i++)
        write_signer(writer, &terms->signers[i]);
    write_uint(writer, 3);
    write_allowed(writer, &terms->host_data);
    write_uint(writer, 4);
    write_array(writer, terms->least_count);
    for (uint32_t i = 0; i < terms->least_count; i++)
        write_least(writer, &terms->least[i]);
}

enum status snp_terms_encode(const struct snp_terms *terms, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, TERMS);
    write_guests(&writer, terms);
    write_uint(&writer, 5);
    write_uint(&writer, terms->max_vmpl);
    write_uint(&writer, 6);
    write_bool(&writer, terms->vcek);
    write_uint(&writer, 7);
    write_bool(&writer, terms->vlek);
    write_uint(&writer, 8);
    write_uint(&writer, terms->allowed);
    write_uint(&writer, 9);
    write_uint(&writer, terms->required);
    write_uint(&writer, 10);
    write_bool(&writer, terms->crl_required);
    write_uint(&writer, 11);
    write_uint(&writer, terms->max_age_s);
    write_uint(&writer, 12);
    write_uint(&writer, terms->grace_s);
    return writer_end(&writer);
}

/* ---- decode ---- */

static struct snp_signer read_signer(struct reader *reader)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(3), FIELD(1) | FIELD(3));
    struct snp_signer signer = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            signer.key_digest = read_fixed(reader, KEY_DIGEST_SIZE);
        else if (key == 2)
            signer.image_id = read_fixed(reader, IMAGE_ID_SIZE);
        else
            signer.min_svn = read_uint32(reader, 0, UINT32_MAX);
    }
    return signer;
}

static void read_signers(struct reader *reader, struct snp_terms *out)
{
    out->signer_count = read_array(reader, 0, SNP_SIGNERS_MAX);
    for (uint32_t i = 0; i < out->signer_count; i++)
        out->signers[i] = read_signer(reader);
    read_close(reader);
}

static struct snp_least read_least(struct reader *reader)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(LEASTS), FIELDS_TO(LEASTS));
    struct snp_least least = {0};
    uint8_t *const parts[] = {&least.tcb.fmc, &least.tcb.bootloader, &least.tcb.tee, &least.tcb.snp,
                              &least.tcb.microcode};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            least.product = (enum snp_product)read_uint(reader, SNP_MILAN, SNP_TURIN);
        else
            *parts[key - 2] = (uint8_t)read_uint(reader, 0, UINT8_MAX);
    }
    return least;
}

static void read_leasts(struct reader *reader, struct snp_terms *out)
{
    out->least_count = read_array(reader, 1, SNP_ROOTS);
    for (uint32_t i = 0; i < out->least_count; i++)
        out->least[i] = read_least(reader);
    read_close(reader);
}

/* What guest: fields 1 to 5. */
static void read_guest(struct reader *reader, int64_t key, struct snp_terms *out)
{
    switch (key) {
    case 1:
        read_allowed(reader, MEASUREMENT_SIZE, MEASUREMENT_SIZE, &out->measurement);
        break;
    case 2:
        read_signers(reader, out);
        break;
    case 3:
        read_allowed(reader, HOST_DATA_SIZE, HOST_DATA_SIZE, &out->host_data);
        break;
    case 4:
        read_leasts(reader, out);
        break;
    case 5:
        out->max_vmpl = read_uint32(reader, 0, SNP_VMPL_MAX);
        break;
    }
}

/* By whom it is endorsed, and how it was launched: fields 6 to 12. */
static void read_endorsement(struct reader *reader, int64_t key, struct snp_terms *out)
{
    switch (key) {
    case 6:
        out->vcek = read_bool(reader);
        break;
    case 7:
        out->vlek = read_bool(reader);
        break;
    case 8:
        out->allowed = read_uint(reader, 0, SNP_POLICY_WEAKENING);
        break;
    case 9:
        out->required = read_uint(reader, 0, SNP_POLICY_STRENGTHENING);
        break;
    case 10:
        out->crl_required = read_bool(reader);
        break;
    case 11:
        out->max_age_s = read_uint(reader, 1, TIME_MAX);
        break;
    case 12:
        out->grace_s = read_uint(reader, 0, TIME_MAX);
        break;
    }
}

/* A report without an identity block has zeros for a key digest: listed, they would accept every such guest. */
static bool names_nobody(const struct snp_terms *terms)
{
    static const uint8_t zeros[KEY_DIGEST_SIZE];

    for (uint32_t i = 0; i < terms->signer_count; i++)
        if (view_equal(terms->signers[i].key_digest, VIEW_OF(zeros)))
            return true;
    return false;
}

/* A product twice, or a part of a TCB that the product has not. */
static bool contradicts(const struct snp_terms *terms)
{
    for (uint32_t i = 0; i < terms->least_count; i++) {
        if (terms->least[i].product != SNP_TURIN && terms->least[i].tcb.fmc > 0)
            return true;
        for (uint32_t k = 0; k < i; k++)
            if (terms->least[k].product == terms->least[i].product)
                return true;
    }
    return false;
}

/* What no field says alone. */
static enum status check(const struct snp_terms *terms)
{
    const bool no_guest = terms->measurement.any || (terms->measurement.count == 0 && terms->signer_count == 0);

    if (no_guest || names_nobody(terms) || allowed_none(&terms->host_data) || contradicts(terms))
        return STATUS_OUT_OF_RANGE;
    if (!terms->vcek && !terms->vlek)
        return STATUS_OUT_OF_RANGE;
    if ((terms->allowed & ~SNP_POLICY_WEAKENING) != 0 || (terms->required & ~SNP_POLICY_STRENGTHENING) != 0)
        return STATUS_OUT_OF_RANGE;
    return STATUS_OK;
}

enum status snp_terms_decode(struct view bytes, struct snp_terms *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(TERMS), FIELDS_TO(TERMS));
    struct snp_terms terms = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key <= 5)
            read_guest(&reader, key, &terms);
        else
            read_endorsement(&reader, key, &terms);
    }
    TRY(reader_end(&reader));
    TRY(check(&terms));
    *out = terms;
    return STATUS_OK;
}
