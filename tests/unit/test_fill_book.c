/* Forms filled in as workbooks: the template, people's habits, and other people's sheets. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/files.h"
#include "lib/filled_form.h"
#include "lib/form_mark.h"
#include "sheet/xlsx.h"
#include "xlsx_fixture.h"

enum { CELLS = 5 };

static Zhibao__FormCell cells[CELLS];
static Zhibao__FormCell *pointers[CELLS];
static Zhibao__FormSheet sheet;
static struct blank_form *blank;

static void set_up(void)
{
    static const struct {
        const char *element, *stratum, *name, *type;
        uint32_t decimals;
    } rows[CELLS] = {
        {"children",  "sex=m", "常住儿童",       "count",  0},
        {"children",  "sex=f", "常住儿童",       "count",  0},
        {"left",      "",      "留守儿童",       "count",  0},
        {"home_open", "",      "儿童之家开放", "yesno",  0},
        {"hours",     "",      "开放时长",       "amount", 1},
    };
    zhibao__form_sheet__init(&sheet);
    for (size_t i = 0; i < CELLS; i++) {
        zhibao__form_cell__init(&cells[i]);
        cells[i].cell = (uint32_t)i + 1;
        cells[i].element = (char *)rows[i].element;
        cells[i].stratum = (char *)rows[i].stratum;
        cells[i].name_zh = (char *)rows[i].name;
        cells[i].name_en = (char *)rows[i].element;
        cells[i].type = (char *)rows[i].type;
        cells[i].unit = (char *)"person";
        cells[i].decimals = rows[i].decimals;
        cells[i].required = true;
        pointers[i] = &cells[i];
    }
    sheet.form = (char *)"village";
    sheet.plan = (char *)"luzhai";
    sheet.version = 2;
    sheet.reporter = (char *)"village";
    sheet.title_zh = (char *)"村（社区）年报表";
    sheet.title_en = (char *)"Village's children: the return of a year / [draft]";
    sheet.number = (char *)"ZB-01";
    sheet.authority = (char *)"统计局";
    sheet.valid_until = (char *)"2031-06-30";
    sheet.cells = pointers;
    sheet.n_cells = CELLS;
    cr_assert_eq(blank_form_create(&sheet, &blank), STATUS_OK);
}

static void tear_down(void)
{
    blank_form_destroy(&blank);
}

TestSuite(fill_book, .init = set_up, .fini = tear_down);

static const struct filled_history asked = {.period = 2025, .unit = UINT64_C(450223102208000)};

static enum status read_rows(const char *rows, const char *after, struct problems *problems,
                             struct filled_form **filled)
{
    size_t size = 0;
    uint8_t *bytes = book_make(
        &(struct made_book){.rows = rows,
                            .after = after,
                            .styles =
                                "<styleSheet xmlns=\"urn:x\"><cellXfs><xf numFmtId=\"0\"/><xf "
                                "numFmtId=\"14\"/><xf numFmtId=\"9\"/></cellXfs></styleSheet>"},
        &size);
    problems_init(problems);
    *filled = NULL;
    enum status status = filled_form_read(blank, bytes, size, &asked, problems, filled);
    free(bytes);
    return status;
}

#define TEXT(place, text) "<c r=\"" place "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define HEADER            "<row r=\"4\">" TEXT("A4", "项 号") TEXT("C4", "数\n值") TEXT("D4", "说明") "</row>"
#define FIGURE(row, cell, value) \
    "<row r=\"" row "\"><c r=\"A" row "\"><v>" cell "</v></c>" value "</row>"
#define NUMBER(row, value) "<c r=\"C" row "\"><v>" value "</v></c>"
#define OTHERS                              \
    FIGURE("6", "2", TEXT("C6", "３４"))    \
    FIGURE("7", "3", TEXT("C7", " 1,005 ")) \
    FIGURE("8", "4", TEXT("C8", "是")) FIGURE("9", "5", NUMBER("9", "2.5"))

static void expect_value(const struct filled_form *filled, uint32_t cell, double expected)
{
    double value = 0;
    cr_expect(observation_value(filled_form_observations(filled), cell, &value));
    cr_expect_eq(value, expected, "cell %u is %g", cell, value);
}

/* Title and merged header above, text and full-width digits, names below, a note at the side. */
Test(fill_book, people_s_habits)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    enum status status = read_rows(
        "<row r=\"1\">" TEXT("A1", "儿童年报表") "</row><row r=\"2\">" TEXT(
            "A2", "填报单位：英华村") TEXT("C2", "zhibao plan=luzhai form=village version=2 "
                                                 "year=2025 unit=450223102208") "</row>" HEADER
            FIGURE("5", "1", "<c r=\"C5\"><f>SUM(F5:F9)</f><v>1200</v></c>" TEXT("H5", "算过"))
                OTHERS
        "<row r=\"11\">" TEXT("A11", "填表人：") TEXT("C11", "张三") TEXT(
            "D11", "审核人：李四") "</row>"
                                   "<row r=\"12\">" TEXT("A12", "单位负责人：王五") TEXT(
                                       "D12",
                                       "填报日期：") "<c r=\"E12\" s=\"1\"><v>46023</v></c></row>",
        "<mergeCells><mergeCell ref=\"A1:D1\"/><mergeCell ref=\"A4:B4\"/></mergeCells>", &problems,
        &filled);
    cr_assert_eq(status, STATUS_OK, "%s: %s", problems.count > 0 ? problems.items[0].field : "",
                 problems.count > 0 ? problems.items[0].en : status_en(status));
    expect_value(filled, 1, 1200);
    expect_value(filled, 2, 34);
    expect_value(filled, 3, 1005);
    expect_value(filled, 4, 1);
    expect_value(filled, 5, 2.5);
    const struct filled_people *people = filled_form_people(filled);
    cr_expect_str_eq(people->filler, "张三");
    cr_expect_str_eq(people->reviewer, "李四");
    cr_expect_str_eq(people->principal, "王五");
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define MAIN   "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

/* The form as WPS and Excel save it: targets from the top, names in another case, dates counted
 * from 1904, prefixes of their own, alternatives and extensions, shared strings of runs with their
 * pronunciation, formulas of every kind with the value they had. */
static const struct made_part wps_parts[] = {
    {"[Content_Types].xml",        "<Types xmlns=\"urn:t\"/>",                           0},
    {"_rels/.rels",
     "<Relationships xmlns=\"urn:r\"><Relationship Id=\"rId9\" "
     "Type=\"urn:r/custom-properties\" Target=\"docProps/custom.xml\"/><Relationship Id=\"rId1\" "
     "Type=\"" OFFICE "/officeDocument\" Target=\"/xl/workbook.xml\"/></Relationships>",
     0                                                                                    },
    {"docProps/custom.xml",
     "<Properties xmlns=\"urn:p\"><property name=\"KSOProductBuildVer\"/></Properties>", 0},
    {"xl/workbook.xml",
     "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><workbook xmlns=\"" MAIN
     "\" xmlns:r=\"" OFFICE "\" xmlns:mc=\"urn:mc\" mc:Ignorable=\"x15 xr\"><fileVersion "
     "appName=\"xl\" lastEdited=\"3\" rupBuild=\"9302\"/><workbookPr date1904=\"1\"/>"
     "<mc:AlternateContent><mc:Choice Requires=\"x15\"><x15ac:absPath xmlns:x15ac=\"urn:a\" "
     "url=\"D:\\\"/></mc:Choice></mc:AlternateContent><sheets><sheet name=\"村报表\" sheetId=\"7\" "
     "r:id=\"rId4\"/></sheets><definedNames><definedName name=\"_xlnm.Print_Titles\" "
     "localSheetId=\"0\">村报表!$1:$4</definedName></definedNames><extLst><ext "
     "uri=\"{x}\"><etc:sheet xmlns:etc=\"http://www.wps.cn/officeDocument/2017/etCustomData\"/>"
     "</ext></extLst></workbook>",                                                       0},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships xmlns=\"urn:r\"><Relationship Id=\"rId4\" Type=\"" OFFICE "/worksheet\" "
     "Target=\"/xl/worksheets/sheet1.xml\"/><Relationship Id=\"rId5\" Type=\"" OFFICE
     "/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/><Relationship Id=\"rId6\" Type=\"" OFFICE
     "/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId7\" "
     "Type=\"http://www.wps.cn/officeDocument/2020/cellImage\" Target=\"cellimages.xml\"/>"
     "</Relationships>",                                                                 0},
    {"xl/SharedStrings.xml",
     "<sst xmlns=\"" MAIN "\" count=\"6\"><si><t>项号</t><phoneticPr fontId=\"1\" "
     "type=\"noConversion\"/></si><si><r><rPr><b/></rPr><t>数</t></r><r><t "
     "xml:space=\"preserve\">值 "
     "</t></r></si><si><r><t>３</t></r><r><t>４</t></r><rPh sb=\"0\" eb=\"1\"><t>san</t></rPh></si>"
     "<si><t xml:space=\"preserve\"> 1,005 </t></si><si><t>是</t></si><si><t>填报日期：</t></si>"
     "</sst>",                                                                           0},
    {"xl/styles.xml",
     "<styleSheet xmlns=\"" MAIN "\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
     "numFmtId=\"49\"/></cellXfs></styleSheet>",                                         0},
    {"xl/worksheets/sheet1.xml",
     "\xEF\xBB\xBF<worksheet xmlns=\"" MAIN "\" xmlns:mc=\"urn:mc\" xmlns:x14ac=\"urn:x14ac\" "
     "xmlns:xr=\"urn:xr\" mc:Ignorable=\"x14ac xr\" xr:uid=\"{0}\"><sheetPr><pageSetUpPr "
     "fitToPage=\"1\"/></sheetPr><dimension ref=\"A4:D12\"/><sheetViews><sheetView "
     "workbookViewId=\"0\"><selection activeCell=\"C5\" sqref=\"C5\"/></sheetView></sheetViews>"
     "<sheetFormatPr defaultRowHeight=\"13.5\" outlineLevelCol=\"3\"/><cols><col min=\"1\" "
     "max=\"4\" width=\"9\"/></cols><sheetData>"
     "<row r=\"4\" ht=\"24\" customHeight=\"1\" spans=\"1:4\" x14ac:dyDescent=\"0.15\"><c r=\"A4\" "
     "s=\"2\" t=\"s\"><v>0</v></c><c r=\"B4\" s=\"2\"/><c r=\"C4\" t=\"s\"><v>1</v></c></row>"
     "<row r=\"5\"><c r=\"A5\"><v>1</v></c><c r=\"C5\"><f t=\"shared\" ref=\"C5:C6\" "
     "si=\"0\">SUM(F5:F9)</f><v>1200</v></c></row>"
     "<row r=\"6\"><c r=\"A6\" t=\"str\"><f>TEXT(2,\"0\")</f><v>2</v></c><c r=\"C6\" s=\"2\" "
     "t=\"s\"><v>2</v></c></row>"
     "<row r=\"7\"><c r=\"A7\" t=\"inlineStr\"><is><t>３</t></is></c><c r=\"C7\" s=\"2\" "
     "t=\"s\"><v>3</v></c></row>"
     "<row r=\"8\"><c r=\"A8\"><v>4</v></c><c r=\"C8\" t=\"s\"><v>4</v></c></row>"
     "<row r=\"9\"><c r=\"A9\"><v>5</v></c><c r=\"C9\" t=\"str\"><f t=\"array\" "
     "ref=\"C9\">TEXT(2.5,\"0.0\")</f><v>2.5</v></c></row>"
     "<row r=\"12\"><c r=\"C12\" t=\"s\"><v>5</v></c><c r=\"D12\" s=\"1\"><v>44561</v></c></row>"
     "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A4:B4\"/></mergeCells><phoneticPr "
     "fontId=\"1\" type=\"noConversion\"/><dataValidations count=\"1\"><dataValidation "
     "type=\"list\" "
     "sqref=\"C8\"><formula1>\"是,否\"</formula1></dataValidation></dataValidations><extLst><ext "
     "xmlns:x14=\"urn:x14\" uri=\"{C}\"><x14:dataValidations "
     "xmlns:xm=\"urn:xm\"><x14:dataValidation><x14:formula1><xm:f>选项!$A$1</xm:f></x14:formula1>"
     "<xm:sqref>C8</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></"
     "worksheet>",                                                                       0},
    {NULL,                         NULL,                                                 0},
};

Test(fill_book, as_wps_and_excel_save_it)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    size_t size = 0;
    uint8_t *bytes = zip_make(wps_parts, &size);
    problems_init(&problems);
    enum status status = filled_form_read(blank, bytes, size, &asked, &problems, &filled);
    free(bytes);
    cr_assert_eq(status, STATUS_OK, "%s: %s", problems.count > 0 ? problems.items[0].field : "",
                 problems.count > 0 ? problems.items[0].en : status_en(status));
    expect_value(filled, 1, 1200);
    expect_value(filled, 2, 34);
    expect_value(filled, 3, 1005);
    expect_value(filled, 4, 1);
    expect_value(filled, 5, 2.5);
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

/* A date that counts from 1904 is as little a figure as any other, and its cell is named. */
Test(fill_book, a_date_of_1904_is_no_figure)
{
    struct made_part parts[sizeof wps_parts / sizeof *wps_parts];
    struct problems problems;
    struct filled_form *filled = NULL;
    size_t size = 0, count = sizeof parts / sizeof *parts;
    static const char plain[] = "<c r=\"C8\" t=\"s\"><v>4</v></c>";
    static const char date[] = "<c r=\"C8\" s=\"1\"><v>4</v></c>";
    memcpy(parts, wps_parts, sizeof parts);
    char *changed = strdup(parts[count - 2].text), *at = strstr(changed, plain);
    cr_assert_not_null(at);
    cr_assert_eq(strlen(plain), strlen(date));
    memcpy(at, date, strlen(date));
    parts[count - 2].text = changed;
    uint8_t *bytes = zip_make(parts, &size);
    problems_init(&problems);
    cr_expect_eq(filled_form_read(blank, bytes, size, &asked, &problems, &filled),
                 STATUS_E_SHEET_CELL);
    cr_assert_eq(problems.count, 1);
    cr_expect_str_eq(problems.items[0].field, "8:村报表!C8");
    free(changed);
    free(bytes);
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

static void expect_problem(const char *rows, const char *after, enum status code, uint32_t cell,
                           const char *field)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    cr_expect_eq(read_rows(rows, after, &problems, &filled), code);
    cr_assert_eq(problems.count, 1, "%zu problems, the second: %s %s", problems.count,
                 problems.count > 1 ? problems.items[1].field : "",
                 problems.count > 1 ? problems.items[1].en : "");
    cr_expect_eq(problems.items[0].code, code, "%s", problems.items[0].en);
    cr_expect_eq(problems.items[0].cell, cell);
    cr_expect_str_eq(problems.items[0].field, field);
    cr_expect_neq(problems.items[0].zh[0], '\0');
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

Test(fill_book, a_cell_that_would_be_guessed_is_named)
{
    expect_problem(HEADER FIGURE("5", "1", "<c r=\"C5\" s=\"1\"><v>46023</v></c>") OTHERS, NULL,
                   STATUS_E_SHEET_CELL, 1, "5:村报表!C5");
    expect_problem(HEADER FIGURE("5", "1", "<c r=\"C5\" s=\"2\"><v>0.5</v></c>") OTHERS, NULL,
                   STATUS_E_SHEET_CELL, 1, "5:村报表!C5");
    expect_problem(HEADER FIGURE("5", "1", "<c r=\"C5\"><f>A1</f></c>") OTHERS, NULL,
                   STATUS_E_SHEET_CELL, 1, "5:村报表!C5");
    expect_problem(HEADER FIGURE("5", "1", NUMBER("5", "3")) OTHERS,
                   "<mergeCells><mergeCell ref=\"C4:C5\"/></mergeCells>", STATUS_E_SHEET_CELL, 1,
                   "5:村报表!C5");
    expect_problem(HEADER FIGURE("5", "1", TEXT("C5", "约30")) OTHERS, NULL, STATUS_E_NOT_NUMBER, 1,
                   "5:村报表!C5");
    expect_problem(HEADER FIGURE("5", "1", NUMBER("5", "1.5")) OTHERS, NULL, STATUS_E_DECIMALS, 1,
                   "5:村报表!C5");
    expect_problem(HEADER FIGURE("5", "77", NUMBER("5", "1")) FIGURE("10", "1", NUMBER("10", "1"))
                       OTHERS,
                   NULL, STATUS_E_SHEET, 0, "0:"); /* rows out of order: damaged */
    expect_problem(HEADER OTHERS FIGURE("10", "1", NUMBER("10", "1")) FIGURE("11", "77", ""), NULL,
                   STATUS_E_CELL_UNKNOWN, 0, "11:村报表!A11");
    expect_problem("<row r=\"1\">" TEXT("A1", "数值") "</row>", NULL, STATUS_E_HEADER, 0,
                   "1:村报表!A1");
}

Test(fill_book, another_sheet_is_recognised)
{
#define MARKED(mark) \
    "<row r=\"1\">" TEXT("F1", mark) "</row>" HEADER FIGURE("5", "1", NUMBER("5", "1")) OTHERS
    expect_problem(MARKED("zhibao form=village version=2 year=2024"), NULL, STATUS_E_SHEET_OTHER, 0,
                   "1:村报表!A1");
    expect_problem(MARKED("zhibao form=village unit=450223102209"), NULL, STATUS_E_SHEET_OTHER, 0,
                   "1:村报表!A1");
    expect_problem(MARKED("zhibao form=health year=2025"), NULL, STATUS_E_SHEET_OTHER, 0,
                   "1:村报表!A1");
    expect_problem(MARKED("zhibao plan=siping form=village year=2025"), NULL, STATUS_E_SHEET_OTHER,
                   0, "1:村报表!A1");
    expect_problem(MARKED("zhibao form=village version=1"), NULL, STATUS_E_FORM_VERSION, 0,
                   "1:村报表!A1");
}

/* What could be read is kept for the portal, and what could not is left out. */
Test(fill_book, an_import_keeps_what_could_be_read)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    size_t size = 0;
    uint8_t *bytes = book_make(
        &(struct made_book){.rows = HEADER FIGURE("5", "1", TEXT("C5", "约30")) OTHERS}, &size);
    problems_init(&problems);
    cr_assert_eq(filled_form_import(blank, bytes, size, &asked, &problems, &filled), STATUS_OK);
    cr_expect_eq(problems.count, 1);
    cr_expect_eq(filled_form_observations(filled)->count, 4);
    expect_value(filled, 3, 1005);
    filled_form_destroy(&filled);
    problems_clear(&problems);
    free(bytes);
}

/* --- the template --- */

static const struct form_face face = {2025, UINT64_C(450223102208000), "英华村", NULL};

Test(fill_book, the_template_is_read_back_and_holds_its_mark)
{
    uint32_t last_cells[] = {1, 4}, last_presence[] = {PRESENCE_VALUE, PRESENCE_VALUE};
    double last_values[] = {1300, 1};
    struct observations last = {2, last_cells, last_presence, last_values};
    struct form_page page = {blank, face};
    page.face.last = &last;
    for (int english = 0; english < 2; english++) {
        struct problems problems;
        struct filled_form *filled = NULL;
        uint8_t *bytes = NULL;
        size_t size = 0;
        cr_assert_eq(filled_form_workbook(&page, 1, english == 1, &bytes, &size), STATUS_OK);
        problems_init(&problems);
        cr_expect_eq(filled_form_read(blank, bytes, size, &asked, &problems, &filled),
                     STATUS_E_REQUIRED);
        cr_expect_eq(problems.count, CELLS, "the required cells and nothing else");
        problems_clear(&problems);
        const struct filled_history later = {.period = 2026, .unit = asked.unit};
        cr_expect_eq(filled_form_read(blank, bytes, size, &later, &problems, &filled),
                     STATUS_E_SHEET_OTHER);
        problems_clear(&problems);
        free(bytes);
    }
}

/* A form a sheet; the one that is asked for is read, whichever comes first. */
Test(fill_book, a_workbook_with_several_forms)
{
    Zhibao__FormSheet other = sheet;
    struct blank_form *health = NULL;
    other.form = (char *)"health";
    cr_assert_eq(blank_form_create(&other, &health), STATUS_OK);
    const struct form_page pages[] = {
        {health, face},
        {blank,  face}
    };
    struct problems problems;
    struct filled_form *filled = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(filled_form_workbook(pages, 2, false, &bytes, &size), STATUS_OK);
    problems_init(&problems);
    cr_expect_eq(filled_form_read(blank, bytes, size, &asked, &problems, &filled),
                 STATUS_E_REQUIRED);
    cr_assert_gt(problems.count, 0);
    problems_clear(&problems);
    free(bytes);
    const struct form_page twice[] = {
        {blank, face},
        {blank, face}
    };
    cr_assert_eq(filled_form_workbook(twice, 2, false, &bytes, &size), STATUS_OK);
    cr_expect_eq(filled_form_read(blank, bytes, size, &asked, &problems, &filled), STATUS_E_SHEET,
                 "it is not guessed which of two is meant");
    problems_clear(&problems);
    free(bytes);
    blank_form_destroy(&health);
}

Test(fill_book, marks)
{
    struct form_mark mark;
    char text[MARK_TEXT_BYTES];
    cr_expect_not(form_mark_read("项号", &mark));
    cr_expect_not(form_mark_read("zhibao year=2025", &mark), "a mark names a form");
    cr_assert(form_mark_read("zhibao form=health year=20x5 unit=450223000000:10 later=1", &mark));
    cr_expect_eq(mark.year, 0, "what cannot be read was not said");
    cr_expect_eq(mark.unit, UINT64_C(450223000000010));
    mark.year = 2025;
    mark.version = 3;
    cr_expect_str_eq(form_mark_write(&mark, text),
                     "zhibao plan= form=health version=3 year=2025 unit=450223000000:10");
}

/* The same mark in a CSV file, as a spreadsheet saves it back. */
Test(fill_book, a_csv_file_of_another_year)
{
    static const char *const years[] = {"2025", "2024"};
    for (size_t i = 0; i < 2; i++) {
        char text[512];
        struct problems problems;
        struct filled_form *filled = NULL;
        int size =
            snprintf(text, sizeof text,
                     "zhibao plan=luzhai form=village version=2 year=%s,,\r\n项号,数值,说明\r\n"
                     "1,5,\r\n2,5,\r\n3,5,\r\n4,是,\r\n5,2,\r\n填表人：张三,,\r\n",
                     years[i]);
        problems_init(&problems);
        enum status status = filled_form_read(blank, (const uint8_t *)text, (size_t)size, &asked,
                                              &problems, &filled);
        cr_expect_eq(status, i == 0 ? STATUS_OK : STATUS_E_SHEET_OTHER, "%s",
                     problems.count > 0 ? problems.items[0].en : "");
        if (i == 0)
            cr_expect_str_eq(filled_form_people(filled)->filler, "张三");
        filled_form_destroy(&filled);
        problems_clear(&problems);
    }
}

/* --- saved by real programs (tests/sheets) --- */

/* The parts of an unpacked workbook as one. */
static uint8_t *pack(const char *directory, size_t *out_size)
{
    static const char *const names[] = {
        "_rels/.rels",          "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
        "xl/sharedStrings.xml", "xl/styles.xml",   "xl/worksheets/sheet1.xml"};
    enum { PARTS = sizeof names / sizeof *names };
    struct made_part parts[PARTS + 1] = {0};
    uint8_t *texts[PARTS] = {NULL};
    for (size_t i = 0; i < PARTS; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tests/sheets/%s/%s", ZHIBAO_SOURCE_DIR, directory,
                 names[i]);
        cr_assert_eq(file_read(path, 1 << 20, &texts[i], &parts[i].size), STATUS_OK, "%s", path);
        parts[i].name = names[i];
        parts[i].text = (const char *)texts[i];
    }
    uint8_t *bytes = zip_make(parts, out_size);
    for (size_t i = 0; i < PARTS; i++)
        free(texts[i]);
    return bytes;
}

Test(fill_book, saved_by_libreoffice)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    size_t size = 0, count = 0;
    uint8_t *bytes = pack("libreoffice", &size);
    problems_init(&problems);
    enum status status = filled_form_read(blank, bytes, size, &asked, &problems, &filled);
    cr_assert_eq(status, STATUS_OK, "%s: %s", problems.count > 0 ? problems.items[0].field : "",
                 problems.count > 0 ? problems.items[0].en : status_en(status));
    expect_value(filled, 1, 1200);
    expect_value(filled, 2, 34);
    expect_value(filled, 3, 1005);
    expect_value(filled, 4, 1);
    expect_value(filled, 5, 2.5);
    cr_expect_str_eq(filled_form_people(filled)->filler, "张三");
    cr_expect_str_eq(filled_form_people(filled)->reviewer, "李四");
    cr_expect_str_eq(filled_form_people(filled)->principal, "王五");
    const struct filled_explanation *words = filled_form_explanations(filled, &count);
    cr_assert_eq(count, 1);
    cr_expect_str_eq(words[0].text, "六月有三户外出务工返乡");
    filled_form_destroy(&filled);
    const struct filled_history later = {.period = 2026, .unit = asked.unit};
    cr_expect_eq(filled_form_read(blank, bytes, size, &later, &problems, &filled),
                 STATUS_E_SHEET_OTHER, "the mark is kept");
    problems_clear(&problems);
    free(bytes);
}
