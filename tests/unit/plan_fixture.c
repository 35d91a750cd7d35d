#include "plan_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct plan_files *read_files(const char *name)
{
    char dir[512];
    struct problems problems;
    struct plan_files *files = NULL;
    problems_init(&problems);
    snprintf(dir, sizeof dir, "%s/deploy/plans/%s", ZHIBAO_SOURCE_DIR, name);
    enum status status = plan_dir_read(dir, &problems, &files);
    cr_assert_eq(status, STATUS_OK, "%s: %s", dir, status_name(status));
    problems_clear(&problems);
    return files;
}

static struct plan_file *find(struct plan_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->files[i].name, name) == 0)
            return &files->files[i];
    cr_assert_fail("no file %s", name);
    return NULL;
}

struct plan *fixture_plan(const char *name)
{
    struct problems problems;
    struct plan *plan = NULL;
    struct plan_files *files = read_files(name);
    problems_init(&problems);
    enum status status = plan_load(files->files, files->count, &problems, &plan);
    cr_assert_eq(status, STATUS_OK, "%s: %s: %s %s", name, status_name(status),
                 problems.count > 0 ? problems.items[0].field : "",
                 problems.count > 0 ? problems.items[0].en : "");
    problems_clear(&problems);
    plan_files_destroy(&files);
    return plan;
}

enum status fixture_load(const char *name, const char *file, const char *text,
                         struct problems *problems, struct plan **out_plan)
{
    struct plan_files *files = read_files(name);
    struct plan_file *found = find(files, file);
    free((void *)found->bytes);
    found->size = strlen(text);
    char *copy = malloc(found->size + 1);
    cr_assert_not_null(copy);
    memcpy(copy, text, found->size + 1);
    found->bytes = (const uint8_t *)copy;
    enum status status = plan_load(files->files, files->count, problems, out_plan);
    plan_files_destroy(&files);
    return status;
}

enum status fixture_edit(const char *name, const char *file, const char *from, const char *to,
                         struct problems *problems, struct plan **out_plan)
{
    struct plan_files *files = read_files(name);
    struct plan_file *found = find(files, file);
    size_t room = found->size + strlen(to) + 1;
    char *text = calloc(1, room), *edited = calloc(1, room);
    cr_assert(text != NULL && edited != NULL);
    memcpy(text, found->bytes, found->size);
    char *at = strstr(text, from);
    cr_assert_not_null(at, "\"%s\" is not in %s", from, file);
    snprintf(edited, room, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    plan_files_destroy(&files);
    enum status status = fixture_load(name, file, edited, problems, out_plan);
    free(text);
    free(edited);
    return status;
}

bool fixture_has_problem(const struct problems *problems, const char *field)
{
    for (size_t i = 0; i < problems->count; i++)
        if (strcmp(problems->items[i].field, field) == 0)
            return true;
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "%s: %s\n", problems->items[i].field, problems->items[i].en);
    return false;
}
