/* The options for people: help, what first-code takes, a sample config. */
#include "server/options_table.h"

/* Flags and words of the command line alone; handled by command_line_flag. */
static const struct {
    const char *text, *zh, *en;
} command_line_help[] = {
    {"--config FILE",  "配置文件（名 = 值，# 起注释）",                                               "Config file (name = value, # comments)"        },
    {"--place CODE",   "first-code：管理员所在地的12位区划代码",
     "first-code: 12-digit code of the administrator's place"                                                                                                     },
    {"--plan DIR",     "first-code：规划目录，区划代码须在其 places.csv 中",
     "first-code: a plan's folder whose places.csv has the place"                                                                                                 },
    {"--force",        "first-code：不核对区划代码",                                                      "first-code: do not look the place up"          },
    {"--receipts DIR", "audit、restore：目录中的回执（*.zbr）须都属于这段历史",
     "audit, restore: the receipts (*.zbr) of this directory must all be of this history"                                                                         },
    {"--unsigned",     "audit：只列出没有签名、因而不核对的栏和原因",
     "audit: only list what nobody signs and is not compared, and why"                                                                                            },
    {"--to FILE",      "backup：备份文件（尚不存在），或目录；key-split：目录",
     "backup: the file to be made, or a directory; key-split: a directory"                                                                                        },
    {"--logical",      "backup：也用导出的办法备份私有数据库（换 PostgreSQL 大版本时用）",
     "backup: dump a private cluster too (the way into another major version of PostgreSQL)"                                                                      },
    {"--from FILE",    "restore：备份文件；key-join：各份所在的目录",
     "restore: a backup; key-join: the directory with the shares"                                                                                                 },
    {"--secret FILE",  "backup-key：写入新密钥的文件；restore：备份密钥的文件",
     "backup-key: the file for the new secret key; restore: the file that has it"                                                                                 },
    {"--shares KofN",  "key-split：分成 N 份，凑齐 K 份即可恢复，如 3of5",
     "key-split: N shares, of which K restore the keys, like 3of5"                                                                                                },
    {"--check",        "restore：只核对备份是否完好",                                                   "restore: only read whether the backup is whole"},
    {"--check-config", "检查配置后退出：0 正确，2 有误",
     "Check the options; exit 0, or 2 when wrong"                                                                                                                 },
    {"--print-config", "打印配置文件样例",                                                                "Print a sample config file"                    },
    {"--lang zh|en",   "帮助的语言",                                                                         "Language of the help"                          },
    {"--version",      "版本",                                                                                  "Version"                                       },
    {"--help",         "本帮助",                                                                               "This help"                                     },
};

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
        zh ? "用法：zhibaod "
             "[run|migrate|first-code|audit|backup-key|backup|restore|key-encrypt|key-decrypt] "
             "[选项]\n"
             "直报汇总服务器。run 运行（默认）；migrate 升级数据库结构；first-code "
             "打印首位管理员的登记码；audit 核对数据库中的每个字节与签名、回执是否相符；\n"
             "backup-key 制作备份密钥，backup 加密备份数据库和服务器密钥（不必停机），restore "
             "恢复到空的数据目录并核对；\n"
             "key-encrypt、key-decrypt 用口令加密、解密服务器的密钥文件；key-split "
             "把服务器密钥分成几份交几人离线保管，\n"
             "key-join 凑齐其中几份恢复。\n\n"
           : "Usage: zhibaod "
             "[run|migrate|first-code|audit|backup-key|backup|restore|\n"
             "                key-encrypt|key-decrypt|key-split|key-join]\n"
             "               [options]\n"
             "The aggregator of Zhibao. run: run it (the default); migrate: bring the database's\n"
             "schema up to date; first-code: print the first administrator's enrolment code;\n"
             "audit: compare every stored byte with what was signed and receipted; backup-key: "
             "make the\n"
             "key of backups; backup: database and the server's keys into one encrypted file, "
             "while\n"
             "zhibaod runs; restore: that into an empty data directory, then an audit; "
             "key-encrypt,\n"
             "key-decrypt: put the server's key files under a passphrase, or make them plain;\n"
             "key-split: the server's keys as shares that several people keep offline; key-join: "
             "the\n"
             "keys back from enough of them.\n\n",
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
