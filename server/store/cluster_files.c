#include "server/store/cluster_files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "server/files.h"
#include "server/store/process.h"

enum {
    TOOL_MS = 30 * 1000,
    TREE_FILES = 32, /* directories kept open while removing */
    SETTINGS_BYTES = 4096,
    SOCKET_PATH_MAX = 107, /* sun_path without its NUL */
};

#define SOCKET_FILE "/.s.PGSQL.5432"

static bool path_join(char out[CLUSTER_PATH_BYTES], const char *directory, const char *name)
{
    return snprintf(out, CLUSTER_PATH_BYTES, "%s/%s", directory, name) < CLUSTER_PATH_BYTES;
}

/* The major version of the programs in `bin`, 0 when they are not there. */
static int programs_major(const char *bin)
{
    char postgres[CLUSTER_PATH_BYTES];
    char initdb[CLUSTER_PATH_BYTES];
    char output[200];
    int code = 0;
    int major = 0;
    if (!path_join(postgres, bin, "postgres") || !path_join(initdb, bin, "initdb") ||
        access(initdb, X_OK) != 0)
        return 0;
    const char *const argv[] = {postgres, "--version", NULL};
    if (process_run(argv, TOOL_MS, output, sizeof output, &code) != STATUS_OK || code != 0 ||
        sscanf(output, "postgres (PostgreSQL) %d", &major) != 1)
        return 0;
    return major;
}

static bool bin_from_pg_config(char out[CLUSTER_PATH_BYTES])
{
    const char *const argv[] = {"pg_config", "--bindir", NULL};
    int code = 0;
    if (process_run(argv, TOOL_MS, out, CLUSTER_PATH_BYTES, &code) != STATUS_OK || code != 0)
        return false;
    out[strcspn(out, "\n")] = '\0';
    return out[0] == '/';
}

/* The newest that Debian's packages installed. */
static int bin_from_debian(char out[CLUSTER_PATH_BYTES])
{
    glob_t found = {0};
    int newest = 0;
    if (glob("/usr/lib/postgresql/[0-9]*/bin", 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            int major = programs_major(found.gl_pathv[i]);
            if (major > newest) {
                newest = major;
                snprintf(out, CLUSTER_PATH_BYTES, "%s", found.gl_pathv[i]);
            }
        }
    globfree(&found);
    return newest;
}

static enum status find_programs(const char *pg_bin, struct cluster_paths *paths)
{
    if (pg_bin[0] != '\0') {
        snprintf(paths->bin, sizeof paths->bin, "%s", pg_bin);
        paths->major = programs_major(paths->bin);
    } else {
        if (bin_from_pg_config(paths->bin))
            paths->major = programs_major(paths->bin);
        if (paths->major < CLUSTER_MAJOR_MIN)
            paths->major = bin_from_debian(paths->bin);
    }
    if (paths->major >= CLUSTER_MAJOR_MIN)
        return STATUS_OK;
    log_error("could not find PostgreSQL %d or newer: install the package postgresql, name its "
              "directory with pg_bin, or a server with database pg_bin=%s found=%d",
              CLUSTER_MAJOR_MIN, pg_bin, paths->major);
    return STATUS_NOT_FOUND;
}

enum status cluster_find(const char *data, const char *pg_bin, struct cluster_paths *out_paths)
{
    struct cluster_paths paths = {0};
    char resolved[PATH_MAX];
    if (realpath(data, resolved) == NULL) {
        log_error("could not open the data directory: %s path=%s", strerror(errno), data);
        return STATUS_IO;
    }
    if (snprintf(paths.data, sizeof paths.data, "%s", resolved) >= (int)sizeof paths.data ||
        !path_join(paths.pg, resolved, "pg") || !path_join(paths.fresh, resolved, "pg.new") ||
        !path_join(paths.run, resolved, "run") || !path_join(paths.log, resolved, "log") ||
        !path_join(paths.start_log, resolved, "log/postgresql-start.log")) {
        log_error("could not use the data directory: its path is too long path=%s", resolved);
        return STATUS_LIMIT;
    }
    enum status status = find_programs(pg_bin, &paths);
    if (status == STATUS_OK)
        *out_paths = paths;
    return status;
}

enum status cluster_check_version(const struct cluster_paths *paths)
{
    char path[CLUSTER_PATH_BYTES];
    char text[16];
    size_t size = 0;
    if (!path_join(path, paths->pg, "PG_VERSION") ||
        file_load(path, text, sizeof text - 1, &size) != STATUS_OK)
        return STATUS_OK; /* none yet */
    if (atoi(text) == paths->major)
        return STATUS_OK;
    log_error("could not use the private cluster: it was made by PostgreSQL %d, %s is version %d; "
              "set pg_bin, or upgrade it with pg_upgrade path=%s",
              atoi(text), paths->bin, paths->major, paths->pg);
    return STATUS_MISMATCH;
}

enum status cluster_make_directories(const struct cluster_paths *paths)
{
    enum status status = directory_ensure(paths->run);
    return status == STATUS_OK ? directory_ensure(paths->log) : status;
}

bool cluster_exists(const struct cluster_paths *paths)
{
    return access(paths->pg, F_OK) == 0;
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *position)
{
    (void)found;
    (void)type;
    (void)position;
    return remove(path);
}

enum status cluster_remove_tree(const char *path)
{
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return STATUS_OK;
    if (nftw(path, remove_one, TREE_FILES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0)
        return STATUS_OK;
    log_error("could not remove a directory: %s path=%s", strerror(errno), path);
    return STATUS_IO;
}

enum status cluster_include_settings(const struct cluster_paths *paths)
{
    static const char lines[] = "\n# Zhibao: zhibao.conf is written by zhibaod at every start;\n"
                                "# your own changes belong in local.conf\n"
                                "include 'zhibao.conf'\ninclude_if_exists 'local.conf'\n";
    char path[CLUSTER_PATH_BYTES];
    if (!path_join(path, paths->fresh, "postgresql.conf"))
        return STATUS_LIMIT;
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    bool done = file >= 0 && write(file, lines, sizeof lines - 1) == (ssize_t)sizeof lines - 1 &&
                fsync(file) == 0;
    if (!done)
        log_error("could not write: %s path=%s", strerror(errno), path);
    if (file >= 0)
        close(file);
    return done ? STATUS_OK : STATUS_IO;
}

enum status cluster_rename(const struct cluster_paths *paths)
{
    if (rename(paths->fresh, paths->pg) != 0) {
        log_error("could not rename: %s path=%s", strerror(errno), paths->fresh);
        return STATUS_IO;
    }
    return directory_sync(paths->data);
}

/* A path between single quotes, as postgresql.conf and conninfo want it. */
static bool quote(const char *text, bool conninfo, char *out, size_t size)
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        bool special = *text == '\'' || *text == '\\';
        if (used + 3 > size || (unsigned char)*text < ' ')
            return false;
        if (special)
            out[used++] = conninfo ? '\\' : *text;
        out[used++] = *text;
    }
    out[used] = '\0';
    return true;
}

/* Durability is never traded for speed here: a receipt means stored. Statements and DETAIL stay out
 * of the logs, they hold report contents. */
static const char settings[] =
    "# Written by zhibaod at every start. Put changes into local.conf beside this file.\n"
    "listen_addresses = ''\n"
    "port = 5432\n"
    "unix_socket_directories = '%s'\n"
    "unix_socket_permissions = 0700\n"
    "max_connections = 40\n"
    "cluster_name = 'zhibao'\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "\n"
    "fsync = on\n"
    "synchronous_commit = on\n"
    "full_page_writes = on\n"
    "data_sync_retry = off\n"
    "wal_compression = on\n"
    "wal_buffers = 16MB\n"
    "max_wal_size = 2GB\n"
    "min_wal_size = 256MB\n"
    "wal_keep_size = 512MB\n" /* what is written while a backup is taken goes into it */
    "checkpoint_timeout = 15min\n"
    "checkpoint_completion_target = 0.9\n"
    "\n"
    "shared_buffers = 256MB\n"
    "random_page_cost = 1.1\n"
    "jit = off\n"
    "\n"
    "logging_collector = on\n"
    "log_directory = '%s'\n"
    "log_filename = 'postgresql-%%a.log'\n"
    "log_truncate_on_rotation = on\n"
    "log_rotation_age = 1d\n"
    "log_rotation_size = 0\n"
    "log_file_mode = 0600\n"
    "log_error_verbosity = terse\n"
    "log_min_error_statement = panic\n"
    "log_parameter_max_length_on_error = 0\n";

enum status cluster_write_settings(const struct cluster_paths *paths)
{
    char text[SETTINGS_BYTES];
    char path[CLUSTER_PATH_BYTES];
    char run[2 * CLUSTER_PATH_BYTES];
    char log[2 * CLUSTER_PATH_BYTES];
    if (!path_join(path, paths->pg, "zhibao.conf") || !quote(paths->run, false, run, sizeof run) ||
        !quote(paths->log, false, log, sizeof log))
        return STATUS_LIMIT;
    int length = snprintf(text, sizeof text, settings, run, log);
    if (length < 0 || (size_t)length >= sizeof text)
        return STATUS_LIMIT;
    return file_replace(path, text, (size_t)length);
}

/* Whether process `pid` works in DIR/pg, as a postmaster does. Where /proc is not mounted, that it
 * lives has to do. */
static bool works_in(pid_t pid, const char *directory)
{
    char link[64];
    char target[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
    ssize_t size = readlink(link, target, sizeof target - 1);
    if (size < 0)
        return access("/proc/self/cwd", F_OK) != 0;
    target[size] = '\0';
    return strcmp(target, directory) == 0;
}

/* The number in postmaster.pid, 0 when there is none. */
static pid_t pid_written(const struct cluster_paths *paths, char path[CLUSTER_PATH_BYTES])
{
    char text[1024];
    size_t size = 0;
    if (!path_join(path, paths->pg, "postmaster.pid") ||
        file_load(path, text, sizeof text - 1, &size) != STATUS_OK)
        return 0;
    long number = strtol(text, NULL, 10);
    return number > 0 && number <= INT_MAX ? (pid_t)number : 0;
}

pid_t cluster_postmaster(const struct cluster_paths *paths)
{
    char path[CLUSTER_PATH_BYTES];
    pid_t pid = pid_written(paths, path);
    return pid > 0 && kill(pid, 0) == 0 && works_in(pid, paths->pg) ? pid : 0;
}

void cluster_clear_stale_pid(const struct cluster_paths *paths)
{
    char path[CLUSTER_PATH_BYTES];
    pid_t pid = pid_written(paths, path);
    if (pid > 0 && kill(pid, 0) == 0 && !works_in(pid, paths->pg)) {
        log_warning("removing a stale postmaster.pid path=%s pid=%d", path, (int)pid);
        unlink(path);
    }
}

enum status cluster_conninfo_for(const char *data, const char *user, const char *database,
                                 char out[CLUSTER_CONNINFO_BYTES])
{
    char resolved[PATH_MAX];
    char run[2 * SOCKET_PATH_MAX + 4];
    if (realpath(data, resolved) == NULL) {
        log_error("could not open the data directory: %s path=%s", strerror(errno), data);
        return STATUS_IO;
    }
    if (strlen(resolved) + strlen("/run" SOCKET_FILE) > SOCKET_PATH_MAX ||
        !quote(resolved, true, run, sizeof run)) {
        log_error("could not use the data directory: a Unix socket's path has at most %d bytes "
                  "path=%s",
                  SOCKET_PATH_MAX, resolved);
        return STATUS_LIMIT;
    }
    snprintf(out, CLUSTER_CONNINFO_BYTES, "host='%s/run' port=5432 user=%s dbname=%s", run, user,
             database);
    return STATUS_OK;
}
