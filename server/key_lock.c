/* zhibaod key-encrypt and key-decrypt: the server's key files under a passphrase, or plain. */
#include <stdio.h>
#include <string.h>

#include "proof/passphrase.h"
#include "server/commands.h"
#include "server/site.h"

int command_key_lock(struct options *options)
{
    bool lock = options->command == COMMAND_KEY_ENCRYPT;
    bool zh = options->language == LANGUAGE_ZH;
    char directory[OPTION_PATH_BYTES + 8];
    struct site site;
    enum status status = site_visit(options, &site); /* whole, and the passphrase right */
    snprintf(directory, sizeof directory, "%s/keys", options->data);
    if (status == STATUS_OK)
        status = server_keys_lock(directory, lock);
    site_close(&site);
    passphrase_forget();
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n", zh ? status_zh(status) : status_en(status));
        return 1;
    }
    puts(lock ? (zh ? "服务器密钥文件已加密；zhibaod 启动时要口令（见 RUNBOOK.md）"
                    : "the server's key files are encrypted; zhibaod needs the passphrase to start "
                      "(RUNBOOK.md)")
              : (zh ? "服务器密钥文件已解密" : "the server's key files are plain now"));
    return 0;
}
