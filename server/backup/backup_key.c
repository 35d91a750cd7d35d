/* zhibaod backup-key: the pair of keys of all backups, made where the secret one is kept. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "server/backup/backup.h"
#include "server/commands.h"
#include "server/files.h"

int command_backup_key(struct options *options)
{
    struct vault_key public;
    struct vault_key secret;
    char text[VAULT_KEY_TEXT_BYTES];
    char line[VAULT_KEY_TEXT_BYTES + 2];
    vault_key_make(&public, &secret);
    enum status status = vault_key_text(VAULT_SECRET, &secret, text);
    if (status == STATUS_OK) {
        snprintf(line, sizeof line, "%s\n", text);
        status = file_create(options->secret, line, strlen(line));
    }
    sodium_memzero(&secret, sizeof secret);
    sodium_memzero(line, sizeof line);
    if (status == STATUS_OK)
        status = vault_key_text(VAULT_PUBLIC, &public, text);
    if (status == STATUS_CONFLICT)
        return backup_say(options, "文件已存在，没有改动：换一个名字",
                          "the file exists already and was not touched: take another name");
    if (status != STATUS_OK)
        return backup_say(options, status_zh(status), status_en(status));
    printf("backup_recipient = %s\n", text);
    backup_say(
        options,
        "上面一行写入 zhibaod 的配置文件。密钥文件离线保管两份（丢了就打不开任何备份），"
        "恢复时用 zhibaod restore --secret",
        "the line above goes into zhibaod's config file. Keep the secret file offline, twice "
        "(without it no backup can be opened), for zhibaod restore --secret");
    return 0;
}
