/* The API's tokens and how much each may ask. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof/sign.h"
#include "scratch.h"
#include "web/accounts_manage.h"
#include "web/rate.h"
#include "web/tokens.h"

#define DAY_US INT64_C(86400000000)

static char directory[64];
static struct accounts *accounts;

static void open_accounts(void)
{
    cr_assert_eq(sign_init(), STATUS_OK);
    snprintf(directory, sizeof directory, "/tmp/tokens-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(accounts_open(directory, &accounts), STATUS_OK);
}

static void close_accounts(void)
{
    accounts_close(&accounts);
    scratch_remove(directory);
}

TestSuite(web_tokens, .init = open_accounts, .fini = close_accounts);

static void add_account(const char *name, const char *role)
{
    static const uint8_t secret[ACCOUNT_SECRET_BYTES] = {1};
    struct account *account = calloc(1, sizeof *account);
    cr_assert_not_null(account);
    snprintf(account->name, sizeof account->name, "%s", name);
    snprintf(account->role, sizeof account->role, "%s", role);
    account->unit = 450223000000002;
    cr_assert_eq(accounts_add(accounts, account, secret), STATUS_OK);
    free(account);
}

static int64_t make(const char *name, bool published, int64_t now_us, int64_t days,
                    char text[TOKEN_TEXT_BYTES])
{
    struct token wish = {.label = "年鉴", .published = published};
    int64_t id = 0;
    wish.expires_us = now_us + days * DAY_US;
    cr_assert_eq(tokens_create(accounts, name, &wish, now_us, text, &id), STATUS_OK);
    return id;
}

static enum status find(const char *text, int64_t now_us, struct token *token)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    struct account *account = calloc(1, sizeof *account);
    cr_assert_not_null(account);
    enum status status = token_hash(text, hash)
                             ? tokens_find(accounts, hash, now_us, token, account)
                             : STATUS_INVALID;
    free(account);
    return status;
}

Test(web_tokens, lives_until_revoked_or_expired)
{
    char text[TOKEN_TEXT_BYTES], other[TOKEN_TEXT_BYTES];
    struct token token;
    add_account("office", "office");
    add_account("village", "village");
    int64_t id = make("office", false, DAY_US, 2, text);
    make("office", true, DAY_US, 2, other);
    cr_assert_str_neq(text, other);
    cr_assert_eq(find(text, DAY_US, &token), STATUS_OK);
    cr_assert_eq(token.id, id);
    cr_assert_not(token.published);
    cr_assert_eq(find(text, 3 * DAY_US - 1, &token), STATUS_OK);
    cr_assert_eq(find(text, 3 * DAY_US, &token), STATUS_NOT_FOUND, "it has expired");
    cr_assert_eq(tokens_revoke(accounts, "village", id, DAY_US), STATUS_NOT_FOUND, "not its own");
    cr_assert_eq(tokens_revoke(accounts, "office", id, DAY_US), STATUS_OK);
    cr_assert_eq(tokens_revoke(accounts, "office", id, DAY_US), STATUS_NOT_FOUND);
    cr_assert_eq(find(text, DAY_US, &token), STATUS_NOT_FOUND);
    cr_assert_eq(find(other, DAY_US, &token), STATUS_OK);
    cr_assert(token.published);
}

/* Whatever was asked for when it was made: the role that the account has now decides. */
Test(web_tokens, exact_for_statistics_and_office_only)
{
    static const char *const roles[] = {"village", "township", "department", "admin", ""};
    char text[TOKEN_TEXT_BYTES];
    struct token token;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%zu", i);
        add_account(name, roles[i]);
        make(name, false, DAY_US, 1, text);
        cr_assert_eq(find(text, DAY_US, &token), STATUS_OK);
        cr_assert(token.published, "%s", roles[i]);
    }
    cr_assert(token_may_be_exact("statistics"));
    cr_assert(token_may_be_exact("office"));
}

Test(web_tokens, only_so_many)
{
    char text[TOKEN_TEXT_BYTES];
    struct token wish = {.label = "x", .expires_us = 2 * DAY_US}, list[3];
    int64_t id = 0, first = 0;
    size_t count = 0;
    add_account("office", "office");
    for (int i = 0; i < TOKENS_PER_ACCOUNT; i++) {
        cr_assert_eq(tokens_create(accounts, "office", &wish, DAY_US, text, &id), STATUS_OK);
        first = first == 0 ? id : first;
    }
    cr_assert_eq(tokens_create(accounts, "office", &wish, DAY_US, text, &id), STATUS_LIMIT);
    cr_assert_eq(tokens_revoke(accounts, "office", first, DAY_US), STATUS_OK);
    cr_assert_eq(tokens_create(accounts, "office", &wish, DAY_US, text, &id), STATUS_OK);
    cr_assert_eq(tokens_list(accounts, "office", list, 3, &count), STATUS_OK);
    cr_assert_eq(count, 3U);
    cr_assert_eq(list[0].id, id, "the newest first");
}

/* A closed account's tokens rest with it; a removed one's are gone, whoever takes its name. */
Test(web_tokens, end_with_their_account)
{
    char text[TOKEN_TEXT_BYTES];
    struct token token;
    add_account("office", "office");
    make("Office", true, DAY_US, 2, text);
    cr_assert_eq(find(text, DAY_US, &token), STATUS_OK);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_CLOSE, "office", 0, INT64_MAX), STATUS_OK);
    cr_assert_eq(find(text, DAY_US, &token), STATUS_NOT_FOUND);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_OPEN, "office", 0, INT64_MAX), STATUS_OK);
    cr_assert_eq(find(text, DAY_US, &token), STATUS_OK);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_REMOVE, "office", 0, INT64_MAX), STATUS_OK);
    cr_assert_eq(find(text, DAY_US, &token), STATUS_NOT_FOUND);
    add_account("office", "office");
    cr_assert_eq(find(text, DAY_US, &token), STATUS_NOT_FOUND);
}

Test(web_tokens, what_is_no_token)
{
    static const char *const texts[] = {"", "zbt_", "zbt_!", "ZB1-abc",
                                        "zbt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!"};
    uint8_t hash[TOKEN_HASH_BYTES];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_assert_not(token_hash(texts[i], hash), "%s", texts[i]);
}

Test(web_rate, burst_then_so_many_a_minute)
{
    uint8_t key[RATE_KEY_BYTES] = {1}, other[RATE_KEY_BYTES] = {2};
    uint32_t wait_s = 0;
    struct rate *rate = rate_create();
    int taken = 0;
    for (int i = 0; i < 2 * RATE_BURST; i++)
        taken += rate_take(rate, key, 1000, &wait_s);
    cr_assert_eq(taken, RATE_BURST);
    cr_assert_geq(wait_s, 1U);
    cr_assert(rate_take(rate, other, 1000, &wait_s), "others are not held up");
    taken = 0;
    for (int64_t now = 1000; now < 61000; now += 100)
        taken += rate_take(rate, key, now, &wait_s);
    cr_assert(taken >= RATE_PER_MINUTE - 1 && taken <= RATE_PER_MINUTE + 1, "%d", taken);
    rate_destroy(&rate);
}

Test(web_rate, streams_and_a_full_table)
{
    uint8_t key[RATE_KEY_BYTES] = {0};
    struct rate *rate = rate_create();
    uint32_t wait_s = 0;
    for (int i = 0; i < RATE_STREAMS; i++)
        cr_assert(rate_hold(rate, key, 1));
    cr_assert_not(rate_hold(rate, key, 1));
    /* a thousand strangers do not make it forget who is downloading */
    for (int i = 1; i <= 2 * RATE_KEYS_MAX; i++) {
        uint8_t stranger[RATE_KEY_BYTES] = {0};
        memcpy(stranger + 1, &i, sizeof i);
        cr_assert(rate_take(rate, stranger, 1 + i, &wait_s));
    }
    cr_assert_not(rate_hold(rate, key, 5000));
    rate_release(rate, key);
    cr_assert(rate_hold(rate, key, 5000));
    rate_destroy(&rate);
}
