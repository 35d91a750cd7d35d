/* The promises of libzhibao towards a server that behaves and one that does not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "fake_aggregator.h"
#include "lib/verify.h"
#include "lib/zhibao.h"
#include "scratch.h"

static const uint64_t unit = UINT64_C(450223101201000);

struct bench {
    struct fake_aggregator *fake;
    char home[64];
    struct zhibao *zhibao;
};

static void open_home(struct bench *bench, uint32_t timeout_ms, bool patient)
{
    struct zhibao_options options = {
        .home = bench->home, .timeout_ms = timeout_ms, .patient = patient};
    struct zhibao_cause cause;
    cr_assert_eq(zhibao_open(&options, &bench->zhibao, &cause), STATUS_OK);
}

static struct bench start(void)
{
    struct bench bench = {.home = "/tmp/zhibao-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(bench.home));
    bench.fake = fake_start();
    open_home(&bench, 5000, false);
    char *code = fake_code(bench.fake, unit, 1);
    cr_assert_eq(zhibao_enrol(bench.zhibao, code), STATUS_OK, "%s", zhibao_cause(bench.zhibao)->en);
    free(code);
    return bench;
}

static void stop(struct bench *bench)
{
    zhibao_close(&bench->zhibao);
    if (bench->fake != NULL)
        fake_stop(&bench->fake);
    scratch_remove(bench->home);
}

static void put(struct bench *bench, const char *stream, uint32_t revision)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    report.head = &head;
    report.revision = revision;
    report.period = 2025;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                 .payload = &report.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "village",
                                 .period = 2025,
                                 .revision = revision};
    cr_assert_eq(zhibao_put(bench->zhibao, &draft, NULL), STATUS_OK);
}

static size_t count(struct bench *bench, enum zhibao_state state)
{
    size_t result = 0;
    cr_assert_eq(zhibao_count(bench->zhibao, state, &result), STATUS_OK);
    return result;
}

static enum status keep_code(const struct zhibao_item *item, void *context)
{
    (void)item;
    ++*(unsigned *)context;
    return STATUS_OK;
}

Test(drain, receipts_settle_many_records_in_order)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    unsigned told = 0;
    for (uint32_t i = 1; i <= 300; i++)
        put(&bench, i % 2 == 0 ? "" : "stream", i);
    cr_assert_eq(zhibao_drain(bench.zhibao, keep_code, &told, &drained), STATUS_OK);
    cr_assert_eq(drained.receipted, 300);
    cr_assert_eq(drained.left, 0);
    cr_assert_eq(told, 300);
    cr_assert_eq(count(&bench, ZHIBAO_RECEIPTED), 301, "with the enrolment's");
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    stop(&bench);
}

static void expect_untrusted(enum fake_mode mode)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    if (mode == FAKE_OTHER_RECORD) { /* give it a receipt to misuse */
        put(&bench, "", 9);
        cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    }
    size_t receipted = count(&bench, ZHIBAO_RECEIPTED);
    fake_set_mode(bench.fake, mode);
    put(&bench, "", 1);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_MISMATCH);
    cr_assert_eq(drained.unverified, 1);
    cr_assert_eq(drained.left, 1);
    cr_assert_eq(count(&bench, ZHIBAO_WAITING), 1);
    cr_assert_eq(count(&bench, ZHIBAO_RECEIPTED), receipted);
    cr_assert_eq(count(&bench, ZHIBAO_REFUSED), 0);
    fake_set_mode(bench.fake, FAKE_GOOD);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(count(&bench, ZHIBAO_WAITING), 0);
    stop(&bench);
}

Test(drain, a_receipt_by_a_key_nobody_pinned_settles_nothing)
{
    expect_untrusted(FAKE_FOREIGN_KEY);
}

Test(drain, a_receipt_that_borrows_the_pinned_key_id_settles_nothing)
{
    expect_untrusted(FAKE_BORROWED_ID);
}

Test(drain, a_good_receipt_of_another_record_settles_nothing)
{
    expect_untrusted(FAKE_OTHER_RECORD);
}

Test(drain, a_damaged_receipt_settles_nothing)
{
    expect_untrusted(FAKE_FLIPPED);
}

Test(drain, a_refusal_by_a_foreign_key_settles_nothing)
{
    expect_untrusted(FAKE_REFUSE_FOREIGN);
}

Test(drain, a_refusal_with_another_error_settles_nothing)
{
    expect_untrusted(FAKE_REFUSE_SWAPPED);
}

Test(drain, a_refusal_moves_to_the_refused_box)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    fake_set_mode(bench.fake, FAKE_REFUSE);
    put(&bench, "", 1);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(drained.refused, 1);
    cr_assert_eq(count(&bench, ZHIBAO_REFUSED), 1);
    cr_assert_eq(count(&bench, ZHIBAO_WAITING), 0);
    stop(&bench);
}

Test(drain, a_busy_server_is_asked_again)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    fake_set_mode(bench.fake, FAKE_BUSY_TWICE);
    put(&bench, "", 1);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(drained.receipted, 1);
    cr_assert_eq(fake_submits(bench.fake), 3);
    stop(&bench);
}

Test(drain, an_unsigned_error_deletes_nothing_and_is_not_repeated)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    fake_set_mode(bench.fake, FAKE_STUCK);
    put(&bench, "", 1);
    put(&bench, "", 2);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_E_MALFORMED);
    cr_assert_eq(fake_submits(bench.fake), 2);
    cr_assert_eq(drained.left, 2);
    cr_assert_eq(zhibao_cause(bench.zhibao)->status, STATUS_E_MALFORMED);
    fake_set_mode(bench.fake, FAKE_GOOD);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    stop(&bench);
}

Test(drain, a_silent_server_is_asked_over_a_new_connection)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    zhibao_close(&bench.zhibao);
    open_home(&bench, 12000, false);
    fake_set_mode(bench.fake, FAKE_DEAF_ONCE);
    put(&bench, "", 1);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(fake_submits(bench.fake), 2);
    stop(&bench);
}

Test(drain, garbage_and_several_frames_are_passed_over)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    fake_set_mode(bench.fake, FAKE_GARBAGE);
    put(&bench, "", 1);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(drained.receipted, 1);
    stop(&bench);
}

Test(drain, without_a_server_the_record_stays_and_goes_later)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    struct zhibao_options options = {
        .home = bench.home, .server = "tcp://127.0.0.1:1", .timeout_ms = 2000};
    put(&bench, "", 1);
    zhibao_close(&bench.zhibao);
    cr_assert_eq(zhibao_open(&options, &bench.zhibao, NULL), STATUS_OK);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_UNREACHABLE);
    cr_assert_eq(drained.left, 1);
    zhibao_close(&bench.zhibao);
    open_home(&bench, 5000, false);
    cr_assert_eq(count(&bench, ZHIBAO_WAITING), 1, "it survived");
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    stop(&bench);
}

Test(drain, a_revoked_key_is_told_and_the_socket_comes_back)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    put(&bench, "", 1);
    fake_set_mode(bench.fake, FAKE_REVOKED);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_E_KEY_REVOKED);
    cr_assert_eq(drained.left, 1);
    cr_assert_not_null(strstr(zhibao_cause(bench.zhibao)->zh, "已吊销"));
    fake_set_mode(bench.fake, FAKE_GOOD); /* libzmq's own socket would stay dead */
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    stop(&bench);
}

Test(drain, a_pending_key_is_told)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    put(&bench, "", 1);
    fake_set_mode(bench.fake, FAKE_PENDING);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_UNREACHABLE);
    cr_assert_not_null(strstr(zhibao_cause(bench.zhibao)->zh, "待管理员批准"));
    fake_set_mode(bench.fake, FAKE_GOOD);
    zhibao_close(&bench.zhibao); /* its back-off has grown */
    open_home(&bench, 5000, false);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    stop(&bench);
}

Test(drain, a_question_gets_its_answer_or_the_servers_error)
{
    struct bench bench = start();
    struct arena *arena = arena_create(ZHIBAO_ARENA_MAX);
    Zhibao__Ping ping = ZHIBAO__PING__INIT;
    Zhibao__Track track = ZHIBAO__TRACK__INIT;
    ProtobufCMessage *message = NULL;
    cr_assert_eq(zhibao_request(bench.zhibao, ZHIBAO__KIND__KIND_PING, &ping.base, arena, &message),
                 STATUS_OK);
    cr_assert_eq(((Zhibao__Pong *)message)->unit, 7);
    cr_assert_eq(
        zhibao_request(bench.zhibao, ZHIBAO__KIND__KIND_TRACK, &track.base, arena, &message),
        STATUS_E_KIND);
    cr_assert_str_eq(zhibao_cause(bench.zhibao)->error->problem->name, "E_KIND");
    arena_destroy(&arena);
    stop(&bench);
}

Test(enrol, the_same_code_again_sends_the_same_record)
{
    struct bench bench = {.home = "/tmp/zhibao-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(bench.home));
    bench.fake = fake_start();
    char *code = fake_code(bench.fake, unit, 1);
    char *other = fake_code(bench.fake, unit, 2);
    open_home(&bench, 2500, false);
    fake_set_mode(bench.fake, FAKE_DEAF_ONCE);
    cr_assert_eq(zhibao_enrol(bench.zhibao, code), STATUS_TIMEOUT, "the answer is lost");
    cr_assert_null(zhibao_identity(bench.zhibao));
    struct hash first = fake_last_enrolment(bench.fake);
    zhibao_close(&bench.zhibao);
    open_home(&bench, 2500, false);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(zhibao_enrol(bench.zhibao, code), STATUS_OK);
        struct hash again = fake_last_enrolment(bench.fake);
        cr_assert_eq(memcmp(first.bytes, again.bytes, sizeof first.bytes), 0);
    }
    cr_assert_eq(zhibao_identity(bench.zhibao)->unit, unit);
    cr_assert_eq(count(&bench, ZHIBAO_RECEIPTED), 1);
    cr_assert_eq(zhibao_enrol(bench.zhibao, other), STATUS_CONFLICT);
    cr_assert_eq(zhibao_enrol(bench.zhibao, "ZB1-nonsense"), STATUS_INVALID);
    free(code);
    free(other);
    stop(&bench);
}

Test(enrol, an_answer_signed_by_another_key_is_not_adopted)
{
    struct bench bench = {.home = "/tmp/zhibao-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(bench.home));
    bench.fake = fake_start();
    char *code = fake_code(bench.fake, unit, 1);
    open_home(&bench, 2500, false);
    fake_set_mode(bench.fake, FAKE_FOREIGN_KEY);
    cr_assert_eq(zhibao_enrol(bench.zhibao, code), STATUS_MISMATCH);
    cr_assert_null(zhibao_identity(bench.zhibao));
    free(code);
    stop(&bench);
}

Test(home, one_process_at_a_time_and_private_files)
{
    struct bench bench = start();
    struct zhibao *second = NULL;
    struct zhibao_options options = {.home = bench.home, .timeout_ms = 100};
    struct zhibao_cause cause;
    cr_assert_eq(zhibao_open(&options, &second, &cause), STATUS_TIMEOUT);
    cr_assert_not_null(strstr(cause.en, "in use"));
    const char *const files[] = {
        "keys",          "keys/transport.key", "keys/signing.key", "keys/encryption.key",
        "identity.conf", "pins.conf"};
    for (size_t i = 0; i < sizeof files / sizeof(char *); i++)
        cr_assert(scratch_private(bench.home, files[i]), "%s", files[i]);
    stop(&bench);
}

static enum status expect_own_record(const struct zhibao_item *item, void *context)
{
    struct arena *arena = arena_create(1024 * 1024);
    ProtobufCMessage *message = NULL;
    struct receipt receipt;
    cr_assert_eq(
        message_read(&zhibao__record__descriptor, arena, item->record, item->record_size, &message),
        STATUS_OK);
    cr_assert_eq(receipt_decode(item->receipt, item->receipt_size, &receipt), STATUS_OK);
    cr_assert_eq(verify_record(&receipt, (const Zhibao__Record *)message), STATUS_OK,
                 "record and receipt belong together");
    arena_destroy(&arena);
    ++*(unsigned *)context;
    return STATUS_OK;
}

Test(enrol, keys_that_are_replaced_lose_nothing)
{
    struct bench bench = start();
    struct zhibao_drained drained;
    struct zhibao_enrolled enrolled;
    unsigned verified = 0;
    char retired[256], hex[2 * KEY_ID_BYTES + 1];
    char *code = fake_code(bench.fake, unit, 2);
    struct key_id old = zhibao_identity(bench.zhibao)->key;
    struct zhibao_enrolment wish = {.code = code, .holder = "", .office = "", .again = true};
    put(&bench, "", 1);
    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    put(&bench, "a", 2);
    put(&bench, "a", 3);
    zhibao_close(&bench.zhibao);

    struct zhibao_options offline = {.home = bench.home, .without_network = true};
    cr_assert_eq(zhibao_open(&offline, &bench.zhibao, NULL), STATUS_OK);
    cr_assert_eq(zhibao_enrol_as(bench.zhibao, &wish, &enrolled), STATUS_UNREACHABLE);
    zhibao_close(&bench.zhibao);
    open_home(&bench, 5000, false);
    cr_assert_eq(memcmp(&zhibao_identity(bench.zhibao)->key, &old, sizeof old), 0,
                 "nothing changes before the answer");
    wish.again = false; /* it was decided before */
    cr_assert_eq(zhibao_enrol_as(bench.zhibao, &wish, &enrolled), STATUS_OK, "%s",
                 zhibao_cause(bench.zhibao)->en);
    cr_assert(enrolled.renewed);
    cr_assert_eq(enrolled.resigned, 2);
    cr_assert_neq(memcmp(&zhibao_identity(bench.zhibao)->key, &old, sizeof old), 0);
    snprintf(retired, sizeof retired, "%s/keys/retired-%s/signing.key", bench.home,
             hex_encode(old.bytes, sizeof old.bytes, hex));
    cr_assert_eq(access(retired, F_OK), 0);

    cr_assert_eq(zhibao_drain(bench.zhibao, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(drained.receipted, 2);
    cr_assert_eq(zhibao_list(bench.zhibao, ZHIBAO_RECEIPTED, expect_own_record, &verified),
                 STATUS_OK);
    cr_assert_eq(verified, 5, "three reports and two enrolments");
    free(code);
    stop(&bench);
}
