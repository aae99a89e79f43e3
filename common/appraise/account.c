/* account.c: see account.h. */
#include "account.h"

#include "values.h"

#define FIELDS   16
#define OPTIONAL (FIELD(5) | FIELD(6) | FIELD(12) | FIELD(13))

void account_of(const struct appraisal *appraisal, struct account *account)
{
    account->kind = appraisal->kind;
    account->measurement = appraisal->measurement;
    account->tcb_status =
        appraisal->tcb_status == NULL ? (struct view){NULL, 0} : view_of_string(appraisal->tcb_status);
    account->simulated = appraisal->simulated;
    account->authentic = appraisal->authentic;
    account->debug = appraisal->debug;
    account->not_before = appraisal->not_before;
    account->not_after = appraisal->not_after;
    account->advisory_count = appraisal->advisory_count;
    for (uint32_t i = 0; i < appraisal->advisory_count; i++)
        account->advisories[i] = appraisal->advisories[i];
    account->check_count = appraisal->check_count;
    for (uint32_t i = 0; i < appraisal->check_count; i++) {
        const struct check *check = &appraisal->checks[i];

        account->checks[i] = (struct account_check){view_of_string(check->name), check->outcome, check->reason};
    }
}

/* ---- encoding ---- */

static void write_optional(struct writer *writer, uint64_t key, struct view bytes)
{
    if (bytes.len == 0)
        return;
    write_uint(writer, key);
    write_bytes(writer, bytes);
}

static uint32_t pairs_of(const struct account *account)
{
    const struct view optional[] = {account->boot_id, account->policy_digest, account->measurement,
                                    account->tcb_status};
    uint32_t pairs = FIELDS;

    for (size_t i = 0; i < ARRAY_LEN(optional); i++)
        if (optional[i].len == 0)
            pairs--;
    return pairs;
}

static void write_where(struct writer *writer, const struct account *account)
{
    write_uint(writer, 1);
    write_uint(writer, account->at);
    write_uint(writer, 2);
    write_name(writer, account->aggregator);
    write_uint(writer, 3);
    write_uint(writer, account->verdict);
    write_uint(writer, 4);
    write_fixed(writer, account->evidence_digest, DIGEST_SIZE);
    write_optional(writer, 5, account->boot_id);
    write_optional(writer, 6, account->policy_digest);
    write_uint(writer, 7);
    write_uint(writer, account->policy_version);
}

static void write_found(struct writer *writer, const struct account *account)
{
    write_uint(writer, 8);
    write_kind(writer, account->kind);
    write_uint(writer, 9);
    write_bool(writer, account->simulated);
    write_uint(writer, 10);
    write_bool(writer, account->authentic);
    write_uint(writer, 11);
    write_bool(writer, account->debug);
    write_optional(writer, 12, account->measurement);
    if (account->tcb_status.len > 0) {
        write_uint(writer, 13);
        write_text(writer, account->tcb_status);
    }
    write_uint(writer, 14);
    write_array(writer, 2);
    write_uint(writer, account->not_before);
    write_uint(writer, account->not_after);
}

static void write_lists(struct writer *writer, const struct account *account)
{
    write_uint(writer, 15);
    write_array(writer, account->advisory_count);
    for (uint32_t i = 0; i < account->advisory_count; i++)
        write_text(writer, account->advisories[i]);
    write_uint(writer, 16);
    write_array(writer, account->check_count);
    for (uint32_t i = 0; i < account->check_count; i++) {
        write_array(writer, 3);
        write_text(writer, account->checks[i].name);
        write_uint(writer, account->checks[i].outcome);
        write_uint(writer, account->checks[i].reason);
    }
}

enum status account_encode(const struct account *account, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_map(&writer, pairs_of(account));
    write_where(&writer, account);
    write_found(&writer, account);
    write_lists(&writer, account);
    return writer_end(&writer);
}

/* ---- decoding ---- */

static void read_window(struct reader *reader, struct account *out)
{
    (void)read_array(reader, 2, 2);
    out->not_before = read_uint(reader, 0, INT64_MAX);
    out->not_after = read_uint(reader, 0, INT64_MAX);
    read_close(reader);
}

static void read_advisories(struct reader *reader, struct account *out)
{
    out->advisory_count = read_array(reader, 0, APPRAISAL_ADVISORIES_MAX);
    for (uint32_t i = 0; i < out->advisory_count; i++)
        out->advisories[i] = read_text(reader, 1, ACCOUNT_NAME_MAX);
    read_close(reader);
}

static void read_checks(struct reader *reader, struct account *out)
{
    out->check_count = read_array(reader, 0, APPRAISAL_CHECKS_MAX);
    for (uint32_t i = 0; i < out->check_count; i++) {
        struct account_check *check = &out->checks[i];

        (void)read_array(reader, 3, 3);
        check->name = read_text(reader, 1, ACCOUNT_NAME_MAX);
        check->outcome = (enum check_outcome)read_uint(reader, CHECK_NOT_MADE, CHECK_FAILED);
        check->reason = read_reason(reader);
        read_close(reader);
    }
    read_close(reader);
}

static void read_where(struct reader *reader, int64_t key, struct account *out)
{
    switch (key) {
    case 1:
        out->at = read_time(reader);
        break;
    case 2:
        out->aggregator = read_name(reader);
        break;
    case 3:
        out->verdict = read_reason(reader);
        break;
    case 4:
        out->evidence_digest = read_fixed(reader, DIGEST_SIZE);
        break;
    case 5:
        out->boot_id = read_fixed(reader, BOOT_ID_SIZE);
        break;
    case 6:
        out->policy_digest = read_fixed(reader, DIGEST_SIZE);
        break;
    case 7:
        out->policy_version = read_uint(reader, 0, INT64_MAX);
        break;
    }
}

static void read_found(struct reader *reader, int64_t key, struct account *out)
{
    switch (key) {
    case 8:
        out->kind = read_kind(reader);
        break;
    case 9:
        out->simulated = read_bool(reader);
        break;
    case 10:
        out->authentic = read_bool(reader);
        break;
    case 11:
        out->debug = read_bool(reader);
        break;
    case 12:
        out->measurement = read_bytes(reader, 1, APPRAISAL_MEASUREMENT);
        break;
    case 13:
        out->tcb_status = read_text(reader, 1, ACCOUNT_NAME_MAX);
        break;
    case 14:
        read_window(reader, out);
        break;
    case 15:
        read_advisories(reader, out);
        break;
    case 16:
        read_checks(reader, out);
        break;
    }
}

enum status account_decode(struct view bytes, struct account *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(FIELDS), FIELDS_TO(FIELDS) & ~OPTIONAL);
    struct account account = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        if (key <= 7)
            read_where(&reader, key, &account);
        else
            read_found(&reader, key, &account);
    }
    TRY(reader_end(&reader));
    *out = account;
    return STATUS_OK;
}
