/* key rotate, encrypt, decrypt: the keys of this home */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/families.h"
#include "cli/send.h"
#include "cli/words.h"
#include "proof/key_proof.h"

enum { OVERLAP_DAYS = 7, DAY_HOURS = 24 };

static const struct option rotate_options[] = {
    {"overlap", NULL, "DAYS", "旧密钥再用几天（0–90，默认7）",
     "how many days the old key is good for, 0 to 90 (7 by default)"             },
    {NULL,      NULL, NULL,   NULL,                                          NULL},
};

static bool read_overlap(const struct context *context, uint32_t *out_hours)
{
    const char *text = option_text(context, "overlap");
    char *end = NULL;
    unsigned long days = text == NULL ? OVERLAP_DAYS : strtoul(text, &end, 10);
    if (text != NULL && (*text < '0' || *text > '9' || *end != '\0')) {
        misused(context, "天数“%s”不正确", "days \"%s\" is wrong", text);
        return false;
    }
    if (days > KEY_OVERLAP_HOURS_MAX / DAY_HOURS) {
        misused(context, "旧密钥最多再用 %d 天", "the old key can be good for %d days at most",
                KEY_OVERLAP_HOURS_MAX / DAY_HOURS);
        return false;
    }
    *out_hours = (uint32_t)days * DAY_HOURS;
    return true;
}

static enum exit_code run_rotate(struct context *context)
{
    enum exit_code code = EXIT_MISUSED;
    uint32_t hours = 0;
    char key[ID_TEXT_BYTES];
    if (!read_overlap(context, &hours) || !context_connect(context, &code))
        return code;
    const struct zhibao_identity *identity = zhibao_identity(context->zhibao);
    struct key_id old = identity->key;
    enum status status = zhibao_key_rotate(context->zhibao, hours);
    if (status != STATUS_OK)
        return failed(context, status);
    code = send_all(context);
    identity = zhibao_identity(context->zhibao);
    if (memcmp(identity->key.bytes, old.bytes, sizeof old.bytes) == 0) {
        if (code == EXIT_UNREACHABLE)
            complain(
                context,
                "仍用旧密钥；新密钥已备好，连上服务器后任何一次报送都会换用，也可再次运行本命令",
                "the old key stays in use; the new one is ready and takes over with the next "
                "sending that reaches the server, or run this again");
        return code == EXIT_DONE ? EXIT_REFUSED : code;
    }
    say(context, "已换用新密钥 %s", "the new key %s is in use",
        id_text(identity->key.bytes, sizeof identity->key.bytes, key));
    say(context, "旧密钥存于 %s/keys/retired-%s，再用 %" PRIu32 " 天；原有回执照样可以核验",
        "the old one is kept in %s/keys/retired-%s and is good for %" PRIu32
        " more days; old receipts verify as before",
        context->home, id_text(old.bytes, sizeof old.bytes, key), hours / DAY_HOURS);
    return code;
}

static enum exit_code change_lock(struct context *context, bool lock)
{
    enum exit_code code = EXIT_MISUSED;
    size_t count = 0;
    if (!context_open(context, &code))
        return code;
    enum status status = zhibao_keys_lock(context->zhibao, lock, &count);
    if (status != STATUS_OK)
        return failed(context, status);
    if (count == 0)
        say(context, lock ? "密钥文件本来就已加密" : "密钥文件本来就没有加密",
            lock ? "the key files were encrypted already" : "the key files were not encrypted");
    else
        say(context, lock ? "%zu 个密钥文件已加密" : "%zu 个密钥文件已解密",
            lock ? "%zu key files are encrypted now" : "%zu key files are plain now", count);
    if (lock)
        say(context, "忘了口令就只能请管理员发新的登记码；早先的备份里若有未加密的密钥文件，请销毁",
            "without the passphrase nothing opens them: it takes a new code then. Destroy the "
            "plain "
            "copies that backups may have");
    return EXIT_DONE;
}

static enum exit_code run_encrypt(struct context *context)
{
    return change_lock(context, true);
}

static enum exit_code run_decrypt(struct context *context)
{
    return change_lock(context, false);
}

/* clang-format off */
const struct command commands_key[] = {
    {"key rotate", "[--overlap DAYS]",
     "更换本机的密钥（传输、签名、加密），由旧密钥签名\n"
     "不须登记码，也不须管理员办理。旧密钥再用几天，其间两个都有效，在途的材料不会因此被退。\n"
     "随时中断都可再次运行；本机始终有一个服务器认可的密钥。疑心密钥泄露时不要用它，请管理员吊销。",
     "replace the keys of this home (transport, signing, encryption), signed by the old one\n"
     "It takes no code and no administrator. Both keys are good for some days, so that nothing on\n"
     "its way is refused. It can be interrupted anywhere and run again; the home always has a key\n"
     "that the server takes. When a key may have leaked do not use this: have it revoked.",
     rotate_options, 0, 0, false, run_rotate},
    {"key encrypt", "",
     "用口令加密本机的密钥文件（argon2id）\n"
     "以后每条命令都要口令：在终端输入，或由 ZHIBAO_PASSPHRASE_FD（文件描述符）、systemd 凭据\n"
     "zhibao-passphrase、ZHIBAO_PASSPHRASE_FILE（文件）、ZHIBAO_PASSPHRASE 给出。至少8字节。",
     "encrypt the key files of this home with a passphrase (argon2id)\n"
     "From then on each command needs it: typed on the terminal, or given by ZHIBAO_PASSPHRASE_FD (a\n"
     "file descriptor), the systemd credential zhibao-passphrase, ZHIBAO_PASSPHRASE_FILE (a file) or\n"
     "ZHIBAO_PASSPHRASE. At least 8 bytes.",
     NULL, 0, 0, false, run_encrypt},
    {"key decrypt", "",
     "解密本机的密钥文件；换口令：先解密，再加密",
     "make the key files of this home plain again; to change the passphrase, decrypt, then encrypt",
     NULL, 0, 0, false, run_decrypt},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, false, NULL},
};
/* clang-format on */
