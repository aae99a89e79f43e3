/* dcap_terms.c: see dcap_terms.h. */
#include "dcap_terms.h"

#include <assert.h>

#include "values.h"

#define HASH_SIZE     32 /* MRENCLAVE, MRSIGNER */
#define ADVISORY_MAX  32
#define NEVER         (1u << DCAP_TCB_UNKNOWN | 1u << DCAP_TCB_NOT_SUPPORTED | 1u << DCAP_TCB_REVOKED)
#define STATUSES      (((1u << DCAP_TCB_COUNT) - 1) & ~NEVER)
#define ATTRIBUTES    (~(uint64_t)0xff) /* of a trust domain; the lowest byte tells debug */
#define DCAP_FIELDS   8
#define SGX_FIELDS    3
#define SIGNER_FIELDS 3
#define TDX_FIELDS    9

/* ---- the platform ---- */

static void write_platform(struct writer *writer, const struct dcap_terms *terms)
{
    write_map(writer, DCAP_FIELDS);
    write_uint(writer, 1);
    write_uint(writer, terms->statuses);
    write_uint(writer, 2);
    write_allowed_texts(writer, &terms->advisories);
    write_uint(writer, 3);
    write_uint(writer, terms->min_evaluation);
    write_uint(writer, 4);
    write_uint(writer, terms->max_age_s);
    write_uint(writer, 5);
    write_uint(writer, terms->grace_s);
    write_uint(writer, 6);
    write_fixed(writer, VIEW_OF(terms->min_components), SGX_COMPONENTS);
    write_uint(writer, 7);
    write_uint(writer, terms->min_pcesvn);
    write_uint(writer, 8);
    write_bool(writer, terms->debug);
}

static uint32_t read_statuses(struct reader *reader)
{
    const uint32_t statuses = read_uint32(reader, 1, STATUSES);

    if ((statuses & ~STATUSES) != 0)
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    return statuses;
}

static void read_platform(struct reader *reader, struct dcap_terms *out)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(DCAP_FIELDS), FIELDS_TO(DCAP_FIELDS));
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            out->statuses = read_statuses(reader);
            break;
        case 2:
            read_allowed_texts(reader, 1, ADVISORY_MAX, &out->advisories);
            break;
        case 3:
            out->min_evaluation = read_uint32(reader, 0, UINT32_MAX);
            break;
        case 4:
            out->max_age_s = read_uint(reader, 1, TIME_MAX);
            break;
        case 5:
            out->grace_s = read_uint(reader, 0, TIME_MAX);
            break;
        case 6:
            read_bytes_into(reader, out->min_components, SGX_COMPONENTS);
            break;
        case 7:
            out->min_pcesvn = (uint16_t)read_uint(reader, 0, UINT16_MAX);
            break;
        case 8:
            out->debug = read_bool(reader);
            break;
        }
    }
}

/* A measurement that is not named in the policy is none that was meant: any will not do, nor will none. */
static void refuse_any(struct reader *reader, const struct allowed *allowed)
{
    if (allowed->any)
        reader_fail(reader, STATUS_OUT_OF_RANGE);
}

static void refuse_none(struct reader *reader, const struct allowed *allowed)
{
    if (allowed_none(allowed))
        reader_fail(reader, STATUS_OUT_OF_RANGE);
}

/* ---- SGX ---- */

static void write_signers(struct writer *writer, const struct sgx_terms *terms)
{
    assert(terms->signer_count <= SGX_SIGNERS_MAX);
    write_array(writer, terms->signer_count);
    for (uint32_t i = 0; i < terms->signer_count; i++) {
        write_map(writer, SIGNER_FIELDS);
        write_uint(writer, 1);
        write_fixed(writer, terms->signers[i].mr_signer, HASH_SIZE);
        write_uint(writer, 2);
        write_uint(writer, terms->signers[i].product);
        write_uint(writer, 3);
        write_uint(writer, terms->signers[i].min_svn);
    }
}

enum status sgx_terms_encode(const struct sgx_terms *terms, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, SGX_FIELDS);
    write_uint(&writer, 1);
    write_allowed(&writer, &terms->mr_enclave);
    write_uint(&writer, 2);
    write_signers(&writer, terms);
    write_uint(&writer, 3);
    write_platform(&writer, &terms->platform);
    return writer_end(&writer);
}

static struct sgx_signer read_signer(struct reader *reader)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(SIGNER_FIELDS), FIELDS_TO(SIGNER_FIELDS));
    struct sgx_signer signer = {.product = 0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            signer.mr_signer = read_fixed(reader, HASH_SIZE);
        else if (key == 2)
            signer.product = (uint16_t)read_uint(reader, 0, UINT16_MAX);
        else
            signer.min_svn = (uint16_t)read_uint(reader, 0, UINT16_MAX);
    }
    return signer;
}

static void read_signers(struct reader *reader, struct sgx_terms *out)
{
    out->signer_count = read_array(reader, 0, SGX_SIGNERS_MAX);
    for (uint32_t i = 0; i < out->signer_count; i++)
        out->signers[i] = read_signer(reader);
    read_close(reader);
}

enum status sgx_terms_decode(struct view bytes, struct sgx_terms *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(SGX_FIELDS), FIELDS_TO(SGX_FIELDS));
    struct sgx_terms terms = {.signer_count = 0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key == 1)
            read_allowed(&reader, HASH_SIZE, HASH_SIZE, &terms.mr_enclave);
        else if (key == 2)
            read_signers(&reader, &terms);
        else
            read_platform(&reader, &terms.platform);
    }
    refuse_any(&reader, &terms.mr_enclave);
    if (terms.signer_count == 0)
        refuse_none(&reader, &terms.mr_enclave);
    TRY(reader_end(&reader));
    *out = terms;
    return STATUS_OK;
}

enum status sgx_check_rules(struct view rules)
{
    struct sgx_terms ignored;

    return sgx_terms_decode(rules, &ignored);
}

/* ---- TDX ---- */

enum status tdx_terms_encode(const struct tdx_terms *terms, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, TDX_FIELDS);
    write_uint(&writer, 1);
    write_allowed(&writer, &terms->mr_td);
    write_uint(&writer, 2);
    write_array(&writer, DCAP_RTMRS);
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        write_allowed(&writer, &terms->rtmr[i]);
    write_uint(&writer, 3);
    write_allowed(&writer, &terms->mr_config_id);
    write_uint(&writer, 4);
    write_allowed(&writer, &terms->mr_owner);
    write_uint(&writer, 5);
    write_allowed(&writer, &terms->mr_owner_config);
    write_uint(&writer, 6);
    write_uint(&writer, terms->attributes_allowed);
    write_uint(&writer, 7);
    write_uint(&writer, terms->attributes_required);
    write_uint(&writer, 8);
    write_fixed(&writer, VIEW_OF(terms->min_tee_tcb_svn), DCAP_SVN_SIZE);
    write_uint(&writer, 9);
    write_platform(&writer, &terms->platform);
    return writer_end(&writer);
}

/* Of 48 bytes each. Where none would do, no domain would. */
static void read_measurements(struct reader *reader, struct allowed *out)
{
    read_allowed(reader, DCAP_MEASUREMENT, DCAP_MEASUREMENT, out);
    refuse_none(reader, out);
}

static void read_rtmrs(struct reader *reader, struct tdx_terms *out)
{
    (void)read_array(reader, DCAP_RTMRS, DCAP_RTMRS);
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        read_measurements(reader, &out->rtmr[i]);
    read_close(reader);
}

static uint64_t read_attributes(struct reader *reader)
{
    const uint64_t attributes = read_uint(reader, 0, UINT64_MAX);

    if ((attributes & ~ATTRIBUTES) != 0)
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    return attributes;
}

/* What is measured: fields 1 to 5. */
static void read_identity(struct reader *reader, int64_t key, struct tdx_terms *out)
{
    switch (key) {
    case 1:
        read_measurements(reader, &out->mr_td);
        refuse_any(reader, &out->mr_td);
        break;
    case 2:
        read_rtmrs(reader, out);
        break;
    case 3:
        read_measurements(reader, &out->mr_config_id);
        break;
    case 4:
        read_measurements(reader, &out->mr_owner);
        break;
    case 5:
        read_measurements(reader, &out->mr_owner_config);
        break;
    }
}

/* How and where it runs: fields 6 to 9. */
static void read_surroundings(struct reader *reader, int64_t key, struct tdx_terms *out)
{
    switch (key) {
    case 6:
        out->attributes_allowed = read_attributes(reader);
        break;
    case 7:
        out->attributes_required = read_attributes(reader);
        break;
    case 8:
        read_bytes_into(reader, out->min_tee_tcb_svn, DCAP_SVN_SIZE);
        break;
    case 9:
        read_platform(reader, &out->platform);
        break;
    }
}

enum status tdx_terms_decode(struct view bytes, struct tdx_terms *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(TDX_FIELDS), FIELDS_TO(TDX_FIELDS));
    struct tdx_terms terms = {.attributes_allowed = 0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key <= 5)
            read_identity(&reader, key, &terms);
        else
            read_surroundings(&reader, key, &terms);
    }
    if ((terms.attributes_required & ~terms.attributes_allowed) != 0)
        reader_fail(&reader, STATUS_OUT_OF_RANGE);
    TRY(reader_end(&reader));
    *out = terms;
    return STATUS_OK;
}

enum status tdx_check_rules(struct view rules)
{
    struct tdx_terms ignored;

    return tdx_terms_decode(rules, &ignored);
}
