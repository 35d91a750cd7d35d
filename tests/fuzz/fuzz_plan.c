/* A plan's files, one of them replaced by the input: its first line names it. The plan is loaded,
 * or what is wrong is told; and what is loaded can be checked. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan/plan_check.h"
#include "plan/plan_dir.h"

static const struct plan_files *base(void)
{
    static struct plan_files *files;
    struct problems problems;
    if (files != NULL)
        return files;
    problems_init(&problems);
    HOLDS(plan_dir_read(ZHIBAO_SOURCE_DIR "/deploy/plans/national", &problems, &files) ==
          STATUS_OK);
    problems_clear(&problems);
    return files;
}

static void check(struct plan **plan)
{
    struct findings *findings = NULL;
    if (plan_check(*plan, &findings) == STATUS_OK)
        findings_destroy(&findings);
    plan_destroy(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct plan_files *whole = base();
    struct plan_file files[32];
    struct problems problems;
    struct plan *plan = NULL;
    const uint8_t *end = memchr(bytes, '\n', size);
    if (end == NULL || size > 64 * 1024 || whole->count > 32)
        return 0;
    size_t name = (size_t)(end - bytes);
    memcpy(files, whole->files, whole->count * sizeof *files);
    for (size_t i = 0; i < whole->count; i++)
        if (strlen(files[i].name) == name && memcmp(files[i].name, bytes, name) == 0) {
            files[i].bytes = end + 1;
            files[i].size = size - name - 1;
        }
    problems_init(&problems);
    if (plan_load(files, whole->count, &problems, &plan) == STATUS_OK)
        check(&plan);
    else
        HOLDS(problems.count > 0);
    problems_clear(&problems);
    return 0;
}
