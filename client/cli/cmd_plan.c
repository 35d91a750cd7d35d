/* plan check, plan import */
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/plan_cut.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "plan/plan_check.h"
#include "plan/plan_dir.h"

static const struct row_column finding_columns[] = {
    {"number",   "序号", "no.",      COLUMN_NUMBER},
    {"severity", "程度", "severity", COLUMN_TEXT  },
    {"kind",     "类别", "kind",     COLUMN_TEXT  },
    {"subject",  "指标", "subject",  COLUMN_TEXT  },
    {"targets",  "目标", "targets",  COLUMN_TEXT  },
    {"finding",  "发现", "finding",  COLUMN_TEXT  },
};

static void print_problems(const struct context *context, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        complain(context, "%s：%s [%s]", "%s: %s [%s]", problems->items[i].field,
                 TR(context, problems->items[i].zh, problems->items[i].en),
                 status_name(problems->items[i].code));
    if (problems->dropped > 0)
        complain(context, "另有 %zu 个问题未列出", "and %zu more problems", problems->dropped);
}

/* The folder's files and the plan they make; false after every problem was printed and counted. */
static bool load(struct context *context, const char *directory, bool districts,
                 struct plan_files **out_files, struct plan **out_plan)
{
    struct problems problems;
    problems_init(&problems);
    enum status status = plan_dir_read(directory, &problems, out_files);
    if (status == STATUS_OK && districts)
        plan_cut(*out_files);
    if (status == STATUS_OK)
        status = plan_load((*out_files)->files, (*out_files)->count, &problems, out_plan);
    print_problems(context, &problems);
    if (status != STATUS_OK && problems.count == 0)
        complain(context, "%s：%s", "%s: %s", directory,
                 TR(context, status_zh(status), status_en(status)));
    if (status != STATUS_OK && problems.count > 0)
        complain(context, "%s：表中有%zu处错误", "%s: errors in the files: %zu", directory,
                 problems.count + problems.dropped);
    problems_clear(&problems);
    return status == STATUS_OK;
}

static bool print_findings(const struct context *context, const struct findings *findings)
{
    struct rows *rows =
        rows_create(context, finding_columns, sizeof finding_columns / sizeof *finding_columns);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        /* programs get the words that stay the same in both languages */
        bool zh = context->format == FORMAT_TABLE && !context->english;
        const char *const cells[] = {rows_printf(rows, "%u", finding->number),
                                     zh ? severity_zh(finding->severity)
                                        : severity_name(finding->severity),
                                     zh ? finding->kind_zh : finding->kind,
                                     finding->subject,
                                     finding->targets,
                                     TR(context, finding->zh, finding->en)};
        rows_add(rows, cells);
    }
    bool printed = rows_print(rows);
    rows_destroy(&rows);
    return printed;
}

/* The last line: on stdout below a table, elsewhere on stderr, out of the data's way. */
static void print_summary(const struct context *context, const struct plan *plan,
                          const struct findings *findings)
{
    char line[600], numbers[60] = "";
    size_t counts[SEVERITIES] = {0};
    for (size_t i = 0; i < findings->count; i++)
        counts[findings->items[i].severity]++;
    if (findings->count > 0)
        snprintf(numbers, sizeof numbers, TR(context, "（编号1—%zu）", " (nos. 1-%zu)"),
                 findings->count);
    snprintf(line, sizeof line,
             TR(context, "%s：%zu个目标；表中错误0处，须留意%zu处%s：高%zu，中%zu，低%zu",
                "%s: %zu targets; 0 errors in the files, %zu findings%s: %zu high, %zu medium, "
                "%zu low"),
             TR(context, plan->name_zh, plan->name_en), plan->target_count, findings->count,
             numbers, counts[SEVERITY_HIGH], counts[SEVERITY_MEDIUM], counts[SEVERITY_LOW]);
    if (context->format == FORMAT_TABLE)
        say(context, "%s", "%s", line);
    else
        complain(context, "%s", "%s", line);
}

static enum exit_code run_check(struct context *context)
{
    struct plan_files *files = NULL;
    struct plan *plan = NULL;
    struct findings *findings = NULL;
    enum exit_code code = EXIT_MISUSED;
    if (!load(context, context->arguments[0], false, &files, &plan))
        goto cleanup;
    if (plan_check(plan, &findings) != STATUS_OK || !print_findings(context, findings)) {
        complain(context, "内存不足", "out of memory");
        goto cleanup;
    }
    print_summary(context, plan, findings);
    code = EXIT_DONE;

cleanup:
    findings_destroy(&findings);
    plan_destroy(&plan);
    plan_files_destroy(&files);
    return code;
}

static enum status put_plan(struct context *context, const struct plan_files *files,
                            const char *code)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__PlanImport import = ZHIBAO__PLAN_IMPORT__INIT;
    Zhibao__PlanFile *copies = arena_array(context->arena, files->count, sizeof *copies);
    Zhibao__PlanFile **pointers =
        arena_array(context->arena, files->count, sizeof(Zhibao__PlanFile *));
    char stream[120];
    if (copies == NULL || pointers == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < files->count; i++) {
        zhibao__plan_file__init(&copies[i]);
        copies[i].name = (char *)files->files[i].name;
        copies[i].content =
            (ProtobufCBinaryData){files->files[i].size, (uint8_t *)files->files[i].bytes};
        pointers[i] = &copies[i];
    }
    import.head = &head;
    import.plan = (char *)code;
    import.n_files = files->count;
    import.files = pointers;
    snprintf(stream, sizeof stream, "plan/%.80s", code);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_PLAN,
                                 .payload = &import.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = ""};
    return zhibao_put(context->zhibao, &draft, NULL);
}

static enum exit_code run_import(struct context *context)
{
    struct plan_files *files = NULL;
    struct plan *plan = NULL;
    enum exit_code code = EXIT_MISUSED;
    bool districts = option_given(context, "districts");
    if (!load(context, context->arguments[0], districts, &files, &plan)) {
        complain(context, "请改正后再导入；没有导入任何内容",
                 "correct this and import again: nothing was imported");
        goto cleanup;
    }
    if (districts && !plan_consolidates(plan)) {
        misused(context, "规划中没有区县汇总表（forms.csv中报送者为district的报表）",
                "the plan has no form that districts report (forms.csv, reporter district)");
        goto cleanup;
    }
    if (!context_connect(context, &code))
        goto cleanup;
    enum status status = put_plan(context, files, plan->code);
    code = status == STATUS_OK ? send_all(context) : failed(context, status);

cleanup:
    plan_destroy(&plan);
    plan_files_destroy(&files);
    return code;
}

static const struct option import_options[] = {
    {"districts", NULL, NULL, "市级服务器：只登记到区县，由各区县的服务器上报汇总表",
     "a city's server: places down to the districts, whose servers report their consolidations"                     },
    {NULL,        NULL, NULL, NULL,                                                                             NULL},
};

const struct command commands_plan[] = {
    {"plan check",  "DIR",
     "检查规划目录中的表，列出须留意之处，不作改动\n"
     "表有错误的，逐一指明文件、行、列（退出码2）；规划本身的矛盾编号列出，标明程度（高：\n"
     "自相矛盾或数字不可能；中：缺少依据，须加假定或无法判断；低：看结果时须知），退出码0。",
     "check a plan's folder and list what to mind, changing nothing\n"
     "Errors in the files are named by file, line and column (exit code 2); traps in the plan "
     "itself\n"
     "are numbered findings with a severity (exit code 0): high, the text contradicts itself or a\n"
     "figure cannot be right; medium, something is missing or open, so that judging needs an\n"
     "assumption or cannot be done; low, to be known when results are read.",                                                                 NULL,           1, 1, true,  run_check},
    {"plan import", "DIR [--districts]", "把规划目录签名后导入服务器（管理员）",
     "sign a plan's folder and import it (administrators)",                                                                                   import_options, 1, 1, false,
     run_import                                                                                                                                                                     },
    {NULL,          NULL,                NULL,                                                                                          NULL, NULL,           0, 0, false, NULL     },
};
