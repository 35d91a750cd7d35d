/* Reminders and escalations of cases: what the clock finds, and the notices it becomes. That a case
 * is open to the next level follows from times alone (case_rules.h); a notice only says so. */
#include <string.h>

#include "case/case_flood.h"
#include "server/clock/found_notice.h"
#include "server/store/case_store.h"
#include "server/store/ingest_store.h"

/* Of one clock the highest level that was told; -1: nothing. */
static enum status told_of(struct db *db, struct arena *arena, const struct case_row *row,
                           enum case_clock clock, int *out_level)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)row->district);
    db_add_bytes(&params, row->id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, case_clock_action(clock));
    db_add_int(&params, row->course.due_us[clock]);
    enum status status =
        db_run(db,
               "select coalesce(max(level), -1)::int from zhibao.case_notice"
               " where district = $1::bigint and case_id = $2 and action = $3::smallint"
               " and due_us = $4::bigint",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_level = (int)db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

/* One notice for each clock of the case of which more is to be told than was. */
static enum status case_look(struct db *db, struct arena *arena, const struct case_row *row,
                             int64_t now_us, struct case_notice *notices, size_t *count)
{
    for (int i = 0; i < CASE_CLOCK_COUNT; i++) {
        enum case_clock clock = (enum case_clock)i;
        int told = 0, level = case_clock_told(&row->course, &row->clocks, clock, now_us);
        if (level < 0)
            continue;
        enum status status = told_of(db, arena, row, clock, &told);
        if (status != STATUS_OK)
            return status;
        if (level > told)
            notices[(*count)++] = (struct case_notice){.district = row->district,
                                                       .case_id = row->id,
                                                       .action = (int)case_clock_action(clock),
                                                       .due_us = row->course.due_us[clock],
                                                       .level = level};
    }
    return STATUS_OK;
}

struct found_case {
    uint64_t district;
    struct record_id id;
};

static enum status found_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    struct found_case *found = out;
    (void)arena;
    found->district = (uint64_t)db_int(result, row, 0);
    return db_fixed(result, row, 1, found->id.bytes, RECORD_ID_BYTES) ? STATUS_OK : STATUS_MISMATCH;
}

/* Cases after whose latest step something has come due, but not those told all there is. */
static enum status due_cases(struct db *db, struct arena *arena, int64_t now_us, size_t limit,
                             struct found_case **out_cases, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *cases = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, now_us);
    db_add_int(&params, CASE_LEVELS_MAX);
    db_add_int(&params, (int64_t)limit);
    enum status status =
        db_run(db,
               "select e.district, e.case_id from zhibao.case_event e"
               " where e.next_us <> 0 and e.next_us <= $1::bigint"
               " and not exists (select from zhibao.case_event l where l.district = e.district"
               "  and l.case_id = e.case_id"
               "  and (l.chain, l.batch, l.leaf) > (e.chain, e.batch, e.leaf))"
               " order by (select count(*) from zhibao.case_notice n where n.district = e.district"
               "  and n.case_id = e.case_id and n.level >= $2::bigint), e.next_us limit $3::bigint",
               &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(struct found_case), found_read, &cases, out_count);
    if (status == STATUS_OK)
        *out_cases = cases;
    return status;
}

enum status case_notices_find(struct db *db, struct arena *arena, int64_t now_us, size_t limit,
                              struct case_notice **out_notices, size_t *out_count)
{
    struct found_case *cases = NULL;
    size_t case_count = 0, count = 0;
    enum status status = due_cases(db, arena, now_us, limit, &cases, &case_count);
    if (status != STATUS_OK)
        return status;
    struct case_notice *notices =
        arena_array(arena, case_count * CASE_CLOCK_COUNT, sizeof *notices);
    if (notices == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < case_count && status == STATUS_OK; i++) {
        struct case_row row;
        status = store_case(db, arena, cases[i].district, &cases[i].id, &row);
        if (status == STATUS_OK)
            status = case_look(db, arena, &row, now_us, notices, &count);
    }
    if (status != STATUS_OK)
        return status;
    *out_notices = notices;
    *out_count = count;
    return STATUS_OK;
}

void case_notice_fill(const struct case_notice *notice, Zhibao__CaseNotice *out_message)
{
    out_message->district = notice->district;
    out_message->case_id =
        (ProtobufCBinaryData){RECORD_ID_BYTES, (uint8_t *)(uintptr_t)notice->case_id.bytes};
    out_message->action = (uint32_t)notice->action;
    out_message->due_us = notice->due_us;
    out_message->level = (uint32_t)notice->level;
}

enum status apply_case_notice(struct apply *apply, const struct task *task,
                              const struct case_notice *notice, bool *out_new)
{
    struct event_row row = {.event = "case_due", .place = notice->district};
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)notice->district);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_bytes(&params, notice->case_id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, notice->action);
    db_add_int(&params, notice->due_us);
    db_add_int(&params, notice->level);
    db_add_int(&params, apply->now_us);
    db_add_int(&params, apply->chain);
    db_add_int(&params, apply->batch);
    db_add_int(&params, task->index);
    enum status status =
        db_run(apply->db,
               "insert into zhibao.case_notice (district, id, case_id, action, due_us, level,"
               " made_us, chain, batch, leaf) values ($1::bigint, $2, $3, $4::smallint,"
               " $5::bigint, $6::smallint, $7::bigint, $8::smallint, $9::bigint, $10::int)"
               " on conflict do nothing returning 1",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_new = PQntuples(result) == 1;
    PQclear(result);
    return *out_new
               ? store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row)
               : STATUS_OK;
}

enum status apply_case_flood(struct apply *apply, const struct task *task, uint64_t district,
                             bool *out_new)
{
    struct event_row row = {.event = "case_flood", .place = district};
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, ZHIBAO__RECORD_KIND__RECORD_NOTICE);
    db_add_int(&params, apply->now_us - CASE_FLOOD_TOLD_US);
    enum status status =
        db_run(apply->db,
               "select exists (select from zhibao.report_event where district = $1::bigint"
               " and unit = 0 and kind = $2::smallint and event = 'case_flood'"
               " and received_us > $3::bigint)",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_new = !db_bool(result, 0, 0);
    PQclear(result);
    return *out_new
               ? store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row)
               : STATUS_OK;
}
