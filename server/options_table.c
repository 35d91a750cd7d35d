/* Every option of zhibaod, one row each. */
#include "server/options_table.h"

#include <libpq-fe.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "proof/algorithms.h"
#include "server/backup/vault.h"
#include "server/notify/address.h"

static struct wrong when(bool is_wrong, const char *zh, const char *en)
{
    return is_wrong ? (struct wrong){zh, en} : (struct wrong){NULL, NULL};
}

static struct wrong check_user(const char *value)
{
    return when(value[0] == '\0', "不能为空", "must not be empty");
}

static struct wrong check_data(const char *value)
{
    return when(value[0] == '\0', "不能为空", "must not be empty");
}

static struct wrong check_absolute(const char *value)
{
    return when(value[0] != '\0' && value[0] != '/', "必须是绝对路径", "must be an absolute path");
}

/* A file that is there and may be read by whoever starts zhibaod. */
static struct wrong check_file(const char *value)
{
    if (value[0] != '\0' && value[0] != '/')
        return check_absolute(value);
    return when(value[0] != '\0' && access(value, R_OK) != 0, "所指的文件不存在或不可读",
                "names a file that is not there or may not be read");
}

static struct wrong check_algorithm(const char *value)
{
    return when(value[0] != '\0' && sign_algorithm_parse(value) == 0, "只能是 ed25519 或 sm2",
                "must be ed25519 or sm2");
}

static struct wrong check_database(const char *value)
{
    PQconninfoOption *parts = PQconninfoParse(value, NULL);
    struct wrong wrong = when(parts == NULL, "不是连接串（host=... dbname=... user=...）",
                              "is no connection string (host=... dbname=... user=...)");
    PQconninfoFree(parts);
    return wrong;
}

/* Whether `value` is "", or begins with one of two. */
static bool begins(const char *value, const char *one, const char *other)
{
    return value[0] == '\0' || strncmp(value, one, strlen(one)) == 0 ||
           strncmp(value, other, strlen(other)) == 0;
}

static struct wrong check_web(const char *value)
{
    return when(!begins(value, "https://", "http://"),
                "必须写作 https://主机/路径 或 http://主机/路径",
                "must be https://HOST/PATH or http://HOST/PATH");
}

static struct wrong check_recipient(const char *value)
{
    struct vault_key key;
    return when(value[0] != '\0' && vault_key_parse(VAULT_PUBLIC, value, &key) != STATUS_OK,
                "须是 zhibaod backup-key 打印的 ZBKP-…",
                "must be the ZBKP-... that zhibaod backup-key prints");
}

static struct wrong check_public(const char *value)
{
    return when(value[0] != '\0' && begins(value, "tcp://*", "tcp://0.0.0.0"),
                "必须是各单位连得到的主机", "must name a host that clients can reach");
}

static struct wrong check_smtp(const char *value)
{
    return when(!begins(value, "smtp://", "smtps://"),
                "必须写作 smtp://主机:端口 或 smtps://主机:端口",
                "must be smtp://HOST:PORT or smtps://HOST:PORT");
}

static struct wrong check_email(const char *value)
{
    return when(value[0] != '\0' && !address_email_good(value), "必须是 名称@域名 形式的地址",
                "must be an address NAME@DOMAIN");
}

static struct wrong check_rollups(const char *value)
{
    return when(strcmp(value, "yes") != 0 && strcmp(value, "no") != 0 &&
                    strcmp(value, "check") != 0,
                "须是 yes、no 或 check", "must be yes, no or check");
}

#define FIELD(name) offsetof(struct options, name), sizeof((struct options *)0)->name

const struct option options_table[] = {
    {"data",                  TYPE_PATH,     FIELD(data),                  "/var/lib/zhibao", 0,    0,         check_data,
     "数据目录：服务器密钥、私有数据库、锁文件。须备份其中的 keys 目录",
     "Data directory: the server's keys, the private database, the lock. Back up its keys folder"                                                                                                                                                                  },
    {"database",              TYPE_TEXT,     FIELD(database),              "",                0,    0,         check_database,
     "数据库连接串（PostgreSQL 15 以上）；留空则在数据目录中自建并运行私有数据库。"
     "口令不写在命令行上（他人看得见），用 passfile=文件",                                                                                                      "Connection string of a PostgreSQL 15 or newer; empty: create and run a private one in data. "
     "No password on the command line, where others see it: passfile=FILE"                                                                                                           },
    {"user",                  TYPE_TEXT,     FIELD(user),                  "zhibao",          0,    0,         check_user,
     "以 root 启动时改用的系统用户；数据库从不以 root 运行",                                                                                                    "System user to become when started as root; the database never runs as root"  },
    {"pg_bin",                TYPE_PATH,     FIELD(pg_bin),                "",                0,    0,         check_absolute,
     "PostgreSQL 程序（initdb、pg_ctl）所在目录；留空则自动查找",                                                                                                  "Directory of PostgreSQL's programs (initdb, pg_ctl); empty: looked for"       },
    {"listen",                TYPE_ENDPOINT, FIELD(listen),                "tcp://*:7500",    0,    0,         NULL,            "填报与查询的监听地址",
     "Where units connect to report and ask"                                                                                                                                                                                                                       },
    {"listen_enrol",          TYPE_ENDPOINT, FIELD(listen_enrol),          "tcp://*:7501",    0,    0,         NULL,
     "登记密钥的监听地址，只接受一次性登记码",                                                                                                                   "Where one-time enrolment codes are redeemed"                                  },
    {"public_endpoint",       TYPE_ENDPOINT, FIELD(public_endpoint),       "",                0,    0,         check_public,
     "告知各单位的填报地址；留空则取监听地址，其中 * 换作 127.0.0.1，只适合单机试用",
     "Address of listen as units reach it; empty: listen itself, * read as 127.0.0.1 (one "
     "machine)"                                                                                                                                                                                                                                                    },
    {"public_enrol_endpoint", TYPE_ENDPOINT, FIELD(public_enrol_endpoint), "",                0,    0,         check_public,
     "写入登记码的登记地址；留空同上",                                                                                                                               "Address of listen_enrol as written into enrolment codes; empty: as above"     },
    {"workers",               TYPE_INTEGER,  FIELD(workers),               "2",               1,    64,        NULL,            "解码与校验线程数",
     "Threads that decode and check reports"                                                                                                                                                                                                                       },
    {"query_threads",         TYPE_INTEGER,  FIELD(query_threads),         "2",               1,    16,        NULL,
     "查询线程数，每线程一个数据库连接",                                                                                                                            "Threads that answer questions, one connection each"                           },
    {"rollups",               TYPE_TEXT,     FIELD(rollups),               "yes",             0,    0,         check_rollups,
     "各乡镇的汇总记在内存中，只重算有变化的：yes；每次从头算起：no；两样都算，不同则拒答：check",
     "Townships' sums kept in memory, only what changed added up again: yes; all anew each time: "
     "no; both, and no answer when they differ: check"                                                                                                                                                                                                             },
    {"batch_max",             TYPE_INTEGER,  FIELD(batch_max),             "2000",            1,    10000,     NULL,
     "一次提交最多包含的报送数",                                                                                                                                        "Most reports stored by one COMMIT"                                            },
    {"queue_max",             TYPE_INTEGER,  FIELD(queue_max),             "20000",           100,  1000000,   NULL,
     "处理中的请求上限，超出则答复“稍后再试”",                                                                                                                "Most requests in hand; beyond: \"try later\""                                 },
    {"max_message_kb",        TYPE_INTEGER,  FIELD(max_message_kb),        "1024",            64,   1024,      NULL,
     "单个报文的上限（KB）",                                                                                                                                               "Largest message accepted, in KB"                                              },
    {"handshake_ms",          TYPE_INTEGER,  FIELD(handshake_ms),          "5000",            500,  60000,     NULL,
     "连接握手时限（毫秒）",                                                                                                                                              "Time allowed for a connection's handshake, in ms"                             },
    {"heartbeat_ms",          TYPE_INTEGER,  FIELD(heartbeat_ms),          "15000",           1000, 600000,    NULL,
     "心跳间隔（毫秒），两个间隔无应答即断开",                                                                                                                   "Interval of heartbeats, in ms; two without an answer end the connection"      },
    {"backlog",               TYPE_INTEGER,  FIELD(backlog),               "4096",            16,   65535,     NULL,            "同时等待接受的连接数",
     "Connections that may wait to be accepted"                                                                                                                                                                                                                    },
    {"io_threads",            TYPE_INTEGER,  FIELD(io_threads),            "2",               1,    16,        NULL,            "收发与加密的线程数",
     "Threads that encrypt, send and receive"                                                                                                                                                                                                                      },
    {"slow_reader_ms",        TYPE_INTEGER,  FIELD(slow_reader_ms),        "30000",           1000, 600000,    NULL,
     "对方多久不收取发给它的数据即断开（毫秒）",                                                                                                                "Time that a peer may leave answers unread until it is cut off, in ms"         },
    {"key_rate_per_second",   TYPE_INTEGER,  FIELD(key_rate_per_second),   "10000",           1,    1000000,   NULL,
     "一个密钥每秒的报文上限，超出则答复“稍后再试”",                                                                                                       "Most messages of one key a second; beyond: \"try later\""                     },
    {"key_answer_mb",         TYPE_INTEGER,  FIELD(key_answer_mb),         "256",             4,    65536,     NULL,
     "slow_reader_ms 之内发给一个密钥的答复上限（MB）",                                                                                                              "Most that one key is answered within slow_reader_ms, in MB"                   },
    {"enrol_rate_per_minute", TYPE_INTEGER,  FIELD(enrol_rate_per_minute), "1200",            1,    1000000,   NULL,
     "每分钟接受的登记尝试总数",                                                                                                                                        "Enrolment attempts accepted per minute, all peers together"                   },
    {"enrol_peer_per_minute", TYPE_INTEGER,  FIELD(enrol_peer_per_minute), "600",             1,    1000000,   NULL,
     "其中一个地址的尝试上限",                                                                                                                                           "Of these, those from one address"                                             },
    {"enrol_approval",        TYPE_BOOL,     FIELD(enrol_approval),        "no",              0,    0,         NULL,
     "新登记的密钥须经管理员批准才生效",                                                                                                                            "New keys wait for the administrator's approval"                               },
    {"code_valid_hours",      TYPE_INTEGER,  FIELD(code_valid_hours),      "72",              1,    8760,      NULL,
     "登记码有效时间（小时）",                                                                                                                                           "Hours for which an enrolment code is valid"                                   },
    {"document_unit_mb",      TYPE_INTEGER,  FIELD(document_unit_mb),      "2048",            1,    1048576,   NULL,
     "一个单位的文件总量上限（MB）",                                                                                                                                   "Most that one unit's documents may take, in MB"                               },
    {"upload_mb",             TYPE_INTEGER,  FIELD(upload_mb),             "4096",            1,    1048576,   NULL,
     "全部单位未传完文件的总量上限（MB）",                                                                                                                          "Most that all unfinished uploads may take, in MB"                             },
    {"upload_keep_hours",     TYPE_INTEGER,  FIELD(upload_keep_hours),     "168",             1,    8760,      NULL,
     "未传完的文件保留多久（小时）",                                                                                                                                  "Hours for which an unfinished upload is kept"                                 },
    {"boilerplate",           TYPE_PATH,     FIELD(boilerplate),           "",                0,    0,         check_file,
     "不接受的说明套话，一行一句的文件；留空用自带的（deploy/checks/boilerplate.txt）",
     "File of phrases that explain nothing, one a line; empty: the list that is built in"                                                                                                                                                                          },
    {"uplink_home",           TYPE_PATH,     FIELD(uplink_home),           "",                0,    0,         check_absolute,
     "向上级报送汇总所用的目录（先用 zhibao --home 目录 enrol 登记）；留空则不上报",
     "Home with which the consolidation is reported to the level above (enrol it first with zhibao "
     "--home DIR enrol); empty: not"                                                                                                                                                                                                                               },
    {"uplink_server",         TYPE_ENDPOINT, FIELD(uplink_server),         "",                0,    0,         check_public,
     "上级的填报地址；留空则用登记时得到的",                                                                                                                      "Address of the level above; empty: as enrolment gave it"                      },
    {"uplink_form",           TYPE_TEXT,     FIELD(uplink_form),           "district",        0,    0,         check_user,
     "上级规划中由区县填报的报表代码",                                                                                                                               "Code of the form that the level above asks districts for"                     },
    {"uplink_interval_s",     TYPE_INTEGER,  FIELD(uplink_interval_s),     "60",              1,    86400,     NULL,
     "多久查看一次有无变化（秒）",                                                                                                                                     "How often to look for changes, in seconds"                                    },
    {"smtp_url",              TYPE_TEXT,     FIELD(smtp_url),              "",                0,    0,         check_smtp,
     "发通知邮件的服务器，如 smtp://mail.example.cn:587；留空则不发",                                                                                              "Server for notices by e-mail, such as smtp://mail.example.cn:587; empty: none"},
    {"smtp_from",             TYPE_TEXT,     FIELD(smtp_from),             "",                0,    0,         check_email,     "通知邮件的发件地址",
     "Address that notices by e-mail come from"                                                                                                                                                                                                                    },
    {"smtp_user",             TYPE_TEXT,     FIELD(smtp_user),             "",                0,    0,         NULL,            "邮件服务器的用户名；留空则不登录",
     "User name for the mail server; empty: do not log in"                                                                                                                                                                                                         },
    {"smtp_password_file",    TYPE_PATH,     FIELD(smtp_password_file),    "",                0,    0,         check_file,
     "存放其口令的文件（第一行），每次连接时读取",                                                                                                             "File with its password (the first line), read at each connection"             },
    {"smtp_tls",              TYPE_BOOL,     FIELD(smtp_tls),              "yes",             0,    0,         NULL,
     "要求邮件服务器用 TLS；no 只适合本机",                                                                                                                           "Insist on TLS with the mail server; no is for this machine only"              },
    {"smtp_ca",               TYPE_PATH,     FIELD(smtp_ca),               "",                0,    0,         check_file,
     "核验邮件服务器证书的 CA 文件；留空用系统的",                                                                                                               "CA file for the mail server's certificate; empty: the system's"               },
    {"webhook_hosts",         TYPE_TEXT,     FIELD(webhook_hosts),         "",                0,    0,         NULL,
     "可以推送通知的主机，逗号分隔，须 https（http://主机:端口 除外）；留空则不推送",
     "Hosts that notices may be posted to, by https (or http://HOST:PORT); empty: none"                                                                                                                                                                            },
    {"webhook_ca",            TYPE_PATH,     FIELD(webhook_ca),            "",                0,    0,         check_file,
     "核验这些主机证书的 CA 文件；留空用系统的",                                                                                                                  "CA file for those hosts' certificates; empty: the system's"                   },
    {"notice_link",           TYPE_TEXT,     FIELD(notice_link),           "",                0,    0,         check_web,
     "写在通知里的门户网址；留空则只写命令",                                                                                                                      "The portal's address as written into notices; empty: only the command"        },
    {"notice_retry_s",        TYPE_INTEGER,  FIELD(notice_retry_s),        "60",              1,    86400,     NULL,
     "通知没有送出时多少秒后再试，每次加倍，至多一小时",                                                                                                    "Seconds until a failed notice is tried again; doubled each time, to an hour"  },
    {"notice_timeout_s",      TYPE_INTEGER,  FIELD(notice_timeout_s),      "20",              1,    300,       NULL,
     "一次发送的时限（秒）",                                                                                                                                              "Time allowed for one attempt, in seconds"                                     },
    {"notice_days",           TYPE_INTEGER,  FIELD(notice_days),           "7",               1,    60,        NULL,
     "几天送不出即放弃（zhibao notices 可见）",                                                                                                                         "Days after which a notice is given up (zhibao notices shows it)"              },
    {"backup_recipient",      TYPE_TEXT,     FIELD(backup_recipient),      "",                0,    0,         check_recipient,
     "备份给谁：zhibaod backup-key 打印的 ZBKP-…，其密钥文件离线保管；留空则不能备份",
     "To whom backups are encrypted: the ZBKP-... of zhibaod backup-key, whose file is kept "
     "offline; empty: no backups"                                                                                                                                                                                                                                  },
    {"backup_days",           TYPE_INTEGER,  FIELD(backup_days),           "0",               0,    365,       NULL,
     "几天没有备份即告警；0 为不告警",                                                                                                                                "Days without a backup that raise an alarm; 0: none"                           },
    {"metrics_port",          TYPE_INTEGER,  FIELD(metrics_port),          "0",               0,    65535,     NULL,
     "在 127.0.0.1 的这个端口提供 /metrics 和 /health；0 为不提供",                                                                                                   "Port of 127.0.0.1 for /metrics (Prometheus) and /health; 0: none"             },
    {"disk_free_mb",          TYPE_INTEGER,  FIELD(disk_free_mb),          "1024",            0,    100000000, NULL,
     "数据目录的磁盘可用空间少于此数（MB）即告警",                                                                                                              "Free space of data's disk, in MB, below which an alarm is raised"             },
    {"silent_days",           TYPE_INTEGER,  FIELD(silent_days),           "0",               0,    3650,      NULL,
     "单位几天没有联系即告警；0 为不告警",                                                                                                                          "Days after which a unit not heard of raises an alarm; 0: none"                },
    {"certificates",          TYPE_TEXT,     FIELD(certificates),          "",                0,    0,         NULL,
     "到期前30天告警的证书文件（PEM，逗号分隔），如门户的证书",                                                                                            "PEM files, by commas, that raise an alarm 30 days before they end"            },
    {"sign_algorithm",        TYPE_TEXT,     FIELD(sign_algorithm),        "",                0,    0,         check_algorithm,
     "回执的签名算法：ed25519 或 sm2（国密，含SM3）；首次启动前选定，留空为 ed25519 或已有密钥的",
     "What receipts are signed with: ed25519 or sm2 (with SM3); chosen before the first start; "
     "empty: ed25519, or as the key that is there"                                                                                                                                                                                                                 },
    {"log_level",             TYPE_LEVEL,    FIELD(log_level),             "info",            0,    0,         NULL,
     "日志级别：debug、info、warning、error",                                                                                                                               "Least level logged: debug, info, warning, error"                              },
    {"test_clock",            TYPE_PATH,     FIELD(test_clock),            "",                0,    0,         check_absolute,
     "仅供测试：文件中的秒数加在服务器时钟上；须设环境变量 ZHIBAO_TESTING=yes，否则拒绝启动",
     "For tests only: seconds in this file are added to the server's clock; refused unless the "
     "environment has ZHIBAO_TESTING=yes"                                                                                                                                                                                                                          },
};

_Static_assert(sizeof options_table / sizeof *options_table == OPTION_COUNT, "a row was added");

const char *const *options_names(void)
{
    static const char *names[OPTION_COUNT + 1];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = options_table[i].name;
    return names;
}
