/* The assembly against a plain model of it, by random steps from a seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "assembly_desk.h"
#include "cose.h"

#define SENDERS 6
#define CHUNKS  20

/* A plain model of one sender, for the random test. */
struct sender {
    uint8_t transfer;
    uint32_t count;
    bool offered, admitted, finished, have[CHUNKS];
    uint64_t moved;
    unsigned int grants, wholes;
};

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* After a call: was it granted or completed as the model says? */
static void compare(const struct desk *desk, struct sender *sender, char name)
{
    const struct heard *heard = &desk->heard[(uint8_t)name];
    bool all = true;

    for (uint32_t i = 0; i < sender->count; i++)
        all = all && sender->have[i];
    if (heard->grants > sender->grants)
        for (uint32_t i = 0; i < sender->count; i++)
            assert_int_equal(heard->bitmap[i / 8] >> i % 8 & 1, !sender->have[i]);
    sender->grants = heard->grants;
    assert_int_equal(heard->wholes, sender->wholes + (sender->admitted && !sender->finished && all));
    sender->finished = sender->finished || heard->wholes > sender->wholes;
    sender->wholes = heard->wholes;
}

static void random_send(struct desk *desk, struct sender *sender, char name, uint32_t dice, uint64_t now)
{
    const struct heard *heard = &desk->heard[(uint8_t)name];
    unsigned int grants = heard->grants, wholes = heard->wholes;
    uint32_t index;

    if (!sender->offered || dice % 50 == 0)
        *sender = (struct sender){.transfer = (uint8_t)(sender->transfer + 1),
                                  .count = 1 + dice / 64 % CHUNKS,
                                  .grants = sender->grants,
                                  .wholes = sender->wholes};
    index = sender->offered && dice % 8 != 0 ? dice / 64 % sender->count : 0;
    assert_int_equal(desk_send(desk, name, sender->transfer, index, sender->count, now), STATUS_OK);
    if (!sender->offered)
        sender->moved = now;
    sender->offered = true;
    /* Admitted by this call when it was granted or whole at once. */
    sender->admitted = sender->admitted || heard->grants > grants || heard->wholes > wholes;
    if (sender->admitted && !sender->finished && !sender->have[index]) {
        sender->have[index] = true;
        sender->moved = now;
    }
    compare(desk, sender, name);
}

static void random_tick(struct desk *desk, struct sender senders[static SENDERS], uint64_t now)
{
    assembly_tick(desk->assembly, now);
    for (int i = 0; i < SENDERS; i++) {
        const struct heard *heard = &desk->heard['a' + i];
        if (senders[i].offered && !senders[i].finished && now > senders[i].moved + ASSEMBLY_GIVE_UP_S)
            senders[i].offered = false;
        if (senders[i].offered && !senders[i].admitted && heard->grants > senders[i].grants) {
            senders[i].admitted = true;
            senders[i].moved = now;
        }
        compare(desk, &senders[i], (char)('a' + i));
    }
}

static void agrees_with_a_plain_model_for_ten_thousand_random_steps(void **state)
{
    const size_t memory = 2 * CHUNKS * (DESK_CHUNK_BYTES + COSE_OVERHEAD_MAX + sizeof(struct view));
    struct sender senders[SENDERS] = {0};
    struct desk desk;
    uint64_t seed = 42, now = 1000;
    unsigned int wholes = 0, waited = 0;

    (void)state;
    desk_open(&desk, memory, SENDERS);
    for (int step = 0; step < 10000; step++) {
        uint32_t dice = next_random(&seed), who = dice % SENDERS;
        if (dice / 8 % 40 == 0)
            random_tick(&desk, senders, now += dice % 11 == 0 ? 30 : 1);
        else
            random_send(&desk, &senders[who], (char)('a' + who), next_random(&seed), now);
        assert_true(assembly_memory(desk.assembly) <= memory);
        for (int i = 0; i < SENDERS; i++)
            waited += senders[i].offered && !senders[i].admitted;
    }
    for (int i = 0; i < SENDERS; i++)
        wholes += senders[i].wholes;
    assert_true(wholes > 50 && waited > 50); /* the steps led somewhere */
    assembly_free(&desk.assembly);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_plain_model_for_ten_thousand_random_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
