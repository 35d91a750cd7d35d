#include "server/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit_id.h"
#include "server/notify/address.h"

enum option_type {
    TYPE_TEXT, /* anything printable on one line */
    TYPE_PATH, /* the same, without quotes, $ and the like: it is handed to PostgreSQL's tools */
    TYPE_ENDPOINT, /* tcp://host:port */
    TYPE_INTEGER,
    TYPE_BOOL,
    TYPE_LEVEL, /* debug, info, warning, error */
};

/* More than the type asks for: NULL, or what is wrong with the value. */
typedef const char *(*option_checker)(const char *value);

struct option {
    const char *name;
    enum option_type type;
    size_t offset, size; /* of the field in struct options; size of strings */
    const char *preset;
    long long least, most; /* integers */
    option_checker check;
    const char *zh, *en;
};

struct source {
    const char *name; /* "command line", or the config file's path */
    int line;         /* 0: none */
};

enum { LINE_BYTES = 2048, FILE_LINES_MAX = 10000, PORT_MAX = 65535 };

static const char *check_user(const char *value)
{
    return value[0] == '\0' ? "must not be empty" : NULL;
}

static const char *check_data(const char *value)
{
    return value[0] == '\0' ? "must not be empty" : NULL;
}

static const char *check_absolute(const char *value)
{
    return value[0] == '\0' || value[0] == '/' ? NULL : "must be an absolute path";
}

static const char *check_public(const char *value)
{
    return strncmp(value, "tcp://*", 7) == 0 || strncmp(value, "tcp://0.0.0.0", 13) == 0
               ? "must name a host that clients can reach"
               : NULL;
}

static const char *check_smtp(const char *value)
{
    return value[0] == '\0' || strncmp(value, "smtp://", 7) == 0 ||
                   strncmp(value, "smtps://", 8) == 0
               ? NULL
               : "must be smtp://HOST:PORT or smtps://HOST:PORT";
}

static const char *check_email(const char *value)
{
    return value[0] == '\0' || address_email_good(value) ? NULL : "must be an address NAME@DOMAIN";
}

#define FIELD(name) offsetof(struct options, name), sizeof((struct options *)0)->name

static const struct option options_table[] = {
    {"data",                  TYPE_PATH,     FIELD(data),                  "/var/lib/zhibao", 0,    0,       check_data,
     "数据目录：服务器密钥、私有数据库、锁文件。须备份其中的 keys 目录",
     "Data directory: the server's keys, the private database, the lock. Back up its keys folder"                                                                                                                                                               },
    {"database",              TYPE_TEXT,     FIELD(database),              "",                0,    0,       NULL,
     "数据库连接串（PostgreSQL 15 以上）；留空则在数据目录中自建并运行私有数据库",
     "Connection string of a PostgreSQL 15 or newer; empty: create and run a private one in data"                                                                                                                                                               },
    {"user",                  TYPE_TEXT,     FIELD(user),                  "zhibao",          0,    0,       check_user,
     "以 root 启动时改用的系统用户；数据库从不以 root 运行",                                                                                                 "System user to become when started as root; the database never runs as root"  },
    {"pg_bin",                TYPE_PATH,     FIELD(pg_bin),                "",                0,    0,       check_absolute,
     "PostgreSQL 程序（initdb、pg_ctl）所在目录；留空则自动查找",                                                                                               "Directory of PostgreSQL's programs (initdb, pg_ctl); empty: looked for"       },
    {"listen",                TYPE_ENDPOINT, FIELD(listen),                "tcp://*:7500",    0,    0,       NULL,           "填报与查询的监听地址",
     "Where units connect to report and ask"                                                                                                                                                                                                                    },
    {"listen_enrol",          TYPE_ENDPOINT, FIELD(listen_enrol),          "tcp://*:7501",    0,    0,       NULL,
     "登记密钥的监听地址，只接受一次性登记码",                                                                                                                "Where one-time enrolment codes are redeemed"                                  },
    {"public_endpoint",       TYPE_ENDPOINT, FIELD(public_endpoint),       "",                0,    0,       check_public,
     "告知各单位的填报地址；留空则取监听地址，其中 * 换作 127.0.0.1，只适合单机试用",
     "Address of listen as units reach it; empty: listen itself, * read as 127.0.0.1 (one "
     "machine)"                                                                                                                                                                                                                                                 },
    {"public_enrol_endpoint", TYPE_ENDPOINT, FIELD(public_enrol_endpoint), "",                0,    0,       check_public,
     "写入登记码的登记地址；留空同上",                                                                                                                            "Address of listen_enrol as written into enrolment codes; empty: as above"     },
    {"workers",               TYPE_INTEGER,  FIELD(workers),               "2",               1,    64,      NULL,           "解码与校验线程数",
     "Threads that decode and check reports"                                                                                                                                                                                                                    },
    {"query_threads",         TYPE_INTEGER,  FIELD(query_threads),         "2",               1,    16,      NULL,
     "查询线程数，每线程一个数据库连接",                                                                                                                         "Threads that answer questions, one connection each"                           },
    {"batch_max",             TYPE_INTEGER,  FIELD(batch_max),             "2000",            1,    10000,   NULL,
     "一次提交最多包含的报送数",                                                                                                                                     "Most reports stored by one COMMIT"                                            },
    {"queue_max",             TYPE_INTEGER,  FIELD(queue_max),             "20000",           100,  1000000, NULL,
     "处理中的请求上限，超出则答复“稍后再试”",                                                                                                             "Most requests in hand; beyond: \"try later\""                                 },
    {"max_message_kb",        TYPE_INTEGER,  FIELD(max_message_kb),        "1024",            64,   1024,    NULL,
     "单个报文的上限（KB）",                                                                                                                                            "Largest message accepted, in KB"                                              },
    {"handshake_ms",          TYPE_INTEGER,  FIELD(handshake_ms),          "5000",            500,  60000,   NULL,
     "连接握手时限（毫秒）",                                                                                                                                           "Time allowed for a connection's handshake, in ms"                             },
    {"heartbeat_ms",          TYPE_INTEGER,  FIELD(heartbeat_ms),          "15000",           1000, 600000,  NULL,
     "心跳间隔（毫秒），两个间隔无应答即断开",                                                                                                                "Interval of heartbeats, in ms; two without an answer end the connection"      },
    {"backlog",               TYPE_INTEGER,  FIELD(backlog),               "4096",            16,   65535,   NULL,           "同时等待接受的连接数",
     "Connections that may wait to be accepted"                                                                                                                                                                                                                 },
    {"enrol_rate_per_minute", TYPE_INTEGER,  FIELD(enrol_rate_per_minute), "1200",            1,    1000000, NULL,
     "每分钟接受的登记尝试总数",                                                                                                                                     "Enrolment attempts accepted per minute, all peers together"                   },
    {"enrol_approval",        TYPE_BOOL,     FIELD(enrol_approval),        "no",              0,    0,       NULL,
     "新登记的密钥须经管理员批准才生效",                                                                                                                         "New keys wait for the administrator's approval"                               },
    {"code_valid_hours",      TYPE_INTEGER,  FIELD(code_valid_hours),      "72",              1,    8760,    NULL,
     "登记码有效时间（小时）",                                                                                                                                        "Hours for which an enrolment code is valid"                                   },
    {"document_unit_mb",      TYPE_INTEGER,  FIELD(document_unit_mb),      "2048",            1,    1048576, NULL,
     "一个单位的文件总量上限（MB）",                                                                                                                                "Most that one unit's documents may take, in MB"                               },
    {"upload_mb",             TYPE_INTEGER,  FIELD(upload_mb),             "4096",            1,    1048576, NULL,
     "全部单位未传完文件的总量上限（MB）",                                                                                                                       "Most that all unfinished uploads may take, in MB"                             },
    {"upload_keep_hours",     TYPE_INTEGER,  FIELD(upload_keep_hours),     "168",             1,    8760,    NULL,
     "未传完的文件保留多久（小时）",                                                                                                                               "Hours for which an unfinished upload is kept"                                 },
    {"boilerplate",           TYPE_PATH,     FIELD(boilerplate),           "",                0,    0,       check_absolute,
     "不接受的说明套话，一行一句的文件；留空用自带的（deploy/checks/boilerplate.txt）",
     "File of phrases that explain nothing, one a line; empty: the list that is built in"                                                                                                                                                                       },
    {"uplink_home",           TYPE_PATH,     FIELD(uplink_home),           "",                0,    0,       check_absolute,
     "向上级报送汇总所用的目录（先用 zhibao --home 目录 enrol 登记）；留空则不上报",
     "Home with which the consolidation is reported to the level above (enrol it first with zhibao "
     "--home DIR enrol); empty: not"                                                                                                                                                                                                                            },
    {"uplink_server",         TYPE_ENDPOINT, FIELD(uplink_server),         "",                0,    0,       check_public,
     "上级的填报地址；留空则用登记时得到的",                                                                                                                   "Address of the level above; empty: as enrolment gave it"                      },
    {"uplink_form",           TYPE_TEXT,     FIELD(uplink_form),           "district",        0,    0,       check_user,
     "上级规划中由区县填报的报表代码",                                                                                                                            "Code of the form that the level above asks districts for"                     },
    {"uplink_interval_s",     TYPE_INTEGER,  FIELD(uplink_interval_s),     "60",              1,    86400,   NULL,
     "多久查看一次有无变化（秒）",                                                                                                                                  "How often to look for changes, in seconds"                                    },
    {"smtp_url",              TYPE_TEXT,     FIELD(smtp_url),              "",                0,    0,       check_smtp,
     "发通知邮件的服务器，如 smtp://mail.example.cn:587；留空则不发",                                                                                           "Server for notices by e-mail, such as smtp://mail.example.cn:587; empty: none"},
    {"smtp_from",             TYPE_TEXT,     FIELD(smtp_from),             "",                0,    0,       check_email,    "通知邮件的发件地址",
     "Address that notices by e-mail come from"                                                                                                                                                                                                                 },
    {"smtp_user",             TYPE_TEXT,     FIELD(smtp_user),             "",                0,    0,       NULL,           "邮件服务器的用户名；留空则不登录",
     "User name for the mail server; empty: do not log in"                                                                                                                                                                                                      },
    {"smtp_password_file",    TYPE_PATH,     FIELD(smtp_password_file),    "",                0,    0,       check_absolute,
     "存放其口令的文件（第一行），每次连接时读取",                                                                                                          "File with its password (the first line), read at each connection"             },
    {"smtp_tls",              TYPE_BOOL,     FIELD(smtp_tls),              "yes",             0,    0,       NULL,
     "要求邮件服务器用 TLS；no 只适合本机",                                                                                                                        "Insist on TLS with the mail server; no is for this machine only"              },
    {"smtp_ca",               TYPE_PATH,     FIELD(smtp_ca),               "",                0,    0,       check_absolute,
     "核验邮件服务器证书的 CA 文件；留空用系统的",                                                                                                            "CA file for the mail server's certificate; empty: the system's"               },
    {"webhook_hosts",         TYPE_TEXT,     FIELD(webhook_hosts),         "",                0,    0,       NULL,
     "可以推送通知的主机，逗号分隔，须 https（http://主机:端口 除外）；留空则不推送",
     "Hosts that notices may be posted to, by https (or http://HOST:PORT); empty: none"                                                                                                                                                                         },
    {"webhook_ca",            TYPE_PATH,     FIELD(webhook_ca),            "",                0,    0,       check_absolute,
     "核验这些主机证书的 CA 文件；留空用系统的",                                                                                                               "CA file for those hosts' certificates; empty: the system's"                   },
    {"notice_link",           TYPE_TEXT,     FIELD(notice_link),           "",                0,    0,       NULL,
     "写在通知里的门户网址；留空则只写命令",                                                                                                                   "The portal's address as written into notices; empty: only the command"        },
    {"notice_retry_s",        TYPE_INTEGER,  FIELD(notice_retry_s),        "60",              1,    86400,   NULL,
     "通知没有送出时多少秒后再试，每次加倍，至多一小时",                                                                                                 "Seconds until a failed notice is tried again; doubled each time, to an hour"  },
    {"notice_timeout_s",      TYPE_INTEGER,  FIELD(notice_timeout_s),      "20",              1,    300,     NULL,
     "一次发送的时限（秒）",                                                                                                                                           "Time allowed for one attempt, in seconds"                                     },
    {"notice_days",           TYPE_INTEGER,  FIELD(notice_days),           "7",               1,    60,      NULL,
     "几天送不出即放弃（zhibao notices 可见）",                                                                                                                      "Days after which a notice is given up (zhibao notices shows it)"              },
    {"log_level",             TYPE_LEVEL,    FIELD(log_level),             "info",            0,    0,       NULL,
     "日志级别：debug、info、warning、error",                                                                                                                            "Least level logged: debug, info, warning, error"                              },
    {"test_clock",            TYPE_PATH,     FIELD(test_clock),            "",                0,    0,       check_absolute,
     "仅供测试：文件中的秒数加在服务器时钟上；须设环境变量 ZHIBAO_TESTING=yes，否则拒绝启动",
     "For tests only: seconds in this file are added to the server's clock; refused unless the "
     "environment has ZHIBAO_TESTING=yes"                                                                                                                                                                                                                       },
};

/* Flags and words of the command line alone; handled by command_line_flag. */
static const struct {
    const char *text, *zh, *en;
} command_line_help[] = {
    {"--config FILE",  "配置文件（名 = 值，# 起注释）",                        "Config file (name = value, # comments)"},
    {"--place CODE",   "first-code：管理员所在地的12位区划代码",
     "first-code: 12-digit code of the administrator's place"                                                                      },
    {"--plan DIR",     "first-code：规划目录，区划代码须在其 places.csv 中",
     "first-code: a plan's folder whose places.csv has the place"                                                                  },
    {"--force",        "first-code：不核对区划代码",                               "first-code: do not look the place up"  },
    {"--receipts DIR", "audit：目录中的回执（*.zbr）须都属于这段历史",
     "audit: the receipts (*.zbr) of this directory must all be of this history"                                                   },
    {"--check-config", "检查配置后退出：0 正确，2 有误",
     "Check the options; exit 0, or 2 when wrong"                                                                                  },
    {"--print-config", "打印配置文件样例",                                         "Print a sample config file"            },
    {"--lang zh|en",   "帮助的语言",                                                  "Language of the help"                  },
    {"--version",      "版本",                                                           "Version"                               },
    {"--help",         "本帮助",                                                        "This help"                             },
};

enum { OPTION_COUNT = sizeof options_table / sizeof *options_table };

const char *const *options_names(void)
{
    static const char *names[OPTION_COUNT + 1];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = options_table[i].name;
    return names;
}

static void error_add(struct option_errors *errors, const struct source *source, const char *name,
                      const char *what)
{
    if (errors->count == OPTION_ERRORS_MAX)
        return;
    char *line = errors->lines[errors->count++];
    if (source->line > 0)
        snprintf(line, OPTION_ERROR_BYTES, "%.150s:%d: %.60s %.100s", source->name, source->line,
                 name, what);
    else
        snprintf(line, OPTION_ERROR_BYTES, "%.150s: %.60s %.100s", source->name, name, what);
}

/* The port behind the last colon of tcp://host:port, 0 when it is not one. */
static int endpoint_port(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    char *end = NULL;
    if (strncmp(endpoint, "tcp://", 6) != 0 || colon == NULL || colon < endpoint + 7 ||
        !isdigit((unsigned char)colon[1]))
        return 0;
    long port = strtol(colon + 1, &end, 10);
    return *end == '\0' && port >= 1 && port <= PORT_MAX ? (int)port : 0;
}

static const char *check_characters(const char *value, const char *forbidden)
{
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return "must not hold control characters";
        if (strchr(forbidden, *at) != NULL)
            return "must not hold quotes, backslashes, $ or `";
    }
    return NULL;
}

static const char *set_text(const struct option *option, const char *value, void *field)
{
    const char *wrong = check_characters(value, option->type == TYPE_PATH ? "'\"\\$`" : "");
    if (wrong != NULL)
        return wrong;
    if (strlen(value) >= option->size)
        return "is too long";
    if (option->type == TYPE_ENDPOINT && value[0] != '\0' &&
        (endpoint_port(value) == 0 || strpbrk(value, " \t") != NULL))
        return "must be tcp://HOST:PORT";
    if (option->type == TYPE_ENDPOINT && value[0] == '\0' && option->preset[0] != '\0')
        return "must be tcp://HOST:PORT";
    memset(field, 0, option->size);
    memcpy(field, value, strlen(value));
    return NULL;
}

static const char *set_integer(const struct option *option, const char *value, int *field)
{
    static char wrong[80]; /* main thread only */
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool digits = isdigit((unsigned char)value[0]) && *end == '\0' && errno == 0;
    if (!digits || number < option->least || number > option->most) {
        snprintf(wrong, sizeof wrong, "must be %lld to %lld, not %.20s", option->least,
                 option->most, value);
        return wrong;
    }
    *field = (int)number;
    return NULL;
}

/* The index of `value` in words, or -1. */
static int word_index(const char *const *words, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], value) == 0)
            return (int)i;
    return -1;
}

static const char *set_bool(const char *value, bool *field)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};
    int index = word_index(words, sizeof words / sizeof *words, value);
    if (index < 0)
        return "must be yes or no";
    *field = index % 2 == 1;
    return NULL;
}

static const char *set_level(const char *value, enum log_level *field)
{
    static const char *const words[] = {"debug", "info", "warning", "error"};
    int index = word_index(words, sizeof words / sizeof *words, value);
    if (index < 0)
        return "must be debug, info, warning or error";
    *field = (enum log_level)index;
    return NULL;
}

/* NULL, or what is wrong; the field is then as it was. */
static const char *option_set(const struct option *option, const char *value,
                              struct options *options)
{
    void *field = (char *)options + option->offset;
    const char *wrong = option->check == NULL ? NULL : option->check(value);
    if (wrong != NULL)
        return wrong;
    switch (option->type) {
    case TYPE_TEXT:
    case TYPE_PATH:
    case TYPE_ENDPOINT: return set_text(option, value, field);
    case TYPE_INTEGER: return set_integer(option, value, field);
    case TYPE_BOOL: return set_bool(value, field);
    case TYPE_LEVEL: return set_level(value, field);
    }
    return "is of no known type";
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
    const char *wrong = NULL;
    if (index == OPTION_COUNT)
        wrong = "is not an option";
    else if (seen[index])
        wrong = "is given twice";
    else
        wrong = option_set(&options_table[index], value, options);
    if (index < OPTION_COUNT)
        seen[index] = true;
    if (wrong != NULL)
        error_add(errors, source, name, wrong);
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
        error_add(errors, source, line, "is not of the form name = value");
        return;
    }
    *equals = '\0';
    assign(options, seen, source, trim(line), trim(equals + 1), errors);
}

static void file_parse(const char *path, struct options *options, struct option_errors *errors)
{
    bool seen[OPTION_COUNT] = {false};
    struct source source = {path, 0};
    char line[LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        error_add(errors, &source, "could not be opened:", strerror(errno));
        return;
    }
    while (source.line < FILE_LINES_MAX && fgets(line, sizeof line, file) != NULL) {
        source.line++;
        if (source.line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
            memmove(line, line + 3, strlen(line) - 2); /* a byte order mark from an editor */
        if (strlen(line) == sizeof line - 1) {
            error_add(errors, &source, "the line", "is too long");
            break;
        }
        line_read(line, options, seen, &source, errors);
    }
    source.line = 0;
    if (ferror(file))
        error_add(errors, &source, "could not be read:", strerror(errno));
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
        error_add(errors, source, "place", "must be a 12-digit place code");
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
                                                 : NULL;
    if (!lang && path == NULL && strcmp(name, "place") != 0)
        return 0;
    if (value == NULL) {
        error_add(errors, source, name, "needs a value");
    } else if (lang) {
        int index = word_index(languages, 2, value);
        if (index < 0)
            error_add(errors, source, name, "must be zh or en");
        else
            options->language = (enum language)index;
    } else if (strcmp(name, "place") == 0) {
        set_place(options, value, source, errors);
    } else if (strlen(value) >= OPTION_PATH_BYTES) {
        error_add(errors, source, name, "is too long");
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
    struct source source = {"command line", 0};
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
                      option_index(name) == OPTION_COUNT ? "is not an option" : "needs a value");
        else
            assign(options, seen, &source, name, value, errors);
    }
    return equals != NULL ? 1 : used;
}

static void arguments_read(int argc, const char *const *argv, bool flags_only,
                           struct options *options, struct option_errors *errors)
{
    static const char *const commands[] = {"run", "migrate", "first-code", "audit"};
    bool seen[OPTION_COUNT] = {false}, named = false;
    struct source source = {"command line", 0};
    for (int at = 1; at < argc;) {
        if (strncmp(argv[at], "--", 2) == 0) {
            at += argument_read(argc, argv, at, flags_only, options, seen, errors);
            continue;
        }
        int command = named ? -1 : word_index(commands, 4, argv[at]);
        named = true;
        if (command >= 0)
            options->command = (enum server_command)command;
        else if (flags_only)
            error_add(errors, &source, argv[at], "is not a command");
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

/* What no single option shows. */
static void check_together(const struct options *options, struct option_errors *errors)
{
    struct source source = {"options", 0};
    if (strcmp(options->listen, options->listen_enrol) == 0)
        error_add(errors, &source, "listen_enrol", "must differ from listen");
    if (options->batch_max > options->queue_max)
        error_add(errors, &source, "batch_max", "must not be above queue_max");
    if (options->smtp_url[0] != '\0' && options->smtp_from[0] == '\0')
        error_add(errors, &source, "smtp_from", "is needed with smtp_url");
    if (options->smtp_user[0] != '\0' && options->smtp_password_file[0] == '\0')
        error_add(errors, &source, "smtp_password_file", "is needed with smtp_user");
    const char *testing = getenv("ZHIBAO_TESTING");
    if (options->test_clock[0] != '\0' && (testing == NULL || strcmp(testing, "yes") != 0))
        error_add(errors, &source, "test_clock",
                  "is for tests: it makes receipts tell a false time");
    if (options->command == COMMAND_FIRST_CODE && !options->has_place)
        error_add(errors, &source, "place", "is needed by first-code");
    if (place_level((uint64_t)options->place) > PLACE_DISTRICT)
        error_add(errors, &source, "place",
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

static const char *placeholder(enum option_type type)
{
    switch (type) {
    case TYPE_TEXT: return "TEXT";
    case TYPE_PATH: return "PATH";
    case TYPE_ENDPOINT: return "tcp://HOST:PORT";
    case TYPE_INTEGER: return "N";
    case TYPE_BOOL: return "yes|no";
    case TYPE_LEVEL: return "LEVEL";
    }
    return "";
}

void options_print_first_code(FILE *out, enum language language)
{
    fputs(
        language == LANGUAGE_ZH
            ? "用法：zhibaod first-code --place 代码 [--plan 目录] [--force] [--config 文件]\n"
              "在标准输出打印一地首位管理员（单位 代码:3）的一次性登记码，说明写在标准错误输出。\n"
              "zhibaod 运行与否都可以用；选项与运行的 zhibaod 相同（同一个 --config 或 "
              "--data）。\n\n"
              "  --place 代码  县级及以上的12位区划代码，000000000000 "
              "为全国。须在已导入的规划中，\n"
              "                或在 --plan 的规划中\n"
              "  --plan 目录   尚未导入的规划，如 deploy/plans/luzhai\n"
              "  --force       不核对代码\n"
              "  --config 文件 登记码里的地址是其中的 public_enrol_endpoint，登记后用的是\n"
              "                public_endpoint，都须是各单位连得上的地址\n"
            : "Usage: zhibaod first-code --place CODE [--plan DIR] [--force] [--config FILE]\n"
              "Prints on stdout the one-time enrolment code of the first administrator of a place\n"
              "(unit CODE:3), and on stderr what it is. Works whether zhibaod runs or not; takes "
              "the\n"
              "options of the zhibaod that runs (the same --config or --data).\n\n"
              "  --place CODE   12-digit code of a county-level district or above, 000000000000 "
              "for\n"
              "                 the whole country. A plan that was imported, or that of --plan, "
              "has it\n"
              "  --plan DIR     a plan that is not imported yet, like deploy/plans/luzhai\n"
              "  --force        do not look the place up\n"
              "  --config FILE  its public_enrol_endpoint goes into the code, its public_endpoint "
              "is\n"
              "                 used after enrolment: addresses that the units can reach\n",
        out);
}

void options_print_help(FILE *out, enum language language)
{
    bool zh = language == LANGUAGE_ZH;
    fputs(
        zh ? "用法：zhibaod [run|migrate|first-code|audit] [选项]\n"
             "直报汇总服务器。run 运行（默认）；migrate 升级数据库结构；first-code "
             "打印首位管理员的登记码；audit 核对数据库中的每个字节与签名、回执是否相符。\n\n"
           : "Usage: zhibaod [run|migrate|first-code|audit] [options]\n"
             "The aggregator of Zhibao. run: run it (the default); migrate: bring the database's\n"
             "schema up to date; first-code: print the first administrator's enrolment code;\n"
             "audit: compare every stored byte with what was signed and receipted.\n\n",
        out);
    for (size_t i = 0; i < sizeof command_line_help / sizeof *command_line_help; i++)
        fprintf(out, "  %s\n      %s\n", command_line_help[i].text,
                zh ? command_line_help[i].zh : command_line_help[i].en);
    fputs(zh ? "\n以下选项也可写入配置文件：\n" : "\nOptions that a config file may also set:\n",
          out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options_table[i];
        fprintf(out, "  --%s %s\n      %s", option->name, placeholder(option->type),
                zh ? option->zh : option->en);
        if (option->type == TYPE_INTEGER)
            fprintf(out, zh ? "（%lld 至 %lld）" : " (%lld to %lld)", option->least, option->most);
        if (option->preset[0] != '\0')
            fprintf(out, zh ? "；默认 %s" : "; default %s", option->preset);
        fputc('\n', out);
    }
}

void options_print_sample(FILE *out)
{
    fputs("# zhibaod 配置样例 / sample config: zhibaod --config FILE\n"
          "# 每行“名 = 值”，# 起为注释；下面都是默认值，去掉行首的 # 再修改。\n"
          "# One `name = value` a line, # starts a comment. All values below are the defaults:\n"
          "# take away the # in front to change one. `zhibaod --check-config` checks the file.\n",
          out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options_table[i];
        fprintf(out, "\n# %s\n# %s", option->zh, option->en);
        if (option->type == TYPE_INTEGER)
            fprintf(out, " (%lld to %lld)", option->least, option->most);
        fprintf(out, "\n#%s =%s%s\n", option->name, option->preset[0] == '\0' ? "" : " ",
                option->preset);
    }
}
