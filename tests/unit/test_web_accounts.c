/* The gateway's accounts: lock-out with back-off, names, enrolments that were never answered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proof/sign.h"
#include "web/accounts_manage.h"
#include "web/factor.h"

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

static const uint8_t key[FACTOR_KEY_BYTES] = {9};
static const struct second_factor none = {"", key};

static enum status login(const char *name, const uint8_t *secret, int64_t now_us,
                         uint32_t *out_wait)
{
    struct account *account = calloc(1, sizeof *account);
    cr_assert_not_null(account);
    enum status status = accounts_login(accounts, name, secret, &none, now_us, account, out_wait);
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

/* RFC 6238, appendix B: the last six of its eight digits, the secret being "12345678901234567890".
 */
Test(web_totp, the_standards_own_numbers)
{
    static const struct {
        int64_t time_s;
        uint32_t password;
    } rows[] = {
        {59,                   287082},
        {1111111109,           81804 },
        {1111111111,           50471 },
        {1234567890,           5924  },
        {2000000000,           279037},
        {INT64_C(20000000000), 353130},
    };
    const uint8_t *secret = (const uint8_t *)"12345678901234567890";
    char text[TOTP_TEXT_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t password = 0;
        cr_assert_eq(totp_password(secret, (uint64_t)rows[i].time_s / TOTP_STEP_S, &password),
                     STATUS_OK);
        cr_expect_eq(password, rows[i].password, "%u", password);
    }
    base32_encode(secret, TOTP_SECRET_BYTES, text);
    cr_expect_str_eq(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static const char *password_at(const uint8_t *secret, int64_t now_us, int steps)
{
    static char text[8];
    uint32_t password = 0;
    uint64_t step = (uint64_t)(now_us / SECOND_US / TOTP_STEP_S + steps);
    cr_assert_eq(totp_password(secret, step, &password), STATUS_OK);
    snprintf(text, sizeof text, "%06u", password % 1000000);
    return text;
}

static enum status login_with(const char *code, int64_t now_us)
{
    struct account *account = calloc(1, sizeof *account);
    uint32_t wait_s = 0;
    struct second_factor second = {code, key};
    enum status status =
        accounts_login(accounts, "office", right, &second, now_us, account, &wait_s);
    free(account);
    return status;
}

/* Puts a second factor in force. */
static void switch_on(int64_t now_us, uint8_t secret[TOTP_SECRET_BYTES],
                      char codes[FACTOR_CODES][FACTOR_CODE_BYTES])
{
    uint32_t wait_s = 0;
    cr_assert_eq(add("office", 1, false), STATUS_OK);
    cr_assert_eq(factor_begin(accounts, "office", key, secret), STATUS_OK);
    cr_assert_eq(login_with("", now_us), STATUS_OK, "not in force before it is confirmed");
    struct second_factor second = {"000000x", key};
    cr_assert_eq(factor_confirm(accounts, "office", &second, now_us, codes, &wait_s),
                 STATUS_MISMATCH);
    second.code = password_at(secret, now_us, 0);
    cr_assert_eq(factor_confirm(accounts, "office", &second, now_us, codes, &wait_s), STATUS_OK);
    cr_assert_eq(factor_begin(accounts, "office", key, secret), STATUS_CONFLICT);
}

Test(web_accounts, a_second_factor_is_asked_for_and_good_once)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    char codes[FACTOR_CODES][FACTOR_CODE_BYTES];
    unsigned left = 0;
    int64_t now_us = INT64_C(1800000000) * SECOND_US;
    switch_on(now_us, secret, codes);
    cr_expect_eq(login_with("", now_us), STATUS_INVALID);
    cr_expect_eq(login_with(password_at(secret, now_us, 0), now_us), STATUS_MISMATCH,
                 "what confirmed it is used");
    cr_expect_eq(login_with(password_at(secret, now_us, 1), now_us), STATUS_OK, "clocks differ");
    cr_expect_eq(login_with(password_at(secret, now_us, 1), now_us), STATUS_MISMATCH);
    cr_expect_eq(login_with(password_at(secret, now_us, 3), now_us), STATUS_MISMATCH);
    cr_expect_eq(login_with(codes[3], now_us), STATUS_OK);
    cr_expect_eq(login_with(codes[3], now_us), STATUS_MISMATCH, "a recovery code is good once");
    cr_expect_eq(factor_find(accounts, "office", &left), STATUS_OK);
    cr_expect_eq(left, FACTOR_CODES - 1);
}

Test(web_accounts, wrong_second_factors_lock_as_wrong_passphrases_do)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    char codes[FACTOR_CODES][FACTOR_CODE_BYTES];
    uint32_t wait_s = 0;
    int64_t now_us = INT64_C(1800000000) * SECOND_US;
    switch_on(now_us, secret, codes);
    struct second_factor wrong_code = {"", key};
    for (int i = 1; i < LOCK_AFTER; i++) /* the first failure was when it was confirmed */
        cr_assert_eq(login_with("wrong", now_us), STATUS_MISMATCH);
    cr_expect_eq(login_with(codes[0], now_us), STATUS_LIMIT);
    cr_expect_eq(factor_end(accounts, "office", &wrong_code, now_us, &wait_s), STATUS_LIMIT);
    now_us += (LOCK_FIRST_S + 1) * SECOND_US;
    wrong_code.code = codes[0];
    cr_expect_eq(factor_end(accounts, "office", &wrong_code, now_us, &wait_s), STATUS_OK);
    cr_expect_eq(login_with("", now_us), STATUS_OK);
    cr_expect_eq(factor_remove(accounts, "office"), STATUS_NOT_FOUND);
}

Test(web_accounts, a_second_factor_is_nothing_without_the_gateways_key)
{
    static const uint8_t other[FACTOR_KEY_BYTES] = {8};
    uint8_t secret[TOTP_SECRET_BYTES];
    char codes[FACTOR_CODES][FACTOR_CODE_BYTES];
    int64_t now_us = INT64_C(1800000000) * SECOND_US;
    switch_on(now_us, secret, codes);
    struct second_factor second = {codes[0], other};
    cr_expect_eq(factor_check(accounts, "office", &second, now_us), STATUS_DATABASE);
}

#define ANY_FIRST UINT64_C(0)
#define ANY_LAST  UINT64_C(999999999999999)
#define OWN       UINT64_C(450223101201000)

static struct account_row listed(const char *name)
{
    struct account_row *rows = NULL, found = {.unit = 0};
    size_t count = 0;
    cr_assert_eq(accounts_list(accounts, ANY_FIRST, ANY_LAST, &rows, &count), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            found = rows[i];
    free(rows);
    return found;
}

Test(web_accounts, an_administrator_closes_and_opens)
{
    uint32_t wait_s = 0;
    cr_assert_eq(add("village", 1, false), STATUS_OK);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_CLOSE, "Village", OWN + 1, ANY_LAST),
                 STATUS_NOT_FOUND, "another place's administrator has no say");
    cr_assert_eq(accounts_do(accounts, ACCOUNT_CLOSE, "Village", OWN, OWN), STATUS_OK);
    cr_assert(listed("village").closed);
    cr_assert_eq(login("village", right, SECOND_US, &wait_s), STATUS_E_FORBIDDEN);
    cr_assert_eq(login("village", wrong, SECOND_US, &wait_s), STATUS_NOT_FOUND,
                 "that it is closed is not told to whoever asks");
    cr_assert_eq(accounts_do(accounts, ACCOUNT_OPEN, "village", OWN, OWN), STATUS_OK);
    cr_assert_not(listed("village").closed);
    cr_assert_eq(login("village", right, SECOND_US, &wait_s), STATUS_OK);
}

Test(web_accounts, an_administrator_forgives_and_removes)
{
    uint32_t wait_s = 0;
    cr_assert_eq(add("village", 1, false), STATUS_OK);
    for (int i = 0; i < LOCK_AFTER; i++)
        cr_assert_eq(login("village", wrong, SECOND_US, &wait_s), STATUS_NOT_FOUND);
    cr_assert_eq(login("village", right, SECOND_US, &wait_s), STATUS_LIMIT);
    cr_assert_eq(listed("village").failures, LOCK_AFTER);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_FORGIVE, "village", OWN, OWN), STATUS_OK);
    cr_assert_eq(login("village", right, SECOND_US, &wait_s), STATUS_OK);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_CLOSE, "village", OWN, OWN), STATUS_OK);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_REMOVE, "village", OWN, OWN), STATUS_OK);
    cr_assert_eq(accounts_do(accounts, ACCOUNT_REMOVE, "village", OWN, OWN), STATUS_NOT_FOUND);
    cr_assert_eq(login("village", right, SECOND_US, &wait_s), STATUS_NOT_FOUND);
    cr_assert_eq(add("village", 2, false), STATUS_OK);
    cr_assert_not(listed("village").closed, "a name taken anew begins open");
}
