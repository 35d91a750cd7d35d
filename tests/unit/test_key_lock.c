/* Key files under a passphrase: what was put in comes out, and nothing else ever does. */
#include <criterion/criterion.h>
#include <string.h>

#include "proof/key_lock.h"
#include "proof/sign.h"

static const char PLAIN[] = "public = 00\nsecret = 11\n";
static const char PASSPHRASE[] = "correct horse 马";

enum { SIZE = sizeof PLAIN - 1, LOCKED = SIZE + KEY_LOCK_EXTRA };

static void seal(struct key_lock *lock, uint8_t out[LOCKED])
{
    cr_assert_eq(sign_init(), STATUS_OK);
    cr_assert_eq(key_lock_make(lock, PASSPHRASE), STATUS_OK);
    key_lock_seal(lock, (const uint8_t *)PLAIN, SIZE, out);
}

Test(key_lock, opens_with_its_passphrase_alone)
{
    struct key_lock lock, other = {0};
    uint8_t locked[LOCKED], plain[SIZE];
    size_t size = 0;
    seal(&lock, locked);
    cr_assert(key_lock_is(locked, sizeof locked));
    cr_assert_not(key_lock_is((const uint8_t *)PLAIN, SIZE));
    cr_assert_eq(key_lock_open(&other, PASSPHRASE, locked, sizeof locked, plain, &size), STATUS_OK);
    cr_assert(size == SIZE && memcmp(plain, PLAIN, SIZE) == 0);
    key_lock_wipe(&other);
    cr_assert_eq(key_lock_open(&other, "correct horse 骡", locked, sizeof locked, plain, &size),
                 STATUS_E_PASSPHRASE);
}

Test(key_lock, a_file_that_is_cut_short_says_so)
{
    struct key_lock lock;
    uint8_t locked[LOCKED], plain[LOCKED];
    size_t size = 0;
    seal(&lock, locked);
    for (size_t cut = 0; cut < sizeof locked; cut++)
        cr_assert_eq(key_lock_open(&lock, PASSPHRASE, locked, cut, plain, &size), STATUS_E_KEY_FILE,
                     "cut to %zu bytes", cut);
}

/* Beyond the salt; what is before it costs a derivation each: the passes and the salt once. */
Test(key_lock, an_altered_byte_opens_nothing)
{
    struct key_lock lock;
    uint8_t locked[LOCKED], plain[SIZE];
    size_t size = 0;
    seal(&lock, locked);
    for (size_t at = 28; at < sizeof locked; at++) {
        locked[at] ^= 1;
        enum status status = key_lock_open(&lock, PASSPHRASE, locked, sizeof locked, plain, &size);
        cr_assert(status == STATUS_E_PASSPHRASE || status == STATUS_E_KEY_FILE, "byte %zu", at);
        locked[at] ^= 1;
    }
    for (size_t at = 7; at < 13; at += 5) {
        locked[at] ^= 1;
        cr_assert_eq(key_lock_open(&lock, PASSPHRASE, locked, sizeof locked, plain, &size),
                     STATUS_E_PASSPHRASE, "byte %zu", at);
        locked[at] ^= 1;
    }
    memset(locked + 4, 0xff, 8); /* years of work */
    cr_assert_eq(key_lock_open(&lock, PASSPHRASE, locked, sizeof locked, plain, &size),
                 STATUS_E_KEY_FILE);
}
