/* zhibao-demo: fills in the forms of a plan with made-up figures. See README.md beside this file.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "demo/write.h"
#include "plan/plan_dir.h"

enum { ARENA_MAX = 4 * 1024 * 1024, MODEL_BYTES_MAX = 1024 * 1024, EXIT_USAGE = 2 };

struct arguments {
    const char *plan, *model; /* model NULL: beside the plans */
    struct demo_output output;
};

static const char usage[] =
    "用法 usage: zhibao-demo PLAN_DIR --out DIR [--seed N] [--years FIRST-LAST] [--model FILE]\n"
    "按规划的报表生成演示数据（虚构，固定种子）。说明见 deploy/demo/README.md。\n"
    "Fills in a plan's forms with made-up figures from a fixed seed. See deploy/demo/README.md.\n";

static bool parse_years(const char *text, struct demo_output *output)
{
    char *end = NULL;
    output->first_year = (int)strtol(text, &end, 10);
    output->last_year = *end == '-' ? (int)strtol(end + 1, &end, 10) : output->first_year;
    return *end == '\0' && output->first_year >= 2010 && output->first_year <= output->last_year &&
           output->last_year <= 2050;
}

static bool parse_seed(const char *text, struct demo_output *output)
{
    char *end = NULL;
    errno = 0;
    output->seed = strtoull(text, &end, 10);
    return *text != '\0' && *end == '\0' && errno == 0;
}

static bool parse(int argc, char **argv, struct arguments *out_arguments)
{
    struct arguments arguments = {
        .output = {.seed = 20210101, .first_year = 2021, .last_year = 2025}
    };
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (name[0] != '-') {
            if (arguments.plan != NULL)
                return false;
            arguments.plan = name;
            continue;
        }
        const char *value = i + 1 < argc ? argv[++i] : NULL;
        if (value == NULL)
            return false;
        if (strcmp(name, "--out") == 0)
            arguments.output.directory = value;
        else if (strcmp(name, "--model") == 0)
            arguments.model = value;
        else if (strcmp(name, "--seed") == 0
                     ? !parse_seed(value, &arguments.output)
                     : strcmp(name, "--years") != 0 || !parse_years(value, &arguments.output))
            return false;
    }
    *out_arguments = arguments;
    return arguments.plan != NULL && arguments.output.directory != NULL;
}

static void print_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "%s: %s / %s\n", problems->items[i].field, problems->items[i].zh,
                problems->items[i].en);
}

static enum status read_model(const struct arguments *arguments, uint8_t **out_bytes,
                              size_t *out_size)
{
    char path[PATH_MAX];
    int length = arguments->model != NULL
                     ? snprintf(path, sizeof path, "%s", arguments->model)
                     : snprintf(path, sizeof path, "%s/../../demo/model.csv", arguments->plan);
    FILE *file = length < (int)sizeof path ? fopen(path, "rbe") : NULL;
    if (file == NULL) {
        fprintf(stderr, "zhibao-demo: could not open model file: %s\n", strerror(errno));
        return STATUS_IO;
    }
    uint8_t *bytes = malloc(MODEL_BYTES_MAX);
    size_t size = bytes == NULL ? 0 : fread(bytes, 1, MODEL_BYTES_MAX, file);
    enum status status = bytes == NULL ? STATUS_NO_MEMORY : ferror(file) ? STATUS_IO : STATUS_OK;
    if (fclose(file) != 0 && status == STATUS_OK)
        status = STATUS_IO;
    if (status != STATUS_OK) {
        free(bytes);
        return status;
    }
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

static enum status run(const struct arguments *arguments, struct problems *problems)
{
    struct plan_files *files = NULL;
    struct plan *plan = NULL;
    struct demo_model model = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct arena *arena = arena_create(ARENA_MAX);
    enum status status =
        arena == NULL ? STATUS_NO_MEMORY : plan_dir_read(arguments->plan, problems, &files);
    if (status != STATUS_OK)
        goto cleanup;
    status = plan_load(files->files, files->count, problems, &plan);
    if (status != STATUS_OK)
        goto cleanup;
    status = read_model(arguments, &bytes, &size);
    if (status != STATUS_OK)
        goto cleanup;
    status = demo_model_load(plan, bytes, size, arena, problems, &model);
    if (status != STATUS_OK)
        goto cleanup;
    struct demo_output output = arguments->output;
    output.plan = plan;
    output.model = &model;
    status = demo_write(&output, problems);
    if (status == STATUS_IO)
        fprintf(stderr, "zhibao-demo: could not write below %s: %s\n", output.directory,
                strerror(errno));
cleanup:
    free(bytes);
    plan_destroy(&plan);
    plan_files_destroy(&files);
    arena_destroy(&arena);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    struct problems problems;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (!parse(argc, argv, &arguments)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    problems_init(&problems);
    enum status status = run(&arguments, &problems);
    print_problems(&problems);
    if (status != STATUS_OK && problems.count == 0)
        fprintf(stderr, "zhibao-demo: %s\n", status_name(status));
    problems_clear(&problems);
    return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
