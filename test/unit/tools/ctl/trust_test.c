/* trust_test.c: whom the owner's tool trusts. PROTOCOL.md sections 3, 16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto_support.h"
#include "sim.h"
#include "trust.h"

#define NOW 1795000000u

/* What a bundle is made of; a case changes one thing. */
struct making {
    const char *federation, *aggregator; /* of the claims */
    const char *measured_federation;     /* of the evidence */
    uint64_t policy_not_after, issued;
    uint8_t measurement;
    bool other_owner, other_root, other_claims, other_policy;
};

static const struct making good = {
    .federation = "home",
    .aggregator = "gateway",
    .measured_federation = "home",
    .policy_not_after = NOW + 1000,
    .issued = NOW - 10,
    .measurement = 5,
};

struct world {
    struct counting_random counting;
    struct random_port random;
    struct p256_key owner, stranger, root, signing, sealing;
    uint8_t bundle_bytes[8192];
    struct buf bundle;
};

static void world_begin(struct world *world)
{
    struct p256_key *const keys[] = {&world->owner, &world->stranger, &world->root, &world->signing, &world->sealing};

    memset(world, 0, sizeof *world);
    world->random = counting_port(&world->counting);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        assert_int_equal(p256_generate(&world->random, keys[i]), STATUS_OK);
    world->bundle = BUF_OF(world->bundle_bytes);
}

static struct view encode_key(const struct p256_key *key, struct buf *out)
{
    assert_int_equal(cose_key_encode(VIEW_OF(key->point), out), STATUS_OK);
    return buf_view(out);
}

static struct view make_policy(struct world *world, const struct making *making, struct buf *out)
{
    uint8_t key_bytes[PUBLIC_KEY_SIZE], rules_bytes[1024], payload_bytes[4096], measurement[DIGEST_SIZE] = {5};
    struct buf key = BUF_OF(key_bytes), rules = BUF_OF(rules_bytes), payload = BUF_OF(payload_bytes);
    const struct sim_rules sim = {
        .root = encode_key(&world->root, &key),
        .count = 1,
        .measurements = {VIEW_OF(measurement)},
        .max_age_s = 3600,
    };
    assert_int_equal(sim_rules_encode(&sim, &rules), STATUS_OK);
    const struct accepted accepted = {VIEW_TEXT(SIM_KIND), buf_view(&rules)};
    const struct policy policy = {
        .federation = VIEW_TEXT("home"),
        .version = 1,
        .not_before = NOW - 1000,
        .not_after = making->policy_not_after,
        .aggregator_count = 1,
        .device_count = 1,
        .aggregator = {accepted},
        .device = {accepted},
        .min_cohort = 2,
        .max_cohort = 10,
        .max_samples = 100,
        .fraction_bits = 27,
        .credential_s = 3600,
        .max_parameters = 1000,
        .alg_count = 1,
        .algs = {AEAD_A256GCM},
        .max_packet = 65536,
        .challenge_s = 600,
    };
    assert_int_equal(policy_encode(&policy, &payload), STATUS_OK);
    assert_int_equal(bind_sign(PURPOSE_POLICY, &(struct place){.federation = VIEW_TEXT("home")},
                               making->other_owner ? &world->stranger : &world->owner, &world->random,
                               buf_view(&payload), out),
                     STATUS_OK);
    return buf_view(out);
}

static struct view make_claims(struct world *world, const struct making *making, struct view policy, struct buf *out)
{
    uint8_t keys[2][PUBLIC_KEY_SIZE], boot_id[BOOT_ID_SIZE] = {3}, digest[DIGEST_SIZE];
    struct buf signing = BUF_OF(keys[0]), sealing = BUF_OF(keys[1]);

    assert_int_equal(sha256(policy, digest), STATUS_OK);
    digest[0] = (uint8_t)(digest[0] ^ (making->other_policy ? 1 : 0));
    const struct enclave_claims claims = {
        .federation = view_of_string(making->federation),
        .aggregator = view_of_string(making->aggregator),
        .boot_id = VIEW_OF(boot_id),
        .signing_key = encode_key(&world->signing, &signing),
        .sealing_key = encode_key(&world->sealing, &sealing),
        .policy_digest = VIEW_OF(digest),
        .booted = NOW - 20,
    };
    assert_int_equal(enclave_claims_encode(&claims, out), STATUS_OK);
    return buf_view(out);
}

static struct view make_evidence(struct world *world, const struct making *making, struct view claims, struct buf *out)
{
    uint8_t nonce[SHA512_SIZE], measurement[DIGEST_SIZE] = {making->measurement};

    assert_int_equal(sha512(claims, nonce), STATUS_OK);
    nonce[0] = (uint8_t)(nonce[0] ^ (making->other_claims ? 1 : 0));
    const struct sim_evidence evidence = {
        .federation = view_of_string(making->measured_federation),
        .expires = making->issued + 3600,
        .issued = making->issued,
        .nonce = VIEW_OF(nonce),
        .measurement = VIEW_OF(measurement),
    };
    assert_int_equal(sim_attest(&evidence, making->other_root ? &world->stranger : &world->root, &world->random, out),
                     STATUS_OK);
    return buf_view(out);
}

static enum status trust(struct world *world, const struct making *making, struct trust *out)
{
    uint8_t bytes[3][4096];
    struct buf policy = BUF_OF(bytes[0]), claims = BUF_OF(bytes[1]), evidence = BUF_OF(bytes[2]);
    struct bundle bundle = {.kind = VIEW_TEXT(SIM_KIND)};
    const struct trust_question question = {VIEW_TEXT("home"), VIEW_TEXT("gateway"), VIEW_OF(world->owner.point), NOW};

    bundle.policy = make_policy(world, making, &policy);
    bundle.claims = make_claims(world, making, bundle.policy, &claims);
    bundle.evidence = make_evidence(world, making, bundle.claims, &evidence);
    world->bundle.len = 0;
    assert_int_equal(bundle_encode(&bundle, &world->bundle), STATUS_OK);
    return trust_bundle(buf_view(&world->bundle), &question, out);
}

static void an_enclave_that_the_policy_accepts_is_trusted_with_the_keys_that_it_binds(void **state)
{
    struct world world;
    struct trust out;

    (void)state;
    world_begin(&world);
    assert_int_equal(trust(&world, &good, &out), STATUS_OK);
    assert_memory_equal(out.signing_point, world.signing.point, P256_POINT_SIZE);
    assert_memory_equal(out.sealing_point, world.sealing.point, P256_POINT_SIZE);
    assert_int_equal(out.boot_id[0], 3);
    assert_int_equal(out.policy.min_cohort, 2);
    assert_true(out.simulated);
}

static struct making changed(size_t which)
{
    struct making making = good;

    switch (which) {
    case 0:
        making.other_owner = true;
        break;
    case 1:
        making.policy_not_after = NOW;
        break;
    case 2:
        making.other_root = true;
        break;
    case 3:
        making.measured_federation = "away";
        break;
    case 4:
        making.other_claims = true;
        break;
    case 5:
        making.issued = NOW - 3600;
        break;
    case 6:
        making.measurement = 6;
        break;
    case 7:
        making.federation = "away";
        break;
    case 8:
        making.aggregator = "other";
        break;
    default:
        making.other_policy = true;
    }
    return making;
}

static void anything_else_is_refused_and_gives_no_key(void **state)
{
    static const struct {
        const char *why;
        enum status want;
    } cases[] = {
        {"a policy by somebody else", STATUS_FORGED},
        {"a policy that is over", STATUS_POLICY_EXPIRED},
        {"evidence by another root", STATUS_EVIDENCE_ROOT},
        {"evidence for another federation", STATUS_EVIDENCE_FEDERATION},
        {"evidence that binds other claims", STATUS_EVIDENCE_BINDING},
        {"evidence that is too old", STATUS_EVIDENCE_EXPIRED},
        {"another program", STATUS_EVIDENCE_MEASUREMENT},
        {"claims of another federation", STATUS_EVIDENCE_FEDERATION},
        {"claims of another aggregator", STATUS_EVIDENCE_FEDERATION},
        {"an enclave under another policy", STATUS_POLICY_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct making making = changed(i);
        struct trust out = {.simulated = false}, before = out;
        struct world world;

        print_message("  %s\n", cases[i].why);
        world_begin(&world);
        assert_int_equal(trust(&world, &making, &out), cases[i].want);
        assert_memory_equal(out.sealing_point, before.sealing_point, P256_POINT_SIZE);
        assert_false(out.simulated);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_enclave_that_the_policy_accepts_is_trusted_with_the_keys_that_it_binds),
        cmocka_unit_test(anything_else_is_refused_and_gives_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
