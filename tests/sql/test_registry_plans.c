/* Plans and forms in the registry: loaded from imports as they are stored, replaced by newer ones,
 * older form versions found again after a restart. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan_dir.h"
#include "record.pb-c.h"
#include "server/trust/registry.h"
#include "store_fixture.h"
#include "wire/codec.h"

static struct store_fixture fixture;

static void start(void)
{
    store_fixture_all(&fixture);
}

static void end(void)
{
    store_fixture_end(&fixture);
}

/* The import of a plan's folder, its village form given another version, serialised. */
static uint8_t *import_bytes(struct arena *arena, const char *code, char version, size_t *out_size)
{
    char path[512];
    struct problems problems;
    struct plan_files *read = NULL;
    problems_init(&problems);
    snprintf(path, sizeof path, "%s/deploy/plans/%s", ZHIBAO_SOURCE_DIR, code);
    cr_assert_eq(plan_dir_read(path, &problems, &read), STATUS_OK);
    problems_clear(&problems);
    Zhibao__PlanFile *files = arena_array(arena, read->count, sizeof *files);
    Zhibao__PlanFile **listed = arena_array(arena, read->count, sizeof(Zhibao__PlanFile *));
    cr_assert(files != NULL && listed != NULL);
    for (size_t i = 0; i < read->count; i++) {
        zhibao__plan_file__init(&files[i]);
        files[i].name = arena_string(arena, read->files[i].name);
        files[i].content.len = read->files[i].size;
        files[i].content.data = arena_alloc(arena, read->files[i].size + 1);
        cr_assert_not_null(files[i].content.data);
        memcpy(files[i].content.data, read->files[i].bytes, read->files[i].size);
        char *row = strstr((char *)files[i].content.data, "\nvillage,1,");
        if (row != NULL && strcmp(files[i].name, "forms.csv") == 0)
            row[sizeof "\nvillage," - 1] = version;
        listed[i] = &files[i];
    }
    plan_files_destroy(&read);
    Zhibao__PlanImport import = ZHIBAO__PLAN_IMPORT__INIT;
    import.plan = arena_string(arena, code);
    import.files = listed;
    import.n_files = 12;
    uint8_t *bytes = message_write(arena, &import.base, out_size);
    cr_assert_not_null(bytes);
    return bytes;
}

/* Stores an import as the writer does: the record, the plan in force, the forms' numbers. */
static void import_store(struct db *db, const char *code, int batch, const void *payload,
                         size_t size, const int *form_versions)
{
    static const char *const forms[] = {"village", "township"};
    struct db_params params;
    struct arena *arena = arena_create(16 << 20);
    char id[17];
    snprintf(id, sizeof id, "import%010d", batch);
    db_params_init(&params, arena);
    db_add_bytes(&params, id, 16);
    db_add_bytes(&params, payload, size);
    db_add_int(&params, batch);
    cr_assert_eq(db_exec(db,
                         "insert into zhibao.registry_event (district, unit, kind, id, received_us,"
                         " carrier, key_id, algorithm, payload_sha256, payload, signature, chain,"
                         " batch, leaf) values (450223000000, 450223000000003, 6, $1, 0, 0, '', 1,"
                         " '', $2, '', 1, $3::bigint, 0)",
                         &params),
                 STATUS_OK);
    db_params_init(&params, arena);
    db_add_text(&params, code);
    db_add_bytes(&params, id, 16);
    cr_assert_eq(db_exec(db,
                         "insert into zhibao.plan (plan, place, name_zh, name_en, first_year,"
                         " last_year, district, unit, id) values ($1, 450223000000, '', '', 2021,"
                         " 2030, 450223000000, 450223000000003, $2) on conflict (plan) do update"
                         " set id = excluded.id, changed = nextval('zhibao.registry_change')",
                         &params),
                 STATUS_OK);
    for (int i = 0; i < 2; i++) {
        db_params_init(&params, arena);
        db_add_text(&params, code);
        db_add_text(&params, forms[i]);
        db_add_int(&params, form_versions[i]);
        cr_assert_eq(db_exec(db,
                             "insert into zhibao.form (plan, form, version, reporter, title_zh,"
                             " title_en) values ($1, $2, $3::int, $2, '', '')"
                             " on conflict do nothing",
                             &params),
                     STATUS_OK);
    }
    arena_destroy(&arena);
}

static struct registry *loaded(struct db *db)
{
    struct registry *registry = NULL;
    cr_assert_eq(registry_create(&registry), STATUS_OK);
    cr_assert_eq(registry_refresh(registry, db, NULL), STATUS_OK);
    return registry;
}

Test(registry, plans_come_into_force_and_old_forms_stay_readable, .init = start, .fini = end)
{
    struct arena *arena = arena_create(64 << 20);
    struct db *owner = store_fixture_open(&fixture, DB_OWNER);
    struct db *db = store_fixture_open(&fixture, DB_QUERY);
    struct registry_form form;
    bool changed = false;
    size_t first_size = 0;
    size_t second_size = 0;
    uint8_t *first_bytes = import_bytes(arena, "luzhai", '1', &first_size);
    uint8_t *second_bytes = import_bytes(arena, "luzhai", '2', &second_size);

    struct registry *registry = loaded(db);
    cr_expect_null(registry_plan(registry, "luzhai"));
    cr_expect_not(registry_form(registry, "luzhai", "village", &form));
    import_store(owner, "luzhai", 10, first_bytes, first_size, (const int[]){1, 1});
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect(changed);
    const struct plan *first = registry_plan(registry, "luzhai");
    cr_assert_not_null(first);
    cr_assert(registry_form(registry, "luzhai", "village", &form));
    cr_expect_eq(form.plan, first);
    cr_expect_eq(form.form->version, 1);
    int32_t old_village = form.id;
    cr_assert(registry_form(registry, "luzhai", "township", &form));
    int32_t township = form.id;
    cr_expect_neq(old_village, township);

    /* a new import: the village form's second version; what was handed out stays valid */
    import_store(owner, "luzhai", 20, second_bytes, second_size, (const int[]){2, 1});
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    const struct plan *second = registry_plan(registry, "luzhai");
    cr_expect_neq(first, second);
    cr_expect_eq(first->place, second->place);
    cr_assert(registry_form(registry, "luzhai", "village", &form));
    cr_expect_eq(form.form->version, 2);
    cr_expect_eq(form.plan, second);
    cr_assert(registry_form_by_id(registry, old_village, &form));
    cr_expect_eq(form.form->version, 1);
    cr_expect_eq(form.plan, first);
    cr_assert(registry_form_by_id(registry, township, &form));
    cr_expect_eq(form.plan, second);
    registry_destroy(&registry);

    /* after a restart the old version is found in the history, past another plan's import */
    registry = loaded(db);
    cr_assert(registry_form_by_id(registry, old_village, &form));
    cr_expect_eq(form.form->version, 1);
    cr_assert(registry_form(registry, "luzhai", "village", &form));
    cr_expect_eq(form.form->version, 2);
    cr_expect_not(registry_form_by_id(registry, 12345, &form));

    /* an import that does not load leaves the former in force and is no failure */
    import_store(owner, "luzhai", 30, "\x0a\x02", 2, (const int[]){2, 1});
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect_not_null(registry_plan(registry, "luzhai"));
    cr_assert(registry_form(registry, "luzhai", "village", &form));
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect_not(changed);
    registry_destroy(&registry);
    db_close(&db);
    db_close(&owner);
    arena_destroy(&arena);
}
