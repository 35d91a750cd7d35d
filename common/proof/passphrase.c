#include "proof/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The one thing of a process that belongs to no part of it: what its user typed. NULL: not yet. */
static struct kept {
    char text[PASSPHRASE_BYTES];
    struct key_lock lock;
} * kept;

/* The first line of a file. */
static enum status read_line(int file, char text[PASSPHRASE_BYTES])
{
    size_t used = 0;
    while (used < PASSPHRASE_BYTES) {
        ssize_t got = read(file, text + used, 1); /* not past the line: a pipe may hold more */
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return STATUS_IO;
        if (got == 0 || text[used] == '\n')
            break;
        used++;
    }
    if (used > 0 && text[used - 1] == '\r')
        used--;
    if (used < PASSPHRASE_LEAST || used == PASSPHRASE_BYTES)
        return STATUS_E_PASSPHRASE_NEEDED;
    text[used] = '\0';
    return STATUS_OK;
}

static enum status read_file(const char *path, char text[PASSPHRASE_BYTES])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    enum status status = read_line(file, text);
    close(file);
    return status;
}

/* STATUS_NOT_FOUND: nothing of the environment says it. */
static enum status read_environment(char text[PASSPHRASE_BYTES])
{
    const char *number = getenv("ZHIBAO_PASSPHRASE_FD");
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    const char *path = getenv("ZHIBAO_PASSPHRASE_FILE");
    const char *itself = getenv("ZHIBAO_PASSPHRASE");
    char credential[4096];
    char *end = NULL;
    if (number != NULL) {
        long file = strtol(number, &end, 10);
        return *end != '\0' || end == number || file < 0 || file > 65535
                   ? STATUS_E_PASSPHRASE_NEEDED
                   : read_line((int)file, text);
    }
    if (credentials != NULL) {
        snprintf(credential, sizeof credential, "%.4000s/zhibao-passphrase", credentials);
        enum status status = read_file(credential, text);
        if (status != STATUS_NOT_FOUND)
            return status;
    }
    if (path != NULL) {
        enum status status = read_file(path, text);
        return status == STATUS_NOT_FOUND ? STATUS_E_PASSPHRASE_NEEDED : status;
    }
    if (itself == NULL)
        return STATUS_NOT_FOUND;
    size_t length = strlen(itself);
    if (length < PASSPHRASE_LEAST || length >= PASSPHRASE_BYTES)
        return STATUS_E_PASSPHRASE_NEEDED;
    memcpy(text, itself, length + 1);
    return STATUS_OK;
}

/* One question on the terminal, without showing what is typed. */
static enum status ask(int terminal, const char *question, char text[PASSPHRASE_BYTES])
{
    struct termios before, silent;
    if (tcgetattr(terminal, &before) != 0)
        return STATUS_E_PASSPHRASE_NEEDED;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(terminal, "%s", question);
    tcsetattr(terminal, TCSAFLUSH, &silent);
    enum status status = read_line(terminal, text);
    tcsetattr(terminal, TCSAFLUSH, &before);
    dprintf(terminal, "\n");
    return status;
}

static enum status ask_person(bool twice, char text[PASSPHRASE_BYTES])
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0)
        return STATUS_E_PASSPHRASE_NEEDED;
    enum status status = ask(terminal, "密钥文件的口令 / passphrase of the key files: ", text);
    if (status == STATUS_OK && twice) {
        char again[PASSPHRASE_BYTES];
        status = ask(terminal, "再输一遍 / once more: ", again);
        if (status == STATUS_OK && strcmp(text, again) != 0)
            status = STATUS_MISMATCH;
        sodium_memzero(again, sizeof again);
    }
    close(terminal);
    return status;
}

static enum status get(bool twice, const char **out_text, struct key_lock **out_lock)
{
    if (kept == NULL) {
        struct kept *fresh = sodium_malloc(sizeof *fresh);
        if (fresh == NULL)
            return STATUS_NO_MEMORY;
        key_lock_wipe(&fresh->lock);
        enum status status = read_environment(fresh->text);
        if (status == STATUS_NOT_FOUND)
            status = ask_person(twice, fresh->text);
        if (status != STATUS_OK) {
            sodium_free(fresh);
            return status;
        }
        kept = fresh;
    }
    *out_text = kept->text;
    *out_lock = &kept->lock;
    return STATUS_OK;
}

enum status passphrase_get(const char **out_text, struct key_lock **out_lock)
{
    return get(false, out_text, out_lock);
}

enum status passphrase_choose(const char **out_text, struct key_lock **out_lock)
{
    return get(true, out_text, out_lock);
}

void passphrase_forget(void)
{
    sodium_free(kept); /* wipes it */
    kept = NULL;
}
