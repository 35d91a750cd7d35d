#include "server/notify/notify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "base/log.h"
#include "server/clock/now.h"
#include "server/notify/address.h"
#include "server/notify/deliver.h"
#include "server/notify/message.h"
#include "server/store/uplink_store.h"

enum {
    ARENA_BYTES = 16 * 1024 * 1024,
    TURN_MS = 200, /* how soon a stop or an event is noticed */
    ROUND_ROWS = 50,
    PAUSE_MOST_S = 3600,
    HEADER_COUNT = 6,
};

struct notify {
    const struct notify_config *config;
    struct db *db;
    struct db_retry retry;
    struct arena *arena; /* of one round */
    struct deliver *deliver;
    int64_t looked;     /* a number that grows with every batch: what was there when we looked */
    bool lost, failing; /* the database, the last attempt: logged when it changes */
};

int64_t notify_pause_us(int first_s, int tries)
{
    int64_t pause_s = first_s, most_s = first_s > PAUSE_MOST_S ? first_s : PAUSE_MOST_S;
    for (int i = 1; i < tries && pause_s < most_s; i++)
        pause_s *= 2;
    return (pause_s < most_s ? pause_s : most_s) * 1000000;
}

static enum delivery send_mail(struct notify *notify, const struct notice_row *row,
                               char error[DELIVER_ERROR_BYTES])
{
    const struct notify_config *config = notify->config;
    char *mail =
        message_mail(notify->arena, row, config->registry, config->options, server_now_us());
    if (mail == NULL)
        return DELIVERY_FAILED;
    return deliver_mail(notify->deliver, row->address, mail, error);
}

static enum delivery send_webhook(struct notify *notify, const struct notice_row *row,
                                  char error[DELIVER_ERROR_BYTES])
{
    const struct notify_config *config = notify->config;
    struct arena *arena = notify->arena;
    char id[2 * RECORD_ID_BYTES + 1], key[2 * KEY_ID_BYTES + 1],
        signed_hex[2 * SIGN_SIGNATURE_BYTES + 1];
    int64_t seconds = server_now_us() / 1000000;
    char *body = message_json(arena, row, config->registry, config->options);
    if (body == NULL)
        return DELIVERY_FAILED;
    struct signature signature = message_sign(arena, config->keys, seconds, body);
    const char *const headers[HEADER_COUNT] = {
        "Content-Type: application/json; charset=utf-8",
        arena_printf(arena, "X-Zhibao-Id: %s", hex_encode(row->id.bytes, RECORD_ID_BYTES, id)),
        arena_printf(arena, "X-Zhibao-Timestamp: %" PRId64, seconds),
        arena_printf(arena, "X-Zhibao-Key: %s",
                     hex_encode(config->keys->sign_id.bytes, KEY_ID_BYTES, key)),
        arena_printf(arena, "X-Zhibao-Signature: ed25519=%s",
                     hex_encode(signature.bytes, sizeof signature.bytes, signed_hex)),
        NULL,
    };
    enum delivery delivery = deliver_webhook(notify->deliver, row->address, body, headers, error);
    free(body);
    return delivery;
}

static enum delivery attempt(struct notify *notify, const struct notice_row *row,
                             char error[DELIVER_ERROR_BYTES])
{
    const struct options *options = notify->config->options;
    snprintf(error, DELIVER_ERROR_BYTES, "out of memory");
    if (row->channel == CHANNEL_EMAIL)
        return send_mail(notify, row, error);
    if (address_webhook_allowed(row->address, options->webhook_hosts))
        return send_webhook(notify, row, error);
    snprintf(error, DELIVER_ERROR_BYTES, "the host is not one of webhook_hosts");
    return DELIVERY_REFUSED;
}

/* When the next attempt is; 0: never, the notice is too old by then. */
static int64_t next_attempt(const struct notify *notify, const struct notice_row *row,
                            int64_t now_us)
{
    const struct options *options = notify->config->options;
    int64_t next_us = now_us + notify_pause_us(options->notice_retry_s, row->tries + 1);
    return next_us - row->made_us > options->notice_days * CHINA_DAY_US ? 0 : next_us;
}

static void outcome_log(struct notify *notify, const struct notice_row *row, enum delivery delivery,
                        const char *error)
{
    bool failing = delivery == DELIVERY_FAILED;
    if (failing && !notify->failing)
        log_warning("could not deliver a notice: %s unit=%" PRIu64, error, row->unit);
    else if (notify->failing && delivery == DELIVERED)
        log_info("notices are delivered again");
    notify->failing = failing || (notify->failing && delivery != DELIVERED);
}

/* One notice. *out_away: the other side does not take anything now. */
static enum status row_send(struct notify *notify, const struct notice_row *row, bool *out_away)
{
    char error[DELIVER_ERROR_BYTES] = "";
    int64_t now_us = 0;
    if (row->address[0] == '\0')
        return notice_failed(notify->db, notify->arena, row, "no address any more", server_now_us(),
                             0);
    enum delivery delivery = attempt(notify, row, error);
    if (delivery != DELIVERED && atomic_load(notify->config->stop))
        return STATUS_CANCELLED; /* cut short by ourselves: no attempt */
    outcome_log(notify, row, delivery, error);
    now_us = server_now_us();
    if (delivery == DELIVERED)
        return notice_sent(notify->db, notify->arena, row, now_us);
    int64_t next_us = next_attempt(notify, row, now_us);
    enum status status = notice_failed(notify->db, notify->arena, row, error, now_us, next_us);
    if (status == STATUS_OK && delivery == DELIVERY_FAILED) {
        *out_away = true;
        status = notices_postpone(
            notify->db, notify->arena, row,
            now_us + notify_pause_us(notify->config->options->notice_retry_s, row->tries + 1));
    }
    return status;
}

/* Sends what is due until a receiver is away: the rest is then asked for anew. */
static enum status due_send(struct notify *notify)
{
    const struct options *options = notify->config->options;
    struct notice_row *rows = NULL;
    size_t count = 0;
    bool away = false;
    enum status status =
        notices_due(notify->db, notify->arena, server_now_us(), options->smtp_url[0] != '\0',
                    options->webhook_hosts[0] != '\0', ROUND_ROWS, &rows, &count);
    for (size_t i = 0; i < count && status == STATUS_OK && !away; i++) {
        if (atomic_load(notify->config->stop))
            return STATUS_CANCELLED;
        status = row_send(notify, &rows[i], &away);
    }
    return status;
}

static enum status round_run(struct notify *notify)
{
    int64_t newest = 0;
    arena_reset(notify->arena);
    enum status status = db_ready(notify->config->conninfo, DB_INGEST, &notify->retry, &notify->db);
    if (status == STATUS_OK)
        status = uplink_store_batch(notify->db, &newest);
    bool more = newest != notify->looked;
    while (status == STATUS_OK && more) {
        int64_t now_us = server_now_us();
        status = notices_feed(notify->db, notify->arena,
                              now_us - notify->config->options->notice_days * CHINA_DAY_US, now_us,
                              &more);
        if (status == STATUS_OK && !more)
            notify->looked = newest;
    }
    return status == STATUS_OK ? due_send(notify) : status;
}

static void nap(void)
{
    struct timespec pause = {.tv_nsec = TURN_MS * 1000000L};
    nanosleep(&pause, NULL);
}

void notify_run(const struct notify_config *config)
{
    struct notify notify = {.config = config, .looked = -1};
    if (config->options->smtp_url[0] == '\0' && config->options->webhook_hosts[0] == '\0')
        return;
    notify.arena = arena_create(ARENA_BYTES);
    notify.deliver = deliver_create(config->options, config->stop);
    if (notify.arena == NULL || notify.deliver == NULL)
        log_error("could not start notices: out of memory");
    while (notify.arena != NULL && notify.deliver != NULL && !atomic_load(config->stop)) {
        enum status status = round_run(&notify);
        bool lost = status != STATUS_OK && status != STATUS_CANCELLED;
        if (lost && !notify.lost)
            log_warning("notices wait: %s", status_en(status));
        notify.lost = lost;
        deliver_rest(notify.deliver);
        nap();
    }
    db_close(&notify.db);
    deliver_destroy(&notify.deliver);
    arena_destroy(&notify.arena);
}
