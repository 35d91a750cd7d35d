/* The tables: plain columns, SDMX components, codelists. */
#include "export/columns.h"

#include <stdio.h>
#include <string.h>

#include "base/unit_id.h"

/* A text of the row as it is; an empty one is no cell. */
#define TEXT_FILL(name, member)                                              \
    static void name(const struct export_row *row, struct export_cell *cell) \
    {                                                                        \
        cell->kind = row->member[0] == '\0' ? CELL_EMPTY : CELL_TEXT;        \
        cell->text = row->member;                                            \
    }
/* A whole number of the row. */
#define COUNT_FILL(name, member)                                             \
    static void name(const struct export_row *row, struct export_cell *cell) \
    {                                                                        \
        cell->kind = CELL_NUMBER;                                            \
        cell->number = row->member;                                          \
    }

TEXT_FILL(text_place_name, place_name)
TEXT_FILL(text_plan, plan)
TEXT_FILL(text_form, form)
TEXT_FILL(text_domain, domain)
TEXT_FILL(text_kind, kind)
TEXT_FILL(text_item, item)
TEXT_FILL(text_name_zh, name_zh)
TEXT_FILL(text_name_en, name_en)
TEXT_FILL(text_codes, codes)
TEXT_FILL(text_unit, unit_code)
TEXT_FILL(text_stratum, stratum)
TEXT_FILL(text_target, target)
TEXT_FILL(text_target_op, target_op)
TEXT_FILL(text_target_value, target_value)
TEXT_FILL(text_target_year, target_year)
TEXT_FILL(text_target_scope, target_scope)
TEXT_FILL(text_attainment, attainment)
COUNT_FILL(count_decimals, decimals)
COUNT_FILL(count_reporting, reporting)
COUNT_FILL(count_expected, expected)
COUNT_FILL(count_not_applicable, not_applicable)
COUNT_FILL(count_not_collected, not_collected)
COUNT_FILL(count_not_reported, not_reported)
COUNT_FILL(count_revision, revision)
COUNT_FILL(count_demonstration, demonstration)
COUNT_FILL(count_printed, printed)
COUNT_FILL(count_locked, provisional ? 0 : 1)

static void number_numerator(const struct export_row *row, struct export_cell *cell)
{
    cell->kind = row->has_fraction ? CELL_NUMBER : CELL_EMPTY;
    cell->number = row->numerator;
}

static void number_denominator(const struct export_row *row, struct export_cell *cell)
{
    cell->kind = row->has_fraction ? CELL_NUMBER : CELL_EMPTY;
    cell->number = row->denominator;
}

static void text_reporter(const struct export_row *row, struct export_cell *cell)
{
    cell->kind = CELL_TEXT;
    cell->text = unit_format(row->unit, cell->room);
}

enum { BOTH = EXPORT_RESULTS | EXPORT_REPORTS };

const struct export_column export_columns[] = {
    {"year",          "年份", "year", BOTH, PLAIN_NUMBER, fill_year},
    {"place",         "区划代码", "place", BOTH, PLAIN_TEXT, fill_place},
    {"place_name",   "区划", "place name", BOTH, PLAIN_TEXT, text_place_name},
    {"unit",               "填报单位", "unit", EXPORT_REPORTS, PLAIN_TEXT, text_reporter},
    {"plan","规划", "plan", BOTH, PLAIN_TEXT, text_plan},
    {"form",           "报表", "form", EXPORT_REPORTS, PLAIN_TEXT, text_form},
    {"revision",     "版本", "revision", EXPORT_REPORTS, PLAIN_NUMBER, count_revision},
    {"domain",    "领域", "domain", EXPORT_RESULTS, PLAIN_TEXT, text_domain},
    {"indicator",   "指标", "indicator", EXPORT_RESULTS, PLAIN_TEXT, text_item},
    {"element",     "数据元", "element", EXPORT_REPORTS, PLAIN_TEXT, text_item},
    {"name_zh",               "名称", "name (Chinese)", BOTH, PLAIN_TEXT, text_name_zh},
    {"name_en","英文名称", "name", BOTH, PLAIN_TEXT, text_name_en},
    {"codes", "国际代码", "international", EXPORT_RESULTS, PLAIN_TEXT, text_codes},
    {"kind",  "算法", "kind", EXPORT_RESULTS, PLAIN_TEXT, text_kind},
    {"stratum",          "分组", "stratum", BOTH, PLAIN_TEXT, text_stratum},
    {"status",         "状态", "status", BOTH, PLAIN_TEXT, fill_status},
    {"value",     "数值", "value", BOTH, PLAIN_NUMBER, fill_value},
    {"measure",               "计量单位", "unit of measure", BOTH, PLAIN_TEXT, text_unit},
    {"decimals","小数位", "decimals", BOTH, PLAIN_NUMBER, count_decimals},
    {"numerator", "分子", "numerator", EXPORT_RESULTS, PLAIN_NUMBER, number_numerator},
    {"denominator",      "分母", "denominator", EXPORT_RESULTS, PLAIN_NUMBER, number_denominator},
    {"reporting",      "已报单位", "units reporting", EXPORT_RESULTS, PLAIN_NUMBER, count_reporting},
    {"expected",     "应报单位", "units expected", EXPORT_RESULTS, PLAIN_NUMBER, count_expected},
    {"not_applicable",   "不适用单位", "not applicable", EXPORT_RESULTS, PLAIN_NUMBER,
     count_not_applicable},
    {"not_collected",               "未采集单位", "not collected", EXPORT_RESULTS, PLAIN_NUMBER,
     count_not_collected},
    {"not_reported",    "未报送单位", "not reported", EXPORT_RESULTS, PLAIN_NUMBER,
     count_not_reported},
    {"target", "目标", "target", EXPORT_RESULTS, PLAIN_TEXT, text_target},
    {"target_op",    "目标关系", "target operator", EXPORT_RESULTS, PLAIN_TEXT, text_target_op},
    {"target_value",     "目标值", "target value", EXPORT_RESULTS, PLAIN_TEXT, text_target_value},
    {"target_year",    "目标年份", "target year", EXPORT_RESULTS, PLAIN_TEXT, text_target_year},
    {"target_scope",     "目标范围", "target scope", EXPORT_RESULTS, PLAIN_TEXT, text_target_scope},
    {"attainment",               "达标情况", "attainment", EXPORT_RESULTS, PLAIN_TEXT, text_attainment},
    {"printed","规划所载", "from plan's text", EXPORT_RESULTS, PLAIN_FLAG, count_printed},
    {"locked", "已锁定", "locked", EXPORT_RESULTS, PLAIN_FLAG, count_locked},
    {"demonstration",      "演示数据", "demonstration", BOTH, PLAIN_FLAG, count_demonstration},
    {0      },
};

#define DIMENSION(id, zh, en, what, list, fill)                     \
    {                                                               \
        id, zh, en, what, ROLE_DIMENSION_OF, list, NULL, true, fill \
    }
#define CODED(id, zh, en, what, list, must, fill)                   \
    {                                                               \
        id, zh, en, what, ROLE_ATTRIBUTE_OF, list, NULL, must, fill \
    }
#define PLAIN(id, zh, en, what, type, fill)                          \
    {                                                                \
        id, zh, en, what, ROLE_ATTRIBUTE_OF, NULL, type, false, fill \
    }

/* clang-format off: a component a line */
const struct export_component export_components[] = {
    DIMENSION("FREQ", "频率", "Frequency", BOTH, "CL_FREQ", fill_freq),
    DIMENSION("REF_AREA", "地区", "Reference area", BOTH, "CL_AREA", fill_place),
    DIMENSION("FORM", "报表", "Form", EXPORT_REPORTS, "CL_FORM", fill_form),
    DIMENSION("INDICATOR", "指标", "Indicator", EXPORT_RESULTS, "CL_INDICATOR", fill_item),
    DIMENSION("ELEMENT", "数据元", "Data element", EXPORT_REPORTS, "CL_ELEMENT", fill_item),
    DIMENSION("SEX", "性别", "Sex", BOTH, "CL_SEX", fill_sex),
    DIMENSION("AGE", "年龄", "Age", BOTH, "CL_AGE", fill_age),
    DIMENSION("RESIDENCE", "城乡", "Residence", BOTH, "CL_RESIDENCE", fill_residence),
    DIMENSION("BREAKDOWN", "其他分组", "Other breakdown", BOTH, "CL_BREAKDOWN", fill_breakdown),
    {"TIME_PERIOD",  "年份", "Time period", BOTH, ROLE_TIME_OF, NULL, "GregorianYear", true,
                                                                                            fill_year},
    {"OBS_VALUE", "数值", "Observation value", BOTH, ROLE_MEASURE_OF, NULL, "Double", false,
                                                                                            fill_value},
    CODED("OBS_STATUS", "数值状态", "Observation status", BOTH, "CL_OBS_STATUS", true,
          fill_obs_status),
    CODED("OBS_CONF", "保密状态", "Confidentiality", BOTH, "CL_CONF_STATUS", true, fill_obs_conf),
    CODED("UNIT_MEASURE", "计量单位", "Unit of measure", BOTH, "CL_UNIT", true, fill_unit),
    PLAIN("DECIMALS", "小数位", "Decimals", BOTH, "Integer", count_decimals),
    CODED("PROVENANCE", "数据来历", "Provenance", BOTH, "CL_PROVENANCE", true, fill_provenance),
    PLAIN("PLAN", "规划", "Plan", BOTH, "String", text_plan),
    PLAIN("REVISION", "版本", "Revision of the report", EXPORT_REPORTS, "Integer", count_revision),
    PLAIN("NUMERATOR", "分子", "Numerator", EXPORT_RESULTS, "Double", number_numerator),
    PLAIN("DENOMINATOR", "分母", "Denominator", EXPORT_RESULTS, "Double", number_denominator),
    PLAIN("REPORTING_UNITS", "已报单位", "Units with a value", EXPORT_RESULTS, "Integer",
          count_reporting),
    PLAIN("EXPECTED_UNITS", "应报单位", "Units that owe one", EXPORT_RESULTS, "Integer",
          count_expected),
    PLAIN("NOT_APPLICABLE_UNITS", "不适用单位", "Units: not applicable", EXPORT_RESULTS, "Integer",
          count_not_applicable),
    PLAIN("NOT_COLLECTED_UNITS", "未采集单位", "Units: not collected", EXPORT_RESULTS, "Integer",
          count_not_collected),
    PLAIN("NOT_REPORTED_UNITS", "未报送单位", "Units: not reported", EXPORT_RESULTS, "Integer",
          count_not_reported),
    PLAIN("TARGET_ID", "目标", "Target that decides", EXPORT_RESULTS, "String", text_target),
    PLAIN("TARGET_OPERATOR", "目标关系", "Target's operator", EXPORT_RESULTS, "String",
          text_target_op),
    PLAIN("TARGET_VALUE", "目标值", "Target's value as printed", EXPORT_RESULTS, "String",
          text_target_value),
    PLAIN("TARGET_YEAR", "目标年份", "Target's year", EXPORT_RESULTS, "String", text_target_year),
    PLAIN("TARGET_SCOPE", "目标范围", "Target's scope", EXPORT_RESULTS, "String",
          text_target_scope),
    CODED("ATTAINMENT", "达标情况", "Attainment", EXPORT_RESULTS, "CL_ATTAINMENT", false,
          fill_attainment),
    {0 },
};
/* clang-format on */

const struct code_list code_lists[] = {
    {"CL_FREQ",        "频率", "Frequency"},
    {"CL_AREA",     "地区", "Areas"},
    {"CL_FORM",        "报表", "Forms"},
    {"CL_INDICATOR",         "指标", "Indicators"},
    {"CL_ELEMENT",        "数据元", "Data elements"},
    {"CL_SEX",         "性别", "Sex"},
    {"CL_AGE",   "年龄", "Age groups"},
    {"CL_RESIDENCE",    "城乡", "Urban and rural"},
    {"CL_BREAKDOWN",     "其他分组", "Other breakdowns"},
    {"CL_OBS_STATUS", "数值状态", "Observation status"},
    {"CL_CONF_STATUS",         "保密状态", "Confidentiality"},
    {"CL_UNIT",           "计量单位", "Units of measure"},
    {"CL_PROVENANCE",         "数据来历", "Provenance"},
    {"CL_ATTAINMENT",    "达标情况", "Attainment"},
    {0  },
};

const struct fixed_code fixed_codes[] = {
    {"CL_FREQ",                               "A", "年度", "annual"},
    {"CL_SEX",                               "M", "男", "male"},
    {"CL_SEX",                                       "F", "女", "female"},
    {"CL_SEX",      "_T", "合计", "total"},
    {"CL_AGE",                                 "_T", "合计", "total"},
    {"CL_RESIDENCE",                                "U", "城镇", "urban"},
    {"CL_RESIDENCE",                                  "R", "农村", "rural"},
    {"CL_RESIDENCE",                                       "_T", "合计", "total"},
    {"CL_BREAKDOWN",                              "_T", "合计", "total"},
    {"CL_OBS_STATUS",                                "A", "正式数值（含零）", "normal value, zero included"},
    {"CL_OBS_STATUS",                                "P", "暂定数值（报告期未锁定）",
     "provisional value: the period is not locked"},
    {"CL_OBS_STATUS",                               "M", "无值：不适用", "missing: cannot exist (not applicable)"},
    {"CL_OBS_STATUS",                                       "L", "无值：未采集", "missing: exists but was not collected"},
    {"CL_OBS_STATUS",     "O", "无值：未报送", "missing: not reported"},
    {"CL_OBS_STATUS",                                "Q", "不公布：小数或能推出小数的数",
     "suppressed: a small number, or one that would tell it"},
    {"CL_CONF_STATUS",                          "F", "可公布", "free for publication"},
    {"CL_CONF_STATUS",                               "N", "内部使用，不公布", "not for publication, internal use only"},
    {"CL_CONF_STATUS",                                       "C", "统计保密（不分本身小还是会推出）",
     "confidential statistical information (small itself or not: it does not say)"},
    {"CL_PROVENANCE","REPORTED", "填报", "reported"},
    {"CL_PROVENANCE",                                "PLAN", "规划所载，非填报", "printed in the plan's text, not reported"},
    {"CL_PROVENANCE",                          "DEMONSTRATION", "演示数据", "demonstration: made up"},
    {"CL_ATTAINMENT",                               "met", "达标", "met"},
    {"CL_ATTAINMENT",                                       "met_uncertain", "达标（数量少，不确定）",
     "met, uncertain for want of numbers"},
    {"CL_ATTAINMENT",     "not_met", "未达标", "not met"},
    {"CL_ATTAINMENT",          "no_data", "无数据", "no data"},
    {"CL_ATTAINMENT",                         "not_judgeable", "无法判断", "cannot be judged"},
    {0},
};
