#include "lib/session.h"

#include <stdio.h>

#include "base/bytes.h"
#include "lib/handle.h"

enum { FAILED_MAX = 3, HUNG_UP_MAX = 2 };

static enum status open_link(struct zhibao *zhibao, const char *endpoint,
                             const uint8_t *server_public, const struct home_keys *keys)
{
    struct link_config config = {endpoint, server_public, keys->transport_public,
                                 keys->transport_secret};
    enum status status = link_create(&config, &zhibao->session.link);
    if (status == STATUS_INVALID)
        return cause_set(zhibao, STATUS_INVALID, "服务器地址“%s”不正确，应形如 tcp://主机:端口",
                         "server address \"%s\" is wrong: expected tcp://host:port", endpoint);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}

static enum status start(struct zhibao *zhibao, const char *endpoint, const uint8_t *server_public,
                         const struct home_keys *keys)
{
    struct session *session = &zhibao->session;
    if (zhibao->without_network)
        return cause_set(zhibao, STATUS_UNREACHABLE, "按要求不连接网络", "told not to connect");
    session->failed = session->hung_up = 0;
    session->reached = false;
    session->own = keys == home_keys(zhibao->home) && home_identity(zhibao->home) != NULL;
    snprintf(session->endpoint, sizeof session->endpoint, "%s", endpoint);
    session->was_up = session->link != NULL && link_is_up(session->link);
    session_extend(zhibao);
    return session->link != NULL ? STATUS_OK : open_link(zhibao, endpoint, server_public, keys);
}

enum status session_begin(struct zhibao *zhibao)
{
    if (home_identity(zhibao->home) == NULL)
        return cause_set(zhibao, STATUS_NOT_FOUND, "本机尚未登记，请先运行 zhibao enrol",
                         "this home is not enrolled: run zhibao enrol first");
    return start(zhibao, zhibao_endpoint(zhibao), home_server_transport(zhibao->home),
                 home_keys(zhibao->home));
}

enum status session_begin_at(struct zhibao *zhibao, const char *endpoint,
                             const uint8_t *server_public, const struct home_keys *keys)
{
    session_end(zhibao);
    enum status status = start(zhibao, endpoint, server_public, keys);
    zhibao->session.own = false;
    return status;
}

void session_extend(struct zhibao *zhibao)
{
    zhibao->session.deadline_ms = clock_monotonic_ms() + zhibao->timeout_ms;
}

void session_end(struct zhibao *zhibao)
{
    link_destroy(&zhibao->session.link);
}

static enum status give_up_hung(struct zhibao *zhibao)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    if (zhibao->session.own && identity != NULL && identity->pending)
        return cause_set(zhibao, STATUS_E_KEY_PENDING, "本机密钥待管理员批准，批准后自动生效",
                         "this home's key awaits the administrator's approval");
    return cause_set(
        zhibao, STATUS_UNREACHABLE,
        "服务器 %s 未完成握手：本机密钥待管理员批准或未登记，或对方不是登记时的服务器",
        "server %s did not complete the handshake: this home's key awaits approval or is "
        "not registered, or that is not the server it enrolled with",
        zhibao->session.endpoint);
}

static enum status give_up_time(struct zhibao *zhibao)
{
    const struct session *session = &zhibao->session;
    if (!session->was_up && (session->reached || session->hung_up > 0))
        return give_up_hung(zhibao);
    if (session->was_up)
        return cause_set(zhibao, STATUS_TIMEOUT, "服务器 %s 在 %u 秒内没有答复",
                         "server %s did not answer within %u seconds", zhibao->session.endpoint,
                         zhibao->timeout_ms / 1000);
    return cause_set(zhibao, STATUS_UNREACHABLE, "连接不上服务器 %s，请检查网络",
                     "server %s is not reachable: check the network", zhibao->session.endpoint);
}

/* A key that is known to be pending explains the first failed handshake. */
static unsigned hung_up_limit(const struct zhibao *zhibao)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    return zhibao->session.own && identity != NULL && identity->pending ? 1 : HUNG_UP_MAX;
}

/* What one event means; STATUS_OK to go on. */
static enum status digest(struct zhibao *zhibao, const struct link_event *event,
                          enum session_news *out_news)
{
    struct session *session = &zhibao->session;
    switch (event->kind) {
    case LINK_MESSAGE:
        session->was_up = true;
        *out_news = SESSION_MESSAGE;
        return STATUS_OK;
    case LINK_WRITABLE: *out_news = SESSION_WRITABLE; return STATUS_OK;
    case LINK_DOWN: *out_news = SESSION_LOST; return STATUS_OK;
    case LINK_UP:
        session->was_up = true;
        session->failed = session->hung_up = 0;
        if (session->own)
            return home_approved(zhibao->home);
        return STATUS_OK;
    case LINK_REACHED: session->reached = true; return STATUS_OK;
    case LINK_FAILED:
        session->failed++;
        return !zhibao->patient && session->failed >= FAILED_MAX ? give_up_time(zhibao) : STATUS_OK;
    case LINK_HUNG_UP:
        session->hung_up++;
        return !zhibao->patient && session->hung_up >= hung_up_limit(zhibao) ? give_up_hung(zhibao)
                                                                             : STATUS_OK;
    case LINK_DENIED:
        return cause_set(zhibao, STATUS_E_KEY_REVOKED,
                         "本机密钥已吊销：请向管理员要新的登记码，再运行 zhibao enrol 登记码",
                         "this home's key is revoked: ask the administrator for a new code and run "
                         "zhibao enrol CODE");
    case LINK_TIMEOUT: break;
    }
    return STATUS_OK;
}

enum status session_wait(struct zhibao *zhibao, bool want_write, int64_t wake_ms,
                         enum session_news *out_news, struct link_event *out_event)
{
    struct session *session = &zhibao->session;
    enum session_news news = SESSION_QUIET;
    while (news == SESSION_QUIET) {
        int64_t now = clock_monotonic_ms();
        if (now >= session->deadline_ms)
            return give_up_time(zhibao);
        int64_t until = wake_ms < session->deadline_ms ? wake_ms : session->deadline_ms;
        enum status status = link_wait(session->link, until - now, want_write, out_event);
        if (status != STATUS_OK)
            return cause_plain(zhibao, status);
        status = digest(zhibao, out_event, &news);
        if (status != STATUS_OK)
            return status;
        if (out_event->kind == LINK_TIMEOUT && clock_monotonic_ms() >= wake_ms)
            break;
    }
    *out_news = news;
    return STATUS_OK;
}
