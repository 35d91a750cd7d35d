#include "server/trust/registry_plans.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "record.pb-c.h"
#include "wire/codec.h"

enum { HISTORY_MAX = 200 };

enum status registry_import_load(const struct stored_import *import, const char *wanted,
                                 struct plan **out_plan)
{
    size_t ceiling = WIRE_ARENA_MINIMUM + WIRE_ARENA_FACTOR * import->payload_size;
    struct arena *arena = arena_create(ceiling);
    ProtobufCMessage *message = NULL;
    struct plan_file *files = NULL;
    struct problems problems;
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    problems_init(&problems);
    enum status status = message_read(&zhibao__plan_import__descriptor, arena, import->payload,
                                      import->payload_size, &message);
    const Zhibao__PlanImport *read = (const Zhibao__PlanImport *)message;
    if (status == STATUS_OK && strcmp(read->plan, wanted) != 0)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        files = arena_array(arena, read->n_files, sizeof *files);
        if (files == NULL)
            status = STATUS_NO_MEMORY;
    }
    for (size_t i = 0; status == STATUS_OK && i < read->n_files; i++)
        files[i] = (struct plan_file){.name = read->files[i]->name,
                                      .bytes = read->files[i]->content.data,
                                      .size = read->files[i]->content.len};
    if (status == STATUS_OK)
        status = plan_load(files, read->n_files, &problems, out_plan);
    if (status != STATUS_OK && status != STATUS_NO_MEMORY && status != STATUS_NOT_FOUND) {
        log_error("could not load a plan: %s plan=%s batch=%" PRId64 " field=%s",
                  problems.count > 0 ? problems.items[0].en : status_en(status), wanted,
                  import->batch, problems.count > 0 ? problems.items[0].field : "");
        status = STATUS_INVALID;
    }
    problems_clear(&problems);
    arena_destroy(&arena);
    return status;
}

/* Takes the plan over; it is freed with the registry. */
static enum status take_plan(struct registry *registry, struct plan *plan)
{
    if (registry->loaded_count == registry->loaded_room) {
        size_t room = registry->loaded_room == 0 ? 16 : 2 * registry->loaded_room;
        struct plan **loaded = realloc(registry->loaded, room * sizeof(struct plan *));
        if (loaded == NULL) {
            plan_destroy(&plan);
            return STATUS_NO_MEMORY;
        }
        registry->loaded = loaded;
        registry->loaded_room = room;
    }
    registry->loaded[registry->loaded_count++] = plan;
    return STATUS_OK;
}

/* Gives the forms' numbers to those of `plan` that have the same name and version; counts the
 * numbers that no plan loaded so far has. With `in_force`, also makes it the plan under its code.
 */
static enum status plan_apply(struct registry *registry, const struct plan *plan, bool in_force,
                              const PGresult *forms, int *out_unknown)
{
    size_t rows = (size_t)PQntuples(forms);
    int unknown = 0;
    enum status status = lookup_reserve(&registry->plans, 1);
    if (status == STATUS_OK)
        status = lookup_reserve(&registry->forms, rows);
    if (status == STATUS_OK)
        status = lookup_reserve(&registry->form_ids, rows);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < (int)rows; row++) {
        struct stored_form stored;
        struct form_key key;
        registry_store_form(forms, row, &stored);
        uint64_t id = (uint64_t)stored.id;
        const struct form *form = plan_form(plan, stored.form);
        struct registry_form result = {stored.id, plan, form};
        if (form == NULL || form->version != stored.version) {
            unknown += lookup_find(&registry->form_ids, &id) == NULL;
            continue;
        }
        if (in_force || lookup_find(&registry->form_ids, &id) == NULL)
            ((struct form_id_row *)lookup_put(&registry->form_ids, &id))->form = result;
        if (in_force && registry_form_key(&key, plan->code, stored.form))
            ((struct form_row *)lookup_put(&registry->forms, &key))->form = result;
    }
    *out_unknown = unknown;
    return STATUS_OK;
}

/* Before a plan comes into force: forms that it has dropped are not found by name any more. */
static void forms_forget(struct registry *registry, const char *code)
{
    for (size_t i = 0; i < registry->forms.count; i++) {
        struct form_row *row = lookup_row(&registry->forms, i);
        if (strcmp(row->key.plan, code) == 0)
            row->form.form = NULL;
    }
}

static enum status plan_in_force(struct registry *registry, const struct plan *plan,
                                 const PGresult *forms, int *out_unknown)
{
    char code[REGISTRY_WORD_BYTES] = {0};
    if (strlen(plan->code) >= sizeof code)
        return STATUS_LIMIT;
    memcpy(code, plan->code, strlen(plan->code));
    pthread_rwlock_wrlock(&registry->lock);
    forms_forget(registry, plan->code);
    enum status status = plan_apply(registry, plan, true, forms, out_unknown);
    if (status == STATUS_OK)
        ((struct plan_row *)lookup_put(&registry->plans, code))->plan = plan;
    pthread_rwlock_unlock(&registry->lock);
    return status;
}

/* One step back: the import before *from, whatever plan's, which *from becomes. STATUS_NOT_FOUND
 * when it is another plan's or does not load; *out_end: there is none. */
static enum status import_before(struct db *db, const char *code, struct stored_import *from,
                                 struct plan **out_plan, bool *out_end)
{
    PGresult *page = NULL;
    enum status status = registry_store_import_before(db, from->batch, from->leaf, &page);
    if (status != STATUS_OK)
        return status;
    *out_end = PQntuples(page) == 0;
    if (!*out_end) {
        (void)registry_store_plan(page, 0, from);
        status = registry_import_load(from, code, out_plan);
    }
    PQclear(page);
    return status == STATUS_INVALID ? STATUS_NOT_FOUND : status;
}

/* Looks through earlier imports for forms whose version the plan in force has no longer: reports
 * made on them are still read. Only after a restart; while running they are known already. */
static enum status history_load(struct registry *registry, struct db *db, const char *code,
                                struct stored_import from, const PGresult *forms, int unknown)
{
    for (int step = 0; step < HISTORY_MAX && unknown > 0; step++) {
        struct plan *plan = NULL;
        bool end = false;
        enum status status = import_before(db, code, &from, &plan, &end);
        if (end)
            break;
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status == STATUS_OK)
            status = take_plan(registry, plan);
        if (status != STATUS_OK)
            return status;
        pthread_rwlock_wrlock(&registry->lock);
        status = plan_apply(registry, plan, false, forms, &unknown);
        pthread_rwlock_unlock(&registry->lock);
        if (status != STATUS_OK)
            return status;
    }
    if (unknown > 0)
        log_warning("form versions without an import plan=%s count=%d", code, unknown);
    return STATUS_OK;
}

/* A plan amended at mid-term keeps the version that holds for the years before: the last import
 * that was not itself of that amendment. */
static enum status earlier_load(struct registry *registry, struct db *db, struct plan *plan,
                                struct stored_import from)
{
    for (int step = 0; step < HISTORY_MAX && plan->amended_from != 0 && plan->earlier == NULL;
         step++) {
        struct plan *before = NULL;
        bool end = false;
        enum status status = import_before(db, plan->code, &from, &before, &end);
        if (end)
            break;
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status != STATUS_OK)
            return status;
        if (before->amended_from >= plan->amended_from) {
            plan_destroy(&before);
            continue;
        }
        status = take_plan(registry, before);
        if (status != STATUS_OK)
            return status;
        plan->earlier = before;
        plan = before;
    }
    return STATUS_OK;
}

static enum status plan_load_row(struct registry *registry, struct db *db,
                                 const struct stored_import *import)
{
    struct plan *plan = NULL;
    PGresult *forms = NULL;
    int unknown = 0;
    enum status status = registry_import_load(import, import->plan, &plan);
    if (status == STATUS_INVALID || status == STATUS_NOT_FOUND)
        return STATUS_OK; /* logged; the former plan stays in force */
    if (status != STATUS_OK)
        return status;
    status = registry_store_forms(db, import->plan, &forms);
    if (status != STATUS_OK) {
        plan_destroy(&plan);
        return status;
    }
    status = take_plan(registry, plan);
    if (status == STATUS_OK)
        status = earlier_load(registry, db, plan, *import);
    if (status == STATUS_OK)
        status = plan_in_force(registry, plan, forms, &unknown);
    if (status == STATUS_OK)
        status = history_load(registry, db, import->plan, *import, forms, unknown);
    PQclear(forms);
    return status;
}

enum status registry_plans_load(struct registry *registry, struct db *db, int64_t until)
{
    while (registry->marks.plan < until) {
        struct stored_import import;
        PGresult *page = NULL;
        enum status status = registry_store_plans(db, registry->marks.plan, &page);
        if (status != STATUS_OK)
            return status;
        if (PQntuples(page) == 0) {
            log_error("could not find the import of a plan: registry_event has no such row");
            registry->marks.plan = until;
            PQclear(page);
            return STATUS_OK;
        }
        int64_t mark = registry_store_plan(page, 0, &import);
        status = plan_load_row(registry, db, &import);
        PQclear(page);
        if (status != STATUS_OK)
            return status;
        registry->marks.plan = mark;
    }
    return STATUS_OK;
}
