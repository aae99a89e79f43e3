/* tee_world.c: see tee_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tee_world.h"

#define DEVICES    2
#define PARAMETERS 8
#define PUBLISHED  (1 << 18)

static const char *const file_names[ENDORSEMENTS_MAX] = {"0", "1", "2",  "3",  "4",  "5",  "6",  "7",
                                                         "8", "9", "10", "11", "12", "13", "14", "15"};

void tee_world_start(struct world *world, const struct tee_plan *plan)
{
    const struct federation_options options = {
        .min_cohort = DEVICES,
        .max_packet = PUBLISHED,
        .now = plan->now,
        .aggregator = {plan->kind, plan->rules},
        .attest = plan->attest,
        .attest_ctx = plan->attest_ctx,
    };

    world_start(world, &options);
    world->collateral = plan->collateral;
    memcpy(world->collateral_files, file_names, sizeof file_names);
    assert_int_equal(host_reload(world->host, world->federation.now), STATUS_OK);
    world_run(world, 1);
}

struct bundle tee_world_bundle(const struct world *world)
{
    struct bundle bundle;

    assert_int_equal(bundle_decode(world_retained(world, TEE_WORLD_EVIDENCE), &bundle), STATUS_OK);
    return bundle;
}

void tee_world_publish(struct world *world, const struct bundle *bundle)
{
    struct buf encoded = {.ptr = malloc(PUBLISHED), .cap = PUBLISHED};

    assert_non_null(encoded.ptr);
    assert_int_equal(bundle_encode(bundle, &encoded), STATUS_OK);
    world_inject(world, TEE_WORLD_EVIDENCE, buf_view(&encoded), true);
    free(encoded.ptr);
}

/* The account of that name, or false when none was kept. */
static bool read_account(const struct world_node *node, const char *key, struct account *out)
{
    for (size_t i = 0; i < ARRAY_LEN(node->kept); i++)
        if (strcmp(node->kept[i].key, key) == 0 && node->kept[i].size > 0) {
            assert_int_equal(account_decode((struct view){node->kept[i].bytes, node->kept[i].size}, out), STATUS_OK);
            return true;
        }
    return false;
}

static void take_trust(const struct world_node *node, const struct account *account, struct tee_verdict *out)
{
    assert_int_equal(account->verdict, STATUS_OK);
    assert_true(account->authentic && !account->simulated && account->boot_id.len > 0);
    assert_int_equal(node->distrusted, 0);
    assert_int_equal(node->enrolled, 1);
    assert_null(strstr(node->events, "appraisal "));
    out->until = account->not_after;
}

/* The event must name the check, the reason and the date that stand in the account. Without a check there is none. */
static void take_refusal(const struct world_node *node, const struct account *account, struct tee_verdict *out)
{
    char wanted[256];

    out->reason = account->verdict;
    out->until = account->not_after;
    assert_int_not_equal(account->verdict, STATUS_OK);
    assert_int_equal(account->boot_id.len, 0); /* nothing that the enclave says is believed */
    assert_int_equal(node->enrolled, 0);
    assert_true(node->distrusted > 0);
    for (uint32_t i = 0; i < account->check_count && out->check[0] == '\0'; i++)
        if (account->checks[i].outcome == CHECK_FAILED) {
            assert_int_equal(account->checks[i].reason, account->verdict);
            snprintf(out->check, sizeof out->check, "%.*s", (int)account->checks[i].name.len,
                     (const char *)account->checks[i].name.ptr);
        }
    if (out->check[0] == '\0') {
        assert_null(strstr(node->events, "appraisal "));
        return;
    }
    snprintf(wanted, sizeof wanted, "appraisal kind=%.*s failed=\"%s\" reason=%s until=%llu\n", (int)account->kind.len,
             (const char *)account->kind.ptr, out->check, status_name(account->verdict),
             (unsigned long long)account->not_after);
    if (strstr(node->events, wanted) == NULL)
        fail_msg("%s: no event %s among:\n%s", node->name, wanted, node->events);
}

static struct tee_verdict verdict_of(const struct world_node *node)
{
    struct tee_verdict verdict = {.reason = STATUS_OK};
    struct account trust, refusal;
    const bool trusts = read_account(node, ACCOUNT_TRUST, &trust),
               refuses = read_account(node, ACCOUNT_REFUSAL, &refusal);

    assert_true(trusts != refuses);
    if (trusts)
        take_trust(node, &trust, &verdict);
    else
        take_refusal(node, &refusal, &verdict);
    return verdict;
}

struct tee_verdict tee_world_judge(struct world *world)
{
    const struct world_node *node;
    char name[16];

    snprintf(name, sizeof name, "node-%u", world->node_count);
    node = world_add(world, name, NULL);
    world_run(world, 3);
    return verdict_of(node);
}

void tee_world_round(struct world *world)
{
    static const float values[PARAMETERS];

    assert_int_equal(world->node_count, 1);
    assert_int_equal(tee_world_judge(world).reason, STATUS_OK);
    federation_new_challenge(&world->federation);
    federation_put_model(&world->federation, values, PARAMETERS);
    world_keep_state(world);
    assert_int_equal(federation_start_rounds(&world->federation, 1, DEVICES), STATUS_OK);
    world_run(world, 10);
    assert_int_equal(world->kept_rounds, 1);
    for (unsigned int i = 0; i < DEVICES; i++) {
        assert_int_equal(world->nodes[i].counted, 1);
        assert_int_equal(world->nodes[i].records, 1);
    }
    assert_int_equal(federation_status(&world->federation).refusals.count, 0);
}
