#include <criterion/criterion.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "text/csv.h"
#include "text/foreign.h"
#include "text/utf8.h"

static struct table *read_bytes(const void *bytes, size_t size)
{
    struct table *table = NULL;
    size_t line = 0;
    enum status status = table_read(bytes, size, &line, &table);
    cr_assert_eq(status, STATUS_OK, "%s at line %zu", status_name(status), line);
    return table;
}

static struct table *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static enum status fails(const char *text, size_t size, size_t *line)
{
    struct table *table = NULL;
    enum status status = table_read((const uint8_t *)text, size, line, &table);
    cr_expect_null(table);
    table_destroy(&table);
    return status;
}

static size_t encode(const char *charset, const char *text, char *out, size_t room)
{
    iconv_t converter = iconv_open(charset, "UTF-8");
    cr_assert_neq(converter, (iconv_t)-1);
    char *in = (char *)text, *at = out;
    size_t in_left = strlen(text), out_left = room;
    cr_assert_neq(iconv(converter, &in, &in_left, &at, &out_left), (size_t)-1);
    iconv_close(converter);
    return room - out_left;
}

Test(csv, rfc4180)
{
    struct table *table =
        read_text("name,value,note\r\n\"a, \"\"b\"\"\",1,\"two\r\nlines\"\r\nc,,\r\n");
    cr_assert_eq(table_rows(table), 3);
    cr_expect_str_eq(table_cell(table, 1, 0), "a, \"b\"");
    cr_expect_str_eq(table_cell(table, 1, 2), "two\r\nlines");
    cr_expect_eq(table_line(table, 1), 2);
    cr_expect_eq(table_line(table, 2), 4, "the quoted line break counts");
    cr_expect_str_eq(table_cell(table, 2, 1), "");
    cr_expect_str_eq(table_cell(table, 2, 9), "", "past the row's end");
    cr_expect_str_eq(table_cell(table, 9, 0), "");
    cr_expect_eq(table_columns(table, 2), 3);
    cr_expect_eq(table_column(table, "note"), 2);
    cr_expect_eq(table_column(table, "nothing"), SIZE_MAX);
    table_destroy(&table);
    cr_expect_null(table);
    table_destroy(&table);
}

Test(csv, blank_lines_are_dropped_and_counted)
{
    struct table *table = read_text("\n\na,b\n\n ,\t\n,,,,\n1,2\n\n");
    cr_assert_eq(table_rows(table), 2);
    cr_expect_eq(table_line(table, 0), 3);
    cr_expect_eq(table_line(table, 1), 7);
    table_destroy(&table);
}

Test(csv, every_kind_of_line_end)
{
    struct table *table = read_text("a\rb\nc\r\nd");
    cr_assert_eq(table_rows(table), 4);
    cr_expect_str_eq(table_cell(table, 3, 0), "d");
    cr_expect_eq(table_line(table, 3), 4);
    table_destroy(&table);
}

Test(csv, tabs_separate_when_the_header_has_no_comma)
{
    struct table *table = read_text("a\tb\n1,234\t x \n");
    cr_expect_str_eq(table_cell(table, 1, 0), "1,234");
    cr_expect_str_eq(table_cell(table, 1, 1), "x");
    table_destroy(&table);
    table = read_text("a\tb,c\n1\t2,3\n");
    cr_expect_str_eq(table_cell(table, 1, 0), "1\t2");
    table_destroy(&table);
    table = read_text("\"a,b\"\tc\n1\t2\n");
    cr_expect_str_eq(table_cell(table, 1, 1), "2");
    table_destroy(&table);
}

Test(csv, blanks_around_cells_are_removed)
{
    struct table *table = read_text("a,b\n\xE3\x80\x80 \xC2\xA0鹿寨\xE3\x80\x80,\" x \"\n");
    cr_expect_str_eq(table_cell(table, 1, 0), "鹿寨");
    cr_expect_str_eq(table_cell(table, 1, 1), "x");
    table_destroy(&table);
}

Test(csv, quotes_inside_and_behind)
{
    struct table *table = read_text("a,b\n5\" pipe,\"x\"y\n");
    cr_expect_str_eq(table_cell(table, 1, 0), "5\" pipe");
    cr_expect_str_eq(table_cell(table, 1, 1), "xy");
    table_destroy(&table);
}

Test(csv, utf8_with_bom)
{
    struct table *table = read_text("\xEF\xBB\xBF指标,值\n婴儿死亡率,5.0\n");
    cr_expect_eq(table_column(table, "指标"), 0);
    table_destroy(&table);
}

Test(csv, gbk_without_any_mark)
{
    static const char *const charsets[] = {"GBK", "GB18030", "GB2312"};
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
        char bytes[256];
        size_t size = encode(charsets[i], "指标,值\r\n婴儿死亡率,5.0\r\n", bytes, sizeof bytes);
        struct table *table = read_bytes(bytes, size);
        cr_expect_str_eq(table_cell(table, 0, 0), "指标", "%s", charsets[i]);
        cr_expect_str_eq(table_cell(table, 1, 0), "婴儿死亡率");
        table_destroy(&table);
    }
}

Test(csv, gb18030_four_bytes)
{
    char bytes[64];
    size_t size = encode("GB18030", "名\n𠮷\n", bytes, sizeof bytes);
    struct table *table = read_bytes(bytes, size);
    cr_expect_str_eq(table_cell(table, 1, 0), "𠮷");
    table_destroy(&table);
}

Test(csv, utf16_as_excel_writes_unicode_text)
{
    char bytes[128] = "\xFF\xFE";
    size_t size = encode("UTF-16LE", "指标\t值\r\n甲\t1\r\n", bytes + 2, sizeof bytes - 2);
    struct table *table = read_bytes(bytes, size + 2);
    cr_expect_str_eq(table_cell(table, 1, 0), "甲");
    cr_expect_str_eq(table_cell(table, 1, 1), "1");
    table_destroy(&table);
}

Test(csv, refuses_what_is_no_table)
{
    size_t line = 0;
    cr_expect_eq(fails("", 0, &line), STATUS_E_EMPTY);
    cr_expect_eq(fails(" \r\n\t\n,,\n", 8, &line), STATUS_E_EMPTY);
    cr_expect_eq(fails("\xEF\xBB\xBF", 3, &line), STATUS_E_EMPTY);
    cr_expect_eq(fails("a\n\xFF\xFF\xFF\n", 6, &line), STATUS_E_ENCODING);
    cr_expect_eq(fails("PK\3\4\0\0\0\0", 8, &line), STATUS_E_ENCODING, "an .xlsx");
    cr_expect_eq(fails("\xEF\xBB\xBF\xC4\xE3", 5, &line), STATUS_E_ENCODING, "marked UTF-8");
    cr_expect_eq(fails("a,b\n1,2\n3,\"x\n4,5\n", 17, &line), STATUS_E_MALFORMED);
    cr_expect_eq(line, 3, "where the row with the open quote begins");
    cr_expect_eq(fails("a\n\"", 3, NULL), STATUS_E_MALFORMED);
}

Test(csv, limits)
{
    size_t line = 0;
    char wide[600];
    memset(wide, ',', sizeof wide);
    wide[0] = 'x';
    cr_expect_eq(fails(wide, sizeof wide, &line), STATUS_LIMIT);
    wide[TABLE_COLUMNS_MAX] = '\n'; /* x and 255 commas: exactly the limit */
    struct table *table = read_bytes(wide, TABLE_COLUMNS_MAX + 1);
    cr_expect_eq(table_columns(table, 0), TABLE_COLUMNS_MAX);
    table_destroy(&table);

    size_t size = (TABLE_ROWS_MAX + 1) * 2;
    char *tall = malloc(size);
    cr_assert_not_null(tall);
    for (size_t i = 0; i < size; i += 2)
        memcpy(tall + i, "x\n", 2);
    cr_expect_eq(fails(tall, size, &line), STATUS_LIMIT);
    cr_expect_eq(line, TABLE_ROWS_MAX + 1);
    table = read_bytes(tall, size - 2);
    cr_expect_eq(table_rows(table), TABLE_ROWS_MAX);
    table_destroy(&table);
    free(tall);
}

/* Every prefix of a file full of traps reads or fails, and never reads outside (asan watches). */
Test(csv, any_prefix_is_safe)
{
    static const char text[] =
        "\xEF\xBB\xBF a\"b ,\"c\"\"d\r\n e\",\r\xE3\x80\x80,\"\n\"x\r\n\"\"\n\t,";
    for (size_t size = 0; size <= sizeof text - 1; size++) {
        char *copy = malloc(size + 1);
        cr_assert_not_null(copy);
        memcpy(copy, text, size);
        struct table *table = NULL;
        size_t line = 0;
        if (table_read((const uint8_t *)copy, size, &line, &table) == STATUS_OK)
            for (size_t row = 0; row < table_rows(table); row++)
                for (size_t column = 0; column < table_columns(table, row); column++)
                    cr_expect_lt(strlen(table_cell(table, row, column)), sizeof text);
        table_destroy(&table);
        free(copy);
    }
}

static void expect_number(const char *text, double wanted)
{
    double value = -77;
    enum status status = number_parse(text, 0, &value);
    cr_expect_eq(status, STATUS_OK, "\"%s\": %s", text, status_name(status));
    cr_expect_eq(value, wanted, "\"%s\" gave %g", text, value);
}

static void expect_refused(const char *text, int percent)
{
    double value = -77;
    enum status status = number_parse(text, percent, &value);
    cr_expect_eq(status, STATUS_E_NOT_NUMBER, "\"%s\": %s", text, status_name(status));
    cr_expect_eq(value, -77, "\"%s\" touched the result", text);
}

Test(number, as_spreadsheets_write_them)
{
    expect_number("12", 12);
    expect_number(" 12 ", 12);
    expect_number("１２３", 123);
    expect_number("1,234", 1234);
    expect_number("１，２３４", 1234);
    expect_number("12,345,678.25", 12345678.25);
    expect_number("2．5", 2.5);
    expect_number(".5", 0.5);
    expect_number("007", 7);
    expect_number("+5", 5);
    expect_number("-5", -5);
    expect_number("－5", -5);
    expect_number("−5", -5);
    expect_number("\xE3\x80\x80"
                  "3.0\xC2\xA0",
                  3);
    expect_number("0.30000000000000004", 0.30000000000000004);
    double value = 1;
    cr_assert_eq(number_parse("-0", 0, &value), STATUS_OK);
    cr_expect(value == 0 && !__builtin_signbit(value), "-0 is 0");
}

Test(number, percent_only_where_asked)
{
    double value = 0;
    cr_assert_eq(number_parse("95%", 1, &value), STATUS_OK);
    cr_expect_eq(value, 95);
    cr_assert_eq(number_parse("９５．５％", 1, &value), STATUS_OK);
    cr_expect_eq(value, 95.5);
    expect_refused("95%", 0);
    expect_refused("9%5", 1);
    expect_refused("%", 1);
    expect_refused("5‰", 1);
    expect_refused("5%%", 1);
}

Test(number, refuses_the_ambiguous)
{
    static const char *const texts[] = {
        "",     " ",  "1,5", "1,23",  "12 3", "1 234", "1,2345",  "1234,567", "0,123",
        ",123", "1,", "1e5", "1E5",   "0x10", "nan",   "inf",     "#N/A",     "5.",
        ".",    "-",  "+",   "--5",   "+-5",  "1.2.3", "1.234,5", "(12)",     "12人",
        "十二", "l2", "1l",  "１２a", "5 -",  "\xFF",  "1\n2",    "１ ２",    "1.2,345"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_refused(texts[i], 0);
}

Test(number, overflow)
{
    char text[402] = "";
    double value = 7;
    memset(text, '9', 350);
    cr_expect_eq(number_parse(text, 0, &value), STATUS_E_NOT_FINITE);
    cr_expect_eq(value, 7);
    memset(text, '9', 401);
    cr_expect_eq(number_parse(text, 0, &value), STATUS_E_NOT_NUMBER, "longer than any figure");
}

Test(utf8, blanks_of_every_kind_are_nothing)
{
    cr_assert(utf8_all_blank(""));
    cr_assert(utf8_all_blank(" \t\r\n\v"));
    cr_assert(utf8_all_blank("\u3000\u00A0\u1680\u2003\u2028\u205F\u200B\uFEFF"));
    cr_assert_not(utf8_all_blank("\u3000.\u3000"));
    cr_assert_not(utf8_all_blank("\xE3\x80"), "a piece of a character is something");
}

Test(utf8, a_cut_splits_neither_characters_nor_words)
{
    cr_assert_eq(utf8_cut_words("rural households", 8), 5, "before the blank");
    cr_assert_eq(utf8_cut_words("rural households", 5), 5, "a word's end");
    cr_assert_eq(utf8_cut_words("rural", 20), 5);
    cr_assert_eq(utf8_cut_words("农村住户", 7), 6);
    cr_assert_eq(utf8_cut_words("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 30), 30,
                 "too long");
}

Test(foreign, files_of_other_programs_are_known)
{
    static const char workbook[] = "PK\x03\x04....[Content_Types].xml....xl/workbook.xml";
    static const char document[] = "PK\x03\x04....[Content_Types].xml....word/document.xml";
    static const char pdf[] = "%PDF-1.4 x";
    static const char csv[] = "cell,value\r\n1,2\r\n";
    size_t line = 0;
    const struct foreign_file *found = foreign_file((const uint8_t *)workbook, sizeof workbook);
    cr_assert(found != NULL && strstr(found->zh, "另存为") != NULL);
    cr_assert_eq(fails(workbook, sizeof workbook, &line), STATUS_E_ENCODING);
    found = foreign_file((const uint8_t *)document, sizeof document);
    cr_assert(found != NULL && strstr(found->en, "Word") != NULL);
    cr_assert_not_null(foreign_file((const uint8_t *)pdf, sizeof pdf));
    cr_assert_null(foreign_file((const uint8_t *)csv, sizeof csv));
}
