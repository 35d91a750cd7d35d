/* zhibaod restore: a backup into an empty data directory, whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "server/backup/backup.h"
#include "server/commands.h"
#include "server/files.h"
#include "server/home.h"
#include "server/signals.h"
#include "server/site.h"
#include "server/store/cluster_files.h"
#include "server/store/migrate.h"
#include "server/store/process.h"

enum { VERIFY_MS = 4 * 3600 * 1000, VERIFY_OUTPUT_BYTES = 1500 };

struct restore {
    struct options *options;
    struct vault_reader *reader;
    struct backup_manifest manifest;
    struct cluster_paths paths;
    struct cluster *cluster; /* a private one that takes a dump */
    struct process process;  /* tar, or pg_restore */
    bool reading;            /* it runs */
    bool check;              /* nothing is written */
    int key_files;
    uint64_t bytes;
};

static enum status refuse(const struct restore *restore, const char *zh, const char *en)
{
    backup_say(restore->options, zh, en);
    return STATUS_INVALID;
}

static bool directory_is_bare(const char *path)
{
    DIR *directory = opendir(path);
    bool bare = directory != NULL;
    for (struct dirent *entry; bare && (entry = readdir(directory)) != NULL;)
        bare = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
               strcmp(entry->d_name, "lock") == 0 || strcmp(entry->d_name, "lost+found") == 0;
    if (directory != NULL)
        closedir(directory);
    return bare;
}

static bool is_physical(const struct restore *restore)
{
    return strcmp(restore->manifest.kind, BACKUP_PHYSICAL) == 0;
}

/* What can be known before anything is written. */
static enum status manifest_check(const struct restore *restore)
{
    if (!is_physical(restore))
        return strcmp(restore->manifest.kind, BACKUP_LOGICAL) == 0
                   ? STATUS_OK
                   : refuse(restore, "备份的种类不认识：用更新的 zhibaod",
                            "the backup is of an unknown kind: use a newer zhibaod");
    if (restore->options->database[0] != '\0')
        return refuse(restore,
                      "这是私有数据库的整体备份，不能恢复到别的数据库：先恢复到私有数据库（不写 "
                      "database），再用 zhibaod backup --logical 备份一次",
                      "this is a copy of a private cluster and cannot go into another database: "
                      "restore it as one (without database), then take a backup with --logical");
    if (restore->manifest.state.postgres / 10000 != restore->paths.major) {
        log_error("could not restore: the backup is of PostgreSQL %d, %s is version %d; install "
                  "that version, name it with pg_bin, or take a backup with --logical",
                  restore->manifest.state.postgres / 10000, restore->paths.bin,
                  restore->paths.major);
        return STATUS_MISMATCH;
    }
    return STATUS_OK;
}

/* An empty database of one's own with its roles, or a new private cluster. */
static enum status database_ready(struct restore *restore)
{
    const struct options *options = restore->options;
    struct db *db = NULL;
    bool empty = false;
    char conninfo[CLUSTER_CONNINFO_BYTES];
    bool own = options->database[0] != '\0';
    enum status status = STATUS_OK;
    if (!own)
        status = cluster_start(options->data, options->pg_bin, NULL, &restore->cluster);
    if (status == STATUS_OK && own)
        snprintf(conninfo, sizeof conninfo, "%s", options->database);
    else if (status == STATUS_OK)
        status = cluster_conninfo(options->data, conninfo);
    if (status == STATUS_OK)
        status = db_open(conninfo, DB_LOGIN, &db);
    if (status == STATUS_OK)
        status = migrate_roles(db, NULL);
    if (status == STATUS_OK)
        status = backup_database_empty(db, &empty);
    if (status == STATUS_OK && !empty)
        status = refuse(restore, "数据库中已有 zhibao 的数据，没有改动：恢复须用空的数据库",
                        "the database has data of zhibao already and was not touched: restore "
                        "into an empty one");
    db_close(&db);
    return status == STATUS_OK ? backup_environment(conninfo) : status;
}

static enum status reader_start(struct restore *restore)
{
    char program[CLUSTER_PATH_BYTES + 32];
    const char *const unpack[] = {"tar", "-x", "-p", "-f", "-", "-C", restore->paths.fresh, NULL};
    const char *const load[] = {program,
                                "-d",
                                "",
                                "-w",
                                "--no-owner",
                                "--role=zhibao_owner",
                                "--single-transaction",
                                "--exit-on-error",
                                NULL};
    enum status status =
        is_physical(restore) ? directory_ensure(restore->paths.fresh) : database_ready(restore);
    snprintf(program, sizeof program, "%s/pg_restore", restore->paths.bin);
    if (status == STATUS_OK)
        status =
            process_start(is_physical(restore) ? unpack : load, PROCESS_INPUT, &restore->process);
    restore->reading = status == STATUS_OK;
    return status;
}

static enum status data_take(struct restore *restore, const uint8_t *bytes, size_t size)
{
    restore->bytes += size;
    if (restore->check)
        return STATUS_OK;
    enum status status = restore->reading ? STATUS_OK : reader_start(restore);
    for (size_t done = 0; done < size && status == STATUS_OK;) {
        ssize_t written = write(restore->process.file, bytes + done, size - done);
        if (written > 0)
            done += (size_t)written;
        else if (written == 0 || errno != EINTR)
            status = STATUS_IO; /* the program said why */
    }
    return status;
}

static enum status key_take(struct restore *restore, const uint8_t *bytes, size_t size)
{
    char directory[PATH_MAX];
    char path[PATH_MAX];
    const uint8_t *end = memchr(bytes, '\0', size);
    const char *name = (const char *)bytes;
    if (end == NULL || name[0] == '.' || name[0] == '\0' || strchr(name, '/') != NULL)
        return STATUS_MISMATCH;
    restore->key_files++;
    if (restore->check)
        return STATUS_OK;
    size_t before = strlen(name) + 1;
    snprintf(directory, sizeof directory, "%s/keys", restore->options->data);
    enum status status = directory_ensure(directory);
    if (status == STATUS_OK && snprintf(path, sizeof path, "%s/%s", directory, name) >= PATH_MAX)
        status = STATUS_LIMIT;
    return status == STATUS_OK ? file_create(path, bytes + before, size - before) : status;
}

/* Every frame to where it belongs; STATUS_OK only after the last one of a whole file. */
static enum status frames_take(struct restore *restore)
{
    for (;;) {
        enum vault_kind kind;
        const uint8_t *bytes = NULL;
        size_t size = 0;
        if (signals_stop_asked(0))
            return STATUS_CANCELLED;
        enum status status = vault_next(restore->reader, &kind, &bytes, &size);
        if (status == STATUS_OK && kind == VAULT_END)
            return restore->key_files > 0 && restore->bytes > 0 ? STATUS_OK : STATUS_MISMATCH;
        if (status == STATUS_OK && kind == VAULT_KEY)
            status = key_take(restore, bytes, size);
        else if (status == STATUS_OK && kind == VAULT_DATA)
            status = data_take(restore, bytes, size);
        else if (status == STATUS_OK)
            status = STATUS_MISMATCH;
        if (status != STATUS_OK)
            return status;
    }
}

/* What pg_basebackup noted of every file, against what lies there now. */
static enum status physical_verify(const struct restore *restore)
{
    char program[CLUSTER_PATH_BYTES + 32];
    char output[VERIFY_OUTPUT_BYTES];
    int code = 0;
    snprintf(program, sizeof program, "%s/pg_verifybackup", restore->paths.bin);
    const char *const argv[] = {program, "-q", restore->paths.fresh, NULL};
    enum status status = process_run(argv, VERIFY_MS, output, sizeof output, &code);
    if (status == STATUS_OK && code == 0)
        return STATUS_OK;
    log_error("could not verify the restored cluster: exit=%d output=\"%s\"", code, output);
    return status == STATUS_OK ? STATUS_MISMATCH : status;
}

/* The program has taken all, and all of it is on the disk. */
static enum status data_finish(struct restore *restore)
{
    if (!restore->reading)
        return STATUS_MISMATCH;
    restore->reading = false;
    int code = process_end(&restore->process, false);
    if (code != 0) {
        log_error("could not restore the database: the program that takes it failed, see above "
                  "exit=%d",
                  code);
        return STATUS_DATABASE;
    }
    if (!is_physical(restore))
        return STATUS_OK;
    enum status status = physical_verify(restore);
    int directory = open(restore->paths.fresh, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (status == STATUS_OK && (directory < 0 || syncfs(directory) != 0)) {
        log_error("could not make the restored cluster durable: %s", strerror(errno));
        status = STATUS_IO;
    }
    if (directory >= 0)
        close(directory);
    return status == STATUS_OK ? cluster_rename(&restore->paths) : status;
}

static enum status restore_write(struct restore *restore)
{
    struct options *options = restore->options;
    struct home *home = NULL;
    char marker[PATH_MAX];
    enum status status = home_enter(options->data, options->user);
    if (status == STATUS_OK)
        status = home_lock(options->data, &home);
    if (status == STATUS_CONFLICT || (status == STATUS_OK && !directory_is_bare(options->data)))
        status = refuse(restore, "数据目录不是空的，没有改动：恢复须用空的 --data 目录",
                        "the data directory is not empty and was not touched: restore into an "
                        "empty --data");
    if (status == STATUS_OK)
        status = cluster_find(options->data, options->pg_bin, &restore->paths);
    if (status == STATUS_OK)
        status = manifest_check(restore);
    snprintf(marker, sizeof marker, "%s/" BACKUP_UNFINISHED, options->data);
    if (status == STATUS_OK)
        status = file_create(marker, "", 0);
    if (status == STATUS_OK)
        status = frames_take(restore);
    if (status == STATUS_OK)
        status = data_finish(restore);
    if (restore->reading)
        process_end(&restore->process, true);
    cluster_stop(&restore->cluster);
    if (status == STATUS_OK && unlink(marker) != 0)
        status = STATUS_IO;
    if (status == STATUS_OK)
        status = directory_sync(options->data);
    data_home_close(&home);
    return status;
}

static enum status begin(struct restore *restore, int file, const struct vault_key *secret)
{
    enum vault_kind kind;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = vault_open(file, secret, &restore->reader);
    if (status == STATUS_INVALID)
        return refuse(restore, "--from 不是备份文件", "--from is not a backup");
    if (status == STATUS_DENIED)
        return refuse(restore, "这份备份是给另一把备份密钥的",
                      "this backup was made for another backup key");
    if (status == STATUS_OK)
        status = vault_next(restore->reader, &kind, &bytes, &size);
    if (status == STATUS_OK)
        status = kind == VAULT_MANIFEST ? backup_manifest_read(bytes, size, &restore->manifest)
                                        : STATUS_MISMATCH;
    return status;
}

static enum status secret_load(const char *path, struct vault_key *out_secret)
{
    char text[VAULT_KEY_TEXT_BYTES + 2];
    size_t size = 0;
    enum status status = file_load(path, text, sizeof text - 1, &size);
    text[status == STATUS_OK ? strcspn(text, "\r\n") : 0] = '\0';
    if (status == STATUS_OK)
        status = vault_key_parse(VAULT_SECRET, text, out_secret);
    sodium_memzero(text, sizeof text);
    return status;
}

static int sum_up(const struct restore *restore, enum status status)
{
    const struct options *options = restore->options;
    if (status == STATUS_MISMATCH)
        return backup_say(options, "备份不完整，或被改动过：没有恢复",
                          "the backup is cut short, or was altered: it was not restored");
    if (status != STATUS_OK) {
        if (status != STATUS_INVALID)
            backup_say(options, status_zh(status), status_en(status));
        return backup_say(options, "没有恢复", "not restored");
    }
    printf(options->language == LANGUAGE_ZH
               ? "%s：%s 的备份（%s），至少到第 %" PRId64 " 批，数据库结构版本 %d\n"
               : "%s: the backup of %s (%s), at least to batch %" PRId64 ", schema version %d\n",
           options->language == LANGUAGE_ZH ? (restore->check ? "完好" : "已恢复")
                                            : (restore->check ? "whole" : "restored"),
           restore->manifest.time, restore->manifest.kind, restore->manifest.state.batch,
           restore->manifest.state.schema);
    fflush(stdout);
    return 0;
}

int command_restore(struct options *options)
{
    struct vault_key secret;
    char receipts[PATH_MAX] = "";
    struct restore restore = {.options = options, .check = options->check};
    signal(SIGPIPE, SIG_IGN); /* a program that ended early is told by its exit code */
    /* both are read before root is given up: they may lie where only root comes */
    int file = open(options->from, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return backup_say(options, "--from 的文件打不开", "the file of --from cannot be opened");
    if (options->receipts[0] != '\0' && (!backup_absolute(options->receipts, receipts) ||
                                         strlen(receipts) >= sizeof options->receipts)) {
        close(file);
        return backup_say(options, "--receipts 的目录不存在",
                          "the directory of --receipts does not exist");
    }
    memcpy(options->receipts, receipts, strlen(receipts) + 1);
    if (secret_load(options->secret, &secret) != STATUS_OK) {
        close(file);
        return backup_say(options, "--secret 不是备份密钥的文件",
                          "--secret is not the file of a backup key");
    }
    enum status status = begin(&restore, file, &secret);
    sodium_memzero(&secret, sizeof secret);
    if (status == STATUS_OK)
        status = restore.check ? frames_take(&restore) : restore_write(&restore);
    vault_reader_destroy(&restore.reader);
    close(file);
    int code = sum_up(&restore, status);
    /* the drill: every byte against what was signed, every receipt against the history */
    return code == 0 && !restore.check ? command_audit(options) : code;
}
