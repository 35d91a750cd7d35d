/* case figures: a year's counts and times, from what this unit leads and can open */
#include <stdio.h>
#include <string.h>

#include "base/china_time.h"
#include "case/case_figures.h"
#include "cli/case_find.h"
#include "cli/families.h"
#include "cli/send.h"
#include "lib/case_read.h"
#include "lib/files.h"

enum { CASES_MAX = 20000, TEXT_MAX = 16 * 1024, PERCENT = 100 };

static const struct option figures_options[] = {
    {"year",   NULL, "YEAR", "哪一年收到的个案（必填）",                     "cases received in this year (required)"},
    {"output", "o",  "FILE", "写成可以报送的表（zhibao submit --form cases）",
     "write a sheet that can be submitted (zhibao submit --form cases)"                                                          },
    {NULL,     NULL, NULL,   NULL,                                                       NULL                                    },
};

struct one {
    uint64_t district;
    struct record_id id;
    int64_t received_us;
};

struct drawing {
    uint32_t year;
    struct one *cases;
    size_t count, unopened, linked;
    struct case_figures figures;
    int64_t *acknowledged_us, *assessed_us; /* how long it took; negative: overdue */
    size_t acknowledged, assessed;
    struct case_clocks clocks;
};

static void collect(struct context *context, const Zhibao__CaseItem *item, void *with)
{
    struct drawing *drawing = with;
    (void)context;
    if (item->role != ZHIBAO__CASE_ROLE__CASE_LEAD || drawing->count == CASES_MAX ||
        (uint32_t)china_year(item->received_us) != drawing->year)
        return;
    struct one *one = &drawing->cases[drawing->count++];
    one->district = item->district;
    one->received_us = item->received_us;
    memcpy(one->id.bytes, item->case_id.data, RECORD_ID_BYTES);
}

/* Whose steps move the case. */
static bool moves(const struct case_reading *reading, uint64_t unit)
{
    for (size_t i = 0; i < reading->target_count; i++)
        if (reading->targets[i].key->unit == unit &&
            (reading->targets[i].role == ZHIBAO__CASE_ROLE__CASE_LEAD ||
             reading->targets[i].role == ZHIBAO__CASE_ROLE__CASE_SUPERVISOR))
            return true;
    return false;
}

/* How long until it was first done; what is not done yet counts once it is overdue. */
static void time_add(const struct case_reading *reading, Zhibao__CaseAction action,
                     int64_t limit_us, int64_t *taken_us, size_t *count)
{
    int64_t begin_us = reading->item->received_us;
    for (size_t i = 0; i < reading->entry_count; i++)
        if (reading->entries[i].action == action && moves(reading, reading->entries[i].unit)) {
            taken_us[(*count)++] = reading->entries[i].received_us - begin_us;
            return;
        }
    for (size_t i = 0; i < reading->item->n_due; i++)
        if (reading->item->due[i]->action == action && reading->item->due[i]->overdue) {
            taken_us[(*count)++] = -limit_us;
            return;
        }
}

/* The report's content, unless it is the same event as another's, which counts it. */
static void case_count(struct drawing *drawing, const struct case_reading *reading)
{
    const Zhibao__CaseContent *content = NULL;
    bool emergency = false;
    for (size_t i = 0; i < reading->entry_count; i++) {
        const struct case_entry *entry = &reading->entries[i];
        if (entry->step != NULL && entry->step->linked_case.len > 0) {
            drawing->linked++;
            return;
        }
        if (entry->content != NULL) {
            content = entry->content;
            emergency = entry->emergency;
        }
    }
    if (content == NULL) {
        drawing->unopened++;
        return;
    }
    case_figures_add(&drawing->figures, (unsigned)content->matter, (unsigned)content->channel,
                     content->sex, content->age);
    if (!emergency)
        time_add(reading, ZHIBAO__CASE_ACTION__CASE_ACKNOWLEDGE, drawing->clocks.acknowledge_us,
                 drawing->acknowledged_us, &drawing->acknowledged);
    time_add(reading, ZHIBAO__CASE_ACTION__CASE_ASSESS, drawing->clocks.assess_us,
             drawing->assessed_us, &drawing->assessed);
}

static enum status cases_read(struct context *context, struct drawing *drawing)
{
    for (size_t i = 0; i < drawing->count; i++) {
        struct case_reading reading;
        struct arena *arena = arena_create(ZHIBAO_ARENA_MAX);
        if (arena == NULL)
            return STATUS_NO_MEMORY;
        enum status status = zhibao_case_read(context->zhibao, arena, drawing->cases[i].district,
                                              &drawing->cases[i].id,
                                              ZHIBAO__CASE_PURPOSE__CASE_FOR_FIGURES, &reading);
        if (status == STATUS_OK) {
            drawing->clocks = case_clocks_of(reading.directory);
            case_count(drawing, &reading);
        }
        arena_destroy(&arena);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static void times_say(struct context *context, const char *zh, const char *en, int64_t *taken_us,
                      size_t count, int64_t limit_us)
{
    const double hour_us = 3600e6;
    struct case_times times = case_times_of(taken_us, count, limit_us);
    if (count == 0)
        return;
    say(context, "%s：%zu 件，期限内 %.0f%%，中位数 %.1f 小时，九成在 %.1f 小时内",
        "%s: %zu, in time %.0f%%, median %.1f hours, nine in ten within %.1f hours",
        TR(context, zh, en), times.count, PERCENT * (double)times.in_time / (double)times.count,
        (double)times.median_us / hour_us, (double)times.p90_us / hour_us);
}

static bool sheet_write(struct context *context, const struct case_figures *figures,
                        const char *path)
{
    struct case_figure_line lines[CASE_FIGURE_LINES_MAX];
    char text[TEXT_MAX];
    size_t count = case_figures_lines(figures, lines);
    int used = snprintf(text, sizeof text, "element,stratum,value\r\n");
    for (size_t i = 0; i < count; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s,%s,%u\r\n", lines[i].element,
                         lines[i].stratum, lines[i].value);
    enum status status = file_save(path, text, (size_t)used, 0600, FILE_KEEP);
    if (status != STATUS_OK)
        complain_save(context, status, path);
    return status == STATUS_OK;
}

static enum exit_code draw(struct context *context, struct drawing *drawing)
{
    Zhibao__ListCases question = ZHIBAO__LIST_CASES__INIT;
    enum exit_code code = EXIT_MISUSED;
    const char *output = option_text(context, "output");
    if (!cases_each(context, &question, collect, drawing, &code))
        return code;
    enum status status = cases_read(context, drawing);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "%u年收到、由本单位牵头的个案：%u 件",
        "cases received in %u that your unit leads: %u", drawing->year, drawing->figures.total);
    if (drawing->linked > 0)
        say(context, "与别的个案是同一事件，没有重复计数：%zu 件",
            "the same event as another case, not counted twice: %zu", drawing->linked);
    if (drawing->unopened > 0)
        complain(context, "打不开、没有计入的：%zu 件", "not counted because they do not open: %zu",
                 drawing->unopened);
    times_say(context, "受理", "acknowledged", drawing->acknowledged_us, drawing->acknowledged,
              drawing->clocks.acknowledge_us);
    times_say(context, "评估", "assessed", drawing->assessed_us, drawing->assessed,
              drawing->clocks.assess_us);
    return output == NULL || sheet_write(context, &drawing->figures, output) ? EXIT_DONE
                                                                             : EXIT_MISUSED;
}

static enum exit_code run_figures(struct context *context)
{
    struct drawing drawing = {.count = 0};
    enum exit_code code = EXIT_MISUSED;
    if (!option_year(context, true, &drawing.year) || !context_connect(context, &code))
        return code;
    drawing.cases = arena_array(context->arena, CASES_MAX, sizeof *drawing.cases);
    drawing.acknowledged_us = arena_array(context->arena, CASES_MAX, sizeof(int64_t));
    drawing.assessed_us = arena_array(context->arena, CASES_MAX, sizeof(int64_t));
    if (drawing.cases == NULL || drawing.acknowledged_us == NULL || drawing.assessed_us == NULL)
        return EXIT_MISUSED;
    return draw(context, &drawing);
}

const struct command commands_case_figures[] = {
    {"case figures", "--year YEAR [-o FILE]",
     "由牵头单位从能打开的个案统计一年的数和办理时间\n每次查阅以“统计”为目的登记；写成的表用 "
     "zhibao submit "
     "报送。",                                   "draw up a year's figures and times from the cases that your unit leads and can open\nEach "
     "reading is recorded, for figures; the sheet is reported with zhibao submit.", figures_options, 0, 0, false, run_figures},
    {NULL,           NULL,                    NULL, NULL,                                            NULL,            0, 0, false, NULL       },
};
