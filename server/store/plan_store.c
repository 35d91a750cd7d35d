#include "server/store/plan_store.h"

#include <stdio.h>
#include <string.h>

#include "server/store/place_store.h"

enum { ROW_ARENA_BYTES = 512 * 1024, ROWS_AT_ONCE = 500 };

/* Places and units, of which a province has tens of thousands, are stored ROWS_AT_ONCE by one
 * statement; of all else a plan has a few hundred, one statement each. */
struct filler {
    struct db *db;
    struct arena *arena; /* reset for every row */
    const struct plan *plan;
};

static struct db_params row_begin(struct filler *filler)
{
    struct db_params params;
    arena_reset(filler->arena);
    db_params_init(&params, filler->arena);
    return params;
}

static enum status plan_row(struct filler *filler, const struct task *task)
{
    const struct plan *plan = filler->plan;
    struct db_params params = row_begin(filler);
    db_add_text(&params, plan->code);
    db_add_int(&params, (int64_t)plan->place);
    db_add_text(&params, plan->name_zh);
    db_add_text(&params, plan->name_en);
    db_add_int(&params, plan->first_year);
    db_add_int(&params, plan->last_year);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    return db_exec(filler->db,
                   "insert into zhibao.plan (plan, place, name_zh, name_en, first_year, last_year,"
                   " district, unit, id) values ($1, $2::bigint, $3, $4, $5::smallint,"
                   " $6::smallint, $7::bigint, $8::bigint, $9)"
                   " on conflict (plan) do update set name_zh = excluded.name_zh,"
                   " name_en = excluded.name_en, first_year = excluded.first_year,"
                   " last_year = excluded.last_year, district = excluded.district,"
                   " unit = excluded.unit, id = excluded.id,"
                   " changed = nextval('zhibao.registry_change')",
                   &params);
}

/* Columns of text, `count` long, that a statement unnests. */
static bool texts_make(struct filler *filler, const char **columns[], size_t column_count,
                       size_t count)
{
    for (size_t i = 0; i < column_count; i++) {
        columns[i] = arena_array(filler->arena, count, sizeof(const char *));
        if (columns[i] == NULL)
            return false;
    }
    return true;
}

/* "2021" is its first day; "" stays so. */
static const char *day_text(struct arena *arena, const char *text)
{
    return strlen(text) == 4 ? arena_printf(arena, "%.4s-01-01", text) : text;
}

static enum status places_store(struct filler *filler, size_t first, size_t count)
{
    enum { FROM, TO, NAME, TEXTS };
    struct db_params params = row_begin(filler);
    const char **texts[TEXTS];
    int64_t *numbers = arena_array(filler->arena, 3 * count, sizeof *numbers);
    if (numbers == NULL || !texts_make(filler, texts, TEXTS, count))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct place *place = &filler->plan->places[first + i];
        numbers[i] = (int64_t)place->code;
        numbers[count + i] = place->level;
        numbers[2 * count + i] = (int64_t)place->parent;
        texts[FROM][i] = day_text(filler->arena, place->valid_from);
        texts[TO][i] = day_text(filler->arena, place->valid_to);
        texts[NAME][i] = place->name_zh;
        if (texts[FROM][i] == NULL || texts[TO][i] == NULL)
            return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < 3; i++)
        db_add_ints(&params, numbers + i * count, count);
    for (size_t i = 0; i < TEXTS; i++)
        db_add_texts(&params, texts[i], count);
    return db_exec(filler->db,
                   /* what a change of places has ended stays ended */
                   "insert into zhibao.place (place, level, parent, valid_from, valid_to, name_zh)"
                   " select n.place, n.level::smallint, n.parent, n.since::date,"
                   "  nullif(n.until, '')::date, n.name"
                   " from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[],"
                   "  $6::text[]) n (place, level, parent, since, until, name)"
                   " on conflict (place, valid_from) do update set name_zh = excluded.name_zh,"
                   " valid_to = coalesce(place.valid_to, excluded.valid_to)",
                   &params);
}

static enum status place_rows(struct filler *filler)
{
    size_t total = filler->plan->place_count;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < total && status == STATUS_OK; i += ROWS_AT_ONCE)
        status = places_store(filler, i, total - i < ROWS_AT_ONCE ? total - i : ROWS_AT_ONCE);
    return status;
}

static enum status department_rows(struct filler *filler)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < filler->plan->department_count && status == STATUS_OK; i++) {
        const struct department *department = &filler->plan->departments[i];
        struct db_params params = row_begin(filler);
        db_add_text(&params, department->code);
        db_add_int(&params, department->number);
        db_add_text(&params, department->name_zh);
        db_add_text(&params, department->name_en);
        status = db_exec(filler->db,
                         "insert into zhibao.department (code, number, name_zh, name_en)"
                         " values ($1, $2::smallint, $3, $4) on conflict (code) do update"
                         " set name_zh = excluded.name_zh, name_en = excluded.name_en",
                         &params);
    }
    return status;
}

static enum status units_store(struct filler *filler, size_t first, size_t count)
{
    enum { DEPARTMENT, ROLE, NAME_ZH, NAME_EN, TEXTS };
    const struct plan *plan = filler->plan;
    struct db_params params = row_begin(filler);
    const char **texts[TEXTS];
    int64_t *numbers = arena_array(filler->arena, 3 * count, sizeof *numbers);
    if (numbers == NULL || !texts_make(filler, texts, TEXTS, count))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct unit *unit = &plan->units[first + i];
        numbers[i] = (int64_t)unit->id;
        numbers[count + i] = (int64_t)unit->district;
        numbers[2 * count + i] = (int64_t)unit_place(unit->id);
        texts[DEPARTMENT][i] =
            unit->department == PLAN_NONE ? "" : plan->departments[unit->department].code;
        texts[ROLE][i] = role_text(unit->role);
        texts[NAME_ZH][i] = unit->name_zh;
        texts[NAME_EN][i] = unit->name_en;
    }
    db_add_text(&params, plan->code);
    for (size_t i = 0; i < 3; i++)
        db_add_ints(&params, numbers + i * count, count);
    for (size_t i = 0; i < TEXTS; i++)
        db_add_texts(&params, texts[i], count);
    /* the home district never changes once set; unchanged rows keep their change number */
    return db_exec(
        filler->db,
        "insert into zhibao.unit as u (unit, district, place, department, role, plan, name_zh,"
        " name_en) select n.unit, n.district, n.place, nullif(n.department, ''), n.role, $1,"
        "  n.name_zh, n.name_en"
        " from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],"
        "  $7::text[], $8::text[])"
        "  n (unit, district, place, department, role, name_zh, name_en)"
        /* an amendment of the former plan does not take units back from its successor */
        " on conflict (unit) do update set role = excluded.role, plan = case"
        "  when (select o.last_year from zhibao.plan o where o.plan = u.plan)"
        "   > (select n.last_year from zhibao.plan n where n.plan = excluded.plan)"
        "  then u.plan else excluded.plan end,"
        " department = excluded.department, name_zh = excluded.name_zh,"
        " name_en = excluded.name_en, changed = nextval('zhibao.registry_change')"
        " where (u.role, u.plan, u.name_zh, u.name_en) is distinct from"
        " (excluded.role, excluded.plan, excluded.name_zh, excluded.name_en)",
        &params);
}

static enum status unit_rows(struct filler *filler)
{
    size_t total = filler->plan->unit_count;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < total && status == STATUS_OK; i += ROWS_AT_ONCE)
        status = units_store(filler, i, total - i < ROWS_AT_ONCE ? total - i : ROWS_AT_ONCE);
    return status;
}

static const char *kind_text(enum indicator_kind kind)
{
    static const char *const names[] = {"ratio",          "count",     "mean",     "measure",
                                        "share_of_units", "each_unit", "existence"};
    return names[kind];
}

static const char *polarity_text(enum polarity polarity)
{
    static const char *const names[] = {"higher", "lower", "hold", "near"};
    return names[polarity];
}

/* "a+b{area=rural}-c", as in the file */
static const char *expression_text(const struct plan *plan, struct arena *arena,
                                   const struct expression *expression)
{
    const char *text = "";
    for (size_t i = 0; text != NULL && i < expression->count; i++) {
        const struct term *term = &expression->terms[i];
        bool tagged = term->stratum[0] != '\0';
        text = arena_printf(arena, "%s%s%s%s%s%s", text,
                            term->sign < 0 ? "-"
                            : i > 0        ? "+"
                                           : "",
                            plan->elements[term->element].code, tagged ? "{" : "", term->stratum,
                            tagged ? "}" : "");
    }
    return text;
}

static enum status plan_clear(struct filler *filler)
{
    static const char *const statements[] = {
        "delete from zhibao.duty where plan = $1",
        "delete from zhibao.target where plan = $1",
        "delete from zhibao.indicator where plan = $1",
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; i < 3 && status == STATUS_OK; i++) {
        struct db_params params = row_begin(filler);
        db_add_text(&params, filler->plan->code);
        status = db_exec(filler->db, statements[i], &params);
    }
    return status;
}

static enum status indicator_rows(struct filler *filler)
{
    const struct plan *plan = filler->plan;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->indicator_count && status == STATUS_OK; i++) {
        const struct indicator *indicator = &plan->indicators[i];
        struct db_params params = row_begin(filler);
        char factor[32];
        snprintf(factor, sizeof factor, "%.17g", indicator->factor);
        db_add_text(&params, plan->code);
        db_add_text(&params, indicator->code);
        db_add_text(&params, indicator->name_zh);
        db_add_text(&params, indicator->name_en);
        db_add_text(&params, indicator->domain);
        db_add_text(&params, kind_text(indicator->kind));
        db_add_text(&params, indicator->unit);
        db_add_text(&params, expression_text(plan, filler->arena, &indicator->numerator));
        db_add_text(&params, expression_text(plan, filler->arena, &indicator->denominator));
        db_add_text(&params, factor);
        db_add_text(&params, polarity_text(indicator->polarity));
        db_add_int(&params, indicator->decimals);
        db_add_text(&params, indicator->owner);
        status = db_exec(filler->db,
                         "insert into zhibao.indicator (plan, indicator, name_zh, name_en, domain,"
                         " kind, unit, numerator, denominator, factor, polarity, decimals, owner)"
                         " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::float8, $11,"
                         " $12::smallint, $13)",
                         &params);
    }
    return status;
}

static const char *scope_text(enum target_scope scope)
{
    static const char *const names[] = {"local",         "provincial",       "national",
                                        "each_township", "each_institution", "each_child",
                                        "each_site"};
    return names[scope];
}

static enum status target_rows(struct filler *filler)
{
    const struct plan *plan = filler->plan;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->target_count && status == STATUS_OK; i++) {
        const struct target *target = &plan->targets[i];
        struct db_params params = row_begin(filler);
        char base_year[16] = "";
        if (target->has_base_year)
            snprintf(base_year, sizeof base_year, "%d", target->base_year);
        db_add_text(&params, plan->code);
        db_add_text(&params, target->code);
        db_add_text(&params, target->indicator == PLAN_NONE
                                 ? NULL
                                 : plan->indicators[target->indicator].code);
        db_add_text(&params, target->stratum);
        db_add_text(&params, target->op_text);
        db_add_text(&params, target->value_text);
        db_add_text(&params, target->year_text);
        db_add_text(&params, scope_text(target->scope));
        db_add_text(&params, base_year);
        db_add_text(&params, target->base_value_text);
        db_add_text(&params, target->section);
        db_add_text(&params, target->quote);
        status = db_exec(filler->db,
                         "insert into zhibao.target (plan, target, indicator, stratum, operator,"
                         " value, year, scope, base_year, base_value, section, quote)"
                         " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                         &params);
    }
    return status;
}

static enum status duty_rows(struct filler *filler)
{
    const struct plan *plan = filler->plan;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->duty_count && status == STATUS_OK; i++) {
        const struct duty *duty = &plan->duties[i];
        const char *const texts[] = {plan->code,    duty->code, duty->reporter,  duty->receiver,
                                     duty->what,    duty->form, duty->frequency, duty->due,
                                     duty->section, duty->quote};
        struct db_params params = row_begin(filler);
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            db_add_text(&params, texts[k]);
        status = db_exec(filler->db,
                         "insert into zhibao.duty (plan, duty, reporter, receiver, what, form,"
                         " frequency, due, section, quote)"
                         " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                         &params);
    }
    return status;
}

static enum status cell_rows(struct filler *filler, const struct form *form, int64_t form_id)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < form->cell_count && status == STATUS_OK; i++) {
        const struct cell *cell = &form->cells[i];
        struct db_params params = row_begin(filler);
        db_add_int(&params, form_id);
        db_add_int(&params, cell->number);
        db_add_text(&params, filler->plan->elements[cell->element].code);
        db_add_text(&params, cell->stratum);
        status = db_exec(filler->db,
                         "insert into zhibao.form_cell (form_id, cell, element, stratum)"
                         " values ($1::int, $2::int, $3, $4)",
                         &params);
    }
    return status;
}

/* Whether the stored cells of this form are those of the file. */
static enum status cells_compare(struct filler *filler, const struct form *form, int64_t form_id)
{
    struct db_params params = row_begin(filler);
    PGresult *result = NULL;
    db_add_int(&params, form_id);
    enum status status = db_run(filler->db,
                                "select cell, element, stratum from zhibao.form_cell"
                                " where form_id = $1::int order by cell",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    if ((size_t)PQntuples(result) != form->cell_count)
        status = STATUS_E_FORM_VERSION;
    for (size_t i = 0; status == STATUS_OK && i < form->cell_count; i++) {
        const struct cell *cell = &form->cells[i];
        int row = (int)i;
        if (db_int(result, row, 0) != (int64_t)cell->number ||
            strcmp(db_text(result, row, 1), filler->plan->elements[cell->element].code) != 0 ||
            strcmp(db_text(result, row, 2), cell->stratum) != 0)
            status = STATUS_E_FORM_VERSION;
    }
    PQclear(result);
    return status;
}

static enum status form_row(struct filler *filler, const struct form *form)
{
    struct db_params params = row_begin(filler);
    PGresult *result = NULL;
    db_add_text(&params, filler->plan->code);
    db_add_text(&params, form->code);
    db_add_int(&params, form->version);
    db_add_text(&params, form->reporter);
    db_add_text(&params, form->title_zh);
    db_add_text(&params, form->title_en);
    enum status status =
        db_run(filler->db,
               /* numbered without gaps, so that the same imports make the same numbers again */
               "with added as (insert into zhibao.form (form_id, plan, form, version, reporter,"
               " title_zh, title_en) overriding system value values"
               " ((select coalesce(max(form_id), 0) + 1 from zhibao.form),"
               " $1, $2, $3::int, $4, $5, $6)"
               " on conflict (plan, form, version) do nothing returning form_id)"
               " select form_id, true from added union all"
               " select form_id, false from zhibao.form where plan = $1 and form = $2"
               " and version = $3::int order by 2 desc limit 1",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    int64_t form_id = db_int(result, 0, 0);
    bool added = db_bool(result, 0, 1);
    PQclear(result);
    return added ? cell_rows(filler, form, form_id) : cells_compare(filler, form, form_id);
}

enum status store_plan(struct db *db, const struct plan *plan, const struct task *task)
{
    struct filler filler = {.db = db, .plan = plan, .arena = arena_create(ROW_ARENA_BYTES)};
    if (filler.arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = plan_row(&filler, task);
    if (status == STATUS_OK)
        status = plan_clear(&filler);
    if (status == STATUS_OK)
        status = place_rows(&filler);
    if (status == STATUS_OK)
        status = department_rows(&filler);
    if (status == STATUS_OK)
        status = unit_rows(&filler);
    if (status == STATUS_OK)
        status = indicator_rows(&filler);
    if (status == STATUS_OK)
        status = target_rows(&filler);
    if (status == STATUS_OK)
        status = duty_rows(&filler);
    if (status == STATUS_OK)
        status = place_store_names(db);
    for (size_t i = 0; i < plan->form_count && status == STATUS_OK; i++)
        status = form_row(&filler, &plan->forms[i]);
    arena_destroy(&filler.arena);
    return status;
}
