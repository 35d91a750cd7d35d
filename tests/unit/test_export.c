/* The writers of common/export: small golden texts, and what must hold of any row. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/course.h"
#include "export/export.h"
#include "export/from_pull.h"
#include "place.pb-c.h"
#include "query.pb-c.h"

enum { OUT_BYTES = 256 * 1024 };

struct out {
    size_t used, limit;
    char text[OUT_BYTES];
};

static enum status take(void *context, const void *bytes, size_t size)
{
    struct out *out = context;
    if (out->used + size >= out->limit)
        return STATUS_FULL;
    memcpy(out->text + out->used, bytes, size);
    out->used += size;
    out->text[out->used] = '\0';
    return STATUS_OK;
}

static struct export_row rate(void)
{
    struct export_row row = export_row_blank();
    row.place = 450223000000;
    row.place_name = "鹿寨县";
    row.year = 2025;
    row.plan = "luzhai";
    row.domain = "health";
    row.kind = "ratio";
    row.item = "imr";
    row.codes = "CME_MRY0";
    row.name_zh = "婴儿死亡率";
    row.name_en = "Infant mortality rate";
    row.unit_code = "permille";
    row.stratum = "";
    row.status = EXPORT_VALUE;
    row.value = 10.0 / 3;
    row.has_fraction = true;
    row.numerator = 10;
    row.denominator = 3000;
    row.decimals = 2;
    row.reporting = row.expected = 1;
    row.target = "LZ-1";
    row.target_op = "<=";
    row.target_value = "5.0";
    row.target_year = "2030";
    row.target_scope = "local";
    row.attainment = "met";
    return row;
}

static struct export_row nothing(enum export_status status, const char *stratum)
{
    struct export_row row = export_row_blank();
    row.place = 450223101201;
    row.place_name = "=村,\"一\"\n<b>";
    row.year = 2025;
    row.plan = "luzhai";
    row.item = "children";
    row.name_zh = "儿童数";
    row.name_en = "Children";
    row.unit_code = "10000 m3";
    row.stratum = stratum;
    row.status = status;
    row.provisional = row.demonstration = true;
    row.published = status == EXPORT_SUPPRESSED;
    row.value = 99; /* which nobody may see */
    return row;
}

static const char *write_rows(struct out *out, enum export_format format, enum export_what what,
                              const struct export_row *rows, size_t count)
{
    struct sink sink = {.write = take, .context = out};
    struct export_head head = {
        .id = "m-1", .prepared = "2026-07-01T08:00:00+08:00", .what = what, .bom = false};
    out->used = 0;
    out->limit = OUT_BYTES;
    struct export_writer *writer = export_begin(format, &head, &sink);
    cr_assert_not_null(writer);
    for (size_t i = 0; i < count; i++)
        export_row(writer, &rows[i]);
    cr_assert_eq(export_end(&writer), STATUS_OK);
    cr_assert_eq(sink.written, out->used);
    return out->text;
}

static struct out out;

Test(export, csv)
{
    struct export_row rows[] = {rate(), nothing(EXPORT_NOT_COLLECTED, "sex=f")};
    rows[1].published = false;
    cr_assert_str_eq(
        write_rows(&out, EXPORT_CSV, EXPORT_RESULTS, rows, 2),
        "year,place,place_name,plan,domain,indicator,name_zh,name_en,codes,kind,stratum,status,"
        "value,measure,decimals,numerator,denominator,reporting,expected,not_applicable,"
        "not_collected,not_reported,target,target_op,target_value,target_year,target_scope,"
        "attainment,printed,locked,demonstration\r\n"
        "2025,450223000000,鹿寨县,luzhai,health,imr,婴儿死亡率,Infant mortality rate,CME_MRY0,"
        "ratio,,value,3.3333333333333335,permille,2,10,3000,1,1,0,0,0,LZ-1,<=,5.0,2030,local,met,"
        "0,1,0\r\n"
        "2025,450223101201,\"'=村,\"\"一\"\"\n<b>\",luzhai,,children,儿童数,Children,,,sex=f,"
        "not_collected,,10000 m3,0,,,0,0,0,0,0,,,,,,,0,0,1\r\n");
}

Test(export, sdmx_csv)
{
    struct export_row rows[] = {rate(), nothing(EXPORT_SUPPRESSED, "sex=f;age=0-2;area=rural"),
                                nothing(EXPORT_NOT_APPLICABLE, "stage=primary;cause=fall.a;sex=m")};
    cr_assert_str_eq(
        write_rows(&out, EXPORT_SDMX_CSV, EXPORT_RESULTS, rows, 3),
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,INDICATOR,SEX,AGE,RESIDENCE,BREAKDOWN,"
        "TIME_PERIOD,OBS_VALUE,OBS_STATUS,OBS_CONF,UNIT_MEASURE,DECIMALS,PROVENANCE,PLAN,"
        "NUMERATOR,DENOMINATOR,REPORTING_UNITS,EXPECTED_UNITS,NOT_APPLICABLE_UNITS,"
        "NOT_COLLECTED_UNITS,NOT_REPORTED_UNITS,TARGET_ID,TARGET_OPERATOR,TARGET_VALUE,"
        "TARGET_YEAR,TARGET_SCOPE,ATTAINMENT\r\n"
        "dataflow,ZHIBAO:RESULTS(1.0.0),I,A,450223000000,imr,_T,_T,_T,_T,2025,"
        "3.3333333333333335,A,N,permille,2,REPORTED,luzhai,10,3000,1,1,0,0,0,LZ-1,<=,5.0,2030,"
        "local,met\r\n"
        "dataflow,ZHIBAO:RESULTS(1.0.0),I,A,450223101201,children,F,Y0T2,R,_T,2025,,Q,C,"
        "10000$20m3,0,DEMONSTRATION,luzhai,,,0,0,0,0,0,,,,,,\r\n"
        "dataflow,ZHIBAO:RESULTS(1.0.0),I,A,450223101201,children,M,_T,_T,"
        "stage@primary$cause@fall$2Ea,2025,,M,N,10000$20m3,0,DEMONSTRATION,luzhai,,,0,0,0,0,0,,,"
        ",,,\r\n");
}

Test(export, adx)
{
    struct export_row rows[] = {rate(), nothing(EXPORT_NOT_REPORTED, ""),
                                nothing(EXPORT_VALUE, "sex=f;value=3")};
    rows[2].form = "village";
    cr_assert_str_eq(
        write_rows(&out, EXPORT_ADX, EXPORT_RESULTS, rows, 3),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<adx xmlns=\"urn:ihe:qrph:adx:2015\" exported=\"2026-07-01T08:00:00+08:00\">\n"
        "  <group orgUnit=\"450223000000\" period=\"2025-01-01/P1Y\" dataSet=\"luzhai\">\n"
        "    <dataValue dataElement=\"imr\" value=\"3.3333333333333335\"/>\n"
        "  </group>\n"
        "  <group orgUnit=\"450223101201\" period=\"2025-01-01/P1Y\" dataSet=\"village\">\n"
        "    <dataValue dataElement=\"children\" value=\"99\" sex=\"f\" _value=\"3\">"
        "<annotation>演示数据 DEMONSTRATION</annotation></dataValue>\n"
        "  </group>\n"
        "  <!-- without a value and left out: 0 not applicable, 0 not collected, 1 not reported, 0 "
        "not published -->\n</adx>\n");
}

/* Keys count the values in the order of their first use; what has no value is null. */
Test(export, sdmx_json)
{
    struct export_row rows[] = {rate(), nothing(EXPORT_SUPPRESSED, "sex=f"), rate()};
    rows[2].year = 2024;
    const char *text = write_rows(&out, EXPORT_SDMX_JSON, EXPORT_RESULTS, rows, 3);
    cr_assert_not_null(strstr(text,
                              "\n\"0:0:0:0:0:0:0:0\":[3.3333333333333335,0,0,0,2,0,\"luzhai\","
                              "10,3000,1,1,0,0,0,\"LZ-1\",\"<=\",\"5.0\",\"2030\",\"local\",0]"),
                       "%s", text);
    cr_assert_not_null(strstr(text, "\n\"0:1:1:1:0:0:0:0\":[null,1,1,1,0,1,\"luzhai\",null,null,0,"
                                    "0,0,0,0,null,null,null,null,null,null]"),
                       "%s", text);
    cr_assert_not_null(strstr(text, "\n\"0:0:0:0:0:0:0:1\":["), "%s", text);
    cr_assert_not_null(strstr(text, "{\"id\":\"TIME_PERIOD\",\"name\":\"年份\",\"names\":{\"zh\":"
                                    "\"年份\",\"en\":\"Time period\"},\"keyPosition\":7,\"format\":"
                                    "{\"dataType\":\"GregorianYear\"},\"values\":[{\"value\":"
                                    "\"2025\"},{\"value\":\"2024\"}]}"),
                       "%s", text);
    cr_assert_not_null(strstr(text, "\"test\":true"));
    cr_assert_null(strstr(text, "99"), "a figure left out is nowhere");
}

/* Nobody sees the value of a row that has none, in any format. */
Test(export, nothing_is_told_of_what_is_left_out)
{
    for (int format = 0; format < EXPORT_XLSX; format++)
        for (int status = EXPORT_NOT_APPLICABLE; status <= EXPORT_SUPPRESSED; status++) {
            struct export_row row = nothing((enum export_status)status, "sex=f");
            const char *text =
                write_rows(&out, (enum export_format)format, EXPORT_REPORTS, &row, 1);
            cr_assert_null(strstr(text, "99"), "%s: %s",
                           export_format_name((enum export_format)format), text);
        }
}

Test(export, numbers_read_back)
{
    static const double values[] = {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 100, 2.5};
    char text[SINK_NUMBER_BYTES];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        cr_assert_eq(strtod(sink_number_text(values[i], text), NULL), values[i], "%s", text);
    cr_assert_str_eq(sink_number_text(2.5, text), "2.5");
}

Test(export, formats_by_name)
{
    for (int format = 0; format < EXPORT_FORMATS; format++)
        cr_assert_eq((int)export_format_named(export_format_name((enum export_format)format)),
                     format);
    cr_assert_eq((int)export_format_named("xls"), EXPORT_FORMATS);
}

/* A full disk is told once, at the end, and nothing is written after it. */
Test(export, a_sink_that_fails)
{
    struct sink sink = {.write = take, .context = &out};
    struct export_head head = {.id = "m", .prepared = "", .what = EXPORT_RESULTS};
    struct export_row row = rate();
    out.used = 0;
    out.limit = 600;
    struct export_writer *writer = export_begin(EXPORT_CSV, &head, &sink);
    for (int i = 0; i < 10; i++)
        export_row(writer, &row);
    cr_assert_eq(export_end(&writer), STATUS_FULL);
    cr_assert_lt(out.used, 600U);
}

static struct course_wish wish(unsigned depth, uint32_t first, uint32_t last)
{
    struct course_wish wished = {.what = EXPORT_RESULTS,
                                 .place = 450223000000,
                                 .first_year = first,
                                 .last_year = last,
                                 .depth = depth};
    return wished;
}

/* The course asks for the places of each year, then each place page by page. */
Test(export, a_course)
{
    struct course_wish wished = wish(1, 2024, 2025);
    struct sink sink = {.write = take, .context = &out};
    struct export_head head = {.id = "m", .prepared = "", .what = EXPORT_RESULTS};
    struct arena *arena = arena_create(1024 * 1024);
    out.limit = OUT_BYTES;
    struct export_writer *writer = export_begin(EXPORT_CSV, &head, &sink);
    struct course *course = course_create(&wished);
    Zhibao__PlaceRow township = ZHIBAO__PLACE_ROW__INIT, village = ZHIBAO__PLACE_ROW__INIT;
    Zhibao__PlaceRow *rows[] = {&township, &village};
    Zhibao__PlacesReply places = ZHIBAO__PLACES_REPLY__INIT;
    Zhibao__Pulled page = ZHIBAO__PULLED__INIT;
    Zhibao__Kind kind = ZHIBAO__KIND__KIND_UNSPECIFIED;
    ProtobufCMessage *body = NULL;
    uint64_t done = 0, all = 0;
    char told[256] = "";
    township.place = 450223101000;
    township.level = 4;
    village.place = 450223101201;
    village.level = 5;
    places.places = rows;
    places.n_places = 2;
    for (int step = 0; course_ask(course, arena, &kind, &body) && step < 20; step++) {
        char line[64];
        if (kind == ZHIBAO__KIND__KIND_PLACES) {
            snprintf(line, sizeof line, "%s ", ((const Zhibao__Places *)body)->date);
            cr_assert_eq(course_take(course, &places.base, writer), STATUS_OK);
        } else {
            const Zhibao__Pull *pull = (const Zhibao__Pull *)body;
            snprintf(line, sizeof line, "%llu/%u%s ", (unsigned long long)pull->place, pull->period,
                     pull->cursor);
            page.next =
                (char *)(uintptr_t)(pull->place == 450223101000 && pull->cursor[0] == '\0' ? "7"
                                                                                           : "");
            cr_assert_eq(course_take(course, &page.base, writer), STATUS_OK);
        }
        strncat(told, line, sizeof told - strlen(told) - 1);
    }
    cr_assert_str_eq(told, "2024-12-31 450223000000/2024 450223101000/2024 450223101000/20247 "
                           "2025-12-31 450223000000/2025 450223101000/2025 450223101000/20257 ");
    course_progress(course, &done, &all);
    cr_assert_eq(done, 4U);
    cr_assert_eq(all, 4U);
    export_drop(&writer);
    course_destroy(&course);
    arena_destroy(&arena);
}

/* A server whose pages never end is not followed for ever. */
Test(export, a_cursor_that_stands_still)
{
    struct course_wish wished = wish(0, 2025, 2025);
    struct sink sink = {.write = take, .context = &out};
    struct export_head head = {.id = "m", .prepared = "", .what = EXPORT_RESULTS};
    out.limit = OUT_BYTES;
    struct export_writer *writer = export_begin(EXPORT_CSV, &head, &sink);
    struct course *course = course_create(&wished);
    Zhibao__Pulled page = ZHIBAO__PULLED__INIT;
    static char next[] = "5";
    page.next = next;
    cr_assert_eq(course_take(course, &page.base, writer), STATUS_OK);
    cr_assert_eq(course_take(course, &page.base, writer), STATUS_INVALID);
    export_drop(&writer);
    course_destroy(&course);
}

/* Cells that a report leaves out were not reported. */
Test(export, figures_of_a_report)
{
    Zhibao__FormCell cells[3] = {ZHIBAO__FORM_CELL__INIT, ZHIBAO__FORM_CELL__INIT,
                                 ZHIBAO__FORM_CELL__INIT};
    Zhibao__FormCell *cell_list[] = {&cells[0], &cells[1], &cells[2]};
    static char element[] = "children", form_code[] = "village", place[] = "大村";
    uint32_t numbers[] = {1, 3}, presences[] = {1, 2};
    double values[] = {0, 0};
    Zhibao__FigureForm form = ZHIBAO__FIGURE_FORM__INIT, *forms[] = {&form};
    Zhibao__Observations columns = ZHIBAO__OBSERVATIONS__INIT;
    Zhibao__FigureReport report = ZHIBAO__FIGURE_REPORT__INIT, *reports[] = {&report};
    Zhibao__FigureRows page = ZHIBAO__FIGURE_ROWS__INIT;
    struct sink sink = {.write = take, .context = &out};
    struct export_head head = {.id = "m", .prepared = "", .what = EXPORT_REPORTS};
    for (uint32_t i = 0; i < 3; i++) {
        cells[i].cell = i + 1;
        cells[i].element = element;
    }
    form.form = form_code;
    form.cells = cell_list;
    form.n_cells = 3;
    columns.cell = numbers;
    columns.presence = presences;
    columns.value = values;
    columns.n_cell = columns.n_presence = columns.n_value = 2;
    report.unit = 450223101201000;
    report.place_name = place;
    report.observations = &columns;
    page.period = 2025;
    page.forms = forms;
    page.n_forms = page.n_reports = 1;
    page.reports = reports;
    out.used = 0;
    out.limit = OUT_BYTES;
    struct export_writer *writer = export_begin(EXPORT_CSV, &head, &sink);
    export_figures(writer, &page);
    cr_assert_eq(export_end(&writer), STATUS_OK);
    const char *rows = strchr(out.text, '\n') + 1;
    cr_assert_str_eq(
        rows,
        "2025,450223101201,大村,450223101201,,village,0,children,,,,value,0,,0,0\r\n"
        "2025,450223101201,大村,450223101201,,village,0,children,,,,not_reported,,,0,0\r\n"
        "2025,450223101201,大村,450223101201,,village,0,children,,,,not_applicable,,,0,0\r\n");
}
