/* Text for man(7): what troff would take for a command or an escape is told apart. Used while
 * building only. */
#ifndef ZHIBAO_DEPLOY_MANUAL_ROFF_H
#define ZHIBAO_DEPLOY_MANUAL_ROFF_H

#include <stdbool.h>
#include <stdio.h>

static inline void roff_text(const char *text)
{
    bool begins = true;
    for (; *text != '\0'; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        begins = *text == '\n';
    }
}

static inline void roff_title(const char *name, int section, bool english)
{
    printf(
        ".\\\" Generated from the tables of the program.\n.TH %s %d \"\" \"Zhibao " ZHIBAO_VERSION
        "\" \"%s\"\n",
        name, section, english ? "Zhibao" : "直报");
}

static inline void roff_heading(const char *zh, const char *en, bool english)
{
    printf(".SH %s\n", english ? en : zh);
}

/* What a program prints as its help, as it is. */
static inline void roff_verbatim_begin(void)
{
    puts(".nf");
}

static inline void roff_verbatim_end(void)
{
    puts(".fi");
}

#endif
