/* Places merge, split and are renamed: the administrator's signed word, checked against what is
 * registered and what changed before (common/plan/place_history.h). */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "place.pb-c.h"
#include "plan/place_history.h"
#include "server/ingest/apply.h"
#include "server/ingest/validate.h"
#include "server/store/chain_store.h"
#include "server/store/ingest_store.h"
#include "server/store/place_store.h"
#include "text/utf8.h"

enum { NAME_BYTES_MAX = 200, REASON_BYTES_MAX = 2000 };

void validate_place_change(struct task *task, struct registry *registry)
{
    (void)registry;
    const Zhibao__PlaceChange *change = (const Zhibao__PlaceChange *)task->message;
    if (change->n_from > PLACES_IN_CHANGE_MAX || change->n_to > PLACES_IN_CHANGE_MAX)
        task_problem(task, STATUS_E_MALFORMED, "from", NULL, NULL);
    if (utf8_all_blank(change->reason))
        task_problem(task, STATUS_E_REASON, "reason", NULL, NULL);
    if (strlen(change->reason) > REASON_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "reason", NULL, NULL);
    if (strlen(change->name_zh) > NAME_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "name_zh", NULL, NULL);
    if (change->name_zh[0] != '\0' && change->change != ZHIBAO__PLACE_CHANGE_KIND__PLACE_RENAME)
        task_problem(task, STATUS_E_MALFORMED, "name_zh", NULL, NULL);
}

static void change_of(const Zhibao__PlaceChange *message, struct place_change *out_change)
{
    memset(out_change, 0, sizeof *out_change);
    out_change->kind = (enum place_change_kind)message->change;
    out_change->date =
        strlen(message->valid_from) == 10 ? place_date_parse(message->valid_from) : 0;
    out_change->from_count = message->n_from;
    out_change->to_count = message->n_to;
    memcpy(out_change->from, message->from, message->n_from * sizeof *message->from);
    memcpy(out_change->to, message->to, message->n_to * sizeof *message->to);
}

/* The rule broken, with the place at fault in its sentence. */
static enum status refuse(const struct apply *apply, struct task *task, enum status status,
                          uint64_t place)
{
    const char *field = status == STATUS_E_CHANGE_DATE        ? "valid_from"
                        : status == STATUS_E_CHANGE_SUCCESSOR ? "to"
                                                              : "from";
    const char *zh = status_zh(status), *en = status_en(status);
    if (status == STATUS_E_SUBJECT_UNKNOWN) {
        zh = "变更之日没有这个行政区划";
        en = "there is no such place on that day";
    } else if (status == STATUS_E_SUBJECT_STATE) {
        zh = "其下还有村（社区），请先变更它们";
        en = "there are still places below it: change these first";
    }
    if (place != 0) {
        zh = arena_printf(apply->arena, "%s：%012" PRIu64, zh, place);
        en = arena_printf(apply->arena, "%s: %012" PRIu64, en, place);
    }
    task_problem(task, status, field, zh, en);
    return status;
}

/* A township that ends has no villages left on that day. */
static enum status check_below(const struct apply *apply, const struct place_change *change,
                               uint64_t *out_place)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < change->from_count && status == STATUS_OK; i++) {
        int64_t below = 0;
        bool goes_on = false;
        for (size_t k = 0; k < change->to_count; k++)
            goes_on = goes_on || change->to[k] == change->from[i];
        if (goes_on || place_level(change->from[i]) == PLACE_VILLAGE)
            continue;
        *out_place = change->from[i];
        status = place_store_below(apply->db, apply->arena, change->from[i], change->date, &below);
        if (status == STATUS_OK && below > 0)
            status = STATUS_E_SUBJECT_STATE;
    }
    return status;
}

static enum status check(const struct apply *apply, const struct task *task,
                         struct place_change *change, uint64_t *out_place)
{
    struct place_history *history = NULL;
    struct place_span *spans = NULL;
    size_t count = 0;
    enum status status = place_store_history(apply->db, &history);
    if (status == STATUS_OK)
        status = place_store_spans(apply->db, apply->arena, change, &spans, &count);
    if (status == STATUS_OK)
        status = place_change_check(history, change, spans, count, unit_place(task->author.id),
                                    out_place);
    if (status == STATUS_OK)
        status = check_below(apply, change, out_place);
    place_history_destroy(&history);
    return status;
}

static bool is_touched(const struct place_change *change, uint64_t place)
{
    bool touched = false;
    for (size_t i = 0; i < change->from_count && !touched; i++)
        touched = place_contains(place, change->from[i]) || place_contains(change->from[i], place);
    return touched;
}

/* Who owed what in a locked year stays as it is: those that were there on its last day. A new name
 * alone changes nothing of it. */
static enum status locked_check(const struct apply *apply, struct task *task,
                                const struct place_change *change)
{
    enum { DAYS = 10000 }; /* of a date, 20260701 */
    struct lock_row *locks = NULL;
    size_t count = 0;
    if (change->kind == CHANGE_RENAME && change->to_count == 0)
        return STATUS_OK;
    enum status status = store_locks(apply->db, apply->arena, "", &locks, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (locks[i].period < change->date / DAYS || !is_touched(change, locks[i].place))
            continue;
        problems_addf(&task->problems, STATUS_E_PERIOD_LOCKED, 0, "valid_from",
                      "%d年已锁定，变更会改变这一年的应报单位：请写以后的日期，或先解锁",
                      "%d is locked, and the change would alter who owes its reports: give a later "
                      "date, or unlock it first",
                      locks[i].period);
        return STATUS_E_PERIOD_LOCKED;
    }
    return status;
}

enum status apply_place_change(struct apply *apply, struct task *task)
{
    const Zhibao__PlaceChange *message = (const Zhibao__PlaceChange *)task->message;
    struct place_change change;
    uint64_t place = 0;
    change_of(message, &change);
    enum status status = check(apply, task, &change, &place);
    if (status >= STATUS_E_VERSION)
        return refuse(apply, task, status, place);
    if (status == STATUS_OK)
        status = locked_check(apply, task, &change);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, unit_make(change.from[0], UNIT_OWN));
    if (status == STATUS_OK)
        status = place_store_change(apply->db, apply->arena, task, &change, message->name_zh,
                                    message->reason);
    if (status == STATUS_OK) {
        apply->registry_changed = true;
        log_info("places changed kind=%d from=%012" PRIu64 " to=%012" PRIu64, (int)change.kind,
                 change.from[0], change.to[0]);
    }
    return status;
}
