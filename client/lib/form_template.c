/* The CSV file that a form is filled in with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/filled_form.h"
#include "plan/unit_words.h"

/* Writes a cell, quoted where a reader could misread it. */
static void put_cell(FILE *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n\t") == NULL && text[0] != ' ') {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

/* The name for people: "常住儿童数：男 0-2岁". */
static void put_name(FILE *out, const Zhibao__FormCell *cell, bool english)
{
    char stratum[128], name[512];
    stratum_words(cell->stratum, english, stratum, sizeof stratum);
    snprintf(name, sizeof name, "%.300s%s%s", english ? cell->name_en : cell->name_zh,
             stratum[0] == '\0' ? ""
             : english          ? ": "
                                : "：",
             stratum);
    put_cell(out, name);
}

char *filled_form_template(const struct blank_form *blank, bool english, size_t *out_size)
{
    char *text = NULL;
    const Zhibao__FormSheet *sheet = blank_form_sheet(blank);
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    fputs("\xEF\xBB\xBF", out);
    fputs(english ? "cell,element,stratum,name,unit,value,explanation\r\n"
                  : "项号,数据元,分组,名称,计量单位,数值,说明\r\n",
          out);
    for (size_t i = 0; i < sheet->n_cells; i++) {
        const Zhibao__FormCell *cell = sheet->cells[i];
        fprintf(out, "%u,", cell->cell);
        put_cell(out, cell->element);
        fputc(',', out);
        put_cell(out, cell->stratum);
        fputc(',', out);
        put_name(out, cell, english);
        fputc(',', out);
        put_cell(out, unit_word(cell->unit, english));
        fputs(",,\r\n", out);
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
