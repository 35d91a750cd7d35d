#include "server/store/query_late.h"

/* clang-format off: a statement keeps its own lines */
static const char late_sql[] =
    "with k as (select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[],"
    "  $5::bigint[], $6::bigint[]) with ordinality as a (d, u, pl, f, p, kind, n)),"
    " s as (select distinct k.d, k.u, k.pl, k.f, k.p, k.kind from k where k.kind in (1, 3)),"
    " l as (select s.*, case s.kind when 1 then ("
    "   select min(r.received_us) from zhibao.report r join zhibao.form rf on rf.form_id = "
    "r.form_id"
    "   where r.district = s.d and r.period = s.p and r.unit = s.u and rf.plan = s.pl"
    "   and rf.form = s.f and not exists (select from zhibao.void v where v.subject_kind = 1"
    "    and v.subject_unit = r.unit and v.subject_id = r.id))"
    "  else (select min(c.received_us) from zhibao.report_event c"
    "   join zhibao.form cf on cf.form_id = c.form_id where c.district = s.d and c.unit = s.u"
    "   and c.kind = 3 and c.period = s.p and cf.plan = s.pl and cf.form = s.f"
    "   and not exists (select from zhibao.bad_signature b where b.subject_kind = 3"
    "    and b.subject_unit = c.unit and b.subject_id = c.id)) end as first_us from s)"
    " select k.n from k join l on l.d = k.d and l.u = k.u and l.pl = k.pl and l.f = k.f"
    "  and l.p = k.p and l.kind = k.kind"
    " cross join lateral zhibao.cutoff_of(l.pl, l.p::smallint, l.f,"
    "  (case l.kind when 1 then 1 else 2 end)::smallint, l.d, l.u) c"
    " where l.first_us > c.due_us";
/* clang-format on */

static enum status add_subjects(struct db_params *params, struct arena *arena,
                                const struct late_subject *subjects, size_t count)
{
    enum { NUMBERS = 4, TEXTS = 2 };
    int64_t *numbers[NUMBERS];
    const char **texts[TEXTS];
    for (size_t c = 0; c < NUMBERS; c++)
        if ((numbers[c] = arena_array(arena, count, sizeof **numbers)) == NULL)
            return STATUS_NO_MEMORY;
    for (size_t c = 0; c < TEXTS; c++)
        if ((texts[c] = arena_array(arena, count, sizeof **texts)) == NULL)
            return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        numbers[0][i] = (int64_t)subjects[i].district;
        numbers[1][i] = (int64_t)subjects[i].unit;
        texts[0][i] = subjects[i].plan;
        texts[1][i] = subjects[i].form;
        numbers[2][i] = subjects[i].period;
        numbers[3][i] = subjects[i].kind;
    }
    db_params_init(params, arena);
    db_add_ints(params, numbers[0], count);
    db_add_ints(params, numbers[1], count);
    db_add_texts(params, texts[0], count);
    db_add_texts(params, texts[1], count);
    db_add_ints(params, numbers[2], count);
    db_add_ints(params, numbers[3], count);
    return STATUS_OK;
}

enum status query_late(struct db *db, struct arena *arena, const struct late_subject *subjects,
                       size_t count, bool *out_late)
{
    struct db_params params;
    PGresult *result = NULL;
    for (size_t i = 0; i < count; i++)
        out_late[i] = false;
    if (count == 0)
        return STATUS_OK;
    enum status status = add_subjects(&params, arena, subjects, count);
    if (status == STATUS_OK)
        status = db_run(db, late_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result); row++)
        out_late[db_int(result, row, 0) - 1] = true;
    PQclear(result);
    return STATUS_OK;
}
