/* Figures of earlier years, in the shapes that people keep them in. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lib/history_file.h"

static struct history read_text(const char *text, enum status expected)
{
    struct history history = {0};
    struct problems problems;
    problems_init(&problems);
    enum status status = history_read((const uint8_t *)text, strlen(text), &problems, &history);
    cr_assert_eq(status, expected, "%s", status_name(status));
    cr_expect_eq(problems.count, status == STATUS_OK ? 0 : 1);
    problems_clear(&problems);
    return history;
}

static void expect_row(const struct history *history, size_t index, uint32_t year, const char *cell,
                       const char *value, const char *explanation, const char *place)
{
    cr_assert_lt(index, history->count);
    const struct history_row *row = &history->rows[index];
    cr_expect_eq(row->year, year);
    cr_expect_str_eq(row->cell, cell);
    cr_expect_str_eq(row->value, value);
    cr_expect_str_eq(row->explanation, explanation);
    cr_expect_str_eq(row->place, place);
    cr_expect_eq(row->fault, STATUS_OK);
}

Test(history, a_column_a_year)
{
    struct history history = read_text(
        "历年数据,,,,\n项号,名称,2016年,２０１７,2017年说明\n1,甲,5,6,六月建成\n2,乙,,未采集,\n",
        STATUS_OK);
    cr_assert_eq(history.count, 3, "blank cells are no rows");
    expect_row(&history, 0, 2016, "1", "5", "", "3:2016年");
    expect_row(&history, 1, 2017, "1", "6", "六月建成", "3:２０１７");
    expect_row(&history, 2, 2017, "2", "未采集", "", "4:２０１７");
    history_clear(&history);
}

Test(history, a_row_a_figure)
{
    struct history history = read_text("unit,year,element,stratum,value\n"
                                       "450223102208,2016,children,sex=m,5\n"
                                       ",2016年,children,sex=f,6\n",
                                       STATUS_OK);
    cr_assert_eq(history.count, 2);
    cr_expect_eq(history.rows[0].unit, UINT64_C(450223102208000));
    cr_expect_str_eq(history.rows[0].element, "children");
    cr_expect_str_eq(history.rows[1].stratum, "sex=f");
    expect_row(&history, 1, 2016, "", "6", "", "3:value");
    history_clear(&history);
}

Test(history, a_form_with_its_mark)
{
    struct history history = read_text("zhibao form=village year=2018,,\n项号,数值,说明\n1,5,\n"
                                       "填表人：张三,,\n",
                                       STATUS_OK);
    cr_assert_eq(history.count, 1);
    expect_row(&history, 0, 2018, "1", "5", "", "3:数值");
    history_clear(&history);
}

Test(history, rows_that_cannot_be_placed_say_why)
{
    struct history history =
        read_text("单位,年份,项号,数值\n英华村,2016,1,5\n,上年,1,5\n,1066,1,5\n", STATUS_OK);
    cr_assert_eq(history.count, 3);
    cr_expect_eq(history.rows[0].fault, STATUS_E_UNIT_UNKNOWN);
    cr_expect_eq(history.rows[1].fault, STATUS_E_PERIOD);
    cr_expect_eq(history.rows[2].fault, STATUS_E_PERIOD);
    cr_expect_eq(history.rows[2].year, 0);
    history_clear(&history);
}

Test(history, what_is_no_such_table)
{
    read_text("姓名,年龄\n甲,7\n", STATUS_E_HEADER);
    read_text("项号,数值\n1,5\n", STATUS_E_HEADER);
    read_text("", STATUS_E_EMPTY);
}
