#include "cli/notice_words.h"

#include "base/china_time.h"

const char *notice_text(const struct context *context, int notice)
{
    switch (notice) {
    case ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE: return TR(context, "签名无效", "bad signature");
    case ZHIBAO__NOTICE_KIND__NOTICE_REMINDER: return TR(context, "催报", "reminder");
    case ZHIBAO__NOTICE_KIND__NOTICE_OVERDUE: return TR(context, "逾期未报", "overdue");
    case ZHIBAO__NOTICE_KIND__NOTICE_CUTOFF_MOVED: return TR(context, "截止顺延", "cut-off moved");
    case ZHIBAO__NOTICE_KIND__NOTICE_EXTENDED: return TR(context, "准予延期", "extended");
    case ZHIBAO__NOTICE_KIND__NOTICE_TASK_OVERDUE: return TR(context, "督办逾期", "task overdue");
    case ZHIBAO__NOTICE_KIND__NOTICE_UPLINK: return TR(context, "上级", "level above");
    case ZHIBAO__NOTICE_KIND__NOTICE_CASE_FLOOD:
        return TR(context, "个案报告过多", "too many reports of cases");
    default: return TR(context, "通告", "notice");
    }
}

const char *notice_slug(int notice)
{
    switch (notice) {
    case ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE: return "bad_signature";
    case ZHIBAO__NOTICE_KIND__NOTICE_REMINDER: return "reminder";
    case ZHIBAO__NOTICE_KIND__NOTICE_OVERDUE: return "overdue";
    case ZHIBAO__NOTICE_KIND__NOTICE_CUTOFF_MOVED: return "cutoff_moved";
    case ZHIBAO__NOTICE_KIND__NOTICE_EXTENDED: return "extended";
    case ZHIBAO__NOTICE_KIND__NOTICE_TASK_OVERDUE: return "task_overdue";
    case ZHIBAO__NOTICE_KIND__NOTICE_UPLINK: return "uplink";
    case ZHIBAO__NOTICE_KIND__NOTICE_CASE_FLOOD: return "case_flood";
    default: return "notice";
    }
}

const char *cutoff_sentence(const struct context *context, struct rows *rows, int notice,
                            const Zhibao__CutoffNotice *cutoff, const char *reason)
{
    char due[CHINA_TEXT_BYTES], until[CHINA_TEXT_BYTES], from[CHINA_TEXT_BYTES];
    if (cutoff == NULL)
        return "";
    china_text(cutoff->due_us, true, due);
    bool total = cutoff->level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL;
    const char *what = total ? TR(context, "乡镇汇总", "the township total: ") : "";
    switch (notice) {
    case ZHIBAO__NOTICE_KIND__NOTICE_REMINDER:
        return rows_printf(rows,
                           TR(context, "%s截止%s，%u天内未报即为逾期", "%sdue %s, within %u days"),
                           what, due, cutoff->days);
    case ZHIBAO__NOTICE_KIND__NOTICE_OVERDUE:
        return rows_printf(rows, TR(context, "%s截止%s，至今未报", "%swas due %s, not reported"),
                           what, due);
    case ZHIBAO__NOTICE_KIND__NOTICE_CUTOFF_MOVED:
        return rows_printf(rows,
                           TR(context, "%s截止由%s顺延至%s：%s起服务中断",
                              "%sthe cut-off %s moved to %s: the service was down from %s"),
                           what, due, china_text(cutoff->until_us, true, until),
                           china_text(cutoff->outage_from_us, false, from));
    case ZHIBAO__NOTICE_KIND__NOTICE_EXTENDED:
        return rows_printf(rows, TR(context, "%s延至%s：%s", "%sextended until %s: %s"), what,
                           china_text(cutoff->until_us, true, until), reason);
    default: return "";
    }
}
