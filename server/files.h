/* Small files that must be whole or absent, and directories synced after they change. Any thread.
 */
#ifndef ZHIBAO_SERVER_FILES_H
#define ZHIBAO_SERVER_FILES_H

#include <stddef.h>

#include "base/status.h"

/* Writes `path` (mode 0600) beside its name, syncs, then renames over it and syncs the directory.
 * STATUS_IO, logged. */
MUST_CHECK enum status file_replace(const char *path, const void *bytes, size_t size);

/* The same for a file that must not exist yet: STATUS_CONFLICT when it does, which is not logged
 * and changes nothing. */
MUST_CHECK enum status file_create(const char *path, const void *bytes, size_t size);

/* At most `capacity` bytes and a NUL into `out` (capacity + 1 long). STATUS_NOT_FOUND and
 * STATUS_LIMIT are not logged, STATUS_IO is. */
MUST_CHECK enum status file_load(const char *path, char *out, size_t capacity, size_t *out_size);

/* A directory of mode 0700 owned by this process's user; makes it when absent. STATUS_IO, logged;
 * STATUS_INVALID, logged, when it belongs to someone else. */
MUST_CHECK enum status directory_ensure(const char *path);

/* Makes renames and new files in it survive a power cut. STATUS_IO, logged. */
MUST_CHECK enum status directory_sync(const char *path);

#endif
