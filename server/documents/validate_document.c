/* What can be said of a DOCUMENT record without the database. */
#include <string.h>

#include "document.pb-c.h"
#include "document/content.h"
#include "plan/duty.h"
#include "server/documents/document.h"

enum { NOTE_BYTES_MAX = 4000 };

static void content_check(struct task *task, const Zhibao__Document *document)
{
    if (document->content_sha256.len != HASH_BYTES)
        task_problem(task, STATUS_E_MALFORMED, "content_sha256", "摘要必须为32字节",
                     "a hash has 32 bytes");
    if (document->size == 0 || document->size > CONTENT_BYTES_MAX)
        task_problem(task, STATUS_E_DOCUMENT_SIZE, "size", "文件须在1字节至50 MB之间",
                     "a document has from 1 byte to 50 MB");
    if (!content_type_is_known(document->media_type))
        task_problem(task, STATUS_E_DOCUMENT_TYPE, "media_type",
                     "只接受PDF、DOCX；作为报表附件的还可以是JPEG、PNG",
                     "only PDF and DOCX; an attachment of a report may also be JPEG or PNG");
    if (!file_name_good(document->file_name))
        task_problem(task, STATUS_E_TEXT, "file_name", "文件名须为1至200字节，不含目录和控制字符",
                     "a file name has 1 to 200 bytes, no directory and no control characters");
    if (strlen(document->note) > NOTE_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "note", NULL, NULL);
}

/* A yearly duty is for a year of the plan that has begun; others are owed once, period 0. */
static void period_check(struct task *task, const struct plan *plan, const struct duty *duty,
                         int period)
{
    int64_t begins_us = 0;
    struct duty first_day = *duty;
    first_day.due = "01-01 00:00"; /* of the year after the one it is asked for */
    if (!duty_is_yearly(duty)) {
        if (period != 0)
            task_problem(task, STATUS_E_PERIOD, "period", "这项任务不是每年一次，报告期应为0",
                         "this duty is not yearly: its period is 0");
    } else if (period < plan->first_year || period > plan->last_year) {
        task_problem(task, STATUS_E_PERIOD, "period", NULL, NULL);
    } else if (duty_due_us(plan, &first_day, period - 1, 0, &begins_us) &&
               task->leaf.received_us < begins_us) {
        task_problem(task, STATUS_E_PERIOD_FUTURE, "period", NULL, NULL);
    }
}

static void duty_check(struct task *task, struct registry *registry,
                       const Zhibao__Document *document)
{
    const struct plan *plan = registry_plan(registry, document->plan);
    const struct registry_unit *author = &task->author;
    if (plan == NULL) {
        task_problem(task, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
        return;
    }
    const struct duty *duty = plan_duty(plan, document->duty);
    if (duty == NULL) {
        task_problem(task, STATUS_E_DUTY_UNKNOWN, "duty", NULL, NULL);
        return;
    }
    if (!duty_owed_by(plan, duty, author->id, author->role, author->department))
        task_problem(task, STATUS_E_DUTY_NOT_OWED, "duty", NULL, NULL);
    else if (!duty_takes_document(duty))
        task_problem(task, STATUS_E_DUTY_NOT_DOCUMENT, "duty",
                     duty_takes_report(duty) ? "这项任务报送数据报表，不报送文件"
                                             : "规划只要求开展这项工作，没有要求报送文件",
                     duty_takes_report(duty)
                         ? "this duty is fulfilled with a report of figures, not a document"
                         : "the plan asks for this work but for nothing to be sent");
    else
        period_check(task, plan, duty, (int)document->period);
    if (content_type_is_known(document->media_type) && !content_type_is_text(document->media_type))
        task_problem(task, STATUS_E_DOCUMENT_TYPE, "media_type", "报送任务只接受PDF、DOCX",
                     "a duty is fulfilled with PDF or DOCX only");
}

void validate_document(struct task *task, struct registry *registry)
{
    const Zhibao__Document *document = (const Zhibao__Document *)task->message;
    const Zhibao__RecordRef *report = document->report;
    content_check(task, document);
    if ((report != NULL) == (document->duty[0] != '\0')) {
        task_problem(task, STATUS_E_MALFORMED, "duty",
                     "须写明是哪项报送任务的文件，或是哪份报表的附件，二者取一",
                     "a document is for a duty or an attachment of a report, one of the two");
        return;
    }
    if (report == NULL)
        duty_check(task, registry, document);
    else if (report->unit != task->leaf.unit || report->id.len != RECORD_ID_BYTES ||
             report->payload_sha256.len != HASH_BYTES)
        task_problem(task, STATUS_E_SUBJECT_UNKNOWN, "report", "只能给本单位自己的报表加附件",
                     "attachments belong to a report of the unit's own");
}
