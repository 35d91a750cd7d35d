/* The command table, the command line and what is printed. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/families.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "lib/files.h"
#include "scratch.h"

static struct context *make_context(void)
{
    struct context *context = calloc(1, sizeof *context);
    context->arena = arena_create(ZHIBAO_ARENA_MAX);
    return context;
}

static void free_context(struct context *context)
{
    arena_destroy(&context->arena);
    free(context);
}

static bool read_line(struct context *context, int argc, const char **argv)
{
    bool help = false;
    return arguments_read(context, argc, (char **)argv, &help) && !help;
}

#define READ(context, ...)                                                                        \
    read_line((context), (int)(sizeof((const char *[]){"zhibao", __VA_ARGS__}) / sizeof(char *)), \
              (const char *[]){"zhibao", __VA_ARGS__, NULL})

static void expect_texts(const struct option *options)
{
    for (; options != NULL && options->name != NULL; options++)
        cr_assert(options->zh[0] != '\0' && options->en[0] != '\0', "option %s", options->name);
}

#define REFUSE(...)                                \
    do {                                           \
        struct context *refused = make_context();  \
        cr_assert_not(READ(refused, __VA_ARGS__)); \
        free_context(refused);                     \
    } while (0)

Test(cli, every_command_explains_itself_in_both_languages)
{
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++) {
            cr_assert(command->run != NULL && command->usage != NULL, "%s", command->name);
            cr_assert(command->zh[0] != '\0' && command->en[0] != '\0', "%s", command->name);
            cr_assert_leq(command->least, command->most, "%s", command->name);
            expect_texts(command->options);
            for (size_t other = 0; other <= family; other++)
                for (const struct command *same = command_families[other];
                     same->name != NULL && same != command; same++)
                    cr_assert_neq(strcmp(same->name, command->name), 0, "%s twice", command->name);
        }
    expect_texts(global_options);
}

Test(cli, two_words_come_before_one)
{
    struct context *context = make_context();
    cr_assert(READ(context, "--home", "/tmp/x", "form", "show", "village", "--lang=en"));
    cr_assert_str_eq(context->command->name, "form show");
    cr_assert_eq(context->argument_count, 1);
    cr_assert_str_eq(context->home, "/tmp/x");
    cr_assert(context->english);
    free_context(context);
    context = make_context();
    cr_assert(READ(context, "outbox", "--format", "json"));
    cr_assert_str_eq(context->command->name, "outbox");
    cr_assert_eq(context->format, FORMAT_JSON);
    free_context(context);
}

/* What was printed since the redirection. */
static const char *printed(char *text, size_t room)
{
    fflush(stdout);
    FILE *out = cr_get_redirected_stdout();
    size_t size = 0, got;
    while (size < room - 1 && (got = fread(text + size, 1, room - 1 - size, out)) > 0)
        size += got;
    text[size] = '\0';
    return text;
}

Test(cli, every_group_lists_its_commands, .init = cr_redirect_stdout)
{
    static char text[65536];
    char last[60] = "";
    struct context *context = make_context();
    context->english = true;
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++) {
            char group[sizeof last];
            bool help = false;
            size_t length = strcspn(command->name, " ");
            if (command->name[length] == '\0')
                continue;
            snprintf(group, sizeof group, "%.*s", (int)length, command->name);
            char *line[] = {(char *)"zhibao", group, (char *)"--help", NULL};
            struct context *asking = make_context();
            cr_assert(arguments_read(asking, 3, line, &help) && help, "%s --help", group);
            free_context(asking);
            cr_assert(family_exists(group), "%s", group);
            if (strcmp(group, last) != 0) /* each once: it is a long text */
                help_family(context, group);
            snprintf(last, sizeof last, "%s", group);
        }
    const char *all = printed(text, sizeof text);
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++)
            cr_assert(strchr(command->name, ' ') == NULL || strstr(all, command->name) != NULL,
                      "%s is in its group's help", command->name);
    cr_assert_not(family_exists("submit"));
    free_context(context);
}

Test(cli, a_group_with_an_unknown_command_is_refused, .init = cr_redirect_stderr)
{
    REFUSE("plan", "bogus");
    REFUSE("nonsense");
}

Test(cli, options_may_stand_anywhere_and_end_at_two_dashes)
{
    struct context *context = make_context();
    cr_assert(READ(context, "submit", "a.csv", "--year", "2025", "--demo", "--", "--odd.csv"));
    cr_assert_eq(context->argument_count, 2);
    cr_assert_str_eq(context->arguments[1], "--odd.csv");
    cr_assert(option_given(context, "demo"));
    uint32_t year = 0;
    cr_assert(option_year(context, true, &year));
    cr_assert_eq(year, 2025);
    free_context(context);
}

Test(cli, wrong_usage_is_refused, .init = cr_redirect_stderr)
{
    REFUSE("nonsense");
    REFUSE("submit");
    REFUSE("submit", "a.csv", "--nonsense");
    REFUSE("submit", "a.csv", "--year");
    REFUSE("submit", "a.csv", "--demo=yes");
    REFUSE("submit", "a.csv", "--format", "csv");
    REFUSE("outbox", "--format", "xml");
    REFUSE("outbox", "--timeout", "soon");
    REFUSE("outbox", "--lang", "fr");
    REFUSE("whoami", "extra");
    struct context *context = make_context();
    uint32_t year = 0;
    cr_assert(READ(context, "submit", "a.csv", "--year", "20255"));
    cr_assert_not(option_year(context, true, &year));
    free_context(context);
}

Test(cli, exit_codes_tell_what_to_do)
{
    cr_assert_eq(exit_code_of(STATUS_OK), 0);
    cr_assert_eq(exit_code_of(STATUS_E_PERIOD), 1);
    cr_assert_eq(exit_code_of(STATUS_E_KEY_REVOKED), 1);
    cr_assert_eq(exit_code_of(STATUS_MISMATCH), 1);
    cr_assert_eq(exit_code_of(STATUS_INVALID), 2);
    cr_assert_eq(exit_code_of(STATUS_UNREACHABLE), 3);
    cr_assert_eq(exit_code_of(STATUS_TIMEOUT), 3);
    cr_assert_eq(exit_code_of(STATUS_E_UNAVAILABLE), 3);
}

Test(cli, wide_characters_take_two_columns)
{
    cr_assert_eq(text_width("abc"), 3);
    cr_assert_eq(text_width("鹿寨县"), 6);
    cr_assert_eq(text_width("５"), 2);
    cr_assert_eq(text_width("≤3.0‰"), 5);
    cr_assert_eq(text_width(""), 0);
}

static void print_sample(enum format format)
{
    static const struct row_column columns[] = {
        {"name",  "名称", "name",  COLUMN_TEXT  },
        {"value", "数值", "value", COLUMN_NUMBER}
    };
    struct context *context = make_context();
    context->format = format;
    struct rows *rows = rows_create(context, columns, 2);
    const char *const first[] = {"鹿寨, \"县\"", "12"}, *const second[] = {"b", ""};
    rows_add(rows, first);
    rows_add(rows, second);
    cr_assert(rows_print(rows));
    fflush(stdout);
    rows_destroy(&rows);
    free_context(context);
}

Test(rows, table, .init = cr_redirect_stdout)
{
    print_sample(FORMAT_TABLE);
    cr_assert_stdout_eq_str("名称        数值\n鹿寨, \"县\"    12\nb\n");
}

Test(rows, csv, .init = cr_redirect_stdout)
{
    print_sample(FORMAT_CSV);
    cr_assert_stdout_eq_str("name,value\n\"鹿寨, \"\"县\"\"\",12\nb,\n");
}

Test(rows, json, .init = cr_redirect_stdout)
{
    print_sample(FORMAT_JSON);
    cr_assert_stdout_eq_str("[\n  {\n    \"name\": \"鹿寨, \\\"县\\\"\",\n    \"value\": 12\n  },\n"
                            "  {\n    \"name\": \"b\",\n    \"value\": null\n  }\n]\n");
}

Test(rows, lists_are_arrays_in_json, .init = cr_redirect_stdout)
{
    static const struct row_column columns[] = {
        {"units", "单位", "units", COLUMN_LIST   },
        {"none",  "无",    "none",  COLUMN_LIST   },
        {"days",  "天",    "days",  COLUMN_NUMBERS},
    };
    static const char *const cells[] = {"450223000000:1 450223100000", "", "7,3,1"};
    struct context *context = make_context();
    context->format = FORMAT_JSON;
    struct rows *rows = rows_create(context, columns, 3);
    rows_add(rows, cells);
    cr_assert(rows_print(rows));
    char text[512], bare[512];
    size_t length = 0;
    for (const char *at = printed(text, sizeof text); *at != '\0'; at++)
        if (*at != ' ' && *at != '\n')
            bare[length++] = *at;
    bare[length] = '\0';
    cr_assert_str_eq(bare, "[{\"units\":[\"450223000000:1\",\"450223100000\"],\"none\":[],"
                           "\"days\":[7,3,1]}]");
    rows_destroy(&rows);
    free_context(context);
}

Test(words, numbers_have_no_minus_zero_and_no_exponent)
{
    char text[64];
    cr_assert_str_eq(number_text(-0.001, 2, text), "0.00");
    cr_assert_str_eq(number_text(-1.5, 1, text), "-1.5");
    cr_assert_str_eq(number_text(1e15, 0, text), "1000000000000000");
}

Test(words, record_files_are_named_by_unit_kind_and_id)
{
    char text[RECORD_FILE_BYTES];
    struct record_id id = {{0xab}};
    record_file_name(UINT64_C(450223000000017), 2, &id, text);
    cr_assert_str_eq(text, "450223000000.17-review-ab000000000000000000000000000000");
}

static void expect_text(const char *path, const char *text)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(file_read(path, 100, &bytes, &size), STATUS_OK);
    cr_assert_str_eq((const char *)bytes, text);
    free(bytes);
}

Test(files, a_named_file_is_not_replaced_unless_asked)
{
    char directory[] = "/tmp/zhibao-files-XXXXXX", file[64], link[64], nowhere[64], pipe[64];
    struct stat info;
    cr_assert_not_null(mkdtemp(directory));
    snprintf(file, sizeof file, "%s/2025.csv", directory);
    snprintf(link, sizeof link, "%s/link", directory);
    snprintf(nowhere, sizeof nowhere, "%s/nowhere", directory);
    snprintf(pipe, sizeof pipe, "%s/pipe", directory);
    cr_assert_eq(file_save(file, "old", 3, 0644, FILE_KEEP), STATUS_OK);
    cr_assert_eq(file_save(file, "new", 3, 0644, FILE_KEEP), STATUS_CONFLICT);
    expect_text(file, "old");
    cr_assert_eq(symlink(file, link), 0);
    cr_assert_eq(symlink("missing", nowhere), 0);
    cr_assert_eq(file_save(link, "new", 3, 0644, FILE_KEEP), STATUS_CONFLICT);
    cr_assert_eq(file_save(nowhere, "new", 3, 0644, FILE_REPLACE), STATUS_CONFLICT);
    cr_assert_eq(file_save(directory, "new", 3, 0644, FILE_REPLACE), STATUS_CONFLICT);
    cr_assert_eq(file_save(link, "new", 3, 0644, FILE_REPLACE), STATUS_CONFLICT);
    expect_text(file, "old");
    cr_assert_eq(file_save(link, "new", 3, 0644, FILE_FOLLOW), STATUS_OK);
    cr_assert(lstat(link, &info) == 0 && S_ISLNK(info.st_mode));
    expect_text(file, "new");
    /* A pipe stands for every device: written into, still there. */
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    int reader = open(pipe, O_RDONLY | O_NONBLOCK);
    cr_assert_eq(file_save(pipe, "through", 7, 0644, FILE_REPLACE), STATUS_OK);
    char text[8] = "";
    cr_assert_eq(read(reader, text, 7), 7);
    cr_assert_str_eq(text, "through");
    close(reader);
    cr_assert(lstat(pipe, &info) == 0 && S_ISFIFO(info.st_mode));
    scratch_remove(directory);
}
