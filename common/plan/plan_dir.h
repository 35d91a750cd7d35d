/* A plan's folder read into memory: the twelve files of plan_file_names, for plan_load and for
 * shipping in a PlanImport.
 *
 * Does file I/O, unlike the rest of common/plan: blocking reads of regular files, so not for the
 * server's loop thread. Any thread; the result belongs to the caller. */
#ifndef ZHIBAO_PLAN_PLAN_DIR_H
#define ZHIBAO_PLAN_PLAN_DIR_H

#include "plan/plan.h"

enum { PLAN_FILE_BYTES_MAX = 4 * 1024 * 1024 };

struct plan_files {
    size_t count;
    struct plan_file *files; /* in the order of plan_file_names; bytes owned here, names static */
};

/* Reads `dir`; the catalogue is `dir`/catalogue, or `dir`/../catalogue where that is absent. Every
 * file that is missing, unreadable or above PLAN_FILE_BYTES_MAX is a problem that names it and
 * says why. STATUS_OK, STATUS_IO (or STATUS_LIMIT when size was the only trouble), with nothing
 * given out, or STATUS_NO_MEMORY. */
MUST_CHECK enum status plan_dir_read(const char *dir, struct problems *problems,
                                     struct plan_files **out_files);
void plan_files_destroy(struct plan_files **files);

#endif
