/* Whole small files, written so that a crash leaves the old or the new one, and the `name = value`
 * lines of our own configuration files. Any thread. */
#ifndef ZHIBAO_LIB_FILES_H
#define ZHIBAO_LIB_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

enum { PATH_BYTES = 1024 }; /* longest path with its NUL */

/* What an errno of a file means: STATUS_FULL, STATUS_DENIED, STATUS_READ_ONLY, else STATUS_IO; and
 * whether a status is one of these four. */
enum status file_failure(int error);
bool file_failed(enum status status);

/* "directory/name"; STATUS_LIMIT when it does not fit. */
MUST_CHECK enum status path_join(const char *directory, const char *name, char out[PATH_BYTES]);

/* The whole file, malloc'ed (caller frees) and followed by a NUL that is not counted.
 * STATUS_NOT_FOUND, STATUS_LIMIT past `limit` bytes, STATUS_IO and the like (file_failure), as
 * below. */
MUST_CHECK enum status file_read(const char *path, size_t limit, uint8_t **out_bytes,
                                 size_t *out_size);

/* Writes beside `path`, fsyncs, renames, fsyncs the directory. */
MUST_CHECK enum status file_write(const char *path, const void *bytes, size_t size, mode_t mode);

/* Writes a file that a user named, whole or not at all (file_write). STATUS_CONFLICT when something
 * is there that `over` leaves alone, when it is a directory, or a link that leads nowhere. A
 * device, pipe or socket is written into as it is, never replaced. */
enum file_over {
    FILE_KEEP,    /* nothing that is there */
    FILE_REPLACE, /* a regular file, but no link, whose target the user may not mean */
    FILE_FOLLOW,  /* as the user insisted: a link's target too; the link stays */
};
MUST_CHECK enum status file_save(const char *path, const void *bytes, size_t size, mode_t mode,
                                 enum file_over over);

/* Renames a file or directory within its directory; durable when it returns. */
MUST_CHECK enum status file_rename(const char *from, const char *to);

/* Copies a file (at most `limit` bytes) with mode 0600, durable; nothing is left of it in memory.
 * STATUS_NOT_FOUND. */
MUST_CHECK enum status file_copy_secret(const char *from, const char *to, size_t limit);

/* Makes a directory unless it is there; its parents must exist. */
MUST_CHECK enum status directory_make(const char *path, mode_t mode);

/* A new directory below TMPDIR (or /tmp) for this process alone. False when there can be none; the
 * caller removes it. */
bool directory_temporary(char *out_path, size_t size);

bool file_exists(const char *path);

/* Takes the next `name = value` line off *cursor, which it moves and writes NULs into. Blank lines
 * and lines that begin with '#' are passed over; a line without '=' is given with value "". False
 * at the end. */
bool setting_next(char **cursor, char **out_name, char **out_value);

#endif
