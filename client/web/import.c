#include "web/import.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/files.h"
#include "lib/renewal.h"
#include "web/bundle.h"

enum { HOME_WAIT_MS = 5000, PASSPHRASE_LEAST = 8, EXIT_USAGE = 2 };

static int fail(const struct options *options, int code, const char *zh, const char *en,
                const char *which)
{
    fprintf(stderr, "%s%s%s\n", options->english ? en : zh, which[0] == '\0' ? "" : ": ", which);
    return code;
}

/* The first line of the file, malloc'ed; NULL when there is none that will do. */
static char *read_passphrase(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (file_read(path, 4096, &bytes, &size) != STATUS_OK)
        return NULL;
    char *text = (char *)bytes;
    text[strcspn(text, "\r\n")] = '\0';
    if (strlen(text) >= PASSPHRASE_LEAST)
        return text;
    free(text);
    return NULL;
}

static enum status fill(const struct home *home, const char *name, const char *passphrase,
                        struct account *account, uint8_t secret[ACCOUNT_SECRET_BYTES])
{
    uint8_t key[BUNDLE_KEY_BYTES];
    const struct zhibao_identity *identity = home_identity(home);
    const struct home_keys *keys = home_keys(home);
    snprintf(account->name, sizeof account->name, "%s", name);
    account->unit = identity->unit;
    snprintf(account->unit_name, sizeof account->unit_name, "%s", identity->name_zh);
    snprintf(account->role, sizeof account->role, "%s", identity->role);
    snprintf(account->peer.endpoint, sizeof account->peer.endpoint, "%.199s", identity->endpoint);
    memcpy(account->peer.server_public, home_server_transport(home), POOL_KEY_BYTES);
    memcpy(account->peer.transport_public, keys->transport_public, POOL_KEY_BYTES);
    memcpy(account->peer.transport_secret, keys->transport_secret, POOL_KEY_BYTES);
    randombytes_buf(account->salt, sizeof account->salt);
    enum status status = bundle_derive(passphrase, account->salt, key, secret);
    if (status == STATUS_OK)
        status = bundle_seal(home, key, account);
    sodium_memzero(key, sizeof key);
    return status;
}

static enum status store(struct accounts *accounts, const struct account *account,
                         const uint8_t secret[ACCOUNT_SECRET_BYTES])
{
    struct site site;
    enum status status = accounts_site(accounts, &site);
    if (status == STATUS_OK && sodium_is_zero(site.server_public, sizeof site.server_public)) {
        memcpy(site.server_public, account->peer.server_public, POOL_KEY_BYTES);
        status = accounts_set_site(accounts, &site);
    } else if (status == STATUS_OK &&
               memcmp(site.server_public, account->peer.server_public, POOL_KEY_BYTES) != 0) {
        return STATUS_MISMATCH;
    }
    return status == STATUS_OK ? accounts_add(accounts, account, secret) : status;
}

int import_home(const struct options *options, struct accounts *accounts)
{
    char damaged[PATH_BYTES];
    uint8_t secret[ACCOUNT_SECRET_BYTES];
    struct home *home = NULL;
    char *passphrase = read_passphrase(options->passphrase_file);
    struct account *account = calloc(1, sizeof *account);
    int code = 0;
    if (passphrase == NULL || account == NULL || options->name[0] == '\0' ||
        strlen(options->name) >= ACCOUNT_NAME_BYTES) {
        code =
            fail(options, EXIT_USAGE, "需要 --home、--name 和 --passphrase_file（口令至少8个字符）",
                 "--home, --name and --passphrase_file (8 characters or more) are needed", "");
        goto cleanup;
    }
    if (home_open(options->home, HOME_WAIT_MS, damaged, &home) != STATUS_OK ||
        home_identity(home) == NULL || renewal_decided(options->home)) {
        code = fail(options, EXIT_USAGE, "不是已登记的单位目录", "not a home that is enrolled",
                    options->home);
        goto cleanup;
    }
    enum status status = fill(home, options->name, passphrase, account, secret);
    if (status == STATUS_OK)
        status = store(accounts, account, secret);
    if (status == STATUS_CONFLICT)
        code = fail(options, 1, "账户名已有人用", "this name is taken", options->name);
    else if (status != STATUS_OK)
        code = fail(options, 1, status_zh(status), status_en(status), options->name);

cleanup:
    home_close(&home);
    sodium_memzero(secret, sizeof secret);
    if (account != NULL)
        sodium_memzero(account, sizeof *account);
    free(account);
    if (passphrase != NULL)
        sodium_memzero(passphrase, strlen(passphrase));
    free(passphrase);
    return code;
}
