/* Where a case stands, for whoever has the reporter's code: no account, no session. The question
 * goes to the enrolment endpoint under a key made for this run, so that it is nobody's; what the
 * code itself is, and what the answer says, only the browser knows (proto/CASES.md section 4). */
#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

#include "base/bytes.h"
#include "case.pb-c.h"
#include "web/api.h"
#include "web/json_message.h"

enum { LOOKUP_BYTES = 16, LOOKUP_TEXT_MAX = 64 };

/* Whom to ask: false while no unit has enrolled at this portal, which then serves no aggregator. */
static bool peer_make(struct gateway *gateway, struct pool_peer *out_peer)
{
    static const char domain[] = "zhibao case state, transport key";
    struct pool_peer peer = {0};
    pthread_mutex_lock(&gateway->lock);
    memcpy(peer.server_public, gateway->site.server_public, POOL_KEY_BYTES);
    memcpy(peer.endpoint, gateway->site.enrol_endpoint, sizeof peer.endpoint);
    pthread_mutex_unlock(&gateway->lock);
    if (peer.endpoint[0] == '\0')
        return false;
    crypto_generichash(peer.transport_secret, POOL_KEY_BYTES, (const uint8_t *)domain,
                       sizeof domain, gateway->secret, sizeof gateway->secret);
    crypto_scalarmult_base(peer.transport_public, peer.transport_secret);
    *out_peer = peer;
    return true;
}

/* Whether whoever is at this address may ask one more time; answers when not. */
static bool rate_good(struct exchange *exchange)
{
    static const char domain[] = "zhibao case state, address";
    uint8_t key[RATE_KEY_BYTES] = {0};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    if (address != NULL && address->sa_family == AF_INET)
        crypto_generichash(
            key, sizeof key,
            (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr,
            sizeof(struct in_addr), (const uint8_t *)domain, sizeof domain);
    if (rate_take(exchange->gateway->rate, key, clock_monotonic_ms(), &exchange->retry_after_s))
        return true;
    exchange_fail(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "RATE", "查询太频繁，请稍后再试",
                  "asked too often: try again later", "");
    return false;
}

static void on_state(struct exchange *exchange)
{
    reply_answer(exchange, ZHIBAO__KIND__KIND_CASE_STATE_REPLY,
                 &zhibao__case_state_reply__descriptor);
}

void api_case_state(struct exchange *exchange)
{
    struct pool_peer peer;
    uint8_t *lookup = NULL;
    size_t size = 0;
    const char *text = exchange_text(exchange, "lookup", LOOKUP_TEXT_MAX);
    if (text == NULL || !rate_good(exchange))
        return;
    if (base64_read(text, exchange->arena, &lookup, &size) != STATUS_OK || size != LOOKUP_BYTES) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "长度不对或不是 base64",
                      "has the wrong length or is not base64", "lookup");
        return;
    }
    if (!peer_make(exchange->gateway, &peer)) {
        exchange_fail_status(exchange, STATUS_UNREACHABLE);
        return;
    }
    Zhibao__AskCaseState question = ZHIBAO__ASK_CASE_STATE__INIT;
    question.lookup = (ProtobufCBinaryData){size, lookup};
    uint8_t *bytes = message_write(exchange->arena, &question.base, &size);
    if (bytes == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    else
        exchange_ask(exchange, &peer, ZHIBAO__KIND__KIND_ASK_CASE_STATE, bytes, size, on_state);
}
