#include "server/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit_id.h"
#include "server/options_table.h"

struct source {
    const char *zh, *en; /* "command line", or the config file's path */
    int line;            /* 0: none */
};

enum { LINE_BYTES = 2048, FILE_LINES_MAX = 10000 };

static void error_add(struct option_errors *errors, const struct source *source, const char *name,
                      const char *zh, const char *en)
{
    if (errors->count == OPTION_ERRORS_MAX)
        return;
    char line[16] = "";
    if (source->line > 0)
        snprintf(line, sizeof line, ":%d", source->line);
    struct option_error *error = &errors->items[errors->count++];
    const char *blank = name[0] == '\0' ? "" : " ";
    snprintf(error->zh, sizeof error->zh, "%.150s%s: %.60s%s%.180s", source->zh, line, name, blank,
             zh);
    snprintf(error->en, sizeof error->en, "%.150s%s: %.60s%s%.120s", source->en, line, name, blank,
             en);
}

/* Index into the table; '-' and '_' are the same. OPTION_COUNT when there is none. */
static size_t option_index(const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *left = options_table[i].name;
        const char *right = name;
        while (*left != '\0' && (*left == *right || (*left == '_' && *right == '-'))) {
            left++;
            right++;
        }
        if (*left == '\0' && *right == '\0')
            return i;
    }
    return OPTION_COUNT;
}

/* Sets one option once per source; notes what is wrong. */
static void assign(struct options *options, bool seen[OPTION_COUNT], const struct source *source,
                   const char *name, const char *value, struct option_errors *errors)
{
    size_t index = option_index(name);
    struct wrong wrong = {NULL, NULL};
    if (index == OPTION_COUNT)
        wrong = (struct wrong){"没有这个选项", "is not an option"};
    else if (seen[index])
        wrong = (struct wrong){"给了两次", "is given twice"};
    else
        wrong = option_set(&options_table[index], value, options);
    if (index < OPTION_COUNT)
        seen[index] = true;
    if (wrong.en != NULL)
        error_add(errors, source, name, wrong.zh, wrong.en);
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* One line of the config file: empty, a comment, or name = value. A # inside a value starts a
 * comment only after a blank, so that connection strings may hold one. */
static void line_read(char *line, struct options *options, bool seen[OPTION_COUNT],
                      const struct source *source, struct option_errors *errors)
{
    for (char *at = line; *at != '\0'; at++)
        if (*at == '#' && (at == line || isspace((unsigned char)at[-1])))
            *at = '\0';
    line = trim(line);
    if (line[0] == '\0')
        return;
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        error_add(errors, source, line, "不是“名称 = 值”的形式", "is not of the form name = value");
        return;
    }
    *equals = '\0';
    assign(options, seen, source, trim(line), trim(equals + 1), errors);
}

/* The file as a whole: with errno's word. */
static void file_error_add(struct option_errors *errors, const struct source *source,
                           const char *zh, const char *en)
{
    char said_zh[160], said_en[100];
    const char *reason = strerror(errno);
    snprintf(said_zh, sizeof said_zh, "%s：%s", zh, reason);
    snprintf(said_en, sizeof said_en, "%s: %s", en, reason);
    error_add(errors, source, "", said_zh, said_en);
}

static void file_parse(const char *path, struct options *options, struct option_errors *errors)
{
    bool seen[OPTION_COUNT] = {false};
    struct source source = {path, path, 0};
    char line[LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        file_error_add(errors, &source, "打不开", "could not be opened");
        return;
    }
    while (source.line < FILE_LINES_MAX && fgets(line, sizeof line, file) != NULL) {
        source.line++;
        if (source.line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
            memmove(line, line + 3, strlen(line) - 2); /* a byte order mark from an editor */
        if (strlen(line) == sizeof line - 1) {
            error_add(errors, &source, "", "这一行太长", "the line is too long");
            break;
        }
        line_read(line, options, seen, &source, errors);
    }
    source.line = 0;
    if (ferror(file))
        file_error_add(errors, &source, "读不了", "could not be read");
    fclose(file);
}

static bool is_chinese(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "en", 2) != 0;
    }
    return true;
}

static void set_place(struct options *options, const char *value, const struct source *source,
                      struct option_errors *errors)
{
    uint64_t unit = 0;
    if (strlen(value) != 12 || unit_parse(value, &unit) != STATUS_OK)
        error_add(errors, source, "place", "必须是 12 位行政区划代码",
                  "must be a 12-digit place code");
    else
        options->place = (long long)unit_place(unit);
    options->has_place = true;
}

/* What only the command line has. `value` is NULL when none follows. Returns how many arguments
 * were used up, 0 when it is none of these. */
static int command_line_flag(struct options *options, const char *name, const char *value,
                             const struct source *source, struct option_errors *errors)
{
    static const char *const languages[] = {"zh", "en"};
    bool *flag = strcmp(name, "help") == 0           ? &options->show_help
                 : strcmp(name, "force") == 0        ? &options->force
                 : strcmp(name, "logical") == 0      ? &options->logical
                 : strcmp(name, "check") == 0        ? &options->check
                 : strcmp(name, "unsigned") == 0     ? &options->unsigned_parts
                 : strcmp(name, "version") == 0      ? &options->show_version
                 : strcmp(name, "check-config") == 0 ? &options->check_config
                 : strcmp(name, "print-config") == 0 ? &options->print_config
                                                     : NULL;
    if (flag != NULL) {
        *flag = true;
        return 1;
    }
    bool lang = strcmp(name, "lang") == 0;
    char *path = strcmp(name, "config") == 0     ? options->config
                 : strcmp(name, "receipts") == 0 ? options->receipts
                 : strcmp(name, "plan") == 0     ? options->plan
                 : strcmp(name, "to") == 0       ? options->to
                 : strcmp(name, "from") == 0     ? options->from
                 : strcmp(name, "secret") == 0   ? options->secret
                 : strcmp(name, "shares") == 0   ? options->shares
                                                 : NULL;
    if (!lang && path == NULL && strcmp(name, "place") != 0)
        return 0;
    if (value == NULL) {
        error_add(errors, source, name, "后面要有值", "needs a value");
    } else if (lang) {
        int index = word_index(languages, 2, value);
        if (index < 0)
            error_add(errors, source, name, "只能是 zh 或 en", "must be zh or en");
        else
            options->language = (enum language)index;
    } else if (strcmp(name, "place") == 0) {
        set_place(options, value, source, errors);
    } else if (strlen(value) >= OPTION_PATH_BYTES) {
        error_add(errors, source, name, "太长", "is too long");
    } else {
        snprintf(path, OPTION_PATH_BYTES, "%s", value);
    }
    return 2;
}

/* One "--name value" or "--name=value" at argv[at]; returns how many arguments it took. With
 * `flags_only`, table options are stepped over: the config file comes before them. */
static int argument_read(int argc, const char *const *argv, int at, bool flags_only,
                         struct options *options, bool seen[OPTION_COUNT],
                         struct option_errors *errors)
{
    struct source source = {"命令行", "command line", 0};
    char name[OPTION_NAME_BYTES];
    const char *text = argv[at] + 2;
    const char *equals = strchr(text, '=');
    size_t length = equals == NULL ? strlen(text) : (size_t)(equals - text);
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1),
             text);
    const char *value = equals != NULL ? equals + 1 : at + 1 < argc ? argv[at + 1] : NULL;
    struct option_errors dropped = {0};
    struct options ignored;
    int used = command_line_flag(flags_only ? options : &ignored, name, value, &source,
                                 flags_only ? errors : &dropped);
    if (used == 0) {
        used = 2;
        if (flags_only)
            ;
        else if (value == NULL)
            error_add(errors, &source, name,
                      option_index(name) == OPTION_COUNT ? "没有这个选项" : "后面要有值",
                      option_index(name) == OPTION_COUNT ? "is not an option" : "needs a value");
        else
            assign(options, seen, &source, name, value, errors);
    }
    return equals != NULL ? 1 : used;
}

/* Commands first, in the order of enum server_command. */
/* clang-format off */
static const char *const words[] = {
    "run", "migrate", "first-code", "audit", "backup-key", "backup", "restore", "key-encrypt", "key-decrypt", "key-split", "key-join",
    "--config", "--place", "--plan", "--force", "--receipts", "--to", "--logical", "--from",
    "--secret", "--shares", "--unsigned", "--check", "--check-config", "--print-config", "--lang", "--version", "--help", NULL,
};
/* clang-format on */
enum { COMMAND_WORDS = COMMAND_KEY_JOIN + 1 };

const char *const *options_command_words(void)
{
    return words;
}

static void arguments_read(int argc, const char *const *argv, bool flags_only,
                           struct options *options, struct option_errors *errors)
{
    bool seen[OPTION_COUNT] = {false}, named = false;
    struct source source = {"命令行", "command line", 0};
    for (int at = 1; at < argc;) {
        if (strncmp(argv[at], "--", 2) == 0) {
            at += argument_read(argc, argv, at, flags_only, options, seen, errors);
            continue;
        }
        int command = named ? -1 : word_index(words, COMMAND_WORDS, argv[at]);
        named = true;
        if (command >= 0)
            options->command = (enum server_command)command;
        else if (flags_only)
            error_add(errors, &source, argv[at], "没有这个命令", "is not a command");
        at++;
    }
}

/* "tcp://127.0.0.1:PORT" of a listening endpoint, or its own host when it names one. */
static void derive_public(char out[OPTION_ENDPOINT_BYTES], const char *listen, bool *out_assumed)
{
    bool any = strncmp(listen, "tcp://*:", 8) == 0 || strncmp(listen, "tcp://0.0.0.0:", 14) == 0 ||
               strncmp(listen, "tcp://[::]:", 11) == 0;
    if (out[0] != '\0')
        return;
    *out_assumed = *out_assumed || any;
    if (any)
        snprintf(out, OPTION_ENDPOINT_BYTES, "tcp://127.0.0.1:%d", endpoint_port(listen));
    else
        snprintf(out, OPTION_ENDPOINT_BYTES, "%s", listen);
}

/* What a command cannot do without. */
static void check_needed(const struct options *options, struct option_errors *errors)
{
    struct source source = {"选项", "options", 0};
    enum server_command command = options->command;
    if (command == COMMAND_FIRST_CODE && !options->has_place)
        error_add(errors, &source, "place", "是 first-code 必须给出的", "is needed by first-code");
    if ((command == COMMAND_BACKUP || command == COMMAND_KEY_SPLIT) && options->to[0] == '\0')
        error_add(errors, &source, "to", "是这个命令必须给出的", "is needed by this command");
    if ((command == COMMAND_RESTORE || command == COMMAND_KEY_JOIN) && options->from[0] == '\0')
        error_add(errors, &source, "from", "是这个命令必须给出的", "is needed by this command");
    if (command == COMMAND_KEY_SPLIT && options->shares[0] == '\0')
        error_add(errors, &source, "shares", "是 key-split 必须给出的", "is needed by key-split");
    if ((command == COMMAND_RESTORE || command == COMMAND_BACKUP_KEY) && options->secret[0] == '\0')
        error_add(errors, &source, "secret", "是这个命令必须给出的", "is needed by this command");
}

/* What no single option shows. */
static void check_together(const struct options *options, struct option_errors *errors)
{
    struct source source = {"选项", "options", 0};
    if (strcmp(options->listen, options->listen_enrol) == 0)
        error_add(errors, &source, "listen_enrol", "不能与 listen 相同", "must differ from listen");
    if (options->batch_max > options->queue_max)
        error_add(errors, &source, "batch_max", "不能大于 queue_max",
                  "must not be above queue_max");
    if (options->smtp_url[0] != '\0' && options->smtp_from[0] == '\0')
        error_add(errors, &source, "smtp_from", "在设了 smtp_url 时必须给出",
                  "is needed with smtp_url");
    if (options->smtp_user[0] != '\0' && options->smtp_password_file[0] == '\0')
        error_add(errors, &source, "smtp_password_file", "在设了 smtp_user 时必须给出",
                  "is needed with smtp_user");
    const char *testing = getenv("ZHIBAO_TESTING");
    if (options->test_clock[0] != '\0' && (testing == NULL || strcmp(testing, "yes") != 0))
        error_add(errors, &source, "test_clock", "只供测试：它使回执上的时间不真",
                  "is for tests: it makes receipts tell a false time");
    check_needed(options, errors);
    if (place_level((uint64_t)options->place) > PLACE_DISTRICT)
        error_add(errors, &source, "place", "必须是县级以上：村和乡镇不设管理员",
                  "must be a county-level district or above: villages and townships have no "
                  "administrator");
}

enum status options_parse(int argc, const char *const *argv, struct options *out_options,
                          struct option_errors *out_errors)
{
    struct options options = {.language = is_chinese() ? LANGUAGE_ZH : LANGUAGE_EN};
    memset(out_errors, 0, sizeof *out_errors);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options_table[i].preset[0] != '\0')
            (void)option_set(&options_table[i], options_table[i].preset, &options);
    arguments_read(argc, argv, true, &options, out_errors);
    out_options->language = options.language;
    out_options->command = options.command;
    if (options.config[0] != '\0')
        file_parse(options.config, &options, out_errors);
    arguments_read(argc, argv, false, &options, out_errors);
    if (!options.show_help && !options.show_version && !options.print_config)
        check_together(&options, out_errors);
    if (out_errors->count > 0)
        return STATUS_INVALID;
    derive_public(options.public_endpoint, options.listen, &options.public_assumed);
    derive_public(options.public_enrol_endpoint, options.listen_enrol, &options.public_assumed);
    *out_options = options;
    return STATUS_OK;
}
