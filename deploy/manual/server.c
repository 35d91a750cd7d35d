/* zhibaod.8, zhibaod.conf.5 and the shell's completion, from the table of options. While building
 * only: zhibao-manual-server program|config|completion en|zh */
#include <stdlib.h>
#include <string.h>

#include "roff.h"
#include "server/options_table.h"

static void program(bool english)
{
    roff_title("ZHIBAOD", 8, english);
    roff_heading("名称", "NAME", english);
    puts(english ? "zhibaod \\- the aggregator of Zhibao" : "zhibaod \\- 直报汇总服务器");
    roff_heading("说明", "DESCRIPTION", english);
    roff_verbatim_begin();
    char *text = NULL;
    size_t size = 0;
    FILE *help = open_memstream(&text, &size);
    if (help == NULL)
        return;
    options_print_help(help, english ? LANGUAGE_EN : LANGUAGE_ZH);
    fputc('\n', help);
    options_print_first_code(help, english ? LANGUAGE_EN : LANGUAGE_ZH);
    fclose(help);
    roff_text(text);
    free(text);
    roff_verbatim_end();
    roff_heading("参见", "SEE ALSO", english);
    puts("\\fBzhibaod.conf\\fR(5), \\fBzhibao\\fR(1), RUNBOOK.md");
}

static void config(bool english)
{
    roff_title("ZHIBAOD.CONF", 5, english);
    roff_heading("名称", "NAME", english);
    puts(english ? "zhibaod.conf \\- options of zhibaod" : "zhibaod.conf \\- zhibaod 的选项");
    roff_heading("格式", "FORMAT", english);
    puts(english ? "One \\fIname\\fR = \\fIvalue\\fR a line; # starts a comment. zhibaod "
                   "\\-\\-check\\-config checks it."
                 : "每行“名 = 值”，# 起为注释。zhibaod \\-\\-check\\-config 检查。");
    roff_heading("选项", "OPTIONS", english);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options_table[i];
        printf(".TP\n\\fB%s\\fR\n", option->name);
        roff_text(english ? option->en : option->zh);
        if (option->type == TYPE_INTEGER)
            printf(english ? " (%lld to %lld)" : "（%lld 至 %lld）", option->least, option->most);
        if (option->preset[0] != '\0') {
            fputs(english ? "; default " : "；默认 ", stdout);
            roff_text(option->preset);
        }
        putchar('\n');
    }
}

static void completion(void)
{
    fputs("# bash completion of zhibaod. Generated from its table of options.\n"
          "complete -W \"",
          stdout);
    for (const char *const *word = options_command_words(); *word != NULL; word++)
        printf("%s ", *word);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        printf("--%s ", options_table[i].name);
    puts("\" -o default zhibaod");
}

int main(int argc, char **argv)
{
    bool english = argc == 3 && strcmp(argv[2], "en") == 0;
    if (argc == 3 && strcmp(argv[1], "program") == 0)
        program(english);
    else if (argc == 3 && strcmp(argv[1], "config") == 0)
        config(english);
    else if (argc == 2 && strcmp(argv[1], "completion") == 0)
        completion();
    else
        return 2;
    return ferror(stdout) != 0;
}
