/* Which units and forms each version of a plan has, year by year. */
#include "server/store/plan_store.h"

enum { ARENA_BYTES = 1024 * 1024, UNITS_AT_ONCE = 5000 };

/* A version and the years for which it holds. */
struct version {
    const char *code;
    const struct plan *plan;
    int first_year, last_year;
};

static void version_params(struct db_params *params, struct arena *arena,
                           const struct version *version)
{
    arena_reset(arena);
    db_params_init(params, arena);
    db_add_text(params, version->code);
    db_add_int(params, version->first_year);
    db_add_int(params, version->last_year);
}

static enum status units_store(struct db *db, struct arena *arena, const struct version *version)
{
    const struct plan *plan = version->plan;
    enum status status = STATUS_OK;
    for (size_t first = 0; first < plan->unit_count && status == STATUS_OK;
         first += UNITS_AT_ONCE) {
        size_t left = plan->unit_count - first;
        size_t count = left < UNITS_AT_ONCE ? left : UNITS_AT_ONCE;
        struct db_params params;
        version_params(&params, arena, version);
        int64_t *units = arena_array(arena, count, sizeof *units);
        if (units == NULL)
            return STATUS_NO_MEMORY;
        for (size_t i = 0; i < count; i++)
            units[i] = (int64_t)plan->units[first + i].id;
        db_add_ints(&params, units, count);
        status = db_exec(db,
                         "insert into zhibao.plan_unit (plan, unit, first_year, last_year)"
                         " select $1, u, $2::smallint, $3::smallint from unnest($4::bigint[]) u",
                         &params);
    }
    return status;
}

static enum status forms_store(struct db *db, struct arena *arena, const struct version *version)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < version->plan->form_count && status == STATUS_OK; i++) {
        struct db_params params;
        version_params(&params, arena, version);
        db_add_text(&params, version->plan->forms[i].code);
        status = db_exec(db,
                         "insert into zhibao.plan_form (plan, form, first_year, last_year)"
                         " values ($1, $4, $2::smallint, $3::smallint)",
                         &params);
    }
    return status;
}

static enum status clear(struct db *db, struct arena *arena, const char *code)
{
    struct db_params params;
    arena_reset(arena);
    db_params_init(&params, arena);
    db_add_text(&params, code);
    enum status status = db_exec(db, "delete from zhibao.plan_unit where plan = $1", &params);
    return status == STATUS_OK
               ? db_exec(db, "delete from zhibao.plan_form where plan = $1", &params)
               : status;
}

static const struct plan *version_of(const struct plan *plan, const struct plan *current, int year)
{
    return current == NULL || year >= plan->amended_from ? plan : plan_version(current, year);
}

enum status store_plan_years(struct db *db, const struct plan *plan, const struct plan *current)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = clear(db, arena, plan->code);
    for (int year = plan->first_year; year <= plan->last_year && status == STATUS_OK;) {
        struct version version = {
            .code = plan->code, .plan = version_of(plan, current, year), .first_year = year};
        while (year <= plan->last_year && version_of(plan, current, year) == version.plan)
            version.last_year = year++;
        status = units_store(db, arena, &version);
        if (status == STATUS_OK)
            status = forms_store(db, arena, &version);
    }
    arena_destroy(&arena);
    return status;
}
