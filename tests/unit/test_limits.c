/* How much and how fast one key or address may ask: buckets with a clock of the test's own. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>

#include "server/loop/limits.h"

static const struct key_id one = {.bytes = {1}}, other = {.bytes = {2}};

static struct limits *make(void)
{
    struct limits_most most = {
        .in_hand = 8, .key_messages = {10,   1000},
             .key_answers = {1000, 2000}
    };
    cr_assert_geq(sodium_init(), 0);
    struct limits *limits = limits_create(&most);
    cr_assert_not_null(limits);
    return limits;
}

static int passed(struct limits *limits, const struct key_id *key, int tries, int64_t now_ms)
{
    int count = 0;
    for (int i = 0; i < tries; i++)
        count += limits_pass(limits, key, now_ms) == STATUS_OK;
    return count;
}

Test(limits, a_key_sends_so_many_a_second)
{
    struct limits *limits = make();
    cr_expect_eq(passed(limits, &one, 30, 5000), 10);
    cr_expect_eq(passed(limits, &other, 30, 5000), 10, "another key has its own");
    cr_expect_eq(passed(limits, &one, 30, 5500), 5, "half a second lets half through");
    cr_expect_eq(passed(limits, &one, 30, 9000), 10, "silence does not add up");
    limits_destroy(&limits);
}

Test(limits, looking_often_loses_nothing_to_rounding)
{
    struct limits *limits = make();
    int count = 0;
    for (int64_t now_ms = 1000; now_ms < 11000; now_ms++)
        count += passed(limits, &one, 1, now_ms);
    cr_expect(count >= 109 && count <= 110, "%d", count);
    limits_destroy(&limits);
}

Test(limits, answers_beyond_what_may_be_unread_wait)
{
    struct limits *limits = make();
    cr_expect_eq(passed(limits, &one, 1, 1000), 1);
    limits_sent(limits, &one, 2500); /* more than there was room for: it is under way already */
    cr_expect_eq(passed(limits, &one, 1, 1000), 0);
    cr_expect_eq(passed(limits, &other, 1, 1000), 1);
    cr_expect_eq(passed(limits, &one, 1, 3900), 0, "1050 of 1000 are still there");
    cr_expect_eq(passed(limits, &one, 1, 4100), 1);
    limits_destroy(&limits);
}

Test(limits, work_in_hand_is_shared)
{
    struct limits *limits = make();
    cr_expect_eq(limits_take(limits, JOB_RECORD, &one), STATUS_OK);
    cr_expect_eq(limits_take(limits, JOB_RECORD, &one), STATUS_OK);
    cr_expect_eq(limits_take(limits, JOB_RECORD, &one), STATUS_E_BUSY, "a quarter is one key's");
    cr_expect_eq(limits_take(limits, JOB_RECORD, &other), STATUS_OK);
    limits_give(limits, JOB_RECORD, &one);
    cr_expect_eq(limits_take(limits, JOB_RECORD, &one), STATUS_OK);
    cr_expect_eq(limits_in_hand(limits), 3);
    limits_destroy(&limits);
}

Test(limits, an_address_enrols_so_often_a_minute)
{
    struct rate rate = {3, 60000};
    char address[16];
    cr_assert_geq(sodium_init(), 0);
    struct rate_peers *peers = rate_peers_create(&rate);
    cr_assert_not_null(peers);
    for (int i = 0; i < 3; i++)
        cr_expect(rate_peers_take(peers, "10.0.0.1", 1000));
    cr_expect_not(rate_peers_take(peers, "10.0.0.1", 1000));
    cr_expect(rate_peers_take(peers, "10.0.0.2", 1000));
    cr_expect(rate_peers_take(peers, NULL, 1000));
    cr_expect(rate_peers_take(peers, "10.0.0.1", 21001), "a third of a minute for a third");
    for (int i = 0; i < 40000; i++) { /* more than are kept apart: bounded, nobody is kept out */
        snprintf(address, sizeof address, "a%d", i);
        cr_assert(rate_peers_take(peers, address, 22000));
    }
    rate_peers_destroy(&peers);
}
