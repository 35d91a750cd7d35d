/* evaluate */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "analysis.pb-c.h"
#include "base/bytes.h"
#include "cli/families.h"
#include "cli/pull_rows.h"
#include "cli/words.h"
#include "plan/unit_words.h"

enum { CHINA_S = 8 * 3600, DAY_S = 86400, ID_BYTES = 16, SHA_BYTES = 32 };

static const struct option evaluate_options[] = {
    {"place",  NULL, "CODE", "区划代码",                                                              "the place's code"                   },
    {"year",   NULL, "YEAR", "报告期（年份）",                                                     "the year"                           },
    {"kind",   NULL, "KIND", "annual 年度（默认）、midterm 中期、final 终期",
     "annual (default), midterm or final"                                                                                                      },
    {"plan",   NULL, "PLAN", "规划代码（默认该地现行规划）",                                "the plan (default: the place's own)"},
    {"as-of",  NULL, "TIME",
     "只看当时已入库的：2026-03-01（到当天24时）或“2026-03-01 09:30”，北京时间",
     "only what was stored by then: 2026-03-01 (to its end) or \"2026-03-01 09:30\", China's time"                                             },
    {"inputs", NULL, NULL,   "csv中列出所依据的每份报告",
     "in csv, list every report that it rests on"                                                                                              },
    {NULL,     NULL, NULL,   NULL,                                                                        NULL                                 },
};

static const struct row_column input_columns[] = {
    {"unit",           "单位", "unit",     COLUMN_TEXT  },
    {"form",           "报表", "form",     COLUMN_TEXT  },
    {"period",         "年份", "period",   COLUMN_NUMBER},
    {"revision",       "版本", "revision", COLUMN_NUMBER},
    {"id",             "编号", "id",       COLUMN_TEXT  },
    {"payload_sha256", "摘要", "sha-256",  COLUMN_TEXT  },
};

struct evaluated {
    size_t count;
    const Zhibao__Evaluation *pages[PULLED_PAGES_MAX];
    struct pulled pulled; /* their results */
};

/* Microseconds of a time in China; false after a complaint. */
static bool as_of_read(const struct context *context, int64_t *out_us)
{
    const char *text = option_text(context, "as-of");
    struct tm tm = {0};
    if (text == NULL)
        return true;
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    bool day = rest != NULL && *rest == '\0';
    if (rest != NULL && (*rest == ' ' || *rest == 'T')) {
        const char *clock = rest + 1;
        rest = strptime(clock, "%H:%M:%S", &tm);
        if (rest == NULL)
            rest = strptime(clock, "%H:%M", &tm);
    }
    if (rest == NULL || *rest != '\0') {
        complain(context, "看不懂时间“%s”，请写 2026-03-01 或“2026-03-01 09:30”",
                 "cannot read the time \"%s\": write 2026-03-01 or \"2026-03-01 09:30\"", text);
        return false;
    }
    int64_t seconds = (int64_t)timegm(&tm) - CHINA_S + (day ? DAY_S : 0);
    *out_us = seconds * 1000000 - (day ? 1 : 0);
    return true;
}

static bool question_make(const struct context *context, Zhibao__Evaluate *question)
{
    const char *kind = option_text(context, "kind");
    if (!option_place(context, "place", true, &question->place) ||
        !option_year(context, true, &question->period) || !as_of_read(context, &question->as_of_us))
        return false;
    question->kind = (char *)(kind == NULL ? "annual" : kind);
    if (strcmp(question->kind, "annual") != 0 && strcmp(question->kind, "midterm") != 0 &&
        strcmp(question->kind, "final") != 0) {
        complain(context, "--kind 应为 annual、midterm 或 final",
                 "--kind is annual, midterm or final");
        return false;
    }
    if (option_given(context, "plan"))
        question->plan = (char *)option_text(context, "plan");
    return true;
}

static bool fetch(struct context *context, struct evaluated *evaluated, enum exit_code *out_code)
{
    Zhibao__Evaluate question = ZHIBAO__EVALUATE__INIT;
    ProtobufCMessage *message = NULL;
    *out_code = EXIT_MISUSED;
    if (!question_make(context, &question) || !context_connect(context, out_code))
        return false;
    while (evaluated->count < PULLED_PAGES_MAX) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_EVALUATE, &question.base, &message, out_code))
            return false;
        const Zhibao__Evaluation *page = (const Zhibao__Evaluation *)message;
        evaluated->pages[evaluated->count++] = page;
        evaluated->pulled.pages[evaluated->pulled.count++] = page->result;
        if (page->next[0] == '\0')
            return true;
        question.cursor = page->next;
        question.batch = page->batch;
    }
    complain(context, "答复过长", "the answer is too long");
    *out_code = EXIT_MISUSED;
    return false;
}

static const char *hex(struct rows *rows, const uint8_t *bytes, size_t size)
{
    char text[2 * SHA_BYTES + 1];
    hex_encode(bytes, size, text);
    return rows_printf(rows, "%s", text);
}

static struct rows *input_rows(const struct context *context, const struct evaluated *evaluated)
{
    struct rows *rows =
        rows_create(context, input_columns, sizeof input_columns / sizeof *input_columns);
    for (size_t p = 0; rows != NULL && p < evaluated->count; p++) {
        const Zhibao__Evaluation *page = evaluated->pages[p];
        size_t count = page->n_input_unit;
        bool whole = page->n_input_form == count && page->n_input_period == count &&
                     page->n_input_revision == count && page->input_id.len == count * ID_BYTES &&
                     page->input_sha256.len == count * SHA_BYTES;
        for (size_t i = 0; whole && i < count; i++) {
            char unit[UNIT_TEXT_BYTES];
            uint32_t form = page->input_form[i];
            const char *const cells[] = {
                unit_format(page->input_unit[i], unit),
                form < page->n_forms ? page->forms[form] : "",
                rows_printf(rows, "%u", page->input_period[i]),
                rows_printf(rows, "%u", page->input_revision[i]),
                hex(rows, page->input_id.data + i * ID_BYTES, ID_BYTES),
                hex(rows, page->input_sha256.data + i * SHA_BYTES, SHA_BYTES),
            };
            rows_add(rows, cells);
        }
    }
    return rows;
}

static const char *kind_word(const struct context *context, const char *kind)
{
    return strcmp(kind, "final") == 0     ? TR(context, "终期评估", "final evaluation")
           : strcmp(kind, "midterm") == 0 ? TR(context, "中期评估", "mid-term evaluation")
                                          : TR(context, "年度评估", "annual evaluation");
}

static bool print_table(const struct context *context, const struct evaluated *evaluated)
{
    const Zhibao__Evaluation *first = evaluated->pages[0];
    const Zhibao__Pulled *result = first->result;
    char plan[2 * SHA_BYTES + 1] = "", inputs[2 * SHA_BYTES + 1] = "";
    struct rows *rows = indicator_rows(context, &evaluated->pulled);
    struct rows *gaps = gap_rows(context, &evaluated->pulled);
    if (first->plan_sha256.len == SHA_BYTES)
        hex_encode(first->plan_sha256.data, SHA_BYTES, plan);
    if (first->inputs_sha256.len == SHA_BYTES)
        hex_encode(first->inputs_sha256.data, SHA_BYTES, inputs);
    say(context, "%s %u年　%s%s%s　%s", "%s %u, %s%s%s, %s", result->place_name, result->period,
        TR(context, result->plan_name_zh, result->plan_name_en),
        result->locked ? TR(context, "　【已锁定】", " [locked]") : "",
        result->demonstration ? TR(context, "　【含演示数据】", " [with demonstration data]") : "",
        kind_word(context, first->kind));
    if (option_given(context, "as-of"))
        say(context, "截至 %s（北京时间）已入库的", "of what was stored by %s, China's time",
            option_text(context, "as-of"));
    bool printed = rows != NULL && gaps != NULL && rows_print(rows);
    print_legend(context, &evaluated->pulled);
    print_pass(context, &evaluated->pulled);
    if (printed && rows_count(gaps) > 0) {
        printf("\n%s\n", TR(context, "差距：", "gaps:"));
        printed = rows_print(gaps);
    }
    say(context,
        "\n依据：%" PRIu64 "份报告，清单摘要 %s；规划文件摘要 %s（--format csv --inputs 逐份列出）",
        "\nrests on %" PRIu64
        " reports, digest of the list %s; plan files %s (--format csv --inputs lists them)",
        first->inputs, inputs, plan);
    rows_destroy(&rows);
    rows_destroy(&gaps);
    return printed;
}

static bool print_json(const struct context *context, const struct evaluated *evaluated)
{
    const Zhibao__Evaluation *first = evaluated->pages[0];
    char text[2 * SHA_BYTES + 1];
    json_t *inputs = NULL;
    json_t *object = pulled_json(context, &evaluated->pulled);
    struct rows *rows = input_rows(context, evaluated);
    bool set = object != NULL && rows != NULL && rows_json(rows, &inputs) &&
               json_object_set_new(object, "inputs", inputs) == 0 &&
               json_object_set_new(object, "kind", json_string(first->kind)) == 0;
    if (set && option_given(context, "as-of"))
        set = json_object_set_new(object, "as_of", json_string(option_text(context, "as-of"))) == 0;
    if (set && first->plan_sha256.len == SHA_BYTES) {
        hex_encode(first->plan_sha256.data, SHA_BYTES, text);
        set = json_object_set_new(object, "plan_sha256", json_string(text)) == 0;
    }
    if (set && first->inputs_sha256.len == SHA_BYTES) {
        hex_encode(first->inputs_sha256.data, SHA_BYTES, text);
        set = json_object_set_new(object, "inputs_sha256", json_string(text)) == 0;
    }
    set = set && json_print(object);
    json_decref(object);
    rows_destroy(&rows);
    return set;
}

static bool print_csv(const struct context *context, const struct evaluated *evaluated)
{
    struct rows *rows = option_given(context, "inputs")
                            ? input_rows(context, evaluated)
                            : indicator_rows(context, &evaluated->pulled);
    bool printed = rows != NULL && rows_print(rows);
    rows_destroy(&rows);
    return printed;
}

static enum exit_code run_evaluate(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    bool printed = false;
    struct evaluated *evaluated = arena_alloc(context->arena, sizeof *evaluated);
    if (evaluated == NULL || !fetch(context, evaluated, &code))
        return code;
    switch (context->format) {
    case FORMAT_TABLE: printed = print_table(context, evaluated); break;
    case FORMAT_CSV: printed = print_csv(context, evaluated); break;
    case FORMAT_JSON: printed = print_json(context, evaluated); break;
    }
    if (!printed)
        complain(context, "内存不足", "out of memory");
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

const struct command commands_evaluate[] = {
    {"evaluate", "--place CODE --year YEAR [--kind annual|midterm|final] [--as-of TIME]",
     "年度、中期、终期评估：可复现，列明所依据的每份报告",             "annual, mid-term and final evaluation: reproducible, every report behind it listed",
     evaluate_options,                                                                                                                                                                      0, 0, true,  run_evaluate},
    {NULL,       NULL,                                                                    NULL, NULL,                                                                                 NULL, 0, 0, false, NULL        },
};
