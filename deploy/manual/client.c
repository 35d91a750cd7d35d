/* zhibao.1 and the shell's completion, from the table of commands. While building only:
 * zhibao-manual-client en|zh|completion */
#include <string.h>

#include "cli/command.h"
#include "roff.h"

static void options_man(const struct option *options, bool english)
{
    for (; options != NULL && options->name != NULL; options++) {
        puts(".TP");
        fputs("\\fB", stdout);
        if (options->letter != NULL)
            printf("\\-%s\\fR, \\fB", options->letter);
        fputs("\\-\\-", stdout);
        roff_text(options->name);
        fputs("\\fR", stdout);
        if (options->value != NULL) {
            fputs(" \\fI", stdout);
            roff_text(options->value);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        roff_text(english ? options->en : options->zh);
        putchar('\n');
    }
}

static void command_man(const struct command *command, bool english)
{
    fputs(".SS \"zhibao ", stdout);
    roff_text(command->name);
    if (command->usage != NULL && command->usage[0] != '\0') {
        putchar(' ');
        roff_text(command->usage);
    }
    puts("\"");
    roff_text(english ? command->en : command->zh);
    putchar('\n');
    options_man(command->options, english);
}

static void man(bool english)
{
    roff_title("ZHIBAO", 1, english);
    roff_heading("名称", "NAME", english);
    puts(english ? "zhibao \\- direct reporting for children's development plans"
                 : "zhibao \\- 儿童发展规划数据直报");
    roff_heading("用法", "SYNOPSIS", english);
    puts("\\fBzhibao\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...");
    roff_heading("通用选项", "GENERAL OPTIONS", english);
    options_man(global_options, english);
    roff_heading("命令", "COMMANDS", english);
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++)
            command_man(command, english);
    roff_heading("退出码", "EXIT STATUS", english);
    puts(
        english
            ? "0 done; 1 refused or does not verify; 2 wrong usage or input; 3 not reachable, kept "
              "in the outbox."
            : "0 成功；1 被拒绝或核验不通过；2 用法或内容有误；3 连不上，材料留在发件箱。");
    roff_heading("参见", "SEE ALSO", english);
    puts("\\fBzhibaod\\fR(8), \\fBzhibao\\-web\\fR(8)");
}

static void options_words(const struct option *options)
{
    for (; options != NULL && options->name != NULL; options++)
        printf(" --%s", options->name);
}

/* A case of the names of commands for each first word, and one of its options for each command. */
static void completion(void)
{
    puts("# bash completion of zhibao. Generated from its table of commands.\n"
         "_zhibao() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} words=() at command='' second='' options=''\n"
         "    for ((at = 1; at < COMP_CWORD; at++)); do\n"
         "        case ${COMP_WORDS[at]} in\n"
         "        --home | --server | --lang | --format | --timeout) at=$((at + 1)) ;;\n"
         "        -*) ;;\n"
         "        *) words+=(\"${COMP_WORDS[at]}\") ;;\n"
         "        esac\n"
         "    done\n"
         "    command=${words[0]:-} second=${words[1]:-}");
    fputs("    local general=\"", stdout);
    options_words(global_options);
    puts("\"\n    case \"$command $second\" in");
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++) {
            printf("    \"%s%s\"%s) options=\"", command->name,
                   strchr(command->name, ' ') == NULL ? " " : "",
                   strchr(command->name, ' ') == NULL ? "*" : "");
            options_words(command->options);
            puts("\" ;;");
        }
    puts("    esac\n"
         "    if [[ $word == -* ]]; then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$general $options\" -- \"$word\")\n"
         "        return\n"
         "    fi\n"
         "    local names=(");
    for (size_t family = 0; family < command_family_count; family++)
        for (const struct command *command = command_families[family]; command->name != NULL;
             command++)
            printf("        '%s'\n", command->name);
    puts("    )\n"
         "    local name found=()\n"
         "    if ((${#words[@]} == 0)); then\n"
         "        for name in \"${names[@]}\"; do found+=(\"${name%% *}\"); done\n"
         "    elif ((${#words[@]} == 1)); then\n"
         "        for name in \"${names[@]}\"; do\n"
         "            [[ $name == \"$command \"* ]] && found+=(\"${name#* }\")\n"
         "        done\n"
         "    fi\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"${found[*]}\" -- \"$word\" | sort -u)\n"
         "    ((${#COMPREPLY[@]})) || compopt -o default 2>/dev/null\n"
         "}\n"
         "complete -F _zhibao zhibao");
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "completion") == 0)
        completion();
    else if (strcmp(what, "en") == 0 || strcmp(what, "zh") == 0)
        man(what[0] == 'e');
    else
        return 2;
    return ferror(stdout) != 0;
}
