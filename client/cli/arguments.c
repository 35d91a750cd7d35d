#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

const struct option global_options[] = {
    {"home",    NULL, "DIR",             "本机的目录（默认 $ZHIBAO_HOME 或 ~/.zhibao）",
     "home directory (default $ZHIBAO_HOME or ~/.zhibao)"                                                                                },
    {"server",  NULL, "tcp://HOST:PORT", "改用此服务器地址",                                    "use this server address instead"},
    {"lang",    NULL, "zh|en",           "语言（默认按环境变量 LANG，非 en 即中文）",
     "language (default by LANG: Chinese unless it begins with en)"                                                                      },
    {"format",  NULL, "table|csv|json",  "列表的格式；csv 和 json 的列名不随语言变",
     "format of rows; names of csv and json columns are the same in both languages"                                                      },
    {"timeout", NULL, "SECONDS",         "最长等待秒数（默认30；给出后不提前放弃）",
     "how long to wait (default 30; when given, never gives up early)"                                                                   },
    {"help",    "h",  NULL,              "显示说明",                                                "show this help"                 },
    {NULL,      NULL, NULL,              NULL,                                                          NULL                             },
};

static const struct option *find_option(const struct option *options, const char *name,
                                        size_t length)
{
    for (; options != NULL && options->name != NULL; options++)
        if ((strlen(options->name) == length && strncmp(options->name, name, length) == 0) ||
            (length == 1 && options->letter != NULL && options->letter[0] == name[0]))
            return options;
    return NULL;
}

/* Reads one option at argv[*index]. False after a complaint. */
static bool take_option(struct context *context, int argc, char **argv, int *index)
{
    const char *text = argv[*index];
    bool is_long = text[1] == '-';
    const char *name = text + (is_long ? 2 : 1);
    const char *equals = is_long ? strchr(name, '=') : NULL;
    size_t length = equals == NULL ? strlen(name) : (size_t)(equals - name);
    const struct option *option = NULL;
    if (is_long == (length > 1)) {
        option = find_option(global_options, name, length);
        if (option == NULL && context->command != NULL)
            option = find_option(context->command->options, name, length);
    }
    if (option == NULL) {
        misused(context, "没有选项“%s”", "no such option: %s", text);
        return false;
    }
    const char *value = "";
    if (option->value == NULL && equals != NULL) {
        misused(context, "选项 --%s 不带值", "option --%s takes no value", option->name);
        return false;
    }
    if (option->value != NULL && equals == NULL && *index + 1 >= argc) {
        misused(context, "选项 --%s 缺少值（%s）", "option --%s needs a value (%s)", option->name,
                option->value);
        return false;
    }
    if (option->value != NULL)
        value = equals != NULL ? equals + 1 : argv[++*index];
    if (context->value_count == OPTIONS_MAX) {
        misused(context, "选项过多", "too many options");
        return false;
    }
    context->values[context->value_count++] = (struct option_value){option->name, value};
    return true;
}

/* The command that begins with the words at argv[index]; two words before one. */
static const struct command *find_command(int argc, char **argv, int index, int *out_words)
{
    char both[128] = "";
    if (index + 1 < argc)
        snprintf(both, sizeof both, "%.60s %.60s", argv[index], argv[index + 1]);
    for (int words = 2; words >= 1; words--)
        for (size_t family = 0; family < command_family_count; family++)
            for (const struct command *command = command_families[family]; command->name != NULL;
                 command++)
                if (strcmp(command->name, words == 2 ? both : argv[index]) == 0) {
                    *out_words = words;
                    return command;
                }
    return NULL;
}

bool family_exists(const char *word)
{
    size_t length = strlen(word);
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++)
            if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
                return true;
    return false;
}

static bool take_argument(struct context *context, int argc, char **argv, int *index)
{
    if (context->command == NULL) {
        int words = 0;
        context->command = find_command(argc, argv, *index, &words);
        if (context->command == NULL && context->family == NULL && family_exists(argv[*index])) {
            context->family = argv[*index];
            return true;
        }
        if (context->command == NULL && context->family != NULL) {
            complain(context, "没有命令“%s %s”，zhibao %s --help 列出这一组命令",
                     "no such command: %s %s; zhibao %s --help lists this group", context->family,
                     argv[*index], context->family);
            return false;
        }
        if (context->command == NULL) {
            complain(context, "没有命令“%s”，zhibao help 列出全部命令",
                     "no such command: %s; zhibao help lists them all", argv[*index]);
            return false;
        }
        *index += words - 1;
        return true;
    }
    if (context->argument_count == ARGUMENTS_MAX) {
        misused(context, "参数过多", "too many arguments");
        return false;
    }
    context->arguments[context->argument_count++] = argv[*index];
    return true;
}

static void set_language(struct context *context, int argc, char **argv)
{
    const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *found = NULL;
    for (size_t i = 0; i < 3 && (found == NULL || found[0] == '\0'); i++)
        found = getenv(names[i]);
    /* Complaints about the command line itself are already in the language it asks for. */
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--lang=", 7) == 0)
            found = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            found = argv[i + 1];
    context->english = found != NULL && strncmp(found, "en", 2) == 0;
}

static bool set_home(struct context *context)
{
    const char *home = option_text(context, "home");
    int length;
    if (home == NULL)
        home = getenv("ZHIBAO_HOME");
    if (home != NULL && home[0] != '\0')
        length = snprintf(context->home, sizeof context->home, "%s", home);
    else
        length = snprintf(context->home, sizeof context->home, "%s/.zhibao",
                          getenv("HOME") == NULL ? "." : getenv("HOME"));
    if (length > 0 && (size_t)length < sizeof context->home - 64)
        return true;
    misused(context, "目录名过长", "the home's path is too long");
    return false;
}

static bool set_globals(struct context *context)
{
    const char *lang = option_text(context, "lang"), *format = option_text(context, "format");
    const char *timeout = option_text(context, "timeout");
    if (lang != NULL && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0) {
        misused(context, "语言“%s”不受支持，只有 zh 和 en", "no such language: %s; zh or en", lang);
        return false;
    }
    if (format != NULL && context->command != NULL &&
        find_option(context->command->options, "format", strlen("format")) != NULL)
        format = NULL; /* the command has formats of its own */
    if (format != NULL && (context->command == NULL || !context->command->rows)) {
        misused(context, "此命令不输出列表，没有 --format",
                "this command prints no rows and has no --format");
        return false;
    }
    if (format != NULL && strcmp(format, "csv") == 0)
        context->format = FORMAT_CSV;
    else if (format != NULL && strcmp(format, "json") == 0)
        context->format = FORMAT_JSON;
    else if (format != NULL && strcmp(format, "table") != 0) {
        misused(context, "没有格式“%s”，只有 table、csv、json",
                "no such format: %s; table, csv or json", format);
        return false;
    }
    context->timeout_ms = ZHIBAO_TIMEOUT_DEFAULT_MS;
    if (timeout != NULL) {
        char *end = NULL;
        double seconds = strtod(timeout, &end);
        if (*end != '\0' || !(seconds >= 0.1 && seconds <= 86400)) {
            misused(context, "等待秒数“%s”不正确", "timeout \"%s\" is wrong", timeout);
            return false;
        }
        context->timeout_ms = (uint32_t)(seconds * 1000);
        context->timeout_given = true;
    }
    context->server = option_text(context, "server");
    return set_home(context);
}

bool arguments_read(struct context *context, int argc, char **argv, bool *out_help)
{
    bool only_arguments = false;
    set_language(context, argc, argv);
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        if (!only_arguments && strcmp(text, "--") == 0) {
            only_arguments = true;
            continue;
        }
        bool option = !only_arguments && text[0] == '-' && text[1] != '\0';
        if (!(option ? take_option(context, argc, argv, &i)
                     : take_argument(context, argc, argv, &i)))
            return false;
    }
    *out_help = option_given(context, "help") || context->command == NULL;
    if (*out_help)
        return true;
    if (!set_globals(context))
        return false;
    if (context->argument_count < context->command->least) {
        misused(context, "参数不足", "too few arguments");
        return false;
    }
    if (context->argument_count > context->command->most) {
        misused(context, "多余的参数“%s”", "unexpected argument: %s",
                context->arguments[context->command->most]);
        return false;
    }
    return true;
}

static void print_options(const struct context *context, const struct option *options, bool rows)
{
    for (; options != NULL && options->name != NULL; options++) {
        char left[80];
        if (!rows && strcmp(options->name, "format") == 0)
            continue;
        int length = snprintf(
            left, sizeof left, "%s%s%s--%s%s%s", options->letter == NULL ? "" : "-",
            options->letter == NULL ? "" : options->letter, options->letter == NULL ? "" : ", ",
            options->name, options->value == NULL ? "" : " ",
            options->value == NULL ? "" : options->value);
        printf("  %-*s  %s\n", length < 26 ? 26 : length, left,
               TR(context, options->zh, options->en));
    }
}

static void print_commands(const struct context *context, const char *group)
{
    size_t length = group == NULL ? 0 : strlen(group);
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++) {
            const char *text = TR(context, command->zh, command->en);
            if (group == NULL || (strncmp(command->name, group, length) == 0 &&
                                  (command->name[length] == ' ' || command->name[length] == '\0')))
                printf("  %-15s %.*s\n", command->name, (int)strcspn(text, "\n"), text);
        }
}

void help_command(const struct context *context, const struct command *command)
{
    printf("zhibao %s %s\n\n%s\n", command->name, command->usage,
           TR(context, command->zh, command->en));
    if (command->options != NULL && command->options->name != NULL) {
        printf("\n%s\n", TR(context, "选项：", "Options:"));
        print_options(context, command->options, true);
    }
    printf("\n%s\n", TR(context, "通用选项：", "General options:"));
    print_options(context, global_options, command->rows);
    if (family_exists(command->name)) {
        printf("\n%s\n", TR(context, "这一组命令：", "Commands of this group:"));
        print_commands(context, command->name);
    }
}

void help_family(const struct context *context, const char *family)
{
    say(context, "用法：zhibao %s 命令 …\n", "Usage: zhibao %s COMMAND ...\n", family);
    print_commands(context, family);
    say(context, "\nzhibao %s 命令 --help 看一条命令的说明",
        "\nzhibao %s COMMAND --help explains one", family);
}

void help_print(const struct context *context)
{
    say(context,
        "zhibao（直报）：儿童发展规划监测数据的直接报送\n\n用法：zhibao [通用选项] 命令 …\n",
        "zhibao: direct reporting for children's development plans\n\n"
        "Usage: zhibao [general options] COMMAND ...\n");
    print_commands(context, NULL);
    printf("\n%s\n", TR(context, "通用选项：", "General options:"));
    print_options(context, global_options, true);
    say(context,
        "\n退出码：0 成功；1 被服务器拒绝或核验不通过；2 用法或输入有误；3 "
        "连接不上（材料已留在发件箱）",
        "\nExit codes: 0 done; 1 refused by the server, or does not verify; 2 wrong usage or "
        "input; "
        "3 not reachable (kept in the outbox)");
}
