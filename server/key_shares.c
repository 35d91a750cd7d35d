/* zhibaod key-split and key-join: the server's keys in shares that several people keep offline, and
 * back from them when the keys folder is lost. */
#include <dirent.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proof/passphrase.h"
#include "proof/shares.h"
#include "server/commands.h"
#include "server/files.h"
#include "server/site.h"

enum { EXIT_USAGE = 2, SEED_BYTES = 32, SHARE_FILE_MAX = 1024, SHARE_PATH_BYTES = 1200 };

/* A line for whoever runs the command; gives `code`. */
static int complain(const struct options *options, int code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

static int complain(const struct options *options, int code, const char *zh, const char *en, ...)
{
    va_list arguments;
    va_start(arguments, en);
    vfprintf(stderr, options->language == LANGUAGE_ZH ? zh : en, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return code;
}

/* "3of5". */
static bool counts_read(const char *text, unsigned *out_least, unsigned *out_count)
{
    char rest = '\0';
    return sscanf(text, "%2uof%2u%c", out_least, out_count, &rest) == 2;
}

/* share-1.txt, share-2.txt ... of a directory that may hold none of them yet. */
static enum status shares_write(const char *directory, const struct share *shares, unsigned count)
{
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < count && status == STATUS_OK; i++) {
        char path[SHARE_PATH_BYTES], text[SHARE_TEXT_BYTES + 1];
        snprintf(path, sizeof path, "%.1100s/share-%u.txt", directory, i + 1);
        share_text(&shares[i], text);
        size_t length = strlen(text);
        text[length] = '\n';
        status = file_create(path, text, length + 1);
        sodium_memzero(text, sizeof text);
    }
    return status;
}

int command_key_split(struct options *options)
{
    static struct share shares[SHARE_COUNT_MAX];
    uint8_t secret[SHARE_SECRET_BYTES];
    unsigned least = 0, count = 0;
    struct site site;
    if (!counts_read(options->shares, &least, &count) || least < 2 || least > count ||
        count > SHARE_COUNT_MAX)
        return complain(options, EXIT_USAGE, "--shares 应形如 3of5：分成5份，凑齐3份即可恢复",
                        "--shares has to be like 3of5: five shares, of which three suffice");
    enum status status = site_visit(options, &site);
    if (status == STATUS_OK) {
        memcpy(secret, site.keys.transport_secret, SEED_BYTES);
        memcpy(secret + SEED_BYTES, site.keys.sign_secret.bytes, SEED_BYTES);
        status = shares_split(secret, &site.keys.sign_id, least, count, shares);
    }
    if (status == STATUS_OK)
        status = shares_write(options->to, shares, count);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(shares, sizeof shares);
    site_close(&site);
    passphrase_forget();
    if (status == STATUS_CONFLICT)
        return complain(options, 1, "%s 中已有 share-….txt，没有改动：换一个目录",
                        "%s holds share-....txt already: take another directory", options->to);
    if (status != STATUS_OK)
        return complain(options, 1, "没有写出：%s", "not written: %s",
                        options->language == LANGUAGE_ZH ? status_zh(status) : status_en(status));
    printf(
        options->language == LANGUAGE_ZH
            ? "%u 份已写入 %s，任意 %u 份可恢复服务器密钥：每人一份，离线保管，这里的删去\n"
            : "%u shares are in %s, any %u of them restore the server's keys: one a person, kept "
              "offline; remove them here\n",
        count, options->to, least);
    return 0;
}

/* Every share of a directory; files that are none are passed over, damaged ones are not. */
static int shares_read(const struct options *options, struct share *shares, size_t *out_count)
{
    char path[SHARE_PATH_BYTES], text[SHARE_FILE_MAX + 1];
    int code = 0;
    size_t count = 0, length = 0;
    DIR *entries = opendir(options->from);
    if (entries == NULL)
        return complain(options, EXIT_USAGE, "目录 %s 读不出", "cannot read directory %s",
                        options->from);
    for (struct dirent *entry = NULL;
         code == 0 && count < SHARE_COUNT_MAX && (entry = readdir(entries)) != NULL;) {
        snprintf(path, sizeof path, "%.600s/%.255s", options->from, entry->d_name);
        if (entry->d_name[0] == '.' ||
            file_load(path, text, SHARE_FILE_MAX, &length) != STATUS_OK ||
            strncmp(text, "ZBS1-", 5) != 0)
            continue;
        if (share_parse(text, &shares[count]) == STATUS_OK)
            count++;
        else
            code = complain(options, EXIT_USAGE, "%s 已损坏或不完整", "%s is damaged or cut short",
                            path);
    }
    closedir(entries);
    sodium_memzero(text, sizeof text);
    *out_count = count;
    return code;
}

/* The keys, when the shares give those that they were made of. */
static int keys_join(const struct options *options, struct server_keys *out_keys)
{
    static struct share shares[SHARE_COUNT_MAX];
    uint8_t secret[SHARE_SECRET_BYTES];
    size_t count = 0;
    int code = shares_read(options, shares, &count);
    if (code != 0)
        return code;
    enum status status = shares_join(shares, count, secret);
    struct key_id wanted = shares[0].key;
    sodium_memzero(shares, sizeof shares);
    if (status == STATUS_NOT_FOUND)
        return complain(options, 1, "%s 中的份数不够", "there are too few shares in %s",
                        options->from);
    if (status != STATUS_OK)
        return complain(options, 1, "%s 中的份不是同一次分的，或有重复",
                        "the shares in %s are not of one splitting, or one is there twice",
                        options->from);
    bool same = server_keys_of_seeds(secret, secret + SEED_BYTES, &wanted, out_keys);
    sodium_memzero(secret, sizeof secret);
    if (same)
        return 0;
    server_keys_wipe(out_keys);
    return complain(options, 1, "%s 中的份合不成原来的密钥",
                    "the shares in %s do not give the keys", options->from);
}

int command_key_join(struct options *options)
{
    char directory[OPTION_PATH_BYTES + 8];
    struct server_keys keys = {0};
    int code = keys_join(options, &keys); /* before another user who may not read them is become */
    if (code != 0)
        return code;
    snprintf(directory, sizeof directory, "%s/keys", options->data);
    enum status status = home_enter(options->data, options->user);
    if (status == STATUS_OK)
        status = server_keys_store(directory, &keys);
    char hex[2 * KEY_ID_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, keys.sign_id.bytes, sizeof keys.sign_id.bytes);
    server_keys_wipe(&keys);
    if (status == STATUS_CONFLICT)
        return complain(options, 1, "%s 中已有密钥，没有改动", "%s holds keys already: not touched",
                        directory);
    if (status != STATUS_OK)
        return complain(options, 1, "没有写出：%s", "not written: %s",
                        options->language == LANGUAGE_ZH ? status_zh(status) : status_en(status));
    printf(options->language == LANGUAGE_ZH ? "服务器密钥已恢复，签名密钥编号 %s\n"
                                            : "the server's keys are back, signing key %s\n",
           hex);
    return 0;
}
