/* No sequence of events, legal or not, leaves a record in a state that the rules do not allow,
 * loses a word that was said with it, or acknowledges what is not stored: random events against the
 * real writer, PostgreSQL and its views, and against the model of chain_model.h.
 *
 * Each sequence prints its seed; ZHIBAO_PROPERTY_SEED=N repeats exactly that one. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "chain_model.h"
#include "plan/form_check.h"
#include "test_query_world.h"

#define DISTRICT   UINT64_C(450223000000)
#define STATISTICS (DISTRICT * 1000 + UNIT_STATISTICS)

enum { SEQUENCES = 12, EVENTS = 60, FIRST_YEAR = 2021, YEARS = 5, TEXT_BYTES = 120, KEPT = 400 };

/* A record that was acknowledged, and the words that have to be found with it for ever. */
struct kept {
    size_t record;
    char text[TEXT_BYTES];
};

struct run {
    uint64_t random;
    int year;
    uint64_t township, neighbour, villages[MODEL_VILLAGES];
    struct model model;
    struct kept kept[KEPT];
    size_t kept_count, refused;
    size_t step;
};

/* SplitMix64 (Steele, Lea, Flood 2014): the same on every machine. */
static uint64_t draw(struct run *run, uint64_t below)
{
    uint64_t mixed = run->random += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (mixed ^ (mixed >> 31)) % below;
}

static void fill(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                 uint32_t *out_presence, double *out_value)
{
    (void)plan;
    *out_presence = PRESENCE_VALUE;
    *out_value = (double)((unit / 1000 + cell->number + (uint64_t)period) % 2);
}

static void keep(struct run *run, size_t record, const char *text)
{
    cr_assert_lt(run->kept_count, (size_t)KEPT);
    struct kept *kept = &run->kept[run->kept_count++];
    kept->record = record;
    snprintf(kept->text, sizeof kept->text, "%s", text);
}

/* The model and the chain agree on what became of an event. */
static bool agreed(struct run *run, const char *event, enum status got, enum status wanted)
{
    cr_assert_eq(got, wanted, "step %zu: %s: the chain says %s, the model %s", run->step, event,
                 status_name(got), status_name(wanted));
    run->refused += got != STATUS_OK;
    return got == STATUS_OK;
}

static void event_report(struct run *run)
{
    size_t village = (size_t)draw(run, MODEL_VILLAGES), record = 0;
    size_t revision = run->model.revisions[village] + 1;
    char text[TEXT_BYTES];
    if (revision >= MODEL_REVISIONS)
        return;
    if (draw(run, 8) == 0)
        revision += draw(run, 3) == 0 ? 1 : (size_t)-1;
    snprintf(text, sizeof text, "第%zu步的说明：常住儿童随父母外出，%" PRIu64, run->step,
             draw(run, 1000000));
    bool entered = draw(run, 4) == 0;
    struct world_wanted wanted = {.unit = run->villages[village],
                                  .form = "village",
                                  .period = run->year,
                                  .revision = (int)revision,
                                  .fill = fill};
    enum status got = world_try_report(&wanted, entered ? run->township : 0, text, &record);
    if (agreed(run, "report", got, model_report(&run->model, village, revision, entered, record)))
        keep(run, record, text);
}

static void event_review(struct run *run)
{
    static const Zhibao__Verdict verdicts[] = {
        [SAID_ACCEPTED] = ZHIBAO__VERDICT__VERDICT_ACCEPT,
        [SAID_RETURNED] = ZHIBAO__VERDICT__VERDICT_RETURN,
        [SAID_WITHDRAWN] = ZHIBAO__VERDICT__VERDICT_WITHDRAW,
        [SAID_OBJECTED] = ZHIBAO__VERDICT__VERDICT_OBJECT,
    };
    int village = (int)draw(run, MODEL_VILLAGES + 1) - 1;
    size_t count = village < 0 ? run->model.totals : run->model.revisions[village];
    size_t record = 0;
    char reason[TEXT_BYTES] = "";
    if (count == 0)
        return;
    size_t index = draw(run, 3) == 0 ? (size_t)draw(run, count) : count - 1;
    enum who who = (enum who)draw(run, WHO_COUNT);
    enum said verdict = draw(run, 3) == 0 ? (enum said)(1 + draw(run, 4)) : SAID_ACCEPTED;
    if (verdict == SAID_ACCEPTED && draw(run, 2) == 0) /* what moves things on */
        who = village < 0 ? WHO_STATISTICS : WHO_TOWNSHIP;
    else if (verdict >= SAID_WITHDRAWN && draw(run, 2) == 0)
        who = village < 0 ? WHO_TOWNSHIP : WHO_VILLAGE;
    if (draw(run, 6) != 0)
        snprintf(reason, sizeof reason, "第%zu步的理由 %" PRIu64, run->step, draw(run, 1000000));
    uint64_t actors[WHO_COUNT] = {
        [WHO_VILLAGE] = run->villages[village < 0 ? 0 : village],
        [WHO_TOWNSHIP] = run->township,
        [WHO_STATISTICS] = STATISTICS,
        [WHO_NEIGHBOUR] = run->neighbour,
        [WHO_DEPARTMENT] = DISTRICT * 1000 + 10,
    };
    size_t subject = village < 0 ? run->model.confirmations[index].record
                                 : run->model.reports[village][index].record;
    enum status got = world_try_review(actors[who], subject, verdicts[verdict], reason, &record);
    char event[TEXT_BYTES];
    snprintf(event, sizeof event, "verdict %d by %d on %s %zu", (int)verdict, (int)who,
             village < 0 ? "total" : "report", index + 1);
    if (agreed(run, event, got,
               model_review(&run->model, village, index, who, verdict, reason[0] != '\0')))
        keep(run, record, reason);
}

static void event_confirm(struct run *run)
{
    bool stale = draw(run, 5) == 0;
    size_t record = 0;
    if (run->model.totals + 1 >= MODEL_TOTALS)
        return;
    enum status got = world_try_confirm(run->township, "village", run->year, stale, &record);
    if (agreed(run, "confirm", got, model_confirm(&run->model, stale, record)))
        keep(run, record, "");
}

static void event_lock(struct run *run, bool unlock)
{
    size_t record = 0;
    enum status got = world_try_lock(STATISTICS, "luzhai", DISTRICT, run->year, unlock, &record);
    if (agreed(run, unlock ? "unlock" : "lock", got, model_lock(&run->model, unlock)))
        keep(run, record, unlock ? "为更正数据重新开放" : "");
}

static void event_check(struct run *run)
{
    int village = -1;
    size_t index = 0, bad = SIZE_MAX;
    size_t chosen = (size_t)draw(run, MODEL_VILLAGES * 3);
    if (chosen < MODEL_VILLAGES && run->model.revisions[chosen] > 0) {
        index = run->model.revisions[chosen] - 1;
        if (!run->model.reports[chosen][index].checked) {
            village = (int)chosen;
            bad = run->model.reports[chosen][index].record;
        }
    }
    world_check(bad);
    model_check(&run->model, village, index);
}

static void event_random(struct run *run)
{
    switch (draw(run, 16)) {
    case 0:
    case 1:
    case 2:
    case 3: event_report(run); break;
    case 4:
    case 5:
    case 6: event_check(run); break;
    case 7:
    case 8: event_confirm(run); break;
    case 9:
        if (run->model.locked || draw(run, 3) == 0)
            event_lock(run, draw(run, 4) != 0);
        break;
    default: event_review(run); break;
    }
}

/* The state and whether it counts of one stored record, by the views. */
static void state_is(struct run *run, size_t record, bool total, const char *wanted, bool counts)
{
    struct world *world = world_get();
    const struct world_record *of = &world->records[record];
    struct arena *arena = arena_create(1024 * 1024);
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)DISTRICT);
    db_add_int(&params, (int64_t)of->unit);
    db_add_bytes(&params, of->id.bytes, RECORD_ID_BYTES);
    cr_assert_eq(db_run(world->reader,
                        total ? "select s.state, false from zhibao.confirmation_state s where"
                                " s.district = $1::bigint and s.unit = $2::bigint and s.id = $3"
                              : "select s.state, s.counts from zhibao.report_state s where"
                                " s.district = $1::bigint and s.unit = $2::bigint and s.id = $3",
                        &params, &result),
                 STATUS_OK);
    cr_assert_eq(PQntuples(result), 1);
    cr_assert_str_eq(db_text(result, 0, 0), wanted, "step %zu: %s is %s, not %s", run->step,
                     total ? "a total" : "a report", db_text(result, 0, 0), wanted);
    cr_assert(total || db_bool(result, 0, 1) == counts, "step %zu: counts", run->step);
    PQclear(result);
    arena_destroy(&arena);
}

static void states_check(struct run *run)
{
    for (size_t village = 0; village < MODEL_VILLAGES; village++)
        for (size_t i = 0; i < run->model.revisions[village]; i++)
            state_is(run, run->model.reports[village][i].record, false,
                     model_state(&run->model, village, i), model_counts(&run->model, village, i));
    for (size_t i = 0; i < run->model.totals; i++)
        state_is(run, run->model.confirmations[i].record, true, model_total_state(&run->model, i),
                 false);
}

static bool contains(const ProtobufCBinaryData *data, const char *text)
{
    return text[0] == '\0' || memmem(data->data, data->len, text, strlen(text)) != NULL;
}

/* Everything acknowledged is there, byte for byte, with its words and the receipt it was given. */
static void acknowledged_check(struct run *run)
{
    struct world *world = world_get();
    for (size_t i = 0; i < run->kept_count; i++) {
        const struct kept *kept = &run->kept[i];
        struct world_record *record = &world->records[kept->record];
        Zhibao__GetRecord asked = ZHIBAO__GET_RECORD__INIT;
        struct receipt receipt;
        enum status status = STATUS_OK;
        asked.kind = (Zhibao__RecordKind)record->kind;
        asked.unit = record->unit;
        asked.id = (ProtobufCBinaryData){RECORD_ID_BYTES, record->id.bytes};
        const Zhibao__RecordReply *answer = (const Zhibao__RecordReply *)world_ask(
            STATISTICS, ZHIBAO__KIND__KIND_GET_RECORD, &asked.base, &status);
        cr_assert_not_null(answer, "acknowledged, but not stored: %s", status_name(status));
        struct hash hash = hash_bytes(answer->record->payload.data, answer->record->payload.len);
        cr_assert_arr_eq(hash.bytes, record->payload_sha256.bytes, HASH_BYTES);
        cr_assert(contains(&answer->record->payload, kept->text), "lost: %s", kept->text);
        cr_assert_eq(answer->receipt.len, record->receipt_size);
        cr_assert_arr_eq(answer->receipt.data, record->receipt, record->receipt_size);
        cr_assert_eq(receipt_decode(record->receipt, record->receipt_size, &receipt), STATUS_OK);
        cr_assert_eq(receipt_verify(&receipt, &world->keys.sign_public), STATUS_OK);
    }
}

/* Nothing else is stored: what was refused left no row. */
static void rows_check(const struct run *run, int64_t before)
{
    int64_t after = world_number("select (select count(*) from zhibao.report)"
                                 " + (select count(*) from zhibao.report_event where kind <> 8)");
    cr_assert_eq(after - before, (int64_t)run->kept_count, "%" PRId64 " rows for %zu records",
                 after - before, run->kept_count);
}

static void sequence(uint64_t seed)
{
    static struct run run;
    static const uint64_t townships[] = {UINT64_C(450223100000), UINT64_C(450223102000),
                                         UINT64_C(450223104000)};
    const struct plan *plan = registry_plan(world_get()->registry, "luzhai");
    int64_t before = world_number("select (select count(*) from zhibao.report) + (select count(*)"
                                  " from zhibao.report_event where kind <> 8)");
    size_t found = 0;
    memset(&run, 0, sizeof run);
    model_init(&run.model);
    run.random = seed;
    run.year = FIRST_YEAR + (int)(seed % YEARS);
    run.township = unit_make(townships[seed / YEARS % 3], UNIT_OWN);
    run.neighbour = unit_make(townships[(seed / YEARS + 1) % 3], UNIT_OWN);
    for (size_t i = 0; i < plan->unit_count && found < MODEL_VILLAGES; i++)
        if (plan->units[i].role == ROLE_VILLAGE &&
            place_contains(unit_place(run.township), unit_place(plan->units[i].id)))
            run.villages[found++] = plan->units[i].id;
    cr_assert_eq(found, (size_t)MODEL_VILLAGES);
    for (run.step = 0; run.step < EVENTS; run.step++) {
        event_random(&run);
        states_check(&run);
    }
    if (run.model.locked)
        event_lock(&run, true);
    acknowledged_check(&run);
    rows_check(&run, before);
    fprintf(stderr, "chain property: seed %" PRIu64 ": %zu stored, %zu refused, as the model\n",
            seed, run.kept_count, run.refused);
}

Test(chain_property, random_events_do_what_the_model_says)
{
    const char *one = getenv("ZHIBAO_PROPERTY_SEED");
    if (one != NULL) {
        fprintf(stderr, "chain property: seed %s\n", one);
        sequence(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = 0; seed < SEQUENCES; seed++) {
        fprintf(stderr, "chain property: seed %" PRIu64 "\n", seed);
        sequence(seed);
    }
}
