/* zhibaod backup: the database and the server's keys in one encrypted file. */
#include "server/backup/backup.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "server/commands.h"
#include "server/files.h"
#include "server/signals.h"
#include "server/site.h"
#include "server/store/cluster_files.h"
#include "server/store/process.h"
#include "server/watch/watch_thread.h"

enum { ARGUMENTS_MAX = 16 };

int backup_say(const struct options *options, const char *zh, const char *en)
{
    fprintf(stderr, "%s\n", options->language == LANGUAGE_ZH ? zh : en);
    return 1;
}

bool backup_absolute(const char *path, char out[PATH_MAX])
{
    char parent[PATH_MAX];
    char resolved[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    int length = slash == NULL ? snprintf(parent, sizeof parent, ".")
                 : slash == path
                     ? snprintf(parent, sizeof parent, "/")
                     : snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
    if (length >= (int)sizeof parent || realpath(parent, resolved) == NULL || name[0] == '\0')
        return false;
    return snprintf(out, PATH_MAX, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved, name) <
           PATH_MAX;
}

enum status backup_manifest_write(const struct backup_manifest *manifest,
                                  char out[BACKUP_MANIFEST_BYTES])
{
    int length = snprintf(out, BACKUP_MANIFEST_BYTES,
                          "kind=%s\ntime=%s\npostgres=%d\nschema=%d\nbatch=%" PRId64
                          "\nsoftware=zhibaod " ZHIBAO_VERSION "\n",
                          manifest->kind, manifest->time, manifest->state.postgres,
                          manifest->state.schema, manifest->state.batch);
    return length < BACKUP_MANIFEST_BYTES ? STATUS_OK : STATUS_LIMIT;
}

enum status backup_manifest_read(const uint8_t *bytes, size_t size,
                                 struct backup_manifest *out_manifest)
{
    char text[BACKUP_MANIFEST_BYTES];
    struct backup_manifest read = {.state.postgres = 0};
    if (size >= sizeof text)
        return STATUS_INVALID;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (sscanf(text, "kind=%15[a-z]\ntime=%23s\npostgres=%d\nschema=%d\nbatch=%" SCNd64, read.kind,
               read.time, &read.state.postgres, &read.state.schema, &read.state.batch) != 5)
        return STATUS_INVALID;
    *out_manifest = read;
    return STATUS_OK;
}

static enum status manifest_add(struct vault_writer *writer, const struct site *site,
                                const char *kind, struct backup_manifest *manifest)
{
    struct db *db = NULL;
    struct tm utc;
    time_t now = time(NULL);
    char text[BACKUP_MANIFEST_BYTES];
    gmtime_r(&now, &utc);
    strftime(manifest->time, sizeof manifest->time, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(manifest->kind, sizeof manifest->kind, "%s", kind);
    enum status status = db_open(site->conninfo, DB_OWNER, &db);
    if (status == STATUS_OK)
        status = backup_state_read(db, &manifest->state);
    db_close(&db);
    if (status == STATUS_OK)
        status = backup_manifest_write(manifest, text);
    return status == STATUS_OK ? vault_add(writer, VAULT_MANIFEST, text, strlen(text)) : status;
}

static enum status key_add(struct vault_writer *writer, const char *path, const char *name)
{
    static char frame[VAULT_PLAIN_MAX + 1];
    size_t size = 0;
    size_t before = strlen(name) + 1;
    memcpy(frame, name, before);
    enum status status = file_load(path, frame + before, VAULT_PLAIN_MAX - before, &size);
    if (status == STATUS_OK)
        status = vault_add(writer, VAULT_KEY, frame, before + size);
    else
        log_error("could not read a key file: %s path=%s", status_en(status), path);
    sodium_memzero(frame, sizeof frame);
    return status;
}

/* Every regular file of DIR/keys; a half-written one (NAME.new) is left out. */
static enum status keys_add(struct vault_writer *writer, const char *data)
{
    char directory[PATH_MAX];
    char path[PATH_MAX];
    struct stat found;
    enum status status = STATUS_OK;
    int count = 0;
    snprintf(directory, sizeof directory, "%s/keys", data);
    DIR *keys = opendir(directory);
    if (keys == NULL) {
        log_error("could not open the keys: %s path=%s", strerror(errno), directory);
        return STATUS_IO;
    }
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(keys)) != NULL;) {
        size_t length = strlen(entry->d_name);
        bool half = length > 4 && strcmp(entry->d_name + length - 4, ".new") == 0;
        if (entry->d_name[0] == '.' || half ||
            snprintf(path, sizeof path, "%s/%s", directory, entry->d_name) >= (int)sizeof path ||
            lstat(path, &found) != 0 || !S_ISREG(found.st_mode))
            continue;
        status =
            ++count > BACKUP_KEY_FILES_MAX ? STATUS_LIMIT : key_add(writer, path, entry->d_name);
    }
    closedir(keys);
    return status;
}

/* All that the program prints, frame by frame. */
static enum status data_add(struct vault_writer *writer, const char *const *argv)
{
    static uint8_t frame[VAULT_PLAIN_MAX];
    struct process process;
    enum status status = process_start(argv, PROCESS_OUTPUT, &process);
    if (status != STATUS_OK) {
        log_error("could not start %s: %s", argv[0], status_en(status));
        return status;
    }
    for (;;) {
        ssize_t size = read(process.file, frame, sizeof frame);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0) {
            status = size == 0 ? STATUS_OK : STATUS_IO;
            break;
        }
        status = signals_stop_asked(0) ? STATUS_CANCELLED
                                       : vault_add(writer, VAULT_DATA, frame, (size_t)size);
        if (status != STATUS_OK)
            break;
    }
    int code = process_end(&process, status != STATUS_OK);
    if (status == STATUS_OK && code != 0) {
        log_error("could not back up the database: %s failed, see above exit=%d", argv[0], code);
        status = STATUS_DATABASE;
    }
    return status;
}

static enum status physical_add(struct vault_writer *writer, const struct options *options,
                                const struct cluster_paths *paths)
{
    char program[CLUSTER_PATH_BYTES + 32];
    char conninfo[CLUSTER_CONNINFO_BYTES];
    enum status status =
        cluster_conninfo_for(options->data, CLUSTER_SUPERUSER, "postgres", conninfo);
    if (status != STATUS_OK)
        return status;
    snprintf(program, sizeof program, "%s/pg_basebackup", paths->bin);
    const char *const argv[] = {program, "-d", conninfo, "-D",      "-",
                                "-F",    "t",  "-X",     "fetch",   "-c",
                                "fast",  "-w", "-l",     "zhibaod", "--manifest-checksums=SHA256",
                                NULL};
    return data_add(writer, argv);
}

static enum status logical_add(struct vault_writer *writer, const struct site *site,
                               const struct cluster_paths *paths)
{
    char program[CLUSTER_PATH_BYTES + 32];
    snprintf(program, sizeof program, "%s/pg_dump", paths->bin);
    const char *const argv[] = {
        program, "-F", "c", "-Z", "1", "-n", "zhibao", "-w", "--role=zhibao_owner", NULL};
    enum status status = backup_environment(site->conninfo);
    return status == STATUS_OK ? data_add(writer, argv) : status;
}

static void sum_up(const struct options *options, const struct backup_manifest *manifest,
                   const char *path, uint64_t bytes)
{
    printf(options->language == LANGUAGE_ZH
               ? "备份已完成：%s（%s，%" PRIu64 " 字节，至少到第 %" PRId64
                 " 批）；只有备份密钥的持有人能打开\n"
               : "backed up: %s (%s, %" PRIu64 " bytes, at least to batch %" PRId64
                 "); only the holder of the backup key can open it\n",
           path, manifest->kind, bytes, manifest->state.batch);
}

/* FILE, or a name with the time in the directory FILE. */
static bool target_name(const struct options *options, char out[PATH_MAX])
{
    char path[PATH_MAX];
    char stamp[32];
    struct stat found;
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
    bool directory = stat(options->to, &found) == 0 && S_ISDIR(found.st_mode);
    int length = directory ? snprintf(path, sizeof path, "%s/zhibao-%s.zbk", options->to, stamp)
                           : snprintf(path, sizeof path, "%s", options->to);
    return length < (int)sizeof path && backup_absolute(path, out);
}

static enum status backup_write(const struct options *options, const struct site *site,
                                const struct vault_key *recipient, const char *path)
{
    struct cluster_paths paths;
    struct vault_writer *writer = NULL;
    struct backup_manifest manifest = {.state.postgres = 0};
    uint64_t bytes = 0;
    bool logical = options->logical || options->database[0] != '\0';
    enum status status = cluster_find(options->data, options->pg_bin, &paths);
    if (status == STATUS_OK)
        status = vault_create(path, recipient, &writer);
    if (status == STATUS_OK)
        status = manifest_add(writer, site, logical ? BACKUP_LOGICAL : BACKUP_PHYSICAL, &manifest);
    if (status == STATUS_OK)
        status = keys_add(writer, options->data);
    if (status == STATUS_OK)
        status =
            logical ? logical_add(writer, site, &paths) : physical_add(writer, options, &paths);
    if (status == STATUS_OK)
        status = vault_finish(writer, &bytes);
    vault_writer_destroy(&writer);
    if (status == STATUS_OK)
        status = watch_backup_note(options->data, clock_now_us()); /* for the alarm of old ones */
    if (status == STATUS_OK)
        sum_up(options, &manifest, path, bytes);
    return status;
}

int command_backup(struct options *options)
{
    struct site site;
    struct vault_key recipient;
    char path[PATH_MAX];
    memset(&site, 0, sizeof site);
    if (vault_key_parse(VAULT_PUBLIC, options->backup_recipient, &recipient) != STATUS_OK)
        return backup_say(options,
                          "没有备份密钥：在不联网的电脑上运行 zhibaod backup-key --secret 文件，"
                          "把它打印的 ZBKP-… 写入配置的 backup_recipient",
                          "there is no backup key: run zhibaod backup-key --secret FILE on a "
                          "computer that is offline, and set backup_recipient to the ZBKP-... "
                          "that it prints");
    if (!target_name(options, path))
        return backup_say(options, "--to 所指的目录不存在", "the directory of --to does not exist");
    enum status status = site_join_as_is(options, &site);
    if (status == STATUS_OK)
        status = backup_write(options, &site, &recipient, path);
    site_close(&site);
    if (status == STATUS_OK)
        return 0;
    if (status == STATUS_CANCELLED)
        backup_say(options, "备份已中止", "the backup was stopped");
    else
        backup_say(options, "没有备份：原因见上", "nothing was backed up: see above");
    return 1;
}
