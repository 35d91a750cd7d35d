/* The option table: defaults, both sources, every kind of mistake, and the sample config. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/options.h"

static struct options options;
static struct option_errors errors;
static char path[] = "/tmp/zhibaod-test-XXXXXX";

static enum status parse(const char *const *argv)
{
    int argc = 0;
    while (argv[argc] != NULL)
        argc++;
    return options_parse(argc, argv, &options, &errors);
}

#define PARSE(...) parse((const char *const[]){"zhibaod", __VA_ARGS__ NULL})

/* Writes the config file that `path` names from then on. */
static void config_write(const char *text)
{
    int file = mkstemp(path);
    cr_assert(file >= 0);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

static void config_remove(void)
{
    unlink(path);
}

Test(options, defaults_are_complete)
{
    cr_assert_eq(PARSE(), STATUS_OK);
    cr_expect_str_eq(options.data, "/var/lib/zhibao");
    cr_expect_str_eq(options.user, "zhibao");
    cr_expect_str_eq(options.database, "");
    cr_expect_str_eq(options.listen, "tcp://*:7500");
    cr_expect_str_eq(options.public_endpoint, "tcp://127.0.0.1:7500");
    cr_expect_str_eq(options.public_enrol_endpoint, "tcp://127.0.0.1:7501");
    cr_expect_eq(options.workers, 2);
    cr_expect_eq(options.batch_max, 2000);
    cr_expect_eq(options.code_valid_hours, 72);
    cr_expect_eq(options.log_level, LOG_INFO);
    cr_expect_not(options.enrol_approval);
    cr_expect_eq(options.command, COMMAND_RUN);
}

Test(options, command_line_sets_every_type)
{
    cr_assert_eq(PARSE("run", "--data", "/srv/z", "--workers=7", "--enrol-approval", "yes",
                       "--log_level", "debug", "--listen", "tcp://10.0.0.1:9", "--pg-bin",
                       "/opt/pg/bin", ),
                 STATUS_OK, "%s", errors.items[0].en);
    cr_expect_str_eq(options.data, "/srv/z");
    cr_expect_eq(options.workers, 7);
    cr_expect(options.enrol_approval);
    cr_expect_eq(options.log_level, LOG_DEBUG);
    cr_expect_str_eq(options.public_endpoint, "tcp://10.0.0.1:9");
    cr_expect_str_eq(options.pg_bin, "/opt/pg/bin");
}

Test(options, config_file_is_read_and_the_command_line_wins, .fini = config_remove)
{
    config_write("\xef\xbb\xbf# a comment\n\n  workers = 5   # five\nbatch_max=10\n"
                 "database = host=/run/pg dbname=z password=a#b\n");
    cr_assert_eq(PARSE("--batch_max", "20", "--config", path, ), STATUS_OK, "%s",
                 errors.items[0].en);
    cr_expect_eq(options.workers, 5);
    cr_expect_eq(options.batch_max, 20);
    cr_expect_str_eq(options.database, "host=/run/pg dbname=z password=a#b");
}

Test(options, mistakes_name_file_and_line_and_change_nothing, .fini = config_remove)
{
    char expected[200];
    config_write("workers = 0\nworkers = 3\nwokers = 2\nlisten = udp://x:1\nnonsense\n"
                 "enrol_approval = maybe\nconfig = other\nlog_level = loud\nqueue_max = 12x\n"
                 "data = /x'y\n");
    memset(&options, 0x5a, sizeof options);
    cr_assert_eq(PARSE("--config", path, ), STATUS_INVALID);
    cr_expect_eq(options.workers, 0x5a5a5a5a, "options were applied");
    static const char *const lines[] = {
        ":1: workers must be 1 to 64, not 0",
        ":2: workers is given twice",
        ":3: wokers is not an option",
        ":4: listen must be tcp://HOST:PORT",
        ":5: nonsense is not of the form name = value",
        ":6: enrol_approval must be yes or no",
        ":7: config is not an option",
        ":8: log_level must be debug, info, warning or error",
        ":9: queue_max must be 100 to 1000000, not 12x",
        ":10: data must not hold quotes, backslashes, $ or `",
    };
    cr_assert_eq(errors.count, sizeof lines / sizeof *lines);
    for (size_t i = 0; i < errors.count; i++) {
        snprintf(expected, sizeof expected, "%s%s", path, lines[i]);
        cr_expect_str_eq(errors.items[i].en, expected);
    }
}

Test(options, mistakes_on_the_command_line)
{
    cr_assert_eq(PARSE("--workers", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "command line: workers needs a value");
    cr_expect_str_eq(errors.items[0].zh, "命令行: workers 后面要有值");
    cr_assert_eq(PARSE("--nosuch", "1", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "command line: nosuch is not an option");
    cr_assert_eq(PARSE("--workers", "2", "--workers", "2", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "command line: workers is given twice");
    cr_assert_eq(PARSE("start", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "command line: start is not a command");
    cr_assert_eq(PARSE("--workers", "2", "migrate", ), STATUS_OK, "options may come first");
    cr_expect_eq(options.command, COMMAND_MIGRATE);
    cr_assert_eq(PARSE("migrate", "run", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "command line: run is not a command");
    cr_assert_eq(PARSE("--config", "/nonexistent", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en,
                     "/nonexistent: could not be opened: No such file or directory");
    cr_assert_eq(PARSE("--lang", "fr", ), STATUS_INVALID);
    cr_assert_eq(PARSE("--public_endpoint", "tcp://*:7500", ), STATUS_INVALID);
    cr_assert_eq(PARSE("--listen", "tcp://h:70000", ), STATUS_INVALID);
    cr_assert_eq(PARSE("--listen", "tcp://*:7501", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "options: listen_enrol must differ from listen");
    cr_expect_str_eq(errors.items[0].zh, "选项: listen_enrol 不能与 listen 相同");
    cr_assert_eq(PARSE("--batch_max", "500", "--queue_max", "400", ), STATUS_INVALID);
}

Test(options, first_code_needs_a_place)
{
    cr_assert_eq(PARSE("first-code", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "options: place is needed by first-code");
    cr_assert_eq(PARSE("first-code", "--place", "4502", ), STATUS_INVALID);
    cr_assert_eq(PARSE("first-code", "--place", "450223000000", ), STATUS_OK);
    cr_expect_eq(options.place, 450223000000);
    cr_expect_eq(options.command, COMMAND_FIRST_CODE);
    cr_expect(options.public_assumed);
    cr_assert_eq(PARSE("first-code", "--place", "450223100000", ), STATUS_INVALID);
    cr_assert_eq(PARSE("first-code", "--place", "450223000000", "--plan", "plans/luzhai", "--force",
                       "--public_endpoint", "tcp://10.0.0.1:7500", "--listen_enrol",
                       "tcp://10.0.0.1:7501", ),
                 STATUS_OK);
    cr_expect_str_eq(options.plan, "plans/luzhai");
    cr_expect(options.force);
    cr_expect_not(options.public_assumed);
}

Test(options, backup_and_restore_need_their_files)
{
    cr_assert_eq(PARSE("backup", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "options: to is needed by this command");
    cr_assert_eq(PARSE("restore", "--from", "a.zbk", ), STATUS_INVALID);
    cr_expect_str_eq(errors.items[0].en, "options: secret is needed by this command");
    cr_assert_eq(PARSE("restore", "--from", "a.zbk", "--secret", "k", "--check", ), STATUS_OK);
    cr_expect_eq(options.command, COMMAND_RESTORE);
    cr_expect(options.check);
    /* one letter changed: what is encrypted to nobody cannot be opened by anybody */
    cr_assert_eq(PARSE("--backup_recipient", "ZBKP-AAAA", ), STATUS_INVALID);
}

Test(options, language_follows_the_environment_and_the_switch)
{
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    setenv("LANG", "en_US.UTF-8", 1);
    cr_assert_eq(PARSE(), STATUS_OK);
    cr_expect_eq(options.language, LANGUAGE_EN);
    cr_assert_eq(PARSE("--lang", "zh", ), STATUS_OK);
    cr_expect_eq(options.language, LANGUAGE_ZH);
    setenv("LANG", "zh_CN.UTF-8", 1);
    cr_assert_eq(PARSE("--help", ), STATUS_OK);
    cr_expect_eq(options.language, LANGUAGE_ZH);
}

/* What print writes, in a buffer the caller frees. */
static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert_not_null(out);
    print(out);
    fclose(out);
    return text;
}

static void print_help_zh(FILE *out)
{
    options_print_help(out, LANGUAGE_ZH);
}

static void print_help_en(FILE *out)
{
    options_print_help(out, LANGUAGE_EN);
}

Test(options, every_option_is_in_help_and_sample)
{
    char line[100];
    char *help_zh = printed(print_help_zh);
    char *help_en = printed(print_help_en);
    char *sample = printed(options_print_sample);
    for (const char *const *name = options_names(); *name != NULL; name++) {
        snprintf(line, sizeof line, "  --%s ", *name);
        cr_expect_not_null(strstr(help_zh, line), "%s", *name);
        cr_expect_not_null(strstr(help_en, line), "%s", *name);
        snprintf(line, sizeof line, "\n#%s =", *name);
        cr_expect_not_null(strstr(sample, line), "%s", *name);
    }
    free(help_zh);
    free(help_en);
    free(sample);
}

/* deploy/zhibaod.conf.sample is what --print-config prints: no option can be missing from it. */
Test(options, shipped_sample_is_current)
{
    static char shipped[32 * 1024];
    char *sample = printed(options_print_sample);
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/deploy/zhibaod.conf.sample", "r");
    cr_assert_not_null(file);
    shipped[fread(shipped, 1, sizeof shipped - 1, file)] = '\0';
    fclose(file);
    cr_expect_str_eq(shipped, sample, "run: zhibaod --print-config > deploy/zhibaod.conf.sample");
    free(sample);
}

/* With every # before a name taken away the sample is a valid config of the defaults. */
Test(options, sample_with_its_defaults_uncommented_parses, .fini = config_remove)
{
    static struct options defaults;
    char *sample = printed(options_print_sample);
    char *text = calloc(1, strlen(sample) + 1);
    size_t used = 0;
    for (const char *at = sample; *at != '\0'; at++)
        if (*at != '#' || at[1] == ' ')
            text[used++] = *at;
    config_write(text);
    cr_assert_eq(PARSE(), STATUS_OK);
    defaults = options;
    cr_assert_eq(PARSE("--config", path, ), STATUS_OK, "%s", errors.items[0].en);
    memcpy(defaults.config, options.config, sizeof defaults.config);
    cr_expect_arr_eq((char *)&options, (char *)&defaults, sizeof options);
    free(text);
    free(sample);
}

/* What would fail only once zhibaod runs is found by --check-config. */
Test(options, values_that_cannot_work_are_refused)
{
    static const char *const wrong[][2] = {
        {"--database",    "nonsense here"        },
        {"--boilerplate", "/nonexistent/list"    },
        {"--smtp-ca",     "/nonexistent/ca.pem"  },
        {"--notice-link", "ftp://portal.example/"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *const arguments[] = {"zhibaod", wrong[i][0], wrong[i][1], NULL};
        cr_expect_eq(parse(arguments), STATUS_INVALID, "%s", wrong[i][0]);
        cr_expect_eq(errors.count, 1, "%s", wrong[i][0]);
    }
}
