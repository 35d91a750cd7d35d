#include "test_query_world.h"

#include <criterion/criterion.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "plan/plan_dir.h"
#include "scratch.h"
#include "server/ingest/batch.h"
#include "server/ingest/record_type.h"
#include "server/store/cluster.h"
#include "server/store/migrate.h"
#include "server/store/writer_lock.h"
#include "wire/codec.h"

enum { ARENA_BYTES = 256 * 1024 * 1024, LOCK_PATIENCE_MS = 200 * 1000 };

static struct world world;
static struct batch writer;
static struct cluster *cluster;
static struct options options;
static struct sign_secret secret; /* every unit's */
static struct key_id key;
static struct arena *answer_arena;
static struct problems problems;
static char directory[] = "/tmp/zhibao-query-XXXXXX";

static const char directory_variable[] = "ZHIBAO_TEST_QUERY_DIR";

static struct task *task_make(Zhibao__RecordKind kind, uint64_t unit, ProtobufCMessage *payload,
                              Zhibao__Head *head)
{
    struct task *task = task_create(TASK_RECORD, NULL, ARENA_BYTES);
    cr_assert_not_null(task);
    struct leaf *leaf = &task->leaf;
    random_bytes(leaf->id.bytes, sizeof leaf->id.bytes);
    head->id = (ProtobufCBinaryData){sizeof leaf->id.bytes, leaf->id.bytes};
    head->unit = unit;
    size_t size = 0;
    uint8_t *bytes = message_write(task->arena, payload, &size);
    struct signature signature = sign_bytes(&secret, record_domain((uint8_t)kind), bytes, size);
    leaf->kind = (uint8_t)kind;
    leaf->unit = unit;
    leaf->received_us = clock_now_us();
    leaf->algorithm = SIGN_ED25519;
    leaf->key = key;
    leaf->payload_sha256 = hash_bytes(bytes, size);
    leaf->signature_sha256 = hash_bytes(signature.bytes, sizeof signature.bytes);
    task->payload = bytes;
    task->payload_size = size;
    task->signature = arena_copy(task->arena, signature.bytes, sizeof signature.bytes);
    task->signature_size = sizeof signature.bytes;
    ProtobufCMessage *again =
        protobuf_c_message_unpack(payload->descriptor, arena_protobuf(task->arena), size, bytes);
    cr_assert_not_null(again);
    task->message = again;
    if (!registry_unit(world.registry, unit, &task->author)) {
        task->author.id = unit;
        task->author.role = ROLE_ADMIN;
        task->author.district = unit_place(unit);
    }
    task->district = task->author.district;
    task->carrier = unit;
    return task;
}

static size_t remember(const struct task *task)
{
    cr_assert_lt(world.record_count, (size_t)WORLD_RECORDS_MAX);
    struct world_record *record = &world.records[world.record_count];
    *record = (struct world_record){.unit = task->leaf.unit,
                                    .kind = task->leaf.kind,
                                    .id = task->leaf.id,
                                    .payload_sha256 = task->leaf.payload_sha256,
                                    .receipt_size = task->receipt_size};
    record->receipt = malloc(task->receipt_size);
    memcpy(record->receipt, task->receipt, task->receipt_size);
    return world.record_count++;
}

/* Stores and destroys the tasks. */
static void store_all(struct task **tasks, size_t count, size_t *out_records)
{
    enum status status = batch_store(&writer, tasks, count);
    cr_assert_eq(status, STATUS_OK, "batch_store: %s", status_name(status));
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(tasks[i]->outcome, TASK_STORED, "record %zu of unit %llu: outcome %d %s", i,
                     (unsigned long long)tasks[i]->leaf.unit, (int)tasks[i]->outcome,
                     status_name(tasks[i]->refusal));
        size_t record = remember(tasks[i]);
        if (out_records != NULL)
            out_records[i] = record;
        task_destroy(&tasks[i]);
    }
    if (writer.registry_changed)
        cr_assert_eq(registry_refresh(world.registry, world.db, NULL), STATUS_OK);
    writer.registry_changed = false;
}

static void file_edit(struct plan_files *files, const char *const edit[3])
{
    for (size_t i = 0; i < files->count; i++) {
        struct plan_file *file = &files->files[i];
        if (strcmp(file->name, edit[0]) != 0)
            continue;
        const char *at = memmem(file->bytes, file->size, edit[1], strlen(edit[1]));
        cr_assert_not_null(at, "\"%s\" is not in %s", edit[1], edit[0]);
        size_t before = (size_t)(at - (const char *)file->bytes);
        size_t behind = file->size - before - strlen(edit[1]);
        size_t size = before + strlen(edit[2]) + behind;
        char *edited = malloc(size + 1);
        memcpy(edited, file->bytes, before);
        memcpy(edited + before, edit[2], strlen(edit[2]));
        memcpy(edited + size - behind, at + strlen(edit[1]), behind);
        free((void *)(uintptr_t)file->bytes);
        file->bytes = (const uint8_t *)edited;
        file->size = size;
        return;
    }
    cr_assert_fail("no file %s", edit[0]);
}

void world_import(const char *name, uint64_t admin, const char *const (*edits)[3])
{
    world_import_as(name, name, admin, edits);
}

void world_import_as(const char *name, const char *code, uint64_t admin,
                     const char *const (*edits)[3])
{
    char path[512];
    struct plan_files *files = NULL;
    Zhibao__PlanImport import = ZHIBAO__PLAN_IMPORT__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    problems_clear(&problems);
    snprintf(path, sizeof path, "%s/deploy/plans/%s", ZHIBAO_SOURCE_DIR, name);
    cr_assert_eq(plan_dir_read(path, &problems, &files), STATUS_OK);
    for (; edits != NULL && (*edits)[0] != NULL; edits++)
        file_edit(files, *edits);
    Zhibao__PlanFile *items = calloc(files->count, sizeof *items);
    import.files = calloc(files->count, sizeof(Zhibao__PlanFile *));
    for (size_t i = 0; i < files->count; i++) {
        zhibao__plan_file__init(&items[i]);
        items[i].name = (char *)(uintptr_t)files->files[i].name;
        items[i].content.data = (uint8_t *)(uintptr_t)files->files[i].bytes;
        items[i].content.len = files->files[i].size;
        import.files[import.n_files++] = &items[i];
    }
    import.head = &head;
    import.plan = (char *)(uintptr_t)code;
    struct task *task = task_make(ZHIBAO__RECORD_KIND__RECORD_PLAN, admin, &import.base, &head);
    store_all(&task, 1, NULL);
    free(import.files);
    free(items);
    plan_files_destroy(&files);
}

/* PostgreSQL refuses root: the whole program becomes somebody else. */
static bool leave_root(void)
{
    if (geteuid() != 0)
        return true;
    struct passwd *user = getpwnam("postgres");
    if (user == NULL)
        user = getpwnam("nobody");
    return user != NULL && chown(directory, user->pw_uid, user->pw_gid) == 0 &&
           setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
}

static bool database_begin(void)
{
    return mkdtemp(directory) != NULL && leave_root() &&
           setenv(directory_variable, directory, 1) == 0 &&
           cluster_start(directory, "", NULL, &cluster) == STATUS_OK &&
           cluster_conninfo(directory, world.conninfo) == STATUS_OK &&
           migrate_run(world.conninfo) == STATUS_OK;
}

static void database_end(void)
{
    cluster_stop(&cluster);
    if (nftw(directory, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "could not remove %s\n", directory);
}

/* In each test's process, of which main knows nothing but the directory. */
static void connect_all(void)
{
    struct sign_public public;
    const char *data = getenv(directory_variable);
    cr_assert_not_null(data);
    cr_assert_eq(cluster_conninfo(data, world.conninfo), STATUS_OK);
    cr_assert_eq(sign_init(), STATUS_OK);
    sign_generate(&public, &secret);
    key = sign_key_id(&public);
    sign_generate(&world.keys.sign_public, &world.keys.sign_secret);
    world.keys.sign_id = sign_key_id(&world.keys.sign_public);
    problems_init(&problems);
    answer_arena = arena_create(ARENA_BYTES);
    cr_assert_eq(db_open(world.conninfo, DB_INGEST, &world.db), STATUS_OK);
    cr_assert_eq(db_open(world.conninfo, DB_QUERY, &world.reader), STATUS_OK);
    cr_assert_eq(registry_create(&world.registry), STATUS_OK);
    writer = (struct batch){.db = world.db,
                            .arena = arena_create(ARENA_BYTES),
                            .registry = world.registry,
                            .options = &options,
                            .keys = &world.keys};
    cr_assert_eq(period_memory_create(&writer.periods), STATUS_OK);
    cr_assert_eq(writer_lock(writer.db, LOCK_PATIENCE_MS, NULL, NULL), STATUS_OK);
    cr_assert_eq(store_chain_open(writer.db, writer.arena, &writer.head), STATUS_OK);
    /* only now: the chain's lock makes tests that run side by side take turns */
    cr_assert_eq(registry_refresh(world.registry, world.db, NULL), STATUS_OK);
    if (registry_plan(world.registry, "luzhai") == NULL) {
        world_import("luzhai", unit_make(UINT64_C(450223000000), UNIT_ADMIN), NULL);
        world_import("siping", unit_make(UINT64_C(220300000000), UNIT_ADMIN), NULL);
        world_import("national", unit_make(0, UNIT_ADMIN), NULL);
    }
}

struct world *world_get(void)
{
    static bool connected;
    if (!connected)
        connect_all();
    connected = true;
    return &world;
}

/* Explains every figure: what these tests report jumps from year to year, and is not about that. */
static void explain(struct task *task, const struct world_wanted *wanted)
{
    static uint32_t said;
    const Zhibao__Observations *observations = task->report->observations;
    size_t count = observations->n_cell;
    Zhibao__Report *report = (Zhibao__Report *)(uintptr_t)task->report;
    report->explanations = arena_array(task->arena, count, sizeof(Zhibao__Explanation *));
    report->n_explanations = count;
    task->explained = arena_array(task->arena, count, sizeof *task->explained);
    task->explanation_keys = arena_array(task->arena, count, sizeof *task->explanation_keys);
    for (size_t i = 0; i < count; i++) {
        Zhibao__Explanation *explanation = arena_alloc(task->arena, sizeof *explanation);
        zhibao__explanation__init(explanation);
        explanation->cell = observations->cell[i];
        explanation->text = arena_printf(task->arena, "%d: made up for a test", wanted->period);
        report->explanations[i] = explanation;
        task->explained[i] = observations->cell[i];
        said++;
        memcpy(task->explanation_keys[i].bytes, &said, sizeof said);
    }
}

static struct task *report_task(const struct world_wanted *wanted, uint64_t entered_by,
                                const char *explanation_text)
{
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Observations observations = ZHIBAO__OBSERVATIONS__INIT;
    struct registry_unit unit;
    struct registry_form form;
    uint32_t cells[FORM_CELLS_MAX], presences[FORM_CELLS_MAX];
    double values[FORM_CELLS_MAX];
    cr_assert(registry_unit(world.registry, wanted->unit, &unit));
    cr_assert(registry_form(world.registry, unit.plan, wanted->form, &form));
    report.head = &head;
    report.plan = unit.plan;
    report.form = (char *)(uintptr_t)wanted->form;
    report.form_version = form.form->version;
    report.period = (uint32_t)wanted->period;
    report.place = unit_place(wanted->unit);
    report.revision = (uint32_t)wanted->revision;
    report.provenance = wanted->real ? ZHIBAO__PROVENANCE__PROVENANCE_REAL
                                     : ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
    report.observations = &observations;
    Zhibao__Explanation explanation = ZHIBAO__EXPLANATION__INIT;
    Zhibao__Explanation *explanations[] = {&explanation};
    report.entered_by = entered_by;
    explanation.cell = form.form->cells[0].number;
    explanation.text = (char *)(uintptr_t)explanation_text;
    report.n_explanations = explanation_text != NULL;
    report.explanations = explanations;
    size_t count = 0;
    for (size_t i = 0; i < form.form->cell_count; i++) {
        presences[count] = PRESENCE_VALUE;
        values[count] = 0;
        wanted->fill(wanted->unit, wanted->period, form.plan, &form.form->cells[i],
                     &presences[count], &values[count]);
        cells[count] = form.form->cells[i].number;
        count += presences[count] != 0;
    }
    observations.cell = cells;
    observations.presence = presences;
    observations.value = values;
    observations.n_cell = observations.n_presence = observations.n_value = count;
    struct task *task =
        task_make(ZHIBAO__RECORD_KIND__RECORD_REPORT, wanted->unit, &report.base, &head);
    task->form = form;
    task->report = (const Zhibao__Report *)task->message;
    explain(task, wanted);
    return task;
}

void world_reports(const struct world_wanted *wanted, size_t count, size_t *out_records)
{
    struct task **tasks = calloc(count, sizeof(struct task *));
    for (size_t i = 0; i < count; i++)
        tasks[i] = report_task(&wanted[i], 0, NULL);
    store_all(tasks, count, out_records);
    free(tasks);
}

size_t world_report(uint64_t unit, const char *form, int period, int revision, world_fill fill)
{
    struct world_wanted wanted = {
        .unit = unit, .form = form, .period = period, .revision = revision, .fill = fill};
    size_t record = 0;
    world_reports(&wanted, 1, &record);
    return record;
}

static struct task *review_task(uint64_t reviewer, size_t subject_record, Zhibao__Verdict verdict,
                                const char *reason)
{
    struct world_record *of = &world.records[subject_record];
    Zhibao__Review review = ZHIBAO__REVIEW__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__RecordRef subject = ZHIBAO__RECORD_REF__INIT;
    subject.unit = of->unit;
    subject.id = (ProtobufCBinaryData){sizeof of->id.bytes, of->id.bytes};
    subject.payload_sha256 = (ProtobufCBinaryData){HASH_BYTES, of->payload_sha256.bytes};
    review.head = &head;
    review.subject_kind = (Zhibao__RecordKind)of->kind;
    review.subject = &subject;
    review.verdict = verdict;
    review.reason = (char *)(uintptr_t)reason;
    return task_make(ZHIBAO__RECORD_KIND__RECORD_REVIEW, reviewer, &review.base, &head);
}

void world_reviews(uint64_t reviewer, const size_t *subjects, size_t count, bool accept,
                   const char *reason, size_t *out_records)
{
    struct task **tasks = calloc(count, sizeof(struct task *));
    for (size_t i = 0; i < count; i++)
        tasks[i] = review_task(
            reviewer, subjects[i],
            accept ? ZHIBAO__VERDICT__VERDICT_ACCEPT : ZHIBAO__VERDICT__VERDICT_RETURN, reason);
    store_all(tasks, count, out_records);
    free(tasks);
}

/* Judged as by a worker, then stored or not, and destroyed. */
static enum status try_store(struct task *task, bool judge, size_t *out_record)
{
    if (judge)
        record_type_of(task->leaf.kind)->validate(task, world.registry);
    task->judged = task->refusal;
    task->judged_problems = task->problems.count;
    cr_assert_eq(batch_store(&writer, &task, 1), STATUS_OK);
    enum status status = task->outcome == TASK_STORED ? STATUS_OK : task->refusal;
    if (task->outcome == TASK_STORED) {
        size_t record = remember(task);
        if (out_record != NULL)
            *out_record = record;
    } else {
        cr_assert_neq(status, STATUS_OK);
        problems_clear(&problems);
        for (size_t i = 0; i < task->problems.count; i++)
            problems_add(&problems, task->problems.items[i].code, task->problems.items[i].cell,
                         task->problems.items[i].field, task->problems.items[i].zh,
                         task->problems.items[i].en);
    }
    task_destroy(&task);
    if (writer.registry_changed)
        cr_assert_eq(registry_refresh(world.registry, world.db, NULL), STATUS_OK);
    writer.registry_changed = false;
    return status;
}

enum status world_try_review(uint64_t reviewer, size_t subject, Zhibao__Verdict verdict,
                             const char *reason, size_t *out_record)
{
    return try_store(review_task(reviewer, subject, verdict, reason), true, out_record);
}

size_t world_review(uint64_t reviewer, size_t subject, bool accept, const char *reason)
{
    size_t record = 0;
    world_reviews(reviewer, &subject, 1, accept, reason, &record);
    return record;
}

static struct task *confirm_task(uint64_t township, const char *form, int period, bool stale)
{
    Zhibao__GetTotal asked = ZHIBAO__GET_TOTAL__INIT;
    Zhibao__Confirmation confirmation = ZHIBAO__CONFIRMATION__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    enum status status = STATUS_OK;
    asked.form = (char *)(uintptr_t)form;
    asked.period = (uint32_t)period;
    const Zhibao__Total *total =
        (const Zhibao__Total *)world_ask(township, ZHIBAO__KIND__KIND_TOTAL, &asked.base, &status);
    cr_assert_not_null(total, "total: %s", status_name(status));
    confirmation.head = &head;
    confirmation.plan = total->plan;
    confirmation.form = total->form;
    confirmation.form_version = total->form_version;
    confirmation.period = total->period;
    confirmation.revision = total->next_revision;
    confirmation.reports = total->reports;
    confirmation.n_reports = total->n_reports - (stale && total->n_reports > 0);
    confirmation.totals = total->totals;
    confirmation.reporters = total->reporters;
    confirmation.n_reporters = total->n_reporters;
    confirmation.missing = total->missing;
    confirmation.n_missing = total->n_missing;
    confirmation.demonstration = total->demonstration;
    struct task *task =
        task_make(ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION, township, &confirmation.base, &head);
    cr_assert(registry_form(world.registry, total->plan, total->form, &task->form));
    return task;
}

size_t world_confirm(uint64_t township, const char *form, int period)
{
    struct task *task = confirm_task(township, form, period, false);
    size_t record = 0;
    store_all(&task, 1, &record);
    return record;
}

enum status world_try_confirm(uint64_t township, const char *form, int period, bool stale,
                              size_t *out_record)
{
    return try_store(confirm_task(township, form, period, stale), true, out_record);
}

enum status world_try_report(const struct world_wanted *wanted, uint64_t entered_by,
                             const char *explanation, size_t *out_record)
{
    return try_store(report_task(wanted, entered_by, explanation), false, out_record);
}

static struct task *lock_task(uint64_t statistics, const char *plan, uint64_t place, int period,
                              bool unlock)
{
    Zhibao__Lock lock = ZHIBAO__LOCK__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    lock.head = &head;
    lock.plan = (char *)(uintptr_t)plan;
    lock.place = place;
    lock.period = (uint32_t)period;
    lock.unlock = unlock;
    lock.reason = (char *)(uintptr_t)(unlock ? "为更正数据重新开放" : "");
    return task_make(ZHIBAO__RECORD_KIND__RECORD_LOCK, statistics, &lock.base, &head);
}

size_t world_lock(uint64_t statistics, const char *plan, uint64_t place, int period, bool unlock)
{
    struct task *task = lock_task(statistics, plan, place, period, unlock);
    size_t record = 0;
    store_all(&task, 1, &record);
    return record;
}

enum status world_try_lock(uint64_t statistics, const char *plan, uint64_t place, int period,
                           bool unlock, size_t *out_record)
{
    return try_store(lock_task(statistics, plan, place, period, unlock), true, out_record);
}

void world_check(size_t bad)
{
    struct task *task = task_create(TASK_CHECKED, NULL, ARENA_BYTES);
    struct bad_signature invalid;
    struct registry_unit unit;
    task->checked_batch = writer.head.number;
    if (bad != SIZE_MAX) {
        cr_assert(registry_unit(world.registry, world.records[bad].unit, &unit));
        invalid = (struct bad_signature){
            .district = unit.district, .unit = unit.id, .id = world.records[bad].id};
        task->bad = &invalid;
        task->bad_count = 1;
    }
    cr_assert_eq(batch_store(&writer, &task, 1), STATUS_OK);
    task->bad = NULL;
    task_destroy(&task);
}

static enum status run(const struct query_entry *entry, struct query *query,
                       const ProtobufCMessage *request, ProtobufCMessage **out_answer)
{
    size_t size = 0;
    ProtobufCMessage *decoded = NULL;
    ProtobufCMessage *reply = NULL;
    uint8_t *bytes = message_write(answer_arena, request, &size);
    cr_assert_eq(message_read(entry->request, answer_arena, bytes, size, &decoded), STATUS_OK);
    enum status status = entry->run(query, decoded, &reply);
    if (status != STATUS_OK)
        return status;
    bytes = message_write(answer_arena, reply, &size);
    cr_assert_lt(size, (size_t)WIRE_MESSAGE_MAX - 1024, "an answer of %zu bytes", size);
    /* what a client does with it, within the limits of the wire */
    struct arena *client = arena_create(WIRE_ARENA_MINIMUM + size * WIRE_ARENA_FACTOR);
    ProtobufCMessage *read = NULL;
    cr_assert_eq(message_read(reply->descriptor, client, bytes, size, &read), STATUS_OK,
                 "the answer does not decode: %zu bytes", size);
    arena_destroy(&client);
    return message_read(reply->descriptor, answer_arena, bytes, size, out_answer);
}

const ProtobufCMessage *world_ask(uint64_t asker, Zhibao__Kind kind,
                                  const ProtobufCMessage *request, enum status *out_status)
{
    ProtobufCMessage *answer = NULL;
    struct query query = {.db = world.reader,
                          .registry = world.registry,
                          .keys = &world.keys,
                          .arena = answer_arena,
                          .problems = &problems};
    const struct query_entry *entry = query_table;
    problems_clear(&problems);
    arena_reset(answer_arena);
    while (entry->kind != 0 && entry->kind != kind)
        entry++;
    cr_assert_neq(entry->kind, 0);
    cr_assert(registry_unit(world.registry, asker, &query.asker), "no unit %llu",
              (unsigned long long)asker);
    *out_status = run(entry, &query, request, &answer);
    return *out_status == STATUS_OK ? answer : NULL;
}

const struct problem *world_problem(void)
{
    cr_assert_gt(problems.count, 0U, "a refusal without a problem");
    return &problems.items[0];
}

void world_numbers(const char *sql, int64_t *out_numbers, size_t count)
{
    PGresult *result = NULL;
    cr_assert_eq(db_run(world.reader, sql, NULL, &result), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        out_numbers[i] = db_int(result, 0, (int)i);
    PQclear(result);
}

int64_t world_number(const char *sql)
{
    int64_t number = 0;
    world_numbers(sql, &number, 1);
    return number;
}

/* Criterion's own, but PostgreSQL runs meanwhile; root is left before Criterion makes anything that
 * the tests' processes have to open. */
int main(int argc, char *argv[])
{
    int result = 1;
    bool begun = database_begin();
    struct criterion_test_set *tests = criterion_initialize();
    if (begun && criterion_handle_args(argc, argv, true))
        result = !criterion_run_all_tests(tests);
    criterion_finalize(tests);
    database_end();
    return result;
}
