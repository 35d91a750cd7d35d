/* Workbooks of real programs, of people's habits, damaged and hostile. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sheet/xlsx.h"
#include "sheet/xlsx_parts.h"
#include "xlsx_fixture.h"

static enum xlsx_fault read_book(const struct made_book *book, struct xlsx **workbook)
{
    size_t size = 0;
    uint8_t *bytes = book_make(book, &size);
    enum xlsx_fault fault = xlsx_read(bytes, size, workbook);
    free(bytes);
    return fault;
}

/* One cell of a sheet that must be readable. */
static void expect_cell(const struct made_book *book, uint32_t row, uint32_t column,
                        enum xlsx_kind kind, const char *text)
{
    struct xlsx *workbook = NULL;
    enum xlsx_fault fault = read_book(book, &workbook);
    cr_assert_eq(fault, XLSX_GOOD, "%s", xlsx_fault_en(fault));
    const struct xlsx_cell *cell = xlsx_find(workbook, 0, row, column);
    cr_assert_not_null(cell, "no cell for \"%s\"", text);
    cr_expect_eq(cell->kind, kind, "\"%s\" is of kind %d", text, cell->kind);
    cr_expect_str_eq(cell->text, text);
    xlsx_destroy(&workbook);
}

static void expect_row(const char *cells, enum xlsx_kind kind, const char *text)
{
    char rows[1024];
    snprintf(rows, sizeof rows, "<row r=\"1\">%s</row>", cells);
    expect_cell(
        &(struct made_book){
            .rows = rows,
            .strings =
                "<sst xmlns=\"urn:x\"><si><t>共用</t></si><si><r><t>富</t></r><r><t>文</t></r>"
                "<rPh sb=\"0\" eb=\"1\"><t>fu</t></rPh></si><si><t>一_x000D_二</t></si></sst>",
            .styles = "<styleSheet xmlns=\"urn:x\"><numFmts><numFmt numFmtId=\"176\" "
                      "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/><numFmt numFmtId=\"177\" "
                      "formatCode=\"0!.0,&quot;万&quot;\"/></numFmts><cellStyleXfs><xf "
                      "numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf "
                      "numFmtId=\"14\"/><xf numFmtId=\"10\"/><xf numFmtId=\"176\"/><xf "
                      "numFmtId=\"177\"/><xf numFmtId=\"31\"/></cellXfs></styleSheet>"},
        0, 0, kind, text);
}

Test(xlsx, cells_of_every_type)
{
    expect_row("<c r=\"A1\" t=\"s\"><v>0</v></c>", XLSX_TEXT, "共用");
    expect_row("<c r=\"A1\" t=\"s\"><v>1</v></c>", XLSX_TEXT, "富文");
    expect_row("<c r=\"A1\" t=\"s\"><v>2</v></c>", XLSX_TEXT, "一\r二");
    expect_row("<c r=\"A1\" t=\"inlineStr\"><is><t>１２００</t></is></c>", XLSX_TEXT, "１２００");
    expect_row("<c r=\"A1\"><v>1200</v></c>", XLSX_NUMBER, "1200");
    expect_row("<c r=\"A1\" t=\"n\"><v>0.30000000000000004</v></c>", XLSX_NUMBER, "0.3");
    expect_row("<c r=\"A1\"><v>1.2E+3</v></c>", XLSX_NUMBER, "1200");
    expect_row("<c r=\"A1\"><v>1E+16</v></c>", XLSX_NUMBER, "10000000000000000");
    expect_row("<c r=\"A1\"><v>1E-7</v></c>", XLSX_NUMBER, "0.0000001");
    expect_row("<c r=\"A1\" t=\"b\"><v>1</v></c>", XLSX_TEXT, "true");
    expect_row("<c r=\"A1\" t=\"e\"><v>#DIV/0!</v></c>", XLSX_TEXT, "#DIV/0!");
    expect_row("<c><v>7</v></c>", XLSX_NUMBER, "7");
}

Test(xlsx, formulas_have_the_value_that_was_stored)
{
    expect_row("<c r=\"A1\"><f>B1+1</f><v>12</v></c>", XLSX_NUMBER, "12");
    expect_row("<c r=\"A1\" t=\"str\"><f>T(B1)</f><v>不适用</v></c>", XLSX_TEXT, "不适用");
    expect_row("<c r=\"A1\"><f>B1+1</f><v></v></c>", XLSX_UNCALCULATED, "");
    expect_row("<c r=\"A1\"><f>B1+1</f></c>", XLSX_UNCALCULATED, "");
    expect_cell(
        &(struct made_book){.rows = "<row r=\"1\"><c r=\"A1\"><f>[1]表!B1</f><v>5</v></c></row>",
                            .extra = "<Relationship Id=\"rId9\" Type=\"urn:x/externalLink\" "
                                     "Target=\"externalLinks/externalLink1.xml\"/>"},
        0, 0, XLSX_LINKED, "5");
}

Test(xlsx, a_number_that_shows_as_a_date_or_percentage_is_told_apart)
{
    expect_row("<c r=\"A1\" s=\"1\"><v>46023</v></c>", XLSX_DATE, "46023");
    expect_row("<c r=\"A1\" s=\"3\"><v>46023</v></c>", XLSX_DATE, "46023");
    expect_row("<c r=\"A1\" s=\"5\"><v>46023</v></c>", XLSX_DATE, "46023");
    expect_row("<c r=\"A1\" t=\"d\"><v>2026-01-05</v></c>", XLSX_DATE, "2026-01-05");
    expect_row("<c r=\"A1\" s=\"2\"><v>0.12</v></c>", XLSX_PERCENT, "0.12");
    expect_row("<c r=\"A1\" s=\"4\"><v>12000</v></c>", XLSX_NUMBER, "12000");
    cr_expect_eq(format_look("G/通用格式"), LOOK_PLAIN);
    cr_expect_eq(format_look("General"), LOOK_PLAIN);
    cr_expect_eq(format_look("[Red]0.00\"days\""), LOOK_PLAIN);
    cr_expect_eq(format_look("[h]:mm"), LOOK_DATE);
    cr_expect_eq(format_look("[$-804]yyyy/m/d"), LOOK_DATE);
    cr_expect_eq(format_look("#,##0\\d_y"), LOOK_PLAIN);
    cr_expect_eq(format_look("0.0%"), LOOK_PERCENT);
    cr_expect_eq(format_look("0\"%\""), LOOK_PLAIN);
    cr_expect_eq(format_look("\"open"), LOOK_PLAIN);
    cr_expect_eq(format_look("[open"), LOOK_PLAIN);
}

/* WPS and others leave out what follows from the order; styled empty cells hold nothing. */
Test(xlsx, places_that_are_left_out_follow_from_the_order)
{
    const struct made_book book = {
        .rows =
            "<row><c><v>1</v></c><c s=\"3\"/><c><v>3</v></c></row><row r=\"5\" spans=\"1:3\"><c "
            "r=\"B5\"><v>5</v></c><c><v>6</v></c></row><row><c><v>7</v></c></row>",
        .after = "<mergeCells count=\"2\"><mergeCell ref=\"A5:C5\"/><mergeCell "
                 "ref=\"C1:C3\"/></mergeCells>"};
    expect_cell(&book, 0, 0, XLSX_NUMBER, "1");
    expect_cell(&book, 0, 2, XLSX_NUMBER, "3");
    expect_cell(&book, 4, 1, XLSX_NUMBER, "5");
    expect_cell(&book, 4, 2, XLSX_NUMBER, "6");
    expect_cell(&book, 5, 0, XLSX_NUMBER, "7");
    struct xlsx *workbook = NULL;
    size_t size = 0;
    cr_assert_eq(read_book(&book, &workbook), XLSX_GOOD);
    cr_expect_null(xlsx_find(workbook, 0, 0, 1));
    cr_expect(xlsx_is_merged(workbook, 0, 1, 2) && xlsx_is_merged(workbook, 0, 0, 2));
    cr_expect_not(xlsx_is_merged(workbook, 0, 4, 1), "merged across is of one row");
    char *csv = xlsx_as_csv(workbook, 0, 256, &size);
    cr_expect_str_eq(csv, "\"1\",,\"3\"\n\n\n\n,\"5\",\"6\"\n\"7\"\n");
    free(csv);
    xlsx_destroy(&workbook);
}

/* Elements with a prefix, Excel's strict namespaces, another name for the sheet, a hidden one. */
Test(xlsx, other_spellings_of_the_same)
{
#define STRICT "http://purl.oclc.org/ooxml/officeDocument"
    static const struct made_part parts[] = {
        {"_rels/.rels",
         "<Relationships xmlns=\"urn:x\"><Relationship Id=\"a\" Type=\"" STRICT
         "/relationships/officeDocument\" Target=\"/office/book.xml\"/></Relationships>",       0},
        {"office/book.xml",
         "<?xml version=\"1.0\"?><x:workbook xmlns:x=\"urn:x\" xmlns:r=\"" STRICT
         "/relationships\"><x:sheets><x:sheet name=\"算\" state=\"veryHidden\" "
         "r:id=\"h\"/><x:sheet "
         "name=\"图\" r:id=\"c\"/><x:sheet name=\"表\" r:id=\"s\"/></x:sheets></x:workbook>", 0},
        {"office/_rels/book.xml.rels",
         "<p:Relationships xmlns:p=\"urn:p\"><p:Relationship Id=\"s\" Type=\"" STRICT
         "/relationships/worksheet\" Target=\"../data/one.xml\"/><p:Relationship Id=\"c\" "
         "Type=\"urn:x/chartsheet\" Target=\"none.xml\"/></p:Relationships>",                   0},
        {"data/one.xml",
         "<x:worksheet xmlns:x=\"urn:x\" xmlns:etc=\"http://www.wps.cn/officeDocument/2017/"
         "etCustomData\"><x:sheetData><x:row r=\"1\" spans=\"1:8\"><x:c r=\"A1\" t=\"inlineStr\">"
         "<x:is><x:r><x:rPr/><x:t>甲</x:t></x:r><x:r><x:t>乙</x:t></x:r></x:is></x:c></x:row>"
         "</x:sheetData></x:worksheet>",                                                        0},
        {NULL,                         NULL,                                                    0},
    };
    struct xlsx *workbook = NULL;
    size_t size = 0;
    uint8_t *bytes = zip_make(parts, &size);
    enum xlsx_fault fault = xlsx_read(bytes, size, &workbook);
    cr_assert_eq(fault, XLSX_GOOD, "%s", xlsx_fault_en(fault));
    cr_assert_eq(xlsx_sheets(workbook), 1);
    cr_expect_str_eq(xlsx_sheet_name(workbook, 0), "表");
    cr_expect_str_eq(xlsx_find(workbook, 0, 0, 0)->text, "甲乙");
    xlsx_destroy(&workbook);
    free(bytes);
}

Test(xlsx, places_in_words)
{
    char text[XLSX_PLACE_BYTES];
    cr_expect_str_eq(xlsx_place(11, 5, text), "F12");
    cr_expect_str_eq(xlsx_place(0, 26, text), "AA1");
    cr_expect_str_eq(xlsx_place(1048575, 16383, text), "XFD1048576");
}

/* --- what is refused --- */

static void expect_fault(const struct made_book *book, enum xlsx_fault expected)
{
    struct xlsx *workbook = NULL;
    enum xlsx_fault fault = read_book(book, &workbook);
    cr_expect_eq(fault, expected, "%s", xlsx_fault_en(fault));
    cr_expect_null(workbook);
    xlsx_destroy(&workbook);
}

Test(xlsx, files_that_contradict_themselves)
{
    expect_fault(&(struct made_book){.rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"},
                 XLSX_DAMAGED);
    expect_fault(&(struct made_book){.rows = "<row r=\"2\"/><row r=\"2\"/>"}, XLSX_DAMAGED);
    expect_fault(&(struct made_book){.rows = "<row r=\"2\"><c r=\"A1\"><v>1</v></c></row>"},
                 XLSX_DAMAGED);
    expect_fault(&(struct made_book){.rows = "<row r=\"2\"><c r=\"B2\"/><c r=\"A2\"/></row>"},
                 XLSX_DAMAGED);
    expect_fault(&(struct made_book){.rows = "<row r=\"1\"><c r=\"ZZZZ1\"/></row>"}, XLSX_DAMAGED);
    expect_fault(&(struct made_book){.rows = "<row r=\"1\">"}, XLSX_DAMAGED);
    expect_fault(&(struct made_book){.rows = "<row r=\"20001\"><c><v>1</v></c></row>"},
                 XLSX_TOO_LARGE);
    expect_fault(&(struct made_book){.rows = "",
                                     .styles = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY "
                                               "b \"&a;&a;&a;&a;\">]><x>&b;</x>"},
                 XLSX_ENTITIES);
}

/* 100 MB of blanks in 100 KB: told within the limit, whatever the directory says. */
Test(xlsx, a_bomb_is_not_unpacked)
{
    const size_t size = 100 * 1024 * 1024;
    char *rows = malloc(size + 1);
    cr_assert_not_null(rows);
    memset(rows, ' ', size);
    rows[size] = '\0';
    size_t packed = 0;
    uint8_t *bytes = book_make(&(struct made_book){.rows = rows}, &packed);
    free(rows);
    cr_assert_lt(packed, 1024 * 1024);
    struct xlsx *workbook = NULL;
    clock_t begin = clock();
    cr_expect_eq(xlsx_read(bytes, packed, &workbook), XLSX_TOO_LARGE);
    cr_expect_lt((double)(clock() - begin) / CLOCKS_PER_SEC, 5.0);
    free(bytes);
}

Test(xlsx, other_packages)
{
    static const struct made_part none[] = {
        {"readme.txt", "xl/", 0},
        {NULL,         NULL,  0}
    };
    static const struct made_part binary[] = {
        {"_rels/.rels",
         "<Relationships xmlns=\"urn:x\"><Relationship Id=\"a\" Type=\"urn:x/officeDocument\" "
         "Target=\"xl/workbook.bin\"/></Relationships>", 0},
        {"xl/workbook.bin", "x",                         0},
        {NULL,              NULL,                        0},
    };
    struct xlsx *workbook = NULL;
    size_t size = 0;
    uint8_t *bytes = zip_make(none, &size);
    cr_expect_eq(xlsx_read(bytes, size, &workbook), XLSX_NO_SHEET);
    free(bytes);
    bytes = zip_make(binary, &size);
    cr_expect_eq(xlsx_read(bytes, size, &workbook), XLSX_BINARY);
    free(bytes);
    cr_expect_eq(xlsx_read((const uint8_t *)"PK\3\4xl/", 7, &workbook), XLSX_DAMAGED);
}

/* --- damage of every kind: an answer, never a crash (run under asan and ubsan too) --- */

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void read_all(const uint8_t *bytes, size_t size)
{
    struct xlsx *workbook = NULL;
    size_t text_size = 0;
    if (xlsx_read(bytes, size, &workbook) != XLSX_GOOD)
        return;
    for (size_t i = 0; i < xlsx_sheets(workbook); i++)
        free(xlsx_as_csv(workbook, i, 256, &text_size));
    xlsx_destroy(&workbook);
}

static const struct made_book whole = {
    .rows =
        "<row r=\"1\"><c r=\"A1\" t=\"s\" s=\"1\"><v>0</v></c><c r=\"B1\"><f>A1</f><v>2.5</v></c>"
        "</row><row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>甲</t></is></c></row>",
    .after = "<mergeCells><mergeCell ref=\"A5:C6\"/></mergeCells>",
    .strings = "<sst xmlns=\"urn:x\"><si><t>一_x000D_</t></si></sst>",
    .styles = "<styleSheet xmlns=\"urn:x\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>"
              "</cellXfs></styleSheet>"};

Test(xlsx, cut_short_anywhere)
{
    size_t size = 0;
    uint8_t *bytes = book_make(&whole, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut + 1); /* of this size, so that reading past it is seen */
        memcpy(copy, bytes, cut);
        struct xlsx *workbook = NULL;
        cr_expect_neq(xlsx_read(copy, cut, &workbook), XLSX_GOOD, "cut at %zu of %zu", cut, size);
        free(copy);
    }
    free(bytes);
}

Test(xlsx, bits_flipped_anywhere)
{
    size_t size = 0;
    uint32_t state = 20251122;
    uint8_t *bytes = book_make(&whole, &size), *copy = malloc(size);
    for (int round = 0; round < 3000; round++) {
        memcpy(copy, bytes, size);
        for (uint32_t flips = 1 + random_next(&state) % 4; flips > 0; flips--)
            copy[random_next(&state) % size] ^= (uint8_t)(1U << random_next(&state) % 8);
        read_all(copy, size);
    }
    free(copy);
    free(bytes);
}

/* Damage that the ZIP's checksums do not catch: the XML itself. */
Test(xlsx, characters_replaced_in_the_sheet)
{
    static const char odd[] = "<>&\"'/=; A0z[]:!-";
    uint32_t state = 7;
    char rows[512];
    for (int round = 0; round < 1000; round++) {
        snprintf(rows, sizeof rows, "%s", whole.rows);
        for (uint32_t changes = 1 + random_next(&state) % 3; changes > 0; changes--)
            rows[random_next(&state) % strlen(whole.rows)] =
                odd[random_next(&state) % (sizeof odd - 1)];
        struct made_book book = whole;
        size_t size = 0;
        book.rows = rows;
        uint8_t *bytes = book_make(&book, &size);
        read_all(bytes, size);
        free(bytes);
    }
}
