/* Every way in which an update is refused: its own reason, told in the receipt, counted, and the sum as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "federation_private.h"
#include "tensor.h"
#include "writer.h"

#define COUNT 700

static struct federation federation;
static struct member sender, other;
static float values[COUNT];

/* One counted update, so that a disturbed sum would show, and a second sender whose updates are refused. */
static void start(void)
{
    struct federation_options options = {.min_cohort = 2, .max_packet = 1024};

    memset(&sender, 0, sizeof sender);
    memset(&other, 0, sizeof other);
    for (int i = 0; i < COUNT; i++)
        values[i] = (float)i / 1024;
    federation_start(&federation, &options);
    assert_int_equal(member_enrol(&federation, &sender, "sender", NULL, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &other, "other", NULL, NULL), STATUS_OK);
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(federation_start_rounds(&federation, 2, 3), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(member_update(&federation, &other, values, COUNT, 10), STATUS_OK);
}

/* Digest of what the round would release: the sum, seen from outside. */
static void released(uint8_t digest[32])
{
    struct record record;

    federation.now += 600;
    assert_int_equal(member_update(&federation, &sender, values, COUNT, 10), STATUS_OK);
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(record.counted, 2);
    assert_int_equal(record.samples, 20);
    memcpy(digest, record.model.ptr, 32);
}

/* Changes of the update before it is sealed. */
static void zero_samples(struct update_draft *d)
{
    d->update.samples = 0;
}
static void too_many_samples(struct update_draft *d)
{
    d->update.samples = 1001;
}
static void most_samples(struct update_draft *d)
{
    d->update.samples = UINT32_MAX;
}
static void metric_too_heavy(struct update_draft *d)
{
    d->update.metrics.list[0].weight = 1001;
}
static void wrong_base(struct update_draft *d)
{
    d->update.base = VIEW_OF(federation.policy_digest);
}
static void wrong_inner_round(struct update_draft *d)
{
    d->update.round++;
}
static void wrong_topic_round(struct update_draft *d)
{
    d->topic_round++;
}
static void wrong_inner_boot(struct update_draft *d)
{
    d->update.boot_id = VIEW_OF(sender.cti);
}
static void foreign_boot(struct update_draft *d)
{
    d->boot_id_in_sender[0] ^= 1;
}
static void other_role(struct update_draft *d)
{
    d->role_in_sender = ROLE_SERVER;
}
static void longer_life(struct update_draft *d)
{
    d->expires_in_sender = sender.expires + 1;
}
static void evaluated(struct update_draft *d)
{
    d->update.task = TASK_EVALUATE;
    d->update.tensor_count = 0;
    d->update.tensors = (struct view){NULL, 0};
}

static void put_value(struct update_draft *d, uint32_t bits)
{
    write_le32(d->tensors + d->update.tensors.len - 4, bits);
}
static void last_is_nan(struct update_draft *d)
{
    put_value(d, 0x7fc00000);
}
static void last_is_infinite(struct update_draft *d)
{
    put_value(d, 0xff800000);
}
static void last_is_sixteen(struct update_draft *d)
{
    put_value(d, 0x41800000);
}

static void write_tensors(struct update_draft *d, const uint64_t *counts, uint32_t n)
{
    struct buf tensors = BUF_OF(d->tensors);
    struct writer writer = writer_to(&tensors);

    for (uint32_t i = 0; i < n; i++) {
        write_tensor_head(&writer, TENSOR_F32, counts[i]);
        memset(tensors.ptr + tensors.len, 0, 4 * (size_t)counts[i]);
        tensors.len += 4 * (size_t)counts[i];
    }
    d->update.tensors = buf_view(&tensors);
    d->update.tensor_count = n;
}
static void one_value_less(struct update_draft *d)
{
    write_tensors(d, (uint64_t[]){COUNT - 1}, 1);
}
static void one_value_more(struct update_draft *d)
{
    write_tensors(d, (uint64_t[]){COUNT + 1}, 1);
}
static void two_tensors(struct update_draft *d)
{
    write_tensors(d, (uint64_t[]){COUNT / 2, COUNT / 2}, 2);
}

/* Changes of the chunks after they are sealed. */
static void swap(struct update_draft *d, uint32_t a, uint32_t b)
{
    struct buf kept = d->chunks[a];
    d->chunks[a] = d->chunks[b];
    d->chunks[b] = kept;
}
static void last_chunk_missing(struct update_draft *d)
{
    d->count--;
}
static void middle_chunk_missing(struct update_draft *d)
{
    swap(d, 1, d->count - 1);
    d->count--;
}
static void first_chunk_missing(struct update_draft *d)
{
    swap(d, 0, d->count - 1);
    d->count--;
}
static void chunks_reordered(struct update_draft *d)
{
    swap(d, 1, 2);
}
static void chunk_repeated(struct update_draft *d)
{
    memcpy(d->chunks[2].ptr, d->chunks[1].ptr, d->chunks[1].len);
    d->chunks[2].len = d->chunks[1].len;
}
static void chunk_too_many(struct update_draft *d)
{
    struct buf *last = &d->chunks[d->count];
    *last = (struct buf){.ptr = malloc(2048), .cap = 2048};
    assert_int_equal(buf_append(last, buf_view(&d->chunks[0])), STATUS_OK);
    d->count++;
}
static void chunk_of_another_update(struct update_draft *d)
{
    struct update_draft *second = member_draft(&federation, values, COUNT, 10);
    member_seal(&federation, &sender, second, (struct view){NULL, 0});
    memcpy(d->chunks[1].ptr, second->chunks[1].ptr, second->chunks[1].len);
    d->chunks[1].len = second->chunks[1].len;
    draft_free(second);
}
static void tag_turned(struct update_draft *d)
{
    d->chunks[1].ptr[d->chunks[1].len - 1] ^= 1;
}
static void chunk_cut(struct update_draft *d)
{
    d->chunks[1].len--;
}
static void chunk_is_nothing(struct update_draft *d)
{
    d->chunks[0].len = 1;
}

/* Seals chunks anew under a head that says something else, with the device's own key. */
static void reseal(struct update_draft *d, uint32_t from, uint32_t to, void (*say)(struct cose_encrypt0 *head))
{
    for (uint32_t i = from; i < to; i++) {
        uint8_t plain_bytes[2048], iv[AEAD_NONCE_MAX] = {9};
        struct buf plain = BUF_OF(plain_bytes), *chunk = &d->chunks[i], fresh = {malloc(4096), 0, 4096};
        struct place place = place_of(&federation, view_of_string(sender.name));
        struct cose_encrypt0 head;

        place.round = d->topic_round;
        assert_int_equal(cose_encrypt0_decode(buf_view(chunk), &head), STATUS_OK);
        assert_int_equal(bind_open0(PURPOSE_UPDATE, &place, VIEW_OF(sender.update_key), &head, &plain), STATUS_OK);
        head.iv = (struct view){iv, aead_nonce_size(head.alg)};
        say(&head);
        assert_int_equal(
            bind_seal0(PURPOSE_UPDATE, &place, VIEW_OF(sender.update_key), &head, buf_view(&plain), &fresh), STATUS_OK);
        free(chunk->ptr);
        *chunk = fresh;
    }
}
static void say_shorter_kid(struct cose_encrypt0 *head)
{
    head->kid.len--;
}
static void say_no_chunk(struct cose_encrypt0 *head)
{
    head->chunk.transfer = (struct view){NULL, 0};
}
static void say_other_alg(struct cose_encrypt0 *head)
{
    head->alg = AEAD_CHACHA20_POLY1305;
    head->iv.len = aead_nonce_size(head->alg);
}
static void say_other_kid(struct cose_encrypt0 *head)
{
    head->kid = VIEW_OF(other.cti);
}
static void say_other_sender(struct cose_encrypt0 *head)
{
    static uint8_t bytes[128];
    struct buf said = BUF_OF(bytes);

    assert_int_equal(buf_append(&said, head->sender), STATUS_OK);
    bytes[said.len - 1] ^= 1; /* the last of the identity */
    head->sender = buf_view(&said);
}
static void say_other_count(struct cose_encrypt0 *head)
{
    head->chunk.count++;
}
static void say_other_total(struct cose_encrypt0 *head)
{
    head->chunk.total--;
}
static void say_endless_total(struct cose_encrypt0 *head)
{
    head->chunk.total = UINT64_MAX;
}
static void first_kid_shorter(struct update_draft *d)
{
    reseal(d, 0, 1, say_shorter_kid);
}
static void first_is_no_chunk(struct update_draft *d)
{
    reseal(d, 0, 1, say_no_chunk);
}
static void second_of_other_alg(struct update_draft *d)
{
    reseal(d, 1, 2, say_other_alg);
}
static void second_of_other_kid(struct update_draft *d)
{
    reseal(d, 1, 2, say_other_kid);
}
static void second_of_other_sender(struct update_draft *d)
{
    reseal(d, 1, 2, say_other_sender);
}
static void second_of_other_count(struct update_draft *d)
{
    reseal(d, 1, 2, say_other_count);
}
static void second_of_other_total(struct update_draft *d)
{
    reseal(d, 1, 2, say_other_total);
}
static void all_of_a_larger_count(struct update_draft *d)
{
    reseal(d, 0, d->count, say_other_count);
}
static void all_of_a_smaller_total(struct update_draft *d)
{
    reseal(d, 0, d->count, say_other_total);
}
static void all_of_an_endless_total(struct update_draft *d)
{
    reseal(d, 0, d->count, say_endless_total);
}

typedef void change(struct update_draft *draft);

static const struct refusal_case {
    const char *why;
    change *before, *after;
    enum status want;
    bool silent; /* no receipt that this device could open: it is not enrolled as what it says */
} cases[] = {
    {"zero samples", zero_samples, NULL, STATUS_NO_SAMPLES, false},
    {"one sample too many", too_many_samples, NULL, STATUS_TOO_MANY_SAMPLES, false},
    {"four billion samples", most_samples, NULL, STATUS_TOO_MANY_SAMPLES, false},
    {"a metric of too many samples", metric_too_heavy, NULL, STATUS_TOO_MANY_SAMPLES, false},
    {"another base model", wrong_base, NULL, STATUS_WRONG_BASE, false},
    {"another round inside", wrong_inner_round, NULL, STATUS_WRONG_ROUND, false},
    {"a round that is not open", wrong_topic_round, NULL, STATUS_WRONG_ROUND, false},
    {"another boot inside", wrong_inner_boot, NULL, STATUS_CREDENTIAL_FOREIGN, false},
    {"a credential of another boot", foreign_boot, NULL, STATUS_CREDENTIAL_FOREIGN, true},
    {"a role that it was not given: another key", other_role, NULL, STATUS_CREDENTIAL_ROLE, true},
    {"a life that it was not given: another key", longer_life, NULL, STATUS_FORGED, true},
    {"evaluated where training was asked", evaluated, NULL, STATUS_WRONG_TASK, false},
    {"NaN", last_is_nan, NULL, STATUS_NOT_FINITE, false},
    {"minus infinity", last_is_infinite, NULL, STATUS_NOT_FINITE, false},
    {"16", last_is_sixteen, NULL, STATUS_VALUE_RANGE, false},
    {"one value less", one_value_less, NULL, STATUS_WRONG_SHAPE, false},
    {"one value more", one_value_more, NULL, STATUS_WRONG_SHAPE, false},
    {"two tensors for one", two_tensors, NULL, STATUS_WRONG_SHAPE, false},
    {"last chunk missing", NULL, last_chunk_missing, STATUS_CHUNK_MISSING, false},
    {"middle chunk missing", NULL, middle_chunk_missing, STATUS_CHUNK_MISSING, false},
    {"first chunk missing", NULL, first_chunk_missing, STATUS_CHUNK_MISSING, false},
    {"chunks reordered", NULL, chunks_reordered, STATUS_CHUNK_ORDER, false},
    {"chunk repeated", NULL, chunk_repeated, STATUS_CHUNK_REPEATED, false},
    {"chunk too many", NULL, chunk_too_many, STATUS_CHUNK_REPEATED, false},
    {"chunk of another update", NULL, chunk_of_another_update, STATUS_CHUNK_MIXED, false},
    {"a credential's name cut short", NULL, first_kid_shorter, STATUS_MALFORMED, true},
    {"a first message that is no chunk", NULL, first_is_no_chunk, STATUS_MALFORMED, true},
    {"a chunk under another algorithm", NULL, second_of_other_alg, STATUS_CHUNK_MIXED, false},
    {"a chunk under another credential", NULL, second_of_other_kid, STATUS_CHUNK_MIXED, false},
    {"a chunk of another program", NULL, second_of_other_sender, STATUS_CHUNK_MIXED, false},
    {"a chunk of more", NULL, second_of_other_count, STATUS_CHUNK_MIXED, false},
    {"a chunk of less bytes", NULL, second_of_other_total, STATUS_CHUNK_MIXED, false},
    {"one chunk more announced than sent", NULL, all_of_a_larger_count, STATUS_CHUNK_MISSING, false},
    {"one byte less announced than sent", NULL, all_of_a_smaller_total, STATUS_TRUNCATED, false},
    {"more announced than there is room for", NULL, all_of_an_endless_total, STATUS_NO_SPACE, false},
    {"tag turned", NULL, tag_turned, STATUS_FORGED, false},
    {"chunk cut short", NULL, chunk_cut, STATUS_TRUNCATED, false},
    {"no chunk at all in the first", NULL, chunk_is_nothing, STATUS_TRUNCATED, true},
};

static void refuse(const struct refusal_case *refusal)
{
    struct update_draft *draft = member_draft(&federation, values, COUNT, 10);
    struct gate_status before = federation_status(&federation), after;
    struct receipt receipt;

    print_message("  %s\n", refusal->why);
    if (refusal->before != NULL)
        refusal->before(draft);
    member_seal(&federation, &sender, draft, (struct view){NULL, 0});
    if (refusal->after != NULL)
        refusal->after(draft);
    assert_int_equal(member_send(&federation, &sender, draft, &receipt), refusal->want);
    if (refusal->silent)
        assert_int_equal(receipt.reason, STATUS_OK); /* nothing was received */
    else
        assert_int_equal(receipt.reason, refusal->want);
    draft_free(draft);
    after = federation_status(&federation);
    assert_int_equal(after.counted, before.counted);
    uint64_t count_before = 0, count_after = 0;
    for (uint32_t i = 0; i < before.refusals.count; i++)
        count_before += before.refusals.list[i].reason == refusal->want ? before.refusals.list[i].count : 0;
    for (uint32_t i = 0; i < after.refusals.count; i++)
        count_after += after.refusals.list[i].reason == refusal->want ? after.refusals.list[i].count : 0;
    assert_int_equal(count_after, count_before + 1);
}

static void each_refusal_has_its_reason_and_leaves_the_sum_as_it_was(void **state)
{
    (void)state;
    uint8_t clean[32], dirty[32];

    start();
    released(clean);
    federation_end(&federation);
    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        refuse(&cases[i]);
    released(dirty);
    assert_memory_equal(clean, dirty, sizeof clean);
    federation_end(&federation);
}

static void a_second_update_of_a_device_is_refused(void **state)
{
    (void)state;
    struct update_draft *draft;
    struct receipt receipt;

    start();
    draft = member_draft(&federation, values, COUNT, 10);
    member_seal(&federation, &sender, draft, (struct view){NULL, 0});
    assert_int_equal(member_send(&federation, &sender, draft, &receipt), STATUS_OK);
    assert_int_equal(receipt.round, 1);
    assert_int_equal(member_send(&federation, &sender, draft, &receipt), STATUS_ALREADY_COUNTED);
    assert_int_equal(receipt.reason, STATUS_ALREADY_COUNTED);
    draft_free(draft);
    assert_int_equal(member_update(&federation, &sender, values, COUNT, 10), STATUS_ALREADY_COUNTED);
    assert_int_equal(federation_status(&federation).counted, 2);
    federation_end(&federation);
}

/* The target is what the owner asked for, the capacity what the policy bounds: neither is passed. */
static void nobody_is_counted_past_the_target(void **state)
{
    (void)state;
    for (uint32_t most = 2; most <= 3; most++) {
        struct federation_options options = {.max_packet = 1024, .max_cohort = most};
        struct member late = {.alg = 0};
        struct record record;

        memset(&sender, 0, sizeof sender);
        memset(&other, 0, sizeof other);
        federation_start(&federation, &options);
        assert_int_equal(member_enrol(&federation, &sender, "sender", NULL, NULL), STATUS_OK);
        assert_int_equal(member_enrol(&federation, &other, "other", NULL, NULL), STATUS_OK);
        assert_int_equal(member_enrol(&federation, &late, "late", NULL, NULL), STATUS_OK);
        federation_put_model(&federation, values, COUNT);
        assert_int_equal(federation_start_rounds(&federation, 1, 2), STATUS_OK);
        federation_open_round(&federation);
        assert_int_equal(member_update(&federation, &sender, values, COUNT, 10), STATUS_OK);
        assert_int_equal(member_update(&federation, &other, values, COUNT, 10), STATUS_OK);
        assert_int_equal(member_update(&federation, &late, values, COUNT, 10), STATUS_COHORT_FULL);
        assert_int_equal(member_update(&federation, &sender, values, COUNT, 10), STATUS_ALREADY_COUNTED);
        assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
        assert_int_equal(record.counted, 2);
        federation_end(&federation);
    }
}

static void an_expired_credential_counts_no_more(void **state)
{
    (void)state;
    start();
    federation.now = sender.expires - 1;
    struct update_draft *draft = member_draft(&federation, values, COUNT, 10);
    member_seal(&federation, &sender, draft, (struct view){NULL, 0});
    federation.now = sender.expires;
    assert_int_equal(member_send(&federation, &sender, draft, NULL), STATUS_CREDENTIAL_EXPIRED);
    /* Time never goes back: a host that turns its clock does not bring the credential to life again. */
    federation.now = FEDERATION_NOW;
    assert_int_equal(member_send(&federation, &sender, draft, NULL), STATUS_CREDENTIAL_EXPIRED);
    draft_free(draft);
    federation_end(&federation);
}

static void the_key_of_one_device_does_not_serve_another(void **state)
{
    (void)state;
    struct member thief;
    struct update_draft *draft;

    start();
    thief = sender;
    strcpy(thief.name, "stranger"); /* another topic, the same keys */
    draft = member_draft(&federation, values, COUNT, 10);
    member_seal(&federation, &thief, draft, (struct view){NULL, 0});
    assert_int_equal(member_send(&federation, &thief, draft, NULL), STATUS_FORGED);
    draft_free(draft);
    federation_end(&federation);
}

static void every_turned_byte_of_a_sealed_update_is_refused(void **state)
{
    (void)state;
    struct update_draft *draft;

    start();
    draft = member_draft(&federation, values, COUNT, 10);
    member_seal(&federation, &sender, draft, (struct view){NULL, 0});
    for (uint32_t c = 0; c < draft->count; c++)
        for (size_t i = 0; i < draft->chunks[c].len; i++) {
            draft->chunks[c].ptr[i] ^= 0x01;
            assert_int_not_equal(member_send(&federation, &sender, draft, NULL), STATUS_OK);
            draft->chunks[c].ptr[i] ^= 0x01;
        }
    assert_int_equal(federation_status(&federation).counted, 1);
    assert_int_equal(member_send(&federation, &sender, draft, NULL), STATUS_OK);
    draft_free(draft);
    federation_end(&federation);
}

/* Plaintexts that a device with a good key may seal and that are no update. */
static void what_is_no_update_is_refused_by_its_fault(void **state)
{
    (void)state;
    static const uint8_t deep[] = {0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x00};
    static const uint8_t bomb[] = {0x9a, 0xff, 0xff, 0xff, 0xff},
                         map_bomb[] = {0xbb, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
    static const uint8_t longer_head[] = {0xa6, 0x01, 0x18, 0x01};
    static const struct {
        const char *why;
        struct view plain;
    } plains[] = {
        {"deeply nested", {deep, sizeof deep}},
        {"an array of four billion in five bytes", {bomb, sizeof bomb}},
        {"a map of a lie", {map_bomb, sizeof map_bomb}},
        {"a head that is not shortest", {longer_head, sizeof longer_head}},
        {"one byte", {bomb, 1}},
    };
    static uint8_t encoded[1 << 16];
    struct buf whole = BUF_OF(encoded);

    start();
    for (size_t i = 0; i < ARRAY_LEN(plains); i++) {
        struct update_draft *draft = member_draft(&federation, values, COUNT, 10);
        print_message("  %s\n", plains[i].why);
        member_seal(&federation, &sender, draft, plains[i].plain);
        assert_in_range(member_send(&federation, &sender, draft, NULL), STATUS_MALFORMED, STATUS_UNSUPPORTED);
        draft_free(draft);
    }
    struct update_draft *good = member_draft(&federation, values, COUNT, 10);
    assert_int_equal(update_encode(&good->update, &whole), STATUS_OK);
    for (size_t len = 1; len <= whole.len + 1;
         len += len < 200 ? 1 : 113) { /* cut at every length; one byte too long */
        struct update_draft *draft = member_draft(&federation, values, COUNT, 10);
        if (len == whole.len) {
            draft_free(draft);
            continue;
        }
        member_seal(&federation, &sender, draft, (struct view){encoded, len});
        assert_in_range(member_send(&federation, &sender, draft, NULL), STATUS_MALFORMED, STATUS_UNSUPPORTED);
        draft_free(draft);
    }
    draft_free(good);
    assert_int_equal(federation_status(&federation).counted, 1);
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_has_its_reason_and_leaves_the_sum_as_it_was),
        cmocka_unit_test(a_second_update_of_a_device_is_refused),
        cmocka_unit_test(nobody_is_counted_past_the_target),
        cmocka_unit_test(an_expired_credential_counts_no_more),
        cmocka_unit_test(the_key_of_one_device_does_not_serve_another),
        cmocka_unit_test(every_turned_byte_of_a_sealed_update_is_refused),
        cmocka_unit_test(what_is_no_update_is_refused_by_its_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
