/* Tasks that escalated from a server below: stored as they are told, each step once. The office
 * here sees them; what is done to them is done there (PROTOCOL.md section 20). */
#include "server/chain/apply_escalation.h"

#include <string.h>

#include "duty.pb-c.h"
#include "server/chain/task_rules.h"
#include "server/store/escalation_store.h"
#include "server/store/ingest_store.h"
#include "text/utf8.h"

enum { TITLE_BYTES_MAX = 200, TEXT_BYTES_MAX = 4000, NAME_BYTES_MAX = 400, CODE_BYTES_MAX = 100 };

static bool reference_good(const Zhibao__RecordRef *reference)
{
    return reference != NULL && reference->id.len == RECORD_ID_BYTES &&
           reference->payload_sha256.len == HASH_BYTES;
}

/* It is of an office of the author's own place, and escalates to the office above that place. */
static void office_check(struct task *task, const Zhibao__TaskEscalation *message)
{
    uint64_t place = unit_place(task->leaf.unit), office = message->task->unit;
    uint64_t above = task_office_above(office);
    if ((task->author.role != ROLE_STATISTICS && task->author.role != ROLE_OFFICE) ||
        unit_number(office) != UNIT_OFFICE || !place_contains(place, unit_place(office)) ||
        above == 0 || place_contains(place, unit_place(above)))
        task_problem(task, STATUS_E_FORBIDDEN, "task",
                     "只能由区县（或市）的服务器上报本地妇儿工委办公室的督办任务",
                     "only the server of a place tells of tasks that the committee office of that "
                     "place opened");
    if (!place_contains(unit_place(office), unit_place(message->addressee)))
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "addressee", NULL, NULL);
}

static void texts_check(struct task *task, const Zhibao__TaskEscalation *message)
{
    const struct {
        const char *field, *text;
        size_t most;
    } texts[] = {
        {"title",          message->title,          TITLE_BYTES_MAX},
        {"text",           message->text,           TEXT_BYTES_MAX },
        {"office_name",    message->office_name,    NAME_BYTES_MAX },
        {"addressee_name", message->addressee_name, NAME_BYTES_MAX },
        {"plan",           message->plan,           CODE_BYTES_MAX },
        {"duty",           message->duty,           CODE_BYTES_MAX },
        {"indicator",      message->indicator,      CODE_BYTES_MAX },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strlen(texts[i].text) > texts[i].most)
            task_problem(task, STATUS_E_TEXT, texts[i].field, NULL, NULL);
    if (utf8_all_blank(message->title))
        task_problem(task, STATUS_E_TEXT, "title", NULL, NULL);
}

void validate_task_escalation(struct task *task, struct registry *registry)
{
    const Zhibao__TaskEscalation *message = (const Zhibao__TaskEscalation *)task->message;
    bool first = message->action == ZHIBAO__TASK_ACTION__TASK_ESCALATE;
    (void)registry;
    if (!reference_good(message->task) || !reference_good(message->step)) {
        task_problem(task, STATUS_E_MALFORMED, "task", NULL, NULL);
        return;
    }
    if (memcmp(message->step->id.data, task->leaf.id.bytes, RECORD_ID_BYTES) != 0)
        task_problem(task, STATUS_E_ID, "head.id", "编号须与所上报的记录相同",
                     "the id has to be that of the record it tells of");
    if (message->action < ZHIBAO__TASK_ACTION__TASK_ANSWER ||
        message->action > ZHIBAO__TASK_ACTION__TASK_ESCALATE)
        task_problem(task, STATUS_E_MALFORMED, "action", NULL, NULL);
    if (message->due_us < 0 || (first && message->due_us == 0))
        task_problem(task, STATUS_E_TASK_DUE, "due_us", NULL, NULL);
    if (message->period > 9999)
        task_problem(task, STATUS_E_PERIOD, "period", NULL, NULL);
    office_check(task, message);
    texts_check(task, message);
}

enum status apply_task_escalation(struct apply *apply, struct task *task)
{
    const Zhibao__TaskEscalation *message = (const Zhibao__TaskEscalation *)task->message;
    uint64_t told = task_office_above(message->task->unit);
    bool known = false, fresh = false;
    enum status status = escalation_known(apply, task, message, &known);
    if (status != STATUS_OK)
        return status;
    if (!known && message->action != ZHIBAO__TASK_ACTION__TASK_ESCALATE)
        return STATUS_E_TASK_UNKNOWN;
    status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                         told);
    if (status == STATUS_OK)
        status = escalation_insert(apply, task, message, told, &fresh);
    return status != STATUS_OK || fresh ? status : STATUS_E_STALE;
}
