/* Forms filled in with the spreadsheets of real people. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/filled_form.h"

/* A village form of six cells and its checks. */
static Zhibao__FormCell cells[6];
static Zhibao__FormCheck checks[7];
static Zhibao__FormSheet sheet;
static struct blank_form *blank;

static void set_cell(size_t index, const char *element, const char *stratum, const char *name,
                     const char *type, bool required, uint32_t decimals)
{
    static Zhibao__FormCell *pointers[6];
    zhibao__form_cell__init(&cells[index]);
    cells[index].cell = (uint32_t)index + 1;
    cells[index].element = (char *)element;
    cells[index].stratum = (char *)stratum;
    cells[index].name_zh = (char *)name;
    cells[index].name_en = (char *)element;
    cells[index].type = (char *)type;
    cells[index].required = required;
    cells[index].decimals = decimals;
    pointers[index] = &cells[index];
    sheet.cells = pointers;
    sheet.n_cells = 6;
}

static void set_check(size_t index, const char *name, const char *left, const char *op,
                      const char *right, bool soft)
{
    static Zhibao__FormCheck *pointers[7];
    zhibao__form_check__init(&checks[index]);
    checks[index].name = (char *)name;
    checks[index].left = (char *)left;
    checks[index].op = (char *)op;
    checks[index].right = (char *)right;
    checks[index].soft = soft;
    checks[index].zh = (char *)"审核关系";
    checks[index].en = (char *)"a relation";
    pointers[index] = &checks[index];
    sheet.checks = pointers;
    sheet.n_checks = 7;
}

static void set_up(void)
{
    zhibao__form_sheet__init(&sheet);
    sheet.form = (char *)"village";
    sheet.plan = (char *)"luzhai";
    sheet.reporter = (char *)"village";
    set_cell(0, "children", "sex=m", "常住儿童", "count", true, 0);
    set_cell(1, "children", "sex=f", "常住儿童", "count", true, 0);
    set_cell(2, "left_behind", "", "留守儿童", "count", true, 0);
    set_cell(3, "on_file", "", "已建档", "count", false, 0);
    set_cell(4, "home_open", "", "儿童之家开放", "yesno", false, 0);
    set_cell(5, "hours", "", "开放时长", "amount", false, 1);
    set_check(0, "village-1", "left_behind", "<=", "children", false);
    set_check(1, "village-2", "on_file", "=", "left_behind", true);
    set_check(2, "bound-on_file_rate", "#4", "<=", "#3", false);
    set_check(3, "pair-on_file_rate", "#4", "pair", "#3", false);
    set_check(4, "bound-on_file_rate", "on_file", "<=", "left_behind", false);
    set_check(5, "bound-hours", "hours", "<=", "24*(left_behind)", false);
    set_check(6, "future-check", "median(children)", "<>", "left_behind", false);
    cr_assert_eq(blank_form_create(&sheet, &blank), STATUS_OK);
}

static void tear_down(void)
{
    blank_form_destroy(&blank);
}

TestSuite(fill, .init = set_up, .fini = tear_down);

static enum status read_bytes_of(const char *bytes, size_t size, struct problems *problems,
                                 struct filled_form **filled)
{
    problems_init(problems);
    *filled = NULL;
    return filled_form_read(blank, (const uint8_t *)bytes, size, NULL, problems, filled);
}

static void expect_values(const char *text, size_t size)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    enum status status = read_bytes_of(text, size, &problems, &filled);
    cr_assert_eq(status, STATUS_OK, "%s %s %s", status_name(status),
                 problems.count > 0 ? problems.items[0].field : "",
                 problems.count > 0 ? problems.items[0].en : "");
    const struct observations *observations = filled_form_observations(filled);
    double value = 0;
    cr_assert(observation_value(observations, 1, &value) && value == 1200);
    cr_assert(observation_value(observations, 2, &value) && value == 34);
    cr_assert(observation_value(observations, 3, &value) && value == 5);
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

Test(fill, utf8_with_and_without_bom_and_both_headers)
{
    static const char plain[] = "项号,数据元,分组,名称,计量单位,数值,说明\n"
                                "1,children,sex=m,常住儿童,人,1200,\n2,children,sex=f,,,34,\n"
                                "3,left_behind,,,,5,\n4,,,,,5,\n";
    static const char bom[] = "\xEF\xBB\xBF"
                              "cell,element,stratum,name,unit,value,explanation\r\n"
                              "1,,,,,\"1,200\",\r\n2,,,,,34,\r\n3,,,,,5,\r\n4,,,,,5,\r\n";
    expect_values(plain, sizeof plain - 1);
    expect_values(bom, sizeof bom - 1);
}

Test(fill, gbk_full_width_digits_and_separators)
{
    /* "项号,数值" and full-width "１，２００" and "３４" in GBK */
    static const char gbk[] = "\xcf\xee\xba\xc5,\xca\xfd\xd6\xb5\n"
                              "1,\"\xa3\xb1\xa3\xac\xa3\xb2\xa3\xb0\xa3\xb0\"\n"
                              "2,\xa3\xb3\xa3\xb4\n3,5\n4,5\n";
    expect_values(gbk, sizeof gbk - 1);
}

Test(fill, rows_in_any_order_by_element_and_stratum)
{
    static const char text[] = "element,stratum,value\non_file,,5\nleft_behind,,5\n"
                               "children,sex=f,34\nchildren,sex=m,1200\n";
    expect_values(text, sizeof text - 1);
}

Test(fill, the_four_kinds_of_nothing_stay_apart)
{
    static const char text[] = "cell,value\n1,0\n2,不适用\n3,未采集\n4,\n5,是\n6,未报送\n";
    struct problems problems;
    struct filled_form *filled = NULL;
    cr_assert_eq(read_bytes_of(text, sizeof text - 1, &problems, &filled), STATUS_OK);
    const struct observations *seen = filled_form_observations(filled);
    const uint32_t cell[] = {1, 2, 3, 5, 6}, presence[] = {1, 2, 3, 1, 4};
    cr_assert_eq(seen->count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(seen->cell[i], cell[i]);
        cr_assert_eq(seen->presence[i], presence[i]);
    }
    cr_assert_eq(seen->value[0], 0);
    cr_assert_eq(seen->value[3], 1);
    cr_assert_eq(filled_form_values(filled), 2);
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

/* One problem: its code, cell, line and column. */
static void expect_problem(const char *text, enum status code, uint32_t cell, unsigned long line,
                           const char *column)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    cr_assert_eq(read_bytes_of(text, strlen(text), &problems, &filled), code, "%s", text);
    cr_assert_null(filled);
    cr_assert_geq(problems.count, 1);
    const struct problem *first = &problems.items[0];
    struct filled_place place = filled_form_place(first);
    cr_assert_eq(first->code, code);
    cr_assert_eq(first->cell, cell, "%s: cell %u", text, first->cell);
    cr_assert_eq(place.line, line, "%s: line %lu", text, place.line);
    cr_assert_str_eq(place.column, column, "%s: column %s", text, place.column);
    problems_clear(&problems);
}

Test(fill, every_problem_names_its_line_and_column)
{
    expect_problem("项号,数值\n1,12\n2,十二\n3,1\n", STATUS_E_NOT_NUMBER, 2, 3, "数值");
    expect_problem("cell,value\n1,12\n2,1.5\n3,1\n", STATUS_E_DECIMALS, 2, 3, "value");
    expect_problem("cell,value\n1,12\n2,-1\n3,1\n", STATUS_E_NEGATIVE, 2, 3, "value");
    expect_problem("cell,value\n1,12\n2,1\n\n3,\n", STATUS_E_REQUIRED, 3, 5, "value");
    expect_problem("cell,value\n1,12\n2,1\n", STATUS_E_REQUIRED, 3, 0, "value");
    expect_problem("cell,value\n1,1\n2,1\n3,1\n5,maybe\n", STATUS_E_YESNO, 5, 5, "value");
    expect_problem("cell,value\n1,1\n2,1\n3,1\n9,1\n", STATUS_E_CELL_UNKNOWN, 0, 5, "cell");
    expect_problem("cell,value\n1,1\n2,1\n3,1\n1,1\n", STATUS_E_CELL_ORDER, 1, 5, "cell");
    expect_problem("cell,element,value\n1,hours,1\n", STATUS_E_CELL_UNKNOWN, 1, 2, "element");
    expect_problem("cell,value\n1,1\n2,1\n3,9\n", STATUS_E_CHECK, 3, 4, "value");
    expect_problem("cell,value\n1,1\n2,1\n3,1\n4,2\n", STATUS_E_NUMERATOR_ABOVE_DENOMINATOR, 4, 5,
                   "value");
    expect_problem("cell,value\n1,1\n2,1\n3,1\n4,1\n6,25\n", STATUS_E_RANGE, 6, 6, "value");
    expect_problem("cell,value\n1,1\n2,1\n3,未报送\n4,2\n", STATUS_E_REQUIRED, 3, 4, "value");
    expect_problem("a,b\n1,2\n", STATUS_E_HEADER, 0, 1, "");
    expect_problem("", STATUS_E_EMPTY, 0, 0, "");
    expect_problem("cell,value\n1,\"1\n", STATUS_E_MALFORMED, 0, 2, "");
    expect_problem("cell,value\n1,\xff\xff\xff\n", STATUS_E_ENCODING, 0, 0, "");
}

Test(fill, a_thousands_separator_without_quotes_is_not_read_as_one)
{
    static const char *const rows[] = {
        "1,children,sex=m,常住儿童,人,1,234\n", "1,children,sex=m,常住儿童,人,1,234,\n",
        "1,children,sex=m,常住儿童,人,１,２３４\n", "1,children,sex=m,常住儿童,人,12,345.5\n",
        "1,children,sex=m,常住儿童,人,1,234,567\n"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[400];
        struct problems problems;
        struct filled_form *filled = NULL;
        int size = snprintf(
            text, sizeof text,
            "项号,数据元,分组,名称,计量单位,数值,说明\n%s2,,,,,34,\n3,,,,,5,\n4,,,,,5,\n", rows[i]);
        cr_assert_eq(read_bytes_of(text, (size_t)size, &problems, &filled), STATUS_E_NOT_NUMBER,
                     "row %zu", i);
        cr_assert_null(filled);
        cr_assert_eq(problems.count, 1, "row %zu: %s", i, problems.items[1].en);
        cr_assert_str_eq(problems.items[0].field, "2:数值");
        cr_assert_eq(problems.items[0].cell, 1);
        problems_clear(&problems);
    }
}

Test(fill, a_row_with_more_columns_than_the_header_is_refused)
{
    static const char text[] = "cell,value,explanation\n1,1200,\n2,34,迁入,较多\n3,5,\n4,5,\n";
    struct problems problems;
    struct filled_form *filled = NULL;
    cr_assert_eq(read_bytes_of(text, sizeof text - 1, &problems, &filled), STATUS_E_COLUMNS);
    cr_assert_eq(problems.count, 1);
    cr_assert_str_eq(problems.items[0].field, "3:value");
    problems_clear(&problems);
}

Test(fill, an_explanation_may_hold_a_number)
{
    static const char text[] = "cell,value,explanation\n1,1200,年内有234人随父母迁入\n2,34,"
                               "234人迁出到县城就读\n3,5,其中45人年底返乡就读\n"
                               "4,5,\n";
    struct problems problems;
    struct filled_form *filled = NULL;
    cr_assert_eq(read_bytes_of(text, sizeof text - 1, &problems, &filled), STATUS_OK);
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

Test(fill, all_problems_are_found_at_once)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    const char *text = "cell,value\n1,x\n2,-5\n3,\n7,1\n6,1.25\n";
    cr_assert_neq(read_bytes_of(text, strlen(text), &problems, &filled), STATUS_OK);
    cr_assert_eq(problems.count, 5);
    problems_clear(&problems);
}

Test(fill, a_soft_check_asks_for_an_explanation)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    expect_problem("cell,value,explanation\n1,9\n2,9\n3,5\n4,4\n", STATUS_E_EXPLAIN_RELATION, 4, 5,
                   "explanation");
    const char *text = "cell,value,explanation\n1,9\n2,9\n3,5\n4,4,一名儿童年底刚转入\n";
    cr_assert_eq(read_bytes_of(text, strlen(text), &problems, &filled), STATUS_OK);
    size_t count = 0;
    const struct filled_explanation *explanations = filled_form_explanations(filled, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(explanations[0].cell, 4);
    cr_assert_str_eq(explanations[0].text, "一名儿童年底刚转入");
    filled_form_destroy(&filled);
    problems_clear(&problems);
}

Test(fill, checks_of_a_later_version_are_left_to_the_server)
{
    cr_assert_eq(blank_form_checks(blank), 5, "nor are repeated ones counted");
}

Test(fill, the_template_is_read_back)
{
    struct problems problems;
    struct filled_form *filled = NULL;
    static const struct form_face face = {2025, 0, "", NULL};
    size_t size = 0;
    for (int english = 0; english < 2; english++) {
        char *text = filled_form_template(blank, &face, english == 1, &size);
        cr_assert_eq(memcmp(text, "\xEF\xBB\xBF", 3), 0);
        cr_assert_eq(read_bytes_of(text, size, &problems, &filled), STATUS_E_REQUIRED);
        cr_assert_eq(problems.count, 3, "the three required cells");
        problems_clear(&problems);
        free(text);
    }
}
