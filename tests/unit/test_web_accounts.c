/* The gateway's accounts: lock-out with back-off, names, enrolments that were never answered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proof/sign.h"
#include "web/accounts.h"

#define SECOND_US INT64_C(1000000)

static char directory[64];
static struct accounts *accounts;
static const uint8_t right[ACCOUNT_SECRET_BYTES] = {1}, wrong[ACCOUNT_SECRET_BYTES] = {2};

static void open_accounts(void)
{
    cr_assert_eq(sign_init(), STATUS_OK);
    snprintf(directory, sizeof directory, "/tmp/accounts-XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(accounts_open(directory, &accounts), STATUS_OK);
}

static void close_accounts(void)
{
    static const char *const files[] = {"accounts.db", "accounts.db-wal", "accounts.db-shm"};
    char path[128];
    accounts_close(&accounts);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i]);
        unlink(path);
    }
    rmdir(directory);
}

TestSuite(web_accounts, .init = open_accounts, .fini = close_accounts);

static struct account *make_account(const char *name, uint8_t key, bool prepared)
{
    struct account *account = calloc(1, sizeof *account);
    cr_assert_not_null(account);
    snprintf(account->name, sizeof account->name, "%s", name);
    account->unit = UINT64_C(450223101201000);
    account->prepared = prepared;
    account->peer.transport_public[0] = key;
    account->bundle_size = 3;
    memcpy(account->bundle, "abc", 3);
    return account;
}

static enum status add(const char *name, uint8_t key, bool prepared)
{
    struct account *account = make_account(name, key, prepared);
    enum status status = accounts_add(accounts, account, right);
    free(account);
    return status;
}

static enum status login(const char *name, const uint8_t *secret, int64_t now_us,
                         uint32_t *out_wait)
{
    struct account *account = calloc(1, sizeof *account);
    cr_assert_not_null(account);
    enum status status = accounts_login(accounts, name, secret, now_us, account, out_wait);
    if (status == STATUS_OK) {
        cr_expect_eq(account->unit, UINT64_C(450223101201000));
        cr_expect_eq(account->bundle_size, 3);
    }
    free(account);
    return status;
}

Test(web_accounts, five_failures_lock_and_the_rest_doubles)
{
    uint32_t wait_s = 0;
    int64_t now_us = 1000 * SECOND_US;
    cr_assert_eq(add("village", 1, false), STATUS_OK);
    for (int i = 0; i < LOCK_AFTER; i++)
        cr_assert_eq(login("village", wrong, now_us, &wait_s), STATUS_NOT_FOUND);
    for (uint32_t rest_s = LOCK_FIRST_S; rest_s < LOCK_MOST_S; rest_s *= 2) {
        cr_assert_eq(login("village", right, now_us, &wait_s), STATUS_LIMIT);
        cr_assert_leq(wait_s, rest_s + 1);
        cr_assert_geq(wait_s, rest_s - 1);
        now_us += (rest_s + 1) * SECOND_US;
        cr_assert_eq(login("village", wrong, now_us, &wait_s), STATUS_NOT_FOUND);
    }
    cr_assert_eq(login("village", right, now_us, &wait_s), STATUS_LIMIT);
    cr_assert_leq(wait_s, LOCK_MOST_S + 1, "it never rests longer than a quarter of an hour");
    now_us += (LOCK_MOST_S + 1) * SECOND_US;
    cr_assert_eq(login("village", right, now_us, &wait_s), STATUS_OK);
    cr_assert_eq(login("village", wrong, now_us, &wait_s), STATUS_NOT_FOUND);
    cr_assert_eq(login("village", right, now_us, &wait_s), STATUS_OK, "success begins anew");
}

Test(web_accounts, a_name_belongs_to_one)
{
    uint32_t wait_s = 0;
    cr_assert_eq(add("Village", 1, false), STATUS_OK);
    cr_assert_eq(add("village", 1, false), STATUS_CONFLICT);
    cr_assert_eq(login("VILLAGE", right, 1, &wait_s), STATUS_OK);
    cr_assert_eq(login("nobody", right, 1, &wait_s), STATUS_NOT_FOUND);
}

Test(web_accounts, an_unanswered_enrolment_can_be_tried_again_by_the_same_key_only)
{
    struct account *account = make_account("village", 1, true);
    cr_assert_eq(accounts_add(accounts, account, right), STATUS_OK);
    cr_assert_eq(add("village", 2, true), STATUS_CONFLICT);
    cr_assert_eq(add("village", 1, true), STATUS_OK);
    snprintf(account->role, sizeof account->role, "village");
    cr_assert_eq(accounts_activate(accounts, account), STATUS_OK);
    cr_assert_eq(add("village", 1, true), STATUS_CONFLICT, "an enrolled account is not replaced");
    cr_assert_eq(accounts_forget(accounts, "village"), STATUS_OK);
    cr_assert_eq(accounts_find(accounts, "village", account), STATUS_OK, "nor forgotten");
    cr_assert_str_eq(account->role, "village");
    free(account);
}
