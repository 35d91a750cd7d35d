/* The outbox's transitions, and that it forgets nothing. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/outbox.h"
#include "lib/outbox_schema.h"
#include "scratch.h"

static char directory[] = "/tmp/zhibao-outbox-XXXXXX";
static char path[64];

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/outbox.db", directory);
    cr_assert_eq(sign_init(), STATUS_OK);
}

static void tear_down(void)
{
    scratch_remove(directory);
}

TestSuite(outbox, .init = set_up, .fini = tear_down);

static struct outbox *open_outbox(void)
{
    struct outbox *outbox = NULL;
    cr_assert_eq(outbox_open(path, &outbox), STATUS_OK);
    return outbox;
}

static enum status put(struct outbox *outbox, uint8_t salt, const char *stream, uint32_t revision)
{
    uint8_t bytes[100];
    memset(bytes, salt, sizeof bytes);
    struct zhibao_item item = {.kind = 1,
                               .unit = UINT64_C(450223101201000),
                               .payload_sha256 = hash_bytes(bytes, sizeof bytes),
                               .form = "village",
                               .period = 2025,
                               .revision = revision,
                               .created_us = 1,
                               .record = bytes,
                               .record_size = sizeof bytes};
    memset(item.id.bytes, salt, sizeof item.id.bytes);
    return outbox_put(outbox, &item, stream);
}

static size_t count(struct outbox *outbox, enum zhibao_state state)
{
    size_t result = 0;
    cr_assert_eq(outbox_count(outbox, state, &result), STATUS_OK);
    return result;
}

static enum status keep(const struct zhibao_item *item, void *context)
{
    *(struct zhibao_item *)context = *item;
    return STATUS_OK;
}

static int64_t next(struct outbox *outbox, int64_t after, int64_t now_ms)
{
    struct zhibao_item item = {0};
    enum status status = outbox_next(outbox, after, now_ms, keep, &item);
    return status == STATUS_OK ? item.sequence : status == STATUS_NOT_FOUND ? 0 : -1;
}

Test(outbox, put_is_idempotent_and_a_conflict_is_refused)
{
    struct outbox *outbox = open_outbox();
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    uint8_t other[3] = {1, 2, 3};
    struct zhibao_item item = {.kind = 1,
                               .unit = UINT64_C(450223101201000),
                               .form = "village",
                               .record = other,
                               .record_size = sizeof other};
    memset(item.id.bytes, 1, sizeof item.id.bytes);
    cr_assert_eq(outbox_put(outbox, &item, ""), STATUS_CONFLICT);
    outbox_close(&outbox);
}

Test(outbox, everything_survives_reopening)
{
    struct outbox *outbox = open_outbox();
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 2, "", 2), STATUS_OK);
    cr_assert_eq(put(outbox, 3, "", 3), STATUS_OK);
    cr_assert_eq(outbox_receipted(outbox, 1, (const uint8_t *)"receipt", 7), STATUS_OK);
    cr_assert_eq(outbox_refused(outbox, 2, (const uint8_t *)"no", 2, (const uint8_t *)"why", 3),
                 STATUS_OK);
    outbox_close(&outbox);
    outbox = open_outbox();
    cr_assert_eq(count(outbox, ZHIBAO_RECEIPTED), 1);
    cr_assert_eq(count(outbox, ZHIBAO_REFUSED), 1);
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    cr_assert_eq(next(outbox, 0, 0), 3);
    outbox_close(&outbox);
}

/* Killed between put and close: no rollback, no checkpoint. */
Test(outbox, a_put_survives_a_killed_process)
{
    pid_t child = fork();
    if (child == 0) {
        struct outbox *outbox = NULL;
        if (outbox_open(path, &outbox) != STATUS_OK || put(outbox, 7, "", 1) != STATUS_OK)
            _exit(1);
        _exit(0);
    }
    int result = 1;
    cr_assert_eq(waitpid(child, &result, 0), child);
    cr_assert_eq(result, 0);
    struct outbox *outbox = open_outbox();
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    outbox_close(&outbox);
}

Test(outbox, a_receipt_outranks_a_refusal_in_either_order)
{
    struct outbox *outbox = open_outbox();
    struct zhibao_item item = {0};
    const uint8_t *text = (const uint8_t *)"text";
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 2, "", 2), STATUS_OK);
    cr_assert_eq(outbox_refused(outbox, 1, text, 4, text, 4), STATUS_OK);
    cr_assert_eq(outbox_receipted(outbox, 1, text, 4), STATUS_OK);
    cr_assert_eq(outbox_receipted(outbox, 2, text, 4), STATUS_OK);
    cr_assert_eq(outbox_refused(outbox, 2, text, 4, text, 4), STATUS_OK);
    cr_assert_eq(count(outbox, ZHIBAO_RECEIPTED), 2);
    cr_assert_eq(count(outbox, ZHIBAO_REFUSED), 0);
    cr_assert_eq(outbox_item(outbox, 1, keep, &item), STATUS_OK);
    cr_assert_eq(item.refusal_size, 4, "the refusal is kept");
    outbox_close(&outbox);
}

Test(outbox, the_first_receipt_stays)
{
    struct outbox *outbox = open_outbox();
    struct zhibao_item item = {0};
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(outbox_receipted(outbox, 1, (const uint8_t *)"first", 5), STATUS_OK);
    cr_assert_eq(outbox_receipted(outbox, 1, (const uint8_t *)"another", 7), STATUS_OK);
    cr_assert_eq(outbox_item(outbox, 1, keep, &item), STATUS_OK);
    cr_assert_eq(item.receipt_size, 5);
    outbox_close(&outbox);
}

Test(outbox, settling_what_is_not_there_is_an_error)
{
    struct outbox *outbox = open_outbox();
    const uint8_t *text = (const uint8_t *)"text";
    cr_assert_eq(outbox_receipted(outbox, 99, text, 4), STATUS_NOT_FOUND);
    cr_assert_eq(outbox_refused(outbox, 99, text, 4, text, 4), STATUS_NOT_FOUND);
    outbox_close(&outbox);
}

Test(outbox, a_stream_goes_one_after_the_other)
{
    struct outbox *outbox = open_outbox();
    cr_assert_eq(put(outbox, 1, "a", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 2, "a", 2), STATUS_OK);
    cr_assert_eq(put(outbox, 3, "b", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 4, "", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 5, "", 1), STATUS_OK);
    cr_assert_eq(next(outbox, 0, 0), 1);
    cr_assert_eq(next(outbox, 1, 0), 3, "2 waits for 1");
    cr_assert_eq(next(outbox, 3, 0), 4);
    cr_assert_eq(next(outbox, 4, 0), 5);
    cr_assert_eq(next(outbox, 5, 0), 0);
    cr_assert_eq(outbox_receipted(outbox, 1, (const uint8_t *)"r", 1), STATUS_OK);
    cr_assert_eq(next(outbox, 0, 0), 2);
    outbox_close(&outbox);
}

Test(outbox, held_records_wait_for_their_time)
{
    struct outbox *outbox = open_outbox();
    int64_t until = 0;
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(outbox_held_until(outbox, &until), STATUS_OK);
    cr_assert_eq(until, INT64_MAX);
    cr_assert_eq(outbox_hold(outbox, 1, 1000), STATUS_OK);
    cr_assert_eq(next(outbox, 0, 999), 0);
    cr_assert_eq(next(outbox, 0, 1000), 1);
    cr_assert_eq(outbox_held_until(outbox, &until), STATUS_OK);
    cr_assert_eq(until, 1000);
    cr_assert_eq(outbox_release(outbox), STATUS_OK);
    cr_assert_eq(next(outbox, 0, 0), 1);
    outbox_close(&outbox);
}

Test(outbox, a_batch_is_all_or_nothing)
{
    struct outbox *outbox = open_outbox();
    cr_assert_eq(outbox_begin(outbox), STATUS_OK);
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    outbox_rollback(outbox);
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 0);
    cr_assert_eq(outbox_begin(outbox), STATUS_OK);
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(outbox_commit(outbox), STATUS_OK);
    outbox_rollback(outbox);
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    outbox_close(&outbox);
}

Test(outbox, the_newest_report_is_not_a_refused_one)
{
    struct outbox *outbox = open_outbox();
    struct zhibao_item item = {0};
    const uint8_t *text = (const uint8_t *)"text";
    cr_assert_eq(
        outbox_newest_report(outbox, UINT64_C(450223101201000), "village", 2025, keep, &item),
        STATUS_NOT_FOUND);
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(put(outbox, 2, "", 2), STATUS_OK);
    cr_assert_eq(outbox_refused(outbox, 2, text, 4, text, 4), STATUS_OK);
    cr_assert_eq(
        outbox_newest_report(outbox, UINT64_C(450223101201000), "village", 2025, keep, &item),
        STATUS_OK);
    cr_assert_eq(item.revision, 1);
    outbox_close(&outbox);
}

Test(outbox, ids_are_found_by_their_first_digits)
{
    struct outbox *outbox = open_outbox();
    struct zhibao_item item = {0};
    cr_assert_eq(put(outbox, 0xab, "", 1), STATUS_OK);
    cr_assert_eq(outbox_find(outbox, "ABAB", keep, &item), STATUS_OK);
    cr_assert_eq(outbox_find(outbox, "cd", keep, &item), STATUS_NOT_FOUND);
    cr_assert_eq(outbox_find(outbox, "%", keep, &item), STATUS_NOT_FOUND);
    outbox_close(&outbox);
}

Test(outbox, notes_are_kept)
{
    struct outbox *outbox = open_outbox();
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t set_us = 0;
    cr_assert_eq(outbox_note_get(outbox, "inbox", &bytes, &size, &set_us), STATUS_NOT_FOUND);
    cr_assert_eq(outbox_note_set(outbox, "inbox", (const uint8_t *)"12", 2), STATUS_OK);
    cr_assert_eq(outbox_note_set(outbox, "inbox", (const uint8_t *)"345", 3), STATUS_OK);
    cr_assert_eq(outbox_note_get(outbox, "inbox", &bytes, &size, &set_us), STATUS_OK);
    cr_assert_str_eq((const char *)bytes, "345");
    cr_assert_gt(set_us, 0);
    free(bytes);
    outbox_close(&outbox);
}

Test(outbox, another_file_is_not_taken_for_an_outbox)
{
    FILE *file = fopen(path, "w");
    fputs("this is no database, but long enough to look at", file);
    fclose(file);
    struct outbox *outbox = NULL;
    cr_assert_eq(outbox_open(path, &outbox), STATUS_DATABASE);
    cr_assert_null(outbox);
}

Test(outbox, a_newer_version_is_left_alone)
{
    struct outbox *outbox = open_outbox();
    outbox_close(&outbox);
    sqlite3 *database = NULL;
    sqlite3_open(path, &database);
    sqlite3_exec(database, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(database);
    cr_assert_eq(outbox_open(path, &outbox), STATUS_DATABASE);
}

Test(outbox, an_outbox_of_version_1_is_upgraded_and_keeps_what_it_has)
{
    sqlite3 *database = NULL;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, OUTBOX_SCHEMA, NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database,
                              "INSERT INTO record(kind, unit, id, payload_sha256, state, stream,"
                              " form, period, revision, created_us, record) VALUES(1, 7,"
                              " zeroblob(16), zeroblob(32), 1, '', 'village', 2025, 1, 1, x'01')",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(database);
    struct outbox *outbox = open_outbox();
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    outbox_close(&outbox);
    outbox = open_outbox(); /* once is enough */
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    outbox_close(&outbox);
}

static enum status keep_version(const uint8_t *record, size_t size, void *context)
{
    uint8_t *bytes = context;
    cr_assert_eq(size, 100);
    bytes[++bytes[0]] = record[0];
    return STATUS_OK;
}

Test(outbox, a_record_signed_anew_keeps_the_version_before)
{
    struct outbox *outbox = open_outbox();
    uint8_t anew[100], seen[8] = {0};
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    memset(anew, 2, sizeof anew);
    cr_assert_eq(outbox_begin(outbox), STATUS_OK);
    cr_assert_eq(outbox_replace(outbox, 1, anew, sizeof anew), STATUS_OK);
    cr_assert_eq(outbox_commit(outbox), STATUS_OK);
    cr_assert_eq(outbox_replace(outbox, 9, anew, sizeof anew), STATUS_NOT_FOUND);
    struct zhibao_item item = {0};
    cr_assert_eq(outbox_waiting_after(outbox, 0, keep, &item), STATUS_OK);
    cr_assert_eq(item.sequence, 1);
    cr_assert_eq(outbox_waiting_after(outbox, 1, keep, &item), STATUS_NOT_FOUND);
    cr_assert_eq(outbox_former(outbox, 1, keep_version, seen), STATUS_OK);
    cr_assert_eq(seen[0], 1, "one version before");
    cr_assert_eq(seen[1], 1, "the first one");
    cr_assert_eq(count(outbox, ZHIBAO_WAITING), 1);
    outbox_close(&outbox);
}

Test(outbox, what_was_refused_can_be_put_aside_and_stays)
{
    struct outbox *outbox = open_outbox();
    struct zhibao_item item = {0};
    const uint8_t *text = (const uint8_t *)"text";
    cr_assert_eq(put(outbox, 1, "", 1), STATUS_OK);
    cr_assert_eq(outbox_discard(outbox, 1), STATUS_NOT_FOUND, "it waits");
    cr_assert_eq(outbox_refused(outbox, 1, text, 4, text, 4), STATUS_OK);
    cr_assert_eq(outbox_list(outbox, ZHIBAO_REFUSED, keep, &item), STATUS_OK);
    cr_assert_not(item.superseded);
    cr_assert_eq(put(outbox, 2, "", 1), STATUS_OK);
    cr_assert_eq(outbox_receipted(outbox, 2, text, 4), STATUS_OK);
    cr_assert_eq(outbox_list(outbox, ZHIBAO_REFUSED, keep, &item), STATUS_OK);
    cr_assert(item.superseded, "a later report of the form and year was stored");
    cr_assert_eq(item.discarded_us, 0);
    cr_assert_eq(outbox_discard(outbox, 1), STATUS_OK);
    cr_assert_eq(outbox_discard(outbox, 2), STATUS_NOT_FOUND, "it has its receipt");
    cr_assert_eq(count(outbox, ZHIBAO_REFUSED), 0);
    cr_assert_eq(outbox_list(outbox, ZHIBAO_REFUSED, keep, &item), STATUS_OK);
    cr_assert_gt(item.discarded_us, 0);
    cr_assert_eq(item.refusal_size, 4, "and keeps its refusal");
    outbox_close(&outbox);
}
