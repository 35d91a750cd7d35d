#include "web/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/files.h"

enum option_check { CHECK_NONE, CHECK_FILLED, CHECK_PORT, CHECK_TIME, CHECK_YESNO, CHECK_LEVEL };

#define FIELD(name) offsetof(struct options, name), sizeof((struct options *)0)->name

static const struct option {
    const char *name;
    size_t offset, size;
    const char *preset;
    enum option_check check;
    bool line_only; /* not of the config file */
    const char *zh, *en;
} table[] = {
    {"data",            FIELD(data),            "/var/lib/zhibao-web", CHECK_FILLED, false,
     "数据目录：账户、证书、本机密钥",                                                                                                     "Data directory: accounts, certificate, the gateway's secret"                   },
    {"address",         FIELD(address),         "0.0.0.0",             CHECK_FILLED, false, "监听地址（IPv4）",
     "IPv4 address to listen on"                                                                                                                                                                                                          },
    {"port",            FIELD(port),            "7580",                CHECK_PORT,   false, "监听端口，0 为任选",
     "Port to listen on; 0: any free one"                                                                                                                                                                                                 },
    {"host",            FIELD(host),            "localhost",           CHECK_FILLED, false, "自签证书上的主机名",
     "Host name in the self-made certificate"                                                                                                                                                                                             },
    {"certificate",     FIELD(certificate),     "",                    CHECK_NONE,   false,
     "证书文件（PEM）；留空则首次启动时自签",                                                                                            "Certificate file (PEM); empty: one is made at the first start"                 },
    {"key",             FIELD(key),             "",                    CHECK_NONE,   false, "证书的私钥文件（PEM）",
     "The certificate's private key (PEM)"                                                                                                                                                                                                },
    {"pages",           FIELD(pages),           "",                    CHECK_NONE,   false, "网页文件目录；留空则取程序旁的 ../web/pages",
     "Directory of the pages; empty: ../web/pages beside the program"                                                                                                                                                                     },
    {"timeout_ms",      FIELD(timeout_ms),      "15000",               CHECK_TIME,   false,
     "等待汇总服务器答复的时限（毫秒）",                                                                                                  "How long an answer of the aggregator is waited for, in ms"                     },
    {"head_ms",         FIELD(head_ms),         "40000",               CHECK_TIME,   false,
     "等待一个请求头收齐的时限（毫秒），慢得过头的连接到时断开",                                                              "How long a request's head may take, in ms; a connection that dawdles is ended" },
    {"demonstration",   FIELD(demonstration),   "no",                  CHECK_YESNO,  false,
     "演示站点：每页标明“演示数据”，所报的数也记为演示数据",                                                                 "A demonstration: every page says so, and what is reported is marked as made up"},
    {"log_level",       FIELD(log_level),       "info",                CHECK_LEVEL,  false,
     "日志级别：debug、info、warning、error",                                                                                                     "Least level logged: debug, info, warning, error"                               },
    {"home",            FIELD(home),            "",                    CHECK_NONE,   true,  "import：命令行的单位目录",
     "import: a home of the command line"                                                                                                                                                                                                 },
    {"name",            FIELD(name),            "",                    CHECK_NONE,   true,  "import、factor-off：账户名",
     "import, factor-off: the account's name"                                                                                                                                                                                             },
    {"passphrase_file", FIELD(passphrase_file), "",                    CHECK_NONE,   true,  "import：口令所在文件的首行",
     "import: file whose first line is the passphrase"                                                                                                                                                                                    },
};

enum { OPTIONS = sizeof table / sizeof *table };

static bool is_number(const char *text, long least, long most)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value >= least && value <= most;
}

/* NULL, or what is wrong. */
static const char *check_value(enum option_check check, const char *value)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    switch (check) {
    case CHECK_NONE: return NULL;
    case CHECK_FILLED: return value[0] == '\0' ? "must not be empty" : NULL;
    case CHECK_PORT: return is_number(value, 0, 65535) ? NULL : "must be a port, 0 to 65535";
    case CHECK_TIME: return is_number(value, 100, 600000) ? NULL : "must be 100 to 600000";
    case CHECK_YESNO:
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ? NULL : "must be yes or no";
    case CHECK_LEVEL:
        for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
            if (strcmp(value, levels[i]) == 0)
                return NULL;
        return "must be debug, info, warning or error";
    }
    return NULL;
}

static enum status set_option(struct options *options, const char *name, const char *value,
                              bool from_line, char error[OPTION_ERROR_BYTES])
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *option = &table[i];
        if (strcmp(option->name, name) != 0 || (option->line_only && !from_line))
            continue;
        const char *wrong =
            strlen(value) >= option->size ? "is too long" : check_value(option->check, value);
        if (wrong != NULL) {
            snprintf(error, OPTION_ERROR_BYTES, "%s %s", name, wrong);
            return STATUS_INVALID;
        }
        memcpy((char *)options + option->offset, value, strlen(value) + 1);
        return STATUS_OK;
    }
    snprintf(error, OPTION_ERROR_BYTES, "no such option: %.60s", name);
    return STATUS_INVALID;
}

static enum status read_file(struct options *options, const char *path,
                             char error[OPTION_ERROR_BYTES])
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = file_read(path, 64 * 1024, &bytes, &size);
    if (status != STATUS_OK) {
        snprintf(error, OPTION_ERROR_BYTES, "could not read %.300s: %s", path, status_en(status));
        return STATUS_INVALID;
    }
    char *cursor = (char *)bytes, *name = NULL, *value = NULL;
    while (status == STATUS_OK && setting_next(&cursor, &name, &value))
        status = set_option(options, name, value, false, error);
    free(bytes);
    return status;
}

/* Words without a value; false for any other. */
static bool read_flag(struct options *options, const char *word)
{
    if (strcmp(word, "--help") == 0)
        options->show_help = true;
    else if (strcmp(word, "--version") == 0)
        options->show_version = true;
    else if (strcmp(word, "--print-config") == 0)
        options->print_config = true;
    else if (strcmp(word, "import") == 0)
        options->import = true;
    else if (strcmp(word, "factor-off") == 0)
        options->factor_off = true;
    else
        return false;
    return true;
}

static void set_pages(struct options *options)
{
    char program[OPTION_PATH_BYTES / 2] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = length > 0 ? strrchr(program, '/') : NULL;
    if (options->pages[0] != '\0' || slash == NULL)
        return;
    *slash = '\0';
    snprintf(options->pages, sizeof options->pages, "%s/../web/pages", program);
}

enum status options_read(int argc, char **argv, struct options *out_options,
                         char out_error[OPTION_ERROR_BYTES])
{
    struct options options = {0};
    enum status status = STATUS_OK;
    const char *language = getenv("LANG");
    options.english = language != NULL && strncmp(language, "en", 2) == 0;
    for (size_t i = 0; i < OPTIONS; i++)
        memcpy((char *)&options + table[i].offset, table[i].preset, strlen(table[i].preset) + 1);
    /* the file first, so that the line can say otherwise */
    for (int i = 1; status == STATUS_OK && i + 1 < argc; i++)
        if (strcmp(argv[i], "--config") == 0)
            status = read_file(&options, argv[i + 1], out_error);
    for (int i = 1; status == STATUS_OK && i < argc; i++) {
        if (read_flag(&options, argv[i]))
            continue;
        if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc) {
            snprintf(out_error, OPTION_ERROR_BYTES, "unexpected, or without its value: %.60s",
                     argv[i]);
            return STATUS_INVALID;
        }
        const char *name = argv[i] + 2, *value = argv[++i];
        if (strcmp(name, "lang") == 0)
            options.english = strcmp(value, "en") == 0;
        else if (strcmp(name, "config") != 0)
            status = set_option(&options, name, value, true, out_error);
    }
    if (status == STATUS_OK && (options.certificate[0] == '\0') != (options.key[0] == '\0')) {
        snprintf(out_error, OPTION_ERROR_BYTES,
                 "certificate and key are set together or not at all");
        status = STATUS_INVALID;
    }
    set_pages(&options);
    if (status == STATUS_OK)
        *out_options = options;
    return status;
}

void options_help(FILE *out, bool english)
{
    fputs(
        english
            ? "zhibao-web: the portal. usage: zhibao-web [import|factor-off] [--NAME VALUE]...\n\n"
            : "zhibao-web：门户网站。用法：zhibao-web [import|factor-off] [--名称 值]…\n\n",
        out);
    for (size_t i = 0; i < OPTIONS; i++)
        fprintf(out, "  --%-16s %s%s%s%s\n", table[i].name, english ? table[i].en : table[i].zh,
                table[i].preset[0] == '\0' ? "" : " [", table[i].preset,
                table[i].preset[0] == '\0' ? "" : "]");
    fputs(english ? "  --config FILE, --print-config, --lang zh|en, --version, --help\n\n"
                    "import: makes an account from a home that the command line enrolled\n"
                    "factor-off --name NAME: takes away an account's two-step login, for someone "
                    "who lost the phone and the recovery codes. Make sure who asks.\n"
                  : "  --config 文件、--print-config、--lang zh|en、--version、--help\n\n"
                    "import：把命令行登记过的单位目录变成一个账户\n"
                    "factor-off --name 账户名：取消一个账户的两步验证，供手机和恢复码都丢了的人用；"
                    "先核实是本人。\n",
          out);
}

void options_sample(FILE *out)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (!table[i].line_only)
            fprintf(out, "# %s\n# %s\n%s = %s\n\n", table[i].zh, table[i].en, table[i].name,
                    table[i].preset);
}
