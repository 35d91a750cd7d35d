#include "xlsx_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define OFFICE    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELATIONS "http://schemas.openxmlformats.org/package/2006/relationships"
#define SHEETS    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

uint8_t *zip_make(const struct made_part *parts, size_t *out_size)
{
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
    cr_assert_not_null(source);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, NULL);
    cr_assert_not_null(zip);
    for (; parts->name != NULL; parts++) {
        size_t size = parts->size != 0 ? parts->size : strlen(parts->text);
        zip_source_t *part = zip_source_buffer(zip, parts->text, size, 0);
        cr_assert(zip_file_add(zip, parts->name, part, ZIP_FL_ENC_UTF_8) >= 0);
    }
    cr_assert_eq(zip_close(zip), 0);
    zip_stat_t found;
    cr_assert_eq(zip_source_open(source), 0);
    cr_assert_eq(zip_source_stat(source, &found), 0);
    uint8_t *bytes = malloc(found.size);
    cr_assert_eq(zip_source_read(source, bytes, found.size), (zip_int64_t)found.size);
    zip_source_close(source);
    zip_source_free(source);
    *out_size = found.size;
    return bytes;
}

uint8_t *book_make(const struct made_book *book, size_t *out_size)
{
    static const char top[] = "<Relationships xmlns=\"" RELATIONS "\"><Relationship Id=\"rId1\" "
                              "Type=\"" OFFICE "/officeDocument\" Target=\"xl/workbook.xml\"/>"
                              "</Relationships>";
    static const char workbook[] =
        "<workbook xmlns=\"" SHEETS "\" xmlns:r=\"" OFFICE "\"><sheets><sheet name=\"村报表\" "
        "sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
    char *relations = NULL, *sheet = NULL;
    int made =
        asprintf(&relations,
                 "<Relationships xmlns=\"" RELATIONS "\"><Relationship Id=\"rId1\" Type=\"" OFFICE
                 "/worksheet\" Target=\"worksheets/sheet1.xml\"/>%s%s%s</Relationships>",
                 book->strings == NULL ? ""
                                       : "<Relationship Id=\"rId2\" Type=\"" OFFICE
                                         "/sharedStrings\" Target=\"sharedStrings.xml\"/>",
                 book->styles == NULL ? ""
                                      : "<Relationship Id=\"rId3\" Type=\"" OFFICE
                                        "/styles\" Target=\"/xl/styles.xml\"/>",
                 book->extra == NULL ? "" : book->extra);
    cr_assert(made > 0);
    made =
        asprintf(&sheet, "<worksheet xmlns=\"" SHEETS "\"><sheetData>%s</sheetData>%s</worksheet>",
                 book->rows, book->after == NULL ? "" : book->after);
    cr_assert(made > 0);
    struct made_part parts[8] = {
        {"_rels/.rels",                top,       0},
        {"xl/workbook.xml",            workbook,  0},
        {"xl/_rels/workbook.xml.rels", relations, 0},
        {"xl/worksheets/sheet1.xml",   sheet,     0},
    };
    size_t count = 4;
    if (book->strings != NULL)
        parts[count++] = (struct made_part){"xl/sharedStrings.xml", book->strings, 0};
    if (book->styles != NULL)
        parts[count++] = (struct made_part){"xl/styles.xml", book->styles, 0};
    uint8_t *bytes = zip_make(parts, out_size);
    free(relations);
    free(sheet);
    return bytes;
}
