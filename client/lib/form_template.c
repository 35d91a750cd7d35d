/* The CSV file that a form is filled in with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/filled_form.h"
#include "lib/form_mark.h"
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

char *form_cell_name(const Zhibao__FormCell *cell, bool english, char *out, size_t size)
{
    char stratum[128];
    stratum_words(cell->stratum, english, stratum, sizeof stratum);
    snprintf(out, size, "%.300s%s%s", english ? cell->name_en : cell->name_zh,
             stratum[0] == '\0' ? ""
             : english          ? ": "
                                : "：",
             stratum);
    return out;
}

static void put_mark(FILE *out, const Zhibao__FormSheet *sheet, const struct form_face *face)
{
    char text[MARK_TEXT_BYTES];
    struct form_mark mark = {.version = sheet->version, .year = face->year, .unit = face->unit};
    snprintf(mark.plan, sizeof mark.plan, "%s", sheet->plan);
    snprintf(mark.form, sizeof mark.form, "%s", sheet->form);
    put_cell(out, form_mark_write(&mark, text));
    fputs(",,,,,,\r\n", out); /* as wide as the header, as spreadsheets save it */
}

char *filled_form_template(const struct blank_form *blank, const struct form_face *face,
                           bool english, size_t *out_size)
{
    char *text = NULL, name[512];
    const Zhibao__FormSheet *sheet = blank_form_sheet(blank);
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    fputs("\xEF\xBB\xBF", out);
    put_mark(out, sheet, face);
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
        put_cell(out, form_cell_name(cell, english, name, sizeof name));
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
