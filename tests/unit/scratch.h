/* A scratch directory for one test. */
#ifndef ZHIBAO_TESTS_SCRATCH_H
#define ZHIBAO_TESTS_SCRATCH_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static inline int scratch_remove_one(const char *path, const struct stat *info, int type,
                                     struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

/* Removes the directory and everything in it. */
static inline void scratch_remove(const char *directory)
{
    cr_assert_eq(nftw(directory, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Whether the file is there and readable by nobody but its owner. */
static inline bool scratch_private(const char *directory, const char *name)
{
    char path[512];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &info) == 0 && (info.st_mode & 077) == 0;
}

#endif
